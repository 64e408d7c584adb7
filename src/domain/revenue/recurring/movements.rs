//! What moved a customer's monthly recurring revenue, and when? At each instant what each subscription comes to after it, less what it came to before.
//!
//! From nothing it is new or reactivated, to nothing it is churn; between, what the same things cost now is price, the rest expansion or contraction.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::parts::{self, Part};
use super::{Kind, Movement};
use crate::domain::billing::unbillable::Unbillable;
use crate::domain::ids::{CustomerId, ItemId, PlanId, PriceId};
use crate::domain::money::{Currency, Money, rounding};
use crate::domain::subscriptions::Timeline;

/// Of a subscription up to now: what there is, and what it comes to.
struct Standing<'t> {
    timeline: &'t Timeline,
    parts: BTreeMap<ItemId, Part>,
    sum: Money,
}

/// Every movement of one customer before an instant, of timelines in one currency.
///
/// # Errors
/// A price cannot be reckoned.
pub fn movements(
    customer_id: CustomerId,
    (timelines, currency): (&[&Timeline], Currency),
    (before, plan_of): (DateTime<Utc>, &impl Fn(PriceId) -> Option<PlanId>),
) -> Result<Vec<Movement>, Unbillable> {
    let zero = Money::zero(currency);
    let instants: BTreeSet<DateTime<Utc>> = timelines.iter().flat_map(|t| parts::instants(t)).collect();
    let mut standing: Vec<Standing<'_>> =
        timelines.iter().map(|timeline| Standing { timeline, parts: BTreeMap::new(), sum: zero }).collect();
    let (mut whole, mut had_some) = (zero, false);
    let mut moved = Vec::new();
    for at in instants.into_iter().take_while(|at| *at < before) {
        let mut steps = Vec::new();
        let mut after = zero;
        for one in &mut standing {
            let parts = parts::at(one.timeline, at, plan_of)?;
            let sum = parts::sum(one.timeline, &parts)?;
            after = after.checked_add(sum)?;
            steps.push((one.timeline.subscription_id, step(one, (&parts, sum))?));
            (one.parts, one.sum) = (parts, sum);
        }
        let whole_kind = match (whole.is_zero(), after.is_zero()) {
            (true, false) if had_some => Some(Kind::Reactivation),
            (true, false) => Some(Kind::New),
            (false, true) => Some(Kind::Churn),
            _ => None,
        };
        for (subscription_id, Step { price, rest }) in steps {
            let movement = |kind, amount| Movement { customer_id, subscription_id, at, kind, amount };
            match whole_kind {
                Some(kind) => moved.push(movement(kind, price.checked_add(rest)?)),
                None => {
                    let kind = if rest.is_negative() { Kind::Contraction } else { Kind::Expansion };
                    moved.extend([movement(Kind::Price, price), movement(kind, rest)]);
                }
            }
        }
        whole = after;
        had_some |= !whole.is_zero();
    }
    moved.retain(|movement| !movement.amount.is_zero());
    Ok(moved)
}

/// By how much a subscription moved.
struct Step {
    /// Because the same things cost something else.
    price: Money,
    rest: Money,
}

fn step(before: &Standing<'_>, (after, sum): (&BTreeMap<ItemId, Part>, Money)) -> Result<Step, Unbillable> {
    let same = |(item, part): (&ItemId, &Part)| {
        let was = before.parts.get(item)?;
        let is_same = was.quantity == part.quantity && was.plan.is_some() && was.plan == part.plan;
        is_same.then(|| part.monthly - was.monthly)
    };
    let dearer: Decimal = after.iter().filter_map(same).sum();
    let price = rounding::round_to_minor(dearer, sum.currency())?;
    let all = sum.checked_sub(before.sum)?;
    Ok(Step { price, rest: all.checked_sub(price)? })
}
