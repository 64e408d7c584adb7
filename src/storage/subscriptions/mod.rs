//! What has been subscribed to? A subscription, its item versions and its place in billing, written together.
//!
//! What is on this shelf, what is not, and its laws: [`domain::subscriptions`](crate::domain::subscriptions).

pub mod change;
pub mod changes;
pub mod phases;
pub mod plan_migrations;
pub mod steps;
pub mod taken_back;
pub mod views;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use super::schema::{billing_cursors, item_versions, subscriptions};
use super::{StorageError, Tx};
use crate::domain::billing::expected::Cursor;
use crate::domain::calendar::{Cycle, Interval, Unit, Zone};
use crate::domain::ids::{ApiKeyId, CustomerId, PlanId, SubscriptionId, TenantId};
use crate::domain::money::Currency;
use crate::domain::subscriptions::breaks::pause::{Pause, PauseMode};
use crate::domain::subscriptions::trial::{Trial, WithoutMethod};
use crate::domain::subscriptions::{Collection, ItemVersion, Subscription, Timeline};
use crate::storage::Thing;
use crate::storage::customers::Held;

/// From so many subscriptions on, COPY is faster than INSERT.
const COPY_FROM: usize = 20;

/// A new subscription with all that is written of it.
#[derive(Debug, Clone)]
pub struct Started {
    /// The account that pays for its customer.
    pub payer_id: CustomerId,
    pub subscription: Subscription,
    pub timeline: Timeline,
    /// Where billing begins.
    pub cursor: Cursor,
    /// The key of the call; `None`: no call started it.
    pub by: Option<ApiKeyId>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = subscriptions)]
#[diesel(treat_none_as_default_value = false)]
pub(in crate::storage) struct SubscriptionRow {
    tenant_id: Uuid,
    id: Uuid,
    external_id: Option<String>,
    customer_id: Uuid,
    plan_id: Uuid,
    plan_version: i32,
    currency: String,
    collection: String,
    invoice_separately: bool,
    start_at: DateTime<Utc>,
    end_at: Option<DateTime<Utc>>,
    time_zone: String,
    cycle_base: NaiveDate,
    cycle_anchor_day: i16,
    interval_unit: String,
    interval_count: i32,
    metadata: Value,
    created_at: DateTime<Utc>,
    agreed_end_at: Option<DateTime<Utc>>,
    canceled_at: Option<DateTime<Utc>>,
    trial_end: Option<DateTime<Utc>>,
    trial_without_method: Option<String>,
    step_at: Option<DateTime<Utc>>,
    pause_from: Option<DateTime<Utc>>,
    pause_until: Option<DateTime<Utc>>,
    pause_mode: Option<String>,
    terms: Option<Value>,
    started_by: Option<Uuid>,
    pause_moves_end: bool,
}

#[derive(Insertable)]
#[diesel(table_name = item_versions)]
#[diesel(treat_none_as_default_value = false)]
struct ItemVersionRow {
    tenant_id: Uuid,
    subscription_id: Uuid,
    id: Uuid,
    item_id: Uuid,
    price_id: Uuid,
    quantity: Decimal,
    price_override: Option<Value>,
    valid_from: DateTime<Utc>,
    valid_to: Option<DateTime<Utc>>,
    recorded_at: DateTime<Utc>,
}

#[derive(Insertable)]
#[diesel(table_name = billing_cursors)]
#[diesel(treat_none_as_default_value = false)]
struct CursorRow {
    tenant_id: Uuid,
    customer_id: Uuid,
    subscription_id: Uuid,
    settled_to: DateTime<Utc>,
    next_bill_at: Option<DateTime<Utc>>,
}

impl SubscriptionRow {
    /// The id, before the row is read as a whole.
    pub(in crate::storage) fn id(&self) -> Uuid {
        self.id
    }

    fn trial(&self) -> Result<Option<Trial>, StorageError> {
        let Some((end, policy)) = self.trial_end.zip(self.trial_without_method.as_deref()) else {
            return Ok(None);
        };
        let without_method = WithoutMethod::parse(policy);
        let without_method =
            without_method.ok_or_else(|| StorageError::unreadable("subscription trial", policy))?;
        Ok(Some(Trial { end, without_method }))
    }

    fn pause(&self) -> Result<Option<Pause>, StorageError> {
        let Some((from, mode)) = self.pause_from.zip(self.pause_mode.as_deref()) else { return Ok(None) };
        let read = PauseMode::parse(mode);
        let mode = read.ok_or_else(|| StorageError::unreadable("subscription pause", mode))?;
        Ok(Some(Pause { from, until: self.pause_until, mode, moves_end: self.pause_moves_end }))
    }

    fn of(
        tenant_id: TenantId,
        (s, by): (&Subscription, Option<ApiKeyId>),
    ) -> Result<SubscriptionRow, StorageError> {
        let (cycle, unreadable) =
            (s.cycle, |e: &dyn std::fmt::Display| StorageError::unreadable("subscription", e));
        Ok(SubscriptionRow {
            tenant_id: tenant_id.uuid(),
            id: s.id.uuid(),
            external_id: s.external_id.clone(),
            customer_id: s.customer_id.uuid(),
            plan_id: s.plan_id.uuid(),
            plan_version: s.plan_version,
            currency: s.currency.code().to_owned(),
            collection: s.collection.as_str().to_owned(),
            invoice_separately: s.invoice_separately,
            start_at: s.start_at,
            end_at: s.end_at,
            time_zone: cycle.zone().name().to_owned(),
            cycle_base: cycle.base(),
            cycle_anchor_day: i16::try_from(cycle.anchor_day()).map_err(|e| unreadable(&e))?,
            interval_unit: cycle.interval().unit.as_str().to_owned(),
            interval_count: i32::from(cycle.interval().count),
            metadata: serde_json::to_value(&s.metadata).map_err(|e| unreadable(&e))?,
            created_at: s.created_at,
            agreed_end_at: s.agreed_end_at,
            canceled_at: s.canceled_at,
            trial_end: s.trial.map(|trial| trial.end),
            trial_without_method: s.trial.map(|trial| trial.without_method.as_str().to_owned()),
            step_at: s.step_at,
            pause_from: s.pause.map(|pause| pause.from),
            pause_until: s.pause.and_then(|pause| pause.until),
            pause_mode: s.pause.map(|pause| pause.mode.as_str().to_owned()),
            terms: s.terms.map(serde_json::to_value).transpose().map_err(|e| unreadable(&e))?,
            started_by: by.map(ApiKeyId::uuid),
            pause_moves_end: s.pause.is_none_or(|pause| pause.moves_end),
        })
    }
}

