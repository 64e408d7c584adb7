//! `/v1/parked_work`: due work that could not be done, put off with its reason. `/v1/health/work`: what does not come to its end.

use actix_web::http::StatusCode;

use crate::domain::ids::ParkedWorkId;
use crate::http::lanes::Lane;
use crate::http::{Answer, Command, Get, Listing, NoBody, PathId, Post, Problem, page};
use crate::platform::vitals;
use crate::storage::parked_work::views::{self, stuck};
use crate::wire::page::{Page, PageQuery};
use crate::wire::parked_work::{ParkedStatus, ParkedWork, ParkedWorkQuery};
use crate::wire::stuck_work::{JobHealth, ParkedCount, UnfinishedWork, WorkHealth};
use crate::workflows::parked_work::{self, Retried};

/// Read what does not come to its end
///
/// Long work that is not through, work that is put off, events without a place in the feed; and when the server's jobs last ended well.
#[utoipa::path(get, path = "/v1/health/work", tag = "platform",
    responses((status = 200, description = "What is stuck", body = WorkHealth)))]
pub async fn health(get: Get) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let stuck = stuck::of_tenant(tx, tenant_id)?;
        let unfinished = stuck.unfinished.into_iter();
        let jobs = vitals::jobs().into_iter();
        Ok(WorkHealth {
            unfinished: unfinished
                .map(|one| UnfinishedWork { kind: one.kind, count: one.count, oldest_at: one.oldest_at })
                .collect(),
            parked: stuck
                .parked
                .into_iter()
                .map(|one| ParkedCount { work: one.work.into(), count: one.count, oldest_at: one.oldest_at })
                .collect(),
            oldest_event_at: stuck.oldest_event_at,
            jobs: jobs.map(|(job, ended_well_at)| JobHealth { job, ended_well_at }).collect(),
        })
    })
    .await
}

/// List due work that is put off, newest first
///
/// What a job cannot do for one item, such as billing a customer whose invoice would be too large, holds up nothing else: the item is put
/// off with its reason, reported as `work.parked`, and tried again alone after an hour, then two, four, up to a day.
#[utoipa::path(get, path = "/v1/parked_work", tag = "platform", params(PageQuery, ParkedWorkQuery),
    responses((status = 200, description = "A page of parked work", body = Page<ParkedWork>)))]
pub async fn list(get: Get, listing: Listing<ParkedWorkQuery>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let work = listing.filter.work.map(Into::into);
        let slice = views::list(tx, tenant_id, (work, &listing.keyset))?;
        Ok(page(slice, |one| one.id.uuid(), |one| ParkedWork::of(one, ParkedStatus::Parked)))
    })
    .await
}

/// Read an item of parked work
#[utoipa::path(get, path = "/v1/parked_work/{id}", tag = "platform",
    responses((status = 200, description = "The item", body = ParkedWork)))]
pub async fn find(get: Get, id: PathId<ParkedWorkId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(ParkedWork::of(views::find(tx, tenant_id, id.0)?, ParkedStatus::Parked)))
        .await
}

/// Try an item of parked work again now
///
/// Answers how it went: `done`, or `parked` for longer with the reason of this time.
#[utoipa::path(post, path = "/v1/parked_work/{id}/retry", tag = "platform",
    responses((status = 200, description = "The item, done or put off again", body = ParkedWork)))]
pub async fn retry(post: Post<NoBody>, id: PathId<ParkedWorkId>) -> Result<Answer, Problem> {
    let app = post.app.clone();
    post.run_long(
        (Lane::Runs, "retry_parked_work"),
        StatusCode::OK,
        move |session, Command { tenant_id, .. }| {
            Ok(match parked_work::retry_one(session, app.jobs.as_ref(), (*tenant_id, id.0))? {
                Retried::Done(parked) => ParkedWork::of(parked, ParkedStatus::Done),
                Retried::Parked(parked) => ParkedWork::of(parked, ParkedStatus::Parked),
            })
        },
    )
    .await
}
