//! When does a day begin where the customer is? At the first instant whose local date is that day.
//!
//! 8 March 2026 in New York begins at 05:00 UTC and lasts 23 hours. 6 September 2026 in Santiago has no midnight: it
//! begins at 01:00 local time, 04:00 UTC. 30 December 2011 never happened in Apia: it begins, and ends, where the 31st begins.

use super::{CalendarError, in_range, shortened};
use chrono::{DateTime, MappedLocalTime, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::{GapInfo, Tz};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// An IANA time zone.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zone(Tz);

impl Zone {
    /// Coordinated universal time: every day has 24 hours.
    pub const UTC: Self = Self(Tz::UTC);

    /// Reads an IANA name: `"Europe/Paris"`.
    ///
    /// # Errors
    /// [`CalendarError::UnknownZone`], also for another spelling (`europe/paris`) or an offset (`+02:00`).
    pub fn parse(name: &str) -> Result<Self, CalendarError> {
        name.parse().map(Self).map_err(|_| CalendarError::UnknownZone { name: shortened(name) })
    }

    /// The IANA name as it was given.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The day an instant belongs to: the last one that has begun.
    ///
    /// That is the date on a local clock, except in minutes that repeat after a midnight: where a clock goes from 00:01
    /// back to 23:01 (St John's until 2011), the new day has begun and goes on. So days never run backwards.
    #[must_use]
    pub fn local_date(self, instant: DateTime<Utc>) -> NaiveDate {
        if self.is_utc() {
            return instant.date_naive();
        }
        let clock = self.clock_date(instant);
        match clock.succ_opt().map(|next| (next, self.day_start(next))) {
            Some((next, Ok(begun))) if begun <= instant => next,
            _ => clock,
        }
    }

    /// The hour on a local clock, from 0 to 23.
    #[must_use]
    pub fn local_hour(self, instant: DateTime<Utc>) -> u32 {
        instant.with_timezone(&self.0).hour()
    }

    /// The first instant whose local date is `date` or, where that day was skipped, later.
    ///
    /// An ambiguous midnight means the earlier one. After 2099 the zone data has no summer time.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the years 1900 to 2400.
    pub fn day_start(self, date: NaiveDate) -> Result<DateTime<Utc>, CalendarError> {
        let midnight = in_range(date)?.and_time(NaiveTime::MIN);
        if self.is_utc() {
            return Ok(midnight.and_utc());
        }
        let offset = match self.0.offset_from_local_datetime(&midnight) {
            MappedLocalTime::Single(offset) | MappedLocalTime::Ambiguous(offset, _) => offset.fix(),
            MappedLocalTime::None => {
                let gap_end = GapInfo::new(&midnight, &self.0).and_then(|gap| gap.end);
                return gap_end.map(|end| end.to_utc()).ok_or(CalendarError::OutOfRange);
            }
        };
        Ok((midnight - offset).and_utc())
    }

    /// How many days lie from one instant to another: the difference of their local dates, negative when backwards.
    #[must_use]
    pub fn days_between(self, from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
        (self.local_date(to) - self.local_date(from)).num_days()
    }

    /// So many days later, or earlier, at the same time of the local day: 30 days from 1 March 2017, 23:30, in Los Angeles are
    /// 31 March, 23:30, though that month has a day of 23 hours. A day's beginning leads to a day's beginning. A time that the
    /// clock skips on that day means the end of the gap, and one that it shows twice the first.
    #[must_use]
    pub fn days_later(self, at: DateTime<Utc>, days: i64) -> DateTime<Utc> {
        let by_hours = at + TimeDelta::days(days);
        if self.is_utc() {
            return by_hours;
        }
        let later = self.local_date(at).checked_add_signed(TimeDelta::days(days));
        let Some((date, begin, next)) = later.and_then(|later| {
            let begins = (self.day_start(later).ok()?, self.day_start(later.succ_opt()?).ok()?);
            Some((later, begins.0, begins.1))
        }) else {
            return by_hours;
        };
        if self.day_start(self.local_date(at)).is_ok_and(|begun| begun == at) {
            return begin;
        }
        let offset = self.0.offset_from_utc_datetime(&at.naive_utc()).fix();
        let wall = date.and_time((at.naive_utc() + offset).time());
        let meant = match self.0.offset_from_local_datetime(&wall) {
            MappedLocalTime::Single(offset) | MappedLocalTime::Ambiguous(offset, _) => {
                (wall - offset.fix()).and_utc()
            }
            MappedLocalTime::None => {
                GapInfo::new(&wall, &self.0).and_then(|gap| gap.end).map_or(by_hours, |end| end.to_utc())
            }
        };
        // Of a day with a gap or a repetition at its very edge, no other day's instant is meant.
        meant.clamp(begin, (next - TimeDelta::microseconds(1)).max(begin))
    }

    /// The date on a local clock. Beyond the calendar's last years, where no offset can be added, the UTC date.
    fn clock_date(self, instant: DateTime<Utc>) -> NaiveDate {
        let utc = instant.naive_utc();
        let offset = self.0.offset_from_utc_datetime(&utc).fix().local_minus_utc();
        utc.checked_add_signed(TimeDelta::seconds(i64::from(offset))).unwrap_or(utc).date()
    }

    /// Most customers of a test and many in life: no table has to be searched for them.
    fn is_utc(self) -> bool {
        matches!(self.0, Tz::UTC | Tz::Etc__UTC)
    }
}

impl FromStr for Zone {
    type Err = CalendarError;

    fn from_str(name: &str) -> Result<Self, CalendarError> {
        Self::parse(name)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::parse(&name).map_err(serde::de::Error::custom)
    }
}
