//! What is kept of an item that is parked, and which events are emitted? Its reason and its tries; an event, and one of its subject where there is one.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::events::{Event, EventType};
use crate::domain::ids::{BillRunId, CustomerId, InvoiceId, ParkedWorkId, TenantId};
use crate::domain::work::{ParkedWork, Trouble, Work};
use crate::storage::{Tx, events, invoicing, parked_work};
use crate::workflows::{Error, Scope};

/// For whom work is done, and at which instant.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub tenant_id: TenantId,
    pub now: DateTime<Utc>,
}

impl Place {
    /// The tenant as its jobs see it.
    ///
    /// # Errors
    /// Storage.
    pub fn scope(self, tx: &mut Tx<'_>) -> Result<Scope, Error> {
        Ok(Scope { now: self.now, ..Scope::load(tx, self.tenant_id)? })
    }
}

/// An item to be parked.
#[derive(Debug, Clone)]
pub struct Parking {
    pub work: Work,
    pub item_id: Uuid,
    /// The billing run that found it.
    pub run_id: Option<BillRunId>,
    pub trouble: Trouble,
    /// Whether it was parked before and tried again.
    pub is_again: bool,
}

/// Postpones an item, or again for longer, and emits its event.
///
/// # Errors
/// Storage.
pub fn park(tx: &mut Tx<'_>, scope: &Scope, parking: &Parking) -> Result<(), Error> {
    let Parking { work, item_id, run_id, trouble, is_again } = parking;
    let before = parked_work::find_item(tx, scope.tenant_id, (*work, *item_id))?;
    // Another process, at the same items at once, has parked it a moment ago: that was one try.
    if !is_again && before.as_ref().is_some_and(|before| before.retry_at > scope.now) {
        return Ok(());
    }
    let run_before = before.as_ref().and_then(|before| before.run_id);
    let attempts = before.as_ref().map_or(0, |before| before.attempts).saturating_add(1);
    let parked = ParkedWork {
        id: before.map_or_else(|| ParkedWorkId::from_uuid(scope.mint()), |before| before.id),
        work: *work,
        item_id: *item_id,
        trouble: trouble.clone(),
        attempts,
        parked_at: scope.now,
        retry_at: scope.now + work.delay(attempts),
        run_id: run_id.or(run_before),
    };
    tracing::warn!(tenant = %scope.tenant_id, work = work.into_str(), item = work.item(*item_id), code = trouble.code,
        reason = trouble.reason, attempts, "due work cannot be done; it is put off");
    if !parked_work::save(tx, scope.tenant_id, (&parked, *is_again))? {
        return Ok(());
    }
    let mut emitted = vec![event(scope, EventType::WorkParked, &parked)];
    emitted.extend(of_its_subject(tx, scope, &parked)?);
    Ok(events::record(tx, scope.tenant_id, &emitted)?)
}

/// The item is done, or need not be done any more.
pub(super) fn unpark(tx: &mut Tx<'_>, scope: &Scope, item: (Work, Uuid)) -> Result<(), Error> {
    let Some(parked) = parked_work::find_item(tx, scope.tenant_id, item)? else { return Ok(()) };
    parked_work::remove(tx, scope.tenant_id, parked.id)?;
    let event = event(scope, EventType::WorkUnparked, &parked);
    Ok(events::record(tx, scope.tenant_id, &[event])?)
}

fn event(scope: &Scope, type_: EventType, parked: &ParkedWork) -> Event {
    scope.event(type_, parked.id.uuid(), parked.event_data())
}

/// The events emitted of the thing itself, for who follows its events.
fn of_its_subject(tx: &mut Tx<'_>, scope: &Scope, parked: &ParkedWork) -> Result<Option<Event>, Error> {
    let ParkedWork { work, item_id, trouble, .. } = parked;
    Ok(match work {
        Work::Billing => {
            let customer_id = CustomerId::from_uuid(*item_id);
            let data = serde_json::json!({ "customer_id": customer_id, "code": trouble.code, "reason": trouble.reason });
            Some(scope.event(EventType::CustomerParked, *item_id, data))
        }
        Work::Finalization => {
            let draft = invoicing::find(tx, scope.tenant_id, InvoiceId::from_uuid(*item_id));
            let mut data = match draft {
                Ok(draft) => draft.event_data(),
                Err(error) if error.is_broken() => return Err(error.into()),
                // It is not the draft that can be reported, then.
                Err(_) => serde_json::json!({ "id": InvoiceId::from_uuid(*item_id) }),
            };
            data["reason"] = trouble.reason.clone().into();
            Some(scope.event(EventType::InvoiceFinalizationFailed, *item_id, data))
        }
        _ => None,
    })
}
