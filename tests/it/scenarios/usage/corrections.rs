//! What if usage was summary wrongly? Events are voided, ranges replaced, and all of it can be taken back.

use serde_json::{Value, json};

use super::{Metering, event, summary};

const JANUARY: (&str, &str) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");

fn january(seller: &Metering, meter: &str) -> String {
    seller.used(meter, JANUARY.0, JANUARY.1)
}

#[test]
fn a_voided_event_counts_nowhere_and_its_id_stays_used() {
    let seller = Metering::at("2026-01-20T00:00:00Z");
    seller.tokens();
    for aggregation in ["max", "latest", "unique_count", "weighted_sum", "average"] {
        seller.meter(aggregation, json!({ "aggregation": aggregation, "value_property": "tokens" }));
    }
    let wrong = event("2026-01-05T10:30:00Z", json!({ "tokens": 1000 }));
    let right = event("2026-01-05T10:00:00Z", json!({ "tokens": 10 }));
    seller.send(json!([right, wrong])).is(200);
    let name = json!({ "source": "api", "id": wrong["id"] });
    let voided = seller.world.post("/v1/usage/events/void", name.clone()).is(200);
    assert_eq!(
        (voided.text_at("/type").as_str(), voided.text_at("/customer_id")),
        ("llm.request", seller.customer.clone())
    );
    assert_eq!(seller.world.post("/v1/usage/events/void", name).is(200).text, voided.text, "voided twice");
    assert_eq!(january(&seller, "tokens"), "10 of 1");
    assert_eq!(january(&seller, "max"), "10 of 1");
    assert_eq!(january(&seller, "latest"), "10 of 1");
    assert_eq!(january(&seller, "unique_count"), "1 of 1");
    assert_eq!(january(&seller, "average"), "10 of 1");
    // Held from the 5th, 10:00, to the end of the month: 638 hours.
    assert_eq!(january(&seller, "weighted_sum"), "6380 of 1");
    assert_eq!(summary(&seller.send(wrong)), "0 accepted, 1 duplicates, 0 kept, 0 rejected");
    seller
        .world
        .post("/v1/usage/events/void", json!({ "source": "api", "id": "never" }))
        .is_problem(404, "not_found");
    seller.world.relay_events();
    assert_eq!(seller.world.get("/v1/events?type=customer.usage_voided").is(200).data().len(), 1);
}

#[test]
fn kept_events_count_once_there_is_a_customer_and_a_meter() {
    let seller = Metering::at("2026-01-20T00:00:00Z");
    seller.world.patch("/v1/usage/settings", json!({ "unknown_usage": "keep" })).is(200);
    let mut stranger = event("2026-01-05T10:00:00Z", json!({ "tokens": 5 }));
    stranger["subject"] = json!("later");
    let unread = event("2026-01-05T10:00:00Z", json!({ "tokens": "many" }));
    let batch = json!([event("2026-01-05T10:00:00Z", json!({ "tokens": 7 })), stranger, unread]);
    assert_eq!(summary(&seller.send(batch)), "0 accepted, 0 duplicates, 3 kept, 0 rejected");
    seller.tokens();
    assert_eq!(january(&seller, "tokens"), "0 of 0");
    let replay = |dry_run: bool| {
        let body = json!({ "from": JANUARY.0, "to": JANUARY.1, "dry_run": dry_run });
        let reply = seller.world.post("/v1/usage/replays", body).is(200).json;
        ["counted", "still_kept", "unreadable"].map(|name| reply[name].as_u64().unwrap())
    };
    assert_eq!(replay(true), [1, 1, 1]);
    assert_eq!(january(&seller, "tokens"), "0 of 0", "a dry run did something");
    assert_eq!(replay(false), [1, 1, 1]);
    assert_eq!(january(&seller, "tokens"), "7 of 1");
    let later =
        seller.world.post("/v1/customers", json!({ "name": "Later", "external_id": "later" })).is(201).id();
    assert_eq!(replay(false), [1, 0, 1]);
    assert_eq!(replay(false), [0, 0, 1]);
    let url = format!("/v1/usage?customer_id={later}&meter=tokens&from={}&to={}", JANUARY.0, JANUARY.1);
    assert_eq!(seller.world.get(&url).is(200).text_at("/data/0/quantity"), "5");
}

/// Puts events to a backfill.
fn put(seller: &Metering, backfill: &str, events: Value) -> String {
    summary(&seller.world.post(&format!("/v1/usage/backfills/{backfill}/events"), events))
}

#[test]
fn a_backfill_replaces_a_range_and_can_be_reverted() {
    let seller = Metering::at("2026-01-20T00:00:00Z");
    let meter = seller.tokens();
    seller.meter("held", json!({ "aggregation": "weighted_sum", "value_property": "tokens" }));
    let used = |time: &str, tokens: i64| event(time, json!({ "tokens": tokens }));
    let old = [
        used("2026-01-05T10:00:00Z", 100),
        used("2026-01-05T23:59:59Z", 50),
        used("2026-01-06T00:00:00Z", 7),
    ];
    seller.send(json!(old)).is(200);
    let open = json!({ "meter_id": meter, "customer_id": seller.customer, "from": "2026-01-05T00:00:00Z", "to": "2026-01-06T00:00:00Z" });
    let backfill = seller.world.post("/v1/usage/backfills", open).is(201).id();
    let new = json!([
        used("2026-01-05T09:00:00Z", 90),
        old[0],
        used("2026-01-06T00:00:00Z", 1),
        used("2026-01-05T11:00:00Z", 3)
    ]);
    // An id that was used, and an event outside the range, are not taken.
    assert_eq!(put(&seller, &backfill, new), "2 accepted, 1 duplicates, 0 kept, 1 rejected");
    assert_eq!(january(&seller, "tokens"), "157 of 3", "the events of an open backfill count");
    let before = (january(&seller, "held"), seller.world.rows_of(seller.world.tenant.id));
    let settle = |action: &str, dry_run: bool| {
        let url = format!("/v1/usage/backfills/{backfill}/{action}");
        let reply = seller.world.post(&url, json!({ "dry_run": dry_run })).is(200).json;
        let change = &reply["changes"][0];
        format!(
            "{} out, {} in, {} {} to {}",
            reply["events_removed"],
            reply["events_added"],
            change["meter_code"].as_str().unwrap(),
            change["before"].as_str().unwrap(),
            change["after"].as_str().unwrap()
        )
    };
    assert_eq!(settle("close", true), "2 out, 2 in, tokens 150 to 93");
    assert_eq!(seller.world.rows_of(seller.world.tenant.id), before.1, "a dry run wrote something");
    assert_eq!(settle("close", false), "2 out, 2 in, tokens 150 to 93");
    assert_eq!(january(&seller, "tokens"), "100 of 3");
    seller
        .world
        .post(&format!("/v1/usage/backfills/{backfill}/close"), json!({}))
        .is_problem(409, "backfill_closed");
    seller
        .world
        .post(&format!("/v1/usage/backfills/{backfill}/events"), json!([]))
        .is_problem(409, "backfill_closed");
    assert_eq!(settle("revert", true), "2 out, 2 in, tokens 93 to 150");
    assert_eq!(settle("revert", false), "2 out, 2 in, tokens 93 to 150");
    assert_eq!((january(&seller, "tokens").as_str(), january(&seller, "held")), ("157 of 3", before.0));
    let read = seller.world.get(&format!("/v1/usage/backfills/{backfill}")).is(200);
    assert_eq!(read.text_at("/status"), "reverted");
}
