//! How are transfers kept, and what do they add up to? Rows that are only ever added; a balance is their sum.
//!
//! A key of source and leg makes posting the same source twice impossible.
//!
//! What is on this shelf, what is not, and its laws: [`domain::ledger`](crate::domain::ledger).

pub mod views;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable, Numeric, Text, Uuid as SqlUuid};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::schema::ledger_transfers;
use super::{StorageError, Tx};
use crate::domain::ids::{CustomerId, TenantId};
use crate::domain::ledger::{Account, SourceKind, Transfer};
use crate::domain::money::{Currency, Money, Total};
use crate::storage::customers::Held;

/// A transfer as its row holds it; views read it too.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_transfers, treat_none_as_default_value = false)]
pub(in crate::storage) struct TransferRow {
    tenant_id: TenantId,
    source_id: Uuid,
    source_kind: SourceKind,
    leg: i16,
    debit: Account,
    credit: Account,
    amount: i64,
    currency: Currency,
    customer_id: CustomerId,
    effective_on: NaiveDate,
    recorded_at: DateTime<Utc>,
}

impl From<TransferRow> for Transfer {
    fn from(row: TransferRow) -> Transfer {
        Transfer {
            source_kind: row.source_kind,
            source_id: row.source_id,
            leg: row.leg,
            debit: row.debit,
            credit: row.credit,
            amount: Money::from_minor(row.amount, row.currency),
            customer_id: row.customer_id,
            effective_on: row.effective_on,
            recorded_at: row.recorded_at,
        }
    }
}

/// Posts transfers, by `COPY`; the credit balances follow what moves `customer_credit`.
pub fn post(tx: &mut Tx<'_>, held: &Held, transfers: &[Transfer]) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    if transfers.is_empty() {
        return Ok(());
    }
    let rows: Vec<TransferRow> = transfers
        .iter()
        .map(|transfer| TransferRow {
            tenant_id,
            source_id: transfer.source_id,
            source_kind: transfer.source_kind,
            leg: transfer.leg,
            debit: transfer.debit,
            credit: transfer.credit,
            amount: transfer.amount.minor(),
            currency: transfer.amount.currency(),
            customer_id: transfer.customer_id,
            effective_on: transfer.effective_on,
            recorded_at: transfer.recorded_at,
        })
        .collect();
    diesel::copy_from(ledger_transfers::table).from_insertable(&rows).execute(tx.conn)?;
    super::credits::balances::follow(tx, tenant_id, transfers)
}

/// The transfers of one source, whatever their kind, in the order they were posted.
pub fn of_source(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    source_id: Uuid,
) -> Result<Vec<Transfer>, StorageError> {
    let rows: Vec<TransferRow> = ledger_transfers::table
        .filter(ledger_transfers::tenant_id.eq(tenant_id).and(ledger_transfers::source_id.eq(source_id)))
        .order((ledger_transfers::recorded_at, ledger_transfers::source_kind, ledger_transfers::leg))
        .select(TransferRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(Transfer::from).collect())
}

/// What has gone through one account in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountSums {
    /// Whose.
    pub account: Account,
    /// In which currency.
    pub currency: Currency,
    /// All that was debited.
    pub debits: Total,
    /// All that was credited.
    pub credits: Total,
}

#[derive(QueryableByName)]
struct SumsRow {
    #[diesel(sql_type = Text)]
    account: Account,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Numeric)]
    debits: Decimal,
    #[diesel(sql_type = Numeric)]
    credits: Decimal,
}

/// Debits and credits of every account that has moved, up to and including the day `as_of` (all of them when `None`).
pub fn balances(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    as_of: Option<NaiveDate>,
) -> Result<Vec<AccountSums>, StorageError> {
    // Grouped by the pair first: one pass over the transfers gives a few rows, split into sides afterwards.
    let rows: Vec<SumsRow> = diesel::sql_query(
        "WITH moved AS MATERIALIZED (
             SELECT debit, credit, currency, sum(amount) AS amount FROM ledger_transfers
             WHERE tenant_id = $1 AND ($2::date IS NULL OR effective_on <= $2) GROUP BY debit, credit, currency),
         sides AS (
             SELECT debit AS account, currency, amount AS debits, 0 AS credits FROM moved
             UNION ALL SELECT credit, currency, 0, amount FROM moved)
         SELECT account, currency, sum(debits) AS debits, sum(credits) AS credits
         FROM sides GROUP BY account, currency ORDER BY account, currency",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Nullable<Date>, _>(as_of)
    .load(tx.conn)?;
    let sums = |row: SumsRow| AccountSums {
        account: row.account,
        currency: row.currency,
        debits: total(row.debits, row.currency),
        credits: total(row.credits, row.currency),
    };
    Ok(rows.into_iter().map(sums).collect())
}

/// A sum of whole minor units, as the database adds them up: without an end.
pub(in crate::storage) fn total(minor: Decimal, currency: Currency) -> Total {
    Total::from_minor(minor.trunc_with_scale(0).mantissa(), currency)
}
