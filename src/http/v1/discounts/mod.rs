//! `/v1/discounts`: coupons redeemed.
//!
//! What is on this shelf, what is not, and its laws: [`domain::discounts`](crate::domain::discounts).

pub mod coupons;

use actix_web::http::StatusCode;

use crate::domain::ids::DiscountId;
use crate::domain::refusal::Invalid;
use crate::http::{Answer, Delete, Get, Listing, PathId, Post, Problem, page};
use crate::storage::discounts::views::{self, Wanted};
use crate::wire::discounts::{Discount, DiscountsQuery, NewDiscount};
use crate::wire::page::{Page, PageQuery};
use crate::workflows::Error;
use crate::workflows::discounts::end_discount;
use crate::workflows::discounts::redeem_coupon::{self, For, Order};

/// Redeem a coupon
///
/// For one subscription (or one price of it), or for all subscriptions of a customer. To have it from a new subscription's first
/// charge on, give `coupon` when starting the subscription.
///
/// Discounts are taken **before tax, in order of redemption**, each of what the earlier ones left. A **percentage** is rounded
/// once on the sum of the lines it covers and spread over them by largest remainder. An **amount** takes at most that much
/// off each period of a subscription and never more than is charged; redeemed by a customer for all
/// subscriptions, at most that much off one invoice, too.
///
/// **Which charges are covered** is decided by the period they are for, counted from the first period whose charge falls due at
/// or after the redemption. Redeemed on 20 January with periods from the 1st:
///
/// | | charged in advance | charged in arrears |
/// |---|---|---|
/// | `once` | February | January (billed on 1 February) |
/// | `repeating`, 3 `periods` | February, March, April | January, February, March |
/// | `forever` | from February on | from January on |
///
/// A one-time charge belongs to the period in which it falls due. Redeemed for all subscriptions, the periods of each are
/// counted from the redemption, and `once` is one invoice: the first with something to take it off.
///
/// **When a part of a charge is taken back**, its discount is given back in proportion: 1,200.00 with 720.00 off, of which
/// 300.00 stay charged, keep 180.00 off. Taken back whole, nothing stays off.
#[utoipa::path(post, path = "/v1/discounts", tag = "discounts", request_body = NewDiscount,
    responses((status = 201, description = "The discount", body = Discount)))]
pub async fn create(post: Post<NewDiscount>) -> Result<Answer, Problem> {
    post.run("redeem_coupon", StatusCode::CREATED, |tx, scope, body| {
        let order = Order { coupon: body.coupon.clone(), for_: target(body)?, price_id: body.price_id };
        Ok(Discount::from(redeem_coupon::run(tx, scope, order)?))
    })
    .await
}

fn target(body: &NewDiscount) -> Result<For, Error> {
    match (body.customer_id, body.subscription_id) {
        (Some(customer), None) => Ok(For::Customer(customer)),
        (None, Some(subscription)) => Ok(For::Subscription(subscription)),
        _ => {
            let detail =
                "say for what it is redeemed: customer_id for all subscriptions, or subscription_id for one";
            Err(Invalid::one("/customer_id", "customer_or_subscription", detail).into())
        }
    }
}

/// Read a discount
#[utoipa::path(get, path = "/v1/discounts/{id}", tag = "discounts",
    responses((status = 200, description = "The discount", body = Discount)))]
pub async fn find(get: Get, id: PathId<DiscountId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(Discount::from(views::find(tx, tenant_id, id.0)?))).await
}

/// List discounts, newest first
///
/// Ended ones included.
#[utoipa::path(get, path = "/v1/discounts", tag = "discounts", params(PageQuery, DiscountsQuery),
    responses((status = 200, description = "A page of discounts", body = Page<Discount>)))]
pub async fn list(get: Get, listing: Listing<DiscountsQuery>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let DiscountsQuery { customer_id, subscription_id, coupon_id } = listing.filter;
        let wanted = Wanted { customer_id, subscription_id, coupon_id };
        let slice = views::list(tx, tenant_id, wanted, &listing.keyset)?;
        Ok(page(slice, |discount| discount.id.uuid(), Discount::from))
    })
    .await
}

/// End a discount
///
/// Charges that fall due from now on are not covered; what was taken off stays off.
#[utoipa::path(delete, path = "/v1/discounts/{id}", tag = "discounts",
    responses((status = 200, description = "The discount, ended", body = Discount)))]
pub async fn end(delete: Delete, id: PathId<DiscountId>) -> Result<Answer, Problem> {
    delete
        .run("end_discount", StatusCode::OK, move |tx, scope, _| {
            Ok(Discount::from(end_discount::run(tx, scope, id.0)?.into_inner()))
        })
        .await
}
