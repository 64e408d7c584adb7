//! What happens between now and then? A test tenant's clock is moved from tick to tick of the timetable, and at each the
//! jobs that have something due are run, as they would have run in real time.
//!
//! From 1 January to 1 April, 1,000 monthly subscriptions: three billing ticks, 3,000 invoices, 3,000 collections.

use chrono::{DateTime, TimeDelta, Utc};
use cron::Schedule;

use super::billing::bill_run::{self, Request, Trigger};
use super::budgets::check_budgets;
use super::credits::{apply_balances, expire_credits};
use super::invoicing::finalize_drafts;
use super::payments::{collect_invoices, make_refunds, resolve_payments};
use super::subscriptions::{migrate_plan, step_subscriptions};
use super::{Error, relay_events};
use crate::adapters::gateway::Gateways;
use crate::domain::ids::TenantId;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::storage::{Session, StorageError, tenants};

/// When each job of a tenant looks for work.
#[derive(Debug, Clone)]
pub struct Timetable {
    pub billing: Schedule,
    pub collection: Schedule,
    pub payment_resolution: Schedule,
    pub credit_expiry: Schedule,
    pub refunds: Schedule,
}

impl Timetable {
    /// Billing on the hour, unless configured otherwise.
    pub const BILLING: &str = "0 0 * * * *";
    /// Collection every ten seconds.
    pub const COLLECTION: &str = "*/10 * * * * *";
    /// Asking about payments every half minute.
    pub const PAYMENT_RESOLUTION: &str = "*/30 * * * * *";
    /// Looking for credits that are over every minute.
    pub const CREDIT_EXPIRY: &str = "0 * * * * *";
    /// Refunds every ten seconds.
    pub const REFUNDS: &str = "*/10 * * * * *";

    /// The timetable of a server that is not configured otherwise.
    pub fn standard() -> Result<Timetable, cron::error::Error> {
        Ok(Timetable {
            billing: Timetable::BILLING.parse()?,
            collection: Timetable::COLLECTION.parse()?,
            payment_resolution: Timetable::PAYMENT_RESOLUTION.parse()?,
            credit_expiry: Timetable::CREDIT_EXPIRY.parse()?,
            refunds: Timetable::REFUNDS.parse()?,
        })
    }
}

/// What happened on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advance {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// Instants at which at least one job had work.
    pub ticks: u64,
    pub bill_runs: u64,
    pub invoices: u64,
    pub parked: u64,
    pub drafts_finalized: u64,
    pub payments_attempted: u64,
    pub payments_succeeded: u64,
    pub payments_failed: u64,
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

/// What the jobs need besides the database.
pub struct World<'a> {
    pub timetable: &'a Timetable,
    pub gateways: &'a Gateways,
}

/// An instant, and the jobs that find work at it.
type Tick = (DateTime<Utc>, Vec<Job>);

/// A job of the timetable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Job {
    Steps,
    Billing,
    Finalization,
    Balances,
    Resolution,
    Collection,
    CreditExpiry,
    Refunds,
}

/// Moves the clock and answers when every job due on the way has run.
pub fn run(
    session: &mut Session,
    world: &World<'_>,
    tenant_id: TenantId,
    to: DateTime<Utc>,
) -> Result<Advance, Error> {
    if !session.try_lock(&format!("clock {tenant_id}"))? {
        return Err(Refused::InUse.into());
    }
    let outcome = advance(session, world, tenant_id, to);
    session.unlock(&format!("clock {tenant_id}"))?;
    outcome
}

fn advance(
    session: &mut Session,
    world: &World<'_>,
    tenant_id: TenantId,
    to: DateTime<Utc>,
) -> Result<Advance, Error> {
    let from = start(session, tenant_id, to)?;
    // Runs that a dead process left behind are finished at the instants they were planned for.
    bill_run::resume(session, tenant_id)?;
    migrate_plan::resume(session, tenant_id)?;
    check_budgets::run(session, tenant_id)?;
    let mut report = Advance {
        from,
        to,
        ticks: 0,
        bill_runs: 0,
        invoices: 0,
        parked: 0,
        drafts_finalized: 0,
        payments_attempted: 0,
        payments_succeeded: 0,
        payments_failed: 0,
    };
    run_jobs(session, world, (tenant_id, from.min(to), to), &mut report)?;
    // Where the clock stands then, usage may have come to what was to be invoiced early: what follows is due at once.
    if check_budgets::run_all(session, tenant_id)? > 0 {
        run_jobs(session, world, (tenant_id, to, to), &mut report)?;
    }
    relay_events::run(session, Some(tenant_id))?;
    Ok(report)
}

