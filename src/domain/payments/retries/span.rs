//! How long is a step of a policy? As ISO 8601 writes it: `P3D` is three days, `PT90M` an hour and a half.

use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// A span of whole minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span {
    minutes: i64,
}

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;
/// More digits than any policy needs.
const DIGITS: usize = 6;

impl Span {
    /// So many minutes.
    #[must_use]
    pub const fn of_minutes(minutes: i64) -> Span {
        Span { minutes }
    }

    /// So many days.
    #[must_use]
    pub const fn of_days(days: i64) -> Span {
        Span { minutes: days * DAY }
    }

    /// Its minutes.
    #[must_use]
    pub const fn minutes(self) -> i64 {
        self.minutes
    }

    /// To be added to an instant.
    #[must_use]
    pub const fn delta(self) -> TimeDelta {
        TimeDelta::minutes(self.minutes)
    }
}

/// A text that is no span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no span of time: write days as P3D, hours as PT12H and minutes as PT30M, or together as P1DT12H"
)]
pub struct NoSpan;

impl FromStr for Span {
    type Err = NoSpan;

    fn from_str(text: &str) -> Result<Span, NoSpan> {
        let mut rest = text.strip_prefix('P').filter(|rest| !rest.is_empty()).ok_or(NoSpan)?;
        let mut minutes = 0_i64;
        let mut of_time = false;
        // Each unit at most once, the longest first.
        let mut shortest = i64::MAX;
        while !rest.is_empty() {
            if let Some(time) = rest.strip_prefix('T') {
                if of_time || time.is_empty() {
                    return Err(NoSpan);
                }
                (of_time, rest) = (true, time);
                continue;
            }
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (number, after) = rest.split_at_checked(digits).ok_or(NoSpan)?;
            let number: i64 =
                if digits <= DIGITS { number.parse().map_err(|_| NoSpan)? } else { return Err(NoSpan) };
            let (unit, after) = after.split_at_checked(1).ok_or(NoSpan)?;
            let unit = match (unit, of_time) {
                ("W", false) => 7 * DAY,
                ("D", false) => DAY,
                ("H", true) => HOUR,
                ("M", true) => 1,
                _ => return Err(NoSpan),
            };
            if unit >= shortest {
                return Err(NoSpan);
            }
            shortest = unit;
            minutes += number * unit;
            rest = after;
        }
        Ok(Span { minutes })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, rest) = (self.minutes / DAY, self.minutes % DAY);
        let (hours, minutes) = (rest / HOUR, rest % HOUR);
        f.write_str("P")?;
        if days > 0 {
            write!(f, "{days}D")?;
        }
        if rest > 0 || days == 0 {
            f.write_str("T")?;
        }
        if hours > 0 {
            write!(f, "{hours}H")?;
        }
        if minutes > 0 || self.minutes == 0 {
            write!(f, "{minutes}M")?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Span {
    type Error = NoSpan;

    fn try_from(text: String) -> Result<Span, NoSpan> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> String {
        span.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_written_as_iso_8601_does() {
        for (text, minutes, written) in [
            ("P1D", 1_440, "P1D"),
            ("P1W", 10_080, "P7D"),
            ("PT12H", 720, "PT12H"),
            ("PT90M", 90, "PT1H30M"),
            ("P1DT12H", 2_160, "P1DT12H"),
            ("PT0M", 0, "PT0M"),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!((span.minutes(), span.to_string().as_str()), (minutes, written), "{text}");
        }
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in [
            "",
            "P",
            "PT",
            "1D",
            "P1",
            "P1H",
            "PT1D",
            "P-1D",
            "P1.5D",
            "PT1M1H",
            "P1DT",
            "P1D1D",
            "P9999999D",
            "P1é",
        ] {
            assert_eq!(text.parse::<Span>(), Err(NoSpan), "{text}");
        }
    }
}
