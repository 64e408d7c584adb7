//! Where does a tenant hear of its events from now on? An endpoint is added, changed, enabled, tried or deleted; its secret is shown once.

use std::collections::BTreeSet;

use super::courier::{Courier, Refused};
use crate::adapters::webhooks::{NewSecret, check_secret, new_secret};
use crate::domain::events::EventType;
use crate::domain::ids::{EventId, WebhookEndpointId};
use crate::domain::refusal::Invalid;
use crate::domain::webhooks::{Disabled, Endpoint, PayloadForm, Signature, Why};
use crate::platform::secrets::Secret;
use crate::storage::webhooks::{self as storage, Sealed};
use crate::storage::{Tx, events};
use crate::workflows::{Error, Scope};

/// A new endpoint.
#[derive(Debug, Clone)]
pub struct NewEndpoint {
    pub url: String,
    pub description: Option<String>,
    pub event_types: Option<BTreeSet<String>>,
    pub payload: PayloadForm,
    pub signature: Signature,
    /// One's own; `None`: one is made.
    pub secret: Option<Secret>,
}

/// What to change; the outer `None` stays, the inner one is taken away.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub url: Option<String>,
    pub description: Option<Option<String>>,
    pub event_types: Option<Option<BTreeSet<String>>>,
    pub payload: Option<PayloadForm>,
    pub enabled: Option<bool>,
}

/// An endpoint with its secret, as it is shown once; none where it never leaves the server.
#[derive(Debug, Clone)]
pub struct Shown {
    pub endpoint: Endpoint,
    pub secret: Option<Secret>,
}

/// The secret to sign with from now on: one's own, or one that is made.
pub(super) fn secret_for(signature: Signature, own: Option<Secret>) -> Result<NewSecret, Invalid> {
    let Some(secret) = own else { return Ok(new_secret(signature)) };
    if signature == Signature::Ed25519 {
        let detail =
            "a key for Ed25519 is made here, and its private half never leaves: leave the secret out";
        return Err(Invalid::one("/secret", "secret_not_taken", detail));
    }
    check_secret(&secret).map_err(|wrong| Invalid::one("/secret", "malformed_secret", wrong))?;
    Ok(NewSecret { secret, public_key: None })
}

/// What of a secret is shown: that of HMAC, which both sides need.
pub(super) fn shown(signature: Signature, secret: Secret) -> Option<Secret> {
    (signature == Signature::Hmac).then_some(secret)
}

/// Adds one.
///
/// # Errors
/// `no_secrets_key`; [`Invalid`] values.
pub fn create(tx: &mut Tx<'_>, scope: &Scope, courier: &Courier, new: NewEndpoint) -> Result<Shown, Error> {
    storage::lock_endpoints(tx, scope.tenant_id)?;
    let made = secret_for(new.signature, new.secret)?;
    let endpoint = Endpoint {
        id: WebhookEndpointId::from_uuid(scope.mint()),
        url: new.url,
        description: new.description,
        event_types: new.event_types,
        payload: new.payload,
        signature: new.signature,
        public_key: made.public_key,
        old_secret_until: None,
        disabled: None,
        failing_since: None,
        created_at: scope.now,
    };
    let others = storage::count_endpoints(tx, scope.tenant_id)?;
    endpoint.check(usize::try_from(others).unwrap_or(usize::MAX))?;
    courier.check_address(&endpoint.url, scope.mode)?;
    let secret = courier.seal((scope.tenant_id, endpoint.id), &made.secret)?;
    let sealed = Sealed { endpoint, secret, old_secret: None };
    storage::insert_endpoint(tx, scope.tenant_id, &sealed)?;
    emit(tx, scope, EventType::WebhookEndpointCreated, &sealed.endpoint)?;
    Ok(Shown { secret: shown(sealed.endpoint.signature, made.secret), endpoint: sealed.endpoint })
}

/// Changes one. Enabled again, it hears of all that it has not heard since.
///
/// # Errors
/// Not found; as [`create`].
pub fn update(
    tx: &mut Tx<'_>,
    scope: &Scope,
    courier: &Courier,
    (id, change): (WebhookEndpointId, Change),
) -> Result<Endpoint, Error> {
    let mut sealed = storage::lock_endpoint(tx, scope.tenant_id, id)?;
    let before = sealed.endpoint.clone();
    let endpoint = &mut sealed.endpoint;
    endpoint.url = change.url.unwrap_or(before.url.clone());
    endpoint.description = change.description.unwrap_or(before.description.clone());
    endpoint.event_types = change.event_types.unwrap_or(before.event_types.clone());
    endpoint.payload = change.payload.unwrap_or(before.payload);
    match (change.enabled, before.disabled) {
        (Some(true), Some(_)) => (endpoint.disabled, endpoint.failing_since) = (None, None),
        (Some(false), None) => endpoint.disabled = Some(Disabled { since: scope.now, why: Why::Request }),
        _ => {}
    }
    endpoint.check(0)?;
    courier.check_address(&endpoint.url, scope.mode)?;
    if sealed.endpoint != before {
        storage::update_endpoint(tx, scope.tenant_id, &sealed)?;
        emit(tx, scope, EventType::WebhookEndpointUpdated, &sealed.endpoint)?;
    }
    Ok(sealed.endpoint)
}

/// Deletes one with its log, and gives it as it was.
///
/// # Errors
/// Not found.
pub fn delete(tx: &mut Tx<'_>, scope: &Scope, id: WebhookEndpointId) -> Result<Endpoint, Error> {
    let endpoint = storage::lock_endpoint(tx, scope.tenant_id, id)?.endpoint;
    storage::delete_endpoint(tx, scope.tenant_id, id)?;
    emit(tx, scope, EventType::WebhookEndpointDeleted, &endpoint)?;
    Ok(endpoint)
}

/// Has it hear of an event that is for it alone, whatever it wants to hear of; gives that event.
///
/// # Errors
/// Not found; it is disabled.
pub fn test(tx: &mut Tx<'_>, scope: &Scope, id: WebhookEndpointId) -> Result<EventId, Error> {
    let endpoint = storage::find_endpoint(tx, scope.tenant_id, id)?;
    if endpoint.disabled.is_some() {
        return Err(Refused::Disabled.into());
    }
    emit(tx, scope, EventType::WebhookEndpointTested, &endpoint)
}

pub(super) fn emit(
    tx: &mut Tx<'_>,
    scope: &Scope,
    type_: EventType,
    endpoint: &Endpoint,
) -> Result<EventId, Error> {
    let event = scope.event(type_, endpoint.id.uuid(), endpoint.event_data());
    let id = event.id;
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(id)
}
