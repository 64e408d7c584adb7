//! May a POST be sent again?

use std::sync::Barrier;
use std::thread;

use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

use crate::harness::{Reply, World};

fn make(world: &World, key: &str, name: &str) -> Reply {
    world.call_once(key, "POST", "/v1/api_keys", Some(&json!({ "name": name })))
}

fn count(world: &World) -> usize {
    world.get("/v1/api_keys?limit=1000").is(200).data().len()
}

#[test]
fn the_same_request_is_done_once_and_its_secret_is_not_kept() {
    let world = World::new();
    let first = make(&world, "a", "shop").is(201);
    let second = make(&world, "a", "shop").is(201);
    assert_eq!((first.header("idempotent-replayed"), second.header("idempotent-replayed")), ("", "true"));
    assert_eq!(second.id(), first.id());
    assert!(second.json["key"].is_null());
    assert_eq!(count(&world), 2);
}

#[test]
fn the_same_json_written_another_way_is_the_same_request() {
    let world = World::new();
    let first = make(&world, "a", "ü").is(201);
    let request = world.request("POST", "/v1/api_keys").header("Content-Type", "application/json");
    let second = Reply::of(request.header("Idempotency-Key", "a").body("{ \n\"name\" :\"\\u00fc\"}")).is(201);
    assert_eq!(second.id(), first.id());
}

#[test]
fn another_request_with_the_key_is_refused() {
    let world = World::new();
    make(&world, "a", "shop").is(201);
    make(&world, "a", "another shop").is_problem(422, "idempotency_key_reused");
    assert_eq!(count(&world), 2);
}

#[test]
fn a_refused_request_leaves_its_key_free() {
    let world = World::new();
    make(&world, "a", "").is_problem(422, "name_empty");
    make(&world, "a", "shop").is(201);
}

#[test]
fn two_tenants_may_use_the_same_key() {
    let world = World::new();
    let other = world.another_tenant();
    let first = make(&world, "a", "shop").is(201);
    let body = json!({ "name": "shop" });
    let theirs = other.client.call_once("a", "POST", "/v1/api_keys", Some(&body)).is(201);
    assert_ne!(theirs.id(), first.id());
}

#[test]
fn a_key_has_1_to_255_characters() {
    let world = World::new();
    make(&world, &"k".repeat(255), "a").is(201);
    make(&world, &"k".repeat(256), "a").is_problem(400, "bad_idempotency_key");
    make(&world, "", "a").is_problem(400, "bad_idempotency_key");
}

#[test]
fn many_calls_at_once_with_one_key_make_one_thing() {
    let world = World::new();
    let start = Barrier::new(8);
    let replies: Vec<Reply> = thread::scope(|scope| {
        let call = || {
            start.wait();
            make(&world, "a", "shop")
        };
        let calls: Vec<_> = (0..8).map(|_| scope.spawn(call)).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert!(replies.iter().any(|reply| reply.status == 201));
    for reply in &replies {
        match reply.status {
            201 => {}
            _ => drop(reply.clone().is_problem(409, "idempotency_key_in_use")),
        }
    }
    assert_eq!(count(&world), 2);
}

#[test]
fn a_call_under_way_answers_409_and_a_dead_one_is_run_again() {
    let world = World::new();
    let mut conn = world.database.connect();
    // A call that holds the key, as the server would, and dies before it answers.
    let lock = "SELECT pg_advisory_xact_lock(('x' || encode(substr(sha256(uuid_send($1) || 'a'), 1, 8), 'hex'))::bit(64)::bigint)";
    let lock = lock.replace("$1", &format!("'{}'", world.tenant.id.uuid()));
    conn.batch_execute(&format!("BEGIN; {lock}")).unwrap();
    make(&world, "a", "shop").is_problem(409, "idempotency_key_in_use");
    drop(conn);
    let mut reply = make(&world, "a", "shop");
    // The database notices the closed connection a moment later.
    for _ in 0..50 {
        if reply.status != 409 {
            break;
        }
        thread::sleep(std::time::Duration::from_millis(20));
        reply = make(&world, "a", "shop");
    }
    assert_ne!(reply.is(201).json["key"], Value::Null);
}
