//! What does an aggregation mean? What events came to, said by one number.

use super::Aggregation;
use super::buckets::{Bucket, HOUR};
use super::exact::Exact;

/// All that was measured of one combination of dimension values.
#[derive(Debug, Clone, Default)]
pub struct Tallied {
    /// Of the events themselves, if there are any.
    pub bucket: Option<Bucket>,
    /// Different values.
    pub different: i64,
    /// Value × microseconds.
    pub held: Exact,
}

impl Tallied {
    /// What it comes to as a meter aggregates: the events 3, 5 and 1 sum up to 9, are 3, at most 5, at last 1 and 3 on average.
    #[must_use]
    pub fn quantity(&self, aggregation: Aggregation) -> Option<Exact> {
        let events = self.bucket.map_or(0, |bucket| bucket.events);
        let sum_of = |value: fn(&Bucket) -> Exact| self.bucket.as_ref().map_or(Exact::ZERO, value);
        let whole = |count: i64| Exact::from_trillionths(1_000_000_000_000).times(count);
        match aggregation {
            Aggregation::Sum => Some(sum_of(|bucket| bucket.total)),
            Aggregation::Count => whole(events),
            Aggregation::Max => Some(sum_of(|bucket| bucket.largest)),
            Aggregation::Latest => Some(sum_of(|bucket| bucket.latest)),
            Aggregation::Average => sum_of(|bucket| bucket.total).over(events.max(1)),
            Aggregation::UniqueCount => whole(self.different),
            Aggregation::WeightedSum => self.held.over(HOUR),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::usage::buckets::Sample;
    use chrono::{DateTime, TimeDelta};
    use uuid::Uuid;

    fn whole(count: i64) -> Exact {
        Exact::from_trillionths(1_000_000_000_000).times(count).unwrap()
    }

    fn sample(second: i64, value: i64) -> Sample {
        let at = DateTime::UNIX_EPOCH + TimeDelta::seconds(second);
        Sample {
            at,
            key: Uuid::from_u128(u128::from(second.unsigned_abs())),
            value: whole(value),
            priced: Exact::ZERO,
        }
    }

    #[test]
    fn one_tally_means_something_else_to_each_aggregation() {
        let bucket = [(0, 3), (1, 5), (2, 1)].map(|(second, value)| Bucket::of(&sample(second, value)));
        let [mut of_all, second, third] = bucket;
        of_all.merge(&second).unwrap();
        of_all.merge(&third).unwrap();
        let tallied = Tallied { bucket: Some(of_all), different: 2, held: whole(7).times(HOUR).unwrap() };
        let expected = [(Aggregation::Sum, 9), (Aggregation::Count, 3), (Aggregation::Max, 5)];
        for (aggregation, quantity) in expected.into_iter().chain([
            (Aggregation::Latest, 1),
            (Aggregation::Average, 3),
            (Aggregation::UniqueCount, 2),
            (Aggregation::WeightedSum, 7),
        ]) {
            assert_eq!(tallied.quantity(aggregation), Some(whole(quantity)), "{aggregation:?}");
        }
    }
}
