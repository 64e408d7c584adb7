//! Does `verify-books` find roll-ups that are not what the events are? Each difference is planted behind the program's back, and named by
//! its check.

use serde_json::json;

use super::event;
use crate::harness::{Tenant, World};

/// A tenant with a few events, read by a meter of each kind.
fn with_usage(world: &World) -> Tenant {
    let tenant = world.another_tenant();
    let client = &tenant.client;
    client.post("/v1/customers", json!({ "name": "Acme", "external_id": "acme" })).is(201);
    for aggregation in ["sum", "unique_count", "weighted_sum"] {
        let body = json!({ "code": aggregation, "name": aggregation, "event_type": "llm.request", "aggregation": aggregation,
                           "value_property": "v", "price_property": "p", "dimensions": ["model"],
                           "filters": [{ "property": "ok", "values": ["true"] }] });
        client.post("/v1/meters", body).is(201);
    }
    for (n, time) in
        ["2025-12-05T10:00:00Z", "2025-12-05T10:30:00Z", "2025-12-05T12:00:00Z", "2025-12-06T00:00:00Z"]
            .iter()
            .enumerate()
    {
        let data = json!({ "v": n + 1, "p": "0.05", "model": "é\"\\", "ok": true });
        client.post("/v1/usage/events", event(time, data)).is(200);
    }
    client.post("/v1/usage/events", event("2025-12-05T10:00:00Z", json!({ "v": "x", "ok": false }))).is(200);
    billwright::workflows::relay_events::run(&mut world.session(), Some(tenant.id)).unwrap();
    tenant
}

/// What is planted, and which checks must name it.
const PLANTED: &[(&str, &[&str])] = &[
    (
        "UPDATE usage_rollups SET total = total + 1 WHERE tenant_id = $t AND grain = 1 AND bucket = '2025-12-05T10:00:00Z' AND held = 0",
        &["usage_days_are_their_hours", "usage_hours_are_their_events"],
    ),
    (
        "UPDATE usage_rollups SET held = held + 1 WHERE tenant_id = $t AND grain = 24 AND held <> 0",
        &["usage_days_are_their_hours"],
    ),
    (
        "UPDATE usage_rollups SET latest = 9, largest = 9 WHERE tenant_id = $t AND bucket >= '2025-12-06T00:00:00Z' AND held = 0",
        &["usage_hours_are_their_events"],
    ),
    ("DELETE FROM usage_rollups WHERE tenant_id = $t AND grain = 24", &["usage_days_are_their_hours"]),
    (
        "DELETE FROM usage_uniques WHERE tenant_id = $t AND grain = 24",
        &["different_values_are_those_of_the_events"],
    ),
    (
        "INSERT INTO usage_uniques SELECT tenant_id, customer_id, meter_id, grain, bucket, dimensions, 'more' FROM usage_uniques WHERE tenant_id = $t LIMIT 1",
        &["different_values_are_those_of_the_events"],
    ),
    (
        "DELETE FROM usage_events WHERE tenant_id = $t AND occurred_at = '2025-12-06T00:00:00Z'",
        &[
            "different_values_are_those_of_the_events",
            "every_event_has_its_key_once",
            "usage_hours_are_their_events",
        ],
    ),
    (
        "DELETE FROM usage_event_keys WHERE tenant_id = $t AND occurred_at = '2025-12-06T00:00:00Z'",
        &["every_event_has_its_key_once"],
    ),
    (
        "UPDATE usage_events SET data = jsonb_set(data, '{v}', '77') WHERE tenant_id = $t AND occurred_at = '2025-12-06T00:00:00Z'",
        &["different_values_are_those_of_the_events", "usage_hours_are_their_events"],
    ),
];

#[test]
fn each_planted_difference_of_usage_is_named_and_nothing_else() {
    let world = World::own_database("2026-01-01T00:00:00Z");
    for (plant, expected) in PLANTED {
        let tenant = with_usage(&world);
        let named = world.named_by_checks(tenant.id, plant);
        assert_eq!(named, *expected, "{plant}");
    }
}
