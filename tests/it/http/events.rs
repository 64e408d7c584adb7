//! Is the feed complete, gapless and the same for everyone?

use std::thread;

use billwright::workflows::relay_events;
use serde_json::json;

use crate::harness::{Reply, World};

fn sequences(reply: &Reply) -> Vec<i64> {
    reply.data().iter().map(|event| event["sequence"].as_i64().unwrap()).collect()
}

#[test]
fn events_are_numbered_from_one_and_read_from_where_the_reader_left_off() {
    let world = World::new();
    assert_eq!(
        world.get("/v1/events").is(200).json,
        json!({ "data": [], "has_more": false, "next_after_sequence": 0 })
    );
    let keys: Vec<String> =
        (0..3).map(|n| world.post("/v1/api_keys", json!({ "name": format!("{n}") })).is(201).id()).collect();
    assert_eq!(world.relay_events(), 3);
    assert_eq!(world.relay_events(), 0);
    let first = world.get("/v1/events?limit=2").is(200);
    assert_eq!((sequences(&first), first.json["has_more"].as_bool()), (vec![1, 2], Some(true)));
    assert_eq!(first.data()[1]["object_id"], json!(keys[1]));
    assert_eq!(first.data()[1]["type"], "api_key.created");
    assert_eq!(first.data()[1]["data"]["name"], "1");
    assert_eq!(first.data()[1]["occurred_at"], "2026-01-01T00:00:00Z");
    let rest = world.get("/v1/events?after_sequence=2").is(200);
    assert_eq!((sequences(&rest), rest.json["next_after_sequence"].as_i64()), (vec![3], Some(3)));
}

#[test]
fn events_can_be_read_by_type_and_an_unknown_type_is_named() {
    let world = World::new();
    let key = world.post("/v1/api_keys", json!({ "name": "a" })).is(201).id();
    world.delete(&format!("/v1/api_keys/{key}")).is(200);
    world.relay_events();
    assert_eq!(sequences(&world.get("/v1/events?type=api_key.revoked").is(200)), [2]);
    let reply = world.get("/v1/events?type=api_key.burnt").is_problem(422, "unknown_event_type");
    assert!(reply.text_at("/detail").contains("api_key.revoked"));
}

#[test]
fn a_refused_call_tells_nothing() {
    let world = World::new();
    world.post("/v1/api_keys", json!({ "name": "" })).is(422);
    assert_eq!(world.relay_events(), 0);
}

#[test]
fn relays_at_work_at_once_leave_no_gap_and_tell_nothing_twice() {
    let world = World::new();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                (0..20)
                    .for_each(|n| drop(world.post("/v1/api_keys", json!({ "name": format!("{n}") })).is(201)))
            });
        }
        for _ in 0..3 {
            scope.spawn(|| {
                let mut session = world.session();
                for _ in 0..30 {
                    relay_events::run(&mut session, Some(world.tenant.id)).unwrap();
                }
            });
        }
    });
    world.relay_events();
    let all = world.get("/v1/events?limit=1000").is(200);
    assert_eq!(sequences(&all), (1..=60).collect::<Vec<i64>>());
    let ids: std::collections::BTreeSet<&str> =
        all.data().iter().map(|e| e["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 60);
}
