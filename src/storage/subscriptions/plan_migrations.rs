//! Which subscriptions are led to another version of their plan, and what became of each?

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::domain::ids::{
    ApiKeyId, BudgetId, ChangeId, CreditGrantId, DiscountId, MeterId, MigrationId, PlanId,
};
use crate::domain::ids::{PriceId, SubscriptionId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::domain::proration::Basis;
use crate::storage::schema::{
    plan_migration_subscriptions as moves, plan_migrations as migrations, subscription_phases as phases,
    subscriptions as subs,
};
use crate::storage::sql_types::Json;
use crate::storage::{Found, StorageError, Thing, Tx};

/// A migration, as requested.
#[derive(Debug, Clone, PartialEq)]
pub struct Migration {
    pub id: MigrationId,
    pub plan_id: PlanId,
    /// `None`: from every other version.
    pub from_version: Option<i32>,
    pub to_version: i32,
    /// `period_end`, `now` or an instant.
    pub effective_at: String,
    pub proration: Basis,
    /// `None`: every subscription of the plan.
    pub only: Option<Vec<SubscriptionId>>,
    pub api_key_id: Option<ApiKeyId>,
    pub created_at: DateTime<Utc>,
    pub completed_at: Option<DateTime<Utc>>,
}

/// One subscription of a migration.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    pub subscription_id: SubscriptionId,
    /// When it moves; `None` when it does not.
    pub effective_at: Option<DateTime<Utc>>,
    /// What a whole period cost, and will cost.
    pub old_amount: Money,
    pub new_amount: Money,
    pub change_id: Option<ChangeId>,
    /// Why it is not moved: code and sentence.
    pub refused: Option<(String, String)>,
    /// What becomes of what is bound to its prices and meters; reported by a dry run, not kept.
    pub bindings: Vec<Binding>,
}

/// What is bound to a price or a meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    Discount(DiscountId),
    CreditGrant(CreditGrantId),
    Budget(BudgetId),
}

/// To what it is bound before a subscription moves, and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    pub bound: Bound,
    pub price_code: Option<String>,
    pub from_price_id: Option<PriceId>,
    /// `None`: the new version has no price of this code.
    pub to_price_id: Option<PriceId>,
    pub meter_id: Option<MeterId>,
    /// Whether there is still something for it.
    pub follows: bool,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = migrations, treat_none_as_default_value = false)]
struct MigrationRow {
    tenant_id: TenantId,
    id: MigrationId,
    plan_id: PlanId,
    from_version: Option<i32>,
    to_version: i32,
    effective_at: String,
    proration: Basis,
    /// Their numbers.
    subscription_ids: Option<Json<Vec<Uuid>>>,
    api_key_id: Option<ApiKeyId>,
    created_at: DateTime<Utc>,
    completed_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = moves, treat_none_as_default_value = false)]
struct MoveRow {
    tenant_id: TenantId,
    migration_id: MigrationId,
    subscription_id: SubscriptionId,
    effective_at: Option<DateTime<Utc>>,
    currency: Currency,
    old_amount: i64,
    new_amount: i64,
    change_id: Option<ChangeId>,
    refused_code: Option<String>,
    refused_detail: Option<String>,
}

impl From<MigrationRow> for Migration {
    fn from(row: MigrationRow) -> Migration {
        let only = |ids: Json<Vec<Uuid>>| ids.0.into_iter().map(SubscriptionId::from_uuid).collect();
        Migration {
            id: row.id,
            plan_id: row.plan_id,
            from_version: row.from_version,
            to_version: row.to_version,
            effective_at: row.effective_at,
            proration: row.proration,
            only: row.subscription_ids.map(only),
            api_key_id: row.api_key_id,
            created_at: row.created_at,
            completed_at: row.completed_at,
        }
    }
}

impl From<MoveRow> for Move {
    fn from(row: MoveRow) -> Move {
        Move {
            subscription_id: row.subscription_id,
            effective_at: row.effective_at,
            old_amount: Money::from_minor(row.old_amount, row.currency),
            new_amount: Money::from_minor(row.new_amount, row.currency),
            change_id: row.change_id,
            refused: row.refused_code.zip(row.refused_detail),
            bindings: Vec::new(),
        }
    }
}

