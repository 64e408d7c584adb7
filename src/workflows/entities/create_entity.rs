//! Through whom does the tenant sell from now on, too? Adds an entity, with patterns of numbers that no other has.

use crate::domain::entities::{self as rules, Entity, Founding, NewEntity};
use crate::domain::events::EventType;
use crate::domain::ids::EntityId;
use crate::domain::refusal::Invalid;
use crate::storage::{Tx, entities, events, tax, tenants};
use crate::workflows::{Error, Scope};

/// Adds the entity.
///
/// # Errors
/// [`Invalid`] values; `external_id_taken`; `country_taken`, `series_taken`, `series_against_rule`; too many.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, new: NewEntity) -> Result<Entity, Error> {
    let tenant_id = scope.tenant_id;
    tenants::lock(tx, tenant_id)?;
    let others = entities::all(tx, tenant_id)?;
    if others.len() >= rules::MOST {
        let detail = format_args!("there are {} entities already, and no room for more", rules::MOST);
        return Err(Invalid::one("", "too_many", detail).into());
    }
    let seller_version = entities::next_seller_version(tx, tenant_id)?;
    let id = EntityId::from_uuid(scope.mint());
    let founding = Founding { id, currency: scope.currency, seller_version, at: scope.now };
    let entity = new.found(founding)?;
    entity.check_beside(&others, &entities::series(tx, tenant_id)?)?;
    entities::insert(tx, tenant_id, &entity)?;
    entities::keep_series(tx, tenant_id, &entity, scope.now)?;
    if entity.place.is_some() {
        tax::keep_settings(tx, tenant_id)?;
    }
    entities::keep_printed(tx, tenant_id, &entity, scope.now)?;
    let event = scope.event(EventType::EntityCreated, id.uuid(), entity.event_data());
    events::record(tx, tenant_id, &[event])?;
    Ok(entity)
}
