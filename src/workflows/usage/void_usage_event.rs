//! What was counted by mistake? One event is taken out by its source and id: the hours it was in are added up again, and what was billed for
//! them becomes a difference. Its key stays used.

use std::collections::BTreeSet;

use super::ingest_usage::key_of;
use crate::domain::events::EventType;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::usage::slices::Grain;
use crate::storage::customers::locks;
use crate::storage::usage::{self, Touched, Voided};
use crate::storage::{StorageError, Thing, Tx, events};
use crate::workflows::{Done, Error, Scope};

/// Why it is not voided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("this event waits for its customer or meter: it counts nowhere yet")]
    Kept,
    #[error("this event is no longer kept: retention has dropped it, and only what it added up to is there")]
    Dropped,
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::Kept => "event_kept",
            Refused::Dropped => "event_dropped",
        }
    }

    fn kind(&self) -> RefusalKind {
        RefusalKind::State
    }
}

/// Voids the event.
///
/// # Errors
/// Not found; [`Refused`].
pub fn run(tx: &mut Tx<'_>, scope: &Scope, (source, id): (&str, &str)) -> Result<Done<Voided>, Error> {
    let tenant_id = scope.tenant_id;
    let not_there = || StorageError::not_found(Thing::UsageEvent, format!("{id:?} from {source:?}"));
    let key = key_of(source, id);
    usage::share_meters(tx, tenant_id)?;
    let (customer, at) = usage::place_of(tx, tenant_id, key)?.ok_or_else(not_there)?;
    let customer = customer.ok_or(Refused::Kept)?;
    let held = locks::account(tx, tenant_id, customer)?;
    if let Some(voided) = usage::find_voided(tx, tenant_id, key)? {
        return Ok(Done::AlreadyDone(voided));
    }
    if !usage::void(tx, &held, customer, at, key, scope.now)? {
        return Err(Refused::Dropped.into());
    }
    let voided = usage::find_voided(tx, tenant_id, key)?.ok_or_else(not_there)?;
    let touched = BTreeSet::from([Touched { customer_id: customer, hour: Grain::Hour.bucket(at) }]);
    for meter in usage::of_types(tx, tenant_id, &[voided.type_.as_str()])? {
        usage::rebuild(tx, tenant_id, (&meter, &touched))?;
    }
    usage::changed_from(tx, tenant_id, &[(customer, at)])?;
    let data = serde_json::json!({ "object": "customer", "id": customer, "usage_event": { "source": source, "id": id, "type": voided.type_, "time": at } });
    let event = scope.event(EventType::CustomerUsageVoided, customer.uuid(), data);
    events::record(tx, tenant_id, &[event])?;
    Ok(Done::Done(voided))
}
