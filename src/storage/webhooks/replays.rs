//! What is delivered once more? Events of a range, events by their ids, or what was given up: each is begun anew, and tried at once.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::domain::ids::{EventId, TenantId, WebhookEndpointId};
use crate::storage::{StorageError, Tx};

/// From when to when events happened; the end is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range {
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
}

/// Begins anew what an endpoint has been given, or has it given what it has not.
const AGAIN: &str = "ON CONFLICT (tenant_id, endpoint_id, event_id) DO UPDATE SET status = 'pending', attempts = 0, \
    next_attempt_at = excluded.next_attempt_at, claimed_until = NULL, fence = webhook_deliveries.fence + 1, finished_at = NULL";

const GIVE: &str = "INSERT INTO webhook_deliveries \
    (tenant_id, endpoint_id, event_id, sequence, event_type, status, attempts, next_attempt_at, fence, attempt_log, created_at) \
    SELECT $1, $2, id, sequence, type, 'pending', 0, $3, 0, '[]', $3 FROM events WHERE tenant_id = $1";

/// Delivers these events again, whether the endpoint wants their types or not; gives how many there are.
pub fn replay_events(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, WebhookEndpointId),
    (now, events): (DateTime<Utc>, &[EventId]),
) -> Result<usize, StorageError> {
    Ok(diesel::sql_query(format!("{GIVE} AND id = ANY ($4) {AGAIN}"))
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(now)
        .bind::<Array<SqlUuid>, _>(events)
        .execute(tx.conn)?)
}

/// Delivers the events of a range again that are of these types; gives how many there are.
pub fn replay_range(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, WebhookEndpointId),
    (now, range): (DateTime<Utc>, Range),
    types: Option<Vec<&'static str>>,
) -> Result<usize, StorageError> {
    let within = "($4 IS NULL OR occurred_at >= $4) AND ($5 IS NULL OR occurred_at < $5) \
        AND CASE WHEN type = 'webhook_endpoint.tested' THEN object_id = $2 ELSE $6 IS NULL OR type = ANY ($6) END";
    Ok(diesel::sql_query(format!("{GIVE} AND {within} {AGAIN}"))
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Timestamptz>, _>(range.from)
        .bind::<Nullable<Timestamptz>, _>(range.to)
        .bind::<Nullable<Array<Text>>, _>(types)
        .execute(tx.conn)?)
}

/// Delivers again what was given up, of a range, and of these events where some are named; gives how many there are.
pub fn replay_failed(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, WebhookEndpointId),
    (now, range): (DateTime<Utc>, Range),
    events: Option<&[EventId]>,
) -> Result<usize, StorageError> {
    Ok(diesel::sql_query(
        "UPDATE webhook_deliveries d SET status = 'pending', attempts = 0, next_attempt_at = $3, claimed_until = NULL, fence = d.fence + 1, \
             finished_at = NULL \
         FROM events e WHERE d.tenant_id = $1 AND d.endpoint_id = $2 AND d.status = 'failed' AND e.tenant_id = $1 AND e.sequence = d.sequence \
             AND ($4 IS NULL OR e.occurred_at >= $4) AND ($5 IS NULL OR e.occurred_at < $5) AND ($6 IS NULL OR d.event_id = ANY ($6))",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<Timestamptz>, _>(range.from)
    .bind::<Nullable<Timestamptz>, _>(range.to)
    .bind::<Nullable<Array<SqlUuid>>, _>(events)
    .execute(tx.conn)?)
}
