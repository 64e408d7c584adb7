//! How does the server get a database of its own?
//!
//! [`Embedded::start`] takes the data directory (one holder at a time), makes the cluster if it is the first
//! time (about two seconds, later starts take a quarter of one), starts PostgreSQL on a unix socket and
//! watches it.

use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::error::StartError;
use super::init::{self, NAME};
use super::layout::{self, Layout};
use super::locate::{self, Binaries};
use super::lock::{self, Attempt, DirLock};
use super::os_user::OsUser;
use super::postmaster::Recipe;
use super::supervisor::Supervisor;
use super::tuning::Tuning;

/// A running PostgreSQL that belongs to this process. Dropping it stops it.
#[derive(Debug)]
pub struct Embedded {
    // Stopped before the lock is let go of: fields are dropped in this order.
    supervisor: Supervisor,
    socket_dir: PathBuf,
    data_dir: PathBuf,
    binaries: Binaries,
    url: String,
    _lock: DirLock,
}

impl Embedded {
    /// Starts the database of `data_dir`, made first when there is none, tuned for this machine.
    pub fn start(data_dir: &Path) -> Result<Embedded, StartError> {
        Embedded::start_tuned(data_dir, &Tuning::for_this_machine())
    }

    /// Starts the database of `data_dir` with other settings.
    ///
    /// # Errors
    /// [`StartError::InUse`] when another process holds the directory; else what is missing, with the way out.
    pub fn start_tuned(data_dir: &Path, tuning: &Tuning) -> Result<Embedded, StartError> {
        let data_dir = layout::open_data_dir(data_dir)?;
        match lock::try_take(&data_dir)? {
            Attempt::Taken(lock) => Embedded::start_locked(data_dir, lock, tuning),
            Attempt::Held { pid } => Err(StartError::InUse { data_dir, pid }),
        }
    }

    /// Starts the database of a directory that this process holds already.
    pub(super) fn start_locked(
        data_dir: PathBuf,
        lock: DirLock,
        tuning: &Tuning,
    ) -> Result<Embedded, StartError> {
        let layout = Layout::of(&data_dir)?;
        let user = OsUser::for_cluster(&layout.home)?;
        let layout = layout.make_home(&user)?;
        let binaries = locate::find(&layout.cluster)?;
        init::ensure(&layout, &user, &binaries, tuning)?;
        let socket_dir = layout.make_socket_dir(&user)?;
        let recipe = Recipe { layout, user, binaries: binaries.clone(), socket_dir: socket_dir.clone() };
        let supervisor = Supervisor::start(recipe)?;
        let url = url(&socket_dir, NAME);
        Ok(Embedded { supervisor, socket_dir, data_dir, binaries, url, _lock: lock })
    }

    /// The connection string of the database `billwright`, for libpq and everything built on it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The connection string of another database in the same cluster.
    pub fn url_of(&self, database: &str) -> String {
        url(&self.socket_dir, database)
    }

    /// The data directory, with links resolved.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The path of one of PostgreSQL's own programs, say `pgbench`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.binaries.program(name)
    }

    /// The postmaster's process number at this moment.
    pub fn postmaster_pid(&self) -> u32 {
        self.supervisor.pid()
    }

    /// Fast shutdown: cuts off sessions, writes everything, returns when PostgreSQL has ended.
    pub fn stop(mut self) {
        self.supervisor.stop();
    }
}

/// A connection string for a unix socket:
/// `postgresql://billwright@/billwright?host=%2Fdata%2Fpostgres%2Fsocket`.
pub(super) fn url(socket_dir: &Path, database: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    let host = socket_dir.to_string_lossy();
    let (host, database) = (utf8_percent_encode(&host, KEPT), utf8_percent_encode(database, KEPT));
    format!("postgresql://{NAME}@/{database}?host={host}")
}
