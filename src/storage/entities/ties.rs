//! What ties a customer to the entity it buys from? What is drafted, owed or credited of it and of those it pays for, and every
//! subscription that was ever invoiced, to whomever: a change as of the past, late usage or a voided event may still give of it back.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};

use crate::domain::entities::moves::Ties;
use crate::domain::ids::{CustomerId, EntityId, TenantId};
use crate::storage::customers::Held;
use crate::storage::schema::customers;
use crate::storage::{StorageError, Tx};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    invoices: i64,
    #[diesel(sql_type = BigInt)]
    subscriptions: i64,
    #[diesel(sql_type = BigInt)]
    credits: i64,
}

/// What ties these customers, who are locked.
pub fn ties(tx: &mut Tx<'_>, held: &Held, ids: &[CustomerId]) -> Result<Ties, StorageError> {
    let row: Row = diesel::sql_query(
        "SELECT (SELECT count(*) FROM invoices WHERE tenant_id = $1 AND customer_id = ANY($2) \
                 AND status IN ('draft', 'open', 'uncollectible')) AS invoices, \
             (SELECT count(*) FROM subscriptions s WHERE s.tenant_id = $1 AND s.customer_id = ANY($2) \
                 AND EXISTS (SELECT FROM item_versions v JOIN invoice_lines l \
                     ON l.tenant_id = $1 AND l.item_version_id = v.id \
                     WHERE v.tenant_id = $1 AND v.subscription_id = s.id)) AS subscriptions, \
             (SELECT count(*) FROM credit_balances WHERE tenant_id = $1 AND customer_id = ANY($2) AND balance <> 0) \
             + (SELECT count(*) FROM credit_grants WHERE tenant_id = $1 AND customer_id = ANY($2) \
                AND status IN ('pending', 'active') AND remaining > 0) AS credits",
    )
    .bind::<SqlUuid, _>(held.tenant_id())
    .bind::<Array<SqlUuid>, _>(ids)
    .get_result(tx.conn)?;
    Ok(Ties { invoices: row.invoices, subscriptions: row.subscriptions, credits: row.credits })
}

/// The customers for whom another pays, in the order of their ids.
pub fn paid_for(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    payer: CustomerId,
) -> Result<Vec<CustomerId>, StorageError> {
    Ok(customers::table
        .filter(customers::tenant_id.eq(tenant_id).and(customers::payer_id.eq(payer)))
        .order(customers::id)
        .select(customers::id)
        .load(tx.conn)?)
}

/// Lets these customers, who are locked, buy from another entity.
pub fn move_to(
    tx: &mut Tx<'_>,
    held: &Held,
    ids: &[CustomerId],
    entity_id: EntityId,
) -> Result<(), StorageError> {
    diesel::update(customers::table)
        .filter(customers::tenant_id.eq(held.tenant_id()).and(customers::id.eq_any(ids)))
        .set(customers::entity_id.eq(entity_id))
        .execute(tx.conn)?;
    Ok(())
}
