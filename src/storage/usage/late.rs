//! What follows from usage that came in, was voided or moved? Its customers' budgets are due for a look, and what was billed
//! of its time already is billed again: an event before the cursor of one of its customer's subscriptions sets it back, and
//! the next run bills the difference.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};

use crate::domain::ids::{CustomerId, TenantId};
use crate::storage::{StorageError, Tx, billing, budgets};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    customer_id: CustomerId,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
}

/// Marks that the usage of these customers is another from their instant on: what was billed of it is reopened, and their
/// budgets are looked at. The customers are locked.
pub fn changed_from(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    earliest: &[(CustomerId, DateTime<Utc>)],
) -> Result<(), StorageError> {
    if earliest.is_empty() {
        return Ok(());
    }
    budgets::touch(tx, tenant_id, &earliest.iter().map(|e| e.0).collect::<Vec<_>>())?;
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT DISTINCT e.customer_id, e.at FROM unnest($2::uuid[], $3::timestamptz[]) AS e (customer_id, at) \
         JOIN customers c ON c.tenant_id = $1 AND c.id = e.customer_id \
         JOIN subscriptions s ON s.tenant_id = $1 AND s.customer_id = e.customer_id \
         JOIN billing_cursors b ON b.tenant_id = $1 AND b.customer_id = coalesce(c.payer_id, c.id) AND b.subscription_id = s.id \
             AND b.settled_to > e.at \
         ORDER BY e.customer_id",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(earliest.iter().map(|e| e.0).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(earliest.iter().map(|e| e.1).collect::<Vec<_>>())
    .load(tx.conn)?;
    let late: Vec<(CustomerId, DateTime<Utc>)> =
        rows.into_iter().map(|row| (row.customer_id, row.at)).collect();
    if !late.is_empty() {
        billing::reopen(tx, tenant_id, &late)?;
    }
    Ok(())
}
