//! Where is a test tenant's clock on its way to while nobody waits for it, and what was done so far? A row a tenant, of the last such advance.
//! What is done on the way is counted in the transaction that does it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use serde_json::Value;

use crate::domain::ids::TenantId;
use crate::domain::work::{Tally, Trouble};
use crate::storage::schema::clock_advances as advances;
use crate::storage::sql_types::Json;
use crate::storage::{StorageError, Tx};

/// An advance that nobody waits for.
#[derive(Debug, Clone, PartialEq)]
pub struct ClockAdvance {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// Somebody wants it to stop after the step it is in.
    pub stopping: bool,
    /// Instants at which there was work.
    pub ticks: u64,
    pub done: Tally,
    /// `None`: it is under way.
    pub end: Option<End>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// Where it was to, or where it was stopped: with what happened on the way.
    Arrived(Value),
    Failed(Trouble),
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = advances)]
struct Row {
    from_at: DateTime<Utc>,
    to_at: DateTime<Utc>,
    stopping: bool,
    ticks: i64,
    bill_runs: i64,
    invoices: i64,
    parked: i64,
    drafts_finalized: i64,
    payments_attempted: i64,
    payments_succeeded: i64,
    payments_failed: i64,
    report: Option<Json<Value>>,
    trouble: Option<Json<Trouble>>,
}

impl From<Row> for ClockAdvance {
    fn from(row: Row) -> ClockAdvance {
        let count = |count: i64| u64::try_from(count).unwrap_or(0);
        let arrived = row.report.map(|Json(report)| End::Arrived(report));
        ClockAdvance {
            from: row.from_at,
            to: row.to_at,
            stopping: row.stopping,
            ticks: count(row.ticks),
            done: Tally {
                bill_runs: count(row.bill_runs),
                invoices: count(row.invoices),
                parked: count(row.parked),
                drafts_finalized: count(row.drafts_finalized),
                payments_attempted: count(row.payments_attempted),
                payments_succeeded: count(row.payments_succeeded),
                payments_failed: count(row.payments_failed),
            },
            end: arrived.or(row.trouble.map(|Json(trouble)| End::Failed(trouble))),
        }
    }
}

/// The last one of a tenant.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Option<ClockAdvance>, StorageError> {
    let row: Option<Row> =
        advances::table.find(tenant_id).select(Row::as_select()).first(tx.conn).optional()?;
    Ok(row.map(ClockAdvance::from))
}

/// Begins one, from one instant to another. `false`: another is under way.
pub fn begin(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool, StorageError> {
    // A new row, so that every count begins at its default.
    diesel::delete(advances::table.find(tenant_id).filter(has_ended())).execute(tx.conn)?;
    let begun = diesel::insert_into(advances::table)
        .values((advances::tenant_id.eq(tenant_id), advances::from_at.eq(from), advances::to_at.eq(to)))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    Ok(begun == 1)
}

/// Notes that somebody wants it to stop. `false`: none is under way.
pub fn stop(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<bool, StorageError> {
    let stopped = diesel::update(advances::table.find(tenant_id).filter(is_under_way()))
        .set(advances::stopping.eq(true))
        .execute(tx.conn)?;
    Ok(stopped == 1)
}

/// Counts an instant at which there is work, once, where the clock that moves on this connection is to be counted. `false`: it is to stop
/// instead.
pub fn step(tx: &mut Tx<'_>, at: DateTime<Utc>) -> Result<bool, StorageError> {
    let Some(tenant_id) = tx.clock_of else { return Ok(true) };
    let ticks = diesel::dsl::sql::<BigInt>("ticks + CASE WHEN tick_at IS DISTINCT FROM ")
        .bind::<Timestamptz, _>(at)
        .sql(" THEN 1 ELSE 0 END");
    let goes_on = advances::table.find(tenant_id).filter(is_under_way()).filter(advances::stopping.eq(false));
    let stepped = diesel::update(goes_on)
        .set((advances::ticks.eq(ticks), advances::tick_at.eq(at)))
        .execute(tx.conn)?;
    Ok(stepped == 1)
}

/// Adds to what was done on the way of the clock that moves on this connection, if one does.
pub fn count(tx: &mut Tx<'_>, done: Tally) -> Result<(), StorageError> {
    let Some(tenant_id) = tx.clock_of.filter(|_| done != Tally::default()) else { return Ok(()) };
    let more = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    diesel::update(advances::table.find(tenant_id).filter(is_under_way()))
        .set((
            advances::bill_runs.eq(advances::bill_runs + more(done.bill_runs)),
            advances::invoices.eq(advances::invoices + more(done.invoices)),
            advances::parked.eq(advances::parked + more(done.parked)),
            advances::drafts_finalized.eq(advances::drafts_finalized + more(done.drafts_finalized)),
            advances::payments_attempted.eq(advances::payments_attempted + more(done.payments_attempted)),
            advances::payments_succeeded.eq(advances::payments_succeeded + more(done.payments_succeeded)),
            advances::payments_failed.eq(advances::payments_failed + more(done.payments_failed)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Notes how it ended.
pub fn end(tx: &mut Tx<'_>, tenant_id: TenantId, end: &End) -> Result<(), StorageError> {
    let (report, trouble) = match end {
        End::Arrived(report) => (Some(Json(report.clone())), None),
        End::Failed(trouble) => (None, Some(Json(trouble.clone()))),
    };
    diesel::update(advances::table.find(tenant_id).filter(is_under_way()))
        .set((advances::report.eq(report), advances::trouble.eq(trouble)))
        .execute(tx.conn)?;
    Ok(())
}

/// Tenants whose clocks are on their way.
pub fn under_way(tx: &mut Tx<'_>) -> Result<Vec<TenantId>, StorageError> {
    Ok(advances::table
        .filter(is_under_way())
        .select(advances::tenant_id)
        .order(advances::tenant_id)
        .load(tx.conn)?)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn is_under_way() -> _ {
    advances::report.is_null().and(advances::trouble.is_null())
}

#[diesel::dsl::auto_type(no_type_alias)]
fn has_ended() -> _ {
    advances::report.is_not_null().or(advances::trouble.is_not_null())
}
