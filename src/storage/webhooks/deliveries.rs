//! What is an endpoint to hear next? What the feed has after the last event that it looked at, and what is to be tried again, taken for less than a
//! minute; and what became of it.
//!
//! Up to event 41 it has looked; 42 is a type that it wants, 43 is not: one delivery is written, and 43 is what it has looked at.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Bool, Integer, Json, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use super::endpoints::{EndpointRow, Sealed};
use crate::domain::ids::{EventId, TenantId, WebhookEndpointId};
use crate::domain::webhooks::{Attempt, DeliveryStatus, types};
use crate::storage::due::{Due, WEBHOOK_DELIVERIES};
use crate::storage::events::views::FedEvent;
use crate::storage::schema::{event_counters, webhook_endpoints};
use crate::storage::{StorageError, Tx};

/// Events of the feed that are looked at in one transaction.
const LOOK: i64 = 1_000;

/// A delivery that is to be tried now.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub event: FedEvent,
    /// How often it was tried since it was begun.
    pub attempts: u32,
    /// To be given when its outcome is recorded.
    pub fence: i32,
}

/// What an endpoint is to hear now.
#[derive(Debug, Clone)]
pub struct Taken {
    pub sealed: Sealed,
    pub deliveries: Vec<Claimed>,
    /// Whether more of the feed lies before it.
    pub has_more: bool,
}

#[derive(QueryableByName)]
struct ClaimedRow {
    #[diesel(sql_type = BigInt)]
    sequence: i64,
    #[diesel(sql_type = SqlUuid)]
    id: EventId,
    #[diesel(sql_type = Text)]
    event_type: String,
    #[diesel(sql_type = SqlUuid)]
    object_id: Uuid,
    #[diesel(sql_type = Json)]
    data: serde_json::Value,
    #[diesel(sql_type = Timestamptz)]
    occurred_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Integer)]
    fence: i32,
}

impl From<ClaimedRow> for Claimed {
    fn from(row: ClaimedRow) -> Claimed {
        let event = FedEvent {
            sequence: row.sequence,
            id: row.id,
            type_: row.event_type,
            object_id: row.object_id,
            data: row.data,
            occurred_at: row.occurred_at,
        };
        Claimed { event, attempts: u32::try_from(row.attempts).unwrap_or(0), fence: row.fence }
    }
}

/// Takes deliveries of an endpoint that are due by `now`, at most so many where it takes what it is sent, and so many where it does not; `None`: it is
/// not enabled, or somebody else is taking.
pub fn take(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, WebhookEndpointId),
    (now, [usual, failing]): (DateTime<Utc>, [i64; 2]),
) -> Result<Option<Taken>, StorageError> {
    let found: Option<(EndpointRow, i64)> = webhook_endpoints::table
        .find((tenant_id, id))
        .filter(webhook_endpoints::disabled_at.is_null())
        .select((EndpointRow::as_select(), webhook_endpoints::seen_sequence))
        .for_update()
        .skip_locked()
        .first(tx.conn)
        .optional()?;
    let Some((row, seen)) = found else { return Ok(None) };
    let sealed = Sealed::from(row);
    let limit = if sealed.endpoint.failing_since.is_some() { failing } else { usual };
    let rows: Vec<ClaimedRow> = diesel::sql_query(DUE)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(limit)
        .load(tx.conn)?;
    let mut deliveries: Vec<Claimed> = rows.into_iter().map(Claimed::from).collect();
    claim(tx, (tenant_id, id), (now, &deliveries))?;
    let room = limit.saturating_sub(i64::try_from(deliveries.len()).unwrap_or(i64::MAX));
    let has_more = room > 0 && look(tx, (tenant_id, &sealed), now, (seen, room), &mut deliveries)?;
    deliveries.sort_by_key(|claimed| claimed.event.sequence);
    Ok(Some(Taken { sealed, deliveries, has_more }))
}

/// What was begun and is to be tried, with the fence that it is about to have.
const DUE: &str = "
    SELECT e.sequence, e.id, e.type AS event_type, e.object_id, e.data, e.occurred_at, c.attempts, c.fence + 1 AS fence
    FROM (
        SELECT sequence, attempts, fence FROM webhook_deliveries
        WHERE tenant_id = $1 AND endpoint_id = $2 AND next_attempt_at <= $3 AND (claimed_until IS NULL OR claimed_until < now())
        ORDER BY next_attempt_at, sequence LIMIT $4
    ) c JOIN events e ON e.tenant_id = $1 AND e.sequence = c.sequence";

