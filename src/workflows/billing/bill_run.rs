//! How is everything due billed? Planned once into ranges of customers, each billed in one transaction by whoever claims it.
//!
//! 100,000 customers make 50 chunks of 2,000. A process that dies leaves its chunk pending; two processes take different
//! chunks; both leave the same books as one.

mod chunks;

use std::thread;

use chrono::{DateTime, Months, Utc};

pub use chunks::work;
use chunks::{batch, scope_of, work_asking, work_together};

use super::ask_ahead::Ahead;
use super::bill_customers::{self, Batch};
use crate::domain::events::{Event, EventType};
use crate::domain::ids::{BillRunId, CustomerId, EventId, SubscriptionId, TenantId};
use crate::domain::refusal::Refusal;
use crate::domain::work::Work;
pub use crate::domain::work::{RunStatus, Trigger};
use crate::platform::random;
use crate::storage::billing::bill_runs::{self, BillRun, Progress};
use crate::storage::billing::{self, Range};
use crate::storage::customers::Locked;
use crate::storage::tenants::clock_advances;
use crate::storage::{Session, Tx, due, events, parked_work as parked};
use crate::workflows::keyed::Keyed;
use crate::workflows::parked_work::{self, Attempted, Place};
use crate::workflows::subscriptions::step_subscriptions;
use crate::workflows::tax::providers::Providers;
use crate::workflows::{Error, Scope};

/// Customers a chunk: large enough for set-based statements to pay, small enough to bound memory and the number counter's lock.
pub const CHUNK: i64 = 2_000;

/// How often a run goes back in vain for customers that others hold.
const VAIN_ROUNDS: u32 = 50;

/// What a run is to bill.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    pub trigger: Trigger,
    /// Bill what is due by then; `None`: by the tenant's now.
    pub as_of: Option<DateTime<Utc>>,
    /// Whether the invoices are issued at once, or stay drafts until somebody finalizes them; `None`: as the tenant's
    /// settings say.
    pub finalize: Option<bool>,
}

/// Years that a run may look ahead: a slip of the pen must not bill a century.
const YEARS_AHEAD: u32 = 10;

/// Why no run is made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a run bills what is due by a date from 1970 to ten years after now ({now}); {as_of} is not")]
pub struct AsOfOutOfRange {
    /// What was requested.
    pub as_of: DateTime<Utc>,
    /// The tenant's now.
    pub now: DateTime<Utc>,
}

impl Refusal for AsOfOutOfRange {
    fn code(&self) -> &'static str {
        "as_of_out_of_range"
    }

    fn pointer(&self) -> Option<String> {
        Some("/as_of".to_owned())
    }
}

/// A run and what it made.
#[derive(Debug, Clone)]
pub struct Report {
    pub run: BillRun,
    pub progress: Progress,
}

/// Plans a run: its row and its chunks, in one transaction. Gives the number of chunks, too.
pub fn plan(session: &mut Session, tenant_id: TenantId, request: Request) -> Result<(BillRun, usize), Error> {
    plan_keyed(session, tenant_id, (request, &Keyed::default()))
}

fn plan_keyed(
    session: &mut Session,
    tenant_id: TenantId,
    (request, keyed): (Request, &Keyed),
) -> Result<(BillRun, usize), Error> {
    take_steps(session, (tenant_id, request.as_of))?;
    session.transaction("plan_bill_run", |tx| {
        let scope = Scope::load(tx, tenant_id)?;
        let as_of = request.as_of.unwrap_or(scope.now);
        let latest = scope.now.checked_add_months(Months::new(12 * YEARS_AHEAD));
        if as_of < DateTime::UNIX_EPOCH || latest.is_some_and(|latest| as_of > latest) {
            return Err(AsOfOutOfRange { as_of, now: scope.now }.into());
        }
        let run = BillRun {
            id: BillRunId::from_uuid(random::mint(scope.now)),
            as_of,
            issued_at: scope.now,
            trigger: request.trigger,
            finalize: request.finalize.unwrap_or(scope.billing.draft_hours == 0),
            finalizes_at: if request.finalize.is_none() { scope.finalizes_at() } else { None },
            status: RunStatus::Running,
            created_at: scope.now,
            finished_at: None,
        };
        keyed.begin(tx, run.id.uuid())?;
        bill_runs::insert(tx, tenant_id, &run)?;
        let ranges = billing::plan(tx, tenant_id, as_of, CHUNK)?;
        bill_runs::add_chunks(tx, tenant_id, run.id, &ranges)?;
        Ok((run, ranges.len()))
    })
}

