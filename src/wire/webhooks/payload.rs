//! What does an endpoint read? An event as the feed has it, with what Standard Webhooks adds: `{"type": "invoice.paid", "timestamp": …, "data": {…}}`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::webhooks::PayloadForm;
use crate::wire::events::Event;

#[derive(Serialize)]
struct Payload<'e> {
    #[serde(rename = "type")]
    type_: &'e str,
    /// When it happened.
    timestamp: DateTime<Utc>,
    id: &'e str,
    sequence: i64,
    object_id: &'e str,
    /// Events with the same key are about the same thing.
    ordering_key: &'e str,
    /// Of two events about the same thing the one with the greater version is newer.
    object_version: i64,
    data: &'e Value,
}

/// The body of the call that tells of an event.
#[must_use]
pub fn body(event: &Event, form: PayloadForm) -> Vec<u8> {
    let thin = json!({ "id": event.object_id });
    let payload = Payload {
        type_: &event.type_,
        timestamp: event.occurred_at,
        id: &event.id,
        sequence: event.sequence,
        object_id: &event.object_id,
        ordering_key: &event.object_id,
        object_version: event.sequence,
        data: match form {
            PayloadForm::Full => &event.data,
            PayloadForm::Thin => &thin,
        },
    };
    // Texts, numbers and what was read of JSON: they can always be written.
    serde_json::to_vec(&payload).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(form: PayloadForm) -> Value {
        let event = Event {
            id: "evt_1".to_owned(),
            sequence: 42,
            type_: "invoice.paid".to_owned(),
            occurred_at: DateTime::UNIX_EPOCH,
            object_id: "inv_1".to_owned(),
            data: json!({ "object": "invoice", "total": "31.00" }),
        };
        serde_json::from_slice(&body(&event, form)).unwrap()
    }

    #[test]
    fn a_body_says_what_happened_to_what_and_which_of_two_is_newer() {
        let full = written(PayloadForm::Full);
        assert_eq!(
            full,
            json!({ "type": "invoice.paid", "timestamp": "1970-01-01T00:00:00Z", "id": "evt_1", "sequence": 42, "object_id": "inv_1",
                "ordering_key": "inv_1", "object_version": 42, "data": { "object": "invoice", "total": "31.00" } })
        );
        assert_eq!(written(PayloadForm::Thin)["data"], json!({ "id": "inv_1" }));
    }
}
