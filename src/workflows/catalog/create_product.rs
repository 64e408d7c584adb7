//! What is sold from now on? Adds a product to the catalogue.

use crate::domain::catalog::{Product, ProductDraft};
use crate::domain::events::EventType;
use crate::domain::ids::ProductId;
use crate::storage::{Tx, catalog, events};
use crate::workflows::{Error, Scope};

/// Adds the product.
///
/// # Errors
/// [`Invalid`](crate::domain::refusal::Invalid) values; `external_id_taken`.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, draft: ProductDraft) -> Result<Product, Error> {
    let product = draft.create(ProductId::from_uuid(scope.mint()), scope.now)?;
    catalog::insert_product(tx, scope.tenant_id, &product)?;
    let event = scope.event(EventType::ProductCreated, product.id.uuid(), product.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(product)
}
