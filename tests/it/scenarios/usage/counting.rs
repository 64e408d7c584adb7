//! Does an event count once, for ever, whoever sends it how often?

use std::thread;

use serde_json::{Value, json};

use super::{Metering, event, rejected, summary};
use crate::harness::World;

const JANUARY: (&str, &str) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");

#[test]
fn an_event_counts_once_however_often_it_is_sent() {
    let seller = Metering::at("2026-01-15T12:00:00Z");
    seller.tokens();
    let first = event("2026-01-15T11:00:00Z", json!({ "tokens": 4808 }));
    assert_eq!(summary(&seller.send(first.clone())), "1 accepted, 0 duplicates, 0 kept, 0 rejected");
    assert_eq!(summary(&seller.send(first.clone())), "0 accepted, 1 duplicates, 0 kept, 0 rejected");
    // The same content written another way: other order, other blanks, the time in another zone.
    let text = format!(
        r#"{{ "data" : {{ "tokens":4808 }}, "time": "2026-01-15T12:00:00+01:00", "subject":"acme","type":"llm.request", "source":"api","id":{} }}"#,
        first["id"]
    );
    let request = seller
        .world
        .request("POST", "/v1/usage/events")
        .header("Content-Type", "application/cloudevents+json");
    let reply = crate::harness::Reply::of(request.body(text));
    assert_eq!(summary(&reply), "0 accepted, 1 duplicates, 0 kept, 0 rejected");
    let batch = json!([first, event("2026-01-15T11:00:00Z", json!({ "tokens": "3180" })), first]);
    assert_eq!(summary(&seller.send(batch)), "1 accepted, 2 duplicates, 0 kept, 0 rejected");
    assert_eq!(seller.used("tokens", JANUARY.0, JANUARY.1), "7988 of 2");
}

#[test]
fn the_same_id_with_other_content_is_a_conflict_and_the_first_one_counts() {
    let seller = Metering::at("2026-01-15T12:00:00Z");
    seller.tokens();
    let first = event("2026-01-15T11:00:00Z", json!({ "tokens": 100 }));
    let mut other = first.clone();
    other["data"]["tokens"] = json!(200);
    seller.send(first.clone()).is(200);
    let before = seller.world.rows_of(seller.world.tenant.id);
    let reply = seller.send(other.clone()).is_problem(409, "conflict");
    assert_eq!(reply.text_at("/errors/0/pointer"), "/id");
    let reply = seller.send(json!([other, first]));
    assert_eq!(summary(&reply), "0 accepted, 1 duplicates, 0 kept, 1 rejected");
    assert_eq!(rejected(&reply), ["0 conflict /id"]);
    assert_eq!(seller.world.rows_of(seller.world.tenant.id), before, "something was written");
    // Within one batch the first one counts, too.
    let new = event("2026-01-15T11:00:00Z", json!({ "tokens": 1 }));
    let mut changed = new.clone();
    changed["data"]["tokens"] = json!(2);
    let reply = seller.send(json!([new, changed, new]));
    assert_eq!(
        (summary(&reply).as_str(), rejected(&reply)),
        ("1 accepted, 1 duplicates, 0 kept, 1 rejected", vec!["1 conflict /id".to_owned()])
    );
    assert_eq!(seller.used("tokens", JANUARY.0, JANUARY.1), "101 of 2");
    // Another source is another event.
    let mut elsewhere = first;
    elsewhere["source"] = json!("elsewhere");
    assert_eq!(summary(&seller.send(elsewhere)), "1 accepted, 0 duplicates, 0 kept, 0 rejected");
}

#[test]
fn an_event_without_a_time_is_of_now_and_still_a_duplicate_later() {
    let seller = Metering::at("2026-01-15T12:00:00Z");
    seller.tokens();
    let mut timeless = event("", json!({ "tokens": 5 }));
    timeless.as_object_mut().unwrap().remove("time");
    seller.send(timeless.clone()).is(200);
    seller.world.advance_to("2026-01-16T12:00:00Z");
    assert_eq!(summary(&seller.send(timeless)), "0 accepted, 1 duplicates, 0 kept, 0 rejected");
    assert_eq!(seller.used("tokens", "2026-01-15T12:00:00Z", "2026-01-15T12:00:01Z"), "5 of 1");
}

