//! What goes wrong, and how often? The next calls of a kind fail: with a status, or by an answer that comes too late, before its effect or after.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Reference;
use super::documents::Reply;
use super::rates::Rate;

/// What fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fault {
    /// `calculate`, `commit`, `void`, `credit` or `look_up`; left out: any.
    pub call: Option<String>,
    pub how: How,
    /// How many calls; 1 when left out.
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

/// How it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Status 500, without effect.
    Error,
    /// Status 500, and it was done.
    ErrorAfter,
    /// Silence for a minute, without effect.
    SilenceBefore,
    /// It is done, then silence for a minute.
    SilenceAfter,
}

/// What is set besides documents.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    latency_ms: Option<u64>,
    faults: Option<Vec<Fault>>,
    rates: Option<Vec<Rate>>,
}

impl Reference {
    /// The fault of the next call of a kind, used up by it.
    pub fn next_fault(&mut self, call: &str) -> Option<How> {
        *self.calls.entry(call.to_owned()).or_default() += 1;
        let strikes =
            |fault: &&mut Fault| fault.times > 0 && fault.call.as_deref().is_none_or(|it| it == call);
        let fault = self.faults.iter_mut().find(strikes)?;
        fault.times = fault.times.saturating_sub(1);
        Some(fault.how)
    }

    /// Sets latency, faults or rates.
    pub fn set(&mut self, setting: Setting) -> Reply {
        self.latency_ms = setting.latency_ms.unwrap_or(self.latency_ms);
        self.faults = setting.faults.unwrap_or(std::mem::take(&mut self.faults));
        self.rates = setting.rates.unwrap_or(std::mem::take(&mut self.rates));
        (200, self.state())
    }

    /// All that it knows.
    pub fn state(&self) -> Value {
        json!({ "latency_ms": self.latency_ms, "faults": self.faults, "rates": self.rates,
            "documents": self.documents, "calls": self.calls })
    }
}
