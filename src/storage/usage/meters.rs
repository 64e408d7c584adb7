//! What is measured? Meters, written once, then only read.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use crate::domain::ids::{MeterId, TenantId};
use crate::domain::usage::{Aggregation, Meter};
use crate::storage::schema::meters as table;
use crate::storage::{StorageError, Thing, Tx};

/// A meter as stored.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = table)]
pub struct MeterRow {
    tenant_id: Uuid,
    id: Uuid,
    code: String,
    name: String,
    event_type: String,
    aggregation: String,
    value_property: Option<String>,
    price_property: Option<String>,
    filters: Value,
    dimensions: Value,
    created_at: DateTime<Utc>,
}

impl TryFrom<MeterRow> for Meter {
    type Error = StorageError;
    fn try_from(row: MeterRow) -> Result<Meter, StorageError> {
        let unreadable = |e: &dyn std::fmt::Display| StorageError::unreadable("meter", e);
        Ok(Meter {
            id: MeterId::from_uuid(row.id),
            code: row.code,
            name: row.name,
            event_type: row.event_type,
            aggregation: Aggregation::parse(&row.aggregation).ok_or_else(|| unreadable(&row.aggregation))?,
            value_property: row.value_property,
            price_property: row.price_property,
            filters: serde_json::from_value(row.filters).map_err(|e| unreadable(&e))?,
            dimensions: serde_json::from_value(row.dimensions).map_err(|e| unreadable(&e))?,
            created_at: row.created_at,
        })
    }
}

/// Writes a new meter.
pub fn insert(tx: &mut Tx<'_>, tenant_id: TenantId, meter: &Meter) -> Result<(), StorageError> {
    let unreadable = |e: serde_json::Error| StorageError::unreadable("meter", e);
    let row = MeterRow {
        tenant_id: tenant_id.uuid(),
        id: meter.id.uuid(),
        code: meter.code.clone(),
        name: meter.name.clone(),
        event_type: meter.event_type.clone(),
        aggregation: meter.aggregation.as_str().to_owned(),
        value_property: meter.value_property.clone(),
        price_property: meter.price_property.clone(),
        filters: serde_json::to_value(&meter.filters).map_err(unreadable)?,
        dimensions: serde_json::to_value(&meter.dimensions).map_err(unreadable)?,
        created_at: meter.created_at,
    };
    diesel::insert_into(table::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The meters with these ids, in their order; those that are not there are left out.
pub fn meters(tx: &mut Tx<'_>, tenant_id: TenantId, ids: &[MeterId]) -> Result<Vec<Meter>, StorageError> {
    let rows: Vec<MeterRow> = table::table
        .filter(table::tenant_id.eq(tenant_id.uuid()))
        .filter(table::id.eq_any(ids.iter().map(|id| id.uuid()).collect::<Vec<_>>()))
        .select(MeterRow::as_select())
        .load(tx.conn)?;
    let found: Vec<Meter> = rows.into_iter().map(Meter::try_from).collect::<Result<_, _>>()?;
    let by_id = |id: &MeterId| found.iter().find(|meter| meter.id == *id).cloned();
    Ok(ids.iter().filter_map(by_id).collect())
}

/// The meter with this code.
pub fn by_code(tx: &mut Tx<'_>, tenant_id: TenantId, code: &str) -> Result<Meter, StorageError> {
    let row: Option<MeterRow> = table::table
        .filter(table::tenant_id.eq(tenant_id.uuid()).and(table::code.eq(code)))
        .select(MeterRow::as_select())
        .first(tx.conn)
        .optional()?;
    row.ok_or_else(|| StorageError::not_found(Thing::Meter, code))?.try_into()
}

/// Every meter that looks at events of one of these types.
pub fn of_types(tx: &mut Tx<'_>, tenant_id: TenantId, types: &[&str]) -> Result<Vec<Meter>, StorageError> {
    let rows: Vec<MeterRow> = table::table
        .filter(table::tenant_id.eq(tenant_id.uuid()).and(table::event_type.eq_any(types)))
        .order(table::id)
        .select(MeterRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Meter::try_from).collect()
}

/// Every meter that looks at events of this type; of every type when none is given.
pub fn with_type(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    type_: Option<&str>,
) -> Result<Vec<Meter>, StorageError> {
    let mut query = table::table
        .filter(table::tenant_id.eq(tenant_id.uuid()))
        .order(table::id)
        .select(MeterRow::as_select())
        .into_boxed();
    if let Some(type_) = type_ {
        query = query.filter(table::event_type.eq(type_.to_owned()));
    }
    query.load(tx.conn)?.into_iter().map(Meter::try_from).collect()
}
