//! How is a secret replaced while events come? The new one signs from now on, and the one before beside it until the receiver has had time to change.
//!
//! Rotated at noon with an overlap of a day: until noon tomorrow each event carries two signatures, and either verifies.

use chrono::TimeDelta;

use super::change_endpoints::{Shown, emit, secret_for, shown};
use super::courier::Courier;
use crate::domain::events::EventType;
use crate::domain::ids::WebhookEndpointId;
use crate::domain::refusal::Invalid;
use crate::domain::webhooks::OVERLAP;
use crate::platform::secrets::Secret;
use crate::storage::Tx;
use crate::storage::webhooks as storage;
use crate::workflows::{Error, Scope};

/// What to sign with, and for how long beside the one before.
#[derive(Debug, Clone, Default)]
pub struct Rotation {
    /// One's own; `None`: one is made.
    pub secret: Option<Secret>,
    /// Seconds; a day unless said otherwise, 0: the one before is good no more.
    pub overlap: Option<i64>,
}

/// Replaces the secret of an endpoint.
///
/// # Errors
/// Not found; `no_secrets_key`; [`Invalid`] values.
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    courier: &Courier,
    (id, rotation): (WebhookEndpointId, Rotation),
) -> Result<Shown, Error> {
    let mut sealed = storage::lock_endpoint(tx, scope.tenant_id, id)?;
    let [usual, most] = OVERLAP;
    let overlap = rotation.overlap.unwrap_or(usual);
    if !(0..=most).contains(&overlap) {
        let detail = format_args!("the secret before signs, too, for 0 to {most} seconds");
        return Err(Invalid::one("/overlap_seconds", "out_of_range", detail).into());
    }
    let signature = sealed.endpoint.signature;
    let made = secret_for(signature, rotation.secret)?;
    let new = courier.seal((scope.tenant_id, id), &made.secret)?;
    let old = std::mem::replace(&mut sealed.secret, new);
    sealed.endpoint.public_key = made.public_key;
    let until = (overlap > 0).then(|| scope.now + TimeDelta::seconds(overlap));
    (sealed.old_secret, sealed.endpoint.old_secret_until) = (until.map(|_| old), until);
    storage::update_endpoint(tx, scope.tenant_id, &sealed)?;
    emit(tx, scope, EventType::WebhookEndpointUpdated, &sealed.endpoint)?;
    Ok(Shown { secret: shown(signature, made.secret), endpoint: sealed.endpoint })
}
