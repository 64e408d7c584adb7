//! What was earned in the periods that are over? Posts it, invoice by invoice, for two thousand of them in a transaction: expected, less what is
//! recorded. Run again, run twice at once or killed anywhere, it posts the same.
//!
//! 10,000 invoices with a month that is over: five transactions on two connections, then the entity's books say up to which day they are recognised.

use std::sync::{Mutex, PoisonError};
use std::thread;

use chrono::NaiveDate;

use crate::domain::ids::{AccountingPeriodId, CustomerId, EntityId};
use crate::domain::payments::Refused;
use crate::domain::revenue::periods::{self as months, Period, Status};
use crate::storage::customers::locks::{self, Locked};
use crate::storage::revenue::earnings::{self, Earner};
use crate::storage::revenue::{periods, sums};
use crate::storage::{Session, StorageError, Tx, ledger};
use crate::workflows::parked_work::Place;
use crate::workflows::{Error, Scope};

/// Invoices in one transaction, at most.
const BATCH: usize = 2_000;
/// Fewer are shared out, too: who waits for a customer holds up no more than a part.
const PARTS: usize = 4;
/// From so many on a second connection is worth its while.
const MANY: usize = 4_000;

/// What is to be recognised of an entity.
struct Plan {
    /// The last days of the periods that are over and open, in order.
    last_days: Vec<NaiveDate>,
    earners: Vec<Earner>,
    /// When the next period is over, and up to which day revenue is recognised then.
    next: Option<(chrono::DateTime<chrono::Utc>, NaiveDate)>,
}

/// Recognises what is due of an entity.
///
/// # Errors
/// What keeps a customer's from being posted, when that of all others is; storage.
pub fn run(session: &mut Session, place: Place, entity_id: EntityId) -> Result<(), Error> {
    let plan = session.transaction("plan_recognition", |tx| {
        let scope = place.scope(tx)?;
        plan(tx, &scope, (entity_id, None))
    })?;
    post_all(session, place, (entity_id, &plan))?;
    note(session, place, (entity_id, &plan))
}

/// Posts what each of them earned, on two connections where there are many.
fn post_all(session: &mut Session, place: Place, books: (EntityId, &Plan)) -> Result<(), Error> {
    let (_, plan) = books;
    let size = plan.earners.len().div_ceil(PARTS).clamp(1, BATCH);
    let parts = Mutex::new(plan.earners.chunks(size));
    if plan.earners.len() < MANY {
        return post_parts(session, place, (books, &parts));
    }
    let mut beside = session.sibling()?;
    thread::scope(|threads| {
        let other = threads.spawn(|| post_parts(&mut beside, place, (books, &parts)));
        let own = post_parts(session, place, (books, &parts));
        let other = other.join().unwrap_or_else(|_| Err(Error::Fault("a thread panicked".to_owned())));
        own.and(other)
    })
}

/// Parts of the plan, each taken by one of those who work on them.
type Parts<'a> = Mutex<std::slice::Chunks<'a, Earner>>;

