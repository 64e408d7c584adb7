//! Who runs the jobs? One thread a job, with a connection of its own, woken by its schedule.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use cron::Schedule;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::{JOBS, Job};
use crate::adapters::gateway::Gateways;
use crate::platform::clock;
use crate::storage::{Db, Session};

/// The running jobs.
pub struct Runner {
    threads: Vec<JoinHandle<()>>,
    /// Dropped to tell the jobs to end after what they are at.
    stop: Sender<()>,
}

impl Runner {
    /// Starts every job that has a schedule.
    pub fn start(
        db: &Db,
        gateways: &Arc<Gateways>,
        schedules: &BTreeMap<String, Schedule>,
    ) -> std::io::Result<Runner> {
        // Nothing is ever sent: the jobs see the sender being dropped.
        let (sender, stopped) = bounded::<()>(0);
        let mut threads = Vec::new();
        for job in JOBS {
            let Some(schedule) = schedules.get(job.name).cloned() else { continue };
            let (db, gateways, stopped) = (db.clone(), Arc::clone(gateways), stopped.clone());
            let name = format!("job-{}", job.name);
            threads.push(
                thread::Builder::new()
                    .name(name)
                    .spawn(move || live(job, &schedule, &Tools { db, gateways, stopped }))?,
            );
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
    stopped: Receiver<()>,
}

/// One job's life: wait for the next tick, work, wait again.
fn live(job: Job, schedule: &Schedule, tools: &Tools) {
    let mut session: Option<Session> = None;
    loop {
        let now = clock::now();
        let Some(next) = schedule.after(&now).next() else { return };
        let wait = next.signed_duration_since(now).to_std().unwrap_or(Duration::ZERO);
        if tools.stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        session = session.filter(|s| !s.is_broken()).or_else(|| open(job, &tools.db));
        if let Some(open) = &mut session
            && let Err(error) = (job.work)(open, &tools.gateways)
        {
            tracing::error!(job = job.name, %error, "the job failed; it is tried again at its next tick");
        }
    }
}

fn open(job: Job, db: &Db) -> Option<Session> {
    db.session().inspect_err(|error| tracing::error!(job = job.name, %error, "the job has no database; it waits for its next tick")).ok()
}
