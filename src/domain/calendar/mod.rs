//! When does a period start and end? On days of the customer's zone, counted from the anchor it began with.
//!
//! A monthly cycle from 31 January 2024 in New York has its period 2 from 31 March 2024 04:00 UTC (after 29 February)
//! to 30 April 2024 04:00 UTC: clamped to short months, back to the 31st after them, and it follows summer time.

mod cycle;
mod period;
#[cfg(test)]
mod tests;
mod zone;

pub use cycle::{Cycle, Interval, Unit};
pub use period::Period;
pub use zone::Zone;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use thiserror::Error;

/// The years dates are computed in. Zones have rules and calendars have law only about now; outside is a mistyped year.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2400;

/// Why a date, period, zone or interval was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CalendarError {
    /// Not in the IANA time zone database.
    #[error("\"{name}\" is not an IANA time zone: use a name such as Europe/Paris, America/New_York or UTC")]
    UnknownZone {
        /// The name as sent, shortened.
        name: String,
    },
    /// An interval of zero or of very many units.
    #[error("an interval has a count of 1 to {}, not {count}", Interval::MAX_COUNT)]
    BadIntervalCount {
        /// What was given.
        count: u32,
    },
    /// No month has such a day.
    #[error(
        "{day} is not a day of a month: an anchor day is 1 to 31, and means the last day in shorter months"
    )]
    BadAnchorDay {
        /// What was given.
        day: u32,
    },
    /// Days and weeks have no day of the month.
    #[error("an anchor day needs an interval of months, quarters or years: {} intervals start on the first day", .unit.into_str())]
    AnchorDayWithoutMonths {
        /// The interval's unit.
        unit: Unit,
    },
    /// A period that ends before it starts.
    #[error("a period cannot end at {end}, before it starts at {start}")]
    EndBeforeStart {
        /// The start given.
        start: DateTime<Utc>,
        /// The end given.
        end: DateTime<Utc>,
    },
    /// Dates before 1900 or after 2400.
    #[error("the date is out of range: dates are computed from the year {} to {}", YEARS.start(), YEARS.end())]
    OutOfRange,
}

/// The date itself, if in the years dates are computed in.
fn in_range(date: NaiveDate) -> Result<NaiveDate, CalendarError> {
    if YEARS.contains(&date.year()) { Ok(date) } else { Err(CalendarError::OutOfRange) }
}

/// A refused name for an error message, cut so that a huge body is not echoed back.
fn shortened(name: &str) -> String {
    name.chars().take(40).collect()
}
