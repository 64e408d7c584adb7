//! What was counted wrongly? An event is voided, a range replayed, or replaced by a backfill.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};

use crate::domain::calendar::Period;
use crate::domain::ids::BackfillId;
use crate::domain::refusal::Invalid;
use crate::http::lanes::Lane;
use crate::http::v1::usage::ingest::Target;
use crate::http::v1::usage::take_events;
use crate::http::{Answer, Get, Listing, NoFilter, PathId, Post, Problem, page};
use crate::storage::usage::views;
use crate::wire::page::{Page, PageQuery};
use crate::wire::usage::usage_corrections as wire;
use crate::wire::usage::usage_events::{Ingested, UsageEvent};
use crate::workflows::Error;
use crate::workflows::usage::settle_backfill::{self, To};
use crate::workflows::usage::{open_backfill, replay_usage, void_usage_event};

/// Void an event
///
/// It no longer counts; what was billed for it becomes a difference on the next invoice. Its id stays used.
#[utoipa::path(post, path = "/v1/usage/events/void", tag = "usage", request_body = wire::VoidUsageEvent,
    responses((status = 200, description = "The event as voided", body = wire::VoidedUsageEvent)))]
pub async fn void_event(post: Post<wire::VoidUsageEvent>) -> Result<Answer, Problem> {
    post.run("void_usage_event", StatusCode::OK, |tx, scope, body| {
        let voided = void_usage_event::run(tx, scope, (&body.source, &body.id))?.into_inner();
        Ok(wire::VoidedUsageEvent {
            source: body.source.clone(),
            id: body.id.clone(),
            type_: voided.type_,
            customer_id: voided.customer,
            time: voided.at,
            recorded_at: voided.recorded_at,
            voided_at: voided.voided_at,
        })
    })
    .await
}

/// Count a range of time again
///
/// Kept events of which the customer and a meter are there by now are counted, and the sums of every hour and day of the range are made
/// anew from the events.
#[utoipa::path(post, path = "/v1/usage/replays", tag = "usage", request_body = wire::NewReplay,
    responses((status = 200, description = "What was done", body = wire::Replay)))]
pub async fn replay(post: Post<wire::NewReplay>) -> Result<Answer, Problem> {
    post.run_apart((Lane::Corrections, "replay_usage"), StatusCode::OK, |tx, scope, body| {
        let period =
            Period::new(body.from, body.to).map_err(|e| Invalid::one("/to", "end_before_start", e))?;
        let report = tx.tried(body.dry_run, |tx| replay_usage::run(tx, scope, period))?;
        Ok(wire::Replay {
            dry_run: body.dry_run,
            counted: report.counted,
            still_kept: report.still_kept,
            unreadable: report.unreadable,
            hours: report.hours,
        })
    })
    .await
}

/// Open a backfill
///
/// Events of one type in a period, and perhaps of one customer, are to be replaced. Send those that take their place to
/// `/v1/usage/backfills/{id}/events`, with ids that were never used; they do not count until the backfill is closed.
#[utoipa::path(post, path = "/v1/usage/backfills", tag = "usage", request_body = wire::NewBackfill,
    responses((status = 201, description = "The backfill", body = wire::Backfill)))]
pub async fn create_backfill(post: Post<wire::NewBackfill>) -> Result<Answer, Problem> {
    post.run("open_backfill", StatusCode::CREATED, |tx, scope, body| {
        let event_type = match (&body.event_type, body.meter_id) {
            (Some(event_type), None) => event_type.clone(),
            (None, Some(meter)) => {
                let found = views::meters::find(tx, scope.tenant_id, meter);
                found.map_err(|e| Error::from(Invalid::one("/meter_id", "unknown_meter", e)))?.event_type
            }
            _ => {
                let detail = "give event_type, or the meter_id of a meter that looks at it, and not both";
                return Err(Invalid::one("/event_type", "one_of_two", detail).into());
            }
        };
        let draft =
            open_backfill::Draft { event_type, customer_id: body.customer_id, from: body.from, to: body.to };
        Ok(wire::Backfill::from(open_backfill::run(tx, scope, draft)?))
    })
    .await
}

/// Read a backfill
#[utoipa::path(get, path = "/v1/usage/backfills/{id}", tag = "usage",
    responses((status = 200, description = "The backfill", body = wire::Backfill)))]
pub async fn find_backfill(get: Get, id: PathId<BackfillId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(wire::Backfill::from(views::backfills::find(tx, tenant_id, id.0)?))).await
}

/// List backfills, newest first
#[utoipa::path(get, path = "/v1/usage/backfills", tag = "usage", params(PageQuery),
    responses((status = 200, description = "A page of backfills", body = Page<wire::Backfill>)))]
pub async fn list_backfills(get: Get, listing: Listing<NoFilter>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let slice = views::backfills::list(tx, tenant_id, &listing.keyset)?;
        Ok(page(slice, |backfill| backfill.id.uuid(), wire::Backfill::from))
    })
    .await
}

/// Put events to an open backfill: one, a batch, or a stream
///
/// As `POST /v1/usage/events` takes them.
#[utoipa::path(post, path = "/v1/usage/backfills/{id}/events", tag = "usage", request_body = UsageEvent,
    responses((status = 200, description = "What became of the events", body = Ingested)))]
pub async fn stage_events(
    req: HttpRequest,
    payload: web::Payload,
    id: PathId<BackfillId>,
) -> Result<Answer, Problem> {
    take_events(req, payload, Target::Backfill(id.0)).await
}

/// Close a backfill
///
/// Everything that counts in its range is voided, and its own events count instead. `dry_run` tells how many events and what quantities
/// would change, and does nothing. What was billed becomes a difference on the next invoice.
#[utoipa::path(post, path = "/v1/usage/backfills/{id}/close", tag = "usage", request_body = wire::SettleBackfill,
    responses((status = 200, description = "What was done", body = wire::SettledBackfill)))]
pub async fn close_backfill(
    post: Post<wire::SettleBackfill>,
    id: PathId<BackfillId>,
) -> Result<Answer, Problem> {
    settle(post, (id.0, To::Closed)).await
}

/// Revert a backfill
///
/// Everything it replaced counts again, and its own events do not. One that is still open is given up.
#[utoipa::path(post, path = "/v1/usage/backfills/{id}/revert", tag = "usage", request_body = wire::SettleBackfill,
    responses((status = 200, description = "What was done", body = wire::SettledBackfill)))]
pub async fn revert_backfill(
    post: Post<wire::SettleBackfill>,
    id: PathId<BackfillId>,
) -> Result<Answer, Problem> {
    settle(post, (id.0, To::Reverted)).await
}

async fn settle(post: Post<wire::SettleBackfill>, (id, to): (BackfillId, To)) -> Result<Answer, Problem> {
    post.run_apart((Lane::Corrections, "settle_backfill"), StatusCode::OK, move |tx, scope, body| {
        let report = tx.tried(body.dry_run, |tx| settle_backfill::run(tx, scope, (id, to)))?;
        let change = |change: settle_backfill::Change| wire::QuantityChange {
            customer_id: change.customer_id,
            meter_code: change.meter_code,
            before: change.before.normalize().to_string(),
            after: change.after.normalize().to_string(),
        };
        Ok(wire::SettledBackfill {
            dry_run: body.dry_run,
            backfill: report.backfill.into(),
            events_removed: report.events_removed,
            events_added: report.events_added,
            changes: report.changes.into_iter().map(change).collect(),
        })
    })
    .await
}
