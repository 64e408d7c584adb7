//! What do the events of an hour or a day add up to? One row from which every aggregation but the count of different values can be computed,
//! merged with the next hour's without the events.
//!
//! 10 GB from 00:00, 20 GB from 00:30: the hour's total is 30, its largest 20, its latest 20, and 15 GB-hours were held.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::exact::Exact;
use super::slices::Grain;
use crate::domain::calendar::Period;
use crate::domain::money::MoneyError;

/// Microseconds of an hour: what is held is kept as value × microseconds.
pub const HOUR: i64 = 3_600_000_000;

/// One event as a meter reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    pub at: DateTime<Utc>,
    /// Decides which of two events at one instant is the later.
    pub key: Uuid,
    pub value: Exact,
    pub priced: Exact,
}

/// What events add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    pub events: i64,
    pub total: Exact,
    pub largest: Exact,
    pub latest: Exact,
    pub latest_at: DateTime<Utc>,
    pub latest_key: Uuid,
    pub priced: Exact,
    pub first_at: DateTime<Utc>,
    /// Value × microseconds from the first event to the bucket's end; zero where nothing is held.
    pub held: Exact,
}

impl Bucket {
    /// Of one event.
    #[must_use]
    pub fn of(sample: &Sample) -> Bucket {
        Bucket {
            events: 1,
            total: sample.value,
            largest: sample.value,
            latest: sample.value,
            latest_at: sample.at,
            latest_key: sample.key,
            priced: sample.priced,
            first_at: sample.at,
            held: Exact::ZERO,
        }
    }

    /// Together with other events, in whatever order; what is held does not follow from the sum of two, so it is left as it is.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] beyond 128 bits.
    pub fn merge(&mut self, other: &Bucket) -> Result<(), MoneyError> {
        self.events = self.events.checked_add(other.events).ok_or(MoneyError::Overflow)?;
        self.total = self.total.plus(other.total).ok_or(MoneyError::Overflow)?;
        self.priced = self.priced.plus(other.priced).ok_or(MoneyError::Overflow)?;
        self.largest = self.largest.max(other.largest);
        self.first_at = self.first_at.min(other.first_at);
        if (other.latest_at, other.latest_key) > (self.latest_at, self.latest_key) {
            (self.latest, self.latest_at, self.latest_key) =
                (other.latest, other.latest_at, other.latest_key);
        }
        Ok(())
    }

    /// Of the events of one bucket, with what was held in it. `None` without events.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] beyond 128 bits.
    pub fn gather(samples: &mut [Sample], end: DateTime<Utc>) -> Result<Option<Bucket>, MoneyError> {
        samples.sort_unstable_by_key(|sample| (sample.at, sample.key));
        let Some(first) = samples.first() else { return Ok(None) };
        let mut bucket = Bucket::of(first);
        samples[1..].iter().try_for_each(|sample| bucket.merge(&Bucket::of(sample)))?;
        bucket.held = weigh(Period { start: first.at, end }, samples.iter().map(Holding::of))?;
        Ok(Some(bucket))
    }

    /// Of buckets in order of time that make up a wider one, such as the hours of a day; each with its start.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] beyond 128 bits.
    pub fn widen(
        parts: &[(DateTime<Utc>, Bucket)],
        (grain, end): (Grain, DateTime<Utc>),
    ) -> Result<Option<Bucket>, MoneyError> {
        let Some((_, first)) = parts.first() else { return Ok(None) };
        let mut wide = *first;
        parts[1..].iter().try_for_each(|(_, part)| wide.merge(part))?;
        let holdings = parts.iter().map(|(start, part)| part.holding(grain.end(*start)));
        wide.held = weigh(Period { start: wide.first_at, end }, holdings)?;
        Ok(Some(wide))
    }

    /// What it held, for [`weigh`].
    #[must_use]
    pub fn holding(&self, end: DateTime<Utc>) -> Holding {
        Holding { from: self.first_at, held: self.held, level: self.latest, until: end }
    }
}

/// What was held over a stretch of time: `held` from `from` to `until`, and `level` from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    pub from: DateTime<Utc>,
    pub held: Exact,
    pub level: Exact,
    pub until: DateTime<Utc>,
}