/// Takes them. Rows are found by their key, whatever the planner thinks of how many an endpoint has.
fn claim(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, WebhookEndpointId),
    (now, deliveries): (DateTime<Utc>, &[Claimed]),
) -> Result<(), StorageError> {
    if deliveries.is_empty() {
        return Ok(());
    }
    diesel::sql_query(CLAIM)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(now)
        .bind::<Array<SqlUuid>, _>(deliveries.iter().map(|it| it.event.id).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(deliveries.iter().map(|it| it.fence).collect::<Vec<_>>())
        .execute(tx.conn)?;
    Ok(())
}

/// For longer than the deliveries of one claim may take. None of them is new: its endpoint is locked.
const CLAIM: &str = "
    INSERT INTO webhook_deliveries
        (tenant_id, endpoint_id, event_id, sequence, event_type, status, attempts, next_attempt_at, fence, attempt_log, created_at)
    SELECT $1, $2, u.event_id, 0, '', 'pending', 0, $3, u.fence, '[]', $3 FROM unnest($4::uuid[], $5::integer[]) AS u (event_id, fence)
    ON CONFLICT (tenant_id, endpoint_id, event_id) DO UPDATE SET fence = excluded.fence, claimed_until = now() + interval '45 seconds'";

/// Looks at what the feed has further on, until there is no room for more: writes a delivery, taken at once, for each event that is wanted. Says
/// whether there is yet more.
fn look(
    tx: &mut Tx<'_>,
    (tenant_id, sealed): (TenantId, &Sealed),
    now: DateTime<Utc>,
    (seen, room): (i64, i64),
    deliveries: &mut Vec<Claimed>,
) -> Result<bool, StorageError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        last: i64,
        #[diesel(sql_type = Bool)]
        has_more: bool,
        #[diesel(sql_type = Array<SqlUuid>)]
        written: Vec<Uuid>,
    }
    let last: Option<i64> = event_counters::table
        .find(tenant_id)
        .select(event_counters::last_sequence)
        .first(tx.conn)
        .optional()?;
    if last.is_none_or(|last| last <= seen) {
        return Ok(false);
    }
    let endpoint = &sealed.endpoint;
    let looked: Option<Row> = diesel::sql_query(LOOK_ON)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<SqlUuid, _>(endpoint.id)
        .bind::<BigInt, _>(seen)
        .bind::<BigInt, _>(LOOK)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Array<Text>>, _>(endpoint.event_types.as_ref().map(types))
        .bind::<BigInt, _>(room)
        .get_result(tx.conn)
        .optional()?;
    let Some(Row { last, has_more, written }) = looked else { return Ok(false) };
    diesel::update(webhook_endpoints::table.find((tenant_id, endpoint.id)))
        .set(webhook_endpoints::seen_sequence.eq(last))
        .execute(tx.conn)?;
    if !written.is_empty() {
        let rows: Vec<ClaimedRow> = diesel::sql_query(WRITTEN)
            .bind::<SqlUuid, _>(tenant_id)
            .bind::<BigInt, _>(seen)
            .bind::<BigInt, _>(last)
            .bind::<Array<SqlUuid>, _>(written)
            .load(tx.conn)?;
        deliveries.extend(rows.into_iter().map(Claimed::from));
    }
    Ok(has_more)
}

/// A test is for the endpoint that it is a test of, whatever that wants.
const LOOK_ON: &str = "
    WITH seen AS (
        SELECT sequence, id, type, object_id FROM events WHERE tenant_id = $1 AND sequence > $3 ORDER BY sequence LIMIT $4
    ), wanted AS (
        SELECT sequence, id, type FROM seen
        WHERE CASE WHEN type = 'webhook_endpoint.tested' THEN object_id = $2 ELSE $6 IS NULL OR type = ANY ($6) END
        ORDER BY sequence LIMIT $7
    ), written AS (
        INSERT INTO webhook_deliveries
            (tenant_id, endpoint_id, event_id, sequence, event_type, status, attempts, next_attempt_at, fence, claimed_until, attempt_log, created_at)
        SELECT $1, $2, id, sequence, type, 'pending', 0, $5, 1, now() + interval '45 seconds', '[]', $5 FROM wanted
        ON CONFLICT DO NOTHING
        RETURNING event_id
    ), looked AS (
        SELECT max(sequence) AS last, count(*) = $4 AS has_more FROM seen WHERE (SELECT count(*) FROM wanted) < $7
        UNION ALL
        SELECT max(sequence), true FROM wanted HAVING count(*) = $7
    )
    SELECT last, has_more, ARRAY(SELECT event_id FROM written) AS written FROM looked WHERE last IS NOT NULL";

const WRITTEN: &str = "
    SELECT sequence, id, type AS event_type, object_id, data, occurred_at, 0 AS attempts, 1 AS fence
    FROM events WHERE tenant_id = $1 AND sequence > $2 AND sequence <= $3 AND id = ANY ($4)";

