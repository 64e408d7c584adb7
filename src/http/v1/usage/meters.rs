//! `/v1/meters`: what is measured.

use actix_web::http::StatusCode;

use crate::domain::ids::MeterId;
use crate::http::{Answer, Get, Listing, PathId, Post, Problem, page};
use crate::storage::usage::views;
use crate::storage::usage::views::meters::Wanted;
use crate::wire::page::{Page, PageQuery};
use crate::wire::usage::meters::{Meter, MetersQuery, NewMeter};
use crate::workflows::usage::create_meter;

/// Create a meter
///
/// It looks at the events of one type. An event passes when it passes every filter; then its value is aggregated, apart for each
/// combination of the dimensions' values. Events that are there already are counted, too. A meter is never changed: make another.
#[utoipa::path(post, path = "/v1/meters", tag = "meters", request_body = NewMeter,
    responses((status = 201, description = "The meter", body = Meter)))]
pub async fn create(post: Post<NewMeter>) -> Result<Answer, Problem> {
    post.run("create_meter", StatusCode::CREATED, |tx, scope, body| {
        Ok(Meter::from(create_meter::run(tx, scope, body.parse())?))
    })
    .await
}

/// Read a meter
#[utoipa::path(get, path = "/v1/meters/{id}", tag = "meters",
    responses((status = 200, description = "The meter", body = Meter)))]
pub async fn find(get: Get, id: PathId<MeterId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(Meter::from(views::meters::find(tx, tenant_id, id.0)?))).await
}

/// List meters, newest first
#[utoipa::path(get, path = "/v1/meters", tag = "meters", params(PageQuery, MetersQuery),
    responses((status = 200, description = "A page of meters", body = Page<Meter>)))]
pub async fn list(get: Get, listing: Listing<MetersQuery>) -> Result<Answer, Problem> {
    let wanted = Wanted { code: listing.filter.code.clone(), event_type: listing.filter.event_type.clone() };
    get.run(move |tx, tenant_id| {
        let slice = views::meters::list(tx, tenant_id, &wanted, &listing.keyset)?;
        Ok(page(slice, |meter| meter.id.uuid(), Meter::from))
    })
    .await
}
