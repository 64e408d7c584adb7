//! `/v1/billing_settings`: how a tenant bills.

use actix_web::http::StatusCode;

use crate::http::{Answer, Get, Patch, Problem};
use crate::wire::billing_settings::{BillingSettings, BillingSettingsPatch};
use crate::workflows::Scope;
use crate::workflows::update_billing_settings::{self, Wanted};

/// Read your billing settings
#[utoipa::path(get, path = "/v1/billing_settings", tag = "billing",
    responses((status = 200, description = "The settings", body = BillingSettings)), operation_id = "settings")]
pub async fn find(get: Get) -> Result<Answer, Problem> {
    get.run(|tx, tenant_id| {
        let scope = Scope::load(tx, tenant_id)?;
        Ok(shape(scope.billing.draft_hours, scope.billing.backdate_days))
    })
    .await
}

/// Change your billing settings
///
/// For what is billed from now on: drafts there are keep their `finalizes_at`.
#[utoipa::path(patch, path = "/v1/billing_settings", tag = "billing", request_body = BillingSettingsPatch,
    responses((status = 200, description = "The settings as changed", body = BillingSettings)), operation_id = "update_settings")]
pub async fn update(patch: Patch<BillingSettingsPatch>) -> Result<Answer, Problem> {
    patch
        .run("update_billing_settings", StatusCode::OK, |tx, scope, body| {
            body.check()?;
            let BillingSettingsPatch { draft_hours, backdate_days } = *body;
            let settings = update_billing_settings::run(tx, scope, Wanted { draft_hours, backdate_days })?;
            Ok(shape(settings.draft_hours, settings.backdate_days))
        })
        .await
}

fn shape(draft_hours: i32, backdate_days: i32) -> BillingSettings {
    BillingSettings { draft_hours, backdate_days }
}
