//! Has usage come to what was to be alerted, capped or invoiced? Looks at the budgets whose customers used something since.
//!
//! Each look is one transaction with the customers locked: usage that is being recorded waits for it, and marks its budgets to
//! be looked at again. So nothing is overlooked, and no alert is emitted twice. 1,200 busy budgets are looked at in three transactions.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rust_decimal::Decimal;

use crate::domain::budgets::{Budget, Consequences, Found};
use crate::domain::calendar::Period;
use crate::domain::events::{Event, EventType};
use crate::domain::ids::{BudgetId, CustomerId, MeterId, SubscriptionId, TenantId};
use crate::storage::billing::PriceBook;
use crate::storage::budgets::Alert;
use crate::storage::customers::locks;
use crate::storage::usage::{self, Ask};
use crate::storage::{Session, StorageError, Thing, Tx, budgets, customers, due, events, subscriptions};
use crate::workflows::billing::bill_customers::{self, Batch};
use crate::workflows::parked_work::{self, Attempted, Owned, Place};
use crate::workflows::usage::count_usage::{self, CountedPeriod};
use crate::workflows::{Error, Scope};

/// Budgets of one batch.
const BATCH: usize = 500;

/// Looks at every budget that is due, many in a transaction: what they look at is read at once for all of them.
///
/// # Errors
/// The database cannot be reached.
pub fn run(session: &mut Session, place: Place) -> Result<Attempted, Error> {
    // What is marked again meanwhile is left for the next time: a customer who never rests holds up no other tenant.
    let mut done: HashSet<BudgetId> = HashSet::new();
    parked_work::batches_under_locks(session, &due::BUDGETS, place, BATCH, |session, items, locked| {
        let items: Vec<Owned> =
            items.iter().filter(|item| !done.contains(&BudgetId::from_uuid(item.1))).copied().collect();
        if items.is_empty() {
            return Ok(0);
        }
        let looked = session.transaction("check_budgets", |tx| {
            let scope = place.scope(tx)?;
            let mut customers: Vec<CustomerId> = items.iter().map(|item| item.0).collect();
            customers.sort_unstable();
            customers.dedup();
            let held = locks::each(tx, place.tenant_id, &customers, locked)?;
            let is_held = |item: &&Owned| held.get(item.0).is_some();
            let ids =
                items.iter().filter(is_held).map(|item| BudgetId::from_uuid(item.1)).collect::<Vec<_>>();
            look_at(tx, &scope, (&ids, Invoicing::Apart))
        })?;
        // Those of which usage is to be invoiced are looked at with who pays for it held, and stay due until they are invoiced.
        for id in &looked.to_invoice {
            one(session, place, *id)?;
        }
        done.extend(looked.ids.iter().copied());
        Ok(looked.ids.len())
    })
}

/// Looks at one budget, and invoices its usage early when there is enough. Ended meanwhile, it is nothing.
///
/// # Errors
/// What keeps it from being looked at, such as an amount that no invoice can hold.
pub fn one(session: &mut Session, place: Place, id: BudgetId) -> Result<(), Error> {
    session.transaction("check_budget", |tx| {
        let scope = place.scope(tx)?;
        let customer_id = budgets::find(tx, place.tenant_id, id)?.customer_id;
        let (customer, _held) = customers::lock(tx, place.tenant_id, customer_id)?;
        let looked = look_at(tx, &scope, (&[id], Invoicing::Here))?;
        if looked.to_invoice.is_empty() {
            return Ok(());
        }
        let budget = budgets::find(tx, place.tenant_id, id)?;
        // Billing knows the subscription under whoever pays.
        let usage_early = Some(budget.subscription_id);
        let batch = Batch { usage_early, ..Batch::alone(&scope, customer.payer()) };
        bill_customers::run(tx, &scope, &batch, &mut PriceBook::default())?;
        Ok(())
    })
}

/// Has every budget in force of a tenant looked at: its clock was moved.
///
/// # Errors
/// Storage.
pub fn touch_all(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<(), Error> {
    Ok(budgets::touch_all(tx, tenant_id)?)
}

/// When usage of which there is enough is invoiced.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Invoicing {
    /// In the transaction of the look.
    Here,
    /// In another: the budget is left as it is, due.
    Apart,
}

/// What came of a look at many.
struct Looked {
    ids: Vec<BudgetId>,
    /// Budgets of which usage is to be invoiced now.
    to_invoice: Vec<BudgetId>,
}

