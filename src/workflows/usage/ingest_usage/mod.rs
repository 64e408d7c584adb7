//! What was used? Takes events: each is counted once for ever, kept apart, or refused with its reason, and all of a batch in one transaction.
//!
//! The order of locks: the tenant's meters, shared; the customers, in the order of their ids; the keys of the events; the roll-ups.

mod identity;
mod staged;
mod tally;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use identity::{fingerprint_of, key_of};
pub use staged::stage;

use crate::domain::ids::CustomerId;
use crate::domain::usage::reading::Reading;
use crate::domain::usage::{Aggregation, Event, Meter, Refused, Settings, UnknownUsage};
use crate::storage::usage::{self, Key, Lock, Stored, Taken, Waiting};
use crate::storage::{StorageError, Tx};
use crate::workflows::{Error, Scope};
use tally::Tally;

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It counts.
    Accepted,
    /// It was counted before.
    Duplicate,
    /// Nothing is known of its customer or type: it waits for a replay.
    Kept,
    /// It is not taken.
    Refused(Refused),
}

/// Where an event belongs, once it is clear that it could be taken.
#[derive(Debug, Clone, Copy)]
enum Home {
    /// To this customer.
    Customer(CustomerId),
    /// To nobody yet, for this reason.
    Nobody(&'static str),
}

/// An event that could be taken.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    n: usize,
    at: DateTime<Utc>,
    home: Home,
    key: Uuid,
    fingerprint: i64,
}

/// What the tenant says of events of the types at hand.
struct Rules<'a> {
    scope: &'a Scope,
    settings: Settings,
    meters: Vec<Meter>,
}

impl Rules<'_> {
    fn load<'a>(tx: &mut Tx<'_>, scope: &'a Scope, events: &[Event]) -> Result<Rules<'a>, StorageError> {
        usage::share_meters(tx, scope.tenant_id)?;
        let settings = usage::find_settings(tx, scope.tenant_id)?;
        let types: HashSet<&str> = readable(events).map(|event| event.type_.as_str()).collect();
        let meters = usage::of_types(tx, scope.tenant_id, &types.into_iter().collect::<Vec<_>>())?;
        Ok(Rules { scope, settings, meters })
    }

    fn meters_of<'s>(&'s self, event: &'s Event) -> impl Iterator<Item = &'s Meter> {
        self.meters.iter().filter(|meter| meter.event_type == event.type_)
    }

    /// What is held is computed anew from the events of an hour, which needs the customer alone.
    fn lock(&self) -> Lock {
        match self.meters.iter().any(|meter| meter.aggregation == Aggregation::WeightedSum) {
            true => Lock::Alone,
            false => Lock::Shared,
        }
    }

    /// Where an event belongs, and when it was.
    fn home(
        &self,
        event: &Event,
        customers: &HashMap<String, CustomerId>,
    ) -> Result<(DateTime<Utc>, Home), Refused> {
        let at = event.instant(self.scope.now, &self.settings)?;
        let keep = self.settings.unknown_usage == UnknownUsage::Keep;
        if self.meters_of(event).next().is_none() {
            let detail =
                format!("no meter looks at events of type {:?}; make one with POST /v1/meters", event.type_);
            let refused = Refused::at("/type", "unknown_meter", detail);
            return if keep { Ok((at, Home::Nobody("unknown_meter"))) } else { Err(refused) };
        }
        let Some(customer) = customers.get(&event.subject) else {
            let detail = format!("there is no customer with the id or external_id {:?}", event.subject);
            let refused = Refused::at("/subject", "unknown_customer", detail);
            return if keep { Ok((at, Home::Nobody("unknown_customer"))) } else { Err(refused) };
        };
        Ok((at, Home::Customer(*customer)))
    }
}

/// Those whose words the database can be asked about: it knows no U+0000, and one event that has it must not fail the question for all.
fn readable(events: &[Event]) -> impl Iterator<Item = &Event> {
    events.iter().filter(|event| event.check().is_ok())
}

/// Takes the events; gives what became of each, in their order.
///
/// # Errors
/// Only what storage says: an event that is not taken is an [`Outcome`].
pub fn run(tx: &mut Tx<'_>, scope: &Scope, events: &[Event]) -> Result<Vec<Outcome>, Error> {
    let rules = Rules::load(tx, scope, events)?;
    let subjects: HashSet<&str> = readable(events).map(|event| event.subject.as_str()).collect();
    let subjects: Vec<&str> = subjects.into_iter().collect();
    let customers = usage::lock_subjects(tx, scope.tenant_id, (&subjects, rules.lock()))?;
    let Looked { mut outcomes, candidates, readings } = look((&rules, &customers), events, |_, _, _| Ok(()));
    let mut tally = Tally::default();
    let taken = claim(tx, scope, &candidates)?;
    let new = decide(&candidates, &taken, &mut outcomes);
    forgive(tx, scope, events, &mut outcomes)?;
    // Both are in the order of the events.
    let mut readings = readings.into_iter().peekable();
    for candidate in &new {
        while readings.next_if(|read| read.0 < candidate.n).is_some() {}
        while let Some((_, meter, reading)) = readings.next_if(|read| read.0 == candidate.n) {
            if let Home::Customer(customer) = candidate.home {
                tally.take(&rules.meters[meter], customer, candidate.at, candidate.key, reading)?;
            }
        }
    }
    save(tx, scope, (events, &new))?;
    tally.save(tx, scope.tenant_id, &rules.meters)?;
    Ok(outcomes)
}

