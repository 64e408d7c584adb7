//! How does this tenant bill? Its settings, changed for what is billed from now on: drafts there are keep their times.

use super::{Error, Scope};
use crate::domain::events::EventType;
use crate::storage::{Tx, events, tenants};

/// Changes the settings; `None` stays. Gives them as they are then.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, draft_hours: Option<i32>) -> Result<i32, Error> {
    let hours = draft_hours.unwrap_or(scope.draft_hours);
    if hours == scope.draft_hours {
        return Ok(hours);
    }
    tenants::set_draft_hours(tx, scope.tenant_id, hours)?;
    let data = serde_json::json!({ "object": "billing_settings", "draft_hours": hours });
    let told = scope.event(EventType::BillingSettingsUpdated, scope.tenant_id.uuid(), data);
    events::record(tx, scope.tenant_id, &[told])?;
    Ok(hours)
}
