//! Has usage come to what was to be alerted, capped or invoiced? Looks at the budgets whose customers used something since.
//!
//! Each look is one transaction with the customer locked: usage that is being recorded waits for it, and marks the budget to
//! be looked at again. So nothing is overlooked, and no alert is emitted twice.

use rust_decimal::Decimal;

use crate::domain::budgets::{Budget, Consequences, Found};
use crate::domain::events::EventType;
use crate::domain::ids::{BudgetId, CustomerId, TenantId};
use crate::domain::subscriptions::Subscription;
use crate::storage::billing::PriceBook;
use crate::storage::usage::{self, Ask};
use crate::storage::{Session, StorageError, Thing, Tx, budgets, customers, events, subscriptions};
use crate::workflows::billing::bill_customers::{self, Batch};
use crate::workflows::parked_work::Place;
use crate::workflows::usage::count_usage::{self, CountedPeriod};
use crate::workflows::{Error, Scope};

/// Looks at a budget. Ended meanwhile, it is nothing.
///
/// # Errors
/// What keeps it from being looked at, such as an amount that no invoice can hold.
pub fn run(session: &mut Session, place: Place, id: BudgetId) -> Result<(), Error> {
    session.transaction("check_budget", |tx| {
        let scope = place.scope(tx)?;
        let customer_id = budgets::find(tx, place.tenant_id, id)?.customer_id;
        look(tx, &scope, (id, customer_id))
    })
}

/// Has every budget in force of a tenant looked at: its clock was moved.
///
/// # Errors
/// Storage.
pub fn touch_all(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<(), Error> {
    Ok(budgets::touch_all(tx, tenant_id)?)
}

fn look(tx: &mut Tx<'_>, scope: &Scope, (id, customer_id): (BudgetId, CustomerId)) -> Result<(), Error> {
    let (customer, _held) = customers::lock(tx, scope.tenant_id, customer_id)?;
    let budget = budgets::find(tx, scope.tenant_id, id)?;
    if budget.ended_at.is_some() {
        return Ok(());
    }
    // Billing knows the subscription under whoever pays.
    let payer = customers::find(tx, scope.tenant_id, customer.payer())?;
    let subscription = subscriptions::find(tx, scope.tenant_id, budget.subscription_id)?;
    let found = find(tx, scope, (&budget, &subscription))?;
    let place = (scope.tenant_id, id);
    let reported = budgets::reported(tx, place, found.period.start)?;
    let follows = budget.look(found, &reported);
    budgets::looked(tx, place, follows.seen)?;
    budgets::record_alerts(tx, place, (found.period.start, scope.now), &follows.alerts)?;
    emit(tx, scope, &budget, &found, &follows)?;
    if follows.invoice_now {
        let batch = Batch { usage_early: Some(budget.subscription_id), ..Batch::alone(scope, payer.id) };
        bill_customers::run(tx, scope, &batch, &mut PriceBook::default())?;
    }
    Ok(())
}

/// What was used in the subscription's current period, in the budget's measure, and what of its cost is not billed.
fn find(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (budget, subscription): (&Budget, &Subscription),
) -> Result<Found, Error> {
    let mut periods = count_usage::current_periods(tx, scope, &[subscription])?;
    let counted = periods.remove(&subscription.id);
    let CountedPeriod { period, stretches } =
        counted.ok_or_else(|| StorageError::not_found(Thing::Subscription, subscription.id))?;
    let Some(meter_id) = budget.meter_id else {
        let spent = bill_customers::spent(tx, scope, (budget.subscription_id, period))?;
        return Ok(Found { period, used: spent.used, unbilled: spent.unbilled });
    };
    let meters = usage::meters(tx, scope.tenant_id, &[meter_id])?;
    let meter = meters.first().ok_or_else(|| StorageError::not_found(Thing::Meter, meter_id))?;
    let ask = Ask { customer_id: budget.customer_id, meter, stretches: &stretches };
    let measured = usage::measure(tx, scope.tenant_id, &[ask])?.pop().unwrap_or_default();
    let used = measured.quantity().map_err(|e| StorageError::unreadable("usage", e))?;
    Ok(Found { period, used, unbilled: Decimal::ZERO })
}

fn emit(
    tx: &mut Tx<'_>,
    scope: &Scope,
    budget: &Budget,
    found: &Found,
    follows: &Consequences,
) -> Result<(), Error> {
    let event = |type_, threshold: Option<Decimal>| {
        let data = serde_json::json!({
            "object": "budget",
            "id": budget.id,
            "customer_id": budget.customer_id,
            "subscription_id": budget.subscription_id,
            "meter_id": budget.meter_id,
            "threshold": threshold.map(|t| t.normalize().to_string()),
            "limit": budget.limit.map(|l| l.normalize().to_string()),
            "used": found.used.normalize().to_string(),
            "period": { "start": found.period.start, "end": found.period.end },
        });
        scope.event(type_, budget.id.uuid(), data)
    };
    let mut emitted: Vec<_> =
        follows.alerts.iter().map(|threshold| event(EventType::BudgetAlert, Some(*threshold))).collect();
    if follows.newly_exhausted {
        emitted.push(event(EventType::BudgetExhausted, budget.limit));
    }
    Ok(events::record(tx, scope.tenant_id, &emitted)?)
}
