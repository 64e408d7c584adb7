//! What is parked? Newest first, a page at a time; and how much of it there is.

use diesel::prelude::*;

use super::Row;
pub use super::{find, stuck};
use crate::domain::ids::TenantId;
use crate::domain::work::{ParkedWork, Work};
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::parked_work as parked;
use crate::storage::{StorageError, Tx};

/// A page of entries, of one kind of work or of all.
///
/// # Errors
/// Storage.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (work, keyset): (Option<Work>, &Keyset),
) -> Result<Slice<ParkedWork>, StorageError> {
    let mut query =
        parked::table.filter(parked::tenant_id.eq(tenant_id)).select(Row::as_select()).into_boxed();
    if let Some(work) = work {
        query = query.filter(parked::work.eq(work));
    }
    let rows = keyset_query!(query, parked::id, keyset).load::<Row>(tx.conn)?;
    keyset.slice(rows).try_map(ParkedWork::try_from)
}

/// How many items of each kind are parked, of all tenants.
///
/// # Errors
/// Storage.
pub fn counts(tx: &mut Tx<'_>) -> Result<Vec<(String, i64)>, StorageError> {
    Ok(parked::table
        .group_by(parked::work)
        .select((parked::work, diesel::dsl::count_star()))
        .load(tx.conn)?)
}
