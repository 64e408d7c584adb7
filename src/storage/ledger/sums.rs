//! What has gone through the accounts? All debits and credits, per currency, added up by the database.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable, Numeric, Text, Uuid as SqlUuid};
use rust_decimal::Decimal;

use super::rows::total;
use crate::domain::ids::{EntityId, TenantId};
use crate::domain::ledger::Account;
use crate::domain::money::{Currency, Total};
use crate::storage::{StorageError, Tx};

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
pub(super) struct SumsRow {
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