/// Looks at budgets whose customers are held; those that have ended are left out.
fn look_at(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (ids, invoicing): (&[BudgetId], Invoicing),
) -> Result<Looked, Error> {
    let tenant_id = scope.tenant_id;
    let in_force = budgets::in_force(tx, tenant_id, ids)?;
    let mut found = find(tx, scope, &in_force)?;
    let mut looks: Vec<(Budget, Found)> = Vec::with_capacity(in_force.len());
    looks.extend(
        in_force.into_iter().filter_map(|budget| found.remove(&budget.id).map(|found| (budget, found))),
    );
    let starts: Vec<_> = looks.iter().map(|(budget, found)| (budget.id, found.period.start)).collect();
    let reported = budgets::reported(tx, tenant_id, &starts)?;
    let (mut seen, mut alerts, mut emitted) = (Vec::new(), Vec::new(), Vec::new());
    let mut to_invoice = Vec::new();
    for (budget, found) in &looks {
        let follows = budget.look(*found, reported.get(&budget.id).map_or(&[], Vec::as_slice));
        to_invoice.extend(follows.invoice_now.then_some(budget.id));
        if follows.invoice_now && invoicing == Invoicing::Apart {
            continue;
        }
        emit(scope, (budget, found), &follows, &mut emitted);
        seen.push((budget.id, follows.seen));
        let threshold = |threshold: &Decimal| Alert {
            budget_id: budget.id,
            period_start: found.period.start,
            threshold: *threshold,
        };
        alerts.extend(follows.alerts.iter().map(threshold));
    }
    budgets::looked(tx, tenant_id, &seen)?;
    budgets::record_alerts(tx, (tenant_id, scope.now), &alerts)?;
    events::record(tx, tenant_id, &emitted)?;
    Ok(Looked { ids: looks.into_iter().map(|(budget, _)| budget.id).collect(), to_invoice })
}

/// What was used in the subscriptions' current periods, in each budget's measure, and what of its cost is not billed.
fn find(tx: &mut Tx<'_>, scope: &Scope, all: &[Budget]) -> Result<HashMap<BudgetId, Found>, Error> {
    let ids: BTreeSet<SubscriptionId> = all.iter().map(|budget| budget.subscription_id).collect();
    let subscriptions =
        subscriptions::find_all(tx, scope.tenant_id, &ids.into_iter().collect::<Vec<SubscriptionId>>())?;
    let periods = count_usage::current_periods(tx, scope, &subscriptions.iter().collect::<Vec<_>>())?;
    let of_cost = all.iter().filter(|budget| budget.meter_id.is_none());
    let of_cost = of_cost
        .filter_map(|budget| Some((budget.subscription_id, periods.get(&budget.subscription_id)?.period)));
    let of_cost: BTreeMap<SubscriptionId, Period> = of_cost.collect();
    let spent = match of_cost.is_empty() {
        true => BTreeMap::new(),
        false => bill_customers::spent(tx, scope, &of_cost)?,
    };
    let mut measured = measure(tx, scope, (all, &periods))?;
    let mut found = HashMap::with_capacity(all.len());
    for budget in all {
        let Some(CountedPeriod { period, .. }) = periods.get(&budget.subscription_id) else { continue };
        let (used, unbilled) = match budget.meter_id {
            Some(_) => (measured.remove(&budget.id).unwrap_or_default(), Decimal::ZERO),
            None => {
                let spent = spent.get(&budget.subscription_id).copied().unwrap_or_default();
                (spent.used, spent.unbilled)
            }
        };
        found.insert(budget.id, Found { period: *period, used, unbilled });
    }
    Ok(found)
}

/// What the meters of those budgets measured that are in a meter's unit.
fn measure(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (all, periods): (&[Budget], &BTreeMap<SubscriptionId, CountedPeriod>),
) -> Result<HashMap<BudgetId, Decimal>, Error> {
    let ids: BTreeSet<MeterId> = all.iter().filter_map(|budget| budget.meter_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let meters = usage::meters(tx, scope.tenant_id, &ids.into_iter().collect::<Vec<_>>())?;
    let mut ids_of_asks: Vec<BudgetId> = Vec::new();
    let mut asks: Vec<Ask<'_>> = Vec::new();
    for budget in all {
        let Some(meter_id) = budget.meter_id else { continue };
        let meter = meters.iter().find(|meter| meter.id == meter_id);
        let meter = meter.ok_or_else(|| StorageError::not_found(Thing::Meter, meter_id))?;
        let Some(CountedPeriod { stretches, .. }) = periods.get(&budget.subscription_id) else { continue };
        ids_of_asks.push(budget.id);
        asks.push(Ask { customer_id: budget.customer_id, meter, stretches });
    }
    let mut measured = HashMap::with_capacity(asks.len());
    for (id, one) in ids_of_asks.into_iter().zip(usage::measure(tx, scope.tenant_id, &asks)?) {
        measured.insert(id, one.quantity().map_err(|e| StorageError::unreadable("usage", e))?);
    }
    Ok(measured)
}

fn emit(scope: &Scope, (budget, found): (&Budget, &Found), follows: &Consequences, emitted: &mut Vec<Event>) {
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
    emitted.extend(follows.alerts.iter().map(|threshold| event(EventType::BudgetAlert, Some(*threshold))));
    if follows.newly_exhausted {
        emitted.push(event(EventType::BudgetExhausted, budget.limit));
    }
}
