//! How are payments that failed tried again, from now on? Adds a policy, or changes one: other terms are another version, and invoices go on
//! by the version they began with.

use crate::domain::events::EventType;
use crate::domain::ids::RetryPolicyId;
use crate::domain::payments::retries::policy::{PolicyChange, RetryPolicy, Terms, TermsChange};
use crate::domain::refusal::Invalid;
use crate::storage::payments::retries::policies;
use crate::storage::{Tx, events};
use crate::workflows::{Error, Scope};

/// Most policies of a tenant.
const MOST: i64 = 100;

/// Adds a policy. The first of a tenant is no default unless it says so.
///
/// # Errors
/// [`Invalid`] values; `too_many_retry_policies`.
pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (name, is_default): (String, bool),
    terms: TermsChange,
) -> Result<RetryPolicy, Error> {
    let policy = RetryPolicy {
        id: RetryPolicyId::from_uuid(scope.mint()),
        name,
        is_default,
        version: 1,
        terms: terms.apply_to(Terms::default()),
        created_at: scope.now,
        updated_at: scope.now,
    };
    policy.check()?;
    if policies::count(tx, scope.tenant_id)? >= MOST {
        let detail = format!("there are {MOST} retry policies already: change one of them");
        return Err(Invalid::one("", "too_many_retry_policies", detail).into());
    }
    if is_default {
        policies::unset_default(tx, scope.tenant_id)?;
    }
    policies::insert(tx, scope.tenant_id, &policy)?;
    let event = scope.event(EventType::RetryPolicyCreated, policy.id.uuid(), policy.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(policy)
}

/// Changes a policy.
///
/// # Errors
/// Not found; [`Invalid`] values.
pub fn update(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, change): (RetryPolicyId, PolicyChange),
) -> Result<RetryPolicy, Error> {
    let before = policies::find_locked(tx, scope.tenant_id, id)?;
    let policy = before.clone().change(change, scope.now)?;
    if policy.is_default && !before.is_default {
        policies::unset_default(tx, scope.tenant_id)?;
    }
    policies::update(tx, scope.tenant_id, &policy)?;
    let event = scope.event(EventType::RetryPolicyUpdated, id.uuid(), policy.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(policy)
}
