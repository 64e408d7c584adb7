//! What is different about a product? Changes it; what is taxed from now on is taxed by its new code.

use crate::domain::catalog::{Product, ProductChange};
use crate::domain::events::EventType;
use crate::domain::ids::ProductId;
use crate::storage::{Tx, catalog, events};
use crate::workflows::{Error, Scope};

/// Changes the product. Saying what is so already writes nothing.
///
/// # Errors
/// Not found; [`Invalid`](crate::domain::refusal::Invalid) values; `external_id_taken`.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, id: ProductId, change: ProductChange) -> Result<Product, Error> {
    let before = catalog::lock_product(tx, scope.tenant_id, id)?;
    let after = before.changed(change)?;
    if after == before {
        return Ok(after);
    }
    catalog::update_product(tx, scope.tenant_id, &after)?;
    let event = scope.event(EventType::ProductUpdated, id.uuid(), after.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(after)
}
