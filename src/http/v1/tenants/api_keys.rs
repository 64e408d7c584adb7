//! Which keys may call for this tenant? Made (and shown) once, listed without their text, revoked for good.

use actix_web::http::StatusCode;

use crate::domain::ids::ApiKeyId;
use crate::http::idempotency::Outcome;
use crate::http::{Answer, Delete, Get, Listing, NoFilter, PathId, Post, Problem, page};
use crate::platform::secrets::Secret;
use crate::storage::tenants::{api_keys, views};
use crate::wire::page::{Page, PageQuery};
use crate::wire::tenants::api_keys::{ApiKey, MadeApiKey, NewApiKey};
use crate::workflows::tenants::{create_api_key, revoke_api_key};

/// Make an API key. Its text is shown in this answer only.
#[utoipa::path(post, path = "/v1/api_keys", tag = "api_keys", request_body = NewApiKey, responses((status = 201, description = "The key, with its text", body = MadeApiKey)))]
pub async fn create(post: Post<NewApiKey>) -> Result<Answer, Problem> {
    post.run_outcome("create_api_key", |tx, scope, body| {
        let (api_key, secret) = create_api_key::run(tx, scope, &body.name)?;
        let made = |key: Option<&Secret>| MadeApiKey {
            api_key: shape(&api_key),
            key: key.map(|k| k.expose().to_owned()),
        };
        Outcome::shown_once(StatusCode::CREATED, &made(Some(&secret)), &made(None))
    })
    .await
}

/// List API keys, newest first, revoked ones included.
#[utoipa::path(get, path = "/v1/api_keys", tag = "api_keys", params(PageQuery), responses((status = 200, description = "A page of keys", body = Page<ApiKey>)))]
pub async fn list(get: Get, listing: Listing<NoFilter>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let slice = views::list(tx, tenant_id, &listing.keyset)?;
        Ok(page(slice, |key| key.id.uuid(), |key| shape(&key)))
    })
    .await
}

/// Read an API key, without its text.
#[utoipa::path(get, path = "/v1/api_keys/{id}", tag = "api_keys", responses((status = 200, description = "The key", body = ApiKey)))]
pub async fn find(get: Get, id: PathId<ApiKeyId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(shape(&api_keys::find(tx, tenant_id, id.0)?))).await
}

/// Revoke an API key. The last good key of a tenant cannot be revoked.
#[utoipa::path(delete, path = "/v1/api_keys/{id}", tag = "api_keys", responses((status = 200, description = "The key, revoked", body = ApiKey)))]
pub async fn revoke(delete: Delete, id: PathId<ApiKeyId>) -> Result<Answer, Problem> {
    let app = delete.app.clone();
    let answer = delete
        .run("revoke_api_key", StatusCode::OK, move |tx, scope, _| {
            Ok(shape(&revoke_api_key::run(tx, scope, id.0)?.into_inner()))
        })
        .await;
    app.keys.forget_all();
    answer
}

fn shape(key: &api_keys::ApiKey) -> ApiKey {
    ApiKey {
        id: key.id.to_string(),
        name: key.name.clone(),
        hint: key.hint.clone(),
        created_at: key.created_at,
        revoked_at: key.revoked_at,
    }
}
