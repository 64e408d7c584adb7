//! Who runs the jobs? One thread a job, with a connection of its own, woken by its schedule. Nothing that happens in one tenant, item or
//! chore ends it: an error is logged and counted, and so is a panic.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use cron::Schedule;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError, bounded};

use super::{Does, Job, Kind, Task, TestClocks, now_of};
use crate::adapters::gateway::Gateways;
use crate::domain::ids::TenantId;
use crate::platform::{clock, vitals};
use crate::storage::due::{self, Due};
use crate::storage::tenants::clock_advances;
use crate::storage::{Db, Session, StorageError};
use crate::workflows::Error;
use crate::workflows::advance_clock;
use crate::workflows::billing::bill_run::Trigger;
use crate::workflows::parked_work::Place;

/// The running jobs.
pub struct Runner {
    threads: Vec<JoinHandle<()>>,
    /// Dropped to tell the jobs to end after what they are at.
    stop: Sender<()>,
}

impl Runner {
    /// Starts these jobs, each by its schedule.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub fn start(
        jobs: &'static [Job],
        (db, gateways): (&Db, &Arc<Gateways>),
        schedules: &BTreeMap<String, Schedule>,
    ) -> std::io::Result<Runner> {
        // Nothing is ever sent: the jobs see the sender being dropped.
        let (sender, stopped) = bounded::<()>(0);
        let clocks = TestClocks::new(schedules, gateways).map_err(std::io::Error::other)?;
        let clocks = Arc::new(clocks);
        let mut threads = Vec::new();
        for job in jobs {
            let Some(schedule) = schedules.get(job.name).cloned() else { continue };
            let (db, gateways, stopped) = (db.clone(), Arc::clone(gateways), stopped.clone());
            let tools = Tools { db, gateways, clocks: Arc::clone(&clocks), stopped };
            let name = format!("job-{}", job.name);
            threads.push(thread::Builder::new().name(name).spawn(move || live(job, &schedule, &tools))?);
        }
        Ok(Runner { threads, stop: sender })
    }

    /// Ends the jobs: each finishes the transaction or batch it is at.
    pub fn stop(self) {
        drop(self.stop);
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}

struct Tools {
    db: Db,
    gateways: Arc<Gateways>,
    clocks: Arc<TestClocks>,
    stopped: Receiver<()>,
}

impl Tools {
    fn is_stopped(&self) -> bool {
        self.stopped.try_recv() == Err(TryRecvError::Disconnected)
    }
}

/// One job's life: wait for the next tick, work, wait again.
fn live(job: &Job, schedule: &Schedule, tools: &Tools) {
    let mut session: Option<Session> = None;
    loop {
        let now = clock::now();
        let Some(next) = schedule.after(&now).next() else { return };
        let wait = next.signed_duration_since(now).to_std().unwrap_or(Duration::ZERO);
        if tools.stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        session = session.filter(|s| !s.is_broken()).or_else(|| open(job, &tools.db));
        let Some(open) = &mut session else {
            vitals::failed(job.name);
            continue;
        };
        // The part of the work that panics is known below; what is caught here is a fault of the job itself.
        match catch_unwind(AssertUnwindSafe(|| tick(job, open, tools))) {
            Ok(failures) => {
                for _ in 0..failures {
                    vitals::failed(job.name);
                }
                if failures == 0 {
                    vitals::ended_well(job.name, clock::now());
                }
            }
            Err(panic) => {
                tracing::error!(
                    job = job.name,
                    panic = %StorageError::panicked(panic.as_ref()),
                    "the job panicked; it goes on at its next tick"
                );
                vitals::failed(job.name);
                session = None;
            }
        }
    }
}

fn open(job: &Job, db: &Db) -> Option<Session> {
    db.session().inspect_err(|error| tracing::error!(job = job.name, %error, "the job has no database; it waits for its next tick")).ok()
}

/// Everything that is due at a tick; gives how many tenants or chores it went wrong with.
fn tick(job: &Job, session: &mut Session, tools: &Tools) -> u64 {
    match job.does {
        Does::WorkOfTenants { kinds, with_clocks } => {
            let wanted: Vec<Due> = kinds.iter().map(|kind| kind.due).collect();
            let tenants = session.read(|tx| due::tenants(tx, &wanted, (clock::now(), with_clocks)));
            let tenants = match tenants {
                Ok(tenants) => tenants,
                Err(error) => {
                    tracing::error!(job = job.name, %error, "the job cannot see what is due; it looks again at its next tick");
                    return 1;
                }
            };
            let mut failures = 0;
            for tenant_id in tenants {
                if tools.is_stopped() {
                    break;
                }
                failures += u64::from(!of_tenant((job, kinds), session, tools, tenant_id));
            }
            failures
        }
        Does::TestClocks => move_clocks(job, session, tools),
        Does::Chores(chores) => {
            let mut failures = 0;
            for chore in chores {
                let run = || (chore.run)(session);
                failures += u64::from(!report((job, None), catch_unwind(AssertUnwindSafe(run)), session));
            }
            failures
        }
    }
}

/// Moves every clock that is on its way and that nobody moves; gives with how many it went wrong.
fn move_clocks(job: &Job, session: &mut Session, tools: &Tools) -> u64 {
    let tenants = match session.read(clock_advances::under_way) {
        Ok(tenants) => tenants,
        Err(error) => {
            tracing::error!(job = job.name, %error, "the job cannot see which clocks move; it looks again at its next tick");
            return 1;
        }
    };
    let mut failures = 0;
    for tenant_id in tenants {
        if tools.is_stopped() {
            break;
        }
        let go_on = || advance_clock::go_on(session, tools.clocks.as_ref(), tenant_id);
        failures +=
            u64::from(!report((job, Some(tenant_id)), catch_unwind(AssertUnwindSafe(go_on)), session));
    }
    failures
}

/// One tenant's work. Its trouble does not keep the job from the others.
fn of_tenant(
    (job, kinds): (&Job, &'static [Kind]),
    session: &mut Session,
    tools: &Tools,
    tenant_id: TenantId,
) -> bool {
    let work = || {
        let now = now_of(session, tenant_id)?;
        for kind in kinds {
            let (gateways, place) = (&tools.gateways, Place { tenant_id, now });
            kind.perform(Task { session, gateways, place, trigger: Trigger::Schedule })?;
        }
        Ok(())
    };
    report((job, Some(tenant_id)), catch_unwind(AssertUnwindSafe(work)), session)
}

/// Reports what went wrong; gives whether nothing did. After a panic the connection is left with whatever was open on it.
fn report(
    (job, tenant_id): (&Job, Option<TenantId>),
    outcome: thread::Result<Result<(), Error>>,
    session: &mut Session,
) -> bool {
    let tenant = tenant_id.map(tracing::field::display);
    match outcome {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => {
            tracing::error!(job = job.name, tenant, %error, "the job failed; it is tried again at its next tick");
        }
        Err(panic) => {
            tracing::error!(
                job = job.name,
                tenant,
                panic = %StorageError::panicked(panic.as_ref()),
                "the job panicked; it goes on with what is left"
            );
            if let Err(error) = session.reopen() {
                tracing::error!(job = job.name, %error, "the database cannot be reached");
            }
        }
    }
    false
}
