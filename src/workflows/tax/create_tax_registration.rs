//! Where is this tenant registered now, too? Adds a registration.

use crate::domain::events::EventType;
use crate::domain::ids::{EntityId, TaxRegistrationId};
use crate::domain::tax::registered::{self, KeptRegistration, NewRegistration};
use crate::storage::{Tx, events, tax};
use crate::workflows::{Error, Scope};

/// Adds the registration, of the entity it names, or of the only one there is.
///
/// # Errors
/// `entity_required`, `unknown_entity`; [`Invalid`](crate::domain::refusal::Invalid) values; `overlapping_registrations`.
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    entity_id: Option<EntityId>,
    new: NewRegistration,
) -> Result<KeptRegistration, Error> {
    let entity_id = scope.entity(entity_id, "/entity_id")?;
    let registration = new.registration("")?;
    let id = TaxRegistrationId::from_uuid(scope.mint());
    let kept = KeptRegistration { id, entity_id, registration, created_at: scope.now };
    tax::lock_settings(tx, scope.tenant_id)?;
    let others = tax::regime(tx, (scope.tenant_id, entity_id))?.registrations;
    registered::check_count(others.len())?;
    kept.registration.check_beside(&others, "")?;
    tax::insert_registration(tx, scope.tenant_id, &kept)?;
    let event = scope.event(EventType::TaxRegistrationCreated, id.uuid(), kept.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(kept)
}
