//! Which of these events lie in a period that was billed already? Those before the cursor of one of their customer's subscriptions:
//! it is set back, and the next run bills the difference.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::ids::{CustomerId, TenantId};
use crate::storage::{StorageError, Tx, billing};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    customer_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
}

/// Reopens what these customers were billed from their instant on, where it was billed. The customers are locked.
pub fn reopen_late(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    earliest: &[(CustomerId, DateTime<Utc>)],
) -> Result<(), StorageError> {
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT DISTINCT e.customer_id, e.at FROM unnest($2::uuid[], $3::timestamptz[]) AS e (customer_id, at) \
         JOIN customers c ON c.tenant_id = $1 AND c.id = e.customer_id \
         JOIN subscriptions s ON s.tenant_id = $1 AND s.customer_id = e.customer_id \
         JOIN billing_cursors b ON b.tenant_id = $1 AND b.customer_id = coalesce(c.payer_id, c.id) AND b.subscription_id = s.id \
             AND b.settled_to > e.at \
         ORDER BY e.customer_id",
    )
    .bind::<SqlUuid, _>(tenant_id.uuid())
    .bind::<Array<SqlUuid>, _>(earliest.iter().map(|e| e.0.uuid()).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(earliest.iter().map(|e| e.1).collect::<Vec<_>>())
    .load(tx.conn)?;
    let late: Vec<(CustomerId, DateTime<Utc>)> =
        rows.into_iter().map(|row| (CustomerId::from_uuid(row.customer_id), row.at)).collect();
    if !late.is_empty() {
        billing::reopen(tx, tenant_id, &late)?;
    }
    Ok(())
}
