//! Which items does a subscription have at an instant? Of each item, one of the versions that follow each other: 2 seats until the 10th,
//! 5 from then on.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::domain::ids::ItemId;

/// A version of an item, or a row of one.
pub trait Lasting {
    /// The item it is a version of.
    fn item_id(&self) -> ItemId;
    /// Since when it counts.
    fn valid_from(&self) -> DateTime<Utc>;
    /// Until when.
    fn valid_to(&self) -> Option<DateTime<Utc>>;

    /// Whether it was taken back before it began, or replaced from its first instant on: it was never in force.
    fn is_empty(&self) -> bool {
        self.valid_to().is_some_and(|to| to <= self.valid_from())
    }

    /// Whether it goes on beyond an instant.
    fn lasts_beyond(&self, at: DateTime<Utc>) -> bool {
        self.valid_to().is_none_or(|to| at < to)
    }

    /// Whether it is in force at an instant.
    fn is_in_force(&self, at: DateTime<Utc>) -> bool {
        self.valid_from() <= at && self.lasts_beyond(at)
    }
}

/// What a subscription is shown with, of versions in order of time: of each item the version that began last, or its first one when none
/// has begun. An item that was removed while others go on is not shown; of a subscription that is over, or paused, all are.
pub fn shown<V: Lasting>(versions: Vec<V>, now: DateTime<Utc>) -> Vec<V> {
    if versions.iter().all(Lasting::is_empty) {
        return last_of_each(versions);
    }
    let mut current: BTreeMap<ItemId, V> = BTreeMap::new();
    for version in versions.into_iter().filter(|version| !version.is_empty()) {
        // A later version takes over once it has begun, or when there is none yet.
        if version.valid_from() <= now || !current.contains_key(&version.item_id()) {
            current.insert(version.item_id(), version);
        }
    }
    let mut shown: Vec<V> = current.into_values().collect();
    if shown.iter().any(|version| version.lasts_beyond(now)) {
        shown.retain(|version| version.lasts_beyond(now));
    }
    shown
}

/// What it gives, of versions in order of time: what is in force; on trial, before any item has begun, the first version of each. One that
/// is paused has items, and none in force: it gives nothing.
pub fn giving<V: Lasting>(versions: &[V], now: DateTime<Utc>) -> Vec<&V> {
    let has_begun = |version: &&V| version.valid_from() <= now;
    let real: Vec<&V> = versions.iter().filter(|version| !version.is_empty()).collect();
    if real.is_empty() {
        return if versions.iter().any(|v| has_begun(&v)) {
            Vec::new()
        } else {
            last_of_each(versions.iter().collect())
        };
    }
    if real.iter().any(has_begun) {
        return real.into_iter().filter(|version| version.is_in_force(now)).collect();
    }
    let mut first: BTreeMap<ItemId, &V> = BTreeMap::new();
    for version in real {
        first.entry(version.item_id()).or_insert(version);
    }
    first.into_values().collect()
}

/// What would have been in force, had a break not begun at the very end of the trial.
fn last_of_each<V: Lasting>(versions: Vec<V>) -> Vec<V> {
    let last: BTreeMap<ItemId, V> =
        versions.into_iter().map(|version| (version.item_id(), version)).collect();
    last.into_values().collect()
}

impl<V: Lasting> Lasting for &V {
    fn item_id(&self) -> ItemId {
        (**self).item_id()
    }

    fn valid_from(&self) -> DateTime<Utc> {
        (**self).valid_from()
    }

    fn valid_to(&self) -> Option<DateTime<Utc>> {
        (**self).valid_to()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Version(u128, i64, Option<i64>);

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + chrono::TimeDelta::days(day)
    }

    impl Lasting for Version {
        fn item_id(&self) -> ItemId {
            ItemId::from_uuid(Uuid::from_u128(self.0))
        }

        fn valid_from(&self) -> DateTime<Utc> {
            at(self.1)
        }

        fn valid_to(&self) -> Option<DateTime<Utc>> {
            self.2.map(at)
        }
    }

    #[test]
    fn on_trial_a_planned_change_is_neither_shown_nor_given() {
        let (first, empty, later) =
            (Version(1, 10, Some(20)), Version(1, 20, Some(20)), Version(1, 20, None));
        let versions = [first, empty, later];
        assert_eq!(shown(versions.to_vec(), at(5)), [first]);
        assert_eq!(giving(&versions, at(5)), [&first]);
        assert_eq!(shown(versions.to_vec(), at(20)), [later]);
        assert_eq!(giving(&versions, at(20)), [&later]);
    }

    #[test]
    fn a_break_gives_nothing_and_an_item_removed_is_not_shown() {
        let paused = [Version(1, 0, Some(10)), Version(1, 20, None)];
        assert_eq!(shown(paused.to_vec(), at(15)), [paused[0]]);
        assert_eq!(giving(&paused, at(15)), [&paused[0]; 0]);
        let removed = [Version(1, 0, Some(10)), Version(2, 0, None)];
        assert_eq!(shown(removed.to_vec(), at(15)), [removed[1]]);
        assert_eq!(giving(&removed, at(15)), [&removed[1]]);
    }

    #[test]
    fn a_trial_with_a_break_from_its_end_on_gives_what_it_would_have_had() {
        let versions = [Version(1, 10, Some(10)), Version(1, 10, Some(10))];
        assert_eq!(shown(versions.to_vec(), at(5)), [versions[1]]);
        assert_eq!(giving(&versions, at(5)), [&versions[1]]);
        assert_eq!(shown(versions.to_vec(), at(15)), [versions[1]]);
        assert_eq!(giving(&versions, at(15)), [&versions[1]; 0]);
    }
}
