//! How is a key taken back? For good, and at once; but the last good key stays, or nobody could call for the tenant again.

use super::create_api_key::event_of;
use crate::domain::events::EventType;
use crate::domain::ids::ApiKeyId;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::storage::tenants::api_keys;
use crate::storage::tenants::api_keys::ApiKey;
use crate::storage::{Tx, events};
use crate::workflows::{Done, Error, Scope};

/// Why a key is not revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RevokeRefused {
    /// It is the only one.
    #[error("this is the tenant's last good API key; make another one first")]
    LastKey,
}

impl Refusal for RevokeRefused {
    fn code(&self) -> &'static str {
        "last_api_key"
    }

    fn kind(&self) -> RefusalKind {
        RefusalKind::State
    }
}

/// Revokes the key, unless it was.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, id: ApiKeyId) -> Result<Done<ApiKey>, Error> {
    let live = api_keys::lock_and_count_live(tx, scope.tenant_id)?;
    let mut key = api_keys::find(tx, scope.tenant_id, id)?;
    if key.revoked_at.is_some() {
        return Ok(Done::AlreadyDone(key));
    }
    if live <= 1 {
        return Err(RevokeRefused::LastKey.into());
    }
    api_keys::revoke(tx, scope.tenant_id, id, scope.now)?;
    key.revoked_at = Some(scope.now);
    events::record(tx, scope.tenant_id, &[event_of(scope, &key, EventType::ApiKeyRevoked)])?;
    Ok(Done::Done(key))
}
