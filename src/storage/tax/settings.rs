//! What has a tenant set for tax? One row, or none for the defaults.

use diesel::prelude::*;

use crate::domain::ids::TenantId;
use crate::domain::tax::assess::Rounding;
use crate::domain::tax::parties::UnknownNumbers;
use crate::domain::tax::place::Place;
use crate::domain::tax::settings::Settings;
use crate::storage::schema::{tax_settings as table, tenants};
use crate::storage::{StorageError, Tx};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true)]
struct SettingsRow {
    tenant_id: TenantId,
    country: Option<String>,
    state: Option<String>,
    postal_code: Option<String>,
    rounding: Rounding,
    unknown_numbers: UnknownNumbers,
}

/// What the tenant has set.
pub(super) fn find_settings(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Settings, StorageError> {
    let row: Option<SettingsRow> =
        table::table.find(tenant_id).select(SettingsRow::as_select()).first(tx.conn).optional()?;
    let Some(row) = row else { return Ok(Settings::default()) };
    let SettingsRow { state, postal_code, rounding, unknown_numbers, .. } = row;
    let place = row.country.map(|country| Place { country, state, postal_code });
    Ok(Settings { place, rounding, unknown_numbers })
}

/// Makes others wait who would change what the tenant's tax is decided by.
pub fn lock_settings(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<(), StorageError> {
    let _one: TenantId =
        tenants::table.find(tenant_id).select(tenants::id).for_no_key_update().first(tx.conn)?;
    Ok(())
}

/// Writes what the tenant has set.
pub fn save_settings(tx: &mut Tx<'_>, tenant_id: TenantId, settings: &Settings) -> Result<(), StorageError> {
    let place = settings.place.clone();
    let row = SettingsRow {
        tenant_id,
        country: place.as_ref().map(|place| place.country.clone()),
        state: place.as_ref().and_then(|place| place.state.clone()),
        postal_code: place.and_then(|place| place.postal_code),
        rounding: settings.rounding,
        unknown_numbers: settings.unknown_numbers,
    };
    diesel::insert_into(table::table)
        .values(&row)
        .on_conflict(table::tenant_id)
        .do_update()
        .set(&row)
        .execute(tx.conn)?;
    Ok(())
}
