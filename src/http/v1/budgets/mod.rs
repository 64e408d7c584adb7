//! `/v1/budgets`: what usage may come to.
//!
//! What is on this shelf, what is not, and its laws: [`domain::budgets`](crate::domain::budgets).

use actix_web::http::StatusCode;

use crate::domain::ids::BudgetId;
use crate::http::{Answer, Delete, Get, Listing, PathId, Post, Problem, page};
use crate::storage::budgets::views;
use crate::wire::budgets::{Budget, BudgetsQuery, NewBudget};
use crate::wire::page::{Page, PageQuery};
use crate::workflows::budgets::{create_budget, end_budget};

/// Watch the usage of a subscription
///
/// Tells `budget.alert` at given values and `budget.exhausted` at the limit, within seconds after usage came in; refuses metered
/// features above a hard cap; invoices usage early.
#[utoipa::path(post, path = "/v1/budgets", tag = "usage", request_body = NewBudget,
    responses((status = 201, description = "The budget", body = Budget)))]
pub async fn create(post: Post<NewBudget>) -> Result<Answer, Problem> {
    post.run("create_budget", StatusCode::CREATED, |tx, scope, body| {
        Ok(Budget::from(create_budget::run(tx, scope, body.parse()?)?))
    })
    .await
}

/// Read a budget
#[utoipa::path(get, path = "/v1/budgets/{id}", tag = "usage",
    responses((status = 200, description = "The budget", body = Budget)))]
pub async fn find(get: Get, id: PathId<BudgetId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(Budget::from(views::find(tx, tenant_id, id.0)?))).await
}

/// End a budget
#[utoipa::path(delete, path = "/v1/budgets/{id}", tag = "usage",
    responses((status = 200, description = "The budget, ended", body = Budget)))]
pub async fn end(delete: Delete, id: PathId<BudgetId>) -> Result<Answer, Problem> {
    delete
        .run("end_budget", StatusCode::OK, move |tx, scope, _| {
            Ok(Budget::from(end_budget::run(tx, scope, id.0)?))
        })
        .await
}

/// List budgets, newest first
#[utoipa::path(get, path = "/v1/budgets", tag = "usage", params(PageQuery, BudgetsQuery),
    responses((status = 200, description = "A page of budgets", body = Page<Budget>)))]
pub async fn list(get: Get, listing: Listing<BudgetsQuery>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let BudgetsQuery { customer_id, subscription_id } = listing.filter;
        let slice = views::list(tx, tenant_id, (customer_id, subscription_id), &listing.keyset)?;
        Ok(page(slice, |budget| budget.id.uuid(), Budget::from))
    })
    .await
}
