//! Which events wait for their customer or meter? Kept where the tenant wants it, until a replay counts them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::raw::RawJson;
use crate::domain::ids::TenantId;
use crate::domain::usage::Event;
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
    tenant_id: Uuid,
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
        tenant_id: tenant_id.uuid(),
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
