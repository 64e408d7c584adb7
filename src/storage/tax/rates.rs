//! Which rates has a tenant set? A row a rate, removed when it should never have been.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::domain::ids::{TaxRateId, TenantId};
use crate::domain::tax::rates::Rate;
use crate::domain::tax::registered::OwnRate;
use crate::storage::schema::tax_rates as table;
use crate::storage::{StorageError, Thing, Tx};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = table)]
struct RateRow {
    tenant_id: TenantId,
    id: TaxRateId,
    jurisdiction: String,
    kind: String,
    rate: Decimal,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    source: String,
    created_at: DateTime<Utc>,
}

impl From<RateRow> for OwnRate {
    fn from(row: RateRow) -> OwnRate {
        let rate = Rate {
            jurisdiction: row.jurisdiction,
            kind: row.kind,
            rate: row.rate.normalize(),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            source: row.source,
        };
        OwnRate { id: row.id, rate, created_at: row.created_at }
    }
}

/// The rates that a tenant has set.
pub fn own_rates(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Vec<OwnRate>, StorageError> {
    let rows: Vec<RateRow> = table::table
        .filter(table::tenant_id.eq(tenant_id))
        .order((table::jurisdiction, table::kind, table::valid_from))
        .select(RateRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(OwnRate::from).collect())
}

/// Adds a rate.
pub fn insert_rate(tx: &mut Tx<'_>, tenant_id: TenantId, own: &OwnRate) -> Result<(), StorageError> {
    let rate = own.rate.clone();
    let row = RateRow {
        tenant_id,
        id: own.id,
        jurisdiction: rate.jurisdiction,
        kind: rate.kind,
        rate: rate.rate,
        valid_from: rate.valid_from,
        valid_to: rate.valid_to,
        source: rate.source,
        created_at: own.created_at,
    };
    diesel::insert_into(table::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Removes a rate, and gives it as it was.
pub fn delete_rate(tx: &mut Tx<'_>, tenant_id: TenantId, id: TaxRateId) -> Result<OwnRate, StorageError> {
    let row: Option<RateRow> = diesel::delete(table::table.find((tenant_id, id)))
        .returning(RateRow::as_select())
        .get_result(tx.conn)
        .optional()?;
    row.map(OwnRate::from).ok_or_else(|| StorageError::not_found(Thing::TaxRate, id))
}
