//! What goes wrong, and how often? The next calls of a kind fail: with a status, or by an answer that comes too late, before its effect or after.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
pub(super) enum How {
    /// Status 500, without effect.
    Error,
    /// Status 500, and it was done.
    ErrorAfter,
    /// Silence for a minute, without effect.
    SilenceBefore,
    /// It is done, then silence for a minute.
    SilenceAfter,
}

/// The faults that are left, and how many calls there were of each kind.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) left: Vec<Fault>,
    pub(super) calls: BTreeMap<String, u64>,
}

impl Faults {
    /// Orders faults, in place of those before.
    pub(super) fn set(&mut self, faults: Vec<Fault>) {
        self.left = faults;
    }

    /// The fault of the next call of a kind, used up by it.
    pub(super) fn next(&mut self, call: &str) -> Option<How> {
        *self.calls.entry(call.to_owned()).or_default() += 1;
        let strikes =
            |fault: &&mut Fault| fault.times > 0 && fault.call.as_deref().is_none_or(|it| it == call);
        let fault = self.left.iter_mut().find(strikes)?;
        fault.times = fault.times.saturating_sub(1);
        Some(fault.how)
    }
}
