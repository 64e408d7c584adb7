//! `/v1/tax/settings`: from where a tenant sells.

use actix_web::http::StatusCode;

use crate::http::{Answer, Get, Patch, Problem};
use crate::storage::tax::views;
use crate::wire::tax::settings::{TaxSettings, TaxSettingsPatch};
use crate::workflows::Scope;
use crate::workflows::tax::update_tax_settings::{self, Change};

/// Read your tax settings
#[utoipa::path(get, path = "/v1/tax/settings", tag = "tax",
    responses((status = 200, description = "The settings", body = TaxSettings)), operation_id = "tax_settings")]
pub async fn find(get: Get) -> Result<Answer, Problem> {
    let registers = get.app.registers.clone();
    get.run(move |tx, tenant_id| {
        let mode = Scope::load(tx, tenant_id)?.mode;
        Ok(TaxSettings::of(views::settings(tx, tenant_id)?, registers.named(mode)))
    })
    .await
}

/// Change your tax settings
///
/// For what is taxed from now on: issued documents keep the tax they have. Nothing is taxed until you set your country.
#[utoipa::path(patch, path = "/v1/tax/settings", tag = "tax", request_body = TaxSettingsPatch,
    responses((status = 200, description = "The settings as changed", body = TaxSettings)), operation_id = "update_tax_settings")]
pub async fn update(patch: Patch<TaxSettingsPatch>) -> Result<Answer, Problem> {
    let registers = patch.app.registers.clone();
    patch
        .run("update_tax_settings", StatusCode::OK, move |tx, scope, body| {
            let change = Change {
                country: body.country.clone(),
                state: body.state.clone(),
                postal_code: body.postal_code.clone(),
                rounding: body.rounding.map(Into::into),
                unknown_numbers: body.unknown_tax_ids.map(Into::into),
            };
            Ok(TaxSettings::of(update_tax_settings::run(tx, scope, change)?, registers.named(scope.mode)))
        })
        .await
}
