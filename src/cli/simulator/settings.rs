//! What is set of the simulator besides its books? Latency, faults and fees, for all of it; and where the events of an account are sent.

use std::collections::BTreeMap;
use std::time::Duration;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::webhooks::Endpoint;
use crate::cli::faults::{Fault, Faults};
use crate::domain::money::{Money, round_to_minor};

/// What it keeps of each charge.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fees {
    percent: Decimal,
    fixed: Decimal,
}

impl Default for Fees {
    /// 2.9 % and 0.30.
    fn default() -> Fees {
        Fees { percent: Decimal::new(29, 1), fixed: Decimal::new(30, 2) }
    }
}

impl Fees {
    /// Of an amount; nothing where it would not fit.
    pub(super) fn kept_of(&self, amount: Money) -> Money {
        let share = amount
            .to_decimal()
            .checked_mul(self.percent)
            .map(|hundredfold| hundredfold / Decimal::ONE_HUNDRED);
        let exact = share.and_then(|share| share.checked_add(self.fixed));
        let rounded = exact.and_then(|exact| round_to_minor(exact, amount.currency()).ok());
        rounded.unwrap_or(Money::zero(amount.currency()))
    }
}

/// All that is set.
#[derive(Debug)]
pub(super) struct Settings {
    /// Milliseconds that each answer takes.
    pub latency_ms: u64,
    /// Milliseconds of a silence.
    pub silence_ms: u64,
    pub fees: Fees,
    pub faults: Faults,
    pub endpoints: BTreeMap<String, Endpoint>,
}

impl Default for Settings {
    fn default() -> Settings {
        let (faults, endpoints) = (Faults::default(), BTreeMap::new());
        Settings { latency_ms: 0, silence_ms: 60_000, fees: Fees::default(), faults, endpoints }
    }
}

/// What is to be set; what is left out stays.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Setting {
    latency_ms: Option<u64>,
    silence_ms: Option<u64>,
    fees: Option<Fees>,
    faults: Option<Vec<Fault>>,
}

impl Settings {
    pub(super) fn set(&mut self, setting: Setting) {
        self.latency_ms = setting.latency_ms.unwrap_or(self.latency_ms);
        self.silence_ms = setting.silence_ms.unwrap_or(self.silence_ms);
        if let Some(fees) = setting.fees {
            self.fees = fees;
        }
        if let Some(faults) = setting.faults {
            self.faults.set(faults);
        }
    }

    pub(super) fn silence(&self) -> Duration {
        Duration::from_millis(self.silence_ms)
    }

    pub(super) fn shown(&self) -> Value {
        json!({ "latency_ms": self.latency_ms, "silence_ms": self.silence_ms, "fees": self.fees,
            "faults": self.faults.left, "calls": self.faults.calls })
    }
}
