//! `/v1/payments`: every attempt to get money and every receipt; record what was received elsewhere.
//!
//! What is on this shelf, what is not, and its laws: [`domain::payments`](crate::domain::payments).

pub mod choosing;
pub mod disputes;
pub mod gateway_accounts;
pub mod inbound;
pub mod payment_methods;
pub mod payouts;
pub mod retry_policies;

use actix_web::http::StatusCode;

use crate::domain::ids::{InvoiceId, PaymentId};
use crate::domain::payments::retries::Stopped;
use crate::domain::payments::retries::reason::{Cause, Reason};
use crate::http::{Answer, Get, Listing, PathId, Post, Problem, page};
use crate::storage::payments::views::{self, Attempted, Filter};
use crate::wire::page::{Page, PageQuery};
use crate::wire::payments::attempts::{Attempt, Attempts, FollowedPolicy, NextAttempt};
use crate::wire::payments::{NewPayment, Payment, PaymentsQuery};
use crate::workflows::Error;
use crate::workflows::payments::record_payment;

/// Record money received elsewhere
///
/// A bank transfer or a cheque. Put against the invoice when one is named; what the invoice does not need, or all of it, becomes
/// the customer's credit.
#[utoipa::path(post, path = "/v1/payments", tag = "payments", request_body = NewPayment,
    responses((status = 201, description = "The payment", body = Payment)))]
pub async fn create(post: Post<NewPayment>) -> Result<Answer, Problem> {
    post.run("record_payment", StatusCode::CREATED, |tx, scope, body| {
        let settled = record_payment::run(tx, scope, body.parse()?, body.invoice_id)?;
        Ok(Payment::of(&settled.payment)?)
    })
    .await
}

/// Payments, newest first
///
/// Failed attempts included.
#[utoipa::path(get, path = "/v1/payments", tag = "payments", params(PageQuery, PaymentsQuery),
    responses((status = 200, description = "A page of payments", body = Page<Payment>)))]
pub async fn list(get: Get, listing: Listing<PaymentsQuery>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let filter = listing.filter;
        let filter = Filter {
            customer_id: filter.customer_id,
            invoice_id: filter.invoice_id,
            status: filter.status.map(Into::into),
        };
        let slice = views::list(tx, tenant_id, &filter, &listing.keyset)?;
        let slice = slice.try_map(|payment| Ok::<_, Error>(Payment::of(&payment)?))?;
        Ok(page(slice, |payment| payment.id.uuid(), |payment| payment))
    })
    .await
}

/// A payment
#[utoipa::path(get, path = "/v1/payments/{id}", tag = "payments",
    responses((status = 200, description = "The payment", body = Payment)))]
pub async fn find(get: Get, id: PathId<PaymentId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let payment = Payment::of(&views::find(tx, tenant_id, id.0)?)?;
        let refunds = views::refunds_of(tx, tenant_id, id.0)?;
        Ok(payment.with(refunds.into_iter().map(|(refund, _)| refund).collect()))
    })
    .await
}

/// The attempts at an invoice
///
/// Each with the reason for its time, and the next. Money received elsewhere is no attempt.
#[utoipa::path(get, path = "/v1/invoices/{id}/attempts", tag = "invoices",
    responses((status = 200, description = "The attempts, the oldest first", body = Attempts)), operation_id = "invoice_attempts")]
pub async fn attempts(get: Get, id: PathId<InvoiceId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(shown(&views::attempts(tx, tenant_id, id.0)?))).await
}

fn shown(found: &Attempted) -> Attempts {
    let planned = found.planned;
    let reason = planned.and_then(|planned| planned.reason).unwrap_or(Reason::of(Cause::Due));
    let method = planned.and_then(|planned| planned.method);
    // What is stopped by a failure is not any more when something new is due.
    let waits = found.next_attempt_at.is_none();
    // One that was never tried fell due, and there was nothing to charge.
    let untried = Some(Stopped::NoMethod).filter(|_| found.is_collected && found.payments.is_empty());
    let stopped = planned.and_then(|planned| planned.stopped).or(untried).filter(|_| waits);
    Attempts {
        data: found.payments.iter().map(Attempt::of).collect(),
        next: found.next_attempt_at.map(|at| NextAttempt::of(at, reason, method)),
        stopped: stopped.map(|why| why.into_str().to_owned()),
        final_action_at: planned.and_then(|planned| planned.final_action_at),
        final_action_taken_at: planned.and_then(|planned| planned.final_action_taken_at),
        policy: planned
            .and_then(|planned| planned.version)
            .map(|followed| FollowedPolicy { id: followed.policy_id, version: followed.version }),
    }
}
