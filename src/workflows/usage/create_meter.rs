//! What is measured from now on? Adds a meter, and counts for it the events of its type that are there already.

use crate::domain::events::EventType;
use crate::domain::ids::MeterId;
use crate::domain::usage::{Meter, MeterDraft};
use crate::storage::{Tx, events, usage};
use crate::workflows::{Error, Scope};

/// Adds the meter. Nothing is ingested for the tenant meanwhile, so no event is missed or counted twice.
///
/// # Errors
/// [`Invalid`](crate::domain::refusal::Invalid) values; `code_taken`.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, draft: MeterDraft) -> Result<Meter, Error> {
    let meter = draft.create(MeterId::from_uuid(scope.mint()), scope.now)?;
    usage::lock_meters(tx, scope.tenant_id)?;
    usage::insert_meter(tx, scope.tenant_id, &meter)?;
    usage::rebuild_meter(tx, scope.tenant_id, (&meter, None))?;
    let event = scope.event(EventType::MeterCreated, meter.id.uuid(), meter.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(meter)
}
