//! What has a tenant set for tax? One row, or none for the defaults; where it sells from is with each of its entities.

use diesel::prelude::*;

use crate::domain::ids::{EntityId, TenantId};
use crate::domain::tax::assess::Rounding;
use crate::domain::tax::parties::UnknownNumbers;
use crate::domain::tax::place::Place;
use crate::domain::tax::settings::Settings;
use crate::storage::schema::{entities, tax_settings as table};
use crate::storage::{StorageError, Tx, tenants};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table)]
struct SettingsRow {
    tenant_id: TenantId,
    rounding: Rounding,
    unknown_numbers: UnknownNumbers,
}

/// Where an entity is: country, state, postal code.
type PlaceColumns = (Option<String>, Option<String>, Option<String>);

/// What the tenant has set, with where an entity is; `None`: the default one.
pub(super) fn find_settings(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    entity_id: Option<EntityId>,
) -> Result<Settings, StorageError> {
    let mut query = entities::table
        .left_join(table::table.on(table::tenant_id.eq(entities::tenant_id)))
        .filter(entities::tenant_id.eq(tenant_id))
        .select((
            (entities::country, entities::state, entities::postal_code),
            Option::<SettingsRow>::as_select(),
        ))
        .into_boxed();
    query = match entity_id {
        Some(id) => query.filter(entities::id.eq(id)),
        None => query.filter(entities::is_default),
    };
    let found: Option<(PlaceColumns, Option<SettingsRow>)> = query.first(tx.conn).optional()?;
    let Some(((country, state, postal_code), row)) = found else { return Ok(Settings::default()) };
    let place = country.map(|country| Place { country, state, postal_code });
    let Some(SettingsRow { rounding, unknown_numbers, .. }) = row else {
        return Ok(Settings { place, ..Settings::default() });
    };
    Ok(Settings { place, rounding, unknown_numbers })
}

/// Whether any entity of the tenant says where it is.
pub(super) fn is_anywhere(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<bool, StorageError> {
    let placed =
        entities::table.filter(entities::tenant_id.eq(tenant_id).and(entities::country.is_not_null()));
    Ok(diesel::select(diesel::dsl::exists(placed)).get_result(tx.conn)?)
}

/// Makes others wait who would change what the tenant's tax is decided by.
pub fn lock_settings(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<(), StorageError> {
    tenants::lock(tx, tenant_id)
}

/// Writes what the tenant has set, and where its default entity is.
pub fn save_settings(tx: &mut Tx<'_>, tenant_id: TenantId, settings: &Settings) -> Result<(), StorageError> {
    let place = settings.place.as_ref();
    diesel::update(entities::table)
        .filter(entities::tenant_id.eq(tenant_id).and(entities::is_default))
        .set((
            entities::country.eq(place.map(|place| &place.country)),
            entities::state.eq(place.and_then(|place| place.state.as_ref())),
            entities::postal_code.eq(place.and_then(|place| place.postal_code.as_ref())),
        ))
        .execute(tx.conn)?;
    let row =
        SettingsRow { tenant_id, rounding: settings.rounding, unknown_numbers: settings.unknown_numbers };
    diesel::insert_into(table::table)
        .values(&row)
        .on_conflict(table::tenant_id)
        .do_update()
        .set(&row)
        .execute(tx.conn)?;
    Ok(())
}

/// Writes the defaults of a tenant that has set nothing: from then on its sales are watched.
pub fn keep_settings(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<(), StorageError> {
    let Settings { rounding, unknown_numbers, .. } = Settings::default();
    let row = SettingsRow { tenant_id, rounding, unknown_numbers };
    diesel::insert_into(table::table).values(&row).on_conflict_do_nothing().execute(tx.conn)?;
    Ok(())
}
