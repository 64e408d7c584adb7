//! What may a customer use now? The features of all plans it has, with what is used so far: 10,000 calls a month, 7,988 used →
//! 2,012 left.
//!
//! A feature that several subscriptions give is one entitlement: had by any, its limits added up, without limit when one is.
//!
//! **Owns**: What a customer may use now, and what is left of it.
//!
//! **Not its own**: What plans give ([`catalog`](super::catalog)); what was used ([`usage`](super::usage)).
//!
//! **Laws**: Limits of several subscriptions add up; without limit when one is.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::calendar::Period;
use super::catalog::Feature;
use super::catalog::features::{Grant, GrantKind};
use super::ids::{MeterId, SubscriptionId};

/// A feature that a subscription in force gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    pub subscription_id: SubscriptionId,
    pub feature: Feature,
    /// How many were bought of the price the feature is per; 1 where it is per none.
    pub quantity: Decimal,
    /// The subscription's current period.
    pub period: Period,
    /// The stretches of it in which the subscription runs: what is used in a break does not count.
    pub stretches: Vec<Period>,
}

/// What may be used of one feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Entitlement {
    pub code: String,
    pub name: String,
    pub kind: GrantKind,
    /// Whether more of it may be used now.
    pub allowed: bool,
    /// `None`: without limit, or not a number.
    pub limit: Option<Decimal>,
    /// Of a metered feature.
    pub metered: Option<MeteredUse>,
    pub subscriptions: Vec<SubscriptionId>,
}

/// What was used of a metered feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeteredUse {
    pub used: Decimal,
    /// `None`: without limit.
    pub remaining: Option<Decimal>,
    pub hard_cap: bool,
    pub period: Period,
}

/// A question to a meter: what was used of it in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub meter_id: MeterId,
    pub period: Period,
    /// What of the period counts.
    pub stretches: Vec<Period>,
}

/// The questions behind what is given: one for each metered feature. Where subscriptions give the same one in different
/// periods, it is measured in all of them together, so that nothing used is overlooked.
#[must_use]
pub fn questions(given: &[Given]) -> BTreeMap<String, Question> {
    let mut questions: BTreeMap<String, Question> = BTreeMap::new();
    for one in given {
        let Grant::Metered { meter_id, .. } = one.feature.grant else { continue };
        let new = || Question { meter_id, period: one.period, stretches: Vec::new() };
        let entry = questions.entry(one.feature.code.clone()).or_insert_with(new);
        entry.period.start = entry.period.start.min(one.period.start);
        entry.period.end = entry.period.end.max(one.period.end);
        entry.stretches.extend(&one.stretches);
    }
    for one in questions.values_mut() {
        one.stretches = Period::joined(std::mem::take(&mut one.stretches));
    }
    questions
}

/// One entitlement for each feature, in order of code. `used` answers [`questions`], by feature; those `capped` may not be used
/// because a budget is used up.
#[must_use]
pub fn entitlements(
    given: &[Given],
    used: &BTreeMap<String, (Question, Decimal)>,
    capped: &BTreeSet<String>,
) -> Vec<Entitlement> {
    let mut by_code: BTreeMap<&str, Vec<&Given>> = BTreeMap::new();
    for one in given {
        by_code.entry(&one.feature.code).or_default().push(one);
    }
    let mut all: Vec<Entitlement> =
        by_code.into_values().map(|given_alike| entitlement(&given_alike, used)).collect();
    for entitlement in all.iter_mut().filter(|one| capped.contains(&one.code)) {
        entitlement.allowed = false;
    }
    all
}

