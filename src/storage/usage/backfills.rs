//! How is a range of events replaced by others, and put back? The old ones move to the voided, the new ones in; and the other way round.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::raw::{RawJson, Stored};
use crate::domain::calendar::Period;
use crate::domain::ids::{BackfillId, CustomerId, TenantId};
use crate::domain::usage::backfill::{Backfill, Status};
use crate::storage::schema::{usage_backfill_events as staged, usage_backfills as table};
use crate::storage::sql_types::IdRow;
use crate::storage::{Found, StorageError, Thing, Tx};

/// A backfill as stored.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = table)]
pub(in crate::storage) struct BackfillRow {
    tenant_id: TenantId,
    id: BackfillId,
    event_type: String,
    customer_id: Option<CustomerId>,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    status: Status,
    created_at: DateTime<Utc>,
    closed_at: Option<DateTime<Utc>>,
    reverted_at: Option<DateTime<Utc>>,
}

impl From<BackfillRow> for Backfill {
    fn from(row: BackfillRow) -> Backfill {
        Backfill {
            id: row.id,
            event_type: row.event_type,
            customer_id: row.customer_id,
            period: Period { start: row.starts_at, end: row.ends_at },
            status: row.status,
            created_at: row.created_at,
            closed_at: row.closed_at,
            reverted_at: row.reverted_at,
        }
    }
}

/// Writes a new backfill.
pub fn insert(tx: &mut Tx<'_>, tenant_id: TenantId, backfill: &Backfill) -> Result<(), StorageError> {
    let row = BackfillRow {
        tenant_id,
        id: backfill.id,
        event_type: backfill.event_type.clone(),
        customer_id: backfill.customer_id,
        starts_at: backfill.period.start,
        ends_at: backfill.period.end,
        status: backfill.status,
        created_at: backfill.created_at,
        closed_at: backfill.closed_at,
        reverted_at: backfill.reverted_at,
    };
    diesel::insert_into(table::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The backfill with this id.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: BackfillId) -> Result<Backfill, StorageError> {
    let row: BackfillRow = table::table
        .find((tenant_id, id))
        .select(BackfillRow::as_select())
        .first(tx.conn)
        .found(Thing::Backfill, id)?;
    Ok(row.into())
}

/// The same, locked: shared while events are put to it, alone when it is closed or reverted.
pub fn lock(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (id, alone): (BackfillId, bool),
) -> Result<Backfill, StorageError> {
    let strength = if alone { "FOR UPDATE" } else { "FOR SHARE" };
    diesel::sql_query(format!("SELECT 1 FROM usage_backfills WHERE tenant_id = $1 AND id = $2 {strength}"))
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<SqlUuid, _>(id)
        .execute(tx.conn)?;
    find(tx, tenant_id, id)
}

/// Writes what a backfill has become.
pub fn save(tx: &mut Tx<'_>, tenant_id: TenantId, backfill: &Backfill) -> Result<(), StorageError> {
    diesel::update(table::table.find((tenant_id, backfill.id)))
        .set((
            table::status.eq(backfill.status),
            table::closed_at.eq(backfill.closed_at),
            table::reverted_at.eq(backfill.reverted_at),
        ))
        .execute(tx.conn)?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = staged)]
#[diesel(treat_none_as_default_value = false)]
struct Row<'a> {
    tenant_id: TenantId,
    backfill_id: BackfillId,
    customer_id: CustomerId,
    occurred_at: DateTime<Utc>,
    key: Uuid,
    type_: &'a str,
    source: &'a str,
    id: &'a str,
    data: RawJson<'a>,
    recorded_at: DateTime<Utc>,
}

/// Puts events to a backfill; they do not count yet. Their keys were claimed.
pub fn stage<'a>(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: BackfillId,
    events: &[Stored<'a>],
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let row = |stored: &Stored<'a>| Row {
        tenant_id,
        backfill_id: id,
        customer_id: stored.customer_id,
        occurred_at: stored.at,
        key: stored.key,
        type_: &stored.event.type_,
        source: &stored.event.source,
        id: &stored.event.id,
        data: RawJson(stored.event.data.text()),
        recorded_at: now,
    };
    let rows: Vec<Row<'a>> = events.iter().map(row).collect();
    if !rows.is_empty() {
        diesel::copy_from(staged::table).from_insertable(&rows).execute(tx.conn)?;
    }
    Ok(())
}

/// Events that were moved, by customer and hour.
#[derive(Debug, Clone, QueryableByName)]
pub struct Moved {
    #[diesel(sql_type = SqlUuid)]
    pub customer: CustomerId,
    #[diesel(sql_type = Timestamptz)]
    pub hour: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub earliest: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    pub events: i64,
}

const BY_HOUR: &str = "SELECT customer_id AS customer, date_trunc('hour', occurred_at, 'UTC') AS hour, min(occurred_at) AS earliest, count(*) AS events";