/// What became of one delivery.
#[derive(Debug, Clone)]
pub struct Recording {
    pub event_id: EventId,
    pub fence: i32,
    pub status: DeliveryStatus,
    pub attempts: u32,
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// `None`: there was none, it is given back.
    pub attempt: Option<Attempt>,
}

/// Records what became of deliveries that were taken, where nobody else has taken them since; keeps the last twenty attempts of each.
pub fn record_attempts(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, WebhookEndpointId),
    (now, recordings): (DateTime<Utc>, &[Recording]),
) -> Result<(), StorageError> {
    let entries = |it: &Recording| serde_json::to_value(it.attempt.as_slice());
    let logs: Vec<serde_json::Value> = recordings
        .iter()
        .map(entries)
        .collect::<Result<_, _>>()
        .map_err(|e| StorageError::unreadable("attempt", e))?;
    let count = |attempts: u32| i32::try_from(attempts).unwrap_or(i32::MAX);
    diesel::sql_query(RECORD)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(now)
        .bind::<Array<SqlUuid>, _>(recordings.iter().map(|it| it.event_id).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(recordings.iter().map(|it| it.fence).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(recordings.iter().map(|it| it.status).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(recordings.iter().map(|it| count(it.attempts)).collect::<Vec<_>>())
        .bind::<Array<Nullable<Timestamptz>>, _>(
            recordings.iter().map(|it| it.next_attempt_at).collect::<Vec<_>>(),
        )
        .bind::<Array<Jsonb>, _>(logs)
        .execute(tx.conn)?;
    Ok(())
}

/// By their keys, like the claim.
const RECORD: &str = "
    INSERT INTO webhook_deliveries AS d
        (tenant_id, endpoint_id, event_id, sequence, event_type, status, attempts, next_attempt_at, fence, attempt_log, created_at)
    SELECT $1, $2, u.event_id, 0, '', u.status, u.attempts, u.next_attempt_at, u.fence, u.entry, $3
    FROM unnest($4::uuid[], $5::integer[], $6::text[], $7::integer[], $8::timestamptz[], $9::jsonb[])
        AS u (event_id, fence, status, attempts, next_attempt_at, entry)
    ON CONFLICT (tenant_id, endpoint_id, event_id) DO UPDATE SET
        status = excluded.status, attempts = excluded.attempts, next_attempt_at = excluded.next_attempt_at, claimed_until = NULL,
        finished_at = CASE WHEN excluded.status = 'pending' THEN NULL ELSE $3 END,
        attempt_log = CASE WHEN jsonb_array_length(d.attempt_log) >= 20 THEN d.attempt_log - 0 ELSE d.attempt_log END || excluded.attempt_log
    WHERE d.fence = excluded.fence";

/// An endpoint with something to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Waiting {
    #[diesel(sql_type = SqlUuid)]
    pub tenant_id: TenantId,
    #[diesel(sql_type = SqlUuid)]
    pub id: WebhookEndpointId,
    /// It took nothing the last time.
    #[diesel(sql_type = Bool)]
    pub is_failing: bool,
    /// It could not be looked at, and is tried again.
    #[diesel(sql_type = Bool)]
    pub is_parked: bool,
}

/// Endpoints of all tenants with something to hear by their tenant's now, who waits longest first, so many at most.
pub fn waiting(tx: &mut Tx<'_>, (now, limit): (DateTime<Utc>, i64)) -> Result<Vec<Waiting>, StorageError> {
    let Due { work, .. } = &WEBHOOK_DELIVERIES;
    let (rows, work) = (WEBHOOK_DELIVERIES.rows("t.id", "coalesce(t.test_clock, $1)"), (*work).into_str());
    let sql = format!(
        "SELECT tenant_id, id, is_failing, is_parked FROM ( \
             SELECT t.id AS tenant_id, n.id, n.is_failing, false AS is_parked, n.at FROM tenants t CROSS JOIN LATERAL \
                 (SELECT d.id, d.is_failing, d.next_at AS at {rows} AND d.next_at <= coalesce(t.test_clock, $1)) n \
             UNION ALL \
             SELECT t.id, p.item_id, true, true, p.retry_at FROM tenants t JOIN parked_work p ON p.tenant_id = t.id \
             WHERE p.work = '{work}' AND p.retry_at <= coalesce(t.test_clock, $1)) w \
         ORDER BY at, random() LIMIT $2"
    );
    Ok(diesel::sql_query(sql).bind::<Timestamptz, _>(now).bind::<BigInt, _>(limit).load(tx.conn)?)
}
