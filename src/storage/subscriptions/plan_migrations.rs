//! Which subscriptions are led to another version of their plan, and what became of each?

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use crate::domain::ids::{
    ApiKeyId, BudgetId, ChangeId, CreditGrantId, DiscountId, MeterId, MigrationId, PlanId,
};
use crate::domain::ids::{PriceId, SubscriptionId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::storage::schema::{
    plan_migration_subscriptions as moves, plan_migrations as migrations, subscription_phases as phases,
    subscriptions as subs,
};
use crate::storage::{StorageError, Thing, Tx};

/// A migration, as asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Migration {
    pub id: MigrationId,
    pub plan_id: PlanId,
    /// `None`: from every other version.
    pub from_version: Option<i32>,
    pub to_version: i32,
    /// `period_end`, `now` or an instant.
    pub effective_at: String,
    pub proration: String,
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
    /// What becomes of what is bound to its prices and meters; told by a dry run, not kept.
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
    tenant_id: Uuid,
    id: Uuid,
    plan_id: Uuid,
    from_version: Option<i32>,
    to_version: i32,
    effective_at: String,
    proration: String,
    subscription_ids: Option<Value>,
    api_key_id: Option<Uuid>,
    created_at: DateTime<Utc>,
    completed_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = moves, treat_none_as_default_value = false)]
struct MoveRow {
    tenant_id: Uuid,
    migration_id: Uuid,
    subscription_id: Uuid,
    effective_at: Option<DateTime<Utc>>,
    currency: String,
    old_amount: i64,
    new_amount: i64,
    change_id: Option<Uuid>,
    refused_code: Option<String>,
    refused_detail: Option<String>,
}

impl TryFrom<MigrationRow> for Migration {
    type Error = StorageError;
    fn try_from(row: MigrationRow) -> Result<Migration, StorageError> {
        let only = row.subscription_ids.map(serde_json::from_value::<Vec<Uuid>>).transpose();
        let only = only.map_err(|e| StorageError::unreadable("plan migration", e))?;
        Ok(Migration {
            id: MigrationId::from_uuid(row.id),
            plan_id: PlanId::from_uuid(row.plan_id),
            from_version: row.from_version,
            to_version: row.to_version,
            effective_at: row.effective_at,
            proration: row.proration,
            only: only.map(|ids| ids.into_iter().map(SubscriptionId::from_uuid).collect()),
            api_key_id: row.api_key_id.map(ApiKeyId::from_uuid),
            created_at: row.created_at,
            completed_at: row.completed_at,
        })
    }
}

impl TryFrom<MoveRow> for Move {
    type Error = StorageError;
    fn try_from(row: MoveRow) -> Result<Move, StorageError> {
        let currency = Currency::parse(&row.currency).map_err(|e| StorageError::unreadable("currency", e))?;
        Ok(Move {
            subscription_id: SubscriptionId::from_uuid(row.subscription_id),
            effective_at: row.effective_at,
            old_amount: Money::from_minor(row.old_amount, currency),
            new_amount: Money::from_minor(row.new_amount, currency),
            change_id: row.change_id.map(ChangeId::from_uuid),
            refused: row.refused_code.zip(row.refused_detail),
            bindings: Vec::new(),
        })
    }
}

/// Begins a migration.
pub fn insert(tx: &mut Tx<'_>, tenant_id: TenantId, migration: &Migration) -> Result<(), StorageError> {
    let ids = |only: &Vec<SubscriptionId>| only.iter().map(|id| id.uuid()).collect::<Vec<_>>();
    let only = migration.only.as_ref().map(|only| serde_json::to_value(ids(only))).transpose();
    let row = MigrationRow {
        tenant_id: tenant_id.uuid(),
        id: migration.id.uuid(),
        plan_id: migration.plan_id.uuid(),
        from_version: migration.from_version,
        to_version: migration.to_version,
        effective_at: migration.effective_at.clone(),
        proration: migration.proration.clone(),
        subscription_ids: only.map_err(|e| StorageError::unreadable("plan migration", e))?,
        api_key_id: migration.api_key_id.map(ApiKeyId::uuid),
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
    migrations::table
        .find((tenant_id.uuid(), id.uuid()))
        .select(MigrationRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| StorageError::not_found(Thing::PlanMigration, id))?
        .try_into()
}

/// Notes that nothing is left to do of a migration; gives whether that is news.
pub fn complete(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (id, at): (MigrationId, DateTime<Utc>),
) -> Result<bool, StorageError> {
    let completed = diesel::update(migrations::table.find((tenant_id.uuid(), id.uuid())))
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
        .filter(phases::plan_id.eq(plan.uuid()));
    let mut query = subs::table
        .filter(subs::tenant_id.eq(tenant_id.uuid()))
        .filter(subs::end_at.is_null().or(subs::end_at.gt(now)))
        .filter(subs::plan_id.eq(plan.uuid()).or(diesel::dsl::exists(later)))
        .order(subs::id)
        .limit(limit)
        .select(subs::id)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(subs::id.gt(after.uuid()));
    }
    let ids: Vec<Uuid> = query.load(tx.conn)?;
    Ok(ids.into_iter().map(SubscriptionId::from_uuid).collect())
}

/// Whether a subscription has been seen to.
pub fn is_done(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (migration, subscription): (MigrationId, SubscriptionId),
) -> Result<bool, StorageError> {
    let done = moves::table.find((tenant_id.uuid(), migration.uuid(), subscription.uuid()));
    Ok(diesel::select(diesel::dsl::exists(done)).get_result(tx.conn)?)
}

/// Notes what became of a subscription.
pub fn record(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (migration, done): (MigrationId, &Move),
) -> Result<(), StorageError> {
    let row = MoveRow {
        tenant_id: tenant_id.uuid(),
        migration_id: migration.uuid(),
        subscription_id: done.subscription_id.uuid(),
        effective_at: done.effective_at,
        currency: done.old_amount.currency().code().to_owned(),
        old_amount: done.old_amount.minor(),
        new_amount: done.new_amount.minor(),
        change_id: done.change_id.map(ChangeId::uuid),
        refused_code: done.refused.as_ref().map(|refused| refused.0.clone()),
        refused_detail: done.refused.as_ref().map(|refused| refused.1.clone()),
    };
    diesel::insert_into(moves::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// What became of each so far, in order of id.
pub fn done(tx: &mut Tx<'_>, tenant_id: TenantId, migration: MigrationId) -> Result<Vec<Move>, StorageError> {
    let rows: Vec<MoveRow> = moves::table
        .filter(moves::tenant_id.eq(tenant_id.uuid()).and(moves::migration_id.eq(migration.uuid())))
        .order(moves::subscription_id)
        .select(MoveRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Move::try_from).collect()
}
