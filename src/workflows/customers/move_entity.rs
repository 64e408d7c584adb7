//! From which entity does a customer buy from now on? Another, when nothing is open with the one until now; all it pays for go with it.

use crate::domain::entities::moves::Refused;
use crate::domain::ids::{CustomerId, EntityId};
use crate::storage::customers::{accounts, locks};
use crate::storage::entities::ties;
use crate::storage::{Tx, customers};
use crate::workflows::{Error, Scope};

/// Lets a customer buy from another entity; says whether it did not already. Its row and those of all it pays for are locked.
///
/// # Errors
/// Not found; `unknown_entity`; `entity_of_payer`, when another pays for it; `customer_tied`, when something is open.
pub(super) fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: CustomerId,
    entity_id: EntityId,
) -> Result<bool, Error> {
    let tenant_id = scope.tenant_id;
    let entity_id = scope.entity(Some(entity_id), "/entity_id")?;
    // Before any row: nobody begins to be paid for by it meanwhile.
    accounts::hold_tree(tx, tenant_id)?;
    let before = customers::find(tx, tenant_id, id)?;
    if before.entity_id == entity_id {
        return Ok(false);
    }
    if let Some(payer) = before.payer_id {
        let how = "move the one that pays, and all it pays for go with it";
        return Err(Refused::Payer { payer: payer.to_string(), how }.into());
    }
    let mut all = ties::paid_for(tx, tenant_id, id)?;
    all.push(id);
    all.sort_unstable();
    let held = locks::accounts(tx, tenant_id, &all)?;
    ties::ties(tx, &held, &all)?.check()?;
    ties::move_to(tx, &held, &all, entity_id)?;
    Ok(true)
}
