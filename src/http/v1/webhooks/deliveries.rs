//! `/v1/webhook_endpoints/{id}/deliveries`: what an endpoint was sent and what it answered; `…/replay`: what it is sent again.

use actix_web::http::StatusCode;

use crate::domain::ids::WebhookEndpointId;
use crate::http::{Answer, Get, Listing, PathId, Post, Problem, page};
use crate::storage::webhooks::views::{self, Wanted};
use crate::wire::page::{Page, PageQuery};
use crate::wire::webhooks::{Delivery, DeliveryParts, DeliveryQuery, WebhookReplay, WebhookReplayed};
use crate::workflows::webhooks::replay_deliveries::{self, Replay, range};

/// List what a webhook endpoint was sent, newest first
///
/// An event each, with its last twenty attempts: what was answered, and when it is tried next.
#[utoipa::path(get, path = "/v1/webhook_endpoints/{id}/deliveries", tag = "webhooks", params(PageQuery, DeliveryQuery),
    responses((status = 200, description = "A page of deliveries", body = Page<Delivery>)), operation_id = "webhook_deliveries")]
pub async fn list(
    get: Get,
    id: PathId<WebhookEndpointId>,
    listing: Listing<DeliveryQuery>,
) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        views::find_endpoint(tx, tenant_id, id.0)?;
        let DeliveryQuery { status, event_type, event_id } = listing.filter.clone();
        let wanted = Wanted { status: status.map(Into::into), event_type, event_id };
        let slice = views::list_deliveries(tx, (tenant_id, id.0), &listing.keyset, &wanted)?;
        Ok(page(slice, |delivery| delivery.event_id.uuid(), shown))
    })
    .await
}

fn shown(delivery: views::Delivery) -> Delivery {
    DeliveryParts {
        event: (delivery.event_id, delivery.sequence, delivery.event_type),
        status: delivery.status,
        attempts: delivery.attempts,
        next_attempt_at: delivery.next_attempt_at,
        log: delivery.attempt_log,
        created_at: delivery.created_at,
        finished_at: delivery.finished_at,
    }
    .into()
}

/// Send events to a webhook endpoint again
///
/// Those of a range, those that are named, or what was given up. They keep their ids, so a receiver knows those that it has.
#[utoipa::path(post, path = "/v1/webhook_endpoints/{id}/replay", tag = "webhooks", request_body = WebhookReplay,
    responses((status = 202, description = "How many are sent", body = WebhookReplayed)), operation_id = "replay_webhook_deliveries")]
pub async fn replay(post: Post<WebhookReplay>, id: PathId<WebhookEndpointId>) -> Result<Answer, Problem> {
    post.run("replay_webhook_deliveries", StatusCode::ACCEPTED, move |tx, scope, body| {
        let WebhookReplay { from, to, event_ids, failed_only } = body.clone();
        let replay = Replay { range: range(from, to), event_ids, failed_only };
        Ok(WebhookReplayed { replayed: replay_deliveries::run(tx, scope, (id.0, replay))? })
    })
    .await
}
