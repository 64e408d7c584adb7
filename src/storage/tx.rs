//! What does a storage function hold? A `Tx`: one connection inside one transaction, lent for its length.

use std::sync::Arc;
use std::thread;

use diesel::PgConnection;
use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::prelude::*;

use super::connection::Limits;
use super::spare::Spare;
use super::{StorageError, connection};
use crate::domain::ids::TenantId;

type Manager = <PgConnection as Connection>::TransactionManager;

/// How often a transaction is run again after a deadlock or serialisation failure before its caller is told.
const TRIES: u32 = 8;

const TRY_LOCK: &str = "SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS ok";

/// A connection inside a transaction (or, for single reads, in autocommit).
pub struct Tx<'a> {
    pub(in crate::storage) conn: &'a mut PgConnection,
    /// Whose clock moves on this connection: what is done is counted for it.
    pub(in crate::storage) clock_of: Option<TenantId>,
}

impl Tx<'_> {
    /// Does `work` wholly or not at all: what it wrote before an error is taken back, and the transaction goes on.
    pub fn all_or_nothing<T, E: From<StorageError>>(
        &mut self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        Manager::begin_transaction(self.conn).map_err(StorageError::from)?;
        match work(&mut Tx { conn: self.conn, clock_of: self.clock_of }) {
            Ok(value) => Manager::commit_transaction(self.conn)
                .map(|()| value)
                .map_err(|e| StorageError::from(e).into()),
            Err(error) => match Manager::rollback_transaction(self.conn) {
                Ok(()) => Err(error),
                Err(lost) => Err(StorageError::from(lost).into()),
            },
        }
    }

    /// Does `work` and takes it back, whatever it gives: to know what something would do, by doing it. Locks it took are
    /// let go, numbers it took are free again.
    pub fn taken_back<T, E: From<StorageError>>(
        &mut self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        // Inside a transaction this is a savepoint.
        Manager::begin_transaction(self.conn).map_err(StorageError::from)?;
        let outcome = work(&mut Tx { conn: self.conn, clock_of: self.clock_of });
        match Manager::rollback_transaction(self.conn) {
            Ok(()) => outcome,
            // The outcome tells more than that it could not be taken back: the transaction is lost in either case.
            Err(error) => Err(outcome.err().unwrap_or_else(|| StorageError::from(error).into())),
        }
    }

    /// Does the work; with `dry_run` it is taken back, and only what it gives is left.
    pub fn tried<T, E: From<StorageError>>(
        &mut self,
        dry_run: bool,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        if dry_run { self.taken_back(work) } else { work(self) }
    }
}

/// A connection on which several transactions can be run one after the other. When it breaks, a new one is opened, and what certainly had no
/// effect is done again on it, once: a read, or a transaction whose COMMIT had not been sent.
pub struct Session {
    /// `None`: it rests.
    conn: Option<PgConnection>,
    url: Arc<str>,
    /// Where its connection comes from and goes back to; `None`: it is its own.
    spare: Option<Arc<Spare>>,
    limits: Limits,
    /// Nothing more can be done on the connection.
    broken: bool,
    /// The last try to open another one failed, after waiting: the next is not waited for.
    given_up: bool,
    /// Locks it holds: taken again on a new connection.
    locks: Vec<String>,
    /// Whose clock it moves.
    clock_of: Option<TenantId>,
}

/// How a try of a transaction ended.
enum Ended<T, E> {
    /// Committed, rolled back, or it is not known which.
    Settled(Result<T, E>),
    /// The connection broke before COMMIT was sent: nothing of it happened.
    Lost(StorageError),
}

impl Session {
    /// Opens a connection.
    pub fn open(url: &str) -> Result<Session, StorageError> {
        Session::open_for(Limits::Long, url)
    }

    /// The same for work with these limits.
    pub(in crate::storage) fn open_for(limits: Limits, url: &str) -> Result<Session, StorageError> {
        let mut session = Session::closed(url.into(), None);
        session.limits = limits;
        session.connection()?;
        Ok(session)
    }

    /// One that is lent its connection from its first statement on until it rests.
    pub(in crate::storage) fn lent(spare: &Arc<Spare>) -> Session {
        let mut session = Session::closed(Arc::clone(spare.url()), Some(Arc::clone(spare)));
        session.limits = Limits::Command;
        session
    }