/// Runs every job from an instant on that is due by another, and leaves the clock there.
fn run_jobs(
    session: &mut Session,
    world: &World<'_>,
    (tenant_id, from, to): (TenantId, DateTime<Utc>, DateTime<Utc>),
    report: &mut Advance,
) -> Result<(), Error> {
    let mut now = from;
    let mut repeats = 0_u32;
    while let Some((at, jobs)) = next_tick(session, world.timetable, tenant_id, (now, to))? {
        repeats = if at == now { repeats + 1 } else { 0 };
        if repeats > 10_000 {
            return Err(Error::Remote(format!("the jobs due at {at} do not come to an end")));
        }
        now = at;
        report.ticks += 1;
        session.transaction("set_test_clock", |tx| tenants::set_clock(tx, tenant_id, now))?;
        for job in jobs {
            perform(session, world, (tenant_id, job, now), report)?;
        }
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

/// The next instant at which a job finds work, and which jobs do. Work due between two ticks is found at the later one,
/// or at the end of the advance.
fn next_tick(
    session: &mut Session,
    timetable: &Timetable,
    tenant_id: TenantId,
    span: (DateTime<Utc>, DateTime<Utc>),
) -> Result<Option<Tick>, Error> {
    let (now, to) = span;
    let due = session.transaction("find_due_work", |tx| {
        let every_instant = None;
        Ok::<_, Error>([
            // Before the bills: what is canceled or paused when its trial ends is not billed.
            (Job::Steps, step_subscriptions::next_due(tx, tenant_id)?, Some(&timetable.billing)),
            (Job::Billing, bill_run::next_due(tx, tenant_id)?, Some(&timetable.billing)),
            // A draft is issued at the very instant it says.
            (Job::Finalization, finalize_drafts::next_due(tx, tenant_id)?, every_instant),
            // Before the cards: they are charged for what the balances left.
            (Job::Balances, apply_balances::next_due(tx, tenant_id)?, every_instant),
            (
                Job::Resolution,
                resolve_payments::next_due(tx, tenant_id)?,
                Some(&timetable.payment_resolution),
            ),
            (Job::Collection, collect_invoices::next_due(tx, tenant_id)?, Some(&timetable.collection)),
            (Job::CreditExpiry, expire_credits::next_due(tx, tenant_id)?, Some(&timetable.credit_expiry)),
            (Job::Refunds, make_refunds::next_due(tx, tenant_id)?, Some(&timetable.refunds)),
        ])
    })?;
    let ticks: Vec<(Job, DateTime<Utc>)> = due
        .into_iter()
        .filter_map(|(job, due, schedule)| {
            let due = due.filter(|d| *d <= to)?;
            let at = due.max(now);
            Some((job, schedule.map_or(at, |schedule| tick(schedule, at)).min(to)))
        })
        .collect();
    let Some(at) = ticks.iter().map(|t| t.1).min() else { return Ok(None) };
    Ok(Some((at, ticks.into_iter().filter(|t| t.1 == at).map(|t| t.0).collect())))
}

/// The first tick at or after an instant.
fn tick(schedule: &Schedule, at: DateTime<Utc>) -> DateTime<Utc> {
    let before = at - TimeDelta::nanoseconds(1);
    schedule.after(&before).next().unwrap_or(at).max(at)
}

fn perform(
    session: &mut Session,
    world: &World<'_>,
    what: (TenantId, Job, DateTime<Utc>),
    report: &mut Advance,
) -> Result<(), Error> {
    let (tenant_id, job, now) = what;
    match job {
        Job::Steps => {
            step_subscriptions::run(session, tenant_id, now)?;
        }
        Job::Billing => {
            let request = Request { trigger: Trigger::Clock, as_of: None, finalize: None };
            let run = bill_run::run(session, tenant_id, request)?;
            report.bill_runs += 1;
            report.invoices += u64::try_from(run.progress.invoices).unwrap_or(0);
            report.parked += u64::try_from(run.progress.parked).unwrap_or(0);
        }
        Job::Finalization => {
            let done = finalize_drafts::run(session, tenant_id)?;
            report.drafts_finalized += done.finalized;
        }
        Job::Balances => apply_balances::run(session, tenant_id, now)?,
        Job::Resolution => {
            let resolved = resolve_payments::run(session, world.gateways, tenant_id, now)?;
            report.payments_succeeded += resolved.succeeded;
            report.payments_failed += resolved.failed;
        }
        Job::Refunds => make_refunds::run(session, world.gateways, tenant_id, now)?,
        Job::CreditExpiry => {
            expire_credits::run(session, tenant_id, now)?;
        }
        Job::Collection => {
            let collected = collect_invoices::run(session, world.gateways, tenant_id, now)?;
            report.payments_attempted += collected.attempted;
            report.payments_succeeded += collected.succeeded;
            report.payments_failed += collected.failed;
        }
    }
    Ok(())
}

/// Where a tenant's clock stands; `None` for a live tenant.
pub fn clock_of(session: &mut Session, tenant_id: TenantId) -> Result<Option<DateTime<Utc>>, StorageError> {
    session.read(|tx| Ok(tenants::find(tx, tenant_id)?.test_clock))
}
