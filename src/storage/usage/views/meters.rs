//! Which meters are there? A page, newest first, or one by its id or code.

use diesel::prelude::*;

use crate::domain::ids::{MeterId, TenantId};
use crate::domain::usage::Meter;
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::meters;
use crate::storage::usage::MeterRow;
use crate::storage::{StorageError, Thing, Tx};

/// Which meters are wanted; everything left out does not matter.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub code: Option<String>,
    pub event_type: Option<String>,
}

/// The meter with this id.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: MeterId) -> Result<Meter, StorageError> {
    let found = crate::storage::usage::meters(tx, tenant_id, &[id])?.pop();
    found.ok_or_else(|| StorageError::not_found(Thing::Meter, id))
}

/// A page of meters.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    wanted: &Wanted,
    keyset: &Keyset,
) -> Result<Slice<Meter>, StorageError> {
    let mut query =
        meters::table.filter(meters::tenant_id.eq(tenant_id)).select(MeterRow::as_select()).into_boxed();
    if let Some(code) = &wanted.code {
        query = query.filter(meters::code.eq(code.clone()));
    }
    if let Some(event_type) = &wanted.event_type {
        query = query.filter(meters::event_type.eq(event_type.clone()));
    }
    let rows: Vec<MeterRow> = keyset_query!(query, meters::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(Meter::from))
}