/// What the ends of trials decide comes before the bills, whoever asks for them.
fn take_steps(
    session: &mut Session,
    (tenant_id, as_of): (TenantId, Option<DateTime<Utc>>),
) -> Result<(), Error> {
    let now = session.read(|tx| Scope::load(tx, tenant_id))?.now;
    let place = Place { tenant_id, now: as_of.map_or(now, |as_of| as_of.min(now)) };
    parked_work::each_due(session, (&due::SUBSCRIPTION_STEPS, place), |session, id| {
        step_subscriptions::run(session, place, SubscriptionId::from_uuid(id))
    })?;
    Ok(())
}

/// Plans a run and works it to its end: alone when it is small, else with a second connection beside this one.
pub fn run(session: &mut Session, tenant_id: TenantId, request: Request) -> Result<Report, Error> {
    run_keyed(session, tenant_id, (request, &Keyed::default()), None)
}

/// The same for a call that may have a key, asking providers of tax about what it bills next while it bills.
///
/// # Errors
/// An instant out of range; storage.
pub fn run_keyed(
    session: &mut Session,
    tenant_id: TenantId,
    (request, keyed): (Request, &Keyed),
    providers: Option<&Providers>,
) -> Result<Report, Error> {
    let (run, chunks) = plan_keyed(session, tenant_id, (request, keyed))?;
    let ahead = match providers {
        Some(providers) if run.finalize => {
            let chunks = session.read(|tx| bill_runs::pending_chunks(tx, tenant_id, run.id))?;
            Ahead::of(session, providers, (Place { tenant_id, now: run.issued_at }, chunks))?
        }
        _ => None,
    };
    if chunks > 1 {
        let mut beside = session.sibling()?;
        work_together(&mut [&mut *session, &mut beside], (tenant_id, &run), ahead.as_ref())?;
    } else {
        work_asking(session, (tenant_id, &run), ahead.as_ref())?;
    }
    finish(session, tenant_id, &run)
}

/// Plans a run and works it with these connections at once.
pub fn run_on(sessions: &mut [Session], tenant_id: TenantId, request: Request) -> Result<Report, Error> {
    let Some(first) = sessions.first_mut() else {
        return Err(Error::Fault("a billing run needs a connection".to_owned()));
    };
    let (run, _) = plan(first, tenant_id, request)?;
    work_together(&mut sessions.iter_mut().collect::<Vec<_>>(), (tenant_id, &run), None)?;
    finish(&mut sessions[0], tenant_id, &run)
}

/// Goes back for customers that others held or that have more to catch up than one bill may hold, retries those parked whose time has come,
/// and closes the run.
pub fn finish(session: &mut Session, tenant_id: TenantId, run: &BillRun) -> Result<Report, Error> {
    let (mut billed, mut vain) = (0, 0);
    while vain < VAIN_ROUNDS {
        let left = session.transaction("plan_leftovers", |tx| {
            bill_runs::lock(tx, tenant_id, run.id)?;
            if bill_runs::has_pending_chunks(tx, tenant_id, run.id)? {
                return Ok::<bool, Error>(true);
            }
            let ranges = billing::plan(tx, tenant_id, run.as_of, CHUNK)?;
            bill_runs::add_chunks(tx, tenant_id, run.id, &ranges)?;
            Ok(!ranges.is_empty())
        })?;
        if !left {
            break;
        }
        work(session, tenant_id, run, Locked::Wait)?;
        let lines = session.read(|tx| bill_runs::progress(tx, tenant_id, run.id))?.lines;
        vain = if lines > billed { 0 } else { vain + 1 };
        billed = lines;
        // What is still pending is in another worker's hands; give it a moment.
        thread::sleep(std::time::Duration::from_millis(20));
    }
    retry_parked(session, tenant_id, run)?;
    session.transaction("finish_bill_run", |tx| close(tx, tenant_id, run))
}