fn entitlement(given: &[&Given], used: &BTreeMap<String, (Question, Decimal)>) -> Entitlement {
    let Feature { code, name, grant } = &given[0].feature;
    let mut limits =
        given.iter().map(|one| one.feature.grant.allowance().and_then(|a| a.limit(one.quantity)));
    // One without limit makes the sum so.
    let limit = limits.try_fold(Decimal::ZERO, |sum, limit| sum.checked_add(limit?));
    let hard_cap = given.iter().all(|one| matches!(one.feature.grant, Grant::Metered { hard_cap: true, .. }));
    let metered =
        used.get(code).filter(|_| matches!(grant, Grant::Metered { .. })).map(|(question, used)| {
            let remaining = limit.map(|limit| (limit - *used).max(Decimal::ZERO));
            MeteredUse { used: *used, remaining, hard_cap, period: question.period }
        });
    let allowed = match &metered {
        Some(MeteredUse { remaining: Some(left), hard_cap: true, .. }) => *left > Decimal::ZERO,
        _ => !matches!(grant, Grant::Limit(_)) || limit.is_none_or(|limit| limit > Decimal::ZERO),
    };
    Entitlement {
        code: code.clone(),
        name: name.clone(),
        kind: grant.kind(),
        allowed,
        limit: if matches!(grant, Grant::Boolean) { None } else { limit },
        metered,
        subscriptions: given.iter().map(|one| one.subscription_id).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalog::features::Allowance;
    use uuid::Uuid;

    fn period() -> Period {
        Period::new("2026-01-01T00:00:00Z".parse().unwrap(), "2026-02-01T00:00:00Z".parse().unwrap()).unwrap()
    }

    fn given(n: u128, grant: Grant, quantity: i64) -> Given {
        let feature = Feature { code: "calls".to_owned(), name: "Calls".to_owned(), grant };
        let subscription_id = SubscriptionId::from_uuid(Uuid::from_u128(n));
        let stretches = vec![period()];
        Given { subscription_id, feature, quantity: Decimal::from(quantity), period: period(), stretches }
    }

    fn metered(amount: Option<i64>, hard_cap: bool) -> Grant {
        let allowance = Allowance { amount: amount.map(Decimal::from), per: None };
        Grant::Metered { meter_id: MeterId::from_uuid(Uuid::nil()), allowance, hard_cap }
    }

    fn after(given: &[Given], used: i64) -> (bool, Option<String>, Option<String>) {
        let used = questions(given)
            .into_iter()
            .map(|(code, question)| (code, (question, Decimal::from(used))))
            .collect();
        let found = entitlements(given, &used, &BTreeSet::new()).remove(0);
        let left = found.metered.and_then(|m| m.remaining).map(|left| left.to_string());
        (found.allowed, found.limit.map(|limit| limit.to_string()), left)
    }

    fn text(value: &str) -> Option<String> {
        Some(value.to_owned())
    }

    #[test]
    fn what_is_used_up_is_refused_only_under_a_hard_cap() {
        assert_eq!(
            after(&[given(1, metered(Some(10_000), true), 1)], 7_988),
            (true, text("10000"), text("2012"))
        );
        assert_eq!(
            after(&[given(1, metered(Some(10_000), true), 1)], 10_000),
            (false, text("10000"), text("0"))
        );
        assert_eq!(
            after(&[given(1, metered(Some(10_000), false), 1)], 12_000),
            (true, text("10000"), text("0"))
        );
    }

    #[test]
    fn two_subscriptions_add_their_limits_up_and_one_without_limit_lifts_it() {
        let both = [given(1, metered(Some(10_000), true), 1), given(2, metered(Some(5_000), true), 1)];
        assert_eq!(after(&both, 12_000), (true, text("15000"), text("3000")));
        let open = [given(1, metered(Some(10_000), true), 1), given(2, metered(None, true), 1)];
        assert_eq!(after(&open, 12_000), (true, None, None));
    }

    #[test]
    fn a_limit_per_seat_grows_with_the_seats_and_zero_allows_nothing() {
        let per_seat = |quantity| {
            let allowance = Allowance { amount: Some(Decimal::from(5)), per: Some("seat".to_owned()) };
            entitlements(&[given(1, Grant::Limit(allowance), quantity)], &BTreeMap::new(), &BTreeSet::new())
                .remove(0)
        };
        assert_eq!((per_seat(7).allowed, per_seat(7).limit), (true, Some(Decimal::from(35))));
        assert!(!per_seat(0).allowed);
    }

    #[test]
    fn a_boolean_has_no_number() {
        let found =
            entitlements(&[given(1, Grant::Boolean, 1)], &BTreeMap::new(), &BTreeSet::new()).remove(0);
        assert_eq!((found.allowed, found.limit, found.metered), (true, None, None));
    }
}
