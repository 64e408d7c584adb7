//! A closed period is opened again, with a reason: what belongs to it is posted into it from then on, and its revenue is looked at once more.
//!
//! February is reopened because an invoice was missing; January can be then.

use crate::domain::events::EventType;
use crate::domain::ids::AccountingPeriodId;
use crate::domain::revenue::periods::Period;
use crate::storage::revenue::periods;
use crate::storage::{Tx, events};
use crate::workflows::{Error, Scope};

/// Reopens it.
///
/// # Errors
/// Not found; [`Refused`](crate::domain::revenue::periods::Refused).
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, because): (AccountingPeriodId, &str),
) -> Result<Period, Error> {
    let tenant_id = scope.tenant_id;
    let entity_id = periods::find(tx, tenant_id, id)?.entity_id;
    let mut books = periods::lock_books(tx, tenant_id, entity_id)?;
    let all = periods::of_entity(tx, tenant_id, entity_id)?;
    let reopened = periods::find(tx, tenant_id, id)?.reopen(&all, (because, scope.now))?;
    let is_first = all.iter().all(|other| other.days.from >= reopened.days.from);
    books.open_from = Some(reopened.days.from).filter(|_| !is_first);
    books.recognized_to = books.recognized_to.min(Some(reopened.days.from));
    books.next_recognition_at = Some(scope.now);
    periods::update(tx, tenant_id, &reopened)?;
    periods::save_books(tx, (tenant_id, entity_id), &books)?;
    let event = scope.event(EventType::AccountingPeriodReopened, id.uuid(), reopened.event_data());
    events::record(tx, tenant_id, &[event])?;
    Ok(reopened)
}
