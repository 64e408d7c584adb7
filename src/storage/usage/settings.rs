//! How does a tenant take events? One row, or none for the defaults.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::domain::ids::TenantId;
use crate::domain::usage::{Settings, UnknownUsage};
use crate::storage::schema::usage_settings as table;
use crate::storage::{StorageError, Tx};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true)]
struct SettingsRow {
    tenant_id: TenantId,
    maximum_lateness_days: Option<i32>,
    unknown_usage: UnknownUsage,
    retention_days: Option<i32>,
    dropped_before: Option<DateTime<Utc>>,
}

/// What the tenant has set.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Settings, StorageError> {
    let row: Option<SettingsRow> =
        table::table.find(tenant_id).select(SettingsRow::as_select()).first(tx.conn).optional()?;
    let Some(row) = row else { return Ok(Settings::default()) };
    let days = |days: Option<i32>| days.and_then(|days| u32::try_from(days).ok());
    Ok(Settings {
        maximum_lateness_days: days(row.maximum_lateness_days),
        unknown_usage: row.unknown_usage,
        retention_days: days(row.retention_days),
        dropped_before: row.dropped_before,
    })
}

/// Writes what the tenant has set.
pub fn save(tx: &mut Tx<'_>, tenant_id: TenantId, settings: &Settings) -> Result<(), StorageError> {
    let days = |days: Option<u32>| days.and_then(|days| i32::try_from(days).ok());
    let row = SettingsRow {
        tenant_id,
        maximum_lateness_days: days(settings.maximum_lateness_days),
        unknown_usage: settings.unknown_usage,
        retention_days: days(settings.retention_days),
        dropped_before: settings.dropped_before,
    };
    diesel::insert_into(table::table)
        .values(&row)
        .on_conflict(table::tenant_id)
        .do_update()
        .set(&row)
        .execute(tx.conn)?;
    Ok(())
}
