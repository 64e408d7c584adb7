//! What happens between now and then? A test tenant's clock is moved from tick to tick of the timetable, and at each the
//! jobs that have something due are run, as they would have run in real time.
//!
//! From 1 January to 1 April, 1,000 monthly subscriptions: three billing ticks, 3,000 invoices, 3,000 collections.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::budgets::check_budgets;
use super::parked_work::{self, Place};
use super::{Error, relay_events};
use crate::domain::ids::TenantId;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::work::Tally;
use crate::platform::clock::Stopwatch;
use crate::platform::places::Places;
use crate::storage::tenants::clock_advances;
pub use crate::storage::tenants::clock_advances::{ClockAdvance, End};
use crate::storage::{Session, StorageError, Tx, tenants};

/// How long a call that stops a clock waits for the step that it is in.
const PATIENCE: Duration = Duration::from_secs(20);

/// The table of jobs, as a test clock follows it.
pub trait Timetable: parked_work::Jobs {
    /// The first stop from one instant on and no later than another, where a job finds work of a tenant. Work that falls due between two
    /// ticks of its job is found at the later one, or where the clock stands in the end.
    ///
    /// # Errors
    /// Storage.
    fn next_stop(
        &self,
        session: &mut Session,
        tenant_id: TenantId,
        span: (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Option<Stop>, Error>;

    /// Does these rows' work that is due, in their order. What cannot be done is parked.
    ///
    /// # Errors
    /// The database cannot be reached.
    fn work(&self, session: &mut Session, place: Place, due: &[usize]) -> Result<Tally, Error>;

    /// The rows that are worked on when the clock begins to move and where it stands in the end, at no stop between.
    fn at_the_ends(&self) -> Vec<usize>;

    /// Places for clocks that move in this process.
    fn places(&self) -> &Arc<Places>;

    /// Whether this process is to end: a clock that nobody waits for is then left where it is, for another to move on.
    fn is_ending(&self) -> bool;
}

/// An instant at which there is work, and the rows of the table that find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    pub at: DateTime<Utc>,
    pub due: Vec<usize>,
}

/// What happened on the way.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Advance {
    pub from: DateTime<Utc>,
    #[serde(rename = "now")]
    pub to: DateTime<Utc>,
    /// Instants at which at least one job had work.
    pub ticks: u64,
    /// Whether it was stopped on the way.
    pub stopped: bool,
    #[serde(flatten)]
    pub done: Tally,
}

/// Why a clock cannot be moved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A live tenant lives in real time.
    #[error("a live tenant has no test clock; create a test tenant to move through time")]
    NotATestTenant,
    /// What was issued cannot be undone.
    #[error("the clock stands at {now} and invoices have been issued; it can only move forward from there")]
    Backwards {
        /// Where it stands.
        now: DateTime<Utc>,
    },
    /// Someone else is moving it.
    #[error("this clock is being advanced by another call; wait for it to finish")]
    InUse,
    /// Too far for one call.
    #[error(
        "the clock can be advanced by at most 20 years in one call, and not before 1970; stop on the way"
    )]
    TooFar,
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::NotATestTenant => "not_a_test_tenant",
            Refused::Backwards { .. } => "clock_moves_forward",
            Refused::InUse => "clock_in_use",
            Refused::TooFar => "clock_too_far",
        }
    }

    fn pointer(&self) -> Option<String> {
        matches!(self, Refused::Backwards { .. } | Refused::TooFar).then(|| "/to".to_owned())
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::InUse | Refused::NotATestTenant => RefusalKind::State,
            Refused::Backwards { .. } | Refused::TooFar => RefusalKind::Rule,
        }
    }

    fn retry_after(&self) -> Option<u16> {
        matches!(self, Refused::InUse).then_some(2)
    }
}

/// Moves the clock and answers when every job due on the way has run.
pub fn run(
    session: &mut Session,
    jobs: &dyn Timetable,
    tenant_id: TenantId,
    to: DateTime<Utc>,
) -> Result<Advance, Error> {
    alone(session, tenant_id, |session| {
        if session.read(|tx| clock_advances::find(tx, tenant_id))?.is_some_and(|way| way.end.is_none()) {
            return Err(Refused::InUse.into());
        }
        let way = Way { jobs, tenant_id, to, is_awaited: true };
        let (from, moved) = advance(session, &way)?;
        Ok(Advance { from, to, ticks: moved.ticks, stopped: false, done: moved.done })
    })
}

