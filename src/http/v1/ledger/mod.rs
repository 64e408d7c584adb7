//! `/v1/ledger`: the chart of accounts, every transfer, and what they add up to.
//!
//! What is on this shelf, what is not, and its laws: [`domain::ledger`](crate::domain::ledger).

pub mod revaluations;

use strum::VariantArray;

use crate::domain::ledger::Account;
use crate::http::{Answer, Get, Problem, Query};
use crate::storage::ledger::views::{self, AccountSums, Both, Filter, Position, Wanted};
use crate::wire::ledger::balances::{BalancesQuery, LedgerBalance, LedgerBalances, ReportedBalances, Sides};
use crate::wire::ledger::{EntriesQuery, LedgerAccounts, LedgerEntry, cursor};
use crate::wire::page::{Page, checked_limit};
use crate::workflows::Scope;
use crate::workflows::ledger::report_balances;

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
    let filter = Filter {
        account: query.account()?,
        source_id: query.source_id()?,
        customer_id: query.customer_id,
        entity_id: query.entity_id,
    };
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
/// Debits, credits and balance of every account that has moved, per currency, up to and including a day; and all of it in the currency of the
/// books, with gains and losses.
#[utoipa::path(get, path = "/v1/ledger/balances", tag = "ledger", params(BalancesQuery),
    responses((status = 200, description = "The balances", body = LedgerBalances)))]
pub async fn balances(get: Get, Query(query): Query<BalancesQuery>) -> Result<Answer, Problem> {
    let (as_of, entity_id) = (query.as_of()?, query.entity_id);
    get.run(move |tx, tenant_id| {
        let scope = Scope::load(tx, tenant_id)?;
        let reported = report_balances::run(tx, &scope, (entity_id, as_of))?;
        let sides = |(account, debits, credits)| Sides { account, debits, credits };
        let sums = reported.sums.map(|sums| sums.into_iter().map(sides).collect());
        let reporting = ReportedBalances::of(
            reported.currency,
            sums.map_err(|no_rate| no_rate.to_string()),
            reported.waiting,
        );
        let both = views::balances(tx, (tenant_id, entity_id), as_of)?;
        let data = both.into_iter().map(|Both { sums, functional }| {
            let AccountSums { account, debits, credits, .. } = sums;
            LedgerBalance::of(Sides { account, debits, credits }, functional)
        });
        Ok(LedgerBalances { as_of, data: data.collect(), reporting })
    })
    .await
}