/// What events are by themselves.
struct Looked {
    /// Of each event, should it not have been taken before.
    outcomes: Vec<Outcome>,
    candidates: Vec<Candidate>,
    /// By the event's and the meter's place, in the order of the events.
    readings: Vec<(usize, usize, Reading)>,
}

/// Tells the events that could be taken from those that cannot, whatever was taken before.
fn look(
    (rules, customers): (&Rules<'_>, &HashMap<String, CustomerId>),
    events: &[Event],
    further: impl Fn(&Event, DateTime<Utc>, Home) -> Result<(), Refused>,
) -> Looked {
    let mut looked = Looked {
        outcomes: Vec::with_capacity(events.len()),
        candidates: Vec::with_capacity(events.len()),
        readings: Vec::with_capacity(events.len()),
    };
    for (n, event) in events.iter().enumerate() {
        let decided = event.check().and_then(|()| rules.home(event, customers));
        let decided = decided.and_then(|(at, home)| {
            // Read before anything is claimed: an event that one meter cannot read counts for none.
            if let Home::Customer(_) = home {
                for (meter, rule) in rules.meters.iter().enumerate().filter(|m| m.1.event_type == event.type_)
                {
                    looked.readings.extend(rule.read(&event.data)?.map(|reading| (n, meter, reading)));
                }
            }
            further(event, at, home).map(|()| (at, home))
        });
        match decided {
            Ok((at, home)) => {
                let (key, fingerprint) = (key_of(&event.source, &event.id), fingerprint_of(event));
                looked.candidates.push(Candidate { n, at, home, key, fingerprint });
                looked.outcomes.push(Outcome::Accepted);
            }
            Err(refused) => looked.outcomes.push(Outcome::Refused(refused)),
        }
    }
    looked
}

/// Claims each key once.
fn claim(tx: &mut Tx<'_>, scope: &Scope, candidates: &[Candidate]) -> Result<Taken, StorageError> {
    let mut seen = HashSet::with_capacity(candidates.len());
    let mut keys = Vec::with_capacity(candidates.len());
    for candidate in candidates.iter().filter(|candidate| seen.insert(candidate.key)) {
        let customer_id = match candidate.home {
            Home::Customer(customer) => Some(customer),
            Home::Nobody(_) => None,
        };
        keys.push(Key {
            key: candidate.key,
            fingerprint: candidate.fingerprint,
            customer_id,
            at: candidate.at,
        });
    }
    if keys.is_empty() { Ok(Taken::default()) } else { usage::claim_keys(tx, scope.tenant_id, &mut keys) }
}

/// Tells the new from those that were counted before, here or by an earlier batch; gives the new.
fn decide(candidates: &[Candidate], taken: &Taken, outcomes: &mut [Outcome]) -> Vec<Candidate> {
    let mut first: HashMap<Uuid, i64> = HashMap::with_capacity(candidates.len());
    let mut new = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let before = match taken.new.contains(&candidate.key) {
            true => first.insert(candidate.key, candidate.fingerprint),
            false => taken.before.get(&candidate.key).copied(),
        };
        outcomes[candidate.n] = match (before, candidate.home) {
            (Some(before), _) if before == candidate.fingerprint => Outcome::Duplicate,
            (Some(before), _) => {
                // The first one counts, whatever comes after it.
                first.insert(candidate.key, before);
                Outcome::Refused(conflict())
            }
            (None, home) => {
                new.push(*candidate);
                if matches!(home, Home::Nobody(_)) { Outcome::Kept } else { Outcome::Accepted }
            }
        };
    }
    new
}

fn conflict() -> Refused {
    Refused::at(
        "/id",
        "conflict",
        "an event with this source and id was sent before and said something else; nothing was changed",
    )
}

/// An event that would be refused today but was counted when it was sent first is a duplicate.
fn forgive(
    tx: &mut Tx<'_>,
    scope: &Scope,
    events: &[Event],
    outcomes: &mut [Outcome],
) -> Result<(), StorageError> {
    let refused =
        |outcome: &Outcome| matches!(outcome, Outcome::Refused(refused) if refused.code != "conflict");
    let keys: Vec<(usize, Uuid)> = (0..events.len())
        .filter(|n| refused(&outcomes[*n]))
        .map(|n| (n, key_of(&events[n].source, &events[n].id)))
        .collect();
    let known = usage::known_keys(tx, scope.tenant_id, &keys.iter().map(|key| key.1).collect::<Vec<_>>())?;
    for (n, key) in keys {
        if known.get(&key).is_some_and(|before| *before == fingerprint_of(&events[n])) {
            outcomes[n] = Outcome::Duplicate;
        }
    }
    Ok(())
}

/// Writes the new events as they came.
fn save(tx: &mut Tx<'_>, scope: &Scope, (events, new): (&[Event], &[Candidate])) -> Result<(), StorageError> {
    let (mut stored, mut waiting) = (Vec::with_capacity(new.len()), Vec::new());
    for Candidate { n, at, home, key, .. } in new.iter().copied() {
        let event = &events[n];
        match home {
            Home::Customer(customer_id) => stored.push(Stored { key, customer_id, at, event }),
            Home::Nobody(reason) => waiting.push(Waiting { key, reason, at, event }),
        }
    }
    if !stored.is_empty() {
        usage::make_for(tx, stored.iter().map(|stored| stored.at))?;
    }
    usage::copy_in(tx, scope.tenant_id, (&stored, scope.now))?;
    usage::keep(tx, scope.tenant_id, (&waiting, scope.now))
}
