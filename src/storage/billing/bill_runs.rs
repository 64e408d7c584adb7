//! How far is a billing run? Its row, its chunks (claimed with SKIP LOCKED) and their totals.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Numeric, Text, Uuid as SqlUuid};
use rust_decimal::Decimal;
use strum::{EnumString, IntoStaticStr};

use super::Range;
use crate::domain::ids::{BillRunId, CustomerId, TenantId};
use crate::domain::money::{Currency, Total};
use crate::domain::work::{RunStatus, Tally, Trigger};
use crate::storage::customers::locks::Held;
use crate::storage::schema::{
    bill_run_chunks as chunks, bill_run_totals as totals, bill_runs as runs, customers, invoices,
};
use crate::storage::sql_types::names;
use crate::storage::{Found, StorageError, Thing, Tx, fit};

/// A billing run as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillRun {
    pub id: BillRunId,
    pub as_of: DateTime<Utc>,
    /// The tenant's time at which its invoices are issued.
    pub issued_at: DateTime<Utc>,
    pub trigger: Trigger,
    pub finalize: bool,
    /// When drafts that it leaves are finalized; `None`: by somebody.
    pub finalizes_at: Option<DateTime<Utc>>,
    pub status: RunStatus,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// How far a run is and what it made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    pub chunks: i64,
    pub chunks_done: i64,
    pub customers: i64,
    pub invoices: i64,
    pub lines: i64,
    pub parked: i64,
    pub totals: BTreeMap<Currency, Total>,
}

impl Progress {
    /// A run that made this, as a clock counts it.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let count = |count| u64::try_from(count).unwrap_or(0);
        let (invoices, parked) = (count(self.invoices), count(self.parked));
        Tally { bill_runs: 1, invoices, parked, ..Tally::default() }
    }
}

/// A chunk that this transaction holds.
#[derive(Debug, Clone, Copy)]
pub struct Chunk {
    pub chunk_no: i32,
    pub range: Range,
}

/// What came of a chunk.
#[derive(Debug, Clone, Default)]
pub struct ChunkOutcome {
    pub customers: i32,
    pub invoices: i32,
    pub lines: i32,
    pub parked: i32,
    pub totals: BTreeMap<Currency, Total>,
}

/// Whether the customers of a chunk are billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
enum ChunkStatus {
    Pending,
    Done,
}

names! { ChunkStatus: into_str, }

#[derive(Queryable, Selectable)]
#[diesel(table_name = runs)]
pub(in crate::storage) struct RunRow {
    id: BillRunId,
    as_of: DateTime<Utc>,
    issued_at: DateTime<Utc>,
    trigger: Trigger,
    finalize: bool,
    status: RunStatus,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    finalizes_at: Option<DateTime<Utc>>,
}

impl From<RunRow> for BillRun {
    fn from(row: RunRow) -> BillRun {
        BillRun {
            id: row.id,
            as_of: row.as_of,
            issued_at: row.issued_at,
            trigger: row.trigger,
            finalize: row.finalize,
            finalizes_at: row.finalizes_at,
            status: row.status,
            created_at: row.created_at,
            finished_at: row.finished_at,
        }
    }
}

