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
use crate::storage::{Session, StorageError, tenants};

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advance {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// Instants at which at least one job had work.
    pub ticks: u64,
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
}

/// Moves the clock and answers when every job due on the way has run.
pub fn run(
    session: &mut Session,
    jobs: &dyn Timetable,
    tenant_id: TenantId,
    to: DateTime<Utc>,
) -> Result<Advance, Error> {
    if !session.try_lock(&format!("clock {tenant_id}"))? {
        return Err(Refused::InUse.into());
    }
    let outcome = advance(session, jobs, tenant_id, to);
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
    session.transaction("read_test_clock", |tx| {
        let now = tenants::find(tx, tenant_id)?.test_clock.ok_or(Refused::NotATestTenant)?;
        if to < now && tenants::has_invoices(tx, tenant_id)? {
            return Err(Refused::Backwards { now }.into());
        }
        if to < DateTime::UNIX_EPOCH || to.signed_duration_since(now) > TimeDelta::days(366 * 20) {
            return Err(Refused::TooFar.into());
        }
        Ok(now)
    })
}

/// Where a tenant's clock stands; `None` for a live tenant.
pub fn clock_of(session: &mut Session, tenant_id: TenantId) -> Result<Option<DateTime<Utc>>, StorageError> {
    session.read(|tx| Ok(tenants::find(tx, tenant_id)?.test_clock))
}
