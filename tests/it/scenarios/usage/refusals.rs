//! Which events and meters are not taken, and is it said why? Nothing is lost silently, and nothing is half-written.

use serde_json::{Value, json};

use super::{Metering, event, rejected, summary};

#[test]
fn each_bad_event_of_a_batch_is_reported_with_its_index_and_the_others_count() {
    let seller = Metering::at("2026-01-15T12:00:00Z");
    seller.tokens();
    let used = |data: Value| event("2026-01-15T11:00:00Z", data);
    let with = |name: &str, value: Value| {
        let mut event = used(json!({ "tokens": 1 }));
        event[name] = value;
        event
    };
    let reply = seller.send(json!([
        used(json!({ "tokens": 1 })),
        used(json!({ "tokens": "many" })),
        used(json!({ "tokens": true })),
        used(json!({ "tokens": [1] })),
        used(json!({ "tokens": null })),
        used(json!({})),
        used(json!({ "tokens": "1e3" })),
        used(json!({ "tokens": 1_000_000_000_000_001_i64 })),
        used(json!({ "tokens": "0.0000000000001" })),
        with("time", json!("2026-01-15T12:05:01Z")),
        with("time", json!("1999-01-15T12:05:01Z")),
        with("time", json!("yesterday")),
        with("subject", json!("nobody")),
        with("type", json!("unheard.of")),
        with("id", json!("")),
        with("id", json!(7)),
        with("source", json!("a\u{0}b")),
        with("data", json!([1])),
        with("data", json!({ "tokens": 1, "note": "a\u{0}b" })),
        with("specversion", json!("0.3")),
        with("No_Attribute", json!(1)),
        with("data_base64", json!("AAAA")),
        with("traceparent", json!("00-1-2-3")),
        json!("no object"),
        json!({ "id": "1", "source": "api" }),
    ]));
    assert_eq!(summary(&reply), "2 accepted, 0 duplicates, 0 kept, 23 rejected");
    assert_eq!(
        rejected(&reply),
        [
            "1 not_a_number /data/tokens",
            "2 not_a_number /data/tokens",
            "3 not_a_number /data/tokens",
            "4 missing_value /data/tokens",
            "5 missing_value /data/tokens",
            "6 not_a_number /data/tokens",
            "7 absurd_number /data/tokens",
            "8 absurd_number /data/tokens",
            "9 time_in_future /time",
            "10 too_late /time",
            "11 bad_value /time",
            "12 unknown_customer /subject",
            "13 unknown_meter /type",
            "14 blank /id",
            "15 wrong_type /id",
            "16 control_character /source",
            "17 wrong_type /data",
            "18 unstorable_data /data/note",
            "19 bad_value /specversion",
            "20 unknown_field /No_Attribute",
            "21 unknown_field /data_base64",
            "23 wrong_type ",
            "24 missing_field /type",
        ]
    );
    assert_eq!(seller.used("tokens", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"), "2 of 2");
}

#[test]
fn a_single_bad_event_is_a_problem_of_its_own_and_writes_nothing() {
    let seller = Metering::at("2026-01-15T12:00:00Z");
    seller.tokens();
    let before = seller.world.rows_of(seller.world.tenant.id);
    let future = event("2026-01-15T12:06:00Z", json!({ "tokens": 1 }));
    let reply = seller.send(future).is_problem(422, "time_in_future");
    assert_eq!(reply.text_at("/errors/0/pointer"), "/time");
    seller.send(event("2026-01-15T11:00:00Z", json!({ "tokens": "x" }))).is_problem(422, "not_a_number");
    seller.send(json!("x")).is_problem(422, "wrong_type");
    let request = seller.world.request("POST", "/v1/usage/events").header("Content-Type", "application/json");
    crate::harness::Reply::of(request.body("[{\"id\": ")).is_problem(400, "malformed_json");
    assert_eq!(seller.world.rows_of(seller.world.tenant.id), before, "something was written");
}

#[test]
fn events_nothing_is_known_of_are_refused_or_kept_as_the_tenant_says() {
    let seller = Metering::at("2026-01-15T12:00:00Z");
    seller.tokens();
    let mut stranger = event("2026-01-15T11:00:00Z", json!({ "tokens": 1 }));
    stranger["subject"] = json!("stranger");
    let mut unheard = event("2026-01-15T11:00:00Z", json!({ "tokens": 1 }));
    unheard["type"] = json!("unheard.of");
    seller.send(stranger.clone()).is_problem(422, "unknown_customer");
    let settings = seller.world.patch("/v1/usage/settings", json!({ "unknown_usage": "keep" })).is(200);
    assert_eq!(
        settings.json,
        json!({ "maximum_lateness_days": null, "unknown_usage": "keep", "retention_days": null })
    );
    assert_eq!(
        summary(&seller.send(json!([stranger, unheard]))),
        "0 accepted, 0 duplicates, 2 kept, 0 rejected"
    );
    assert_eq!(summary(&seller.send(stranger)), "0 accepted, 1 duplicates, 0 kept, 0 rejected");
    assert_eq!(seller.world.get("/v1/usage/settings").is(200).json, settings.json);
    seller.world.patch("/v1/usage/settings", json!({ "retention_days": 5 })).is_problem(422, "out_of_range");
    seller.world.patch("/v1/usage/settings", json!({ "maximum_lateness_days": -1 })).is(422);
}

#[test]
fn a_meter_that_cannot_be_is_refused_with_every_fault() {
    let seller = Metering::at("2026-01-15T12:00:00Z");
    let reply = seller.world.post(
        "/v1/meters",
        json!({ "code": "a b", "name": "", "event_type": "call", "aggregation": "sum", "dimensions": ["a", "b", "a", "c"],
                "filters": [{ "property": "x", "values": [] }] }),
    );
    let reply = reply.is_problem(422, "invalid");
    let faults: Vec<&str> =
        reply.json["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(
        faults,
        ["/code", "/name", "/value_property", "/filters/0/values", "/dimensions", "/dimensions/2"]
    );
    seller.tokens();
    let again = json!({ "code": "tokens", "name": "Tokens", "event_type": "x", "aggregation": "count" });
    seller.world.post("/v1/meters", again).is_problem(409, "code_taken");
    let made = seller.world.get("/v1/meters?code=tokens").is(200);
    assert_eq!((made.data().len(), made.text_at("/data/0/aggregation").as_str()), (1, "sum"));
    seller.world.relay_events();
    let events = seller.world.get("/v1/events?type=meter.created").is(200);
    assert_eq!(events.text_at("/data/0/data/code"), "tokens");
}

#[test]
fn an_event_that_says_timestamp_is_told_what_it_is_called() {
    let seller = Metering::at("2026-01-15T12:00:00Z");
    seller.tokens();
    let mut wrong = event("2026-01-15T11:00:00Z", json!({ "tokens": 1 }));
    wrong.as_object_mut().unwrap().remove("time");
    wrong["timestamp"] = json!("2026-01-10T11:00:00Z");
    let reply = seller.send(wrong);
    assert!(reply.text.contains("`time`, as CloudEvents do"), "{}", reply.text);
    assert!(reply.text.contains("timestamp"), "{}", reply.text);
    assert_eq!(seller.used("tokens", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"), "0 of 0");
}
