//! Which budgets are there, and which must be looked at? One is due when usage of its customer came in since the last look.
//!
//! What is on this shelf, what is not, and its laws: [`domain::budgets`](crate::domain::budgets).

pub mod views;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Nullable, Numeric, Timestamptz, Uuid as SqlUuid};
use rust_decimal::Decimal;

use super::schema::{budget_alerts, budgets};
use super::{StorageError, Tx};
use crate::domain::budgets::{Budget, Seen};
use crate::domain::ids::{BudgetId, CustomerId, MeterId, SubscriptionId, TenantId};
use crate::storage::sql_types::Json;
use crate::storage::{Found, Thing};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = budgets, treat_none_as_default_value = false)]
pub(in crate::storage) struct BudgetRow {
    tenant_id: TenantId,
    pub(in crate::storage) id: BudgetId,
    customer_id: CustomerId,
    subscription_id: SubscriptionId,
    meter_id: Option<MeterId>,
    limit_value: Option<Decimal>,
    alerts: Json<Vec<Decimal>>,
    hard_cap: bool,
    invoice_at: Option<Decimal>,
    created_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    period_start: Option<DateTime<Utc>>,
    used: Decimal,
    exhausted: bool,
    next_check_at: Option<DateTime<Utc>>,
}

impl From<BudgetRow> for Budget {
    fn from(row: BudgetRow) -> Budget {
        Budget {
            id: row.id,
            customer_id: row.customer_id,
            subscription_id: row.subscription_id,
            meter_id: row.meter_id,
            limit: row.limit_value,
            alerts: row.alerts.0,
            hard_cap: row.hard_cap,
            invoice_at: row.invoice_at,
            created_at: row.created_at,
            ended_at: row.ended_at,
            seen: Seen { period_start: row.period_start, used: row.used, exhausted: row.exhausted },
        }
    }
}

/// Writes a new budget, due for its first look.
pub fn insert(tx: &mut Tx<'_>, tenant_id: TenantId, budget: &Budget) -> Result<(), StorageError> {
    let row = BudgetRow {
        tenant_id,
        id: budget.id,
        customer_id: budget.customer_id,
        subscription_id: budget.subscription_id,
        meter_id: budget.meter_id,
        limit_value: budget.limit,
        alerts: Json(budget.alerts.clone()),
        hard_cap: budget.hard_cap,
        invoice_at: budget.invoice_at,
        created_at: budget.created_at,
        ended_at: None,
        period_start: None,
        used: Decimal::ZERO,
        exhausted: false,
        next_check_at: Some(budget.created_at),
    };
    diesel::insert_into(budgets::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The budget with this id.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: BudgetId) -> Result<Budget, StorageError> {
    let row: BudgetRow = budgets::table
        .find((tenant_id, id))
        .select(BudgetRow::as_select())
        .first(tx.conn)
        .found(Thing::Budget, id)?;
    Ok(row.into())
}

/// The budgets of a subscription that are in force.
pub fn of_subscription(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: SubscriptionId,
) -> Result<Vec<Budget>, StorageError> {
    let rows: Vec<BudgetRow> = budgets::table
        .filter(budgets::tenant_id.eq(tenant_id).and(budgets::subscription_id.eq(id)))
        .filter(budgets::ended_at.is_null())
        .order(budgets::id)
        .select(BudgetRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(Budget::from).collect())
}

/// Ends a budget; gives whether it was still in force.
pub fn end(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, BudgetId),
    at: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let in_force = budgets::table.find((tenant_id, id)).filter(budgets::ended_at.is_null());
    let ended = diesel::update(in_force)
        .set((budgets::ended_at.eq(at), budgets::next_check_at.eq(None::<DateTime<Utc>>)))
        .execute(tx.conn)?;
    Ok(ended > 0)
}

/// Marks the budgets of customers to be looked at: their usage has changed. The customers are locked by the caller.
pub fn touch(tx: &mut Tx<'_>, tenant_id: TenantId, customers: &[CustomerId]) -> Result<(), StorageError> {
    let unmarked = budgets::table
        .filter(budgets::tenant_id.eq(tenant_id))
        .filter(budgets::customer_id.eq_any(customers))
        .filter(budgets::ended_at.is_null().and(budgets::next_check_at.is_null()));
    // Due at once, whatever the tenant's clock says.
    diesel::update(unmarked).set(budgets::next_check_at.eq(DateTime::UNIX_EPOCH)).execute(tx.conn)?;
    Ok(())
}

