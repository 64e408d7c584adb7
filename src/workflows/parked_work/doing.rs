//! How is due work done so that a bad item stops nothing else? Alone or in batches; whatever fails or panics is parked, and tried again.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::entries::{Parking, Place, park, unpark};
use crate::domain::ids::{BillRunId, CustomerId, ParkedWorkId, TenantId};
use crate::domain::work::{ParkedWork, Tally, Trouble, Work};
use crate::storage::customers::Locked;
use crate::storage::due::Due;
use crate::storage::tenants::clock_advances;
use crate::storage::{Session, StorageError, parked_work};
use crate::workflows::{Error, Scope};

/// Items looked for at once.
const BATCH: i64 = 500;
/// Due items that are cut into batches at once: their ids only, so it bounds the memory.
const PLAN: i64 = 20_000;

/// The table of jobs, as a caller needs it who has one item tried again.
pub trait Jobs: Send + Sync {
    /// Does one item of a kind of work, which may be due no more.
    ///
    /// # Errors
    /// What keeps it from being done.
    fn retry(&self, session: &mut Session, place: Place, item: (Work, Uuid)) -> Result<(), Error>;
}

/// How many items were done, and how many postponed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attempted {
    pub done: u64,
    pub parked: u64,
}

/// Does each item that is due, in its own right; those that fail are parked.
///
/// # Errors
/// The database cannot be reached.
pub fn each_due(
    session: &mut Session,
    (due, place): (&Due, Place),
    mut one: impl FnMut(&mut Session, Uuid) -> Result<(), Error>,
) -> Result<Attempted, Error> {
    let mut attempted = Attempted::default();
    let mut seen: HashSet<Uuid> = HashSet::new();
    loop {
        let items = session.read(|tx| due.items(tx, place.tenant_id, (place.now, BATCH)))?;
        // What is due again at once is left for the next time: nothing is worked on for ever.
        let items: Vec<Uuid> = items.into_iter().filter(|item| seen.insert(*item)).collect();
        if items.is_empty() {
            return Ok(attempted);
        }
        attempted += each(session, (due.work, place), items, &mut one)?;
    }
}

/// Does each of these items, in its own right; those that fail are parked.
///
/// # Errors
/// The database cannot be reached.
pub fn each(
    session: &mut Session,
    (work, place): (Work, Place),
    items: impl IntoIterator<Item = Uuid>,
    one: impl FnMut(&mut Session, Uuid) -> Result<(), Error>,
) -> Result<Attempted, Error> {
    each_of(session, work, place, Again::default(), items, one)
}

/// Whether items are tried again, and for which run.
#[derive(Debug, Clone, Copy, Default)]
struct Again {
    run_id: Option<BillRunId>,
    is_again: bool,
}

fn each_of(
    session: &mut Session,
    work: Work,
    place: Place,
    again: Again,
    items: impl IntoIterator<Item = Uuid>,
    mut one: impl FnMut(&mut Session, Uuid) -> Result<(), Error>,
) -> Result<Attempted, Error> {
    let mut attempted = Attempted::default();
    for item_id in items {
        match attempt(session, item_id, &mut one)? {
            Ok(()) => attempted.done += 1,
            Err(trouble) => {
                let Again { run_id, is_again } = again;
                let parking = Parking { work, item_id, run_id, trouble, is_again };
                session.transaction("park_work", |tx| {
                    let scope = place.scope(tx)?;
                    park(tx, &scope, &parking)?;
                    // A run counts its own.
                    let parked = u64::from(run_id.is_none());
                    Ok::<_, Error>(clock_advances::count(tx, Tally { parked, ..Tally::default() })?)
                })?;
                attempted.parked += 1;
            }
        }
    }
    Ok(attempted)
}

/// Does what is due in batches of at most `size`. When a batch fails as a whole, each of its items is done alone, and only the one at fault
/// is parked.
///
/// # Errors
/// The database cannot be reached.
pub fn batches_due(
    session: &mut Session,
    due: &Due,
    place: Place,
    size: i64,
    mut batch: impl FnMut(&mut Session, &[Uuid]) -> Result<(), Error>,
) -> Result<Attempted, Error> {
    let mut attempted = Attempted::default();
    let mut seen: HashSet<Uuid> = HashSet::new();
    loop {
        let items = session.read(|tx| due.items(tx, place.tenant_id, (place.now, size)))?;
        let items: Vec<Uuid> = items.into_iter().filter(|item| seen.insert(*item)).collect();
        if items.is_empty() {
            return Ok(attempted);
        }
        attempted += match guarded(session, |session| batch(session, &items)) {
            Ok(()) => Attempted { done: items.len() as u64, parked: 0 },
            Err(error) if error.is_broken() => return Err(error),
            Err(error) => {
                one_by_one(due.work, &error);
                let one = |session: &mut Session, item| batch(session, &[item]);
                each(session, (due.work, place), items, one)?
            }
        };
    }
}

/// An item and whose it is.
pub type Owned = (CustomerId, Uuid);

