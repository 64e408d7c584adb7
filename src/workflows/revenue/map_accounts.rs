//! A seller says what accounts are called in its general ledger. What was exported keeps the names it had.

use crate::domain::ids::EntityId;
use crate::domain::refusal::Invalid;
use crate::domain::revenue::journals::AccountCode;
use crate::storage::Tx;
use crate::storage::revenue::journals::codes;
use crate::workflows::{Error, Scope};

/// Says it of these accounts, for one entity or for all; gives all that is said there now.
///
/// # Errors
/// `unknown_entity`, `blank`, `too_long`, `control_character`, `duplicate`.
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (entity_id, named): (Option<EntityId>, &[AccountCode]),
) -> Result<Vec<AccountCode>, Error> {
    if let Some(id) = entity_id {
        scope.entity(Some(id), "/entity_id")?;
    }
    for (place, code) in named.iter().enumerate() {
        code.check(place)?;
        if named.iter().take(place).any(|before| before.account == code.account) {
            let pointer = format!("/accounts/{place}/account");
            return Err(Invalid::one(&pointer, "duplicate", "an account is named once").into());
        }
    }
    if !named.is_empty() {
        codes::save(tx, (scope.tenant_id, entity_id), (named, scope.now))?;
    }
    Ok(codes::list(tx, scope.tenant_id, entity_id)?)
}
