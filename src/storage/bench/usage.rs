//! How is ingesting measured? Against its own rows, written once more by plain `COPY` into an identical empty table with both its keys.
//!
//! One table instead of a partition, and the key of exactly-once as a unique constraint on it: what the events need, by the fastest way in.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::settle;
use crate::domain::ids::TenantId;
use crate::storage::{Session, StorageError, fit};

/// Makes customers `c1`, `c2` and so on, by one statement.
pub fn seed_customers(
    session: &mut Session,
    tenant_id: TenantId,
    customers: u32,
) -> Result<(), StorageError> {
    session.connection()?.batch_execute(&format!(
        "INSERT INTO customers (tenant_id, id, external_id, name, currency, created_at)
         SELECT '{t}', ('01900000-0004-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'c' || n, 'Customer ' || n, 'USD', now()
         FROM generate_series(1, {customers}) n;
         INSERT INTO buyer_versions SELECT tenant_id, id, 1, jsonb_build_object('name', name), created_at FROM customers WHERE tenant_id = '{t}'",
        t = tenant_id.uuid()
    ))?;
    settle(session)
}

/// Empties everything that was ingested.
pub fn clear(session: &mut Session) -> Result<(), StorageError> {
    session
        .connection()?
        .batch_execute("TRUNCATE usage_events, usage_event_keys, usage_rollups, usage_uniques, usage_kept")?;
    settle(session)
}

/// How many events there are, and makes an identical empty table and a file of those rows for [`copy`].
pub fn prepare_copy(session: &mut Session, dir: &Path) -> Result<i64, StorageError> {
    let file = file(dir);
    let conn = session.connection()?;
    conn.batch_execute(
        "DROP SCHEMA IF EXISTS plain CASCADE; CREATE SCHEMA plain; \
         CREATE TABLE plain.usage_events (LIKE public.usage_events INCLUDING ALL, UNIQUE (tenant_id, key))",
    )?;
    let rows =
        diesel::sql_query(format!("COPY (SELECT * FROM public.usage_events) TO '{file}'")).execute(conn)?;
    settle(session)?;
    fit("rows", rows)
}

/// Writes the rows again with plain `COPY`: the thing to time.
pub fn copy(session: &mut Session, dir: &Path) -> Result<(), StorageError> {
    let file = file(dir);
    session.connection()?.batch_execute(&format!("COPY plain.usage_events FROM '{file}'"))?;
    Ok(())
}

fn file(dir: &Path) -> String {
    dir.join("usage_events").display().to_string().replace('\'', "''")
}
