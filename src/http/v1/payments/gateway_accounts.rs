//! `/v1/gateway_accounts`: at which gateways your money is charged, and what they have told.

use actix_web::http::StatusCode;

use crate::adapters::gateway::Credentials;
use crate::domain::ids::GatewayAccountId;
use crate::http::lanes::Lane;
use crate::http::query::NoFilter;
use crate::http::{Answer, Delete, Get, Listing, Patch, PathId, Post, Problem, page};
use crate::storage::payments::views;
use crate::wire::page::{Page, PageQuery};
use crate::wire::payments::accounts::{GatewayAccount, GatewayAccountPatch, InboundEvent, NewGatewayAccount};
use crate::workflows::payments::accounts::{self, Change, NewAccount};
use crate::workflows::{Error, Scope};

/// Use an account at a gateway
///
/// Payment methods that name it are charged there. Its credentials are sealed, and never shown.
#[utoipa::path(post, path = "/v1/gateway_accounts", tag = "gateway_accounts", request_body = NewGatewayAccount,
    responses((status = 201, description = "The account", body = GatewayAccount)), operation_id = "create_gateway_account")]
pub async fn create(post: Post<NewGatewayAccount>) -> Result<Answer, Problem> {
    let gateways = post.app.gateways.clone();
    post.run("create_gateway_account", StatusCode::CREATED, move |tx, scope, body| {
        let body = body.clone();
        let new = NewAccount {
            gateway: body.gateway.into(),
            name: body.name,
            credentials: Credentials::new(body.credentials.secret_key, body.credentials.webhook_secrets),
            base_url: body.base_url,
            entity_id: body.entity_id,
        };
        Ok(GatewayAccount::from(accounts::create(tx, scope, &gateways, new)?))
    })
    .await
}

/// List your accounts at gateways, newest first
#[utoipa::path(get, path = "/v1/gateway_accounts", tag = "gateway_accounts", params(PageQuery),
    responses((status = 200, description = "A page of accounts", body = Page<GatewayAccount>)), operation_id = "gateway_accounts")]
pub async fn list(get: Get, listing: Listing<NoFilter>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let slice = views::list_accounts(tx, tenant_id, &listing.keyset)?;
        Ok(page(slice, |account| account.id.uuid(), GatewayAccount::from))
    })
    .await
}

/// Read an account at a gateway
#[utoipa::path(get, path = "/v1/gateway_accounts/{id}", tag = "gateway_accounts",
    responses((status = 200, description = "The account", body = GatewayAccount)), operation_id = "gateway_account")]
pub async fn find(get: Get, id: PathId<GatewayAccountId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(GatewayAccount::from(views::find_account(tx, tenant_id, id.0)?))).await
}

/// Change an account at a gateway
///
/// Another secret key is to be of the same account at the gateway: while payments or refunds there are not settled, that is asked of the gateway.
/// To rotate a webhook secret, give the new one and the old one; when the gateway signs with the new one alone, give that alone.
#[utoipa::path(patch, path = "/v1/gateway_accounts/{id}", tag = "gateway_accounts", request_body = GatewayAccountPatch,
    responses((status = 200, description = "The account as changed", body = GatewayAccount)), operation_id = "update_gateway_account")]
pub async fn update(
    patch: Patch<GatewayAccountPatch>,
    id: PathId<GatewayAccountId>,
) -> Result<Answer, Problem> {
    let gateways = patch.app.gateways.clone();
    let by = Some(patch.caller.key_id);
    patch
        .run_long((Lane::Payments, "update_gateway_account"), StatusCode::OK, move |session, command| {
            let (tenant_id, body) = (command.tenant_id, command.body.clone());
            let credentials = body.credentials.unwrap_or_default();
            let mut change = Change {
                name: body.name,
                base_url: body.base_url,
                secret_key: credentials.secret_key,
                webhook_secrets: credentials.webhook_secrets,
                entity_id: body.entity_id,
                leads_there: false,
            };
            change.leads_there = accounts::leads_there(session, &gateways, (tenant_id, id.0), &change)?;
            session.transaction("update_gateway_account", |tx| {
                let scope = Scope { by, ..Scope::load(tx, tenant_id)? };
                let change = (id.0, change.clone());
                Ok::<_, Error>(GatewayAccount::from(accounts::update(tx, &scope, &gateways, change)?))
            })
        })
        .await
}

/// Use an account at a gateway no longer
///
/// Methods that name it are charged no more. What was charged there is still asked about, and given back, there.
#[utoipa::path(delete, path = "/v1/gateway_accounts/{id}", tag = "gateway_accounts",
    responses((status = 200, description = "The account as it was", body = GatewayAccount)), operation_id = "delete_gateway_account")]
pub async fn remove(delete: Delete, id: PathId<GatewayAccountId>) -> Result<Answer, Problem> {
    delete
        .run("delete_gateway_account", StatusCode::OK, move |tx, scope, _| {
            Ok(GatewayAccount::from(accounts::remove(tx, scope, id.0)?))
        })
        .await
}

/// List what a gateway has told of an account, newest first
///
/// Each event is stored once. What cannot be processed is among `parked_work`, and may be tried again there.
#[utoipa::path(get, path = "/v1/gateway_accounts/{id}/events", tag = "gateway_accounts", params(PageQuery),
    responses((status = 200, description = "A page of events", body = Page<InboundEvent>)), operation_id = "gateway_account_events")]
pub async fn events(
    get: Get,
    id: PathId<GatewayAccountId>,
    listing: Listing<NoFilter>,
) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        views::find_account(tx, tenant_id, id.0)?;
        let slice = views::list_events(tx, (tenant_id, id.0), &listing.keyset)?;
        Ok(page(slice, |event| event.id.uuid(), InboundEvent::from))
    })
    .await
}
