//! What is a caller told when the line to the database breaks in the middle of a call? Nothing, when the call can be carried out on another
//! connection; when it was COMMIT whose answer was lost, that nobody knows, and how to find out.

use billwright::storage::Db;
use serde_json::json;

use crate::harness::{Break, Client, Server, Wire, World};

/// A server whose line to the world's database may break.
fn server_on(wire: &Wire) -> Server {
    Server::start(Db::start(&wire.url, 1).unwrap())
}

fn customers_of(world: &World) -> usize {
    world.get("/v1/customers").is(200).data().len()
}

#[test]
fn a_command_whose_connection_breaks_before_its_commit_is_carried_out_once_on_another() {
    let world = World::new();
    let wire = Wire::to(&world.database.url);
    let server = server_on(&wire);
    let client = Client::new(&server.url, Some(&world.tenant.key));
    client.get("/v1/customers").is(200);
    wire.break_at(Break::BeforeInsert);
    client.post("/v1/customers", json!({ "name": "Ada" })).is(201);
    assert!(wire.has_broken());
    assert_eq!(customers_of(&world), 1);
}

#[test]
fn a_commit_whose_answer_was_lost_is_reported_as_unknown_and_found_out_with_the_same_key() {
    let world = World::new();
    let wire = Wire::to(&world.database.url);
    let server = server_on(&wire);
    let client = Client::new(&server.url, Some(&world.tenant.key));
    client.get("/v1/customers").is(200);
    wire.break_at(Break::AfterCommit);
    let body = json!({ "name": "Ada" });
    let unknown = client.post_once("ada", "/v1/customers", body.clone()).is_problem(503, "outcome_unknown");
    assert!(wire.has_broken() && unknown.text_at("/detail").contains("Idempotency-Key"), "{}", unknown.text);
    assert_eq!(customers_of(&world), 1, "the database had committed it");
    let found = client.post_once("ada", "/v1/customers", body).is(201);
    assert_eq!(found.header("idempotent-replayed"), "true");
    assert_eq!(customers_of(&world), 1);
}
