//! `/v1/webhook_endpoints`: where a tenant hears of its events. A secret is shown in the answer that makes it, and never again.

use actix_web::http::StatusCode;

use crate::domain::ids::WebhookEndpointId;
use crate::http::idempotency::Outcome;
use crate::http::query::NoFilter;
use crate::http::{Answer, Delete, Get, Listing, Patch, PathId, Post, Problem, page};
use crate::platform::secrets::Secret;
use crate::storage::webhooks::views;
use crate::wire::page::{Page, PageQuery};
use crate::wire::webhooks::{
    EndpointTest, NewWebhookEndpoint, SecretRotation, ShownEndpoint, SigningSecret, WebhookEndpoint,
    WebhookEndpointPatch,
};
use crate::workflows::Error;
use crate::workflows::webhooks::change_endpoints::{self, Change, NewEndpoint, Shown};
use crate::workflows::webhooks::rotate_secret::{self, Rotation};

fn secret(given: SigningSecret) -> Secret {
    Secret::new(given.0)
}

fn once(status: StatusCode, shown: Shown) -> Result<Outcome, Error> {
    let endpoint = WebhookEndpoint::from(shown.endpoint);
    let with = |secret: Option<&Secret>| ShownEndpoint {
        endpoint: endpoint.clone(),
        secret: secret.map(|secret| secret.expose().to_owned()),
    };
    Outcome::shown_once(status, &with(shown.secret.as_ref()), &with(None))
}

/// Hear of events at an address
///
/// Events from now on are sent there by Standard Webhooks, signed with the `secret` of this answer, which is shown once.
#[utoipa::path(post, path = "/v1/webhook_endpoints", tag = "webhooks", request_body = NewWebhookEndpoint,
    responses((status = 201, description = "The endpoint, with its secret", body = ShownEndpoint)), operation_id = "create_webhook_endpoint")]
pub async fn create(post: Post<NewWebhookEndpoint>) -> Result<Answer, Problem> {
    let courier = post.app.courier.clone();
    post.run_outcome("create_webhook_endpoint", move |tx, scope, body| {
        let body = body.clone();
        let new = NewEndpoint {
            url: body.url,
            description: body.description,
            event_types: body.event_types,
            payload: body.payload.map(Into::into).unwrap_or_default(),
            signature: body.signature.map(Into::into).unwrap_or_default(),
            secret: body.secret.map(secret),
        };
        once(StatusCode::CREATED, change_endpoints::create(tx, scope, &courier, new)?)
    })
    .await
}

/// List webhook endpoints, newest first
#[utoipa::path(get, path = "/v1/webhook_endpoints", tag = "webhooks", params(PageQuery),
    responses((status = 200, description = "A page of endpoints", body = Page<WebhookEndpoint>)), operation_id = "webhook_endpoints")]
pub async fn list(get: Get, listing: Listing<NoFilter>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let slice = views::list_endpoints(tx, tenant_id, &listing.keyset)?;
        Ok(page(slice, |endpoint| endpoint.id.uuid(), WebhookEndpoint::from))
    })
    .await
}

/// Read a webhook endpoint
#[utoipa::path(get, path = "/v1/webhook_endpoints/{id}", tag = "webhooks",
    responses((status = 200, description = "The endpoint", body = WebhookEndpoint)), operation_id = "webhook_endpoint")]
pub async fn find(get: Get, id: PathId<WebhookEndpointId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(WebhookEndpoint::from(views::find_endpoint(tx, tenant_id, id.0)?))).await
}

/// Change, disable or enable a webhook endpoint
///
/// While it is disabled nothing is sent, and nothing lost: enabled again, it is sent what it has not been sent.
#[utoipa::path(patch, path = "/v1/webhook_endpoints/{id}", tag = "webhooks", request_body = WebhookEndpointPatch,
    responses((status = 200, description = "The endpoint as changed", body = WebhookEndpoint)), operation_id = "update_webhook_endpoint")]
pub async fn update(
    patch: Patch<WebhookEndpointPatch>,
    id: PathId<WebhookEndpointId>,
) -> Result<Answer, Problem> {
    let courier = patch.app.courier.clone();
    patch
        .run("update_webhook_endpoint", StatusCode::OK, move |tx, scope, body| {
            let body = body.clone();
            let change = Change {
                url: body.url,
                description: body.description,
                event_types: body.event_types,
                payload: body.payload.map(Into::into),
                enabled: body.enabled,
            };
            Ok(WebhookEndpoint::from(change_endpoints::update(tx, scope, &courier, (id.0, change))?))
        })
        .await
}

/// Delete a webhook endpoint with its log
#[utoipa::path(delete, path = "/v1/webhook_endpoints/{id}", tag = "webhooks",
    responses((status = 200, description = "The endpoint as it was", body = WebhookEndpoint)), operation_id = "delete_webhook_endpoint")]
pub async fn remove(delete: Delete, id: PathId<WebhookEndpointId>) -> Result<Answer, Problem> {
    delete
        .run("delete_webhook_endpoint", StatusCode::OK, move |tx, scope, _| {
            Ok(WebhookEndpoint::from(change_endpoints::delete(tx, scope, id.0)?))
        })
        .await
}

/// Replace the secret of a webhook endpoint
///
/// The new one is shown in this answer only. Until the overlap is over, what is sent is signed by both.
#[utoipa::path(post, path = "/v1/webhook_endpoints/{id}/rotate_secret", tag = "webhooks", request_body = SecretRotation,
    responses((status = 200, description = "The endpoint, with its new secret", body = ShownEndpoint)), operation_id = "rotate_webhook_secret")]
pub async fn rotate_secret(
    post: Post<SecretRotation>,
    id: PathId<WebhookEndpointId>,
) -> Result<Answer, Problem> {
    let courier = post.app.courier.clone();
    post.run_outcome("rotate_webhook_secret", move |tx, scope, body| {
        let body = body.clone();
        let rotation = Rotation { secret: body.secret.map(secret), overlap: body.overlap_seconds };
        once(StatusCode::OK, rotate_secret::run(tx, scope, &courier, (id.0, rotation))?)
    })
    .await
}

/// Send a test to a webhook endpoint
///
/// An event `webhook_endpoint.tested`, for this endpoint alone, sent and tried again as any other.
#[utoipa::path(post, path = "/v1/webhook_endpoints/{id}/test", tag = "webhooks",
    responses((status = 202, description = "The event that is sent", body = EndpointTest)), operation_id = "test_webhook_endpoint")]
pub async fn test(post: Delete, id: PathId<WebhookEndpointId>) -> Result<Answer, Problem> {
    post.run("test_webhook_endpoint", StatusCode::ACCEPTED, move |tx, scope, _| {
        Ok(EndpointTest { event_id: change_endpoints::test(tx, scope, id.0)? })
    })
    .await
}
