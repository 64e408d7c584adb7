//! What do the books of entities add up to, each in its currency? Transfers with the gains that are realised on them, and what revaluations post.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use rust_decimal::Decimal;

use super::rows::total;
use super::sums::{AccountSums, SumsRow};
use crate::domain::calendar::Period;
use crate::domain::ids::{EntityId, TenantId};
use crate::domain::ledger::Account;
use crate::domain::money::{Currency, Total};
use crate::storage::{StorageError, Tx};

/// Debits and credits of every account in the currencies of books, perhaps of one entity, up to and including a day. What has no value yet is
/// left out.
pub fn functional_balances(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, Option<EntityId>),
    as_of: Option<NaiveDate>,
) -> Result<Vec<AccountSums>, StorageError> {
    let rows: Vec<SumsRow> = diesel::sql_query(
        "WITH moved AS MATERIALIZED ( \
             SELECT debit, credit, functional_currency AS currency, sum(coalesce(functional_amount, amount)) AS debited, \
                 sum(coalesce(functional_amount, amount) - coalesce(realised_gain, 0)) AS credited, \
                 coalesce(sum(realised_gain) FILTER (WHERE realised_gain > 0), 0) AS gains, \
                 coalesce(-sum(realised_gain) FILTER (WHERE realised_gain < 0), 0) AS losses \
             FROM ledger_transfers WHERE tenant_id = $1 AND functional_currency IS NOT NULL \
             AND ($2::date IS NULL OR effective_on <= $2) AND ($3::uuid IS NULL OR coalesce(entity_id, $1) = $3) \
             GROUP BY 1, 2, 3), \
         revalued AS (SELECT debit, credit, functional_currency AS currency, sum(amount) AS amount FROM ledger_revaluation_postings \
             WHERE tenant_id = $1 AND ($2::date IS NULL OR effective_on <= $2) AND ($3::uuid IS NULL OR entity_id = $3) GROUP BY 1, 2, 3), \
         sides AS ( \
             SELECT debit AS account, currency, debited AS debits, 0 AS credits FROM moved \
             UNION ALL SELECT credit, currency, 0, credited FROM moved \
             UNION ALL SELECT 'fx_gain_loss_realised', currency, losses, gains FROM moved \
             UNION ALL SELECT debit, currency, amount, 0 FROM revalued \
             UNION ALL SELECT credit, currency, 0, amount FROM revalued) \
         SELECT account, currency, sum(debits) AS debits, sum(credits) AS credits FROM sides \
         GROUP BY account, currency HAVING sum(debits) <> 0 OR sum(credits) <> 0 ORDER BY account, currency",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Nullable<Date>, _>(as_of)
    .bind::<Nullable<SqlUuid>, _>(entity_id)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(AccountSums::from).collect())
}

/// By how much an account rose in a period, in the currencies of books; credits are above zero.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Risen {
    pub sums: Vec<Total>,
    /// How many transfers have no value yet.
    pub waiting: i64,
}

#[derive(QueryableByName)]
struct RisenRow {
    #[diesel(sql_type = Nullable<Text>)]
    currency: Option<Currency>,
    #[diesel(sql_type = Numeric)]
    amount: Decimal,
    #[diesel(sql_type = BigInt)]
    transfers: i64,
}

/// What was recorded on an account in a period, perhaps in the books of one entity.
pub fn risen(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, Option<EntityId>),
    (account, period): (Account, Period),
) -> Result<Risen, StorageError> {
    let rows: Vec<RisenRow> = diesel::sql_query(
        "SELECT functional_currency AS currency, count(*) AS transfers, \
             sum(CASE WHEN credit = $5 THEN coalesce(functional_amount, amount) - coalesce(realised_gain, 0) \
                 ELSE -coalesce(functional_amount, amount) END) AS amount \
         FROM ledger_transfers WHERE tenant_id = $1 AND recorded_at >= $2 AND recorded_at < $3 AND (debit = $5 OR credit = $5) \
         AND ($4::uuid IS NULL OR coalesce(entity_id, $1) = $4) GROUP BY functional_currency",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Timestamptz, _>(period.start)
    .bind::<Timestamptz, _>(period.end)
    .bind::<Nullable<SqlUuid>, _>(entity_id)
    .bind::<Text, _>(account)
    .load(tx.conn)?;
    let mut risen = Risen::default();
    for row in rows {
        match row.currency {
            Some(currency) => risen.sums.push(total(row.amount, currency)),
            None => risen.waiting += row.transfers,
        }
    }
    Ok(risen)
}
