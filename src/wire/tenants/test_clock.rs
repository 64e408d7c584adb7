//! What time is it for this tenant? `{"now": "2026-01-31T00:00:00Z"}`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A test tenant's own clock. It stands still until it is advanced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TestClock {
    /// The tenant's now.
    #[schema(example = "2026-01-31T00:00:00Z")]
    pub now: DateTime<Utc>,
    /// Where it is on its way to, when it was advanced with `wait` false.
    pub advancing_to: Option<DateTime<Utc>>,
    /// Whether it stops after the step it is in.
    pub stopping: bool,
    /// What happened on the last such way.
    pub last_advance: Option<ClockAdvanced>,
    /// Why the last such way came to no end.
    pub last_failure: Option<ClockFailure>,
}

/// Why a clock did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClockFailure {
    pub code: String,
    pub detail: String,
}

/// Where to move the clock.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"to": "2026-03-01T00:00:00Z"}))]
pub struct AdvanceClock {
    /// Every job due up to then is run, in order, before the answer comes.
    pub to: DateTime<Utc>,
    /// `false`: answer at once; `GET /v1/test_clock` shows how far it is.
    #[serde(default = "waits")]
    #[schema(default = true)]
    pub wait: bool,
}

fn waits() -> bool {
    true
}

/// What happened on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClockAdvanced {
    /// The tenant's now.
    pub now: DateTime<Utc>,
    /// Where the clock stood before.
    pub from: DateTime<Utc>,
    /// Instants at which at least one job had work.
    pub ticks: u64,
    /// Whether it was stopped on the way, by `DELETE /v1/test_clock/advance`.
    #[serde(default)]
    pub stopped: bool,
    pub bill_runs: u64,
    pub invoices: u64,
    /// Due work that could not be done and was put off, counted at each try.
    pub parked: u64,
    /// Drafts whose time had come.
    pub drafts_finalized: u64,
    pub payments_attempted: u64,
    pub payments_succeeded: u64,
    pub payments_failed: u64,
}
