//! `/v1/tax/calculate`: what a sale would be taxed with.

use actix_web::http::StatusCode;

use crate::http::{Answer, Post, Problem};
use crate::wire::tax::calculations::{NewTaxCalculation, TaxCalculation};
use crate::workflows::tax::calculate_tax;

/// Calculate the tax of a sale
///
/// Creates nothing. Says for each line which jurisdiction taxes it, in which category, at which rate, and why.
#[utoipa::path(post, path = "/v1/tax/calculate", tag = "tax", request_body = NewTaxCalculation,
    responses((status = 200, description = "The tax", body = TaxCalculation)), operation_id = "calculate_tax")]
pub async fn calculate(post: Post<NewTaxCalculation>) -> Result<Answer, Problem> {
    post.run("calculate_tax", StatusCode::OK, |tx, scope, body| {
        Ok(TaxCalculation::from(&calculate_tax::run(tx, scope, &body.parse()?)?))
    })
    .await
}
