//! What does a month of one subscription come to at an instant? Each price for a whole period, in twelfths of a year: 120.00 a year are 10.00, 7.00 a week
//! are 30.33, rounded once.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::domain::billing::unbillable::Unbillable;
use crate::domain::calendar::{Interval, Unit};
use crate::domain::catalog::PriceKind;
use crate::domain::ids::{ItemId, PlanId, PriceId};
use crate::domain::money::{Money, rounding};
use crate::domain::rating;
use crate::domain::subscriptions::{ItemVersion, Timeline};

/// A price of a subscription: how many, of which plan, and what a month of it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) quantity: Decimal,
    pub(super) plan: Option<PlanId>,
    /// In major units, not rounded.
    pub(super) monthly: Decimal,
}

/// Those in force at an instant.
pub(super) fn at(
    timeline: &Timeline,
    instant: DateTime<Utc>,
    plan_of: &impl Fn(PriceId) -> Option<PlanId>,
) -> Result<BTreeMap<ItemId, Part>, Unbillable> {
    let recurring = timeline.recurring_at(instant).filter(|v| v.terms.kind == PriceKind::Recurring);
    recurring
        .map(|version| {
            let interval = timeline.cycle_of(version).interval();
            let monthly = monthly(version, timeline, interval)?;
            let part = Part { quantity: version.quantity, plan: plan_of(version.terms.price_id), monthly };
            Ok((version.item_id, part))
        })
        .collect()
}

fn monthly(version: &ItemVersion, timeline: &Timeline, interval: Interval) -> Result<Decimal, Unbillable> {
    let rated = rating::rate(version.model(), version.quantity)?;
    let period = rounding::round_to_minor(rated.amount, timeline.currency)?;
    let a_year = match interval.unit {
        Unit::Day => 365,
        Unit::Week => 52,
        Unit::Month => 12,
        Unit::Quarter => 4,
        Unit::Year => 1,
    };
    // Multiplied first and divided once.
    Ok(period.to_decimal() * Decimal::from(a_year) / Decimal::from(12 * u32::from(interval.count)))
}

/// What they come to together, rounded once.
pub(super) fn sum(timeline: &Timeline, parts: &BTreeMap<ItemId, Part>) -> Result<Money, Unbillable> {
    let major: Decimal = parts.values().map(|part| part.monthly).sum();
    Ok(rounding::round_to_minor(major, timeline.currency)?)
}

/// Every instant at which something of it begins or ends, in order.
pub(super) fn instants(timeline: &Timeline) -> Vec<DateTime<Utc>> {
    let versions = timeline.versions.iter().filter(|v| !v.is_empty() && v.terms.kind == PriceKind::Recurring);
    let mut instants: Vec<DateTime<Utc>> =
        versions.flat_map(|version| [Some(version.valid_from), version.valid_to]).flatten().collect();
    instants.sort_unstable();
    instants.dedup();
    instants
}
