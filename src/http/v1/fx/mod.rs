//! `/v1/exchange_rates`: what one currency is in another.
//!
//! What is on this shelf, what is not, and its laws: [`domain::fx`](crate::domain::fx).

use actix_web::http::StatusCode;

use crate::domain::fx::book::{Day, NoRate, Prefer};
use crate::http::query::Query;
use crate::http::{Answer, Get, Listing, Post, Problem, page};
use crate::storage::fx::views::{self, Filter, Wanted};
use crate::wire::fx::{
    ExchangeRate, ExchangeRateLookup, ExchangeRatesFilter, LookupQuery, NewExchangeRate, RatesOf,
};
use crate::wire::page::{Page, PageQuery};
use crate::workflows::Scope;
use crate::workflows::fx::create_exchange_rate;

/// Record an exchange rate of your own
///
/// Of its pair and day it is used from now on, before what the European Central Bank published and what you recorded before. Nothing is
/// changed or removed: what used another rate keeps it. To correct a rate, record it again.
#[utoipa::path(post, path = "/v1/exchange_rates", tag = "fx", request_body = NewExchangeRate,
    responses((status = 201, description = "The rate", body = ExchangeRate)), operation_id = "create_exchange_rate")]
pub async fn create(post: Post<NewExchangeRate>) -> Result<Answer, Problem> {
    post.run("create_exchange_rate", StatusCode::CREATED, |tx, scope, body| {
        Ok(ExchangeRate::from(create_exchange_rate::run(tx, scope, body.parse()?)?))
    })
    .await
}

/// List exchange rates, newest first
///
/// Your own, or with `source=ecb` those of the European Central Bank; all that were ever recorded, those that were corrected too.
#[utoipa::path(get, path = "/v1/exchange_rates", tag = "fx", params(PageQuery, ExchangeRatesFilter),
    responses((status = 200, description = "A page of rates", body = Page<ExchangeRate>)), operation_id = "exchange_rates")]
pub async fn list(get: Get, listing: Listing<ExchangeRatesFilter>) -> Result<Answer, Problem> {
    let Listing { keyset, filter: wanted } = listing;
    let [base, quote] = wanted.currencies()?;
    let filter = Filter { base, quote, date: wanted.date };
    get.run(move |tx, tenant_id| {
        let slice = match wanted.source {
            RatesOf::Own => views::list_own(tx, tenant_id, (filter, &keyset))?,
            RatesOf::Ecb => views::list_published(tx, (filter, &keyset))?,
        };
        Ok(page(slice, |rate| rate.id.uuid(), ExchangeRate::from))
    })
    .await
}

/// Look up the exchange rate that holds on a day
///
/// The last one known on or before the day, at most 14 days old, never one in between: a rate of the pair, or of the pair the other way
/// round; when there is neither, by way of the euro. Of one day, your own goes before the European Central Bank's.
#[utoipa::path(get, path = "/v1/exchange_rates/lookup", tag = "fx", params(LookupQuery),
    responses((status = 200, description = "The rate, and what it is made of", body = ExchangeRateLookup)), operation_id = "exchange_rate_lookup")]
pub async fn lookup(get: Get, query: Query<LookupQuery>) -> Result<Answer, Problem> {
    let Query(query) = query;
    let (pair, amount) = query.read()?;
    get.run(move |tx, tenant_id| {
        let scope = Scope::load(tx, tenant_id)?;
        let date = query.date.unwrap_or_else(|| scope.zone.local_date(scope.now));
        let currencies = Some(vec![pair.from, pair.to]);
        let book =
            views::book(tx, tenant_id, &Wanted { currencies, first: date, last: date, as_of: query.as_of })?;
        let found = book.find(pair, Day::By(date), Prefer::Own)?;
        let digits = |error| NoRate::Digits { pair, error };
        Ok(ExchangeRateLookup::of((pair, date), found, amount).map_err(digits)?)
    })
    .await
}