/// Begins a migration.
pub fn insert(tx: &mut Tx<'_>, tenant_id: TenantId, migration: &Migration) -> Result<(), StorageError> {
    let numbers = |only: &Vec<SubscriptionId>| Json(only.iter().map(|id| id.uuid()).collect());
    let row = MigrationRow {
        tenant_id,
        id: migration.id,
        plan_id: migration.plan_id,
        from_version: migration.from_version,
        to_version: migration.to_version,
        effective_at: migration.effective_at.clone(),
        proration: migration.proration,
        subscription_ids: migration.only.as_ref().map(numbers),
        api_key_id: migration.api_key_id,
        created_at: migration.created_at,
        completed_at: migration.completed_at,
    };
    diesel::insert_into(migrations::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// A migration of a plan.
pub fn find(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (plan, id): (PlanId, MigrationId),
) -> Result<Migration, StorageError> {
    let found = find_by_id(tx, tenant_id, id)?;
    if found.plan_id != plan {
        return Err(StorageError::not_found(Thing::PlanMigration, id));
    }
    Ok(found)
}

/// A migration, of whichever plan.
pub fn find_by_id(tx: &mut Tx<'_>, tenant_id: TenantId, id: MigrationId) -> Result<Migration, StorageError> {
    let row: MigrationRow = migrations::table
        .find((tenant_id, id))
        .select(MigrationRow::as_select())
        .first(tx.conn)
        .found(Thing::PlanMigration, id)?;
    Ok(row.into())
}

/// Notes that nothing is left to do of a migration; gives whether that is news.
pub fn complete(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (id, at): (MigrationId, DateTime<Utc>),
) -> Result<bool, StorageError> {
    let completed = diesel::update(migrations::table.find((tenant_id, id)))
        .filter(migrations::completed_at.is_null())
        .set(migrations::completed_at.eq(at))
        .execute(tx.conn)?;
    Ok(completed > 0)
}

/// Subscriptions that have or will have a plan and have not ended, after one, in order of id.
pub fn of_plan(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (plan, now): (PlanId, DateTime<Utc>),
    (after, limit): (Option<SubscriptionId>, i64),
) -> Result<Vec<SubscriptionId>, StorageError> {
    let later = phases::table
        .filter(phases::tenant_id.eq(subs::tenant_id).and(phases::subscription_id.eq(subs::id)))
        .filter(phases::plan_id.eq(plan));
    let mut query = subs::table
        .filter(subs::tenant_id.eq(tenant_id))
        .filter(subs::end_at.is_null().or(subs::end_at.gt(now)))
        .filter(subs::plan_id.eq(plan).or(diesel::dsl::exists(later)))
        .order(subs::id)
        .limit(limit)
        .select(subs::id)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(subs::id.gt(after));
    }
    Ok(query.load(tx.conn)?)
}

/// Those of these subscriptions that have a plan now, had it when they ended, or will have it in a later phase.
pub fn of_plan_among(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (plan, among): (PlanId, &[SubscriptionId]),
) -> Result<HashSet<SubscriptionId>, StorageError> {
    let later = phases::table
        .filter(phases::tenant_id.eq(subs::tenant_id).and(phases::subscription_id.eq(subs::id)))
        .filter(phases::plan_id.eq(plan));
    let ids: Vec<SubscriptionId> = subs::table
        .filter(subs::tenant_id.eq(tenant_id).and(subs::id.eq_any(among)))
        .filter(subs::plan_id.eq(plan).or(diesel::dsl::exists(later)))
        .select(subs::id)
        .load(tx.conn)?;
    Ok(ids.into_iter().collect())
}

/// Whether a subscription has been seen to.
pub fn is_done(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (migration, subscription): (MigrationId, SubscriptionId),
) -> Result<bool, StorageError> {
    let done = moves::table.find((tenant_id, migration, subscription));
    Ok(diesel::select(diesel::dsl::exists(done)).get_result(tx.conn)?)
}

/// Notes what became of a subscription.
pub fn record(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (migration, done): (MigrationId, &Move),
) -> Result<(), StorageError> {
    let row = MoveRow {
        tenant_id,
        migration_id: migration,
        subscription_id: done.subscription_id,
        effective_at: done.effective_at,
        currency: done.old_amount.currency(),
        old_amount: done.old_amount.minor(),
        new_amount: done.new_amount.minor(),
        change_id: done.change_id,
        refused_code: done.refused.as_ref().map(|refused| refused.0.clone()),
        refused_detail: done.refused.as_ref().map(|refused| refused.1.clone()),
    };
    diesel::insert_into(moves::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// What became of each so far, in order of id.
pub fn done(tx: &mut Tx<'_>, tenant_id: TenantId, migration: MigrationId) -> Result<Vec<Move>, StorageError> {
    let rows: Vec<MoveRow> = moves::table
        .filter(moves::tenant_id.eq(tenant_id).and(moves::migration_id.eq(migration)))
        .order(moves::subscription_id)
        .select(MoveRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(Move::from).collect())
}
