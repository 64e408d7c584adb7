//! What does a usage line rest on? All that was recorded of its period by an instant: 7,988 units of 2 events.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

/// What a usage line rests on: all that was recorded of its period by an instant. Of a later piece of a period, what it adds to the
/// pieces before it: so the pieces add up to what the whole period measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metered {
    pub quantity: Decimal,
    pub events: i64,
    /// Events recorded later are a later line's.
    pub recorded_to: DateTime<Utc>,
}