/// Moves the events that count in the backfill's range to the voided.
pub fn void_range(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (backfill, now): (&Backfill, DateTime<Utc>),
) -> Result<Vec<Moved>, StorageError> {
    let sql = format!(
        "WITH gone AS (DELETE FROM usage_events WHERE tenant_id = $1 AND type = $2 AND occurred_at >= $3 AND occurred_at < $4 \
             AND ($5 IS NULL OR customer_id = $5) RETURNING *), \
         put AS (INSERT INTO usage_voided (tenant_id, key, customer_id, occurred_at, type, source, id, data, recorded_at, voided_at, backfill_id) \
             SELECT tenant_id, key, customer_id, occurred_at, type, source, id, data, recorded_at, $6, $7 FROM gone) \
         {BY_HOUR} FROM gone GROUP BY 1, 2"
    );
    let moved = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<Text, _>(&backfill.event_type)
        .bind::<Timestamptz, _>(backfill.period.start)
        .bind::<Timestamptz, _>(backfill.period.end)
        .bind::<Nullable<SqlUuid>, _>(backfill.customer_id)
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(backfill.id)
        .load(tx.conn)?;
    Ok(moved)
}

const PUT_IN: &str = "INSERT INTO usage_events (tenant_id, customer_id, occurred_at, key, type, source, id, data, recorded_at) \
    SELECT tenant_id, customer_id, occurred_at, key, type, source, id, data, recorded_at FROM";

fn moved(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (id, sql): (BackfillId, &str),
) -> Result<Vec<Moved>, StorageError> {
    let query = diesel::sql_query(sql).bind::<SqlUuid, _>(tenant_id).bind::<SqlUuid, _>(id);
    Ok(query.load(tx.conn)?)
}

/// The events put to a backfill, which count from now on.
pub fn put_in(tx: &mut Tx<'_>, tenant_id: TenantId, id: BackfillId) -> Result<Vec<Moved>, StorageError> {
    let sql = format!(
        "WITH come AS (SELECT * FROM usage_backfill_events WHERE tenant_id = $1 AND backfill_id = $2), put AS ({PUT_IN} come) \
         {BY_HOUR} FROM come GROUP BY 1, 2"
    );
    moved(tx, tenant_id, (id, &sql))
}

/// Takes the backfill's own events out again, also those voided since.
pub fn take_out(tx: &mut Tx<'_>, tenant_id: TenantId, id: BackfillId) -> Result<Vec<Moved>, StorageError> {
    let sql = format!(
        "WITH own AS (SELECT key, customer_id, occurred_at FROM usage_backfill_events WHERE tenant_id = $1 AND backfill_id = $2), \
         gone AS (DELETE FROM usage_events e USING own o WHERE e.tenant_id = $1 AND e.customer_id = o.customer_id \
             AND e.occurred_at = o.occurred_at AND e.key = o.key RETURNING e.customer_id, e.occurred_at), \
         unvoided AS (DELETE FROM usage_voided v USING own o WHERE v.tenant_id = $1 AND v.key = o.key) \
         {BY_HOUR} FROM gone GROUP BY 1, 2"
    );
    moved(tx, tenant_id, (id, &sql))
}

/// Puts the events back that the backfill replaced.
pub fn put_back(tx: &mut Tx<'_>, tenant_id: TenantId, id: BackfillId) -> Result<Vec<Moved>, StorageError> {
    let sql = format!(
        "WITH back AS (DELETE FROM usage_voided WHERE tenant_id = $1 AND backfill_id = $2 RETURNING *), put AS ({PUT_IN} back) \
         {BY_HOUR} FROM back GROUP BY 1, 2"
    );
    moved(tx, tenant_id, (id, &sql))
}

/// The customers that closing or reverting a backfill touches.
pub fn customers_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    backfill: &Backfill,
) -> Result<Vec<CustomerId>, StorageError> {
    let rows: Vec<IdRow<CustomerId>> = diesel::sql_query(
        "SELECT customer_id AS id FROM usage_events WHERE tenant_id = $1 AND type = $3 AND occurred_at >= $4 AND occurred_at < $5 \
             AND ($6 IS NULL OR customer_id = $6) \
         UNION SELECT customer_id FROM usage_backfill_events WHERE tenant_id = $1 AND backfill_id = $2 \
         UNION SELECT customer_id FROM usage_voided WHERE tenant_id = $1 AND backfill_id = $2 ORDER BY id",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(backfill.id)
    .bind::<Text, _>(&backfill.event_type)
    .bind::<Timestamptz, _>(backfill.period.start)
    .bind::<Timestamptz, _>(backfill.period.end)
    .bind::<Nullable<SqlUuid>, _>(backfill.customer_id)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
