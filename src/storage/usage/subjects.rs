//! Whose events are these? Customers by id or by the caller's own id, locked with whoever pays for them by one statement in the order of
//! their ids.
//!
//! While an ingesting transaction shares a customer, billing cannot bill that customer: what is billed was there in full before, and
//! what comes after finds the cursor moved and knows that it is late.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Uuid as SqlUuid};

use crate::domain::ids::{CustomerId, TenantId};
use crate::storage::customers::locks;
pub use crate::storage::customers::locks::Lock;
use crate::storage::{StorageError, Tx};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: CustomerId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    payer_id: Option<CustomerId>,
}

/// Locks the customers that these words name; gives them by word. An id goes before a caller's own id that looks like one.
pub fn lock(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (subjects, lock): (&[&str], Lock),
) -> Result<HashMap<String, CustomerId>, StorageError> {
    let ids: Vec<(CustomerId, &str)> =
        subjects.iter().filter_map(|subject| Some((subject.parse::<CustomerId>().ok()?, *subject))).collect();
    // Read first and locked then, with those who pay for them: it is the payer that billing locks.
    let named: Vec<Row> = diesel::sql_query(
        "SELECT id, payer_id FROM customers WHERE tenant_id = $1 AND (id = ANY($2) OR external_id = ANY($3))",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(ids.iter().map(|id| id.0).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(subjects)
    .load(tx.conn)?;
    let wanted: Vec<CustomerId> =
        named.iter().flat_map(|row| [Some(row.id), row.payer_id]).flatten().collect();
    let rows = locks::subjects(tx, tenant_id, &wanted, lock)?;
    let mut found = HashMap::with_capacity(rows.len());
    let by_id: HashMap<CustomerId, &str> = ids.into_iter().collect();
    let subjects = rows.iter().filter_map(|(id, _)| Some(((*by_id.get(id)?).to_owned(), *id)));
    let subjects: Vec<(String, CustomerId)> = subjects.collect();
    for (id, external_id) in rows {
        found.extend(external_id.map(|external_id| (external_id, id)));
    }
    found.extend(subjects);
    Ok(found)
}

/// Keeps the tenant's meters as they are until the end of the transaction, with others that do so.
pub fn share_meters(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<(), StorageError> {
    // Against retention, which drops months alone: whoever waits for it reads the settings after it, and refuses what is too late.
    diesel::sql_query("LOCK TABLE ONLY usage_events IN ROW EXCLUSIVE MODE").execute(tx.conn)?;
    hold(tx, "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))", tenant_id)
}

/// Waits until nothing is being ingested for the tenant, and lets nothing begin: a meter is made or computed anew.
pub fn lock_meters(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<(), StorageError> {
    hold(tx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", tenant_id)
}

fn hold(tx: &mut Tx<'_>, sql: &str, tenant_id: TenantId) -> Result<(), StorageError> {
    diesel::sql_query(sql).bind::<Text, _>(format!("usage of {tenant_id}")).execute(tx.conn)?;
    Ok(())
}
