//! Which rate should never have been? Removes one of the tenant's own; what is issued keeps the tax it has.

use crate::domain::events::EventType;
use crate::domain::ids::TaxRateId;
use crate::domain::tax::registered::OwnRate;
use crate::storage::{Tx, events, tax};
use crate::workflows::{Error, Scope};

/// Removes the rate.
///
/// # Errors
/// Not found.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, id: TaxRateId) -> Result<OwnRate, Error> {
    tax::lock_settings(tx, scope.tenant_id)?;
    let own = tax::delete_rate(tx, scope.tenant_id, id)?;
    let event = scope.event(EventType::TaxRateDeleted, id.uuid(), own.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(own)
}
