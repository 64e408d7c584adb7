//! A tenant says what becomes of what is disputed from now on: `{"invoice": "reopen"}`.

use crate::domain::events::EventType;
use crate::domain::payments::disputes::policy::{Policy, PolicyChange};
use crate::storage::payments::disputes;
use crate::storage::{Tx, events};
use crate::workflows::{Error, Scope};

/// Changes it, and gives it as it is then.
///
/// # Errors
/// Storage.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, change: PolicyChange) -> Result<Policy, Error> {
    let before = disputes::policy(tx, scope.tenant_id)?;
    let policy = before.with(change);
    if policy != before {
        disputes::set_policy(tx, scope.tenant_id, policy)?;
        let type_ = EventType::DisputeSettingsUpdated;
        let event = scope.event(type_, scope.tenant_id.uuid(), policy.event_data());
        events::record(tx, scope.tenant_id, &[event])?;
    }
    Ok(policy)
}
