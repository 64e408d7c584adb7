//! What is measured? Meters, written once, then only read.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::domain::ids::{MeterId, TenantId};
use crate::domain::usage::{Aggregation, Filter, Meter};
use crate::storage::schema::meters as table;
use crate::storage::sql_types::Json;
use crate::storage::{Found, StorageError, Thing, Tx};

/// A meter as stored.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = table)]
pub(in crate::storage) struct MeterRow {
    tenant_id: TenantId,
    id: MeterId,
    code: String,
    name: String,
    event_type: String,
    aggregation: Aggregation,
    value_property: Option<String>,
    price_property: Option<String>,
    filters: Json<Vec<Filter>>,
    dimensions: Json<Vec<String>>,
    created_at: DateTime<Utc>,
}

impl From<MeterRow> for Meter {
    fn from(row: MeterRow) -> Meter {
        Meter {
            id: row.id,
            code: row.code,
            name: row.name,
            event_type: row.event_type,
            aggregation: row.aggregation,
            value_property: row.value_property,
            price_property: row.price_property,
            filters: row.filters.0,
            dimensions: row.dimensions.0,
            created_at: row.created_at,
        }
    }
}

/// Writes a new meter.
pub fn insert(tx: &mut Tx<'_>, tenant_id: TenantId, meter: &Meter) -> Result<(), StorageError> {
    let row = MeterRow {
        tenant_id,
        id: meter.id,
        code: meter.code.clone(),
        name: meter.name.clone(),
        event_type: meter.event_type.clone(),
        aggregation: meter.aggregation,
        value_property: meter.value_property.clone(),
        price_property: meter.price_property.clone(),
        filters: Json(meter.filters.clone()),
        dimensions: Json(meter.dimensions.clone()),
        created_at: meter.created_at,
    };
    diesel::insert_into(table::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The meters with these ids, in their order; those that are not there are left out.
pub fn meters(tx: &mut Tx<'_>, tenant_id: TenantId, ids: &[MeterId]) -> Result<Vec<Meter>, StorageError> {
    let rows: Vec<MeterRow> = table::table
        .filter(table::tenant_id.eq(tenant_id))
        .filter(table::id.eq_any(ids))
        .select(MeterRow::as_select())
        .load(tx.conn)?;
    let found: Vec<Meter> = rows.into_iter().map(Meter::from).collect();
    let by_id = |id: &MeterId| found.iter().find(|meter| meter.id == *id).cloned();
    Ok(ids.iter().filter_map(by_id).collect())
}

/// The meter with this code.
pub fn by_code(tx: &mut Tx<'_>, tenant_id: TenantId, code: &str) -> Result<Meter, StorageError> {
    let row: MeterRow = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::code.eq(code)))
        .select(MeterRow::as_select())
        .first(tx.conn)
        .found(Thing::Meter, code)?;
    Ok(row.into())
}

/// Every meter that looks at events of one of these types.
pub fn of_types(tx: &mut Tx<'_>, tenant_id: TenantId, types: &[&str]) -> Result<Vec<Meter>, StorageError> {
    let rows: Vec<MeterRow> = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::event_type.eq_any(types)))
        .order(table::id)
        .select(MeterRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(Meter::from).collect())
}

/// Every meter that looks at events of this type; of every type when none is given.
pub fn with_type(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    type_: Option<&str>,
) -> Result<Vec<Meter>, StorageError> {
    let mut query = table::table
        .filter(table::tenant_id.eq(tenant_id))
        .order(table::id)
        .select(MeterRow::as_select())
        .into_boxed();
    if let Some(type_) = type_ {
        query = query.filter(table::event_type.eq(type_.to_owned()));
    }
    let rows: Vec<MeterRow> = query.load(tx.conn)?;
    Ok(rows.into_iter().map(Meter::from).collect())
}
