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

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::domain::ids::{InvoiceId, PaymentId};
use crate::domain::listing::{Part, Wanted};
use crate::domain::payments::retries::Stopped;
use crate::domain::payments::retries::reason::{Cause, Reason};
use crate::http::v1::customers::customers_of;
use crate::http::{Answer, Asking, Get, Listed, PathId, Post, Problem, Reading};
use crate::storage::listing::{Reader, Slice, Totals};
use crate::storage::payments::views::{self, Attempted};
use crate::storage::{StorageError, Tx};
use crate::wire::listing::{ListPage, ListQuery};
use crate::wire::payments::attempts::{Attempt, Attempts, FollowedPolicy, NextAttempt};
use crate::wire::payments::payment_list::Payments;
use crate::wire::payments::{NewPayment, Payment};
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
/// Failed attempts included. As CSV or lines of JSON, by the header `Accept`, the whole list is sent.
#[utoipa::path(get, path = "/v1/payments", tag = "payments", params(ListQuery<Payments>),
    responses((status = 200, description = "A page of payments",
        content((ListPage<Payment> = "application/json"), (Payment = "application/x-ndjson"), (String = "text/csv")))))]
pub async fn list(get: Get, asking: Asking<Payments>) -> Result<HttpResponse, Problem> {
    get.list(asking).await
}

impl Listed for Payments {
    type Shown = Payment;

    fn part(
        tx: &mut Tx<'_>,
        reading: &Reading<'_>,
        wanted: (&Wanted, &Part),
    ) -> Result<Slice<Payment>, Error> {
        let found = views::list(tx, reading.reader, wanted)?;
        let customers = customers_of(tx, reading, found.rows.iter().map(|payment| payment.customer_id))?;
        found.try_map(|payment| {
            let customer = customers.get(&payment.customer_id).cloned().map(Box::new);
            Ok(Payment { customer, ..Payment::of(&payment)? })
        })
    }

    fn totals(tx: &mut Tx<'_>, reader: Reader, wanted: &Wanted) -> Result<Vec<Totals>, StorageError> {
        views::totals(tx, reader, wanted)
    }
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
