//! What is a period? All instants from its start up to, not including, its end.
//!
//! January 2026 in UTC is `[2026-01-01T00:00Z, 2026-02-01T00:00Z)`: the next month starts where it ends.

use super::CalendarError;
use chrono::{DateTime, Utc};
use std::fmt;

/// A half-open span of time, `[start, end)`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    /// The first instant inside.
    pub start: DateTime<Utc>,
    /// The first instant after it.
    pub end: DateTime<Utc>,
}

impl Period {
    /// From its two ends; equal ends make an empty period.
    ///
    /// # Errors
    /// [`CalendarError::EndBeforeStart`].
    pub fn new(start: DateTime<Utc>, end: DateTime<Utc>) -> Result<Self, CalendarError> {
        if end < start {
            return Err(CalendarError::EndBeforeStart { start, end });
        }
        Ok(Self { start, end })
    }

    /// Whether the instant lies inside: the start does, the end does not.
    #[must_use]
    pub fn contains(&self, instant: DateTime<Utc>) -> bool {
        self.start <= instant && instant < self.end
    }

    /// What both have in common, or `None` when that is nothing: periods that touch have nothing in common.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Option<Self> {
        let (start, end) = (self.start.max(other.start), self.end.min(other.end));
        (start < end).then_some(Self { start, end })
    }

    /// The stretches that periods cover together, in order of time: those that touch or overlap are one.
    #[must_use]
    pub fn joined(mut periods: Vec<Period>) -> Vec<Period> {
        periods.retain(|period| !period.is_empty());
        periods.sort_unstable();
        let mut joined: Vec<Period> = Vec::with_capacity(periods.len());
        for period in periods {
            match joined.last_mut().filter(|last| period.start <= last.end) {
                Some(last) => last.end = last.end.max(period.end),
                None => joined.push(period),
            }
        }
        joined
    }

    /// Whether no instant lies inside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.end <= self.start
    }
}

/// `[2026-01-01T00:00:00Z, 2026-02-01T00:00:00Z)`: a failed test shows it so.
impl fmt::Debug for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{:?}, {:?})", self.start, self.end)
    }
}
