//! Who starts PostgreSQL again when it dies?
//!
//! A thread that lives as long as the database is wanted. It must be the one that starts the postmaster: the
//! kernel's promise to end a child with its parent is bound to the parent's *thread*. A postmaster that dies
//! is started again after 0.1 s, then 0.2, 0.4 … up to 10 s; one that lived for a minute starts the count
//! anew. The thread outlives its own panics as well: with it PostgreSQL would die for good.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::error::StartError;
use super::postmaster::{Recipe, Running};
use crate::platform::clock::Stopwatch;
use crate::platform::threads::guarded;

/// The thread's.
const NAME: &str = "postgres";
const LOOK_EVERY: Duration = Duration::from_millis(100);
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
const LONG_LIFE: Duration = Duration::from_secs(60);

/// The thread that keeps a postmaster alive.
#[derive(Debug)]
pub(super) struct Supervisor {
    /// Dropping it is the order to stop.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    pid: Arc<AtomicU32>,
}

impl Supervisor {
    /// Starts the postmaster and returns when it accepts connections.
    pub(super) fn start(recipe: Recipe) -> Result<Supervisor, StartError> {
        let (stop, stopped) = mpsc::channel();
        let (report, first) = mpsc::channel();
        let pid = Arc::new(AtomicU32::new(0));
        let shown = Arc::clone(&pid);
        let run = move || match recipe.start() {
            Ok(running) => {
                shown.store(running.pid(), Ordering::Relaxed);
                let _listener = report.send(Ok(()));
                supervise(&recipe, running, &Watch { stopped, shown });
            }
            Err(error) => {
                let _listener = report.send(Err(error));
            }
        };
        let thread = thread::Builder::new().name(NAME.to_owned()).spawn(run);
        let thread = thread.map_err(StartError::io("starting a thread for", "PostgreSQL".as_ref()))?;
        match first.recv() {
            Ok(Ok(())) => Ok(Supervisor { stop: Some(stop), thread: Some(thread), pid }),
            Ok(Err(error)) => Err(error),
            Err(gone) => {
                Err(StartError::Failed { program: "PostgreSQL".to_owned(), output: gone.to_string() })
            }
        }
    }

    /// The postmaster's process number; changes when it had to be started again.
    pub(super) fn pid(&self) -> u32 {
        self.pid.load(Ordering::Relaxed)
    }

    /// Stops the postmaster and returns when it has ended.
    pub(super) fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that watches PostgreSQL panicked");
        }
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.stop();
    }
}

struct Watch {
    stopped: Receiver<()>,
    shown: Arc<AtomicU32>,
}

impl Watch {
    /// Waits, and tells whether the order to stop came meanwhile.
    fn stop_within(&self, pause: Duration) -> bool {
        !matches!(self.stopped.recv_timeout(pause), Err(RecvTimeoutError::Timeout))
    }
}

fn supervise(recipe: &Recipe, first: Running, watch: &Watch) {
    let mut running = first;
    let mut pause = SHORTEST_PAUSE;
    loop {
        let life = Stopwatch::start();
        // A panic is no end: the same postmaster is watched on.
        let Some(stop) = guarded(NAME, || await_end(&mut running, watch)) else {
            if watch.stop_within(SHORTEST_PAUSE) {
                return running.stop();
            }
            continue;
        };
        if stop {
            return running.stop();
        }
        if life.elapsed() >= LONG_LIFE {
            pause = SHORTEST_PAUSE;
        }
        tracing::error!(pid = running.pid(), "PostgreSQL died: starting it again");
        running = loop {
            if watch.stop_within(pause) {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
            match guarded(NAME, || recipe.start()) {
                // What it may have started is ended by the next attempt.
                None => {}
                Some(Ok(running)) => break running,
                Some(Err(error)) => tracing::error!(%error, "PostgreSQL could not be started again"),
            }
        };
        watch.shown.store(running.pid(), Ordering::Relaxed);
        tracing::info!(pid = running.pid(), "PostgreSQL accepts connections again");
    }
}

/// Returns true when the order to stop came, false when the postmaster ended by itself.
fn await_end(running: &mut Running, watch: &Watch) -> bool {
    let mut looks = 0_u32;
    loop {
        if watch.stop_within(LOOK_EVERY) {
            return true;
        }
        if running.has_ended() {
            return false;
        }
        looks = looks.wrapping_add(1);
        if looks.is_multiple_of(100) {
            running.limit_log();
        }
    }
}