impl TryFrom<SubscriptionRow> for Subscription {
    type Error = StorageError;
    fn try_from(row: SubscriptionRow) -> Result<Subscription, StorageError> {
        let unreadable = |e: &dyn std::fmt::Display| StorageError::unreadable("subscription", e);
        let zone = Zone::parse(&row.time_zone).map_err(|e| unreadable(&e))?;
        let unit = Unit::parse(&row.interval_unit).map_err(|e| unreadable(&e))?;
        let count = u16::try_from(row.interval_count).map_err(|e| unreadable(&e))?;
        let interval = Interval::new(unit, count).map_err(|e| unreadable(&e))?;
        let anchor_day = u32::try_from(row.cycle_anchor_day).map_err(|e| unreadable(&e))?;
        let (trial, pause) = (row.trial()?, row.pause()?);
        Ok(Subscription {
            id: SubscriptionId::from_uuid(row.id),
            external_id: row.external_id,
            customer_id: CustomerId::from_uuid(row.customer_id),
            plan_id: PlanId::from_uuid(row.plan_id),
            plan_version: row.plan_version,
            currency: Currency::parse(&row.currency).map_err(|e| unreadable(&e))?,
            collection: Collection::parse(&row.collection).ok_or_else(|| unreadable(&row.collection))?,
            invoice_separately: row.invoice_separately,
            start_at: row.start_at,
            end_at: row.end_at,
            agreed_end_at: row.agreed_end_at,
            canceled_at: row.canceled_at,
            trial,
            terms: row.terms.map(serde_json::from_value).transpose().map_err(|e| unreadable(&e))?,
            step_at: row.step_at,
            pause,
            cycle: Cycle::from_parts(row.cycle_base, anchor_day, interval, zone)
                .map_err(|e| unreadable(&e))?,
            metadata: serde_json::from_value(row.metadata).map_err(|e| unreadable(&e))?,
            created_at: row.created_at,
        })
    }
}

fn version_row(
    tenant_id: TenantId,
    of: &Subscription,
    version: &ItemVersion,
) -> Result<ItemVersionRow, StorageError> {
    let price_override = version.price_override.as_ref().map(serde_json::to_value).transpose();
    Ok(ItemVersionRow {
        tenant_id: tenant_id.uuid(),
        subscription_id: of.id.uuid(),
        id: version.id.uuid(),
        item_id: version.item_id.uuid(),
        price_id: version.terms.price_id.uuid(),
        quantity: version.quantity,
        price_override: price_override.map_err(|e| StorageError::unreadable("price override", e))?,
        valid_from: version.valid_from,
        valid_to: version.valid_to,
        recorded_at: of.created_at,
    })
}

/// Writes new subscriptions with their item versions and cursors. Their customers are locked.
pub fn insert(tx: &mut Tx<'_>, held: &Held, started: &[Started]) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let mut rows = Vec::with_capacity(started.len());
    let mut versions = Vec::with_capacity(started.len());
    let mut cursors = Vec::with_capacity(started.len());
    for Started { payer_id, subscription, timeline, cursor, by } in started {
        rows.push(SubscriptionRow::of(tenant_id, (subscription, *by))?);
        for version in &timeline.versions {
            versions.push(version_row(tenant_id, subscription, version)?);
        }
        cursors.push(CursorRow {
            tenant_id: tenant_id.uuid(),
            customer_id: payer_id.uuid(),
            subscription_id: subscription.id.uuid(),
            settled_to: cursor.settled_to,
            next_bill_at: cursor.next_bill_at,
        });
    }
    if started.len() < COPY_FROM {
        diesel::insert_into(subscriptions::table).values(&rows).execute(tx.conn)?;
        diesel::insert_into(item_versions::table).values(&versions).execute(tx.conn)?;
        diesel::insert_into(billing_cursors::table).values(&cursors).execute(tx.conn)?;
        return Ok(());
    }
    diesel::copy_from(subscriptions::table).from_insertable(&rows).execute(tx.conn)?;
    diesel::copy_from(item_versions::table).from_insertable(&versions).execute(tx.conn)?;
    diesel::copy_from(billing_cursors::table).from_insertable(&cursors).execute(tx.conn)?;
    Ok(())
}

/// The subscription with this id.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: SubscriptionId) -> Result<Subscription, StorageError> {
    subscriptions::table
        .find((tenant_id.uuid(), id.uuid()))
        .select(SubscriptionRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| StorageError::not_found(Thing::Subscription, id))?
        .try_into()
}

/// The subscriptions with these ids; those that do not exist are left out.
pub fn find_all(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[SubscriptionId],
) -> Result<Vec<Subscription>, StorageError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows: Vec<SubscriptionRow> = subscriptions::table
        .filter(subscriptions::tenant_id.eq(tenant_id.uuid()).and(subscriptions::id.eq_any(ids)))
        .select(SubscriptionRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Subscription::try_from).collect()
}