    fn closed(url: Arc<str>, spare: Option<Arc<Spare>>) -> Session {
        Session {
            conn: None,
            url,
            spare,
            limits: Limits::Long,
            broken: false,
            given_up: false,
            locks: Vec::new(),
            clock_of: None,
        }
    }

    /// Does `work` that is counted for a tenant's clock, which is on its way: see
    /// [`clock_advances::count`](super::tenants::clock_advances::count).
    pub fn counted_for<T>(&mut self, clock_of: TenantId, work: impl FnOnce(&mut Session) -> T) -> T {
        self.clock_of = Some(clock_of);
        let outcome = work(self);
        self.clock_of = None;
        outcome
    }

    /// Lets others have its connection until it needs one again, where it was lent one and holds no lock on it: while a remote party is
    /// called.
    pub fn rest(&mut self) {
        if self.locks.is_empty() && self.spare.is_some() {
            self.give_back();
        }
    }

    fn give_back(&mut self) {
        let (Some(spare), Some(mut conn)) = (&self.spare, self.conn.take()) else { return };
        let is_between =
            matches!(Manager::transaction_manager_status_mut(&mut conn).transaction_depth(), Ok(None));
        let is_fit = is_between && !self.broken && self.locks.is_empty() && !thread::panicking();
        spare.take_back(Some(conn).filter(|_| is_fit));
        self.broken = false;
    }

    /// Another connection to the same database.
    pub fn sibling(&self) -> Result<Session, StorageError> {
        Session::open(&self.url)
    }

