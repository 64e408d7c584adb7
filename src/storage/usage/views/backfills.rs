//! Which backfills are there? A page, newest first.

use diesel::prelude::*;

use crate::domain::ids::TenantId;
use crate::domain::usage::backfill::Backfill;
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::usage_backfills;
use crate::storage::usage::BackfillRow;
use crate::storage::{StorageError, Tx};

pub use crate::storage::usage::find_backfill as find;

/// A page of backfills.
pub fn list(tx: &mut Tx<'_>, tenant_id: TenantId, keyset: &Keyset) -> Result<Slice<Backfill>, StorageError> {
    let query = usage_backfills::table
        .filter(usage_backfills::tenant_id.eq(tenant_id))
        .select(BackfillRow::as_select())
        .into_boxed();
    let rows: Vec<BackfillRow> = keyset_query!(query, usage_backfills::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(Backfill::from))
}
