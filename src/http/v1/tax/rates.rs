//! `/v1/tax/rates` and `/v1/tax/codes`: the rates there are, and what a product is for tax.

use actix_web::http::StatusCode;

use crate::domain::ids::TaxRateId;
use crate::http::query::Query;
use crate::http::{Answer, Delete, Get, PathId, Post, Problem};
use crate::storage::tax::views;
use crate::wire::tax::rates::{NewTaxRate, ProductTaxCodes, TaxRate, TaxRates, TaxRatesQuery};
use crate::workflows::tax::{create_tax_rate, delete_tax_rate};

/// List the rates of tax
///
/// Your own first, then the program's, each with its dates and its official source.
#[utoipa::path(get, path = "/v1/tax/rates", tag = "tax", params(TaxRatesQuery),
    responses((status = 200, description = "The rates", body = TaxRates)), operation_id = "tax_rates")]
pub async fn list(get: Get, query: Query<TaxRatesQuery>) -> Result<Answer, Problem> {
    query.0.check()?;
    get.run(move |tx, tenant_id| Ok(TaxRates::of(&query.0, views::own_rates(tx, tenant_id)?))).await
}

/// Add a rate of your own
///
/// Where it holds it goes before the program's. Issued documents keep the tax they have.
#[utoipa::path(post, path = "/v1/tax/rates", tag = "tax", request_body = NewTaxRate,
    responses((status = 201, description = "The rate", body = TaxRate)), operation_id = "create_tax_rate")]
pub async fn create(post: Post<NewTaxRate>) -> Result<Answer, Problem> {
    post.run("create_tax_rate", StatusCode::CREATED, |tx, scope, body| {
        Ok(TaxRate::from(create_tax_rate::run(tx, scope, body.parse()?)?))
    })
    .await
}

/// Remove a rate of your own
#[utoipa::path(delete, path = "/v1/tax/rates/{id}", tag = "tax",
    responses((status = 200, description = "The rate as it was", body = TaxRate)), operation_id = "delete_tax_rate")]
pub async fn remove(delete: Delete, id: PathId<TaxRateId>) -> Result<Answer, Problem> {
    delete
        .run("delete_tax_rate", StatusCode::OK, move |tx, scope, _| {
            Ok(TaxRate::from(delete_tax_rate::run(tx, scope, id.0)?))
        })
        .await
}

/// List the tax codes of products
#[utoipa::path(get, path = "/v1/tax/codes", tag = "tax",
    responses((status = 200, description = "The codes", body = ProductTaxCodes)), operation_id = "tax_codes")]
pub async fn codes(get: Get) -> Result<Answer, Problem> {
    get.run(|_, _| Ok(ProductTaxCodes::all())).await
}
