//! Until when is this tenant registered there? Changes a registration's number and dates.

use chrono::NaiveDate;

use crate::domain::events::EventType;
use crate::domain::ids::TaxRegistrationId;
use crate::domain::tax::registered::KeptRegistration;
use crate::storage::{Tx, events, tax};
use crate::workflows::{Error, Scope};

/// What to change; `None` stays, `Some(None)` takes away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    pub number: Option<Option<String>>,
    pub valid_from: Option<Option<NaiveDate>>,
    pub valid_to: Option<Option<NaiveDate>>,
}

/// Changes the registration.
///
/// # Errors
/// Not found; [`Invalid`](crate::domain::refusal::Invalid) values; `overlapping_registrations`.
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: TaxRegistrationId,
    change: Change,
) -> Result<KeptRegistration, Error> {
    tax::lock_settings(tx, scope.tenant_id)?;
    let before = tax::find_registration(tx, scope.tenant_id, id)?;
    let mut kept = before.clone();
    let registration = &mut kept.registration;
    if let Some(number) = change.number {
        registration.number = number;
    }
    if let Some(valid_from) = change.valid_from {
        registration.valid_from = valid_from;
    }
    if let Some(valid_to) = change.valid_to {
        registration.valid_to = valid_to;
    }
    registration.check()?;
    if kept == before {
        return Ok(kept);
    }
    if [kept.registration.valid_from, kept.registration.valid_to]
        != [before.registration.valid_from, before.registration.valid_to]
    {
        let mut others = tax::regime(tx, (scope.tenant_id, kept.entity_id))?.registrations;
        if let Some(place) = others.iter().position(|other| *other == before.registration) {
            others.remove(place);
        }
        kept.registration.check_beside(&others, "")?;
    }
    tax::update_registration(tx, scope.tenant_id, &kept)?;
    let event = scope.event(EventType::TaxRegistrationUpdated, id.uuid(), kept.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(kept)
}
