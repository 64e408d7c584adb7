//! `/v1/billing_settings`: how a tenant bills.

use actix_web::http::StatusCode;

use crate::http::{Answer, Get, Patch, Problem};
use crate::wire::billing_settings::{BillingSettings, BillingSettingsPatch};
use crate::workflows::{Scope, update_billing_settings};

/// Read your billing settings
#[utoipa::path(get, path = "/v1/billing_settings", tag = "billing",
    responses((status = 200, description = "The settings", body = BillingSettings)), operation_id = "settings")]
pub async fn find(get: Get) -> Result<Answer, Problem> {
    get.run(|tx, tenant_id| Ok(BillingSettings { draft_hours: Scope::load(tx, tenant_id)?.draft_hours }))
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
            let draft_hours = update_billing_settings::run(tx, scope, body.parse()?)?;
            Ok(BillingSettings { draft_hours })
        })
        .await
}
