//! Which roll-ups make up a period? Whole UTC days, then whole hours at its ends, then the events of what is left.
//!
//! 1 January 22:30 to 4 January 01:15 is the day of the 2nd, the day of the 3rd, the hours 23 and 0, and the events of 22:30–23:00 and 01:00–01:15.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use crate::domain::calendar::Period;

/// How wide a roll-up is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    Hour,
    Day,
}

impl Grain {
    /// In hours, as stored.
    #[must_use]
    pub fn hours(self) -> i16 {
        match self {
            Grain::Hour => 1,
            Grain::Day => 24,
        }
    }

    fn width(self) -> TimeDelta {
        TimeDelta::hours(i64::from(self.hours()))
    }

    /// The start of the bucket that an instant lies in.
    #[must_use]
    pub fn bucket(self, at: DateTime<Utc>) -> DateTime<Utc> {
        at.duration_trunc(self.width()).unwrap_or(at)
    }

    /// Where a bucket ends.
    #[must_use]
    pub fn end(self, bucket: DateTime<Utc>) -> DateTime<Utc> {
        bucket.checked_add_signed(self.width()).unwrap_or(bucket)
    }

    /// The first bucket that starts at or after an instant.
    fn next(self, at: DateTime<Utc>) -> DateTime<Utc> {
        let bucket = self.bucket(at);
        if bucket == at { at } else { self.end(bucket) }
    }
}

/// A period in parts that do not overlap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slices {
    pub days: Option<Period>,
    /// At most two.
    pub hours: Vec<Period>,
    /// At most two: to be read from the events.
    pub raw: Vec<Period>,
}

/// Cuts a period.
#[must_use]
pub fn slices(period: Period) -> Slices {
    let some = |start, end| (start < end).then_some(Period { start, end });
    let edges = |outer: Period, inner: Period| {
        [some(outer.start, inner.start), some(inner.end, outer.end)].into_iter().flatten().collect()
    };
    let hours = Period { start: Grain::Hour.next(period.start), end: Grain::Hour.bucket(period.end) };
    if hours.start >= hours.end {
        // Within one hour, or over a full hour's beginning by less than an hour on each side.
        return Slices { raw: some(period.start, period.end).into_iter().collect(), ..Slices::default() };
    }
    let raw = edges(period, hours);
    let days = Period { start: Grain::Day.next(hours.start), end: Grain::Day.bucket(hours.end) };
    if days.start >= days.end {
        return Slices { days: None, hours: vec![hours], raw };
    }
    Slices { days: Some(days), hours: edges(hours, days), raw }
}

/// What lies before a period, for what is held from before it: all whole days, then hours, then the events of its first hour.
#[must_use]
pub fn before(start: DateTime<Utc>) -> Slices {
    let some = |start, end| (start < end).then_some(Period { start, end });
    let (day, hour) = (Grain::Day.bucket(start), Grain::Hour.bucket(start));
    Slices {
        days: some(DateTime::UNIX_EPOCH, day),
        hours: some(day, hour).into_iter().collect(),
        raw: some(hour, start).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;
    use proptest::prelude::*;

    fn period(start: &str, end: &str) -> Period {
        Period { start: start.parse().unwrap(), end: end.parse().unwrap() }
    }

    #[test]
    fn a_period_is_cut_into_days_hours_and_the_rest() {
        let cut = slices(period("2026-01-01T22:30:00Z", "2026-01-04T01:15:00Z"));
        assert_eq!(cut.days, Some(period("2026-01-02T00:00:00Z", "2026-01-04T00:00:00Z")));
        assert_eq!(
            cut.hours,
            [
                period("2026-01-01T23:00:00Z", "2026-01-02T00:00:00Z"),
                period("2026-01-04T00:00:00Z", "2026-01-04T01:00:00Z")
            ]
        );
        assert_eq!(
            cut.raw,
            [
                period("2026-01-01T22:30:00Z", "2026-01-01T23:00:00Z"),
                period("2026-01-04T01:00:00Z", "2026-01-04T01:15:00Z")
            ]
        );
        let month = slices(period("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"));
        assert_eq!((month.hours, month.raw), (vec![], vec![]));
        let short = slices(period("2026-01-01T00:59:00Z", "2026-01-01T01:01:00Z"));
        assert_eq!(short.raw, [period("2026-01-01T00:59:00Z", "2026-01-01T01:01:00Z")]);
    }

    proptest! {
        #[test]
        fn the_parts_cover_the_period_once(start in 0_i64..400_000_000, length in 0_i64..10_000_000) {
            let at = |micros: i64| Utc.timestamp_micros(micros * 1_000_003).unwrap();
            let whole = Period { start: at(start), end: at(start + length) };
            let cut = slices(whole);
            let mut parts: Vec<Period> = cut.days.into_iter().chain(cut.hours.clone()).chain(cut.raw).collect();
            parts.sort();
            prop_assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
            prop_assert_eq!(parts.first().map(|p| p.start), (length > 0).then_some(whole.start));
            prop_assert_eq!(parts.last().map(|p| p.end), (length > 0).then_some(whole.end));
            prop_assert!(cut.hours.iter().all(|p| Grain::Hour.bucket(p.start) == p.start && Grain::Hour.bucket(p.end) == p.end));
        }
    }
}
