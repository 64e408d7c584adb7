//! `/v1/customers/{id}/credit_balance/apply` and `pay_out`: a balance pays what is open already, or is given back.

use actix_web::http::StatusCode;

use crate::domain::ids::CustomerId;
use crate::http::{Answer, Get, Listing, NoFilter, PathId, Post, Problem, page};
use crate::storage::credits::views as credits_views;
use crate::storage::customers::views as customers_views;
use crate::wire::credits::credit_balances::{AppliedBalance, ApplyBalance};
use crate::wire::credits::pay_outs::{PayOut, PayOutBalance};
use crate::wire::page::{Page, PageQuery};
use crate::workflows::credits::apply_balance::{self, Wanted};
use crate::workflows::credits::pay_out_balance::{self, Order};

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

/// Pay a customer's credit balance out
///
/// Off the balance at once, and never more than is on it. Prepaid credits, bought or given, are no part of it.
///
/// To `payment_methods`: as refunds of what the customer paid through gateways, the newest payment first, each at most what is left of it. What a
/// gateway cannot give back is on the balance again (`refund.failed`). `outside`: you have paid it yourself, and it is recorded with your
/// reference. Where balances pay open invoices by themselves, they do so before.
///
/// Example: 335.00 on the balance and 300.00 paid out; 35.00 are left.
#[utoipa::path(post, path = "/v1/customers/{id}/credit_balance/pay_out", tag = "credit_notes", request_body = PayOutBalance,
    responses((status = 201, description = "What is paid out", body = PayOut)), operation_id = "pay_out_credit_balance")]
pub async fn pay_out(post: Post<PayOutBalance>, id: PathId<CustomerId>) -> Result<Answer, Problem> {
    post.run("pay_out_credit_balance", StatusCode::CREATED, move |tx, scope, body| {
        let scope = &scope.lock(tx, id.0)?;
        let balance = pay_out_balance::balance(tx, scope, id.0, body.currency()?)?;
        let (amount, to) = body.parse(balance.currency())?;
        Ok(PayOut::of(pay_out_balance::run(tx, scope, (id.0, balance), Order { amount, to })?))
    })
    .await
}

/// List what was paid out of a customer's credit balance, newest first
#[utoipa::path(get, path = "/v1/customers/{id}/credit_balance/pay_outs", tag = "credit_notes", params(PageQuery), operation_id = "list_pay_outs",
    responses((status = 200, description = "A page of pay-outs", body = Page<PayOut>)))]
pub async fn pay_outs(
    get: Get,
    id: PathId<CustomerId>,
    listing: Listing<NoFilter>,
) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let customer = customers_views::find(tx, tenant_id, id.0)?;
        let slice = credits_views::pay_outs::list(tx, tenant_id, customer.id, &listing.keyset)?;
        Ok(page(slice, |(pay_out, _)| pay_out.id.uuid(), PayOut::of))
    })
    .await
}
