//! Which work is postponed, why, and when is it tried again? One row an item; tried again in vain, it waits for longer.

pub mod stuck;
pub mod views;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::domain::ids::{BillRunId, ParkedWorkId, TenantId};
use crate::domain::work::{ParkedWork, Trouble, Work};
use crate::storage::schema::parked_work as parked;
use crate::storage::{Found, StorageError, Thing, Tx, fit};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = parked, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    tenant_id: TenantId,
    id: ParkedWorkId,
    work: Work,
    item_id: Uuid,
    run_id: Option<BillRunId>,
    code: String,
    reason: String,
    attempts: i32,
    parked_at: DateTime<Utc>,
    retry_at: DateTime<Utc>,
}

impl TryFrom<Row> for ParkedWork {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<ParkedWork, StorageError> {
        Ok(ParkedWork {
            id: row.id,
            work: row.work,
            item_id: row.item_id,
            trouble: Trouble { code: row.code, reason: row.reason },
            attempts: u32::try_from(row.attempts).map_err(|e| StorageError::unreadable("parked work", e))?,
            parked_at: row.parked_at,
            retry_at: row.retry_at,
            run_id: row.run_id,
        })
    }
}

/// The entry of an item, locked.
///
/// # Errors
/// Storage.
pub fn find_item(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (work, item_id): (Work, Uuid),
) -> Result<Option<ParkedWork>, StorageError> {
    let row: Option<Row> =
        of_item(tenant_id, work, item_id).for_update().select(Row::as_select()).first(tx.conn).optional()?;
    row.map(ParkedWork::try_from).transpose()
}

#[diesel::dsl::auto_type(no_type_alias)]
fn of_item(tenant_id: TenantId, work: Work, item_id: Uuid) -> _ {
    parked::table
        .filter(parked::tenant_id.eq(tenant_id))
        .filter(parked::work.eq(work))
        .filter(parked::item_id.eq(item_id))
}

/// Adds an entry, or writes what became of one that was tried again; gives whether anything was written. Of two processes that find the same
/// bad item at once, one adds it and emits its event.
///
/// # Errors
/// Storage.
pub fn save(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (work, is_again): (&ParkedWork, bool),
) -> Result<bool, StorageError> {
    let row = Row {
        tenant_id,
        id: work.id,
        work: work.work,
        item_id: work.item_id,
        run_id: work.run_id,
        code: work.trouble.code.clone(),
        reason: work.trouble.reason.clone(),
        attempts: fit("attempts", work.attempts)?,
        parked_at: work.parked_at,
        retry_at: work.retry_at,
    };
    let written = match is_again {
        true => diesel::update(parked::table.find((row.tenant_id, row.id))).set(&row).execute(tx.conn)?,
        false => {
            let of_item = (parked::tenant_id, parked::work, parked::item_id);
            let insert = diesel::insert_into(parked::table).values(&row);
            insert.on_conflict(of_item).do_nothing().execute(tx.conn)?
        }
    };
    Ok(written > 0)
}

/// Removes the entry of an item that is done.
///
/// # Errors
/// Storage.
pub fn remove(tx: &mut Tx<'_>, tenant_id: TenantId, id: ParkedWorkId) -> Result<bool, StorageError> {
    Ok(diesel::delete(parked::table.find((tenant_id, id))).execute(tx.conn)? > 0)
}

/// Items to be tried again by `now`, the longest waiting first.
///
/// # Errors
/// Storage.
pub fn to_retry(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    work: Work,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Uuid>, StorageError> {
    Ok(parked::table
        .filter(parked::tenant_id.eq(tenant_id).and(parked::work.eq(work)))
        .filter(parked::retry_at.le(now))
        .order((parked::retry_at, parked::item_id))
        .limit(limit)
        .select(parked::item_id)
        .load(tx.conn)?)
}

/// One entry.
///
/// # Errors
/// Not found.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: ParkedWorkId) -> Result<ParkedWork, StorageError> {
    let row: Row = parked::table
        .find((tenant_id, id))
        .select(Row::as_select())
        .first(tx.conn)
        .found(Thing::ParkedWork, id)?;
    row.try_into()
}

/// The customers that a billing run parked and that still are, at most `limit`.
///
/// # Errors
/// Storage.
pub fn of_run(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (run, limit): (BillRunId, i64),
) -> Result<Vec<ParkedWork>, StorageError> {
    let rows: Vec<Row> = parked::table
        .filter(parked::tenant_id.eq(tenant_id).and(parked::run_id.eq(run)))
        .order(parked::item_id)
        .limit(limit)
        .select(Row::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(ParkedWork::try_from).collect()
}
