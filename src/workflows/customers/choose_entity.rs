//! From which entity does a new customer buy? The one it names; of whoever pays for it; the one that serves its country; the default.

use crate::domain::customers::{NewCustomer, Pays};
use crate::domain::entities::moves::Refused;
use crate::domain::entities::serving;
use crate::domain::ids::{CustomerId, EntityId};
use crate::storage::{Tx, customers, entities};
use crate::workflows::{Error, Scope};

/// The entity.
///
/// # Errors
/// `unknown_entity`; `entity_of_payer`, when it names another than whoever pays for it buys from.
pub(super) fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    new: &NewCustomer,
    parents_payer: Option<CustomerId>,
) -> Result<EntityId, Error> {
    let named = match new.entity_id {
        Some(id) => Some(scope.entity(Some(id), "/entity_id")?),
        None => None,
    };
    if let Some(payer) = parents_payer.filter(|_| new.pays() == Pays::ByParent) {
        let entity_id = customers::find(tx, scope.tenant_id, payer)?.entity_id;
        return match named {
            Some(id) if id != entity_id => {
                let how = "leave entity_id out, or let the customer pay itself (\"pays\": \"self\")";
                Err(Refused::Payer { payer: payer.to_string(), how }.into())
            }
            _ => Ok(entity_id),
        };
    }
    match (named, &*scope.issuers) {
        (Some(id), _) => Ok(id),
        (None, [only]) => Ok(only.id),
        (None, _) => {
            let all = entities::all(tx, scope.tenant_id)?;
            Ok(serving(&all, new.country()).map_or_else(|| scope.default_entity(), |entity| entity.id))
        }
    }
}
