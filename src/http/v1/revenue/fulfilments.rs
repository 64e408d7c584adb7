//! `/v1/fulfilments`: what of invoiced lines is delivered.

use actix_web::http::StatusCode;

use crate::domain::ids::FulfilmentId;
use crate::http::{Answer, Get, Listing, PathId, Post, Problem, page};
use crate::storage::revenue::views;
use crate::wire::page::{Page, PageQuery};
use crate::wire::revenue::fulfilments::{Fulfilment, FulfilmentsQuery, NewFulfilment, ReverseFulfilment};
use crate::workflows::revenue::fulfil::{self, Order};

/// Say that something is fulfilled
///
/// Of a line whose rule is `point_in_time` on fulfilment, or `milestone`: so much of it is earned on that day. Until then it is deferred.
#[utoipa::path(post, path = "/v1/fulfilments", tag = "revenue", request_body = NewFulfilment,
    responses((status = 201, description = "The fulfilment", body = Fulfilment)), operation_id = "create_fulfilment")]
pub async fn create(post: Post<NewFulfilment>) -> Result<Answer, Problem> {
    post.run("fulfil", StatusCode::CREATED, |tx, scope, body| {
        let order = Order {
            line: body.line()?,
            part: body.part()??,
            milestone: body.milestone.clone(),
            at: body.at,
            evidence: body.evidence.clone(),
        };
        Ok(Fulfilment::from(fulfil::run(tx, scope, &order)?))
    })
    .await
}

/// List fulfilments, newest first
#[utoipa::path(get, path = "/v1/fulfilments", tag = "revenue", params(PageQuery, FulfilmentsQuery),
    responses((status = 200, description = "A page of fulfilments", body = Page<Fulfilment>)), operation_id = "fulfilments")]
pub async fn list(get: Get, listing: Listing<FulfilmentsQuery>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let wanted = (listing.filter.invoice_id, &listing.keyset);
        let slice = views::list_fulfilments(tx, tenant_id, wanted)?;
        Ok(page(slice, |one| one.id.uuid(), Fulfilment::from))
    })
    .await
}

/// Read a fulfilment
#[utoipa::path(get, path = "/v1/fulfilments/{id}", tag = "revenue",
    params(("id" = String, Path, description = "The id, `ful_…`")),
    responses((status = 200, description = "The fulfilment", body = Fulfilment)), operation_id = "fulfilment")]
pub async fn find(get: Get, id: PathId<FulfilmentId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(Fulfilment::from(views::find_fulfilment(tx, tenant_id, id.0)?))).await
}

/// Reverse a fulfilment
///
/// It was not so: what was earned by it is taken back today, with a reason.
#[utoipa::path(post, path = "/v1/fulfilments/{id}/reverse", tag = "revenue", request_body = ReverseFulfilment,
    params(("id" = String, Path, description = "The id, `ful_…`")),
    responses((status = 200, description = "The fulfilment, reversed", body = Fulfilment)), operation_id = "reverse_fulfilment")]
pub async fn reverse(post: Post<ReverseFulfilment>, id: PathId<FulfilmentId>) -> Result<Answer, Problem> {
    post.run("reverse_fulfilment", StatusCode::OK, move |tx, scope, body| {
        Ok(Fulfilment::from(fulfil::reverse(tx, scope, (id.0, &body.reason))?))
    })
    .await
}
