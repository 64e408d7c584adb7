//! How are the chunks of a run worked? Whoever takes one bills its customers in one transaction; when that fails, each in one of its own.
//!
//! Of 2,000 customers one cannot be billed: the chunk is billed again one by one, 1,999 have their invoices, and one is parked with its reason.

use std::ops::RangeInclusive;
use std::thread;

use crate::domain::ids::{CustomerId, TenantId};
use crate::domain::money::Total;
use crate::platform::clock;
use crate::storage::billing::bill_runs::{self, BillRun, Chunk, ChunkOutcome};
use crate::storage::billing::{self, Due, PriceBook, Range};
use crate::storage::customers::Locked;
use crate::storage::{Session, StorageError, Tx, fit};
use crate::workflows::billing::ask_ahead::{Ahead, Line};
use crate::workflows::billing::bill_customers::{self, Batch, Billed, Parked};
use crate::workflows::{Error, Scope};

/// A thread a connection, each taking chunks until none is left.
pub(super) fn work_together(
    sessions: &mut [&mut Session],
    run: (TenantId, &BillRun),
    ahead: Option<&Ahead>,
) -> Result<(), Error> {
    thread::scope(|threads| {
        let workers: Vec<_> = sessions
            .iter_mut()
            .map(|session| threads.spawn(move || work_asking(session, run, ahead)))
            .collect();
        workers.into_iter().try_for_each(|worker| {
            worker.join().unwrap_or_else(|_| Err(Error::Fault("a billing thread panicked".to_owned())))
        })
    })
}

/// Takes chunks until none is left to take; where providers of tax are asked, those of its own line alone: another worker's are not billed before
/// their answers are there.
pub(super) fn work_asking(
    session: &mut Session,
    (tenant_id, run): (TenantId, &BillRun),
    ahead: Option<&Ahead>,
) -> Result<(), Error> {
    let Some(ahead) = ahead else { return work(session, tenant_id, run, Locked::Skip) };
    thread::scope(|threads| {
        let mut line = Line::of(ahead, threads);
        let mut book = PriceBook::default();
        while let Some(chunk) = line.next(session, |chunk| batch(run, chunk.range, Locked::Skip))? {
            let taken = (chunk.chunk_no..=chunk.chunk_no, Locked::Skip);
            bill_chunk(session, (tenant_id, run), taken, &mut book)?;
        }
        Ok(())
    })
}

/// Takes chunks until none is left to take.
pub fn work(session: &mut Session, tenant_id: TenantId, run: &BillRun, locked: Locked) -> Result<(), Error> {
    let mut book = PriceBook::default();
    while bill_chunk(session, (tenant_id, run), (1..=i32::MAX, locked), &mut book)? {}
    Ok(())
}

/// Takes one of these chunks, and says whether there was one.
fn bill_chunk(
    session: &mut Session,
    (tenant_id, run): (TenantId, &BillRun),
    (numbers, locked): (RangeInclusive<i32>, Locked),
    book: &mut PriceBook,
) -> Result<bool, Error> {
    let mut claimed = None;
    let outcome = session.transaction("bill_chunk", |tx| {
        let scope = scope_of(tx, tenant_id, run)?;
        claimed = bill_runs::claim_chunk(tx, tenant_id, (run.id, numbers.clone()))?;
        let Some(chunk) = claimed else { return Ok(()) };
        let billed = bill_customers::run(tx, &scope, &batch(run, chunk.range, locked), book)?;
        let outcome = outcome_of(&billed)?;
        bill_runs::finish_chunk(tx, tenant_id, run.id, chunk.chunk_no, &outcome, clock::now())?;
        Ok::<(), Error>(())
    });
    match (outcome, claimed) {
        (Err(error), Some(chunk)) if !error.is_outage() => {
            one_by_one(session, tenant_id, run, (chunk, error))?;
        }
        (outcome, _) => outcome?,
    }
    Ok(claimed.is_some())
}

/// The tenant as the run sees it: its invoices carry the run's instant, however late a chunk is worked.
pub(super) fn scope_of(tx: &mut Tx<'_>, tenant_id: TenantId, run: &BillRun) -> Result<Scope, Error> {
    let mut scope = Scope::load(tx, tenant_id)?;
    scope.now = run.issued_at;
    Ok(scope)
}

pub(super) fn batch(run: &BillRun, range: Range, locked: Locked) -> Batch {
    Batch {
        range,
        as_of: run.as_of,
        finalize: run.finalize,
        finalizes_at: run.finalizes_at,
        run_id: Some(run.id),
        locked,
        parked_too: false,
        usage_early: None,
    }
}

fn outcome_of(billed: &Billed) -> Result<ChunkOutcome, StorageError> {
    Ok(ChunkOutcome {
        customers: billed.customers,
        invoices: fit("invoices", billed.invoices.len())?,
        lines: billed.lines,
        parked: fit("parked customers", billed.parked.len())?,
        totals: billed.totals.clone(),
    })
}

/// A chunk that failed as a whole: each of its customers in a transaction of its own, so that only the one at fault is parked.
fn one_by_one(
    session: &mut Session,
    tenant_id: TenantId,
    run: &BillRun,
    failed: (Chunk, Error),
) -> Result<(), Error> {
    let (chunk, error) = failed;
    tracing::warn!(run = %run.id, chunk = chunk.chunk_no, %error, "a chunk failed; its customers are billed one by one");
    let due = Due { tenant_id, range: chunk.range, as_of: run.as_of, trials_to: run.as_of };
    let customers = session.read(|tx| billing::due_customers(tx, due))?;
    let mut sum = ChunkOutcome::default();
    for customer_id in customers {
        let billed = session.transaction("bill_customer", |tx| {
            let scope = scope_of(tx, tenant_id, run)?;
            bill_customers::run(
                tx,
                &scope,
                &batch(run, Range::only(customer_id), Locked::Wait),
                &mut PriceBook::default(),
            )
        });
        match billed {
            Ok(billed) => add(&mut sum, &outcome_of(&billed)?),
            Err(error) if error.is_outage() => return Err(error),
            Err(error) => {
                sum.parked += 1;
                park_faulty(session, tenant_id, run, (customer_id, error.to_string()))?;
            }
        }
    }
    session.transaction("finish_chunk", |tx| {
        bill_runs::finish_chunk(tx, tenant_id, run.id, chunk.chunk_no, &sum, clock::now())
    })?;
    Ok(())
}

fn add(sum: &mut ChunkOutcome, one: &ChunkOutcome) {
    sum.customers += one.customers;
    sum.invoices += one.invoices;
    sum.lines += one.lines;
    sum.parked += one.parked;
    for (&currency, &total) in &one.totals {
        let before = sum.totals.entry(currency).or_insert(Total::zero(currency));
        *before = before.and(total);
    }
}

fn park_faulty(
    session: &mut Session,
    tenant_id: TenantId,
    run: &BillRun,
    fault: (CustomerId, String),
) -> Result<(), Error> {
    let (customer_id, reason) = fault;
    session.transaction("park_customer", |tx| {
        let parked = Parked { customer_id, code: "internal", reason: reason.clone() };
        let scope = scope_of(tx, tenant_id, run)?;
        bill_customers::park(tx, &scope, Some(run.id), vec![parked])
    })
}
