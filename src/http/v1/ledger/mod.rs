//! `/v1/ledger`: the chart of accounts, every transfer, and what they add up to.
//!
//! What is on this shelf, what is not, and its laws: [`domain::ledger`](crate::domain::ledger).

use strum::VariantArray;

use crate::domain::ledger::Account;
use crate::http::{Answer, Get, Problem, Query};
use crate::storage::ledger::views::{self, AccountSums, Filter, Position, Wanted};
use crate::wire::ledger::{
    BalancesQuery, EntriesQuery, LedgerAccounts, LedgerBalance, LedgerBalances, LedgerEntry, cursor,
};
use crate::wire::page::{Page, checked_limit};

/// The chart of accounts
#[utoipa::path(get, path = "/v1/ledger/accounts", tag = "ledger",
    responses((status = 200, description = "Every account", body = LedgerAccounts)))]
pub async fn accounts(get: Get) -> Result<Answer, Problem> {
    get.run(|_, _| Ok(LedgerAccounts { data: Account::VARIANTS.iter().copied().map(Into::into).collect() }))
        .await
}

/// Transfers, newest first
///
/// Double entry by construction: each debits one account and credits another with the same amount.
#[utoipa::path(get, path = "/v1/ledger/entries", tag = "ledger", params(EntriesQuery),
    responses((status = 200, description = "A page of transfers", body = Page<LedgerEntry>)))]
pub async fn entries(get: Get, Query(query): Query<EntriesQuery>) -> Result<Answer, Problem> {
    let after = query.place()?.map(|(recorded_at, source_id, source_kind, leg)| Position {
        recorded_at,
        source_id,
        source_kind,
        leg,
    });
    let filter =
        Filter { account: query.account()?, source_id: query.source_id()?, customer_id: query.customer_id };
    let wanted = Wanted { filter, after, limit: checked_limit(query.limit)? };
    get.run(move |tx, tenant_id| {
        let (rows, has_more) = views::list(tx, tenant_id, &wanted)?;
        let next_cursor = rows.last().filter(|_| has_more).map(cursor);
        Ok(Page { data: rows.iter().map(LedgerEntry::from).collect(), has_more, next_cursor })
    })
    .await
}

/// Balances
///
/// Debits, credits and balance of every account that has moved, per currency, up to and including a day.
#[utoipa::path(get, path = "/v1/ledger/balances", tag = "ledger", params(BalancesQuery),
    responses((status = 200, description = "The balances", body = LedgerBalances)))]
pub async fn balances(get: Get, Query(query): Query<BalancesQuery>) -> Result<Answer, Problem> {
    let as_of = query.as_of()?;
    get.run(move |tx, tenant_id| {
        let sums = views::balances(tx, tenant_id, as_of)?;
        let data = sums.into_iter().map(balance).collect();
        Ok(LedgerBalances { as_of, data })
    })
    .await
}

fn balance(sums: AccountSums) -> LedgerBalance {
    let kind = sums.account.account_type();
    let (grows, shrinks) =
        if kind.grows_by_debits() { (sums.debits, sums.credits) } else { (sums.credits, sums.debits) };
    LedgerBalance {
        account: sums.account.into_str(),
        r#type: kind.into_str(),
        currency: sums.currency.code(),
        debits: sums.debits.to_major_string(),
        credits: sums.credits.to_major_string(),
        balance: grows.less(shrinks).to_major_string(),
    }
}
