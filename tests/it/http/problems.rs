//! What is answered when it did not work? Always a problem document with the call's id.

use serde_json::json;

use crate::harness::{Reply, World};

#[test]
fn what_is_not_served_is_a_problem_too() {
    let world = World::new();
    world.get("/nowhere").is_problem(404, "no_such_route");
    world.get("/v1/nowhere").is_problem(404, "no_such_route");
    let reply = world.call("PUT", "/v1/api_keys", None).is_problem(405, "method_not_allowed");
    assert_eq!(reply.header("allow"), "GET, HEAD, POST");
    let reply = world.post("/healthz", json!({})).is_problem(405, "method_not_allowed");
    assert_eq!(reply.header("allow"), "GET, HEAD");
}

#[test]
fn an_id_of_nothing_or_of_another_kind_is_not_found() {
    let world = World::new();
    world.get("/v1/api_keys/key_01h2xcejqtf2nbrexx3vqjhp41").is_problem(404, "not_found");
    let reply = world.get("/v1/api_keys/cus_01h2xcejqtf2nbrexx3vqjhp41").is_problem(404, "not_found");
    assert!(reply.text_at("/detail").contains("key_"), "{}", reply.text);
    world.get("/v1/api_keys/nonsense").is_problem(404, "not_found");
}

#[test]
fn every_answer_carries_the_id_of_its_call_and_a_sane_one_of_the_callers_is_kept() {
    let world = World::new();
    let own = world.get("/v1/test_clock").is(200);
    assert!(own.header("x-request-id").starts_with("req_"));
    let given = |id: &str| {
        let reply = Reply::of(world.request("GET", "/v1/test_clock").header("X-Request-Id", id));
        reply.header("x-request-id").to_owned()
    };
    assert_eq!(given("order-17.b"), "order-17.b");
    assert!(given("two words").starts_with("req_"));
    assert!(given(&"x".repeat(101)).starts_with("req_"));
    world.with_key(None).get("/v1/test_clock").is_problem(401, "unauthenticated");
}

#[test]
fn a_body_may_say_json_with_a_charset_or_a_suffix() {
    let world = World::new();
    for kind in ["application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"] {
        let request =
            world.request("POST", "/v1/api_keys").header("Content-Type", kind).body(r#"{"name":"a"}"#);
        Reply::of(request).is(201);
    }
}

#[test]
fn the_server_tells_that_it_is_up_ready_and_how_much_it_did() {
    let world = World::new();
    let nobody = world.with_key(None);
    nobody.get("/healthz").is(200);
    nobody.get("/readyz").is(200);
    world.get("/v1/api_keys/key_01h2xcejqtf2nbrexx3vqjhp41").is(404);
    let metrics = nobody.get("/metrics").is(200).text;
    let line = r#"http_requests_total{method="GET",route="/v1/api_keys/{id}",status="404"} 1"#;
    assert!(metrics.contains(line) && metrics.contains("db_queue_length 0"), "{metrics}");
}

#[test]
fn a_malformed_query_is_refused() {
    let world = World::new();
    world.get("/v1/events?limit=1&limit=2").is_problem(422, "duplicate_field");
    world.get("/v1/events?after_sequence=-1").is_problem(422, "bad_sequence");
    world.get("/v1/events?after_sequence=99999999999999999999").is_problem(422, "bad_value");
}

#[test]
fn a_head_answers_what_a_get_would_without_the_body() {
    let world = World::new();
    let (get, head) = (world.get("/v1/api_keys"), world.call("HEAD", "/v1/api_keys", None));
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), get.header("content-length"));
}

#[test]
fn a_database_that_hangs_up_is_never_our_fault_to_the_caller() {
    let world = World::own_database("2026-01-01T00:00:00Z");
    let mut conn = world.database.connect();
    for _ in 0..3 {
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        diesel::connection::SimpleConnection::batch_execute(&mut conn, others).unwrap();
        for _ in 0..4 {
            let reply = world.get("/v1/api_keys");
            assert!(matches!(reply.status, 200 | 503), "{}", reply.text);
            world.post("/v1/api_keys", json!({ "name": "a" })).is(201);
        }
    }
    world.get("/v1/api_keys").is(200);
}

#[test]
fn everything_that_is_wrong_with_a_shape_is_told_at_once_with_what_was_sent() {
    let world = World::new();
    let body = json!({ "nmae": "Ada", "email": 7, "address": ["London"], "entity_id": "ent", "tax_ids": [{ "type": 1 }] });
    let refused = world.post("/v1/customers", body).is_problem(422, "invalid");
    let mut faults = refused.faults();
    faults.sort();
    let named: Vec<String> = faults.iter().map(|(pointer, code)| format!("{pointer} {code}")).collect();
    assert_eq!(
        named,
        [
            "/address wrong_type",
            "/email wrong_type",
            "/entity_id bad_value",
            "/name missing_field",
            "/nmae unknown_field",
            "/tax_ids/0/type wrong_type",
            "/tax_ids/0/value missing_field",
        ]
    );
    assert!(refused.text_at("/detail").contains("\"ent\" was sent"), "{}", refused.text);
    let rule = world
        .post("/v1/customers", json!({ "name": "Ada", "email": "nobody" }))
        .is_problem(422, "malformed_email");
    assert!(rule.text_at("/errors/0/detail").ends_with("; \"nobody\" was sent"), "{}", rule.text);
    let card = json!({ "customer_id": "cus_01jgejp8g0e3q9k0v6z4t1x2y3", "kind": "card", "token": "4242424242424242" });
    let secret = world.post("/v1/payment_methods", card);
    assert!(!secret.text.contains("4242424242424242"), "{}", secret.text);
}

#[test]
fn a_patch_without_a_body_is_refused() {
    let world = World::new();
    world.call("PATCH", "/v1/billing_settings", None).is_problem(400, "missing_body");
    world.patch("/v1/billing_settings", json!({})).is(200);
}

#[test]
fn what_answers_get_answers_head() {
    let world = World::new();
    for path in [
        "/v1/customers",
        "/openapi.json",
        "/docs/",
        "/docs/errors",
        "/docs/api/",
        "/docs/guide.sh",
        "/healthz",
        "/metrics",
    ] {
        let (get, head) = (world.get(path).is(200), world.call("HEAD", path, None).is(200));
        assert_eq!(
            (head.text.as_str(), head.header("content-type")),
            ("", get.header("content-type")),
            "{path}"
        );
    }
}
