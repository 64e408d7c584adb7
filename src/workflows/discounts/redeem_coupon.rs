//! A coupon is redeemed: by a customer for all subscriptions, for one of them, or for one price. Its limits hold however many
//! redeem it at once, because each locks its row.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::domain::discounts::redeem::{Redemption, is_billed_now};
use crate::domain::discounts::{Coupon, Discount, Off};
use crate::domain::events::EventType;
use crate::domain::ids::{CustomerId, DiscountId, PriceId, SubscriptionId};
use crate::domain::money::Currency;
use crate::domain::refusal::Invalid;
use crate::domain::subscriptions::{Status, Subscription};
use crate::storage::subscriptions::phases;
use crate::storage::{Tx, customers, discounts, events, subscriptions};
use crate::workflows::error::Referenced;
use crate::workflows::{Error, Holding, Scope};

/// Who redeems what, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The coupon's code or id.
    pub coupon: String,
    pub for_: For,
    /// Of this price only.
    pub price_id: Option<PriceId>,
}

/// For what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// All subscriptions of a customer.
    Customer(CustomerId),
    /// One subscription.
    Subscription(SubscriptionId),
}

/// Redeems it, from now on.
///
/// # Errors
/// `unknown_coupon`, `unknown_customer`, `unknown_subscription`, `price_not_in_subscription`; the rules of
/// [`redeem`](crate::domain::discounts::redeem).
pub fn run(tx: &mut Tx<'_>, scope: &Scope, order: Order) -> Result<Discount, Error> {
    let tenant_id = scope.tenant_id;
    let (customer_id, subscription) = match order.for_ {
        For::Customer(id) => (id, None),
        For::Subscription(id) => {
            let subscription = subscriptions::find(tx, tenant_id, id).or_unknown("/subscription_id")?;
            (subscription.customer_id, Some(subscription))
        }
    };
    let (customer, held) = customers::lock(tx, tenant_id, customer_id).or_unknown("/customer_id")?;
    let scope = &scope.holding(held);
    if let Some(subscription) = &subscription {
        check(tx, scope, (subscription, order.price_id))?;
    }
    let coupon = discounts::lock_coupon(tx, tenant_id, &order.coupon).or_unknown("/coupon")?;
    let whose = (customer_id, subscription.as_ref().map(|s| s.id));
    let billed_now = is_billed_now(&discounts::billed_around(tx, tenant_id, whose, scope.now)?, scope.now);
    let currency = subscription.as_ref().map_or(customer.currency, |s| s.currency);
    let wanted =
        Wanted { customer_id, currency, subscription, price_id: order.price_id, billed_now, running: true };
    let decided = decide(tx, scope, coupon, &wanted)?;
    save(tx, scope, decided)
}

/// Redeems it for a subscription that has just been started and not been billed: from its first charge on.
///
/// # Errors
/// `unknown_coupon`; the rules of [`redeem`](crate::domain::discounts::redeem).
pub fn for_new(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    coupon: String,
    id: SubscriptionId,
) -> Result<Discount, Error> {
    let subscription = subscriptions::find(tx, scope.tenant_id, id)?;
    let coupon = discounts::lock_coupon(tx, scope.tenant_id, &coupon).or_unknown("/coupon")?;
    let (customer_id, start_at) = (subscription.customer_id, subscription.start_at);
    let wanted = Wanted {
        customer_id,
        currency: subscription.currency,
        subscription: Some(subscription),
        price_id: None,
        billed_now: false,
        running: false,
    };
    let (coupon, discount) = decide(tx, scope, coupon, &wanted)?;
    // A start in the past is billed from there, and so it is discounted.
    save(tx, scope, (coupon, Discount { starts_at: start_at, ..discount }))
}

struct Wanted {
    customer_id: CustomerId,
    /// The customer's own, or the subscription's.
    currency: Currency,
    subscription: Option<Subscription>,
    price_id: Option<PriceId>,
    billed_now: bool,
    /// Whether it has been billed: what was charged once stays as it is.
    running: bool,
}