    /// Runs `work` in one named transaction: committed when it gives `Ok`, rolled back otherwise, run again after a
    /// deadlock, a serialisation failure, or once when the connection broke. `work` must not touch anything but the `Tx`.
    pub fn transaction<T, E>(
        &mut self,
        name: &'static str,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<StorageError> + AsStorageError,
    {
        let mut was_lost = false;
        for attempt in 1.. {
            match self.once(&mut work) {
                Ended::Lost(error) if !was_lost => {
                    was_lost = true;
                    tracing::warn!(transaction = name, %error, "run again: its connection broke before COMMIT");
                    self.reopen()?;
                }
                Ended::Lost(error) => return Err(error.into()),
                Ended::Settled(Err(e))
                    if attempt < TRIES && e.as_storage_error().is_some_and(StorageError::is_retryable) =>
                {
                    tracing::warn!(
                        transaction = name,
                        attempt,
                        "run again after a deadlock or serialisation failure"
                    );
                }
                Ended::Settled(outcome) => return outcome,
            }
        }
        Err(StorageError::Busy.into())
    }

    fn once<T, E>(&mut self, work: &mut impl FnMut(&mut Tx<'_>) -> Result<T, E>) -> Ended<T, E>
    where
        E: From<StorageError> + AsStorageError,
    {
        let clock_of = self.clock_of;
        let conn = match self.begin() {
            Ok(conn) => conn,
            Err(error) => return Ended::Settled(Err(error.into())),
        };
        match work(&mut Tx { conn: &mut *conn, clock_of }) {
            Ok(value) => match Manager::commit_transaction(conn) {
                Ok(()) => Ended::Settled(Ok(value)),
                Err(error) => {
                    let error = StorageError::from(error);
                    let lost = self.has_lost(&error);
                    Ended::Settled(Err(if lost { error.of_commit() } else { error }.into()))
                }
            },
            Err(error) => {
                let cause = error.as_storage_error();
                let is_lost = Manager::rollback_transaction(conn).is_err();
                self.broken |= is_lost || cause.is_some_and(StorageError::is_broken);
                if self.broken {
                    Ended::Lost(StorageError::broken(cause))
                } else {
                    Ended::Settled(Err(error))
                }
            }
        }
    }

    /// Begins, on a new connection when the old one turns out to be gone: nothing has been done yet, so nothing is lost.
    fn begin(&mut self) -> Result<&mut PgConnection, StorageError> {
        let begun = !self.broken && Manager::begin_transaction(self.connection()?).is_ok();
        if !begun {
            self.reopen()?;
            Manager::begin_transaction(self.connection()?)?;
        }
        self.connection()
    }

    /// Whether the connection is gone after this error, outside of a transaction. The error alone does not always say so: libpq may tell of a
    /// connection that was closed beneath it as of any other trouble. So it is tried.
    fn has_lost(&mut self, error: &StorageError) -> bool {
        let lost = error.is_broken()
            || (error.is_fault()
                && self.connection().and_then(|conn| Ok(conn.batch_execute("SELECT 1")?)).is_err());
        self.broken |= lost;
        lost
    }

    /// Leaves the connection, and whatever transaction is open on it, for a new one. Waits for a PostgreSQL that is just starting, unless it
    /// waited in vain before.
    ///
    /// # Errors
    /// The database cannot be reached, or another session has taken a lock that this one held.
    pub fn reopen(&mut self) -> Result<(), StorageError> {
        self.broken = true;
        // What was lent stays lent: another takes its place.
        self.connection()?;
        let opened = match self.given_up {
            true => connection::open(&self.url, self.limits),
            false => connection::await_open(&self.url, self.limits),
        };
        self.given_up = opened.is_err();
        self.conn = Some(opened?);
        for name in self.locks.clone() {
            if !self.advisory(TRY_LOCK, &name)? {
                return Err(StorageError::Broken(format!("the lock {name:?} was lost with its connection")));
            }
        }
        self.broken = false;
        Ok(())
    }

    /// Runs single statements, each a transaction of its own: for reads that need no snapshot across statements. Read again on a new
    /// connection when the old one turns out to be gone.
    pub fn read<T, E>(&mut self, mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StorageError> + AsStorageError,
    {
        if !self.broken {
            match self.singly(&mut work) {
                Err(error) if self.broken => tracing::warn!(
                    error = %StorageError::broken(error.as_storage_error()),
                    "read again: the connection broke"
                ),
                outcome => return outcome,
            }
        }
        self.reopen()?;
        self.singly(work)
    }

    /// Runs single statements, each a transaction of its own, without trying again: for what writes.
    pub fn singly<T, E>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StorageError> + AsStorageError,
    {
        let clock_of = self.clock_of;
        match work(&mut Tx { conn: self.connection()?, clock_of }) {
            Err(error) if error.as_storage_error().is_some_and(|error| self.has_lost(error)) => {
                Err(StorageError::broken(error.as_storage_error()).into())
            }
            outcome => outcome,
        }
    }

    /// Reads in one snapshot, whatever is written meanwhile, and without trying again: part of what was read may have been passed on. One statement
    /// takes a minute at most.
    pub fn snapshot<T, E>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StorageError> + AsStorageError,
    {
        self.singly(|tx| {
            tx.taken_back(|tx| {
                let begun = tx.conn.batch_execute(
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL statement_timeout = '60s'",
                );
                begun.map_err(StorageError::from)?;
                work(tx)
            })
        })
    }

    /// Takes a lock that this session holds until it lets go or ends; `false` when another session has it.
    pub fn try_lock(&mut self, name: &str) -> Result<bool, StorageError> {
        let taken = self.advisory(TRY_LOCK, name)?;
        if taken {
            self.locks.push(name.to_owned());
        }
        Ok(taken)
    }

    /// Lets go of a lock taken with [`Session::try_lock`].
    pub fn unlock(&mut self, name: &str) -> Result<bool, StorageError> {
        self.locks.retain(|held| held != name);
        self.advisory("SELECT pg_advisory_unlock(hashtextextended($1, 0)) AS ok", name)
    }

    fn advisory(&mut self, sql: &str, name: &str) -> Result<bool, StorageError> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Bool)]
            ok: bool,
        }
        let row: Row =
            diesel::sql_query(sql).bind::<diesel::sql_types::Text, _>(name).get_result(self.connection()?)?;
        Ok(row.ok)
    }

    /// Whether the connection is known to be gone.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// The raw connection, for migrations and for code inside this ring.
    ///
    /// # Errors
    /// It rested, and none can be lent.
    pub(in crate::storage) fn connection(&mut self) -> Result<&mut PgConnection, StorageError> {
        let lent = match (self.conn.take(), &self.spare) {
            (Some(conn), _) => conn,
            (None, Some(spare)) => spare.lend()?,
            (None, None) => connection::open(&self.url, self.limits)?,
        };
        Ok(self.conn.insert(lent))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// Lets the retry look into an error type that wraps storage errors.
pub trait AsStorageError {
    /// The storage error inside, if that is what it is.
    fn as_storage_error(&self) -> Option<&StorageError>;
}

impl AsStorageError for StorageError {
    fn as_storage_error(&self) -> Option<&StorageError> {
        Some(self)
    }
}
