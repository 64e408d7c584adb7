//! Which billing runs were there? Newest first, a page at a time.

use diesel::prelude::*;

use crate::domain::ids::TenantId;
use crate::storage::billing::bill_runs::RunRow;
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::bill_runs as runs;
use crate::storage::{StorageError, Tx};

pub use crate::storage::billing::bill_runs::{BillRun, Progress, find, progress};
pub use crate::storage::parked_work::of_run as parked;

/// A page of runs.
pub fn list(tx: &mut Tx<'_>, tenant_id: TenantId, keyset: &Keyset) -> Result<Slice<BillRun>, StorageError> {
    let query = runs::table.filter(runs::tenant_id.eq(tenant_id)).select(RunRow::as_select()).into_boxed();
    let rows = keyset_query!(query, runs::id, keyset).load::<RunRow>(tx.conn)?;
    Ok(keyset.slice(rows).map(BillRun::from))
}