impl Holding {
    /// An event: from its instant on, its value is held.
    #[must_use]
    pub fn of(sample: &Sample) -> Holding {
        Holding { from: sample.at, held: Exact::ZERO, level: sample.value, until: sample.at }
    }
}

/// Value × microseconds held in a period. The holdings are in order of time and do not reach over the period's start or end;
/// the level of those before it is held into it.
///
/// # Errors
/// [`MoneyError::Overflow`] beyond 128 bits.
pub fn weigh(period: Period, holdings: impl Iterator<Item = Holding>) -> Result<Exact, MoneyError> {
    let (mut at, mut level, mut sum) = (period.start, Exact::ZERO, Exact::ZERO);
    let over = |level: Exact, from: DateTime<Utc>, to: DateTime<Utc>| {
        level.times((to - from).num_microseconds()?.max(0))
    };
    for holding in holdings {
        if holding.until > period.start {
            let part = over(level, at, holding.from).and_then(|part| part.plus(holding.held));
            sum = part.and_then(|part| sum.plus(part)).ok_or(MoneyError::Overflow)?;
            at = holding.until;
        }
        level = holding.level;
    }
    over(level, at, period.end).and_then(|rest| sum.plus(rest)).ok_or(MoneyError::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeDelta, TimeZone};
    use proptest::prelude::*;

    fn sample(at: i64, value: i64) -> Sample {
        Sample {
            at: Utc.timestamp_opt(1_767_225_600 + at, 0).unwrap(),
            key: Uuid::from_u128(u128::from(value.unsigned_abs())),
            value: Exact::parse(&value.to_string()).unwrap(),
            priced: Exact::ZERO,
        }
    }

    fn hour(n: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(1_767_225_600 + 3_600 * n, 0).unwrap()
    }

    #[test]
    fn what_is_held_is_value_times_time() {
        let mut samples = [sample(1_800, 20), sample(0, 10)];
        let bucket = Bucket::gather(&mut samples, hour(1)).unwrap().unwrap();
        assert_eq!((bucket.events, bucket.largest.to_string()), (2, "20".to_owned()));
        assert_eq!(bucket.held.over(HOUR).unwrap().to_string(), "15");
        // 10 GB for 744 hours are 7,440.
        let january = Period { start: hour(0), end: hour(744) };
        let held = weigh(january, [Holding::of(&sample(-5, 10))].into_iter()).unwrap();
        assert_eq!(held.over(HOUR).unwrap().to_string(), "7440");
    }

    proptest! {
        /// Summing hours, then days, is the same as looking at the events.
        #[test]
        fn buckets_widen_to_what_the_events_are(
            seconds in prop::collection::vec((0_i64..172_800, -1_000_i64..1_000), 1..60),
        ) {
            let mut samples: Vec<Sample> = seconds.iter().map(|&(at, value)| sample(at, value)).collect();
            let end = hour(48);
            let whole = Bucket::gather(&mut samples, end).unwrap().unwrap();
            let mut hours = Vec::new();
            for n in 0..48 {
                let mut of_hour: Vec<Sample> =
                    samples.iter().copied().filter(|s| s.at >= hour(n) && s.at < hour(n + 1)).collect();
                hours.extend(Bucket::gather(&mut of_hour, hour(n + 1)).unwrap().map(|bucket| (hour(n), bucket)));
            }
            prop_assert_eq!(Bucket::widen(&hours, (Grain::Hour, end)).unwrap(), Some(whole));
            let days: Vec<(DateTime<Utc>, Bucket)> = hours
                .chunk_by(|a, b| Grain::Day.bucket(a.0) == Grain::Day.bucket(b.0))
                .filter_map(|part| {
                    let day = Grain::Day.bucket(part[0].0);
                    Some((day, Bucket::widen(part, (Grain::Hour, day + TimeDelta::days(1))).unwrap()?))
                })
                .collect();
            prop_assert_eq!(Bucket::widen(&days, (Grain::Day, end)).unwrap(), Some(whole));
        }
    }
}
