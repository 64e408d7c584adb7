//! What is an endpoint sent once more? Events of a range, events by their ids, or all that was given up. They keep their ids, so a receiver that has
//! one already knows it.

use chrono::{DateTime, Utc};

use super::courier::Refused;
use crate::domain::ids::{EventId, WebhookEndpointId};
use crate::domain::refusal::Invalid;
use crate::domain::webhooks::types;
use crate::storage::Tx;
use crate::storage::webhooks::{self as storage, Range};
use crate::workflows::{Error, Scope};

/// Most events that are named in one call.
const MOST: usize = 1_000;

/// What to send again.
#[derive(Debug, Clone, Default)]
pub struct Replay {
    pub range: Range,
    pub event_ids: Option<Vec<EventId>>,
    /// Only what was given up.
    pub failed_only: bool,
}

/// From when to when events happened, the end not in it.
#[must_use]
pub fn range(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Range {
    Range { from, to }
}

/// Has it sent again, and says how many events that are.
///
/// # Errors
/// Not found; it is disabled; [`Invalid`]: nothing is named, or both ids and a range.
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, replay): (WebhookEndpointId, Replay),
) -> Result<usize, Error> {
    let sealed = storage::lock_endpoint(tx, scope.tenant_id, id)?;
    check(&replay)?;
    if sealed.endpoint.disabled.is_some() {
        return Err(Refused::Disabled.into());
    }
    let (at, now) = ((scope.tenant_id, id), scope.now);
    Ok(match replay.event_ids {
        _ if replay.failed_only => {
            storage::replay_failed(tx, at, (now, replay.range), replay.event_ids.as_deref())?
        }
        Some(events) => storage::replay_events(tx, at, (now, &events))?,
        None => {
            let wanted = sealed.endpoint.event_types.as_ref().map(types);
            storage::replay_range(tx, at, (now, replay.range), wanted)?
        }
    })
}

fn check(replay: &Replay) -> Result<(), Invalid> {
    let Range { from, to } = replay.range;
    let has_range = from.is_some() || to.is_some();
    match &replay.event_ids {
        None if !has_range && !replay.failed_only => {
            let detail = "say what to send again: `from` and `to`, `event_ids`, or `failed_only`";
            Err(Invalid::one("", "nothing_to_replay", detail))
        }
        Some(_) if has_range => {
            Err(Invalid::one("/event_ids", "ids_and_range", "give `event_ids` or a range, not both"))
        }
        Some(ids) if ids.is_empty() || ids.len() > MOST => {
            let detail = format_args!("name 1 to {MOST} events, or give a range");
            Err(Invalid::one("/event_ids", "out_of_range", detail))
        }
        _ if from.zip(to).is_some_and(|(from, to)| from >= to) => {
            Err(Invalid::one("/to", "empty_range", "`to` is after `from`"))
        }
        _ => Ok(()),
    }
}
