//! What becomes of an event that an endpoint does not take? It is sent again, later and later, for three days; an endpoint that is gone, or that takes
//! nothing for five days, is disabled, and nothing is lost.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{Desk, add, sorted};
use crate::harness::{Answering, Receiver};

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

/// Seconds between the attempts of a delivery.
fn waits(delivery: &Value) -> Vec<i64> {
    let at: Vec<_> =
        delivery["log"].as_array().unwrap().iter().map(|attempt| instant(&attempt["at"])).collect();
    at.windows(2).map(|pair| (pair[1] - pair[0]).num_seconds()).collect()
}

#[test]
fn an_event_is_sent_again_later_and_later_for_three_days_and_then_given_up() {
    let desk = Desk::open();
    desk.receiver.always(Some(Answering::Status(500)));
    desk.customer("Ada");
    desk.deliver();
    assert_eq!(desk.deliveries()[0]["status"], "pending");
    desk.pass(TimeDelta::days(4));
    let delivery = &desk.deliveries()[0];
    assert_eq!((&delivery["status"], &delivery["next_attempt_at"]), (&json!("failed"), &Value::Null));
    let planned = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
    let waits = waits(delivery);
    assert_eq!(waits.len(), planned.len(), "{delivery}");
    for (wait, planned) in waits.iter().zip(planned) {
        assert!((planned..=planned + planned / 10 + 1).contains(wait), "{wait} for {planned}");
    }
    assert!(waits.iter().zip(planned).any(|(wait, planned)| *wait != planned), "by chance a little longer");
    let ids: Vec<String> =
        desk.receiver.heard().iter().map(|heard| heard.header("webhook-id").to_owned()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "each time under the same id");
    assert_eq!(desk.endpoint()["enabled"], true, "four days are no five");
    desk.world.settle();
}

#[test]
fn a_failure_is_over_when_the_endpoint_takes_the_event_again() {
    let desk = Desk::open();
    desk.receiver.next([Answering::Status(503), Answering::Cut]);
    desk.customer("Ada");
    desk.deliver();
    assert_eq!(desk.endpoint()["failing_since"], "2026-01-01T00:00:00Z");
    desk.pass(TimeDelta::minutes(10));
    let delivery = &desk.deliveries()[0];
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("delivered"), &json!(3)));
    let log = delivery["log"].as_array().unwrap();
    assert_eq!(log[0]["trouble"], "it answered 503");
    assert_eq!((&log[1]["status"], &log[2]["status"]), (&Value::Null, &json!(200)));
    assert_eq!(desk.endpoint()["failing_since"], Value::Null);
}

#[test]
fn an_endpoint_that_is_gone_is_disabled_and_the_others_hear_of_it() {
    let desk = Desk::open();
    let other = Receiver::open();
    add(&desk.world, &other, &json!({ "event_types": ["webhook_endpoint.disabled"] }));
    desk.receiver.next([Answering::Status(410)]);
    desk.customer("Ada");
    desk.deliver();
    let endpoint = desk.endpoint();
    assert_eq!((&endpoint["enabled"], &endpoint["disabled_reason"]), (&json!(false), &json!("gone")));
    desk.customer("Bob");
    desk.deliver();
    assert_eq!(desk.names(), ["Ada"], "nothing is sent any more");
    assert_eq!(other.types(), ["webhook_endpoint.disabled"]);
    assert_eq!(other.heard()[0].json["object_id"], json!(desk.id));
    let refused = desk.world.post(&format!("{}/test", desk.path()), json!({}));
    refused.is_problem(409, "webhook_endpoint_disabled");
    desk.world.patch(&desk.path(), json!({ "enabled": true })).is(200);
    desk.deliver();
    assert_eq!(desk.names(), ["Ada", "Bob"], "what it has not been sent meanwhile");
    desk.world.post(&format!("{}/replay", desk.path()), json!({ "failed_only": true })).is(202);
    desk.deliver();
    assert_eq!(desk.names(), ["Ada", "Bob", "Ada"]);
}

#[test]
fn an_endpoint_that_takes_nothing_for_five_days_is_disabled_with_an_event() {
    let desk = Desk::open();
    desk.receiver.always(Some(Answering::Status(500)));
    for day in 0..5 {
        desk.customer(&format!("C{day}"));
        desk.pass(TimeDelta::days(1));
    }
    assert_eq!(desk.endpoint()["enabled"], true, "until its first failure is five days ago");
    desk.pass(TimeDelta::days(1));
    let endpoint = desk.endpoint();
    assert_eq!((&endpoint["enabled"], &endpoint["disabled_reason"]), (&json!(false), &json!("failing")));
    let since = instant(&endpoint["disabled_at"]) - instant(&endpoint["failing_since"]);
    assert!(since >= TimeDelta::days(5) && since < TimeDelta::days(6), "{since}");
    desk.world.relay_events();
    let events = desk.world.get("/v1/events?type=webhook_endpoint.disabled").is(200);
    assert_eq!(events.data().len(), 1);
    desk.receiver.always(None);
    desk.world.patch(&desk.path(), json!({ "enabled": true })).is(200);
    desk.pass(TimeDelta::days(2));
    let heard = desk.names();
    assert!(heard.contains(&"C4".to_owned()), "what was still to be tried is taken: {heard:?}");
}

#[test]
fn an_endpoint_that_asks_for_time_gets_it_before_anything_else_is_sent() {
    let desk = Desk::open();
    desk.receiver.next([Answering::Wait(429, 600)]);
    desk.customer("Ada");
    desk.deliver();
    desk.customer("Bob");
    desk.pass(TimeDelta::minutes(9));
    assert_eq!(desk.names(), ["Ada"]);
    desk.pass(TimeDelta::minutes(2));
    assert_eq!(sorted(desk.names()), ["Ada", "Ada", "Bob"]);
    let waits = waits(&desk.deliveries()[1]);
    assert!((600..=602).contains(&waits[0]), "{waits:?}");
}

#[test]
fn nobody_is_followed_elsewhere() {
    let (desk, elsewhere) = (Desk::open(), Receiver::open());
    desk.receiver.next([Answering::Elsewhere(elsewhere.url.clone())]);
    desk.customer("Ada");
    desk.deliver();
    assert!(elsewhere.heard().is_empty());
    let delivery = &desk.deliveries()[0];
    assert_eq!((&delivery["status"], &delivery["log"][0]["status"]), (&json!("pending"), &json!(302)));
}

#[test]
fn while_it_is_disabled_nothing_is_sent_and_nothing_lost() {
    let desk = Desk::open();
    desk.world.patch(&desk.path(), json!({ "enabled": false })).is(200);
    assert_eq!(desk.endpoint()["disabled_reason"], "request");
    desk.customer("Ada");
    desk.pass(TimeDelta::days(30));
    assert!(desk.receiver.heard().is_empty());
    desk.world.patch(&desk.path(), json!({ "enabled": true })).is(200);
    desk.customer("Bob");
    desk.deliver();
    assert_eq!(sorted(desk.names()), ["Ada", "Bob"]);
}
