//! `/v1/billing_settings`: how a tenant bills.

use actix_web::http::StatusCode;

use crate::domain::credits::ApplyBalance;
use crate::http::{Answer, Get, Patch, Problem};
use crate::wire::tenants::billing_settings::{BillingSettings, BillingSettingsPatch};
use crate::workflows::Scope;
use crate::workflows::tenants::update_billing_settings::{self, Wanted};

/// Read your billing settings
#[utoipa::path(get, path = "/v1/billing_settings", tag = "billing",
    responses((status = 200, description = "The settings", body = BillingSettings)), operation_id = "settings")]
pub async fn find(get: Get) -> Result<Answer, Problem> {
    get.run(|tx, tenant_id| {
        let settings = Scope::load(tx, tenant_id)?.billing;
        Ok(shape(settings.draft_hours, settings.backdate_days, settings.apply_balance))
    })
    .await
}

/// Change your billing settings
///
/// For what is billed from now on: drafts there are keep their `finalizes_at`. `apply_balance` counts for what is open and on balances
/// already, too.
#[utoipa::path(patch, path = "/v1/billing_settings", tag = "billing", request_body = BillingSettingsPatch,
    responses((status = 200, description = "The settings as changed", body = BillingSettings)), operation_id = "update_settings")]
pub async fn update(patch: Patch<BillingSettingsPatch>) -> Result<Answer, Problem> {
    patch
        .run("update_billing_settings", StatusCode::OK, |tx, scope, body| {
            body.check()?;
            let BillingSettingsPatch { draft_hours, backdate_days, apply_balance } = *body;
            let apply_balance = apply_balance.map(Into::into);
            let wanted = Wanted { draft_hours, backdate_days, apply_balance };
            let settings = update_billing_settings::run(tx, scope, wanted)?;
            Ok(shape(settings.draft_hours, settings.backdate_days, settings.apply_balance))
        })
        .await
}

fn shape(draft_hours: i32, backdate_days: i32, apply_balance: ApplyBalance) -> BillingSettings {
    BillingSettings { draft_hours, backdate_days, apply_balance: apply_balance.into() }
}