/// The last way on which nobody waited for the clock.
///
/// # Errors
/// Storage.
pub fn last(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Option<ClockAdvance>, Error> {
    Ok(clock_advances::find(tx, tenant_id)?)
}

/// Notes where the clock is to move while nobody waits for it: [`go_on`] moves it.
///
/// # Errors
/// It may not go there; it is on its way somewhere.
pub fn begin(tx: &mut Tx<'_>, tenant_id: TenantId, to: DateTime<Utc>) -> Result<(), Error> {
    let from = check(tx, tenant_id, to)?;
    match clock_advances::begin(tx, tenant_id, (from, to))? {
        true => Ok(()),
        false => Err(Refused::InUse.into()),
    }
}

/// Moves the clock where it is to go, from wherever a dead process left it, and notes what came of it. A clock that is on no way, or that
/// somebody else moves, is left alone.
///
/// # Errors
/// The database cannot be reached: then it is still on its way.
pub fn go_on(session: &mut Session, jobs: &dyn Timetable, tenant_id: TenantId) -> Result<(), Error> {
    let moved = alone(session, tenant_id, |session| {
        let Some(ClockAdvance { to, end: None, .. }) =
            session.read(|tx| clock_advances::find(tx, tenant_id))?
        else {
            return Ok(());
        };
        let way = Way { jobs, tenant_id, to, is_awaited: false };
        match session.counted_for(tenant_id, |session| advance(session, &way)) {
            Ok((_, Moved { halt: Halt::Ending, .. })) => Ok(()),
            Ok(_) => conclude(session, tenant_id),
            Err(error) if error.is_outage() => Err(error),
            Err(error) => Ok(session.transaction("end_clock_advance", |tx| {
                clock_advances::end(tx, tenant_id, &End::Failed(error.trouble()))
            })?),
        }
    });
    match moved {
        Err(Error::Refused(refusal)) if refusal.code() == Refused::InUse.code() => Ok(()),
        moved => moved,
    }
}

/// Stops a clock that nobody waits for after the step it is in, and waits for that, a while. One that nobody moves, because its process died
/// or it waits for a place, stops where it stands. One that is on no way stands already.
///
/// # Errors
/// It is a live tenant.
pub fn stop(session: &mut Session, tenant_id: TenantId) -> Result<(), Error> {
    let stopping = session.transaction("stop_clock_advance", |tx| {
        tenants::find(tx, tenant_id)?.test_clock.ok_or(Refused::NotATestTenant)?;
        Ok::<_, Error>(clock_advances::stop(tx, tenant_id)?)
    })?;
    if !stopping {
        return Ok(());
    }
    let waited = Stopwatch::start();
    loop {
        // Whoever moves it holds the lock until its end is noted.
        match alone(session, tenant_id, |session| conclude_stopped(session, tenant_id)) {
            Err(Error::Refused(refusal)) if refusal.code() == Refused::InUse.code() => {}
            stopped => return stopped,
        }
        if waited.elapsed() > PATIENCE {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn conclude_stopped(session: &mut Session, tenant_id: TenantId) -> Result<(), Error> {
    // Another may have been begun since.
    match session.read(|tx| clock_advances::find(tx, tenant_id))? {
        Some(ClockAdvance { stopping: true, end: None, .. }) => conclude(session, tenant_id),
        _ => Ok(()),
    }
}

/// Notes where a clock stands in the end, and what was done on its way, by whichever processes.
fn conclude(session: &mut Session, tenant_id: TenantId) -> Result<(), Error> {
    session.transaction("end_clock_advance", |tx| {
        let Some(way) = clock_advances::find(tx, tenant_id)? else { return Ok(()) };
        let now = tenants::find(tx, tenant_id)?.test_clock.ok_or(Refused::NotATestTenant)?;
        let stopped = now != way.to;
        let report = Advance { from: way.from, to: now, ticks: way.ticks, stopped, done: way.done };
        let report =
            serde_json::to_value(report).map_err(|e| StorageError::unreadable("advance of a clock", e))?;
        Ok(clock_advances::end(tx, tenant_id, &End::Arrived(report))?)
    })
}

/// Does it while nobody else moves the clock.
fn alone<T>(
    session: &mut Session,
    tenant_id: TenantId,
    work: impl FnOnce(&mut Session) -> Result<T, Error>,
) -> Result<T, Error> {
    if !session.try_lock(&format!("clock {tenant_id}"))? {
        return Err(Refused::InUse.into());
    }
    let outcome = work(session);
    session.unlock(&format!("clock {tenant_id}"))?;
    outcome
}

/// A clock, and where it is to go.
struct Way<'a> {
    jobs: &'a dyn Timetable,
    tenant_id: TenantId,
    to: DateTime<Utc>,
    /// Whether a call waits for it.
    is_awaited: bool,
}

/// What was done on it, as far as it went.
#[derive(Default)]
struct Moved {
    ticks: u64,
    tick_at: Option<DateTime<Utc>>,
    done: Tally,
    halt: Halt,
}

/// Why a clock moves no further.
#[derive(Default, PartialEq, Eq)]
enum Halt {
    #[default]
    Arrived,
    /// Somebody wants it to stop.
    Stopped,
    /// Its process is to end.
    Ending,
}

/// Moves the clock; gives where it stood before.
fn advance(session: &mut Session, way: &Way<'_>) -> Result<(DateTime<Utc>, Moved), Error> {
    let Way { jobs, tenant_id, to, .. } = *way;
    let from = start(session, tenant_id, to)?;
    let mut moved = Moved::default();
    let ends = jobs.at_the_ends();
    moved.done += jobs.work(session, Place { tenant_id, now: from }, &ends)?;
    run_jobs(session, way, from.min(to), &mut moved)?;
    // Where the clock stands then, usage may have come to what was to be invoiced early: what follows is due at once.
    session.transaction("touch_budgets", |tx| check_budgets::touch_all(tx, tenant_id))?;
    if moved.halt == Halt::Arrived {
        moved.done += jobs.work(session, Place { tenant_id, now: to }, &ends)?;
        run_jobs(session, way, to, &mut moved)?;
    }
    relay_events::run(session, Some(tenant_id))?;
    if moved.halt == Halt::Arrived {
        // Webhook endpoints hear of what happened last.
        run_jobs(session, way, to, &mut moved)?;
    }
    Ok((from, moved))
}

/// Runs every job from an instant on that is due where the clock is to go, and leaves it there; or where it is to stop before.
fn run_jobs(
    session: &mut Session,
    way: &Way<'_>,
    from: DateTime<Utc>,
    moved: &mut Moved,
) -> Result<(), Error> {
    let Way { jobs, tenant_id, to, is_awaited } = *way;
    let mut now = from;
    let mut repeats = 0_u32;
    while let Some(Stop { at, due }) = jobs.next_stop(session, tenant_id, (now, to))? {
        repeats = if at == now { repeats + 1 } else { 0 };
        if repeats > 10_000 {
            return Err(Error::Fault(format!("the jobs due at {at} do not come to an end")));
        }
        if !is_awaited && jobs.is_ending() {
            moved.halt = Halt::Ending;
            return Ok(());
        }
        now = at;
        let goes_on = session.transaction("set_test_clock", |tx| {
            let goes_on = clock_advances::step(tx, now)?;
            if goes_on {
                tenants::set_clock(tx, tenant_id, now)?;
            }
            Ok::<_, StorageError>(goes_on)
        })?;
        if !goes_on {
            moved.halt = Halt::Stopped;
            return Ok(());
        }
        moved.ticks += u64::from(moved.tick_at.replace(now) != Some(now));
        moved.done += jobs.work(session, Place { tenant_id, now }, &due)?;
    }
    Ok(session.transaction("set_test_clock", |tx| tenants::set_clock(tx, tenant_id, to))?)
}

/// Checks that the clock may go there, and gives where it stands.
fn start(session: &mut Session, tenant_id: TenantId, to: DateTime<Utc>) -> Result<DateTime<Utc>, Error> {
    session.transaction("read_test_clock", |tx| check(tx, tenant_id, to))
}

fn check(tx: &mut Tx<'_>, tenant_id: TenantId, to: DateTime<Utc>) -> Result<DateTime<Utc>, Error> {
    let now = tenants::find(tx, tenant_id)?.test_clock.ok_or(Refused::NotATestTenant)?;
    if to < now && tenants::has_invoices(tx, tenant_id)? {
        return Err(Refused::Backwards { now }.into());
    }
    if to < DateTime::UNIX_EPOCH || to.signed_duration_since(now) > TimeDelta::days(366 * 20) {
        return Err(Refused::TooFar.into());
    }
    Ok(now)
}

/// Where a tenant's clock stands; `None` for a live tenant.
pub fn clock_of(session: &mut Session, tenant_id: TenantId) -> Result<Option<DateTime<Utc>>, StorageError> {
    session.read(|tx| Ok(tenants::find(tx, tenant_id)?.test_clock))
}
