//! How are transfers kept, and what do they add up to? Rows that are only ever added; a balance is their sum.
//!
//! A key of source and leg makes posting the same source twice impossible.
//!
//! What is on this shelf, what is not, and its laws: [`domain::ledger`](crate::domain::ledger).

mod functional_sums;
pub mod revaluations;
mod valuing;
pub mod views;
pub mod waiting;

pub use functional_sums::functional_balances;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable, Numeric, Text, Uuid as SqlUuid};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::schema::ledger_transfers;
use super::{StorageError, Tx};
use crate::domain::ids::{CustomerId, EntityId, InvoiceId, TenantId};
use crate::domain::ledger::{Account, Functional, SourceKind, Transfer};
use crate::domain::money::{Currency, Money, Total};
use crate::storage::customers::Held;

/// A transfer as its row holds it; views read it too.
#[derive(Queryable, QueryableByName, Selectable, Insertable)]
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
    entity_id: Option<EntityId>,
    invoice_id: Option<InvoiceId>,
    functional_currency: Option<Currency>,
    functional_amount: Option<i64>,
    realised_gain: Option<i64>,
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
            entity_id: Some(row.entity_id.unwrap_or(EntityId::first_of(row.tenant_id))),
            invoice_id: row.invoice_id,
            effective_on: row.effective_on,
            recorded_at: row.recorded_at,
            functional: row.functional_currency.map(|home| Functional {
                amount: Money::from_minor(row.functional_amount.unwrap_or(row.amount), home),
                realised: Money::from_minor(row.realised_gain.unwrap_or(0), home),
            }),
        }
    }
}

impl TransferRow {
    /// The same currency is stored as its name alone, and no gain as none.
    fn of(tenant_id: TenantId, transfer: &Transfer) -> TransferRow {
        let first = EntityId::first_of(tenant_id);
        let abroad = transfer.functional.filter(|f| f.amount.currency() != transfer.amount.currency());
        TransferRow {
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
            entity_id: transfer.entity_id.filter(|entity| *entity != first),
            invoice_id: transfer.invoice_id,
            functional_currency: transfer.functional.map(|functional| functional.amount.currency()),
            functional_amount: abroad.map(|functional| functional.amount.minor()),
            realised_gain: abroad.map(|functional| functional.realised.minor()).filter(|gain| *gain != 0),
        }
    }
}

/// Posts transfers, by `COPY`, each in the currency of its entity's books, too, or waiting for it; the credit balances follow what moves
/// `customer_credit`.
pub fn post(tx: &mut Tx<'_>, held: &Held, transfers: &[Transfer]) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    if transfers.is_empty() {
        return Ok(());
    }
    let valued = valuing::value(tx, held, transfers)?;
    let rows: Vec<TransferRow> = valued.transfers.iter().map(|one| TransferRow::of(tenant_id, one)).collect();
    diesel::copy_from(ledger_transfers::table).from_insertable(&rows).execute(tx.conn)?;
    waiting::put(tx, tenant_id, &valued.waits)?;
    super::credits::balances::follow(tx, tenant_id, transfers)
}

/// In whose books a source was posted; `None` when nothing was.
pub fn entity_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    source_id: Uuid,
) -> Result<Option<EntityId>, StorageError> {
    Ok(of_source(tx, tenant_id, source_id)?.into_iter().find_map(|transfer| transfer.entity_id))
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

impl From<SumsRow> for AccountSums {
    fn from(row: SumsRow) -> AccountSums {
        AccountSums {
            account: row.account,
            currency: row.currency,
            debits: total(row.debits, row.currency),
            credits: total(row.credits, row.currency),
        }
    }
}

/// What has gone through an account in a currency, and what is left of it in the currency of the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Both {
    pub sums: AccountSums,
    /// Debits are above zero; `None` where some of it waits for a rate, or the books are in several currencies.
    pub functional: Option<Total>,
}

#[derive(QueryableByName)]
struct BothRow {
    #[diesel(embed)]
    sums: SumsRow,
    #[diesel(sql_type = Nullable<Text>)]
    home: Option<Currency>,
    #[diesel(sql_type = Nullable<Numeric>)]
    functional: Option<Decimal>,
}

/// Debits and credits of every account that has moved, perhaps of one entity, up to and including the day `as_of` (all of them when `None`).
pub fn balances(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, Option<EntityId>),
    as_of: Option<NaiveDate>,
) -> Result<Vec<Both>, StorageError> {
    // Grouped by the pair first: one pass over the transfers gives a few rows, split into sides afterwards.
    let rows: Vec<BothRow> = diesel::sql_query(
        "WITH moved AS MATERIALIZED (
             SELECT debit, credit, currency, functional_currency AS home, sum(amount) AS amount,
                 sum(coalesce(functional_amount, amount)) AS worth, sum(coalesce(realised_gain, 0)) AS gain
             FROM ledger_transfers
             WHERE tenant_id = $1 AND ($2::date IS NULL OR effective_on <= $2)
             AND ($3::uuid IS NULL OR coalesce(entity_id, $1) = $3) GROUP BY debit, credit, currency, functional_currency),
         sides AS (
             SELECT debit AS account, currency, home, amount AS debits, 0 AS credits, worth FROM moved
             UNION ALL SELECT credit, currency, home, 0, amount, gain - worth FROM moved)
         SELECT account, currency, sum(debits) AS debits, sum(credits) AS credits, min(home) AS home,
             CASE WHEN min(home) = max(home) AND bool_and(home IS NOT NULL) THEN sum(worth) END AS functional
         FROM sides GROUP BY account, currency ORDER BY account, currency",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Nullable<Date>, _>(as_of)
    .bind::<Nullable<SqlUuid>, _>(entity_id)
    .load(tx.conn)?;
    let both = |row: BothRow| Both {
        functional: row.functional.zip(row.home).map(|(sum, home)| total(sum, home)),
        sums: row.sums.into(),
    };
    Ok(rows.into_iter().map(both).collect())
}

/// A sum of whole minor units, as the database adds them up: without an end.
pub(in crate::storage) fn total(minor: Decimal, currency: Currency) -> Total {
    Total::from_minor(minor.trunc_with_scale(0).mantissa(), currency)
}
