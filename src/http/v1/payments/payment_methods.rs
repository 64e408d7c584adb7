//! `/v1/payment_methods`: what customers can be charged by.

use actix_web::http::StatusCode;

use crate::domain::ids::PaymentMethodId;
use crate::domain::payments::method;
use crate::http::{Answer, Delete, Get, Listing, PathId, Post, Problem, page};
use crate::storage::payments::views;
use crate::wire::page::{Page, PageQuery};
use crate::wire::payments::{NewPaymentMethod, PaymentMethod, PaymentMethodsQuery};
use crate::workflows::Error;
use crate::workflows::payments::attach_payment_method::{self, Attached};
use crate::workflows::payments::detach_payment_method;

/// Attach a payment method
///
/// The first of a customer becomes its default. With a new default, what the customer owes is tried at once.
#[utoipa::path(post, path = "/v1/payment_methods", tag = "payment_methods", request_body = NewPaymentMethod,
    responses((status = 201, description = "The payment method", body = PaymentMethod)))]
pub async fn create(post: Post<NewPaymentMethod>) -> Result<Answer, Problem> {
    let gateways = post.app.gateways.clone();
    post.run("attach_payment_method", StatusCode::CREATED, move |tx, scope, body| {
        let Attached { method, is_default } = attach_payment_method::run(tx, scope, &gateways, new(body)?)?;
        Ok(PaymentMethod::of(&method, is_default))
    })
    .await
}

fn new(body: &NewPaymentMethod) -> Result<(method::NewPaymentMethod, bool), Error> {
    body.check()?;
    let new = method::NewPaymentMethod {
        external_id: body.external_id.clone(),
        customer_id: body.customer_id,
        kind: body.kind.into(),
        gateway: body.gateway.clone(),
        gateway_account_id: body.gateway_account_id,
        token: body.token.clone(),
        brand: body.brand.as_deref().map(|brand| brand.trim().to_ascii_lowercase()),
        last4: body.last4.clone(),
        fingerprint: body.fingerprint.clone(),
        metadata: body.metadata.clone(),
    };
    Ok((new, body.make_default))
}

/// Payment methods, newest first
///
/// Detached ones included.
#[utoipa::path(get, path = "/v1/payment_methods", tag = "payment_methods", params(PageQuery, PaymentMethodsQuery),
    responses((status = 200, description = "A page of payment methods", body = Page<PaymentMethod>)))]
pub async fn list(get: Get, listing: Listing<PaymentMethodsQuery>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let slice = views::list_methods(tx, tenant_id, listing.filter.customer_id, &listing.keyset)?;
        Ok(page(slice, |known| known.0.id.uuid(), |known| PaymentMethod::of(&known.0, known.1)))
    })
    .await
}

/// A payment method
#[utoipa::path(get, path = "/v1/payment_methods/{id}", tag = "payment_methods",
    responses((status = 200, description = "The payment method", body = PaymentMethod)))]
pub async fn find(get: Get, id: PathId<PaymentMethodId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let (method, is_default) = views::find_method(tx, tenant_id, id.0)?;
        Ok(PaymentMethod::of(&method, is_default))
    })
    .await
}

/// Detach a payment method
///
/// It is never charged again; it stays readable, because payments name it. When it was the default, there is none until another
/// is attached.
#[utoipa::path(delete, path = "/v1/payment_methods/{id}", tag = "payment_methods",
    responses((status = 200, description = "The payment method, detached", body = PaymentMethod)))]
pub async fn detach(delete: Delete, id: PathId<PaymentMethodId>) -> Result<Answer, Problem> {
    delete
        .run("detach_payment_method", StatusCode::OK, move |tx, scope, _| {
            let method = detach_payment_method::run(tx, scope, id.0)?.into_inner();
            Ok(PaymentMethod::of(&method, false))
        })
        .await
}
