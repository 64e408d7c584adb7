//! Which drafts charge what others give back? The tax that goes back is known once they are issued.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};

use crate::domain::billing::piece::Key;
use crate::domain::ids::{CustomerId, InvoiceId, ItemVersionId, TenantId};
use crate::domain::invoicing::WaitsFor;
use crate::storage::customers::Held;
use crate::storage::schema::invoices;
use crate::storage::{StorageError, Tx};

#[derive(QueryableByName)]
struct Charged {
    #[diesel(sql_type = SqlUuid)]
    version: ItemVersionId,
    #[diesel(sql_type = Timestamptz)]
    start: DateTime<Utc>,
}

/// Those of these keys that a draft charges.
pub fn charged(tx: &mut Tx<'_>, tenant_id: TenantId, keys: &[Key]) -> Result<HashSet<Key>, StorageError> {
    if keys.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<Charged> = diesel::sql_query(
        "SELECT DISTINCT k.version, k.start FROM unnest($2::uuid[], $3::timestamptz[]) AS k (version, start) \
         JOIN invoice_lines l ON l.tenant_id = $1 AND l.item_version_id = k.version AND l.period_start = k.start AND l.amount > 0 \
         JOIN invoices i ON i.tenant_id = $1 AND i.id = l.invoice_id AND i.status = 'draft'",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(keys.iter().map(|key| key.version).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(keys.iter().map(|key| key.start).collect::<Vec<_>>())
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| Key { version: row.version, start: row.start }).collect())
}

/// A draft that gives back of what an earlier one charges.
#[derive(QueryableByName)]
pub struct GivesBack {
    #[diesel(sql_type = SqlUuid)]
    pub draft: InvoiceId,
    #[diesel(sql_type = SqlUuid)]
    pub of_draft: InvoiceId,
}

/// Which of these drafts give back of which earlier ones.
pub fn giving_back(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    drafts: &[InvoiceId],
) -> Result<Vec<GivesBack>, StorageError> {
    Ok(diesel::sql_query(
        "SELECT DISTINCT i.id AS draft, e.id AS of_draft FROM invoices i \
         JOIN invoice_lines l ON l.tenant_id = $1 AND l.invoice_id = i.id AND l.amount < 0 AND l.revision > 0 \
         JOIN invoice_lines c ON c.tenant_id = $1 AND c.item_version_id = l.item_version_id AND c.period_start = l.period_start \
             AND c.amount > 0 \
         JOIN invoices e ON e.tenant_id = $1 AND e.id = c.invoice_id AND e.status = 'draft' AND (e.created_at, e.id) < (i.created_at, i.id) \
         WHERE i.tenant_id = $1 AND i.id = ANY($2) ORDER BY 1, 2",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(drafts)
    .load(tx.conn)?)
}

/// Has drafts of these customers that wait for earlier ones looked at now.
pub fn look_again(
    tx: &mut Tx<'_>,
    held: &Held,
    customers: &[CustomerId],
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let waiting = invoices::table
        .filter(invoices::tenant_id.eq(held.tenant_id()).and(invoices::customer_id.eq_any(customers)))
        .filter(invoices::waits_for.eq(WaitsFor::EarlierDraft));
    diesel::update(waiting).set(invoices::finalizes_at.eq(now)).execute(tx.conn)?;
    Ok(())
}
