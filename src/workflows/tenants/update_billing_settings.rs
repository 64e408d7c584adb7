//! How does this tenant bill? Its settings, changed for what is billed from now on: drafts there are keep their times.

use crate::domain::credits::ApplyBalance;
use crate::domain::events::EventType;
use crate::storage::tenants::BillingSettings;
use crate::storage::{Tx, events, tenants};
use crate::workflows::{Error, Scope};

/// What to change; `None` stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    pub draft_hours: Option<i32>,
    pub backdate_days: Option<i32>,
    pub apply_balance: Option<ApplyBalance>,
}

/// Changes the settings, and gives them as they are then.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, wanted: Wanted) -> Result<BillingSettings, Error> {
    let BillingSettings { draft_hours, backdate_days, apply_balance } = scope.billing;
    let settings = BillingSettings {
        draft_hours: wanted.draft_hours.unwrap_or(draft_hours),
        backdate_days: wanted.backdate_days.unwrap_or(backdate_days),
        apply_balance: wanted.apply_balance.unwrap_or(apply_balance),
    };
    if settings == scope.billing {
        return Ok(settings);
    }
    tenants::set_billing(tx, scope.tenant_id, settings)?;
    let data = serde_json::json!({
        "object": "billing_settings",
        "draft_hours": settings.draft_hours,
        "backdate_days": settings.backdate_days,
        "apply_balance": settings.apply_balance.into_str(),
    });
    let event = scope.event(EventType::BillingSettingsUpdated, scope.tenant_id.uuid(), data);
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(settings)
}
