//! `/v1/revenue/standalone_prices`, `/v1/revenue/contracts`, `/v1/revenue/contract_balances`: what is promised together.

use actix_web::http::StatusCode;
use chrono::NaiveDate;

use crate::domain::ids::RevenueContractId;
use crate::domain::money::{Money, MoneyError};
use crate::domain::revenue::Schedule;
use crate::domain::revenue::contracts::{self as domain, Contract, Refused};
use crate::http::{Answer, Get, Listing, PathId, Post, Problem, Query, page};
use crate::storage::Tx;
use crate::storage::revenue::views;
use crate::wire::page::{Page, PageQuery};
use crate::wire::revenue::contracts::{
    ContractBalance, ContractBalances, ContractBalancesQuery, NewRevenueContract, NewStandalonePrice,
    RevenueContract, RevenueContractsQuery, StandalonePrice, StandalonePrices,
};
use crate::workflows::revenue::contracts::{self as workflows, Order, PriceOrder};
use crate::workflows::{Error, Scope};

fn fault(error: MoneyError) -> Error {
    Error::Fault(error.to_string())
}

/// Say what something costs alone
///
/// One of a product, or of a price of it, from a day on. It decides what a contract that begins then is allocated by; later ones change nothing of it.
#[utoipa::path(post, path = "/v1/revenue/standalone_prices", tag = "revenue", request_body = NewStandalonePrice,
    responses((status = 201, description = "The price", body = StandalonePrice)), operation_id = "create_standalone_price")]
pub async fn create_price(post: Post<NewStandalonePrice>) -> Result<Answer, Problem> {
    post.run("create_standalone_price", StatusCode::CREATED, |tx, scope, body| {
        let (amount, valid_from) = body.read()?;
        let order = PriceOrder {
            product_id: body.product_id,
            price_code: body.price_code.clone(),
            amount,
            valid_from,
        };
        Ok(StandalonePrice::from(workflows::set_price(tx, scope, order)?))
    })
    .await
}

/// List your standalone prices, the latest first
#[utoipa::path(get, path = "/v1/revenue/standalone_prices", tag = "revenue",
    responses((status = 200, description = "The prices", body = StandalonePrices)), operation_id = "standalone_prices")]
pub async fn list_prices(get: Get) -> Result<Answer, Problem> {
    get.run(|tx, tenant_id| {
        let prices = views::standalone_prices(tx, tenant_id)?;
        Ok(StandalonePrices { data: prices.into_iter().map(StandalonePrice::from).collect() })
    })
    .await
}

/// Group invoices as a contract
///
/// What they were invoiced without tax is allocated to their lines by what each would cost alone, with the largest remainders; what moves between them
/// is earned as its line is, and what should have been earned by now is caught up. When a line is credited or void, what is left is allocated anew.
#[utoipa::path(post, path = "/v1/revenue/contracts", tag = "revenue", request_body = NewRevenueContract,
    responses((status = 201, description = "The contract", body = RevenueContract)), operation_id = "create_revenue_contract")]
pub async fn create(post: Post<NewRevenueContract>) -> Result<Answer, Problem> {
    post.run("create_revenue_contract", StatusCode::CREATED, |tx, scope, body| {
        if !body.subscription_ids.is_empty() {
            return Err(Refused::Subscriptions.into());
        }
        let order = Order { customer_id: body.customer_id, invoice_ids: body.invoice_ids.clone() };
        let contract = workflows::create(tx, scope, &order)?;
        whole(tx, scope, contract)
    })
    .await
}

fn whole(tx: &mut Tx<'_>, scope: &Scope, contract: Contract) -> Result<RevenueContract, Error> {
    let promises = views::promises(tx, scope.tenant_id, contract.id)?;
    let known = views::schedules_of_contract(tx, scope.tenant_id, (contract.id, contract.currency))?;
    let lines = domain::allocation((&promises, contract.currency), &known).map_err(fault)?;
    Ok(RevenueContract::of(contract).with(&lines))
}

/// List contracts, newest first
#[utoipa::path(get, path = "/v1/revenue/contracts", tag = "revenue", params(PageQuery, RevenueContractsQuery),
    responses((status = 200, description = "A page of contracts", body = Page<RevenueContract>)), operation_id = "revenue_contracts")]
pub async fn list(get: Get, listing: Listing<RevenueContractsQuery>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let slice = views::list_contracts(tx, tenant_id, (listing.filter.customer_id, &listing.keyset))?;
        Ok(page(slice, |contract| contract.id.uuid(), RevenueContract::of))
    })
    .await
}

/// Read a contract
#[utoipa::path(get, path = "/v1/revenue/contracts/{id}", tag = "revenue",
    params(("id" = String, Path, description = "The id, `rcon_…`")),
    responses((status = 200, description = "The contract", body = RevenueContract)), operation_id = "revenue_contract")]
pub async fn find(get: Get, id: PathId<RevenueContractId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let scope = Scope::load(tx, tenant_id)?;
        let contract = views::find_contract(tx, tenant_id, id.0)?;
        whole(tx, &scope, contract)
    })
    .await
}

/// What contracts hold
///
/// Each netted, at the end of the day of `as_of`: what was invoiced and is not earned is a liability, the other way round an asset.
#[utoipa::path(get, path = "/v1/revenue/contract_balances", tag = "revenue", params(ContractBalancesQuery),
    responses((status = 200, description = "The balances", body = ContractBalances)), operation_id = "contract_balances")]
pub async fn balances(get: Get, Query(query): Query<ContractBalancesQuery>) -> Result<Answer, Problem> {
    let as_of = query.as_of()?;
    get.run(move |tx, tenant_id| {
        let scope = Scope::load(tx, tenant_id)?;
        let as_of = as_of.unwrap_or_else(|| scope.zone.local_date(scope.now));
        let mut data = Vec::new();
        views::each_contract(tx, (tenant_id, query.customer_id), |id, known| {
            if let Some(sums) = standing(known, as_of).map_err(fault)? {
                data.push(ContractBalance::of(id, sums).map_err(fault)?);
            }
            Ok::<_, Error>(())
        })?;
        Ok(ContractBalances { as_of, data })
    })
    .await
}

/// What the schedules of a contract come to and have earned by a day; a contract has some.
fn standing(known: &[Schedule], as_of: NaiveDate) -> Result<Option<(Money, Money)>, MoneyError> {
    let Some(first) = known.first() else { return Ok(None) };
    let zero = Money::zero(first.amount.currency());
    let (mut invoiced, mut earned) = (zero, zero);
    for schedule in known.iter().filter(|schedule| schedule.booked_on <= as_of) {
        invoiced = invoiced.checked_add(schedule.amount)?;
        earned = earned.checked_add(schedule.earned_by(as_of)?)?;
    }
    Ok(Some((invoiced, earned)))
}
