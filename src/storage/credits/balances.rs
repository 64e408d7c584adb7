//! What is a customer's credit balance? The running sum of the account `customer_credit`, kept in the same statement stream that
//! posts to it: so it is what the ledger says, without adding up the ledger.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};

use crate::domain::ids::{CustomerId, TenantId};
use crate::domain::ledger::{Account, Transfer};
use crate::domain::money::{Currency, Money};
use crate::storage::customers::Held;
use crate::storage::schema::credit_balances;
use crate::storage::{StorageError, Tx};

/// Follows what was posted to the account. The customers are locked.
pub(in crate::storage) fn follow(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    posted: &[Transfer],
) -> Result<(), StorageError> {
    let mut sums: BTreeMap<(CustomerId, Currency), i128> = BTreeMap::new();
    for transfer in posted {
        let minor = i128::from(transfer.amount.minor());
        let amount = match (transfer.debit, transfer.credit) {
            (_, Account::CustomerCredit) => minor,
            (Account::CustomerCredit, _) => -minor,
            _ => continue,
        };
        *sums.entry((transfer.customer_id, transfer.amount.currency())).or_default() += amount;
    }
    let mut changes: BTreeMap<(CustomerId, Currency), i64> = BTreeMap::new();
    for (account, sum) in sums {
        changes.insert(account, i64::try_from(sum).map_err(|_| StorageError::too_large())?);
    }
    // What falls is updated, not upserted: PostgreSQL holds a row to its checks before it looks whether it is there.
    change(
        tx,
        tenant_id,
        changes.iter().filter(|(_, amount)| **amount < 0),
        "UPDATE credit_balances b SET balance = b.balance + c.amount \
         FROM unnest($2::uuid[], $3::text[], $4::bigint[]) AS c (customer_id, currency, amount) \
         WHERE b.tenant_id = $1 AND b.customer_id = c.customer_id AND b.currency = c.currency",
    )?;
    change(
        tx,
        tenant_id,
        changes.iter().filter(|(_, amount)| **amount > 0),
        "INSERT INTO credit_balances AS b (tenant_id, customer_id, currency, balance) \
         SELECT $1, c.* FROM unnest($2::uuid[], $3::text[], $4::bigint[]) AS c (customer_id, currency, amount) \
         ON CONFLICT (tenant_id, customer_id, currency) DO UPDATE SET balance = b.balance + excluded.balance",
    )
}

fn change<'a>(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    changes: impl Iterator<Item = (&'a (CustomerId, Currency), &'a i64)>,
    sql: &str,
) -> Result<(), StorageError> {
    let changes: Vec<(&(CustomerId, Currency), &i64)> = changes.collect();
    if changes.is_empty() {
        return Ok(());
    }
    diesel::sql_query(sql)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<Array<SqlUuid>, _>(changes.iter().map(|(key, _)| key.0).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(changes.iter().map(|(key, _)| key.1).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(changes.iter().map(|(_, amount)| **amount).collect::<Vec<_>>())
        .execute(tx.conn)?;
    Ok(())
}

/// A customer's balances, those at zero too.
pub fn of_customer(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    customer: CustomerId,
) -> Result<BTreeMap<Currency, Money>, StorageError> {
    let rows: Vec<(Currency, i64)> = credit_balances::table
        .filter(credit_balances::tenant_id.eq(tenant_id))
        .filter(credit_balances::customer_id.eq(customer))
        .select((credit_balances::currency, credit_balances::balance))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(currency, minor)| (currency, Money::from_minor(minor, currency))).collect())
}

/// Of the customers that are held, those that have anything on a balance.
pub fn of_these_with_money(tx: &mut Tx<'_>, held: &Held) -> Result<Vec<CustomerId>, StorageError> {
    let (tenant_id, customers) = (held.tenant_id(), held.customers().iter().map(|customer| customer.id));
    Ok(credit_balances::table
        .filter(credit_balances::tenant_id.eq(tenant_id).and(credit_balances::customer_id.eq_any(customers)))
        .filter(credit_balances::balance.gt(0))
        .distinct()
        .order(credit_balances::customer_id)
        .select(credit_balances::customer_id)
        .load(tx.conn)?)
}
