//! Which events does a body hold? Each is read by itself, so that one that cannot be read does not take the others with it.

use serde_json::value::RawValue;

use crate::domain::usage::Event;
use crate::http::Problem;
use crate::http::body::{self, shape};
use crate::wire::usage::usage_events::{Ingested, RejectedEvent, UsageEvent};
use crate::workflows::Error;
use crate::workflows::usage::ingest_usage::Outcome;

/// One element of a batch.
#[derive(Debug, Clone)]
pub(super) enum Item {
    Event(Event),
    /// Not even read.
    Unread(Unread),
    /// A blank line.
    Blank,
}

/// Why an element is no event.
#[derive(Debug, Clone)]
pub(super) struct Unread {
    pub code: String,
    pub pointer: Option<String>,
    pub detail: String,
}

/// Elements in order.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    /// The place of the first.
    first: u64,
    /// The events among them, in their order.
    pub events: Vec<Event>,
    slots: Vec<Slot>,
}

/// What stands at a place.
#[derive(Debug, Clone)]
enum Slot {
    /// The next of the events.
    Event,
    Unread(Unread),
    Blank,
}

impl Batch {
    /// Of these elements, the first of which has this place.
    pub(super) fn new(first: u64, items: impl Iterator<Item = Item>) -> Batch {
        let mut batch = Batch { first, events: Vec::new(), slots: Vec::new() };
        for item in items {
            batch.slots.push(match item {
                Item::Event(event) => {
                    batch.events.push(event);
                    Slot::Event
                }
                Item::Unread(unread) => Slot::Unread(unread),
                Item::Blank => Slot::Blank,
            });
        }
        batch
    }

    /// What became of it, given what became of its events.
    pub(super) fn outcome(&self, fates: Vec<Outcome>) -> Ingested {
        let mut ingested = Ingested::default();
        let mut fates = self.events.iter().zip(fates);
        for (index, slot) in (self.first..).zip(&self.slots) {
            match slot {
                Slot::Blank => {}
                Slot::Unread(Unread { code, pointer, detail }) => ingested.reject(RejectedEvent {
                    index,
                    id: None,
                    code: code.clone(),
                    pointer: pointer.clone(),
                    detail: detail.clone(),
                }),
                Slot::Event => match fates.next() {
                    Some((_, Outcome::Accepted)) => ingested.accepted += 1,
                    Some((_, Outcome::Duplicate)) => ingested.duplicates += 1,
                    Some((_, Outcome::Kept)) => ingested.kept += 1,
                    Some((event, Outcome::Refused(refused))) => ingested.reject(RejectedEvent {
                        index,
                        id: Some(event.id.clone()),
                        code: refused.code.to_owned(),
                        pointer: Some(refused.pointer),
                        detail: refused.detail,
                    }),
                    None => {}
                },
            }
        }
        ingested
    }
}

/// Whether the first thing of a body is a bracket.
pub(super) fn is_array(bytes: &[u8]) -> bool {
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[')
}

/// The one event of a body.
pub(super) fn one(bytes: &[u8]) -> Result<Event, Problem> {
    Ok(shape::<UsageEvent>(bytes)?.parse().map_err(Error::from)?)
}

/// The elements of an array.
pub(super) fn array(bytes: &[u8]) -> Result<Vec<Item>, Problem> {
    let raw: Vec<&RawValue> = serde_json::from_slice(bytes).map_err(|e| body::not_json(&e))?;
    Ok(raw.into_iter().map(|raw| item(raw.get().as_bytes())).collect())
}

/// One element.
pub(super) fn item(bytes: &[u8]) -> Item {
    if let Ok(event) = serde_json::from_slice::<UsageEvent>(bytes) {
        return match event.parse() {
            Ok(event) => Item::Event(event),
            Err(refused) => Item::Unread(Unread {
                code: refused.code.to_owned(),
                pointer: Some(refused.pointer),
                detail: refused.detail,
            }),
        };
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Item::Blank;
    }
    // Read once more, to name the place of the fault.
    match shape::<UsageEvent>(bytes) {
        Ok(_) => Item::Unread(Unread {
            code: "malformed_json".to_owned(),
            pointer: None,
            detail: "this is not a JSON object".to_owned(),
        }),
        Err(problem) => {
            let problem = problem.to_wire(None);
            let pointer = problem.errors.into_iter().next().map(|error| error.pointer);
            Item::Unread(Unread { code: problem.code, pointer, detail: problem.detail })
        }
    }
}
