//! Which events are to take the place of others? Put to an open backfill, they claim their keys and wait; they count when it is closed.

use std::collections::HashSet;

use super::{Home, Looked, Outcome, Rules, claim, decide, forgive, look, readable};
use crate::domain::ids::BackfillId;
use crate::domain::usage::backfill::{Backfill, BackfillRefused, Status};
use crate::domain::usage::{Event, Refused};
use crate::storage::Tx;
use crate::storage::usage::{self, Lock, Stored};
use crate::workflows::{Error, Scope};

/// Puts the events to the backfill; gives what became of each, in their order.
///
/// # Errors
/// Not found; [`BackfillRefused`].
pub fn stage(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, events): (BackfillId, &[Event]),
) -> Result<Vec<Outcome>, Error> {
    let rules = Rules::load(tx, scope, events)?;
    let backfill = usage::lock_backfill(tx, scope.tenant_id, (id, false))?;
    if backfill.status != Status::Open {
        return Err(BackfillRefused(backfill.status).into());
    }
    let subjects: HashSet<&str> = readable(events).map(|event| event.subject.as_str()).collect();
    let subjects: Vec<&str> = subjects.into_iter().collect();
    let customers = usage::lock_subjects(tx, scope.tenant_id, (&subjects, Lock::Shared))?;
    let Looked { mut outcomes, candidates, .. } =
        look((&rules, &customers), events, |event, at, home| belongs(&backfill, event, (at, home)));
    let taken = claim(tx, scope, &candidates)?;
    let new = decide(&candidates, &taken, &mut outcomes);
    forgive(tx, scope, events, &mut outcomes)?;
    let mut stored = Vec::with_capacity(new.len());
    for candidate in &new {
        if let Home::Customer(customer_id) = candidate.home {
            let event = &events[candidate.n];
            stored.push(Stored { key: candidate.key, customer_id, at: candidate.at, event });
        }
    }
    if !stored.is_empty() {
        usage::make_for(tx, stored.iter().map(|stored| stored.at))?;
    }
    usage::stage(tx, scope.tenant_id, id, &stored, scope.now)?;
    Ok(outcomes)
}

/// Only what the backfill replaces may be put to it.
fn belongs(
    backfill: &Backfill,
    event: &Event,
    (at, home): (chrono::DateTime<chrono::Utc>, Home),
) -> Result<(), Refused> {
    let outside = |pointer: &str, outside_of: &str| {
        Err(Refused::at(pointer, "outside_backfill", format!("the backfill replaces {outside_of} only")))
    };
    if event.type_ != backfill.event_type {
        return outside("/type", &format!("events of type {:?}", backfill.event_type));
    }
    if !backfill.period.contains(at) {
        return outside("/time", &format!("events of {:?}", backfill.period));
    }
    match home {
        Home::Nobody(reason) => {
            Err(Refused::at("/subject", reason, "an event of a backfill needs its customer and a meter"))
        }
        Home::Customer(customer) if backfill.customer_id.is_some_and(|only| only != customer) => {
            outside("/subject", "events of one customer")
        }
        Home::Customer(_) => Ok(()),
    }
}