/// Does what is due in batches under its customers' locks, and says how many items of one were done. Those that others hold are skipped;
/// what is left in the end is waited for once, so that nothing due is left behind. Batches fail as in [`batches_due`].
///
/// # Errors
/// The database cannot be reached.
pub fn batches_under_locks(
    session: &mut Session,
    due: &Due,
    place: Place,
    size: usize,
    mut batch: impl FnMut(&mut Session, &[Owned], Locked) -> Result<usize, Error>,
) -> Result<Attempted, Error> {
    let mut attempted = Attempted::default();
    let mut locked = Locked::Skip;
    loop {
        let wanted = (place.now, PLAN);
        let items = session.read(|tx| due.items_of_customers(tx, place.tenant_id, wanted))?;
        let (mut claimed, mut failed) = (0, 0);
        for items in items.chunks(size) {
            match guarded(session, |session| batch(session, items, locked)) {
                Ok(count) => claimed += count,
                Err(error) if error.is_broken() => return Err(error),
                Err(error) => {
                    one_by_one(due.work, &error);
                    let ids = items.iter().map(|item| item.1);
                    let alone = each(session, (due.work, place), ids, |session, id| {
                        let item: Vec<Owned> = items.iter().filter(|item| item.1 == id).copied().collect();
                        batch(session, &item, Locked::Wait).map(|_| ())
                    })?;
                    attempted += alone;
                    failed += items.len();
                }
            }
        }
        attempted.done += claimed as u64;
        locked = match (claimed + failed, locked) {
            _ if items.is_empty() => return Ok(attempted),
            (0, Locked::Wait) => return Ok(attempted),
            (0, Locked::Skip) => Locked::Wait,
            _ => Locked::Skip,
        };
    }
}

fn one_by_one(work: Work, error: &Error) {
    tracing::warn!(work = work.into_str(), %error, "a batch failed as a whole; its items are done one by one");
}

/// Tries parked items again whose time has come, each alone: unparked when it is done, parked for longer when it is not.
///
/// # Errors
/// The database cannot be reached.
pub fn retry(
    session: &mut Session,
    (work, place): (Work, Place),
    one: impl FnMut(&mut Session, Uuid) -> Result<(), Error>,
) -> Result<Attempted, Error> {
    retry_by(session, work, place, place.now, None, one)
}

/// The same with every item that is to be tried again by then, once, for a billing run that requests it.
///
/// # Errors
/// The database cannot be reached.
pub fn retry_by(
    session: &mut Session,
    work: Work,
    place: Place,
    by: DateTime<Utc>,
    run_id: Option<BillRunId>,
    mut one: impl FnMut(&mut Session, Uuid) -> Result<(), Error>,
) -> Result<Attempted, Error> {
    let mut attempted = Attempted::default();
    let mut seen: HashSet<Uuid> = HashSet::new();
    loop {
        let items = session.read(|tx| parked_work::to_retry(tx, place.tenant_id, work, by, PLAN))?;
        let items: Vec<Uuid> = items.into_iter().filter(|item| seen.insert(*item)).collect();
        if items.is_empty() {
            return Ok(attempted);
        }
        let again = Again { run_id, is_again: true };
        attempted += each_of(session, work, place, again, items, |session, item_id| {
            one(session, item_id)?;
            session.transaction("unpark_work", |tx| {
                let scope = place.scope(tx)?;
                unpark(tx, &scope, (work, item_id))
            })
        })?;
    }
}

/// What became of an item that was tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retried {
    /// It was done, or need not be done any more. This is how it had been parked.
    Done(ParkedWork),
    /// It is postponed again.
    Parked(ParkedWork),
}

/// Tries one item again now, because somebody requests it.
///
/// # Errors
/// Not found; the database cannot be reached.
pub fn retry_one(
    session: &mut Session,
    jobs: &dyn Jobs,
    (tenant_id, id): (TenantId, ParkedWorkId),
) -> Result<Retried, Error> {
    let (place, parked) = session.transaction("find_parked_work", |tx| {
        let parked = parked_work::find(tx, tenant_id, id)?;
        Ok::<_, Error>((Place { tenant_id, now: Scope::load(tx, tenant_id)?.now }, parked))
    })?;
    let item = (parked.work, parked.item_id);
    let again = Again { run_id: None, is_again: true };
    let tried = each_of(session, parked.work, place, again, [parked.item_id], |session, _| {
        jobs.retry(session, place, item)?;
        session.transaction("unpark_work", |tx| {
            let scope = place.scope(tx)?;
            unpark(tx, &scope, item)
        })
    })?;
    if tried.parked == 0 {
        return Ok(Retried::Done(parked));
    }
    Ok(Retried::Parked(session.transaction("find_parked_work", |tx| parked_work::find(tx, tenant_id, id))?))
}

/// One item, whatever it does: an error of its own is its trouble, and so is a panic.
fn attempt(
    session: &mut Session,
    item_id: Uuid,
    one: &mut impl FnMut(&mut Session, Uuid) -> Result<(), Error>,
) -> Result<Result<(), Trouble>, Error> {
    let mut broke_before = false;
    loop {
        let error = match guarded(session, |session| one(session, item_id)) {
            Ok(()) => return Ok(Ok(())),
            Err(error) => error,
        };
        if !error.is_broken() {
            return Ok(Err(error.trouble()));
        }
        // Was it the database that went away, or the item that ends every connection it is done on?
        session.reopen()?;
        if broke_before {
            return Ok(Err(error.trouble()));
        }
        broke_before = true;
    }
}

/// Work whose panic is an error. Its transaction is then lost with its connection.
fn guarded<T>(
    session: &mut Session,
    work: impl FnOnce(&mut Session) -> Result<T, Error>,
) -> Result<T, Error> {
    match catch_unwind(AssertUnwindSafe(|| work(session))) {
        Ok(outcome) => outcome,
        Err(panic) => {
            session.reopen()?;
            Err(StorageError::panicked(panic.as_ref()).into())
        }
    }
}

impl std::ops::AddAssign for Attempted {
    fn add_assign(&mut self, more: Attempted) {
        self.done += more.done;
        self.parked += more.parked;
    }
}
