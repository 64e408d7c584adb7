//! Which events wait for their customer or meter? Kept where the tenant wants it, until a replay counts them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::raw::RawJson;
use crate::domain::calendar::Period;
use crate::domain::ids::{CustomerId, TenantId};
use crate::domain::usage::{Data, Event};
use crate::storage::schema::usage_kept as table;
use crate::storage::{StorageError, Tx};

/// An event to be kept, and why.
#[derive(Debug, Clone, Copy)]
pub struct Waiting<'a> {
    pub key: Uuid,
    /// `unknown_customer` or `unknown_meter`.
    pub reason: &'a str,
    pub at: DateTime<Utc>,
    pub event: &'a Event,
}

#[derive(Insertable)]
#[diesel(table_name = table)]
#[diesel(treat_none_as_default_value = false)]
struct Row<'a> {
    tenant_id: TenantId,
    key: Uuid,
    reason: &'a str,
    subject: &'a str,
    occurred_at: DateTime<Utc>,
    type_: &'a str,
    source: &'a str,
    id: &'a str,
    data: RawJson<'a>,
    recorded_at: DateTime<Utc>,
}

/// Keeps events whose keys were claimed.
pub fn keep<'a>(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (waiting, now): (&[Waiting<'a>], DateTime<Utc>),
) -> Result<(), StorageError> {
    if waiting.is_empty() {
        return Ok(());
    }
    let row = |waiting: &Waiting<'a>| Row {
        tenant_id,
        key: waiting.key,
        reason: waiting.reason,
        subject: &waiting.event.subject,
        occurred_at: waiting.at,
        type_: &waiting.event.type_,
        source: &waiting.event.source,
        id: &waiting.event.id,
        data: RawJson(waiting.event.data.text()),
        recorded_at: now,
    };
    let rows: Vec<Row<'a>> = waiting.iter().map(row).collect();
    diesel::copy_from(table::table).from_insertable(&rows).execute(tx.conn)?;
    Ok(())
}

/// An event that waits, read back.
#[derive(Debug, Clone)]
pub struct Kept {
    pub key: Uuid,
    pub at: DateTime<Utc>,
    pub event: Event,
}

/// The events of a period that wait.
pub fn waiting(tx: &mut Tx<'_>, tenant_id: TenantId, period: Period) -> Result<Vec<Kept>, StorageError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        key: Uuid,
        #[diesel(sql_type = Timestamptz)]
        occurred_at: DateTime<Utc>,
        #[diesel(sql_type = Text)]
        subject: String,
        #[diesel(sql_type = Text, column_name = "type")]
        type_: String,
        #[diesel(sql_type = Text)]
        source: String,
        #[diesel(sql_type = Text)]
        id: String,
        #[diesel(sql_type = Text)]
        data: String,
    }
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT key, occurred_at, subject, type, source, id, data::text AS data FROM usage_kept \
         WHERE tenant_id = $1 AND occurred_at >= $2 AND occurred_at < $3 ORDER BY key",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Timestamptz, _>(period.start)
    .bind::<Timestamptz, _>(period.end)
    .load(tx.conn)?;
    rows.into_iter()
        .map(|row| {
            let data = Data::read(&row.data).map_err(|e| StorageError::unreadable("event", e))?;
            let Row { key, occurred_at, subject, type_, source, id, .. } = row;
            let event = Event { id, source, type_, subject, time: Some(occurred_at), data };
            Ok(Kept { key, at: occurred_at, event })
        })
        .collect()
}

/// They wait no longer: their keys say whose they are.
pub fn release(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    released: &[(Uuid, CustomerId)],
) -> Result<(), StorageError> {
    for sql in [
        "UPDATE usage_event_keys k SET customer_id = r.customer_id FROM unnest($2::uuid[], $3::uuid[]) AS r (key, customer_id) \
         WHERE k.tenant_id = $1 AND k.key = r.key",
        "DELETE FROM usage_kept k USING unnest($2::uuid[], $3::uuid[]) AS r (key, customer_id) WHERE k.tenant_id = $1 AND k.key = r.key",
    ] {
        diesel::sql_query(sql)
            .bind::<SqlUuid, _>(tenant_id)
            .bind::<Array<SqlUuid>, _>(released.iter().map(|r| r.0).collect::<Vec<_>>())
            .bind::<Array<SqlUuid>, _>(released.iter().map(|r| r.1).collect::<Vec<_>>())
            .execute(tx.conn)?;
    }
    Ok(())
}
