//! How are events taken from now on? Sets what the tenant says, and leaves the rest.

use crate::domain::usage::{Settings, UnknownUsage};
use crate::storage::{Tx, usage};
use crate::workflows::{Error, Scope};

/// What is to be set; `None` leaves it as it is, `Some(None)` takes a limit away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    pub maximum_lateness_days: Option<Option<u32>>,
    pub unknown_usage: Option<UnknownUsage>,
    pub retention_days: Option<Option<u32>>,
}

/// Sets them. Not while events are being taken, so that none is taken by the old ones after this has been answered.
///
/// # Errors
/// [`Invalid`](crate::domain::refusal::Invalid) values.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, change: Change) -> Result<Settings, Error> {
    usage::lock_meters(tx, scope.tenant_id)?;
    let before = usage::find_settings(tx, scope.tenant_id)?;
    let settings = Settings {
        maximum_lateness_days: change.maximum_lateness_days.unwrap_or(before.maximum_lateness_days),
        unknown_usage: change.unknown_usage.unwrap_or(before.unknown_usage),
        retention_days: change.retention_days.unwrap_or(before.retention_days),
        dropped_before: before.dropped_before,
    };
    settings.check()?;
    usage::save_settings(tx, scope.tenant_id, &settings)?;
    Ok(settings)
}
