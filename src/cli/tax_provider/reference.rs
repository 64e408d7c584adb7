//! What does the reference provider know? Rates, documents and faults, until it is restarted.

use serde::Deserialize;
use serde_json::{Value, json};

use super::documents::Documents;
use super::rates::{Rate, Rates};
use crate::cli::faults::{Fault, Faults, Reply};

/// All that it knows.
#[derive(Debug, Default)]
pub(super) struct Reference {
    pub(super) rates: Rates,
    pub(super) documents: Documents,
    pub(super) faults: Faults,
    /// Milliseconds that each answer takes.
    pub(super) latency_ms: u64,
}

/// What is set besides documents.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Setting {
    latency_ms: Option<u64>,
    faults: Option<Vec<Fault>>,
    rates: Option<Vec<Rate>>,
}

impl Reference {
    /// Sets latency, faults or rates.
    pub(super) fn set(&mut self, setting: Setting) -> Reply {
        self.latency_ms = setting.latency_ms.unwrap_or(self.latency_ms);
        if let Some(faults) = setting.faults {
            self.faults.set(faults);
        }
        if let Some(rates) = setting.rates {
            self.rates = Rates(rates);
        }
        (200, self.state())
    }

    /// All of it.
    pub(super) fn state(&self) -> Value {
        json!({ "latency_ms": self.latency_ms, "faults": self.faults.left, "rates": self.rates.0,
            "documents": self.documents.0, "calls": self.faults.calls })
    }
}
