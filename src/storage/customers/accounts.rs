//! Who pays for whom? The account that pays is the lock of all it pays for: whoever writes something of a customer locks both, in the
//! order of their ids, and finds out when the payer has changed meanwhile.
//!
//! The tree itself is held by one lock a tenant: shared by whoever adds a child, alone by whoever moves one. It is taken before any row.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Text, Timestamptz, Uuid as SqlUuid};

use crate::domain::ids::{CustomerId, TenantId};
use crate::storage::customers::locks::Held;
pub use crate::storage::customers::locks::payer_of;
use crate::storage::schema::{customer_payers, customers};
use crate::storage::{StorageError, Tx};

/// The payers of those among these customers that are paid for by another.
pub fn payers(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[CustomerId],
) -> Result<HashMap<CustomerId, CustomerId>, StorageError> {
    let rows: Vec<(CustomerId, CustomerId)> = customers::table
        .filter(customers::tenant_id.eq(tenant_id).and(customers::id.eq_any(ids)))
        .filter(customers::payer_id.is_not_null())
        .select((customers::id, customers::payer_id.assume_not_null()))
        .load(tx.conn)?;
    Ok(rows.into_iter().collect())
}

/// Whether anyone was ever paid for by another.
pub fn have_payers(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<bool, StorageError> {
    let any = customer_payers::table.filter(customer_payers::tenant_id.eq(tenant_id));
    Ok(diesel::select(diesel::dsl::exists(any)).get_result(tx.conn)?)
}

/// Keeps the tree as it is until the end of the transaction, with others that do so: a child is added.
pub fn share_tree(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<(), StorageError> {
    hold(tx, "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))", tenant_id)
}

/// Keeps everyone else from the tree until the end of the transaction: someone is moved.
pub fn hold_tree(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<(), StorageError> {
    hold(tx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", tenant_id)
}

fn hold(tx: &mut Tx<'_>, sql: &str, tenant_id: TenantId) -> Result<(), StorageError> {
    diesel::sql_query(sql).bind::<Text, _>(format!("customers of {tenant_id}")).execute(tx.conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Placed {
    #[diesel(sql_type = SqlUuid)]
    id: CustomerId,
    #[diesel(sql_type = Integer)]
    level: i32,
    #[diesel(sql_type = diesel::sql_types::Bool)]
    paid: bool,
}

/// A customer, its parent, and so on upwards.
pub fn upwards(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    from: CustomerId,
) -> Result<Vec<CustomerId>, StorageError> {
    let rows: Vec<Placed> = diesel::sql_query(
        "WITH RECURSIVE up AS ( \
             SELECT id, parent_id, 1 AS level FROM customers WHERE tenant_id = $1 AND id = $2 \
             UNION ALL SELECT c.id, c.parent_id, up.level + 1 FROM up \
             JOIN customers c ON c.tenant_id = $1 AND c.id = up.parent_id WHERE up.level < 100) \
         SELECT id, level, true AS paid FROM up ORDER BY level",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(from)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// What is below a customer.
#[derive(Debug, Clone, Default)]
pub struct Below {
    /// Levels.
    pub levels: usize,
    /// Those for whom whoever pays for the customer pays, too.
    pub paid_alike: Vec<CustomerId>,
}

/// Everything below a customer.
pub fn below(tx: &mut Tx<'_>, tenant_id: TenantId, top: CustomerId) -> Result<Below, StorageError> {
    let rows: Vec<Placed> = diesel::sql_query(
        "WITH RECURSIVE down AS ( \
             SELECT id, 1 AS level, pays = 'parent' AS paid FROM customers WHERE tenant_id = $1 AND parent_id = $2 \
             UNION ALL SELECT c.id, down.level + 1, down.paid AND c.pays = 'parent' FROM down \
             JOIN customers c ON c.tenant_id = $1 AND c.parent_id = down.id WHERE down.level < 100) \
         SELECT id, level, paid FROM down",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(top)
    .load(tx.conn)?;
    let levels = rows.iter().filter_map(|row| usize::try_from(row.level).ok()).max().unwrap_or(0);
    let alike = rows.iter().filter(|row| row.paid).map(|row| row.id);
    Ok(Below { levels, paid_alike: alike.collect() })
}

/// How many of these customers' subscriptions have something due by `now`.
pub fn due_subscriptions(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    payer: CustomerId,
    customers_paid_for: &[CustomerId],
    now: DateTime<Utc>,
) -> Result<i64, StorageError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let row: Row = diesel::sql_query(
        "SELECT count(*) AS count FROM billing_cursors b \
         JOIN subscriptions s ON s.tenant_id = b.tenant_id AND s.id = b.subscription_id \
         WHERE b.tenant_id = $1 AND b.customer_id = $2 AND b.next_bill_at <= $4 AND s.customer_id = ANY($3)",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(payer)
    .bind::<Array<SqlUuid>, _>(customers_paid_for)
    .bind::<Timestamptz, _>(now)
    .get_result(tx.conn)?;
    Ok(row.count)
}

/// Who pays from now on for whom, until now paid for by another.
#[derive(Debug, Clone, Copy)]
pub struct Move<'a> {
    pub from: CustomerId,
    pub to: CustomerId,
    pub customers: &'a [CustomerId],
    pub now: DateTime<Utc>,
}

/// Lets another account pay for these customers, and bill it for their subscriptions. Of the first one it is the caller who writes its
/// row. All are locked.
pub fn repoint(tx: &mut Tx<'_>, held: &Held, moved: Move<'_>) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    diesel::sql_query(
        "UPDATE billing_cursors b SET customer_id = $3 FROM subscriptions s \
         WHERE b.tenant_id = $1 AND b.customer_id = $2 AND s.tenant_id = $1 AND s.id = b.subscription_id AND s.customer_id = ANY($4)",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(moved.from)
    .bind::<SqlUuid, _>(moved.to)
    .bind::<Array<SqlUuid>, _>(moved.customers)
    .execute(tx.conn)?;
    diesel::update(customers::table)
        .filter(customers::tenant_id.eq(tenant_id).and(customers::id.eq_any(moved.customers.iter().skip(1))))
        .set(customers::payer_id.eq(moved.to))
        .execute(tx.conn)?;
    for payer in [moved.from, moved.to] {
        record_payer(tx, tenant_id, moved.customers, payer, moved.now)?;
    }
    Ok(())
}

/// Records that an account has paid for these customers.
pub fn record_payer(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    customers_paid_for: &[CustomerId],
    payer: CustomerId,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    diesel::sql_query(
        "INSERT INTO customer_payers (tenant_id, customer_id, payer_id, since) SELECT $1, id, $3, $4 FROM unnest($2::uuid[]) AS o (id) \
         ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(customers_paid_for)
    .bind::<SqlUuid, _>(payer)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn)?;
    Ok(())
}
