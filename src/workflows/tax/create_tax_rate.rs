//! Which rate is missing or wrong in the program? Adds one of the tenant's own, which goes before it.

use crate::domain::events::EventType;
use crate::domain::ids::TaxRateId;
use crate::domain::tax::rates::Rate;
use crate::domain::tax::registered::{self, OwnRate};
use crate::storage::{Tx, events, tax};
use crate::workflows::{Error, Scope};

/// Adds the rate. Documents that are issued already keep the tax they have.
///
/// # Errors
/// [`Invalid`](crate::domain::refusal::Invalid) values; `overlapping_rates`.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, rate: Rate) -> Result<OwnRate, Error> {
    tax::lock_settings(tx, scope.tenant_id)?;
    let own = OwnRate { id: TaxRateId::from_uuid(scope.mint()), rate, created_at: scope.now };
    let others: Vec<Rate> = tax::own_rates(tx, scope.tenant_id)?.into_iter().map(|own| own.rate).collect();
    registered::check_count(others.len())?;
    own.check(&others)?;
    tax::insert_rate(tx, scope.tenant_id, &own)?;
    let event = scope.event(EventType::TaxRateCreated, own.id.uuid(), own.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(own)
}
