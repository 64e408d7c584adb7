//! What does a customer buy from now on, from a past day on, or from a later day on? Starts a subscription and bills what is due of it.
//!
//! Started on 1 March as of 1 January with 31.00 a month in advance, it has three invoices of 31.00 when the answer comes.

use chrono::{DateTime, Utc};

use super::edit_subscription::Origin;
use super::plan_phases;
use crate::domain::billing::segments;
use crate::domain::events::EventType;
use crate::domain::fields::Faults;
use crate::domain::ids::{CustomerId, InvoiceId, PlanId, SubscriptionId};
use crate::domain::money::{Currency, round_to_minor};
use crate::domain::payments::Refused;
use crate::domain::payments::preferences::{OwnerId, Preferences};
use crate::domain::rating;
use crate::domain::refusal::Invalid;
use crate::domain::subscriptions::Timeline;
use crate::domain::subscriptions::items::ChosenItem;
use crate::domain::subscriptions::ramp::PhaseRequest;
use crate::domain::subscriptions::start::{Basis, Days, StartRequest};
use crate::storage::payments::retries::policies;
use crate::storage::payments::{payment_methods, preferences};
use crate::storage::subscriptions::Started;
use crate::storage::{Tx, catalog, customers, events, subscriptions};
use crate::workflows::billing::bill_customers;
use crate::workflows::catalog::check_plan_meters;
use crate::workflows::discounts::redeem_coupon;
use crate::workflows::error::Referenced;
use crate::workflows::{Error, Holding, Scope};

/// Who buys what.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub customer_id: CustomerId,
    /// Bought in its latest version.
    pub plan_id: PlanId,
    pub request: StartRequest,
    /// Its instants that are given as days of the customer.
    pub days: Days,
    /// A coupon's code or id, redeemed for this subscription from its first charge on.
    pub coupon: Option<String>,
    /// What it becomes later on.
    pub phases: Vec<PhaseRequest>,
    /// What is charged for it, and how that is tried again.
    pub preferences: Preferences,
    pub origin: Origin,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub id: SubscriptionId,
    pub start_at: DateTime<Utc>,
    /// Made at once.
    pub invoices: Vec<InvoiceId>,
}

/// Starts the subscription and bills its first charges, when any are due, in the same transaction.
///
/// # Errors
/// [`Invalid`] values, `unknown_customer`, `unknown_plan`; the rules of [`start`](crate::domain::subscriptions::start);
/// `external_id_taken`; the rules of [`ramp`](crate::domain::subscriptions::ramp); `unknown_coupon` and the rules of [`redeem`](crate::domain::discounts::redeem).
pub fn run(tx: &mut Tx<'_>, scope: &Scope, mut order: Order) -> Result<Outcome, Error> {
    let (customer, held) =
        customers::lock(tx, scope.tenant_id, order.customer_id).or_unknown("/customer_id")?;
    let scope = &scope.holding(held);
    let plan = catalog::find_plan(tx, scope.tenant_id, order.plan_id).or_unknown("/plan_id")?;
    let version = catalog::find_version(tx, scope.tenant_id, (plan.id, plan.latest_version))?;

    order.request.currency.get_or_insert(customer.currency);
    order.days.put_in(&mut order.request, customer.time_zone.unwrap_or(scope.zone))?;
    let chosen = order.request.choose(&version)?;
    let basis = Basis { customer: &customer, plan: &version, zone: scope.zone, now: scope.now };
    let (subscription, timeline) = order.request.clone().start(&chosen, basis, || scope.mint())?;
    check_amounts(&chosen, &timeline, subscription.currency)?;
    check_plan_meters::overrides(tx, scope, timeline.versions.iter())?;
    let cursor = segments::first_look(&timeline)?;
    let (id, start_at) = (subscription.id, subscription.start_at);
    let since = (subscription.begins_at(), subscription.cycle.zone());
    let mut is_due = cursor.next_bill_at.is_some_and(|at| at <= scope.now);

    let event = scope.event(EventType::SubscriptionCreated, id.uuid(), subscription.event_data());
    let started = Started { payer_id: customer.payer(), subscription, timeline, cursor, by: scope.by };
    subscriptions::insert(tx, &scope.held, &[started])?;
    events::record(tx, scope.tenant_id, &[event])?;
    if !order.phases.is_empty() {
        is_due |= plan_phases::run(tx, scope, (id, since), (&order.phases, &order.origin))?;
    }
    prefer(tx, scope, (id, order.preferences))?;
    if let Some(coupon) = order.coupon {
        redeem_coupon::for_new(tx, scope, coupon, id)?;
    }
    let invoices = if is_due { bill_customers::one(tx, scope, customer.id)? } else { Vec::new() };
    Ok(Outcome { id, start_at, invoices })
}

/// Before the first invoice, which is charged and tried again as it says.
fn prefer(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (id, said): (SubscriptionId, Preferences),
) -> Result<(), Error> {
    if let Some(method) = said.payment_method_id {
        let method = payment_methods::find(tx, scope.tenant_id, method).or_unknown("/payment_method_id")?;
        if scope.held.get(method.customer_id).is_none() {
            return Err(Refused::MethodOfAnotherCustomer.into());
        }
        if method.detached_at.is_some() {
            return Err(Refused::Detached.into());
        }
    }
    if let Some(policy) = said.retry_policy_id {
        policies::find(tx, scope.tenant_id, policy).or_unknown("/retry_policy_id")?;
    }
    Ok(preferences::set(tx, &scope.held, (OwnerId::Subscription(id), said), scope.now)?)
}

/// Refuses a quantity whose price no invoice line could hold: better now than at the first bill.
fn check_amounts(chosen: &[ChosenItem<'_>], timeline: &Timeline, currency: Currency) -> Result<(), Invalid> {
    let mut faults = Faults::none();
    for (item, version) in chosen.iter().zip(&timeline.versions) {
        let amount = rating::rate(version.model(), version.quantity)
            .and_then(|rated| round_to_minor(rated.amount, currency));
        if let Err(error) = amount {
            faults.add(&item.pointer, "amount_out_of_range", error);
        }
    }
    faults.into_result()
}