/// Marks all budgets in force to be looked at: time has gone by, and with it periods, what is held, and what was recorded ahead of its time.
pub fn touch_all(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<(), StorageError> {
    let unmarked = budgets::table
        .filter(budgets::tenant_id.eq(tenant_id))
        .filter(budgets::ended_at.is_null().and(budgets::next_check_at.is_null()));
    diesel::update(unmarked).set(budgets::next_check_at.eq(DateTime::UNIX_EPOCH)).execute(tx.conn)?;
    Ok(())
}

/// Those of these budgets that are in force.
pub fn in_force(tx: &mut Tx<'_>, tenant_id: TenantId, ids: &[BudgetId]) -> Result<Vec<Budget>, StorageError> {
    let rows: Vec<BudgetRow> = budgets::table
        .filter(budgets::tenant_id.eq(tenant_id).and(budgets::id.eq_any(ids)))
        .filter(budgets::ended_at.is_null())
        .order(budgets::id)
        .select(BudgetRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(Budget::from).collect())
}

/// Keeps what looks found; nothing is due until usage comes in again.
pub fn looked(tx: &mut Tx<'_>, tenant_id: TenantId, seen: &[(BudgetId, Seen)]) -> Result<(), StorageError> {
    if seen.is_empty() {
        return Ok(());
    }
    diesel::sql_query(
        "UPDATE budgets b SET period_start = s.period_start, used = s.used, exhausted = s.exhausted, next_check_at = NULL \
         FROM unnest($2::uuid[], $3::timestamptz[], $4::numeric[], $5::bool[]) AS s (id, period_start, used, exhausted) \
         WHERE b.tenant_id = $1 AND b.id = s.id",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(seen.iter().map(|(id, _)| *id).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(seen.iter().map(|(_, s)| s.period_start).collect::<Vec<_>>())
    .bind::<Array<Numeric>, _>(seen.iter().map(|(_, s)| s.used).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(seen.iter().map(|(_, s)| s.exhausted).collect::<Vec<_>>())
    .execute(tx.conn)?;
    Ok(())
}

/// The thresholds whose alerts were emitted in a period of each budget, given by its start.
pub fn reported(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    periods: &[(BudgetId, DateTime<Utc>)],
) -> Result<HashMap<BudgetId, Vec<Decimal>>, StorageError> {
    let of_period: HashMap<BudgetId, DateTime<Utc>> = periods.iter().copied().collect();
    let ids: Vec<BudgetId> = periods.iter().map(|(id, _)| *id).collect();
    let starts: Vec<DateTime<Utc>> = periods.iter().map(|(_, start)| *start).collect();
    let rows: Vec<(BudgetId, DateTime<Utc>, Decimal)> = budget_alerts::table
        .filter(budget_alerts::tenant_id.eq(tenant_id).and(budget_alerts::budget_id.eq_any(ids)))
        .filter(budget_alerts::period_start.eq_any(starts))
        .select((budget_alerts::budget_id, budget_alerts::period_start, budget_alerts::threshold))
        .load(tx.conn)?;
    let mut reported: HashMap<BudgetId, Vec<Decimal>> = HashMap::new();
    for (id, start, threshold) in rows {
        if of_period.get(&id) == Some(&start) {
            reported.entry(id).or_default().push(threshold);
        }
    }
    Ok(reported)
}

/// An alert that is emitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert {
    pub budget_id: BudgetId,
    pub period_start: DateTime<Utc>,
    pub threshold: Decimal,
}

/// Records the alerts that are emitted.
pub fn record_alerts(
    tx: &mut Tx<'_>,
    (tenant_id, now): (TenantId, DateTime<Utc>),
    alerts: &[Alert],
) -> Result<(), StorageError> {
    let row = |alert: &Alert| {
        (
            budget_alerts::tenant_id.eq(tenant_id),
            budget_alerts::budget_id.eq(alert.budget_id),
            budget_alerts::period_start.eq(alert.period_start),
            budget_alerts::threshold.eq(alert.threshold),
            budget_alerts::told_at.eq(now),
        )
    };
    // A statement takes 65,535 values.
    for some in alerts.chunks(1_000) {
        diesel::insert_into(budget_alerts::table)
            .values(some.iter().map(row).collect::<Vec<_>>())
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Budgets of a customer whose hard cap is reached, with the period that it is reached in: subscription and meter.
pub fn capped(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    customer_id: CustomerId,
) -> Result<Vec<Capped>, StorageError> {
    let rows: Vec<(SubscriptionId, Option<MeterId>, Option<DateTime<Utc>>)> = budgets::table
        .filter(budgets::tenant_id.eq(tenant_id).and(budgets::customer_id.eq(customer_id)))
        .filter(budgets::ended_at.is_null().and(budgets::hard_cap).and(budgets::exhausted))
        .select((budgets::subscription_id, budgets::meter_id, budgets::period_start))
        .load(tx.conn)?;
    let capped = |(subscription_id, meter_id, period_start): (_, _, Option<_>)| {
        Some(Capped { subscription_id, meter_id, period_start: period_start? })
    };
    Ok(rows.into_iter().filter_map(capped).collect())
}

/// A hard cap that is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capped {
    pub subscription_id: SubscriptionId,
    /// `None`: the cost of all usage.
    pub meter_id: Option<MeterId>,
    pub period_start: DateTime<Utc>,
}
