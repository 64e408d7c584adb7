//! May a POST be sent again?

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

use crate::harness::{Reply, World};

fn make(world: &World, key: &str, name: &str) -> Reply {
    world.post_once(key, "/v1/api_keys", json!({ "name": name }))
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
    let theirs = other.client.post_once("a", "/v1/api_keys", json!({ "name": "shop" })).is(201);
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

/// Takes a key of the tenant's on this connection, as a call under way does on the server's.
fn hold(world: &World, conn: &mut PgConnection, key: &str) {
    let id = world.tenant.id.uuid();
    let number = format!(
        "('x' || encode(substr(sha256(uuid_send('{id}') || '{key}'), 1, 8), 'hex'))::bit(64)::bigint"
    );
    conn.batch_execute(&format!("SELECT pg_advisory_lock({number})")).unwrap();
}

/// Calls until the database has noticed that the holder of the key is gone.
fn once_free(call: impl Fn() -> Reply) -> Reply {
    for _ in 0..100 {
        let reply = call();
        if reply.status != 409 {
            return reply;
        }
        thread::sleep(Duration::from_millis(20));
    }
    call()
}

#[test]
fn a_call_under_way_answers_409_and_a_dead_one_is_run_again() {
    let world = World::new();
    let mut conn = world.database.connect();
    hold(&world, &mut conn, "a");
    make(&world, "a", "shop").is_problem(409, "idempotency_key_in_use");
    drop(conn);
    assert_ne!(once_free(|| make(&world, "a", "shop")).is(201).json["key"], Value::Null);
}

#[test]
fn a_long_command_under_way_answers_409_and_a_dead_one_is_run_again() {
    let world = World::new();
    let advance = || world.post_once("a", "/v1/test_clock/advance", json!({ "to": "2026-01-05T00:00:00Z" }));
    let mut conn = world.database.connect();
    hold(&world, &mut conn, "a");
    advance().is_problem(409, "idempotency_key_in_use");
    drop(conn);
    let first = once_free(advance).is(200);
    assert_eq!(advance().is(200).header("idempotent-replayed"), "true");
    world
        .post_once("a", "/v1/test_clock/advance", json!({ "to": "2026-01-06T00:00:00Z" }))
        .is_problem(422, "idempotency_key_reused");
    world.lose_answers();
    let again = advance().is(200);
    assert_eq!((again.header("idempotent-replayed"), again.text_at("/now")), ("", first.text_at("/now")));
}

#[test]
fn a_refused_long_command_leaves_its_key_free() {
    let world = World::new();
    let advance = |to: &str| world.post_once("a", "/v1/test_clock/advance", json!({ "to": to }));
    advance("2026-03-01T00:00:00Z").is(200);
    let back = |to: &str| world.post_once("b", "/v1/test_clock/advance", json!({ "to": to }));
    let refused = back("2027-13-01T00:00:00Z");
    assert_eq!(refused.status, 422, "{}", refused.text);
    back("2026-04-01T00:00:00Z").is(200);
}