/// Records a new run.
pub fn insert(tx: &mut Tx<'_>, tenant_id: TenantId, run: &BillRun) -> Result<(), StorageError> {
    diesel::insert_into(runs::table)
        .values((
            runs::tenant_id.eq(tenant_id),
            runs::id.eq(run.id),
            runs::as_of.eq(run.as_of),
            runs::issued_at.eq(run.issued_at),
            runs::trigger.eq(run.trigger),
            runs::finalize.eq(run.finalize),
            runs::finalizes_at.eq(run.finalizes_at),
            runs::status.eq(run.status),
            runs::created_at.eq(run.created_at),
            runs::finished_at.eq(run.finished_at),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The run with this id.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: BillRunId) -> Result<BillRun, StorageError> {
    let row: RunRow = runs::table
        .find((tenant_id, id))
        .select(RunRow::as_select())
        .first(tx.conn)
        .found(Thing::BillRun, id)?;
    Ok(row.into())
}

/// Locks the run's row: one process at a time adds chunks.
pub fn lock(tx: &mut Tx<'_>, tenant_id: TenantId, id: BillRunId) -> Result<(), StorageError> {
    runs::table.find((tenant_id, id)).select(runs::id).for_update().first::<BillRunId>(tx.conn)?;
    Ok(())
}

/// Adds chunks after those there are.
pub fn add_chunks(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    run: BillRunId,
    ranges: &[Range],
) -> Result<(), StorageError> {
    let last: Option<i32> = chunks::table
        .filter(chunks::tenant_id.eq(tenant_id))
        .filter(chunks::run_id.eq(run))
        .select(diesel::dsl::max(chunks::chunk_no))
        .first(tx.conn)?;
    let rows: Vec<_> = ranges
        .iter()
        .zip(last.map_or(1, |n| n + 1)..)
        .map(|(range, no)| {
            (
                chunks::tenant_id.eq(tenant_id),
                chunks::run_id.eq(run),
                chunks::chunk_no.eq(no),
                chunks::first_customer_id.eq(range.first),
                chunks::last_customer_id.eq(range.last),
                chunks::status.eq(ChunkStatus::Pending),
            )
        })
        .collect();
    for some in rows.chunks(1_000) {
        diesel::insert_into(chunks::table).values(some.to_vec()).execute(tx.conn)?;
    }
    Ok(())
}

/// The chunks that are not billed yet, in order, held or not.
pub fn pending_chunks(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    run: BillRunId,
) -> Result<Vec<Chunk>, StorageError> {
    let rows: Vec<(i32, CustomerId, CustomerId)> = chunks::table
        .filter(chunks::tenant_id.eq(tenant_id))
        .filter(chunks::run_id.eq(run))
        .filter(chunks::status.eq(ChunkStatus::Pending))
        .order(chunks::chunk_no)
        .select((chunks::chunk_no, chunks::first_customer_id, chunks::last_customer_id))
        .load(tx.conn)?;
    let chunk = |(chunk_no, first, last)| Chunk { chunk_no, range: Range { first, last } };
    Ok(rows.into_iter().map(chunk).collect())
}

/// The first of these chunks that nobody holds. It is pending again when this transaction ends without [`finish_chunk`].
pub fn claim_chunk(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (run, numbers): (BillRunId, RangeInclusive<i32>),
) -> Result<Option<Chunk>, StorageError> {
    let row: Option<(i32, CustomerId, CustomerId)> = chunks::table
        .filter(chunks::tenant_id.eq(tenant_id))
        .filter(chunks::run_id.eq(run))
        .filter(chunks::status.eq(ChunkStatus::Pending))
        .filter(chunks::chunk_no.between(*numbers.start(), *numbers.end()))
        .order(chunks::chunk_no)
        .select((chunks::chunk_no, chunks::first_customer_id, chunks::last_customer_id))
        .for_update()
        .skip_locked()
        .first(tx.conn)
        .optional()?;
    Ok(row.map(|(chunk_no, first, last)| Chunk { chunk_no, range: Range { first, last } }))
}

/// Whether another process still holds or has yet to take a chunk.
pub fn has_pending_chunks(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    run: BillRunId,
) -> Result<bool, StorageError> {
    let pending = chunks::table
        .filter(chunks::tenant_id.eq(tenant_id))
        .filter(chunks::run_id.eq(run))
        .filter(chunks::status.eq(ChunkStatus::Pending));
    Ok(diesel::select(diesel::dsl::exists(pending)).get_result(tx.conn)?)
}

/// Marks a chunk done, in the transaction that did it.
pub fn finish_chunk(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    run: BillRunId,
    chunk_no: i32,
    outcome: &ChunkOutcome,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    diesel::update(chunks::table.find((tenant_id, run, chunk_no)))
        .set((
            chunks::status.eq(ChunkStatus::Done),
            chunks::customers.eq(outcome.customers),
            chunks::invoices.eq(outcome.invoices),
            chunks::lines.eq(outcome.lines),
            chunks::parked.eq(outcome.parked),
            chunks::finished_at.eq(now),
        ))
        .execute(tx.conn)?;
    let row = |(currency, total): (_, &Total)| -> Result<_, StorageError> {
        let total = Decimal::try_from_i128_with_scale(total.minor(), 0);
        Ok((
            totals::tenant_id.eq(tenant_id),
            totals::run_id.eq(run),
            totals::chunk_no.eq(chunk_no),
            totals::currency.eq(currency),
            totals::total.eq(total.map_err(|_| StorageError::too_large())?),
        ))
    };
    let rows: Vec<_> = outcome.totals.iter().map(row).collect::<Result<_, StorageError>>()?;
    diesel::insert_into(totals::table).values(rows).execute(tx.conn)?;
    Ok(())
}

/// How many of the customers that are held have an invoice of a run already.
pub fn met(tx: &mut Tx<'_>, held: &Held, run: BillRunId) -> Result<i32, StorageError> {
    let ids: Vec<CustomerId> = held.customers().iter().map(|customer| customer.id).collect();
    let of_run = customers::table
        .filter(customers::tenant_id.eq(held.tenant_id()).and(customers::id.eq_any(ids)))
        .filter(diesel::dsl::exists(
            invoices::table
                .filter(invoices::tenant_id.eq(customers::tenant_id))
                .filter(invoices::customer_id.eq(customers::id).and(invoices::bill_run_id.eq(run))),
        ));
    fit("customers", of_run.count().get_result::<i64>(tx.conn)?)
}

/// Moves a run to a status; a finished run stays as it is. Gives whether it moved.
pub fn set_status(
    tx: &mut Tx<'_>,
    place: (TenantId, BillRunId),
    status: RunStatus,
    finished_at: Option<DateTime<Utc>>,
) -> Result<bool, StorageError> {
    let moved = diesel::update(runs::table.find((place.0, place.1)).filter(runs::finished_at.is_null()))
        .set((runs::status.eq(status), runs::finished_at.eq(finished_at)))
        .execute(tx.conn)?;
    Ok(moved > 0)
}

/// Adds up the chunks.
pub fn progress(tx: &mut Tx<'_>, tenant_id: TenantId, run: BillRunId) -> Result<Progress, StorageError> {
    #[derive(QueryableByName)]
    struct Sums {
        #[diesel(sql_type = BigInt)]
        chunks: i64,
        #[diesel(sql_type = BigInt)]
        done: i64,
        #[diesel(sql_type = BigInt)]
        customers: i64,
        #[diesel(sql_type = BigInt)]
        invoices: i64,
        #[diesel(sql_type = BigInt)]
        lines: i64,
        #[diesel(sql_type = BigInt)]
        parked: i64,
    }
    #[derive(QueryableByName)]
    struct Total {
        #[diesel(sql_type = Text)]
        currency: Currency,
        #[diesel(sql_type = Numeric)]
        total: Decimal,
    }
    let sums: Sums = diesel::sql_query(
        "SELECT count(*) AS chunks, count(*) FILTER (WHERE status = 'done') AS done, \
         coalesce(sum(customers), 0)::bigint AS customers, coalesce(sum(invoices), 0)::bigint AS invoices, \
         coalesce(sum(lines), 0)::bigint AS lines, coalesce(sum(parked), 0)::bigint AS parked \
         FROM bill_run_chunks WHERE tenant_id = $1 AND run_id = $2",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(run)
    .get_result(tx.conn)?;
    let rows: Vec<Total> = diesel::sql_query(
        "SELECT currency, sum(total) AS total FROM bill_run_totals WHERE tenant_id = $1 AND run_id = $2 GROUP BY currency",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(run)
    .load(tx.conn)?;
    let total = |row: Total| (row.currency, crate::storage::ledger::total(row.total, row.currency));
    Ok(Progress {
        chunks: sums.chunks,
        chunks_done: sums.done,
        customers: sums.customers,
        invoices: sums.invoices,
        lines: sums.lines,
        parked: sums.parked,
        totals: rows.into_iter().map(total).collect(),
    })
}
