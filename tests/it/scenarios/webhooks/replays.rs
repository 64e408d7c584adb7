//! What is sent once more? One event, those of a range, or all that was given up; each under the id that it had.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Desk, sorted};
use crate::harness::Answering;

impl Desk {
    fn replay(&self, body: Value) -> u64 {
        let replayed = self.world.post(&format!("{}/replay", self.path()), body).is(202).json;
        self.deliver();
        replayed["replayed"].as_u64().unwrap()
    }
}

#[test]
fn one_event_a_range_of_them_or_events_of_before_the_endpoint_are_sent_again() {
    let desk = Desk::open();
    desk.customer("Ada");
    desk.pass(TimeDelta::hours(1));
    desk.customer("Bob");
    desk.deliver();
    let ids: Vec<String> =
        desk.receiver.heard().iter().map(|heard| heard.header("webhook-id").to_owned()).collect();
    assert_eq!(desk.replay(json!({ "event_ids": [ids[1]] })), 1);
    assert_eq!(desk.names(), ["Ada", "Bob", "Bob"]);
    assert_eq!(desk.receiver.heard()[2].header("webhook-id"), ids[1]);
    assert_eq!(desk.replay(json!({ "from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:30:00Z" })), 1);
    assert_eq!(desk.names(), ["Ada", "Bob", "Bob", "Ada"]);
    assert_eq!(desk.replay(json!({ "from": "2026-01-01T00:00:00Z" })), 2);
    assert_eq!(desk.deliveries().len(), 2, "an event has one line in the log");
    assert_eq!(desk.deliveries()[0]["log"].as_array().unwrap().len(), 3);
    // What is named is sent, wanted or not: the endpoint does not want events of keys, and this one is older than itself.
    let feed = desk.world.get("/v1/events?limit=1").is(200);
    assert_eq!(desk.replay(json!({ "event_ids": [feed.data()[0]["id"]] })), 1);
    assert_eq!(desk.receiver.types().last(), feed.data()[0]["type"].as_str().map(str::to_owned).as_ref());
}

#[test]
fn all_that_was_given_up_is_sent_again_and_nothing_else() {
    let desk = Desk::open();
    desk.customer("Ada");
    desk.deliver();
    desk.receiver.always(Some(Answering::Status(400)));
    desk.customer("Bob");
    desk.customer("Cy");
    desk.pass(TimeDelta::days(4));
    desk.receiver.always(None);
    let failed = format!("{}/deliveries?status=failed", desk.path());
    assert_eq!(desk.world.get(&failed).is(200).data().len(), 2);
    let before = desk.receiver.heard().len();
    assert_eq!(desk.replay(json!({ "failed_only": true })), 2);
    assert_eq!(sorted(desk.names()[before..].to_vec()), ["Bob", "Cy"]);
    assert!(desk.world.get(&failed).is(200).data().is_empty());
    assert_eq!(desk.replay(json!({ "failed_only": true })), 0);
}

#[test]
fn a_replay_says_what_it_is_of() {
    let desk = Desk::open();
    let code = |body: Value| {
        let path = format!("{}/replay", desk.path());
        desk.world.post(&path, body).is(422).text_at("/errors/0/code")
    };
    assert_eq!(code(json!({})), "nothing_to_replay");
    assert_eq!(code(json!({ "event_ids": [] })), "out_of_range");
    let (from, to) = ("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z");
    assert_eq!(code(json!({ "from": from, "to": to })), "empty_range");
    let id = "evt_01jgejp8g0e3q9k0v6z4t1x2y3";
    assert_eq!(code(json!({ "event_ids": [id], "from": from })), "ids_and_range");
}
