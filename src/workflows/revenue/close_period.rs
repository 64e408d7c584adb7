//! A period is closed: what it earned is posted, then nothing more can be. One call at a time closes the books of an entity; killed anywhere, the
//! same call again goes on.
//!
//! January of 10,000 customers: it is closing, five transactions post what was earned, and it is closed.

use crate::domain::events::EventType;
use crate::domain::ids::{AccountingPeriodId, TenantId};
use crate::domain::revenue::periods::{Check, Period, Refused, Status};
use crate::storage::revenue::views::checklist;
use crate::storage::revenue::{periods, sign_offs};
use crate::storage::{Session, Tx, entities, events};
use crate::workflows::keyed::Keyed;
use crate::workflows::ledger::check_values;
use crate::workflows::parked_work::Place;
use crate::workflows::revenue::recognize;
use crate::workflows::{Error, Scope};

/// What is to be closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub id: AccountingPeriodId,
    /// What may be left as it was found.
    pub accepted: Vec<Check>,
}

/// Closes it.
///
/// # Errors
/// [`Refused`]; something in it waits for an exchange rate; what keeps its revenue from being recognised.
pub fn run(
    session: &mut Session,
    tenant_id: TenantId,
    (order, keyed): (&Order, &Keyed),
) -> Result<Period, Error> {
    let id = order.id;
    let entity_id = session.read(|tx| periods::find(tx, tenant_id, id))?.entity_id;
    let lock = format!("closing the books of {entity_id}");
    if !session.try_lock(&lock)? {
        return Err(Refused::BeingClosed.into());
    }
    let closed = close(session, tenant_id, (order, keyed));
    session.unlock(&lock)?;
    closed
}

fn close(
    session: &mut Session,
    tenant_id: TenantId,
    (order, keyed): (&Order, &Keyed),
) -> Result<Period, Error> {
    let id = order.id;
    let (place, period) = session.transaction("begin_closing", |tx| begin(tx, tenant_id, (order, keyed)))?;
    if period.status == Status::Closed {
        return Ok(period);
    }
    recognize::period(session, place, &period)?;
    session.transaction("close_period", |tx| {
        let scope = place.scope(tx)?;
        let mut books = periods::lock_books(tx, tenant_id, period.entity_id)?;
        periods::hold_postings(tx, period.entity_id)?;
        check(tx, tenant_id, &period)?;
        let closed = periods::find(tx, tenant_id, id)?.close(scope.now);
        books.open_from = Some(closed.days.to);
        periods::update(tx, tenant_id, &closed)?;
        periods::save_books(tx, (tenant_id, closed.entity_id), &books)?;
        let event = scope.event(EventType::AccountingPeriodClosed, id.uuid(), closed.event_data());
        events::record(tx, tenant_id, &[event])?;
        Ok(closed)
    })
}

/// What an earlier call with the key began is gone on with, or was done by it.
fn begin(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (order, keyed): (&Order, &Keyed),
) -> Result<(Place, Period), Error> {
    let id = order.id;
    let scope = Scope::load(tx, tenant_id)?;
    let place = Place { tenant_id, now: scope.now };
    let known = periods::find(tx, tenant_id, id)?;
    periods::lock_books(tx, tenant_id, known.entity_id)?;
    let known = periods::find(tx, tenant_id, id)?;
    if keyed.begun().is_some() && known.status == Status::Closed {
        return Ok((place, known));
    }
    let all = periods::of_entity(tx, tenant_id, known.entity_id)?;
    let closing = known.begin_closing(&all, scope.zone.local_date(scope.now))?;
    let at_once = checklist::lines_at_once(tx, tenant_id, &closing)?;
    let mut accepted = order.accepted.clone();
    let signed = sign_offs::of_period(tx, tenant_id, id)?;
    let check_name = Check::LinesAtOnceHaveARule.into_str();
    if signed.iter().any(|one| one.name == check_name && one.stands(&closing, at_once)) {
        accepted.push(Check::LinesAtOnceHaveARule);
    }
    let closing = closing.accept(&accepted, at_once)?;
    check(tx, tenant_id, &closing)?;
    periods::update(tx, tenant_id, &closing)?;
    if keyed.begun().is_none() {
        keyed.begin(tx, id.uuid())?;
    }
    Ok((place, closing))
}

/// What waits for a rate would change the period's books when it comes.
fn check(tx: &mut Tx<'_>, tenant_id: TenantId, period: &Period) -> Result<(), Error> {
    let home = entities::find(tx, tenant_id, period.entity_id)?.functional_currency;
    check_values::run(tx, tenant_id, (period.entity_id, home), period.last_day())
}
