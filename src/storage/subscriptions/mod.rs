//! What has been subscribed to? A subscription, its item versions and its place in billing, written together.
//!
//! What is on this shelf, what is not, and its laws: [`domain::subscriptions`](crate::domain::subscriptions).

pub mod change;
pub mod changes;
pub(in crate::storage) mod item_versions;
pub mod phases;
pub mod plan_migrations;
pub mod steps;
pub mod taken_back;
pub mod views;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use self::item_versions::VersionRow;
use super::schema::{billing_cursors, item_versions as versions, subscriptions};
use super::{StorageError, Tx};
use crate::domain::billing::expected::Cursor;
use crate::domain::calendar::{Unit, Zone};
use crate::domain::customers::Metadata;
use crate::domain::ids::{ApiKeyId, CustomerId, PlanId, SubscriptionId, TenantId};
use crate::domain::money::Currency;
use crate::domain::subscriptions::breaks::pause::{Pause, PauseMode};
use crate::domain::subscriptions::terms::Terms;
use crate::domain::subscriptions::trial::{Trial, WithoutMethod};
use crate::domain::subscriptions::{Collection, Subscription, Timeline};
use crate::storage::columns::{anchor_day, cycle};
use crate::storage::customers::Held;
use crate::storage::sql_types::Json;
use crate::storage::{Found, Thing};

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
    tenant_id: TenantId,
    id: SubscriptionId,
    external_id: Option<String>,
    customer_id: CustomerId,
    plan_id: PlanId,
    plan_version: i32,
    currency: Currency,
    collection: Collection,
    invoice_separately: bool,
    start_at: DateTime<Utc>,
    end_at: Option<DateTime<Utc>>,
    time_zone: Zone,
    cycle_base: NaiveDate,
    cycle_anchor_day: i16,
    interval_unit: Unit,
    interval_count: i32,
    metadata: Json<Metadata>,
    created_at: DateTime<Utc>,
    agreed_end_at: Option<DateTime<Utc>>,
    canceled_at: Option<DateTime<Utc>>,
    trial_end: Option<DateTime<Utc>>,
    trial_without_method: Option<WithoutMethod>,
    step_at: Option<DateTime<Utc>>,
    pause_from: Option<DateTime<Utc>>,
    pause_until: Option<DateTime<Utc>>,
    pause_mode: Option<PauseMode>,
    terms: Option<Json<Terms>>,
    started_by: Option<ApiKeyId>,
    pause_moves_end: bool,
}

#[derive(Insertable)]
#[diesel(table_name = billing_cursors)]
#[diesel(treat_none_as_default_value = false)]
struct CursorRow {
    tenant_id: TenantId,
    customer_id: CustomerId,
    subscription_id: SubscriptionId,
    settled_to: DateTime<Utc>,
    next_bill_at: Option<DateTime<Utc>>,
}

impl SubscriptionRow {
    /// The id, before the row is read as a whole.
    pub(in crate::storage) fn id(&self) -> SubscriptionId {
        self.id
    }

    fn of(
        tenant_id: TenantId,
        (s, by): (&Subscription, Option<ApiKeyId>),
    ) -> Result<SubscriptionRow, StorageError> {
        let cycle = s.cycle;
        Ok(SubscriptionRow {
            tenant_id,
            id: s.id,
            external_id: s.external_id.clone(),
            customer_id: s.customer_id,
            plan_id: s.plan_id,
            plan_version: s.plan_version,
            currency: s.currency,
            collection: s.collection,
            invoice_separately: s.invoice_separately,
            start_at: s.start_at,
            end_at: s.end_at,
            time_zone: cycle.zone(),
            cycle_base: cycle.base(),
            cycle_anchor_day: anchor_day(cycle)?,
            interval_unit: cycle.interval().unit,
            interval_count: i32::from(cycle.interval().count),
            metadata: Json(s.metadata.clone()),
            created_at: s.created_at,
            agreed_end_at: s.agreed_end_at,
            canceled_at: s.canceled_at,
            trial_end: s.trial.map(|trial| trial.end),
            trial_without_method: s.trial.map(|trial| trial.without_method),
            step_at: s.step_at,
            pause_from: s.pause.map(|pause| pause.from),
            pause_until: s.pause.and_then(|pause| pause.until),
            pause_mode: s.pause.map(|pause| pause.mode),
            terms: s.terms.map(Json),
            started_by: by,
            pause_moves_end: s.pause.is_none_or(|pause| pause.moves_end),
        })
    }
}

