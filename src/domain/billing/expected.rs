//! What should have been charged, and where does that leave billing? The segments due, and a cursor behind them.

use chrono::{DateTime, Utc};

use super::piece::{Key, Segment};

/// Where billing stands in a timeline after everything due by an instant has been billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// No segment that starts earlier can be unbilled.
    pub settled_to: DateTime<Utc>,
    /// When the next segment falls due; `None` when there is none to come.
    pub next_bill_at: Option<DateTime<Utc>>,
}

/// What [`due`](super::segments::due) gives.
#[derive(Debug, Clone)]
pub struct Expected<'a> {
    pub segments: Vec<Segment<'a>>,
    /// Usage of running periods, and what is changed by something that waits for a later invoice: what is billed of it is
    /// neither more nor less for now.
    pub held: Vec<Key>,
    /// Where that leaves billing.
    pub cursor: Cursor,
}
