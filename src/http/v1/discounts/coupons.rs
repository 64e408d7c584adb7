//! `/v1/coupons`: what codes take off.

use actix_web::http::StatusCode;

use crate::domain::ids::CouponId;
use crate::http::{Answer, Get, Listing, Patch, PathId, Post, Problem, page};
use crate::storage::discounts::views;
use crate::wire::discounts::{Coupon, CouponPatch, CouponsQuery, NewCoupon};
use crate::wire::page::{Page, PageQuery};
use crate::workflows::discounts::update_coupon::CouponChange;
use crate::workflows::discounts::{create_coupon, update_coupon};

/// Create a coupon
///
/// It takes off a percentage, or an amount in each currency given, once, for so many periods, or forever. Its terms never change;
/// it can be switched off.
#[utoipa::path(post, path = "/v1/coupons", tag = "coupons", request_body = NewCoupon,
    responses((status = 201, description = "The coupon", body = Coupon)))]
pub async fn create(post: Post<NewCoupon>) -> Result<Answer, Problem> {
    post.run("create_coupon", StatusCode::CREATED, |tx, scope, body| {
        Ok(Coupon::from(create_coupon::run(tx, scope, body.parse()?)?))
    })
    .await
}

/// Read a coupon
#[utoipa::path(get, path = "/v1/coupons/{id}", tag = "coupons",
    responses((status = 200, description = "The coupon", body = Coupon)))]
pub async fn find(get: Get, id: PathId<CouponId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(Coupon::from(views::find_coupon(tx, tenant_id, id.0)?))).await
}

/// List coupons, newest first
#[utoipa::path(get, path = "/v1/coupons", tag = "coupons", params(PageQuery, CouponsQuery),
    responses((status = 200, description = "A page of coupons", body = Page<Coupon>)))]
pub async fn list(get: Get, listing: Listing<CouponsQuery>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let slice = views::list_coupons(tx, tenant_id, listing.filter.code.as_deref(), &listing.keyset)?;
        Ok(page(slice, |coupon| coupon.id.uuid(), Coupon::from))
    })
    .await
}

/// Rename a coupon, or switch it on or off
///
/// Discounts already redeemed go on; end them one by one.
#[utoipa::path(patch, path = "/v1/coupons/{id}", tag = "coupons", request_body = CouponPatch,
    responses((status = 200, description = "The coupon", body = Coupon)))]
pub async fn update(patch: Patch<CouponPatch>, id: PathId<CouponId>) -> Result<Answer, Problem> {
    patch
        .run("update_coupon", StatusCode::OK, move |tx, scope, body| {
            let change = CouponChange { name: body.name.clone(), active: body.active };
            Ok(Coupon::from(update_coupon::run(tx, scope, id.0, change)?))
        })
        .await
}
