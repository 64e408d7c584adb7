//! How is an event emitted without a counter in the way? Into the outbox in the transaction of its change; numbered afterwards.
//!
//! The relay moves committed rows to the feed and gives them the tenant's next numbers: 41 → 42, 43, 44. A row that is
//! committed late, with a smaller `written` than one already moved, simply gets the next number: nothing is lost.

pub mod views;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use uuid::Uuid;

use super::schema::{event_counters, outbox, tenants};
use super::{StorageError, Tx};
use crate::domain::events::{Event, EventType};
use crate::domain::ids::{EventId, TenantId};

/// From so many rows on, COPY is faster than an INSERT with its parameters.
const COPY_FROM: usize = 20;

#[derive(Insertable)]
#[diesel(table_name = outbox)]
#[diesel(treat_none_as_default_value = false)]
struct OutboxRow<'a> {
    tenant_id: TenantId,
    id: EventId,
    type_: EventType,
    object_id: Uuid,
    data: &'a serde_json::Value,
    occurred_at: DateTime<Utc>,
}

impl<'a> OutboxRow<'a> {
    fn new(tenant_id: TenantId, event: &'a Event) -> OutboxRow<'a> {
        OutboxRow {
            tenant_id,
            id: event.id,
            type_: event.type_,
            object_id: event.object_id,
            data: &event.data,
            occurred_at: event.occurred_at,
        }
    }
}

/// Writes events to the outbox, in their order.
pub fn record(tx: &mut Tx<'_>, tenant_id: TenantId, events: &[Event]) -> Result<(), StorageError> {
    let rows: Vec<OutboxRow<'_>> = events.iter().map(|event| OutboxRow::new(tenant_id, event)).collect();
    match rows.len() {
        0 => {}
        n if n > COPY_FROM => {
            diesel::copy_from(outbox::table).from_insertable(&rows).execute(tx.conn)?;
        }
        _ => {
            diesel::insert_into(outbox::table).values(&rows).execute(tx.conn)?;
        }
    }
    Ok(())
}

/// Tenants that have events waiting in the outbox.
pub fn tenants_waiting(tx: &mut Tx<'_>) -> Result<Vec<TenantId>, StorageError> {
    let waiting = outbox::table.filter(outbox::tenant_id.eq(tenants::id)).select(outbox::tenant_id);
    Ok(tenants::table.filter(diesel::dsl::exists(waiting)).select(tenants::id).load(tx.conn)?)
}

#[derive(QueryableByName)]
struct Moved {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Moves at most `limit` committed events of a tenant to its feed and numbers them; gives how many.
/// None when another relay is at it.
///
/// The counter is locked in a statement before the one that reads the outbox: so the reading statement's snapshot is
/// newer than the last holder's commit, and sees neither rows it moved nor an old number.
pub fn relay(tx: &mut Tx<'_>, tenant_id: TenantId, limit: i64) -> Result<Option<u64>, StorageError> {
    diesel::insert_into(event_counters::table)
        .values((event_counters::tenant_id.eq(tenant_id), event_counters::last_sequence.eq(0)))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    let last: Option<i64> = event_counters::table
        .find(tenant_id)
        .select(event_counters::last_sequence)
        .for_update()
        .skip_locked()
        .first(tx.conn)
        .optional()?;
    let Some(last) = last else { return Ok(None) };
    let moved: Moved = diesel::sql_query(MOVE)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(last)
        .get_result(tx.conn)?;
    if moved.count > 0 {
        diesel::update(event_counters::table.find(tenant_id))
            .set(event_counters::last_sequence.eq(last + moved.count))
            .execute(tx.conn)?;
    }
    Ok(Some(u64::try_from(moved.count).unwrap_or(0)))
}

/// Taken as a range of the primary key: everything this snapshot sees up to the last row chosen is what was chosen.
const MOVE: &str = "
    WITH chosen AS (
        SELECT written FROM outbox WHERE tenant_id = $1 ORDER BY written LIMIT $2
    ), taken AS (
        DELETE FROM outbox WHERE tenant_id = $1 AND written <= (SELECT max(written) FROM chosen)
        RETURNING written, id, type, object_id, data, occurred_at
    ), fed AS (
        INSERT INTO events (tenant_id, sequence, id, type, object_id, data, occurred_at)
        SELECT $1, $3 + row_number() OVER (ORDER BY written), id, type, object_id, data, occurred_at FROM taken
        RETURNING 1
    )
    SELECT count(*) AS count FROM fed";
