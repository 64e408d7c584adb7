//! How does a command get at the database, whether or not a server runs?
//!
//! `DATABASE_URL` wins. Else, when a live process holds the data directory, its running cluster is used; else
//! the cluster is started for as long as the command takes. So `billwright verify-books` works beside
//! `billwright serve` and without it.

use std::fs;
use std::mem;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::embedded::{self, Embedded};
use super::error::StartError;
use super::init::NAME;
use super::layout::{self, Layout, Postmaster};
use super::leftovers;
use super::locate;
use super::lock::{self, Attempt, UserMark};
use super::os_user::OsUser;
use super::tuning::Tuning;
use crate::platform::clock::Stopwatch;

/// How long a command waits for a server that is just starting.
const PATIENCE: Duration = Duration::from_secs(60);

/// A database within reach, for as long as this value lives.
#[derive(Debug)]
pub struct Access {
    url: String,
    means: Means,
}

#[derive(Debug)]
enum Means {
    /// Somebody else's, named by `DATABASE_URL`.
    External,
    /// The cluster of another process that holds the data directory.
    Borrowed { _mark: UserMark },
    /// Ours, refused to others: a server.
    Served(Box<Embedded>),
    /// Ours, lent to others: a command, which waits for its borrowers.
    Lent(Box<Embedded>),
}

impl Access {
    /// For a command: uses what is there, starts what is not.
    pub fn open(data_dir: &Path, database_url: Option<&str>) -> Result<Access, StartError> {
        Access::open_tuned(data_dir, database_url, &Tuning::for_this_machine())
    }

    /// The same for a command that has no use for an empty database.
    ///
    /// # Errors
    /// [`StartError::NoDatabase`] where there is none yet.
    pub fn open_existing(data_dir: &Path) -> Result<Access, StartError> {
        cluster_in(data_dir)?;
        Access::open(data_dir, None)
    }

    /// One of PostgreSQL's own programs, of the version that runs the database of this directory.
    ///
    /// # Errors
    /// There is no database, or that version is not installed.
    pub fn program(data_dir: &Path, name: &str) -> Result<PathBuf, StartError> {
        Ok(locate::find(&cluster_in(data_dir)?)?.program(name))
    }

    /// For a command, with other settings if it is the one that starts the cluster.
    pub fn open_tuned(
        data_dir: &Path,
        database_url: Option<&str>,
        tuning: &Tuning,
    ) -> Result<Access, StartError> {
        if let Some(url) = database_url {
            return Ok(Access { url: url.to_owned(), means: Means::External });
        }
        let data_dir = layout::open_data_dir(data_dir)?;
        let waiting = Stopwatch::start();
        loop {
            let holder = match lock::try_take(&data_dir)? {
                Attempt::Taken(lock) => {
                    let embedded = Embedded::start_locked(data_dir, lock, tuning)?;
                    return Ok(Access {
                        url: embedded.url().to_owned(),
                        means: Means::Lent(Box::new(embedded)),
                    });
                }
                Attempt::Held { pid } => pid,
            };
            if let Some(access) = Access::borrow(&data_dir)? {
                return Ok(access);
            }
            if waiting.elapsed() > PATIENCE {
                return Err(StartError::InUse { data_dir, pid: holder });
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// For a server: the database of its data directory is refused to a second server.
    pub fn serve(data_dir: &Path, database_url: Option<&str>) -> Result<Access, StartError> {
        if let Some(url) = database_url {
            return Ok(Access { url: url.to_owned(), means: Means::External });
        }
        let embedded = Embedded::start(data_dir)?;
        Ok(Access { url: embedded.url().to_owned(), means: Means::Served(Box::new(embedded)) })
    }

    /// The running cluster of the process that holds the directory; `None` when there is none that is ready.
    pub fn borrow(data_dir: &Path) -> Result<Option<Access>, StartError> {
        let data_dir = layout::open_data_dir(data_dir)?;
        let mark = lock::mark_use(&data_dir)?;
        let layout = Layout::of(&data_dir)?;
        // Says whose it is when this user may not look inside.
        OsUser::for_cluster(&layout.home)?;
        let is_up = |found: &Postmaster| found.ready && leftovers::works_on(found.pid, &layout.cluster);
        Ok(layout.postmaster().filter(is_up).map(|postmaster| {
            let url = embedded::url(&postmaster.socket_dir, NAME);
            Access { url, means: Means::Borrowed { _mark: mark } }
        }))
    }

    /// Keeps the cluster running for others until none has used it for `idle`, then ends the access.
    pub fn lend_until_unused(self, idle: Duration) -> Result<(), StartError> {
        let Some(data_dir) = self.embedded().map(|embedded| embedded.data_dir().to_owned()) else {
            return Ok(());
        };
        let mut unused = Stopwatch::start();
        while unused.elapsed() < idle {
            thread::sleep(Duration::from_millis(100));
            if lock::is_used(&data_dir)? {
                unused = Stopwatch::start();
            }
        }
        Ok(())
    }

    /// The connection string.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The embedded database, when it is this process that runs it.
    pub fn embedded(&self) -> Option<&Embedded> {
        match &self.means {
            Means::Served(embedded) | Means::Lent(embedded) => Some(embedded),
            Means::External | Means::Borrowed { .. } => None,
        }
    }

    /// Ends the access. A command that runs the cluster waits for other commands that use it, then stops it.
    pub fn close(self) {
        drop(self);
    }
}

fn cluster_in(data_dir: &Path) -> Result<PathBuf, StartError> {
    let none = || StartError::NoDatabase { data_dir: data_dir.to_owned() };
    let real = fs::canonicalize(data_dir).map_err(|_| none())?;
    let layout = Layout::of(&real)?;
    // Says whose it is when this user may not look inside.
    OsUser::for_cluster(&layout.home)?;
    locate::made_by(&layout.cluster).map(|_| layout.cluster).ok_or_else(none)
}

impl Drop for Access {
    fn drop(&mut self) {
        if let Means::Lent(embedded) = mem::replace(&mut self.means, Means::External) {
            // Held until the cluster has stopped, so that a command that comes now waits and starts it again,
            // instead of borrowing what is about to end.
            let _no_users = lock::await_users(embedded.data_dir()).inspect_err(
                |error| tracing::warn!(%error, "could not wait for other users of the database"),
            );
            embedded.stop();
        }
    }
}
