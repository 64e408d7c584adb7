//! `/v1/ledger/revaluations`: what is held and owed in foreign currencies, at the rates of a period's last day.
//!
//! What is on this shelf, what is not, and its laws: [`domain::ledger`](crate::domain::ledger).

use actix_web::http::StatusCode;

use crate::domain::ids::RevaluationId;
use crate::http::idempotency::Outcome;
use crate::http::{Answer, Get, Listing, PathId, Post, Problem, page};
use crate::storage::ledger::views::revaluations;
use crate::wire::ledger::revaluations::{LedgerRevaluation, NewRevaluation, RevaluationsFilter};
use crate::wire::page::{Page, PageQuery};
use crate::workflows::Error;
use crate::workflows::ledger::revalue::{self, Order, Revalued};

fn order(body: &NewRevaluation) -> Result<Order, Error> {
    Ok(Order { entity_id: body.entity_id, as_of: body.day()? })
}

/// Revalue what is held and owed in foreign currencies
///
/// Receivables, cash and balances of customers at the rates of the day, against what they are carried at: the difference is posted on that day
/// and taken back the day after. A day of an entity is revalued once: again, it answers 200 with what was posted.
#[utoipa::path(post, path = "/v1/ledger/revaluations", tag = "ledger", request_body = NewRevaluation,
    responses((status = 201, description = "What was posted", body = LedgerRevaluation),
              (status = 200, description = "It was posted before", body = LedgerRevaluation)),
    operation_id = "create_revaluation")]
pub async fn create(post: Post<NewRevaluation>) -> Result<Answer, Problem> {
    post.run_outcome("create_revaluation", |tx, scope, body| match revalue::run(tx, scope, order(body)?)? {
        Revalued::Done(done) => Outcome::of(StatusCode::CREATED, &LedgerRevaluation::from(done)),
        Revalued::AlreadyDone(known) => Outcome::of(StatusCode::OK, &LedgerRevaluation::from(known)),
    })
    .await
}

/// See what a revaluation would post
#[utoipa::path(post, path = "/v1/ledger/revaluations/preview", tag = "ledger", request_body = NewRevaluation,
    responses((status = 200, description = "What would be posted", body = LedgerRevaluation)),
    operation_id = "preview_revaluation")]
pub async fn preview(post: Post<NewRevaluation>) -> Result<Answer, Problem> {
    post.preview("preview_revaluation", |tx, scope, body| {
        let foreseen = revalue::preview(tx, scope, order(body)?)?;
        Ok(LedgerRevaluation { id: None, ..LedgerRevaluation::from(foreseen) })
    })
    .await
}

/// List revaluations, newest first
#[utoipa::path(get, path = "/v1/ledger/revaluations", tag = "ledger", params(PageQuery, RevaluationsFilter),
    responses((status = 200, description = "A page of revaluations", body = Page<LedgerRevaluation>)), operation_id = "revaluations")]
pub async fn list(get: Get, listing: Listing<RevaluationsFilter>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let slice = revaluations::list(tx, (tenant_id, listing.filter.entity_id), &listing.keyset)?;
        Ok(page(slice, |one| one.id.uuid(), LedgerRevaluation::from))
    })
    .await
}

/// Read a revaluation
#[utoipa::path(get, path = "/v1/ledger/revaluations/{id}", tag = "ledger",
    params(("id" = String, Path, description = "The id, `reval_…`")),
    responses((status = 200, description = "The revaluation", body = LedgerRevaluation)), operation_id = "revaluation")]
pub async fn find(get: Get, id: PathId<RevaluationId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(LedgerRevaluation::from(revaluations::find(tx, tenant_id, id.0)?))).await
}
