//! Who runs the jobs? One thread a job, with a connection of its own, woken by its schedule. Nothing that happens in one tenant, item or
//! chore ends it: an error is logged and counted, and so is a panic.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use cron::Schedule;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError, bounded};

use super::beside::{Beside, Moving};
use super::lanes::Lanes;
use super::turn::{Tick, log_failure, of_tenant};
use super::{Does, Job, Kind, Sources, Task, TestClocks, now_of};
use crate::adapters::gateway::Gateways;
use crate::domain::ids::TenantId;
use crate::platform::clock::Stopwatch;
use crate::platform::{clock, threads, vitals};
use crate::storage::due::{self, Due};
use crate::storage::tenants::clock_advances;
use crate::storage::webhooks::{self, Waiting};
use crate::storage::{Db, Session, StorageError};
use crate::workflows::Error;
use crate::workflows::advance_clock::{self, Timetable};
use crate::workflows::billing::bill_run::Trigger;
use crate::workflows::parked_work::{self, Place};

/// The running jobs.
pub struct Runner {
    threads: Vec<JoinHandle<()>>,
    /// Dropped to tell the jobs to end after what they are at.
    stop: Option<Sender<()>>,
    clocks: Arc<TestClocks>,
    moving: Moving,
}

impl Runner {
    /// Starts these jobs, each by its schedule.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub fn start(
        jobs: &'static [Job],
        remotes: (&Db, &Arc<Gateways>),
        schedules: &BTreeMap<String, Schedule>,
    ) -> std::io::Result<Runner> {
        Runner::start_with(jobs, remotes, schedules, Sources::default())
    }

    /// The same, with what is read elsewhere.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub fn start_with(
        jobs: &'static [Job],
        (db, gateways): (&Db, &Arc<Gateways>),
        schedules: &BTreeMap<String, Schedule>,
        sources: Sources,
    ) -> std::io::Result<Runner> {
        let clocks = TestClocks::new(schedules, gateways).map_err(std::io::Error::other)?;
        let clocks = clocks.asking(sources.registers.clone()).sending(sources.courier.clone());
        Runner::start_beside(jobs, db, (&Arc::new(clocks), gateways), schedules, &sources)
    }

    /// The same beside a server that moves clocks by the same table.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub fn start_beside(
        jobs: &'static [Job],
        db: &Db,
        (clocks, gateways): (&Arc<TestClocks>, &Arc<Gateways>),
        schedules: &BTreeMap<String, Schedule>,
        sources: &Sources,
    ) -> std::io::Result<Runner> {
        // Nothing is ever sent: the jobs see the sender being dropped.
        let (sender, stopped) = bounded::<()>(0);
        let (mut started, moving) = (Vec::new(), Moving::default());
        for job in jobs {
            let Some(schedule) = schedules.get(job.name).cloned() else { continue };
            let (db, gateways, stopped) = (db.clone(), Arc::clone(gateways), stopped.clone());
            let (clocks, moving) = (Arc::clone(clocks), Arc::clone(&moving));
            let (sources, lanes) = (sources.clone(), Lanes::default());
            let beside = Beside::new(&moving, &db, &gateways, &sources);
            let tools = Tools { db, gateways, clocks, sources, moving, beside, lanes, stopped };
            let name = format!("job-{}", job.name);
            started.push(threads::lasting(&name, move || live(job, &schedule, &tools))?);
        }
        Ok(Runner { threads: started, stop: Some(sender), clocks: Arc::clone(clocks), moving })
    }

    /// Has the jobs end, and does not wait: each finishes the item or batch it is at.
    pub fn tell_to_stop(&mut self) {
        self.clocks.end();
        self.stop = None;
    }

    /// Has the jobs end and waits until they have.
    pub fn stop(self) {
        self.stop_within(Duration::MAX);
    }

    /// The same for so long at most: what is not at its end then ends with the process, and is found again by the next.
    pub fn stop_within(mut self, grace: Duration) {
        self.tell_to_stop();
        let waited = Stopwatch::start();
        // The job that would begin others has ended when its turn comes.
        let moving = || std::mem::take(&mut *self.moving.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in self.threads.into_iter().chain(std::iter::once_with(moving).flatten()) {
            while !thread.is_finished() && waited.elapsed() < grace {
                thread::sleep(Duration::from_millis(5));
            }
            if thread.is_finished() {
                let _ = thread.join();
            } else {
                let job = thread.thread().name();
                tracing::warn!(
                    job,
                    "the job has not come to its end in time; it goes on after the next start"
                );
            }
        }
    }
}

