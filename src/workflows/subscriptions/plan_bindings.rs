//! What becomes of what is bound to a price or a meter when a subscription moves to another version of its plan? A discount of `seat` goes on with
//! the new version's `seat`; with a version that has none, it takes nothing off any more.
//!
//! Reported by the dry run of a migration, before anybody is surprised.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::domain::credits::Grant;
use crate::domain::discounts::{AppliesTo, Discount};
use crate::domain::ids::{MeterId, PriceId, TenantId};
use crate::domain::subscriptions::{Subscription, Timeline};
use crate::storage::catalog::same_prices;
use crate::storage::customers::accounts;
use crate::storage::subscriptions::plan_migrations::{Binding, Bound};
use crate::storage::{Tx, budgets, credits, discounts};
use crate::workflows::Error;

/// What a subscription sells at an instant: the price of each code, and what its prices measure.
struct Sold {
    prices: BTreeMap<String, PriceId>,
    meters: BTreeSet<MeterId>,
}

impl Sold {
    fn at(timeline: &Timeline, at: DateTime<Utc>) -> Sold {
        let mut sold = Sold { prices: BTreeMap::new(), meters: BTreeSet::new() };
        for version in timeline.recurring_at(at) {
            sold.prices.insert(version.terms.code.to_string(), version.terms.price_id);
            sold.meters.extend(version.terms.metering.as_ref().map(|metering| metering.meter_id));
        }
        sold
    }
}

/// A subscription, and its timelines before and after it moves.
#[derive(Debug, Clone, Copy)]
pub struct Moving<'a> {
    pub subscription: &'a Subscription,
    pub before: &'a Timeline,
    pub after: &'a Timeline,
    pub at: DateTime<Utc>,
}

/// Every discount, credit grant and budget that is bound to something the subscription has, with what it is bound to then.
///
/// # Errors
/// Only what storage says.
pub fn compare(tx: &mut Tx<'_>, tenant_id: TenantId, moving: Moving<'_>) -> Result<Vec<Binding>, Error> {
    let (before, after) = (Sold::at(moving.before, moving.at), Sold::at(moving.after, moving.at));
    let between = Between { before: &before, after: &after };
    let (customer, id) = (moving.subscription.customer_id, moving.subscription.id);
    let payer = accounts::payer_of(tx, tenant_id, customer)?;
    let mut found = Vec::new();
    for (discount, applies_to) in discounts::bound(tx, tenant_id, ([customer, payer], id))? {
        if discount.ended_at.is_none_or(|end| end > moving.at) {
            let named = named_by(&discount, &applies_to);
            let same = same_prices::of_any(tx, tenant_id, &named)?;
            let bound = Bound::Discount(discount.id);
            found.extend(
                between.prices(bound, |code, id| applies_to.price_codes.contains(code) || same.contains(&id)),
            );
        }
    }
    for grant in credits::of_customer(tx, tenant_id, payer)?.grants {
        found.extend(between.of_grant(&grant));
    }
    for budget in budgets::of_subscription(tx, tenant_id, id)? {
        let meters: BTreeSet<MeterId> = budget.meter_id.into_iter().collect();
        found.extend(between.meters(Bound::Budget(budget.id), &meters));
    }
    Ok(found)
}

fn named_by(discount: &Discount, applies_to: &AppliesTo) -> BTreeSet<PriceId> {
    applies_to.price_ids.iter().copied().chain(discount.price_id).collect()
}

struct Between<'a> {
    before: &'a Sold,
    after: &'a Sold,
}

impl Between<'_> {
    fn of_grant(&self, grant: &Grant) -> Vec<Binding> {
        let named = |_: &str, id: PriceId| {
            grant.applies_to.price_ids.contains(&id) || grant.same_prices.contains(&id)
        };
        let bound = Bound::CreditGrant(grant.id);
        let mut found = self.prices(bound, named);
        found.extend(self.meters(bound, &grant.applies_to.meter_ids));
        found
    }

    fn prices(&self, bound: Bound, is_named: impl Fn(&str, PriceId) -> bool) -> Vec<Binding> {
        let named = self.before.prices.iter().filter(|(code, id)| is_named(code, **id));
        let binding = |(code, id): (&String, &PriceId)| Binding {
            bound,
            price_code: Some(code.clone()),
            from_price_id: Some(*id),
            to_price_id: self.after.prices.get(code).copied(),
            meter_id: None,
            follows: self.after.prices.contains_key(code),
        };
        named.map(binding).collect()
    }

    /// A meter stays what it is; what ends is that a price measures by it.
    fn meters(&self, bound: Bound, named: &BTreeSet<MeterId>) -> Vec<Binding> {
        let measured = self.before.meters.iter().filter(|id| named.contains(id));
        let binding = |id: &MeterId| Binding {
            bound,
            price_code: None,
            from_price_id: None,
            to_price_id: None,
            meter_id: Some(*id),
            follows: self.after.meters.contains(id),
        };
        measured.map(binding).collect()
    }
}
