//! What happened since I last read the feed? A part of the tenant's feed, oldest first.

use strum::VariantArray;

use crate::domain::events::EventType;
use crate::domain::refusal::Invalid;
use crate::http::{Answer, Get, Problem, Query};
use crate::storage::events::views::{FedEvent, Wanted, after};
use crate::wire::events::{Event, EventsQuery, Feed, object_id};
use crate::wire::page::checked_limit;

/// Read the feed of events, oldest first.
///
/// Every event has a `sequence`: 1, 2, 3 … without a gap, the same for every reader. Keep the last one you handled and
/// ask for what follows it; nothing is lost or delivered twice, however late an event was committed.
#[utoipa::path(get, path = "/v1/events", tag = "events", params(EventsQuery), responses((status = 200, description = "A part of the feed", body = Feed)))]
pub async fn list(get: Get, Query(query): Query<EventsQuery>) -> Result<Answer, Problem> {
    let wanted = wanted(query)?;
    get.run(move |tx, tenant_id| {
        let (rows, has_more) = after(tx, tenant_id, &wanted)?;
        let next_after_sequence = rows.last().map_or(wanted.after_sequence, |row| row.sequence);
        Ok(Feed { data: rows.into_iter().map(shape).collect(), has_more, next_after_sequence })
    })
    .await
}

fn wanted(query: EventsQuery) -> Result<Wanted, Invalid> {
    let after_sequence = query.after_sequence.unwrap_or(0);
    if after_sequence < 0 {
        let detail = "`after_sequence` is the sequence of an event, or 0 for the beginning";
        return Err(Invalid::one("/query/after_sequence", "bad_sequence", detail));
    }
    let unknown = |given: &String| {
        let known: Vec<&str> = EventType::VARIANTS.iter().map(EventType::into_str).collect();
        let detail = format!("there is no event type {given:?}; there are {}", known.join(", "));
        Invalid::one("/query/type", "unknown_event_type", detail)
    };
    let type_ = query.r#type.map(|given| given.parse().map_err(|_| unknown(&given))).transpose()?;
    Ok(Wanted { after_sequence, limit: checked_limit(query.limit)?, type_ })
}

fn shape(row: FedEvent) -> Event {
    Event {
        id: row.id.to_string(),
        sequence: row.sequence,
        object_id: object_id(&row.type_, row.object_id),
        type_: row.type_,
        occurred_at: row.occurred_at,
        data: row.data,
    }
}
