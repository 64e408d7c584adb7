//! What is different about an entity? Changes it for what is issued from now on: a new version of what invoices print, or a new series that
//! begins at 1. What is issued stays as it is.

use crate::domain::entities::books::BooksKept;
use crate::domain::entities::{Entity, EntityChange};
use crate::domain::events::EventType;
use crate::domain::ids::EntityId;
use crate::storage::{Tx, entities, events, tax, tenants};
use crate::workflows::{Error, Scope};

/// Changes the entity. Saying what is so already writes nothing.
///
/// # Errors
/// Not found; [`Invalid`](crate::domain::refusal::Invalid) values; `external_id_taken`; `country_taken`, `series_taken`,
/// `series_against_rule`; `default_needed`; `functional_currency_in_use`, once something is posted.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, id: EntityId, change: EntityChange) -> Result<Entity, Error> {
    let tenant_id = scope.tenant_id;
    tenants::lock(tx, tenant_id)?;
    let before = entities::find(tx, tenant_id, id)?;
    let mut after = before.changed(change)?;
    if after == before {
        return Ok(after);
    }
    let currency = before.functional_currency;
    if currency != after.functional_currency && entities::keeps_books(tx, tenant_id, id)? {
        return Err(BooksKept(currency).into());
    }
    after.check_beside(&entities::all(tx, tenant_id)?, &entities::series(tx, tenant_id)?)?;
    if after.printed() != before.printed() {
        after.seller_version = entities::next_seller_version(tx, tenant_id)?;
        entities::keep_printed(tx, tenant_id, &after, scope.now)?;
    }
    entities::update(tx, tenant_id, &after)?;
    entities::keep_series(tx, tenant_id, &after, scope.now)?;
    if after.place.is_some() {
        tax::keep_settings(tx, tenant_id)?;
    }
    let event = scope.event(EventType::EntityUpdated, id.uuid(), after.event_data());
    events::record(tx, tenant_id, &[event])?;
    Ok(after)
}
