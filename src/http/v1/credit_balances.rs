//! `/v1/customers/{id}/credit_balance/apply`: a balance pays what is open already.

use actix_web::http::StatusCode;

use crate::domain::ids::CustomerId;
use crate::http::{Answer, PathId, Post, Problem};
use crate::wire::credit_balances::{AppliedBalance, ApplyBalance};
use crate::workflows::apply_balance::{self, Wanted};

/// Let a customer's credit balance pay its open invoices
///
/// The invoice that is due first is paid first, as far as the balance in its currency goes. An invoice with an attempt to collect it
/// under way is left alone and named. When nothing is open or nothing is left, nothing happens.
///
/// Example: 365.00 due of an invoice and 335.00 on the balance; then 30.00 are due and nothing is on the balance.
#[utoipa::path(post, path = "/v1/customers/{id}/credit_balance/apply", tag = "credit_notes", request_body = ApplyBalance,
    responses((status = 200, description = "What was paid, and what is left", body = AppliedBalance)), operation_id = "apply_credit_balance")]
pub async fn apply(post: Post<ApplyBalance>, id: PathId<CustomerId>) -> Result<Answer, Problem> {
    post.run("apply_credit_balance", StatusCode::OK, move |tx, scope, body| {
        let wanted = Wanted { currency: body.currency()?, invoice_ids: body.invoice_ids.clone() };
        let done = apply_balance::run(tx, scope, id.0, &wanted)?;
        Ok(AppliedBalance::of(done.paid, done.under_way, done.balances))
    })
    .await
}
