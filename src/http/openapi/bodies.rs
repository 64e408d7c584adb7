//! In which forms may a body come? Events of usage also as a batch or a stream; and a body that may be left out is not required.

use serde_json::{Value, json};

use super::bounds::members;

/// Where events of usage are taken.
const EVENTS: &[&str] = &["POST /v1/usage/events", "POST /v1/usage/backfills/{id}/events"];

/// What is written and read alike: bodies with it refuse what it does not have. With variants of such a name.
const STRICT: &[&str] = &["CurrencyPrice", "PriceModel", "Tier", "MatrixCell"];

/// Where a field may be left out and is never null.
const NEVER_NULL: &[&str] = &["UsageEvent"];

/// Says of the schemas of bodies what their shapes do not say of themselves.
pub(super) fn describe(document: &mut Value) {
    for (name, schema) in document["components"]["schemas"].as_object_mut().into_iter().flatten() {
        if STRICT.iter().any(|strict| name.starts_with(strict)) && schema["type"] == "object" {
            schema["additionalProperties"] = false.into();
        }
        if NEVER_NULL.contains(&name.as_str()) {
            for (_, property) in members(schema.get_mut("properties")) {
                let without_null =
                    property["type"].as_array().and_then(|types| types.iter().find(|known| *known != "null"));
                if let Some(only) = without_null.cloned() {
                    property["type"] = only;
                }
            }
        }
    }
}

/// Completes what is said of an operation's body.
pub(super) fn complete(name: &str, operation: &mut Value) {
    if EVENTS.contains(&name) {
        let one = json!({ "$ref": "#/components/schemas/UsageEvent" });
        let many = json!({ "type": "array", "items": one });
        operation["requestBody"] = json!({
            "required": true,
            "description": "One event, a batch, or a stream with one event a line, of which there may be any number.",
            "content": {
                "application/json": { "schema": { "oneOf": [one, many] } },
                "application/cloudevents+json": { "schema": one },
                "application/cloudevents-batch+json": { "schema": many },
                "application/x-ndjson": { "schema": { "type": "string", "description": "A `UsageEvent` on each line." } },
            },
        });
    }
}
