//! `/v1/revenue/rules`: how what is sold is earned.

use actix_web::http::StatusCode;

use crate::http::{Answer, Get, Post, Problem};
use crate::storage::revenue::views;
use crate::wire::revenue::rules::{NewRevenueRule, RevenueRules, ShownRule};
use crate::workflows::revenue::set_rule::{self, Order};

/// List your rules of recognition, the latest first
#[utoipa::path(get, path = "/v1/revenue/rules", tag = "revenue",
    responses((status = 200, description = "The rules", body = RevenueRules)), operation_id = "revenue_rules")]
pub async fn list(get: Get) -> Result<Answer, Problem> {
    get.run(|tx, tenant_id| {
        let rules = views::list_rules(tx, tenant_id)?;
        Ok(RevenueRules { data: rules.into_iter().map(ShownRule::from).collect() })
    })
    .await
}

/// Say how something is earned
///
/// Of a price, a product, a price of a product, or everything, for what is invoiced from a day on; the closest rule counts, of these the newest.
/// What is invoiced already keeps its own. Where nothing is said, what is charged in advance is earned day by day. A line without a service period
/// is earned at once, unless a rule of its price says that it is earned as it is fulfilled, or by milestones.
#[utoipa::path(post, path = "/v1/revenue/rules", tag = "revenue", request_body = NewRevenueRule,
    responses((status = 201, description = "The rule", body = ShownRule)), operation_id = "create_revenue_rule")]
pub async fn create(post: Post<NewRevenueRule>) -> Result<Answer, Problem> {
    post.run("create_revenue_rule", StatusCode::CREATED, |tx, scope, body| {
        let valid_from = body.checked()?;
        let NewRevenueRule { product_id, price_code, .. } = body.clone();
        let order = Order { product_id, price_code, rule: body.rule(), valid_from };
        Ok(ShownRule::from(set_rule::run(tx, scope, order)?))
    })
    .await
}
