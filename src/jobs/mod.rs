//! When is which work looked for? The table of every job: its name, its schedule, what it claims and the workflow it runs.
//!
//! Work is found by state, so a job may run twice, late, or in two processes at once: the books come out the same.
//! A test tenant's billing and collection happen when its clock is advanced, not here.

mod runner;

pub use runner::Runner;

use cron::Schedule;

use crate::adapters::gateway::Gateways;
use crate::domain::ids::TenantId;
use crate::storage::{Session, tenants};
use crate::workflows::advance_clock::Timetable;
use crate::workflows::billing::bill_run::{self, Request, Trigger};
use crate::workflows::budgets::check_budgets;
use crate::workflows::credits::{apply_balances, expire_credits};
use crate::workflows::invoicing::finalize_drafts;
use crate::workflows::payments::{attempts, collect_invoices, make_refunds, resolve_payments};
use crate::workflows::subscriptions::{migrate_plan, step_subscriptions};
use crate::workflows::usage::keep_usage_months;
use crate::workflows::{Error, Scope, purge_idempotency_keys, relay_events};

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// As the configuration names it.
    pub name: &'static str,
    /// When it looks, unless configured otherwise.
    pub cron: &'static str,
    /// What it takes on, by which state.
    pub claims: &'static str,
    /// What it does.
    pub work: fn(&mut Session, &Gateways) -> Result<(), Error>,
}

/// Every job there is.
pub const JOBS: [Job; 11] = [
    Job {
        name: "billing",
        cron: Timetable::BILLING,
        claims: "ranges of customers with a billing cursor whose next_bill_at has come; runs a dead process left; subscriptions whose step_at has come",
        work: |session, _| for_live_tenants(session, bill),
    },
    Job {
        name: "finalization",
        cron: "*/10 * * * * *",
        claims: "draft invoices whose finalizes_at has come",
        work: |session, _| {
            for_live_tenants(session, |session, tenant_id| {
                finalize_drafts::run(session, tenant_id).map(|_| ())
            })
        },
    },
    Job {
        name: "balances",
        cron: "*/10 * * * * *",
        claims: "customers with a balance and an open invoice in its currency, of tenants whose balances pay by themselves",
        work: |session, _| {
            for_live_tenants(session, |session, tenant_id| {
                let now = now_of(session, tenant_id)?;
                apply_balances::run(session, tenant_id, now)
            })
        },
    },
    Job {
        name: "collection",
        cron: Timetable::COLLECTION,
        claims: "open invoices whose next_attempt_at has come",
        work: |session, gateways| {
            for_live_tenants(session, |session, tenant_id| {
                let now = now_of(session, tenant_id)?;
                collect_invoices::run(session, gateways, tenant_id, now).map(|_| ())
            })
        },
    },
    Job {
        name: "payment_resolution",
        cron: Timetable::PAYMENT_RESOLUTION,
        claims: "processing payments whose next_check_at has come",
        work: |session, gateways| {
            for_live_tenants(session, |session, tenant_id| {
                let now = now_of(session, tenant_id)?;
                resolve_payments::run(session, gateways, tenant_id, now).map(|_| ())
            })
        },
    },
    Job {
        name: "credit_expiry",
        cron: Timetable::CREDIT_EXPIRY,
        claims: "active credit grants whose expires_at has come",
        work: |session, _| {
            for_live_tenants(session, |session, tenant_id| {
                let now = now_of(session, tenant_id)?;
                expire_credits::run(session, tenant_id, now).map(|_| ())
            })
        },
    },
    Job {
        name: "refunds",
        cron: Timetable::REFUNDS,
        claims: "pending refunds whose next_attempt_at has come",
        work: |session, gateways| {
            for_live_tenants(session, |session, tenant_id| {
                let now = now_of(session, tenant_id)?;
                make_refunds::run(session, gateways, tenant_id, now)
            })
        },
    },
    Job {
        name: "event_relay",
        cron: "* * * * * *",
        claims: "committed rows of the outbox, of every tenant",
        work: |session, _| relay_events::run(session, None).map(|_| ()),
    },
    Job {
        name: "usage_months",
        cron: "0 10 * * * *",
        claims: "months ahead without a partition; months of events older than every retention, billed in full",
        work: |session, _| keep_usage_months::run(session).map(|_| ()),
    },
    Job {
        name: "budgets",
        cron: "*/5 * * * * *",
        claims: "budgets whose next_check_at has come, of every tenant: usage came in",
        work: |session, _| {
            for tenant_id in check_budgets::tenants_due(session)? {
                if let Err(error) = check_budgets::run(session, tenant_id) {
                    tracing::error!(tenant = %tenant_id, %error, "budgets could not be looked at; they are at the next tick");
                }
            }
            Ok(())
        },
    },
    Job {
        name: "housekeeping",
        cron: "0 30 3 * * *",
        claims: "idempotency keys older than 7 days; claims to call gateways that dead processes left a day ago",
        work: |session, _| {
            purge_idempotency_keys::run(session)?;
            attempts::purge_claims(session).map(|_| ())
        },
    },
];

/// Names and default schedules, as the configuration checks them.
pub fn defaults() -> Vec<(&'static str, &'static str)> {
    JOBS.iter().map(|job| (job.name, job.cron)).collect()
}

/// The part of the schedules that a test clock follows.
pub fn timetable(schedules: &std::collections::BTreeMap<String, Schedule>) -> Option<Timetable> {
    let of = |name: &str| schedules.get(name).cloned();
    Some(Timetable {
        billing: of("billing")?,
        collection: of("collection")?,
        payment_resolution: of("payment_resolution")?,
        credit_expiry: of("credit_expiry")?,
        refunds: of("refunds")?,
    })
}

fn now_of(session: &mut Session, tenant_id: TenantId) -> Result<chrono::DateTime<chrono::Utc>, Error> {
    Ok(session.read(|tx| Scope::load(tx, tenant_id))?.now)
}

/// Finishes what a dead process left, then bills what has fallen due.
fn bill(session: &mut Session, tenant_id: TenantId) -> Result<(), Error> {
    bill_run::resume(session, tenant_id)?;
    // Before the bills: what is canceled or paused when its trial ends is not billed.
    let now = now_of(session, tenant_id)?;
    step_subscriptions::run(session, tenant_id, now)?;
    migrate_plan::resume(session, tenant_id)?;
    let due = session.read(|tx| {
        let now = Scope::load(tx, tenant_id)?.now;
        Ok::<bool, Error>(bill_run::next_due(tx, tenant_id)?.is_some_and(|due| due <= now))
    })?;
    if due {
        bill_run::run(
            session,
            tenant_id,
            Request { trigger: Trigger::Schedule, as_of: None, finalize: None },
        )?;
    }
    Ok(())
}

/// One tenant's trouble does not keep the job from the others.
fn for_live_tenants(
    session: &mut Session,
    work: impl Fn(&mut Session, TenantId) -> Result<(), Error>,
) -> Result<(), Error> {
    let live = session.read(tenants::all)?.into_iter().filter(|t| t.test_clock.is_none());
    for tenant in live {
        if let Err(error) = work(session, tenant.id) {
            tracing::error!(tenant = %tenant.id, %error, "a job failed for this tenant; it is tried again at the next tick");
        }
        if session.is_broken() {
            break;
        }
    }
    Ok(())
}