impl TryFrom<SubscriptionRow> for Subscription {
    type Error = StorageError;
    fn try_from(row: SubscriptionRow) -> Result<Subscription, StorageError> {
        let unit = (row.interval_unit, row.interval_count);
        let cycle = cycle((row.cycle_base, row.cycle_anchor_day), unit, row.time_zone)?;
        let trial = row.trial_end.zip(row.trial_without_method);
        let pause = row.pause_from.zip(row.pause_mode);
        let (until, moves_end) = (row.pause_until, row.pause_moves_end);
        Ok(Subscription {
            id: row.id,
            external_id: row.external_id,
            customer_id: row.customer_id,
            plan_id: row.plan_id,
            plan_version: row.plan_version,
            currency: row.currency,
            collection: row.collection,
            invoice_separately: row.invoice_separately,
            start_at: row.start_at,
            end_at: row.end_at,
            agreed_end_at: row.agreed_end_at,
            canceled_at: row.canceled_at,
            trial: trial.map(|(end, without_method)| Trial { end, without_method }),
            terms: row.terms.map(|terms| terms.0),
            step_at: row.step_at,
            pause: pause.map(|(from, mode)| Pause { from, until, mode, moves_end }),
            cycle,
            metadata: row.metadata.0,
            created_at: row.created_at,
        })
    }
}

/// Writes new subscriptions with their item versions and cursors. Their customers are locked.
pub fn insert(tx: &mut Tx<'_>, held: &Held, started: &[Started]) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let mut rows = Vec::with_capacity(started.len());
    let mut versions = Vec::with_capacity(started.len());
    let mut cursors = Vec::with_capacity(started.len());
    for Started { payer_id, subscription, timeline, cursor, by } in started {
        rows.push(SubscriptionRow::of(tenant_id, (subscription, *by))?);
        let (subscription_id, at) = (subscription.id, subscription.created_at);
        versions.extend(
            timeline.versions.iter().map(|v| VersionRow::of(tenant_id, subscription_id, at, None, v)),
        );
        cursors.push(CursorRow {
            tenant_id,
            customer_id: *payer_id,
            subscription_id: subscription.id,
            settled_to: cursor.settled_to,
            next_bill_at: cursor.next_bill_at,
        });
    }
    if started.len() < COPY_FROM {
        diesel::insert_into(subscriptions::table).values(&rows).execute(tx.conn)?;
        diesel::insert_into(versions::table).values(&versions).execute(tx.conn)?;
        diesel::insert_into(billing_cursors::table).values(&cursors).execute(tx.conn)?;
        return Ok(());
    }
    diesel::copy_from(subscriptions::table).from_insertable(&rows).execute(tx.conn)?;
    diesel::copy_from(versions::table).from_insertable(&versions).execute(tx.conn)?;
    diesel::copy_from(billing_cursors::table).from_insertable(&cursors).execute(tx.conn)?;
    Ok(())
}

/// The subscription with this id.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: SubscriptionId) -> Result<Subscription, StorageError> {
    subscriptions::table
        .find((tenant_id, id))
        .select(SubscriptionRow::as_select())
        .first(tx.conn)
        .found(Thing::Subscription, id)?
        .try_into()
}

/// The subscriptions with these ids; those that do not exist are left out.
pub fn find_all(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[SubscriptionId],
) -> Result<Vec<Subscription>, StorageError> {
    let rows: Vec<SubscriptionRow> = subscriptions::table
        .filter(subscriptions::tenant_id.eq(tenant_id).and(subscriptions::id.eq_any(ids)))
        .select(SubscriptionRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Subscription::try_from).collect()
}
