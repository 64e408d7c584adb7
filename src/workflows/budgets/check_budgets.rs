//! Has usage come to what was to be told, capped or invoiced? Looks at the budgets whose customers used something since.
//!
//! Each look is one transaction with the customer locked: usage that is being recorded waits for it, and marks the budget to
//! be looked at again. So nothing is overlooked, and no alert is told twice.

use chrono::TimeDelta;
use rust_decimal::Decimal;

use crate::domain::budgets::{Budget, Consequences, Found};
use crate::domain::events::EventType;
use crate::domain::ids::{BudgetId, CustomerId, TenantId};
use crate::domain::subscriptions::Subscription;
use crate::storage::billing::PriceBook;
use crate::storage::usage::{self, Ask};
use crate::storage::{Session, StorageError, Tx, budgets, customers, events, subscriptions};
use crate::workflows::billing::bill_customers::{self, Batch};
use crate::workflows::usage::count_usage::{self, CountedPeriod};
use crate::workflows::{Error, Scope};

/// After how long one that could not be looked at is tried again.
const RETRY: TimeDelta = TimeDelta::hours(1);
/// Budgets looked at before the list of those due is read again.
const BATCH: i64 = 200;

/// Looks at every budget of a tenant that is due, and gives how many there were.
pub fn run(session: &mut Session, tenant_id: TenantId) -> Result<u64, Error> {
    let mut looked = 0;
    loop {
        let due = session.read(|tx| {
            let now = Scope::load(tx, tenant_id)?.now;
            Ok::<_, Error>(budgets::due(tx, tenant_id, (now, BATCH))?)
        })?;
        if due.is_empty() {
            return Ok(looked);
        }
        for (id, customer_id) in due {
            let found = session.transaction("check_budget", |tx| {
                let scope = Scope::load(tx, tenant_id)?;
                look(tx, &scope, (id, customer_id))
            });
            match found {
                Err(error) if !error.is_outage() => put_off(session, (tenant_id, id), &error)?,
                found => found?,
            }
            looked += 1;
        }
    }
}

/// Looks at every budget in force of a tenant: its clock was moved.
pub fn run_all(session: &mut Session, tenant_id: TenantId) -> Result<u64, Error> {
    session.transaction("touch_budgets", |tx| budgets::touch_all(tx, tenant_id))?;
    run(session, tenant_id)
}

/// One customer's trouble, such as an amount that no invoice can hold, keeps no other budget from being looked at.
fn put_off(session: &mut Session, place: (TenantId, BudgetId), error: &Error) -> Result<(), Error> {
    tracing::warn!(tenant_id = %place.0, budget_id = %place.1, %error, "a budget cannot be looked at; it is tried again in an hour");
    session.transaction("put_off_budget", |tx| {
        let scope = Scope::load(tx, place.0)?;
        Ok(budgets::look_at(tx, place, scope.now + RETRY)?)
    })
}

/// The tenants that have budgets to be looked at.
pub fn tenants_due(session: &mut Session) -> Result<Vec<TenantId>, Error> {
    Ok(session.read(budgets::tenants_due)?)
}

fn look(tx: &mut Tx<'_>, scope: &Scope, (id, customer_id): (BudgetId, CustomerId)) -> Result<(), Error> {
    let customer = customers::lock(tx, scope.tenant_id, customer_id)?;
    let budget = budgets::find(tx, scope.tenant_id, id)?;
    if budget.ended_at.is_some() {
        return Ok(());
    }
    // Billing knows the subscription under whoever pays.
    let payer = customers::find(tx, scope.tenant_id, customer.payer())?;
    let subscription = subscriptions::find(tx, scope.tenant_id, budget.subscription_id)?;
    let found = find(tx, scope, (&budget, &subscription))?;
    let place = (scope.tenant_id, id);
    let told = budgets::told(tx, place, found.period.start)?;
    let follows = budget.look(found, &told);
    budgets::looked(tx, place, follows.seen)?;
    budgets::tell(tx, place, (found.period.start, scope.now), &follows.alerts)?;
    tell(tx, scope, (&budget, &found, &follows))?;
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
    let mut periods = count_usage::current_periods(tx, scope, (budget.customer_id, &[subscription]))?;
    let counted = periods.remove(&subscription.id);
    let CountedPeriod { period, stretches } =
        counted.ok_or_else(|| StorageError::not_found("subscription", subscription.id))?;
    let Some(meter_id) = budget.meter_id else {
        let spent = bill_customers::spent(tx, scope, (budget.subscription_id, period))?;
        return Ok(Found { period, used: spent.used, unbilled: spent.unbilled });
    };
    let meters = usage::meters(tx, scope.tenant_id, &[meter_id])?;
    let meter = meters.first().ok_or_else(|| StorageError::not_found("meter", meter_id))?;
    let ask = Ask { customer_id: budget.customer_id, meter, stretches: &stretches };
    let measured = usage::measure(tx, scope.tenant_id, &[ask])?.pop().unwrap_or_default();
    let used = measured.quantity().map_err(|e| StorageError::unreadable("usage", e))?;
    Ok(Found { period, used, unbilled: Decimal::ZERO })
}

fn tell(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (budget, found, follows): (&Budget, &Found, &Consequences),
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
    let mut told: Vec<_> =
        follows.alerts.iter().map(|threshold| event(EventType::BudgetAlert, Some(*threshold))).collect();
    if follows.newly_exhausted {
        told.push(event(EventType::BudgetExhausted, budget.limit));
    }
    Ok(events::record(tx, scope.tenant_id, &told)?)
}
