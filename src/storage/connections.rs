//! How is a connection opened, and which lie ready for work that rests between its transactions? A payment waits a second for its gateway and needs none
//! meanwhile: 100 payments a second, each in two transactions of 3 ms, share a handful.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use super::StorageError;

/// How long work waits for a connection before its caller is told that the server is busy.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connections that are lent, so many at most.
pub(in crate::storage) struct Spare {
    url: Arc<str>,
    at_most: usize,
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<PgConnection>,
    lent: usize,
}

impl Spare {
    pub(in crate::storage) fn new(url: Arc<str>, at_most: usize) -> Arc<Spare> {
        Arc::new(Spare { url, at_most: at_most.max(1), state: Mutex::default(), returned: Condvar::new() })
    }

    /// Where they lead to.
    pub(in crate::storage) fn url(&self) -> &Arc<str> {
        &self.url
    }

    /// Lends one.
    ///
    /// # Errors
    /// None came back in time; the database cannot be reached.
    pub(in crate::storage) fn lend(&self) -> Result<PgConnection, StorageError> {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.state();
        while state.lent >= self.at_most {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(StorageError::Busy);
            }
            state = self.returned.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.lent += 1;
        let idle = state.idle.pop();
        drop(state);
        match idle {
            Some(conn) => Ok(conn),
            None => connect(&self.url, Limits::Command).inspect_err(|_| self.take_back(None)),
        }
    }

    /// Takes one back; `None`: it is not fit to be lent again.
    pub(in crate::storage) fn take_back(&self, conn: Option<PgConnection>) {
        let mut state = self.state();
        state.lent = state.lent.saturating_sub(1);
        state.idle.extend(conn);
        drop(state);
        self.returned.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long one statement may take, and wait for a lock, before the database ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::storage) enum Limits {
    /// What a caller waits for and others wait behind.
    Read,
    /// The same of what writes.
    Command,
    /// Long work with a connection of its own.
    Long,
}

impl Limits {
    /// As settings of PostgreSQL.
    fn settings(self) -> &'static str {
        match self {
            Limits::Read => "SET lock_timeout = '5s'; SET statement_timeout = '20s'",
            Limits::Command => "SET lock_timeout = '10s'; SET statement_timeout = '60s'",
            Limits::Long => "SET lock_timeout = '60s'",
        }
    }
}

/// Opens one, set as all of ours are.
///
/// # Errors
/// The database cannot be reached.
pub(in crate::storage) fn connect(url: &str, limits: Limits) -> Result<PgConnection, StorageError> {
    let mut conn = PgConnection::establish(url).map_err(|e| StorageError::Broken(e.to_string()))?;
    let common = "SET TIME ZONE 'UTC'; SET idle_in_transaction_session_timeout = '600s'";
    conn.batch_execute(&format!("{common}; {}", limits.settings()))?;
    Ok(conn)
}
