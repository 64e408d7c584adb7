//! From where does this tenant sell? Its settings of tax, for what is taxed from now on.

use crate::domain::events::EventType;
use crate::domain::tax::assess::Rounding;
use crate::domain::tax::parties::UnknownNumbers;
use crate::domain::tax::place::Place;
use crate::domain::tax::settings::Settings;
use crate::storage::{Tx, events, tax};
use crate::workflows::{Error, Scope};

/// What to change; `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    pub country: Option<Option<String>>,
    pub state: Option<Option<String>>,
    pub postal_code: Option<Option<String>>,
    pub rounding: Option<Rounding>,
    pub unknown_numbers: Option<UnknownNumbers>,
}

/// Changes the settings, and gives them as they are then.
///
/// # Errors
/// Places that there are not.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, change: Change) -> Result<Settings, Error> {
    tax::lock_settings(tx, scope.tenant_id)?;
    let before = tax::views::settings(tx, scope.tenant_id)?;
    let known = before.place.clone();
    let country = change.country.unwrap_or_else(|| known.as_ref().map(|place| place.country.clone()));
    let state = change.state.unwrap_or_else(|| known.as_ref().and_then(|place| place.state.clone()));
    let postal_code = change.postal_code.unwrap_or_else(|| known.and_then(|place| place.postal_code));
    let settings = Settings {
        place: country.map(|country| Place { country, state, postal_code }),
        rounding: change.rounding.unwrap_or(before.rounding),
        unknown_numbers: change.unknown_numbers.unwrap_or(before.unknown_numbers),
    };
    settings.check()?;
    if settings == before {
        return Ok(settings);
    }
    tax::save_settings(tx, scope.tenant_id, &settings)?;
    let data = serde_json::json!({
        "object": "tax_settings",
        "country": settings.place.as_ref().map(|place| &place.country),
        "state": settings.place.as_ref().and_then(|place| place.state.as_ref()),
        "rounding": settings.rounding.into_str(),
        "unknown_numbers": settings.unknown_numbers.into_str(),
    });
    let event = scope.event(EventType::TaxSettingsUpdated, scope.tenant_id.uuid(), data);
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(settings)
}