#[test]
fn what_was_counted_stays_a_duplicate_when_it_would_be_too_late_today() {
    let seller = Metering::at("2026-01-15T12:00:00Z");
    seller.tokens();
    let old = event("2026-01-01T00:00:00Z", json!({ "tokens": 5 }));
    seller.send(old.clone()).is(200);
    seller.world.patch("/v1/usage/settings", json!({ "maximum_lateness_days": 3 })).is(200);
    assert_eq!(summary(&seller.send(old)), "0 accepted, 1 duplicates, 0 kept, 0 rejected");
    seller.send(event("2026-01-01T00:00:00Z", json!({ "tokens": 5 }))).is_problem(422, "too_late");
}

#[test]
fn one_customer_is_named_by_id_or_by_its_sellers_own_id() {
    let seller = Metering::at("2026-01-15T12:00:00Z");
    seller.tokens();
    let mut by_id = event("2026-01-15T11:00:00Z", json!({ "tokens": 1 }));
    by_id["subject"] = json!(seller.customer);
    let by_name = event("2026-01-15T11:00:00Z", json!({ "tokens": 2 }));
    assert_eq!(
        summary(&seller.send(json!([by_id, by_name]))),
        "2 accepted, 0 duplicates, 0 kept, 0 rejected"
    );
    assert_eq!(seller.used("tokens", JANUARY.0, JANUARY.1), "3 of 2");
}

#[test]
fn many_senders_at_once_count_each_event_once() {
    let world = World::own_database("2026-01-15T12:00:00Z");
    let customer = world.post("/v1/customers", json!({ "name": "Acme", "external_id": "acme" })).is(201).id();
    let seller = Metering { world, customer };
    seller.tokens();
    seller.meter("held", json!({ "aggregation": "weighted_sum", "value_property": "tokens" }));
    let events: Vec<Value> = (0..60)
        .map(|n| event(&format!("2026-01-1{}T11:00:{n:02}Z", n % 5), json!({ "tokens": n })))
        .collect();
    thread::scope(|scope| {
        for part in 0..6 {
            let (seller, events) = (&seller, &events);
            scope.spawn(move || {
                let mut own = events.clone();
                own.rotate_left(part * 10);
                for one in &own[..30] {
                    seller.send(one.clone()).is(200);
                }
                seller.send(Value::Array(own)).is(200);
            });
        }
    });
    assert_eq!(seller.used("tokens", JANUARY.0, JANUARY.1), "1770 of 60");
}

#[test]
fn a_meter_counts_the_events_that_were_there_before_it() {
    let seller = Metering::at("2026-01-15T12:00:00Z");
    seller.tokens();
    let events = [("2026-01-15T11:00:00Z", 3), ("2026-01-14T11:00:00Z", 4), ("2026-01-14T11:30:00Z", 5)];
    for (time, tokens) in events {
        seller.send(event(time, json!({ "tokens": tokens, "model": "large" }))).is(200);
    }
    seller.meter("calls", json!({ "aggregation": "count" }));
    seller.meter("models", json!({ "aggregation": "unique_count", "value_property": "model" }));
    seller.meter("words", json!({ "aggregation": "sum", "value_property": "words" }));
    assert_eq!(seller.used("calls", JANUARY.0, JANUARY.1), "3 of 3");
    assert_eq!(seller.used("models", JANUARY.0, JANUARY.1), "1 of 3");
    assert_eq!(seller.used("words", JANUARY.0, JANUARY.1), "0 of 0");
}

#[test]
fn the_key_of_an_idempotent_call_answers_alike_and_the_event_still_counts_once() {
    let seller = Metering::at("2026-01-15T12:00:00Z");
    seller.tokens();
    let one = event("2026-01-15T11:00:00Z", json!({ "tokens": 1 }));
    let first = seller.world.post_once("a key", "/v1/usage/events", one.clone());
    assert_eq!(summary(&first), "1 accepted, 0 duplicates, 0 kept, 0 rejected");
    let again = seller.world.post_once("a key", "/v1/usage/events", one.clone());
    assert_eq!((again.text.as_str(), again.header("idempotent-replayed")), (first.text.as_str(), "true"));
    assert_eq!(summary(&seller.send(one)), "0 accepted, 1 duplicates, 0 kept, 0 rejected");
}