fn retry_parked(session: &mut Session, tenant_id: TenantId, run: &BillRun) -> Result<(), Error> {
    let place = Place { tenant_id, now: run.issued_at };
    // Who asks for a run need not wait until what is parked is tried again by itself.
    let is_requested = matches!(run.trigger, Trigger::Api | Trigger::Command);
    let by = if is_requested { DateTime::<Utc>::MAX_UTC } else { run.issued_at };
    parked_work::retry_by(session, Work::Billing, place, by, Some(run.id), |session, id| {
        session.transaction("retry_parked", |tx| {
            let scope = scope_of(tx, tenant_id, run)?;
            let customer_id = CustomerId::from_uuid(id);
            bill_customers::retry_parked(
                tx,
                &scope,
                customer_id,
                &batch(run, Range::only(customer_id), Locked::Wait),
            )
        })
    })?;
    Ok(())
}

/// Bills a parked customer again, outside of a run.
///
/// # Errors
/// What keeps it from being billed.
pub fn one(session: &mut Session, place: Place, customer_id: CustomerId) -> Result<(), Error> {
    session.transaction("retry_parked", |tx| {
        let scope = place.scope(tx)?;
        bill_customers::retry_parked(tx, &scope, customer_id, &Batch::alone(&scope, customer_id))
    })
}

fn close(tx: &mut Tx<'_>, tenant_id: TenantId, run: &BillRun) -> Result<Report, Error> {
    let progress = bill_runs::progress(tx, tenant_id, run.id)?;
    let pending = bill_runs::has_pending_chunks(tx, tenant_id, run.id)?;
    let left = !parked::of_run(tx, tenant_id, (run.id, 1))?.is_empty();
    let status =
        if progress.parked > 0 || left { RunStatus::CompletedWithErrors } else { RunStatus::Completed };
    // By the clock by which it began: a test tenant's stands still.
    let finished_at = Scope::load(tx, tenant_id)?.now.max(run.issued_at);
    if !pending && bill_runs::set_status(tx, (tenant_id, run.id), status, Some(finished_at))? {
        if run.trigger == Trigger::Clock {
            clock_advances::count(tx, progress.tally())?;
        }
        let data = serde_json::json!({ "id": run.id, "status": status.into_str(), "invoices": progress.invoices, "parked": progress.parked });
        events::record(
            tx,
            tenant_id,
            &[Event {
                id: EventId::from_uuid(random::mint(run.issued_at)),
                type_: EventType::BillRunCompleted,
                object_id: run.id.uuid(),
                data,
                occurred_at: run.issued_at,
            }],
        )?;
    }
    Ok(Report { run: bill_runs::find(tx, tenant_id, run.id)?, progress })
}

/// Works every run that a dead process left behind to its end.
///
/// # Errors
/// The database cannot be reached.
pub fn resume_all(session: &mut Session, tenant_id: TenantId) -> Result<Attempted, Error> {
    let place = Place { tenant_id, now: session.read(|tx| Scope::load(tx, tenant_id))?.now };
    parked_work::each_due(session, (&due::BILL_RUNS, place), |session, id| {
        resume(session, tenant_id, BillRunId::from_uuid(id))
    })
}

/// Works a run that a dead process left behind to its end. One that is at its end is nothing.
///
/// # Errors
/// Storage.
pub fn resume(session: &mut Session, tenant_id: TenantId, id: BillRunId) -> Result<(), Error> {
    let run = session.read(|tx| bill_runs::find(tx, tenant_id, id))?;
    if run.finished_at.is_none() {
        work(session, tenant_id, &run, Locked::Skip)?;
        finish(session, tenant_id, &run)?;
    }
    Ok(())
}
