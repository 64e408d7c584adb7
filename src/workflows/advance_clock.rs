//! What happens between now and then? A test tenant's clock is moved from tick to tick of the timetable, and at each the
//! jobs that have something due are run, as they would have run in real time.
//!
//! From 1 January to 1 April, 1,000 monthly subscriptions: three billing ticks, 3,000 invoices, 3,000 collections.

use chrono::{DateTime, TimeDelta, Utc};

use super::budgets::check_budgets;
use super::parked_work::{self, Place};
use super::tally::Tally;
use super::{Error, relay_events};
use crate::domain::ids::TenantId;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::storage::tenants::clock_advances;
pub use crate::storage::tenants::clock_advances::{ClockAdvance, End};
use crate::storage::{Session, StorageError, Tx, tenants};

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
        advance(session, jobs, tenant_id, to)
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
    check(tx, tenant_id, to)?;
    match clock_advances::begin(tx, tenant_id, to)? {
        true => Ok(()),
        false => Err(Refused::InUse.into()),
    }
}

/// Moves the clock where it was told to, from wherever a dead process left it, and notes what came of it. A clock that is on no way, or that
/// somebody else moves, is left alone.
///
/// # Errors
/// The database cannot be reached: then it is still on its way.
pub fn go_on(session: &mut Session, jobs: &dyn Timetable, tenant_id: TenantId) -> Result<(), Error> {
    let moved = alone(session, tenant_id, |session| {
        let Some(ClockAdvance { to, end: None }) = session.read(|tx| clock_advances::find(tx, tenant_id))?
        else {
            return Ok(());
        };
        let end = match advance(session, jobs, tenant_id, to) {
            Ok(report) => {
                let report = serde_json::to_value(report);
                End::Arrived(report.map_err(|e| StorageError::unreadable("advance of a clock", e))?)
            }
            Err(error) if error.is_outage() => return Err(error),
            Err(error) => End::Failed(error.trouble()),
        };
        Ok(session.transaction("end_clock_advance", |tx| clock_advances::end(tx, tenant_id, &end))?)
    });
    match moved {
        Err(Error::Refused(refusal)) if refusal.code() == Refused::InUse.code() => Ok(()),
        moved => moved,
    }
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

fn advance(
    session: &mut Session,
    jobs: &dyn Timetable,
    tenant_id: TenantId,
    to: DateTime<Utc>,
) -> Result<Advance, Error> {
    let from = start(session, tenant_id, to)?;
    let mut report = Advance { from, to, ticks: 0, done: Tally::default() };
    let ends = jobs.at_the_ends();
    report.done += jobs.work(session, Place { tenant_id, now: from }, &ends)?;
    run_jobs(session, jobs, tenant_id, from.min(to), to, &mut report)?;
    // Where the clock stands then, usage may have come to what was to be invoiced early: what follows is due at once.
    session.transaction("touch_budgets", |tx| check_budgets::touch_all(tx, tenant_id))?;
    report.done += jobs.work(session, Place { tenant_id, now: to }, &ends)?;
    run_jobs(session, jobs, tenant_id, to, to, &mut report)?;
    relay_events::run(session, Some(tenant_id))?;
    Ok(report)
}

/// Runs every job from an instant on that is due by another, and leaves the clock there.
fn run_jobs(
    session: &mut Session,
    jobs: &dyn Timetable,
    tenant_id: TenantId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    report: &mut Advance,
) -> Result<(), Error> {
    let mut now = from;
    let mut repeats = 0_u32;
    while let Some(Stop { at, due }) = jobs.next_stop(session, tenant_id, (now, to))? {
        repeats = if at == now { repeats + 1 } else { 0 };
        if repeats > 10_000 {
            return Err(Error::Fault(format!("the jobs due at {at} do not come to an end")));
        }
        now = at;
        report.ticks += 1;
        session.transaction("set_test_clock", |tx| tenants::set_clock(tx, tenant_id, now))?;
        report.done += jobs.work(session, Place { tenant_id, now }, &due)?;
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
