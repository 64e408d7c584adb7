//! How long are events kept? As long as the tenant says, and until they are billed; what they add up to for ever.

use billwright::workflows::usage::keep_usage_months;
use serde_json::json;

use super::{Metering, event, summary};
use crate::harness::World;

#[test]
fn months_are_dropped_when_retention_has_passed_and_what_they_add_up_to_stays() {
    let world = World::own_database("2026-01-20T00:00:00Z");
    let customer = world.post("/v1/customers", json!({ "name": "Acme", "external_id": "acme" })).is(201).id();
    let seller = Metering { world, customer };
    seller.tokens();
    for time in ["2023-11-16T10:00:00Z", "2025-11-16T10:00:00Z", "2026-01-16T10:00:00Z"] {
        seller.send(event(time, json!({ "tokens": 5 }))).is(200);
    }
    let run = || {
        keep_usage_months::run(&mut seller.world.session())
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(run(), [""; 0], "nothing is dropped unless the tenant says so");
    seller.world.patch("/v1/usage/settings", json!({ "retention_days": 40 })).is(200);
    assert_eq!(run(), ["2023-11-01", "2025-11-01"]);
    assert_eq!(run(), [""; 0]);
    assert_eq!(seller.used("tokens", "2023-01-01T00:00:00Z", "2026-02-01T00:00:00Z"), "15 of 3");
    // What was counted is still known; what comes now is too late.
    let late = event("2025-11-16T10:00:00Z", json!({ "tokens": 5 }));
    seller.send(late).is_problem(422, "too_late");
    assert_eq!(
        summary(&seller.send(json!([event("2025-12-01T00:00:00Z", json!({ "tokens": 1 }))]))),
        "1 accepted, 0 duplicates, 0 kept, 0 rejected"
    );
}

#[test]
fn a_month_that_one_tenant_keeps_is_kept() {
    let world = World::own_database("2026-01-20T00:00:00Z");
    let customer = world.post("/v1/customers", json!({ "name": "Acme", "external_id": "acme" })).is(201).id();
    let seller = Metering { world, customer };
    let other = seller.world.another_tenant();
    seller.tokens();
    other.client.post("/v1/customers", json!({ "name": "Acme", "external_id": "acme" })).is(201);
    other
        .client
        .post(
            "/v1/meters",
            json!({ "code": "calls", "name": "Calls", "event_type": "llm.request", "aggregation": "count" }),
        )
        .is(201);
    seller.send(event("2025-06-16T10:00:00Z", json!({ "tokens": 5 }))).is(200);
    other.client.post("/v1/usage/events", event("2025-06-16T10:00:00Z", json!({}))).is(200);
    seller.world.patch("/v1/usage/settings", json!({ "retention_days": 40 })).is(200);
    assert!(keep_usage_months::run(&mut seller.world.session()).unwrap().is_empty());
    other.client.patch("/v1/usage/settings", json!({ "retention_days": 60 })).is(200);
    assert_eq!(keep_usage_months::run(&mut seller.world.session()).unwrap().len(), 1);
}
