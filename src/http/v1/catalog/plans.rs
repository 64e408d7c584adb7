//! `/v1/plans`: for how much it is sold, in versions that never change.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::domain::ids::PlanId;
use crate::http::{Answer, Get, Listing, PathId, Post, Problem, page};
use crate::storage::catalog::views;
use crate::storage::catalog::views::plans::Wanted;
use crate::wire::catalog::plans::{NewPlan, NewPlanVersion, Plan, PlanVersion, PlanVersions, PlansQuery};
use crate::wire::page::{Page, PageQuery};
use crate::workflows::catalog::{create_plan, publish_plan_version};

/// Create a plan and publish its version 1
///
/// ## How a price becomes an amount
///
/// 1. **Quantity**: what the subscription's item holds. It may be fractional and is never rounded.
/// 2. **Packages** (`package`): rounded up to whole packages, which are its quantity from here on.
/// 3. **Tiers**: those the quantity enters (`graduated`), or the one it reaches (`volume`, `stairstep`). `up_to` belongs to
///    its tier, the last tier is open, and 0 lies in the first tier. Included units are a first tier at "0".
/// 4. **Amount**: quantity × `unit_amount` + `flat_amount`, of each tier that counts. Prices are never rounded.
/// 5. **Part of a period**: the share of the whole period's amount; bounds stay as they are.
/// 6. **Rounding** to the currency, half away from zero, once for the line.
///
/// 2,500 calls a month at "0.10" up to "100", "0.08" up to "1000" and "0.05" above:
///
/// | model | amount | its invoice line |
/// |---|---|---|
/// | `graduated` | 100 × 0.10 + 900 × 0.08 + 1,500 × 0.05 = **157.00** | Calls (2500 units), 1 × 157.00 |
/// | `volume` | 2,500 × 0.05 = **125.00** | Calls, 2500 × 0.05 |
/// | `package` of 100 at "5.00" | 25 × 5.00 = **125.00** | Calls (2500 units), 25 × 5.00 |
/// | `stairstep`, up to "1000" for "50", above for "200" | **200.00** | Calls (2500 units), 1 × 200.00 |
///
/// A subscription that starts on the 21st of a month of 30 days, with periods from the 1st, first pays
/// 157.00 × 10 ÷ 30 = 52.33. A line's `quantity` × `unit_amount` is always what a whole period costs, so a price whose units
/// do not all cost the same (graduated, stairstep, volume with a flat amount) has a line of quantity 1, and its
/// description tells how many units it is for.
///
/// **Usage prices** (kind `usage`, with a `meter_id`) go through these steps, in this order: quantity as the meter measured it →
/// `divide_by`, then `round` → less `included_units` → the model → at most `maximum_amount` → rounded to the currency, once →
/// at least `minimum_amount`, on a line of its own. 8,048 seconds at `divide_by` 60, rounded up, are 135 minutes; 100 included
/// leave 35; at 0.02 they cost 0.70; with a minimum of 5.00 a second line charges 4.30. Usage is never prorated, unless a change asks for it with `usage_terms`.
///
/// A pause, a change or a new version cuts a period and never restarts it: what is the same price (same code, model, meter and terms) is
/// rated once over the whole period, and each piece is charged what it adds to the pieces before it. 100 included, 100 used on the
/// 5th, paused for a minute on the 6th, 100 used on the 20th: 0.00 for the first piece, 100 units for the second. What is used in
/// a break does not count; a break with `extend` moves the period whole. Other terms begin a price of their own.
///
/// A period whose sum is below zero, because more flowed back than was used, is worth zero, in every model; with `allow_negative` it is
/// given back at the price at which units begin.
#[utoipa::path(post, path = "/v1/plans", tag = "plans", request_body = NewPlan,
    responses((status = 201, description = "The plan", body = Plan)))]
pub async fn create(post: Post<NewPlan>) -> Result<Answer, Problem> {
    post.run("create_plan", StatusCode::CREATED, |tx, scope, body| {
        Ok(Plan::from(create_plan::run(tx, scope, body.parse()?)?))
    })
    .await
}

/// Read a plan with its latest version
#[utoipa::path(get, path = "/v1/plans/{id}", tag = "plans",
    responses((status = 200, description = "The plan", body = Plan)))]
pub async fn find(get: Get, id: PathId<PlanId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(Plan::from(views::plans::find(tx, tenant_id, id.0)?))).await
}

/// List plans with their latest versions, newest first
#[utoipa::path(get, path = "/v1/plans", tag = "plans", params(PageQuery, PlansQuery),
    responses((status = 200, description = "A page of plans", body = Page<Plan>)))]
pub async fn list(get: Get, listing: Listing<PlansQuery>) -> Result<Answer, Problem> {
    let PlansQuery { code, external_id, product_id } = listing.filter;
    let wanted = Wanted { code, external_id, product_id };
    get.run(move |tx, tenant_id| {
        let slice = views::plans::list(tx, tenant_id, &wanted, &listing.keyset)?;
        Ok(page(slice, |(plan, _)| plan.id.uuid(), Plan::from))
    })
    .await
}

/// Publish the next version of a plan
///
/// Whoever subscribes from now on gets it; earlier subscriptions keep the version they were started with.
#[utoipa::path(post, path = "/v1/plans/{id}/versions", tag = "plans", request_body = NewPlanVersion,
    responses((status = 201, description = "The version", body = PlanVersion)))]
pub async fn publish(post: Post<NewPlanVersion>, id: PathId<PlanId>) -> Result<Answer, Problem> {
    post.run("publish_plan_version", StatusCode::CREATED, move |tx, scope, body| {
        let version = publish_plan_version::run(tx, scope, id.0, body.parse()?)?;
        Ok(PlanVersion::from(&version))
    })
    .await
}

/// List the versions of a plan, newest first
#[utoipa::path(get, path = "/v1/plans/{id}/versions", tag = "plans",
    responses((status = 200, description = "All versions", body = PlanVersions)))]
pub async fn list_versions(get: Get, id: PathId<PlanId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let versions = views::plans::versions(tx, tenant_id, id.0)?;
        let data = versions.iter().map(PlanVersion::from).collect();
        Ok(PlanVersions { data, has_more: false, next_cursor: None })
    })
    .await
}

/// Read one version of a plan
#[utoipa::path(get, path = "/v1/plans/{id}/versions/{number}", tag = "plans",
    responses((status = 200, description = "The version", body = PlanVersion)))]
pub async fn find_version(
    get: Get,
    id: PathId<PlanId>,
    place: Path<(String, String)>,
) -> Result<Answer, Problem> {
    let number = place.1.parse::<i32>();
    let number = number
        .map_err(|_| Problem::not_found(format_args!("there is no version {} of this plan", place.1)))?;
    get.run(move |tx, tenant_id| {
        Ok(PlanVersion::from(&views::plans::find_version(tx, tenant_id, (id.0, number))?))
    })
    .await
}