/// Takes parts until none is left.
fn post_parts(
    session: &mut Session,
    place: Place,
    (books, parts): ((EntityId, &Plan), &Parts<'_>),
) -> Result<(), Error> {
    let mut trouble = None;
    let next = || parts.lock().unwrap_or_else(PoisonError::into_inner).next();
    while let Some(part) = next() {
        let Err(error) = post_part(session, place, books, part) else { continue };
        if error.is_outage() {
            return Err(error);
        }
        // What one customer's cannot be posted for holds up no other.
        for theirs in part.chunk_by(|one, next| one.customer_id == next.customer_id) {
            if let Err(error) = post_part(session, place, books, theirs) {
                trouble = Some(error);
            }
        }
    }
    trouble.map_or(Ok(()), Err)
}

/// Notes up to which day revenue is recognised, and when the next period is over.
fn note(session: &mut Session, place: Place, (entity_id, plan): (EntityId, &Plan)) -> Result<(), Error> {
    let Some((next, to)) = plan.next else { return Ok(()) };
    session.transaction("note_recognition", |tx| {
        let mut books = periods::lock_books(tx, place.tenant_id, entity_id)?;
        books.recognized_to = books.recognized_to.max(Some(to));
        books.next_recognition_at = Some(next);
        periods::save_books(tx, (place.tenant_id, entity_id), &books)
    })?;
    // What reports add up stays short.
    Ok(session.transaction("merge_sums", |tx| {
        sums::merge(tx, place.tenant_id)?;
        ledger::moved::merge(tx, place.tenant_id)
    })?)
}

/// Recognises what a period earned, and those after it that are over.
///
/// # Errors
/// As [`run`].
pub fn period(session: &mut Session, place: Place, period: &Period) -> Result<(), Error> {
    let wanted = (period.entity_id, Some(period.days.from));
    let plan = session.transaction("plan_recognition", |tx| {
        let scope = place.scope(tx)?;
        plan(tx, &scope, wanted)
    })?;
    post_all(session, place, (period.entity_id, &plan))?;
    note(session, place, (period.entity_id, &plan))
}

/// Opens the months that have begun, and looks who earned something: from a day on, or since revenue was recognised last.
fn plan(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (entity_id, from): (EntityId, Option<NaiveDate>),
) -> Result<Plan, Error> {
    let tenant_id = scope.tenant_id;
    let today = scope.zone.local_date(scope.now);
    let books = periods::lock_books(tx, tenant_id, entity_id)?;
    let all = open_to(tx, scope, (entity_id, today))?;
    let over = all.iter().filter(|period| period.days.to <= today);
    let over: Vec<&Period> = over.filter(|period| period.is_open()).collect();
    // The last that was recognised, too: what was on its way then is there now.
    let since = from.or(books.recognized_to.and_then(|to| to.checked_sub_months(chrono::Months::new(1))));
    let wanted: Vec<&Period> =
        over.into_iter().filter(|period| since.is_none_or(|since| period.days.from >= since)).collect();
    let current = all.iter().find(|period| period.days.to > today);
    let next = match current {
        Some(period) => {
            let at = scope.zone.day_start(period.days.to).map_err(|e| Error::Fault(e.to_string()))?;
            Some((at, period.days.from))
        }
        None => None,
    };
    // Never recognised: whatever was scheduled at any time.
    let from = since.unwrap_or_default();
    let earners = match wanted.is_empty() {
        true => Vec::new(),
        false => earnings::earners(tx, (tenant_id, entity_id), from)?,
    };
    let last_days = wanted.iter().map(|period| period.last_day()).collect();
    Ok(Plan { last_days, earners, next })
}

/// The periods of an entity up to the one that holds a day, in order; those that are missing are opened. Its books are locked.
///
/// # Errors
/// Storage.
pub fn open_to(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (entity_id, day): (EntityId, NaiveDate),
) -> Result<Vec<Period>, StorageError> {
    let tenant_id = scope.tenant_id;
    let known = periods::of_entity(tx, tenant_id, entity_id)?;
    let first = match known.last() {
        Some(last) => last.days.to,
        None => periods::first_posting(tx, tenant_id, entity_id)?.unwrap_or(day).min(day),
    };
    let missing = months::months(first, day);
    if missing.is_empty() {
        return Ok(known);
    }
    let open = |days| Period {
        id: AccountingPeriodId::from_uuid(scope.mint()),
        entity_id,
        days,
        status: Status::Open,
        created_at: scope.now,
        closed_at: None,
        reopened: None,
        accepted: Vec::new(),
    };
    let added: Vec<Period> = missing.into_iter().map(open).collect();
    periods::insert(tx, tenant_id, &added)?;
    periods::of_entity(tx, tenant_id, entity_id)
}

/// Posts what these invoices have earned and is not posted yet. What their customers were billed since the plan is looked at when revenue is recognised
/// next.
fn post_part(
    session: &mut Session,
    place: Place,
    (entity_id, plan): (EntityId, &Plan),
    part: &[Earner],
) -> Result<(), Error> {
    let mut customers: Vec<CustomerId> = part.iter().map(|earner| earner.customer_id).collect();
    customers.dedup();
    session.transaction("recognize_revenue", |tx| {
        let scope = place.scope(tx)?;
        let held = locks::each(tx, place.tenant_id, &customers, Locked::Wait)?;
        let mut posted = Vec::new();
        for earning in earnings::of_invoices(tx, (place.tenant_id, entity_id), part)? {
            posted.extend(earning.difference(&plan.last_days, scope.now).map_err(Refused::from)?);
        }
        Ok(ledger::post(tx, &held, &posted)?)
    })
}