/// How soon a job looks again when it was the database that failed it, however seldom its schedule has it look.
const AFTER_OUTAGE: Duration = Duration::from_secs(2);

/// Endpoints that are looked at in one tick.
const ENDPOINTS: i64 = 1_000;

struct Tools {
    db: Db,
    gateways: Arc<Gateways>,
    clocks: Arc<TestClocks>,
    sources: Sources,
    moving: Moving,
    beside: Beside,
    lanes: Lanes,
    stopped: Receiver<()>,
}

impl Tools {
    fn is_stopped(&self) -> bool {
        self.stopped.try_recv() == Err(TryRecvError::Disconnected)
    }
}

/// One job's life: wait for the next tick, work, wait again.
fn live(job: &'static Job, schedule: &Schedule, tools: &Tools) {
    let mut session: Option<Session> = None;
    let mut outage = false;
    loop {
        let now = clock::now();
        let Some(next) = schedule.after(&now).next() else { return };
        let wait = next.signed_duration_since(now).to_std().unwrap_or(Duration::ZERO);
        let wait = if outage { wait.min(AFTER_OUTAGE) } else { wait };
        if tools.stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        session = session.filter(|s| !s.is_broken()).or_else(|| open(job, &tools.db));
        let Some(open) = &mut session else {
            vitals::failed(job.name);
            outage = true;
            continue;
        };
        // The part of the work that panics is known below; what is caught here is a fault of the job itself.
        match catch_unwind(AssertUnwindSafe(|| tick(job, open, tools))) {
            Ok(ended) => {
                outage = ended.outage;
                for _ in 0..ended.failures {
                    vitals::failed(job.name);
                }
                if ended.failures == 0 {
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
                (session, outage) = (None, false);
            }
        }
    }
}

fn open(job: &Job, db: &Db) -> Option<Session> {
    db.session().inspect_err(|error| tracing::error!(job = job.name, %error, "the job has no database; it waits for its next tick")).ok()
}

/// Everything that is due at a tick.
fn tick(job: &'static Job, session: &mut Session, tools: &Tools) -> Tick {
    let mut ended = Tick::default();
    match job.does {
        Does::WorkOfTenants { kinds, with_clocks, remote } => {
            let wanted: Vec<Due> = kinds.iter().map(|kind| kind.due).collect();
            let tenants = session.read(|tx| due::tenants(tx, &wanted, (clock::now(), with_clocks)));
            let tenants: Vec<TenantId> = match tenants {
                Ok(tenants) => tenants,
                Err(error) => {
                    tracing::error!(job = job.name, %error, "the job cannot see what is due; it looks again");
                    return Tick { failures: 1, outage: error.is_broken() };
                }
            };
            for tenant_id in tenants {
                // Without a database nothing can be done for the others either.
                if tools.is_stopped() || session.is_broken() {
                    break;
                }
                ended += match remote {
                    true => tools.beside.begin((job, kinds), tenant_id),
                    false => of_tenant((job, kinds), session, (&tools.gateways, &tools.sources), tenant_id),
                };
            }
        }
        Does::PostOffice(kinds) => ended += open_lanes((job, kinds), session, tools),
        Does::TestClocks => ended += move_clocks(job, session, tools),
        Does::Chores(chores) => {
            for chore in chores {
                let run = || (chore.run)(session, &tools.sources);
                ended += log_failure((job, None), catch_unwind(AssertUnwindSafe(run)), session);
            }
        }
    }
    ended
}

/// Has every clock moved that is on its way and that nobody in this process moves: side by side, each by a thread and a connection of its own,
/// as many as there are places. Those that find none are looked at again at the next tick.
fn move_clocks(job: &'static Job, session: &mut Session, tools: &Tools) -> Tick {
    let tenants = match session.read(clock_advances::under_way) {
        Ok(tenants) => tenants,
        Err(error) => {
            tracing::error!(job = job.name, %error, "the job cannot see which clocks move; it looks again");
            return Tick { failures: 1, outage: error.is_broken() };
        }
    };
    let mut moving = tools.moving.lock().unwrap_or_else(PoisonError::into_inner);
    moving.retain(|thread| !thread.is_finished());
    let mut ended = Tick::default();
    for tenant_id in tenants {
        let Some(place) = tools.clocks.places().enter_alone(tenant_id.uuid()) else { continue };
        let (db, clocks) = (tools.db.clone(), Arc::clone(&tools.clocks));
        let run = move || {
            for _ in 0..move_clock(job, &db, (&clocks, tenant_id)).failures {
                vitals::failed(job.name);
            }
            drop(place);
        };
        match thread::Builder::new().name("move_clock".to_owned()).spawn(run) {
            Ok(thread) => moving.push(thread),
            Err(error) => {
                tracing::error!(job = job.name, %error, "a thread cannot be started");
                ended.failures += 1;
            }
        }
    }
    ended
}

/// Has every endpoint served that has something to hear, and that nobody in this process serves: side by side, each by a thread of its own, who
/// waits longest first. Those that find no place are looked at again at the next tick.
fn open_lanes((job, kinds): (&'static Job, &'static [Kind]), session: &mut Session, tools: &Tools) -> Tick {
    let waiting = match session.read(|tx| webhooks::waiting(tx, (clock::now(), ENDPOINTS))) {
        Ok(waiting) => waiting,
        Err(error) => {
            tracing::error!(job = job.name, %error, "the job cannot see who waits for events; it looks again");
            return Tick { failures: 1, outage: error.is_broken() };
        }
    };
    let mut moving = tools.moving.lock().unwrap_or_else(PoisonError::into_inner);
    moving.retain(|thread| !thread.is_finished());
    let mut ended = Tick::default();
    for (waiting, kind) in waiting.into_iter().flat_map(|one| kinds.iter().map(move |kind| (one, kind))) {
        let Some(lane) = tools.lanes.enter(&waiting) else { continue };
        let (db, gateways, sources) = (tools.db.clone(), Arc::clone(&tools.gateways), tools.sources.clone());
        let run = move || {
            let mut session = db.lent_session();
            let work = || serve((kind, waiting), &mut session, (&gateways, &sources));
            let outcome = catch_unwind(AssertUnwindSafe(work));
            for _ in 0..log_failure((job, Some(waiting.tenant_id)), outcome, &mut session).failures {
                vitals::failed(job.name);
            }
            drop(lane);
        };
        match thread::Builder::new().name("webhooks".to_owned()).spawn(run) {
            Ok(thread) => moving.push(thread),
            Err(error) => {
                tracing::error!(job = job.name, %error, "a thread cannot be started");
                ended.failures += 1;
            }
        }
    }
    ended
}

/// Serves one endpoint for its turn; what cannot be read of it is parked, and holds up no other.
fn serve(
    (kind, waiting): (&Kind, Waiting),
    session: &mut Session,
    (gateways, sources): (&Gateways, &Sources),
) -> Result<(), Error> {
    let Waiting { tenant_id, id, is_parked, .. } = waiting;
    let (registers, courier) = (&sources.registers, &sources.courier);
    let place = Place { tenant_id, now: now_of(session, tenant_id)? };
    let one = |session: &mut Session, id| {
        (kind.one)(Task { session, gateways, registers, courier, place, trigger: Trigger::Schedule }, id)
            .map(|_| ())
    };
    let work = (kind.due.work, place);
    match is_parked {
        true => parked_work::retry(session, work, one)?,
        false => parked_work::each(session, work, [id.uuid()], one)?,
    };
    Ok(())
}

fn move_clock(job: &Job, db: &Db, (clocks, tenant_id): (&TestClocks, TenantId)) -> Tick {
    let Some(mut session) = open(job, db) else { return Tick { failures: 1, outage: true } };
    let go_on = || advance_clock::go_on(&mut session, clocks, tenant_id);
    let outcome = catch_unwind(AssertUnwindSafe(go_on));
    log_failure((job, Some(tenant_id)), outcome, &mut session)
}
