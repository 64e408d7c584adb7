//! `/v1/tax/settings`: from where a tenant sells.

use actix_web::http::StatusCode;

use crate::http::{Answer, Get, Patch, Problem};
use crate::storage::tax::views;
use crate::wire::tax::settings::{TaxSettings, TaxSettingsPatch};
use crate::workflows::tax::update_tax_settings::{self, Change};

/// Read your tax settings
#[utoipa::path(get, path = "/v1/tax/settings", tag = "tax",
    responses((status = 200, description = "The settings", body = TaxSettings)), operation_id = "tax_settings")]
pub async fn find(get: Get) -> Result<Answer, Problem> {
    get.run(|tx, tenant_id| Ok(TaxSettings::from(views::settings(tx, tenant_id)?))).await
}

/// Change your tax settings
///
/// For what is taxed from now on: issued documents keep the tax they have. Nothing is taxed until you set your country.
#[utoipa::path(patch, path = "/v1/tax/settings", tag = "tax", request_body = TaxSettingsPatch,
    responses((status = 200, description = "The settings as changed", body = TaxSettings)), operation_id = "update_tax_settings")]
pub async fn update(patch: Patch<TaxSettingsPatch>) -> Result<Answer, Problem> {
    patch
        .run("update_tax_settings", StatusCode::OK, |tx, scope, body| {
            let change = Change {
                country: body.country.clone(),
                state: body.state.clone(),
                postal_code: body.postal_code.clone(),
                rounding: body.rounding.map(Into::into),
                unknown_numbers: body.unknown_tax_ids.map(Into::into),
            };
            Ok(TaxSettings::from(update_tax_settings::run(tx, scope, change)?))
        })
        .await
}
