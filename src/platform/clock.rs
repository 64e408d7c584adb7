//! What time is it? The only place that reads the wall clock.
//!
//! Everything else is given its time as a value, so a test tenant can live in any year.
//! PostgreSQL keeps microseconds, so an instant is cut to them here: 12:00:00.123456789 is written as
//! 12:00:00.123456, and what is written is equal to what is read back.
#![expect(
    clippy::disallowed_methods,
    reason = "the room of the clock: the one place where the ban is lifted"
)]

use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, Utc};

/// The present instant in UTC, cut (never rounded up into the future) to whole microseconds.
pub fn now() -> DateTime<Utc> {
    to_stored_precision(Utc::now())
}

/// Cuts an instant to the microseconds that PostgreSQL's `timestamptz` keeps.
pub fn to_stored_precision(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(6)
}

/// Measures how long something took. It runs on the monotonic clock, which no time correction moves.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring now.
    pub fn start() -> Self {
        Stopwatch(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn an_instant_is_cut_to_the_microseconds_the_database_keeps() {
        let fine = Utc.timestamp_opt(1_750_000_000, 123_456_789).unwrap();
        assert_eq!(to_stored_precision(fine).timestamp_subsec_nanos(), 123_456_000);
        assert_eq!(now().timestamp_subsec_nanos() % 1_000, 0);
    }
}
