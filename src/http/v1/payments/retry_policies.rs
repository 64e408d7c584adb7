//! `/v1/retry_policies`: how payments that failed are tried again. `/v1/decline_codes`: what a failure means.

use actix_web::http::StatusCode;

use crate::domain::ids::RetryPolicyId;
use crate::http::query::NoFilter;
use crate::http::{Answer, Get, Listing, Patch, PathId, Post, Problem, page};
use crate::storage::payments::views;
use crate::wire::page::{Page, PageQuery};
use crate::wire::payments::attempts::DeclineCodes;
use crate::wire::payments::retry_policies::{NewRetryPolicy, RetryPolicy, RetryPolicyPatch};
use crate::wire::payments::retry_simulations::{Recovery, RetrySimulation, SimulateRetries};
use crate::workflows::payments::retries::{change_policies, simulate};

/// Add a retry policy
///
/// As the default, invoices follow it whose first attempt fails from now on.
#[utoipa::path(post, path = "/v1/retry_policies", tag = "payments", request_body = NewRetryPolicy,
    responses((status = 201, description = "The policy", body = RetryPolicy)), operation_id = "create_retry_policy")]
pub async fn create(post: Post<NewRetryPolicy>) -> Result<Answer, Problem> {
    post.run("create_retry_policy", StatusCode::CREATED, |tx, scope, body| {
        let named = (body.name.clone(), body.default);
        Ok(RetryPolicy::from(change_policies::create(tx, scope, named, body.terms()?)?))
    })
    .await
}

/// List the retry policies, newest first
#[utoipa::path(get, path = "/v1/retry_policies", tag = "payments", params(PageQuery),
    responses((status = 200, description = "A page of policies", body = Page<RetryPolicy>)), operation_id = "retry_policies")]
pub async fn list(get: Get, listing: Listing<NoFilter>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let slice = views::list_retry_policies(tx, tenant_id, &listing.keyset)?;
        Ok(page(slice, |policy| policy.id.uuid(), RetryPolicy::from))
    })
    .await
}

/// Read a retry policy
#[utoipa::path(get, path = "/v1/retry_policies/{id}", tag = "payments",
    responses((status = 200, description = "The policy", body = RetryPolicy)), operation_id = "retry_policy")]
pub async fn find(get: Get, id: PathId<RetryPolicyId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(RetryPolicy::from(views::find_retry_policy(tx, tenant_id, id.0)?))).await
}

/// Change a retry policy
///
/// Other terms are a new version: invoices go on by the version they began with.
#[utoipa::path(patch, path = "/v1/retry_policies/{id}", tag = "payments", request_body = RetryPolicyPatch,
    responses((status = 200, description = "The policy as changed", body = RetryPolicy)), operation_id = "update_retry_policy")]
pub async fn update(patch: Patch<RetryPolicyPatch>, id: PathId<RetryPolicyId>) -> Result<Answer, Problem> {
    patch
        .run("update_retry_policy", StatusCode::OK, move |tx, scope, body| {
            let changed = change_policies::update(tx, scope, (id.0, body.change()?))?;
            Ok(RetryPolicy::from(changed))
        })
        .await
}

/// Simulate a retry policy
///
/// What its newest version would have made of your invoices whose first attempt failed. Nothing is done.
#[utoipa::path(post, path = "/v1/retry_policies/{id}/simulate", tag = "payments", request_body = SimulateRetries,
    responses((status = 200, description = "What was, and what would have been", body = RetrySimulation)), operation_id = "simulate_retry_policy")]
pub async fn simulate(post: Post<SimulateRetries>, id: PathId<RetryPolicyId>) -> Result<Answer, Problem> {
    post.preview("simulate_retry_policy", move |tx, scope, body| {
        let range = simulate::Range { from: body.from, to: body.to };
        let simulated = simulate::run(tx, scope, (id.0, range))?;
        Ok(RetrySimulation {
            policy_id: simulated.policy.id,
            policy_version: simulated.policy.version,
            from: simulated.from,
            to: simulated.to,
            invoices: simulated.recorded.invoices,
            recorded: Recovery::from(&simulated.recorded),
            at_worst: Recovery::from(&simulated.at_worst),
            at_best: Recovery::from(&simulated.at_best),
        })
    })
    .await
}

/// List what declines mean
///
/// Of each code what kind of no it is; of each kind whether it is tried again, what the customer is told and what is to be done.
#[utoipa::path(get, path = "/v1/decline_codes", tag = "payments",
    responses((status = 200, description = "The table", body = DeclineCodes)), operation_id = "decline_codes")]
pub async fn decline_codes(get: Get) -> Result<Answer, Problem> {
    get.run(|_, _| Ok(DeclineCodes::all())).await
}
