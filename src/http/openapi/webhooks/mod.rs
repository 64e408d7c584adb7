//! What is sent to a webhook endpoint? Every type of event by its name, with the shape of its `data`: `invoice.paid` tells of an invoice.

mod payloads;

use serde_json::{Map, Value, json};
use strum::VariantArray;

use crate::domain::events::EventType;
use payloads::{PAYLOADS, Payload};

/// Adds `webhooks` and what they carry.
pub(super) fn describe(document: &mut Value) {
    let mut webhooks = Map::new();
    for event_type in EventType::VARIANTS {
        let name = event_type.into_str();
        if let Some(payload) = payload_of(name) {
            webhooks.insert(name.to_owned(), webhook(name, payload));
        }
    }
    document["webhooks"] = Value::Object(webhooks);
    let schemas = &mut document["components"]["schemas"];
    schemas["WebhookEvent"] = envelope();
    schemas["ThinEventData"] = json!({
        "type": "object", "description": "Of an endpoint whose `payload` is `thin`: the id alone, and you read the thing.",
        "required": ["id"], "properties": { "id": { "type": "string" } }, "additionalProperties": false,
    });
    for payload in PAYLOADS {
        schemas[component(payload)] = data(payload);
    }
    let names: Vec<&str> = EventType::VARIANTS.iter().map(EventType::into_str).collect();
    schemas["EventType"] = json!({ "type": "string", "description": "What can happen.", "enum": names, "example": "invoice.finalized" });
    schemas["Event"]["properties"]["type"] = json!({ "$ref": "#/components/schemas/EventType" });
}

/// The payload of a type of event: its own, or that of what it is about.
fn payload_of(event_type: &str) -> Option<&'static Payload> {
    let about = event_type.split('.').next().unwrap_or_default();
    let carried = |name: &str| PAYLOADS.iter().find(|payload| payload.events.contains(&name));
    carried(event_type).or_else(|| carried(about))
}

fn component(payload: &Payload) -> String {
    format!("{}EventData", payload.name)
}

fn webhook(name: &str, payload: &Payload) -> Value {
    let data = json!({ "anyOf": [
        { "$ref": format!("#/components/schemas/{}", component(payload)) },
        { "$ref": "#/components/schemas/ThinEventData" },
    ] });
    let schema = json!({ "allOf": [
        { "$ref": "#/components/schemas/WebhookEvent" },
        { "type": "object", "properties": { "type": { "type": "string", "enum": [name] }, "data": data } },
    ] });
    let header = |name: &str, description: &str| json!({ "name": name, "in": "header", "required": true, "description": description, "schema": { "type": "string" } });
    json!({ "post": {
        "operationId": hook_name(name),
        "summary": format!("`{name}` happened"),
        "tags": ["webhooks"],
        "security": [],
        "parameters": [
            header("webhook-id", "The event's id: the same whenever it is sent again."),
            header("webhook-timestamp", "When it is sent, in seconds since 1970."),
            header("webhook-signature", "`v1,…` by the endpoint's secret, or `v1a,…` by its key; see the guide to webhooks."),
        ],
        "requestBody": { "required": true, "content": { "application/json": { "schema": schema } } },
        "responses": {
            "2XX": { "description": "It is taken. Anything else, or no answer within 15 seconds, and it is sent again." },
            "410": { "description": "Nothing is wanted any more: the endpoint is disabled." },
        },
    } })
}

/// `invoice.payment_failed` is `onInvoicePaymentFailed`.
fn hook_name(event_type: &str) -> String {
    let mut name = "on".to_owned();
    for part in event_type.split(['.', '_']) {
        let mut letters = part.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

fn envelope() -> Value {
    let text = |description: &str, example: &str| json!({ "type": "string", "description": description, "example": example });
    json!({
        "type": "object",
        "description": "An event as it is sent, by Standard Webhooks.",
        "required": ["type", "timestamp", "id", "sequence", "object_id", "ordering_key", "object_version", "data"],
        "properties": {
            "type": { "$ref": "#/components/schemas/EventType" },
            "timestamp": { "type": "string", "format": "date-time", "description": "When it happened, by the tenant's clock." },
            "id": text("The event's id.", "evt_01h2xcejqtf2nbrexx3vqjhp41"),
            "sequence": { "type": "integer", "format": "int64", "description": "Its place in the tenant's feed.", "example": 42 },
            "object_id": text("The thing it happened to.", "inv_01h2xcejqtf2nbrexx3vqjhp41"),
            "ordering_key": text("Events with the same key are about the same thing.", "inv_01h2xcejqtf2nbrexx3vqjhp41"),
            "object_version": {
                "type": "integer", "format": "int64", "example": 42,
                "description": "Of two events about the same thing the one with the greater version is newer.",
            },
            "data": { "type": "object", "description": "What the thing looked like then." },
        },
    })
}

fn data(payload: &Payload) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for field in payload.fields.split_whitespace() {
        let (name, kind) = field.split_once(':').unwrap_or((field, "text"));
        let bare = name.trim_start_matches('~').trim_end_matches('?');
        if !name.starts_with('~') {
            required.push(bare);
        }
        properties.insert(bare.to_owned(), schema(kind, name.ends_with('?')));
    }
    json!({
        "type": "object", "description": "What such an event carries; more may be added.", "properties": properties, "required": required,
    })
}

fn schema(kind: &str, nullable: bool) -> Value {
    let (type_, format) = match kind {
        "instant" => ("string", Some("date-time")),
        "date" => ("string", Some("date")),
        "integer" => ("integer", Some("int64")),
        "boolean" => ("boolean", None),
        "list" => ("array", None),
        "object" => ("object", None),
        _ => ("string", None),
    };
    let mut schema = match nullable {
        true => json!({ "type": [type_, "null"] }),
        false => json!({ "type": type_ }),
    };
    if let Some(format) = format {
        schema["format"] = format.into();
    }
    if type_ == "array" {
        schema["items"] = json!({});
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_a_payload_and_every_payload_an_event() {
        let types: Vec<&str> = EventType::VARIANTS.iter().map(EventType::into_str).collect();
        for name in &types {
            assert!(payload_of(name).is_some(), "{name} carries what no payload describes");
        }
        for payload in PAYLOADS {
            for events in payload.events {
                let is_one = |name: &&str| payload_of(name).is_some_and(|found| found.name == payload.name);
                assert!(types.iter().any(is_one), "{events} is no event");
            }
        }
    }

    #[test]
    fn a_field_may_be_null_or_missing() {
        let invoice = data(payload_of("invoice.paid").unwrap());
        assert_eq!(invoice["required"], json!(["id"]));
        assert_eq!(
            invoice["properties"]["finalizes_at"],
            json!({ "type": ["string", "null"], "format": "date-time" })
        );
        assert_eq!(hook_name("invoice.payment_failed"), "onInvoicePaymentFailed");
    }
}