fn check(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (subscription, price): (&Subscription, Option<PriceId>),
) -> Result<(), Error> {
    if subscription.status(scope.now) == Status::Ended {
        let detail = "this subscription has ended: there is nothing to take anything off";
        return Err(Invalid::one("/subscription_id", "subscription_ended", detail).into());
    }
    if let Some(price) = price
        && !discounts::sells(tx, scope.tenant_id, (subscription.id, price))?
    {
        let detail = "this subscription has no item of this price; read it for its items";
        return Err(Invalid::one("/price_id", "price_not_in_subscription", detail).into());
    }
    Ok(())
}

fn decide(
    tx: &mut Tx<'_>,
    scope: &Scope,
    coupon: Coupon,
    wanted: &Wanted,
) -> Result<(Coupon, Discount), Error> {
    let by_customer = discounts::redemptions_of(tx, scope.tenant_id, (coupon.id, wanted.customer_id))?;
    let subscription = wanted.subscription.as_ref();
    let takes_something = takes_something(tx, scope, (&coupon, wanted))?;
    let (coupon, starts_at) = coupon.redeem(Redemption {
        now: scope.now,
        by_customer,
        currency: subscription.map(|s| s.currency),
        subscription_start: subscription.map(|s| s.start_at),
        billed_now: wanted.billed_now,
        takes_something,
    })?;
    let discount = Discount {
        id: DiscountId::from_uuid(scope.mint()),
        coupon_id: coupon.id,
        coupon_code: coupon.code.as_str().into(),
        customer_id: wanted.customer_id,
        subscription_id: subscription.map(|s| s.id),
        price_id: wanted.price_id,
        off: Arc::new(coupon.off.clone()),
        duration: coupon.duration,
        prices: None,
        starts_at,
        ended_at: None,
        created_at: scope.now,
    };
    Ok((coupon, discount))
}

/// Whether there is a price it could take something off: had, planned, or in the plans that are or will be had.
fn takes_something(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (coupon, wanted): (&Coupon, &Wanted),
) -> Result<bool, Error> {
    let (mut from, mut subscription) = (scope.now, None);
    if let Some(wanted_subscription) = &wanted.subscription {
        // What falls due now and was billed without it is over.
        let now = scope.now + TimeDelta::microseconds(i64::from(wanted.billed_now));
        from = if wanted.running { now } else { wanted_subscription.start_at };
        let later = phases::later(tx, scope.tenant_id, wanted_subscription)?;
        let ahead = later.iter().filter(|phase| !phase.replaced && phase.valid_from > scope.now);
        let now = wanted_subscription.phase_at(&later, scope.now).plan_id;
        subscription =
            Some((wanted_subscription.id, ahead.map(|phase| phase.plan_id).chain([now]).collect()));
    }
    let currencies = match &coupon.off {
        Off::Percent(_) => None,
        // Whatever else it buys, a customer buys in its own currency.
        Off::Amounts(amounts) if amounts.contains_key(&wanted.currency) => None,
        Off::Amounts(amounts) => Some(amounts.keys().copied().collect()),
    };
    let (applies_to, price_id, customer_id) = (&coupon.applies_to, wanted.price_id, wanted.customer_id);
    let wanted = discounts::Wanted { applies_to, price_id, currencies, customer_id, subscription, from };
    Ok(discounts::takes_something(tx, scope.tenant_id, &wanted)?)
}

fn save(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (coupon, discount): (Coupon, Discount),
) -> Result<Discount, Error> {
    discounts::update_coupon(tx, scope.tenant_id, &coupon)?;
    discounts::insert_discount(tx, &scope.held, &discount)?;
    let event = scope.event(EventType::DiscountCreated, discount.id.uuid(), discount.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(discount)
}
