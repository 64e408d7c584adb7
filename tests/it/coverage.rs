//! Is anything served that no test has tried? Walks over every operation of `openapi.json`, so that a new operation is
//! tried the day it is added: without a key, with another tenant's ids, twice with one `Idempotency-Key`, with bad input.

use serde_json::{Value, json};

use crate::harness::{Call, Client, Reply, World};
use crate::http::examples::{self, Example, Made, operations};

fn send(client: &Client, call: &Call) -> Reply {
    client.call(call.method, &call.path, call.body.as_ref())
}

/// Every operation with its example.
fn all() -> impl Iterator<Item = (String, Value, &'static Example)> {
    operations().into_iter().map(|(name, description)| {
        let example = examples::find(&name)
            .unwrap_or_else(|| panic!("{name} has no line in tests/it/http/examples.rs"));
        (name, description, example)
    })
}

#[test]
fn every_operation_has_an_example_and_every_example_an_operation() {
    let known: Vec<String> = all().map(|(name, ..)| name).collect();
    for example in examples::all() {
        assert!(known.iter().any(|name| name == example.operation), "{} is not served", example.operation);
    }
}

#[test]
fn every_operation_succeeds_as_its_example_says() {
    let world = World::new();
    for (name, _, example) in all().filter(|(_, description, _)| !is_open(description)) {
        let call = example.call(&mut Made::new(&world));
        let reply = send(&world, &call);
        assert_eq!(reply.status, example.status, "{name}: {}", reply.text);
    }
}

#[test]
fn no_operation_answers_without_a_good_key() {
    let world = World::new();
    let mut made = Made::new(&world);
    let never = format!("bw_test_{}", "0".repeat(32));
    for (name, description, example) in all() {
        if is_open(&description) {
            continue;
        }
        let call = example.call(&mut made);
        let before = world.rows_of(world.tenant.id);
        for key in [None, Some(never.as_str()), Some("sk_test_123"), Some("")] {
            let reply = send(&world.with_key(key), &call);
            assert_eq!(
                (reply.status, reply.header("www-authenticate").is_empty()),
                (401, false),
                "{name}: {}",
                reply.text
            );
            reply.is_problem(401, "unauthenticated");
        }
        assert_eq!(world.rows_of(world.tenant.id), before, "{name} wrote something without a key");
    }
}

/// Whether an operation says that it needs no key, such as a webhook that is signed instead: `scenarios::payments::stripe::notices` tries that.
fn is_open(description: &Value) -> bool {
    description["security"]
        .as_array()
        .is_some_and(|schemes| schemes.iter().any(|scheme| scheme == &json!({})))
}

#[test]
fn no_operation_reads_or_changes_or_names_another_tenants_things() {
    let world = World::new();
    let other = world.another_tenant();
    let mut theirs = Made::new(&other.client);
    for (name, description, example) in all() {
        let call = example.call(&mut theirs);
        let names_theirs = |text: &str| theirs.ids().any(|id| text.contains(id.as_str()));
        let body = call.body.as_ref().map(Value::to_string).unwrap_or_default();
        let before = (world.rows_of(world.tenant.id), world.rows_of(other.id));
        if names_theirs(&call.path) || names_theirs(&body) {
            let reply = send(&world, &call);
            let refused = if names_theirs(&call.path) {
                reply.status == 404
            } else {
                matches!(reply.status, 404 | 422)
            };
            assert!(refused, "{name} with another tenant's id: {} {}", reply.status, reply.text);
            assert_eq!(
                before,
                (world.rows_of(world.tenant.id), world.rows_of(other.id)),
                "{name} wrote something"
            );
        } else if call.method == "GET" {
            let reply = send(&world, &call);
            assert!(!names_theirs(&reply.text), "{name} tells of another tenant's things: {}", reply.text);
        }
        if call.method == "GET" {
            filters_by_their_ids_find_nothing(&world, &name, &description, &theirs);
        }
    }
}

/// A list filtered by an id of another tenant is empty, or says that there is no such thing.
fn filters_by_their_ids_find_nothing(world: &World, name: &str, description: &Value, theirs: &Made) {
    let url = name.split_once(' ').unwrap().1;
    let parameters = description["parameters"].as_array().cloned().unwrap_or_default();
    for parameter in parameters.iter().filter(|p| p["in"] == "query") {
        let filter = parameter["name"].as_str().unwrap();
        if !filter.ends_with("_id") || url.contains('{') {
            continue;
        }
        for id in theirs.ids() {
            let reply = world.get(&format!("{url}?{filter}={id}"));
            let empty = reply.status == 200 && reply.json["data"].as_array().is_none_or(Vec::is_empty);
            assert!(empty || matches!(reply.status, 404 | 422), "{name} by {filter}={id}: {}", reply.text);
        }
    }
}

#[test]
fn every_post_sent_twice_with_one_key_is_done_once_and_answered_alike() {
    let world = World::new();
    let mut made = Made::new(&world);
    for (name, _, example) in all().filter(|(name, d, _)| name.starts_with("POST ") && !is_open(d)) {
        // A command on a thing needs one in its first state: each example makes its own.
        let mut own = Made::new(&world);
        let call = example.call(if example.id.is_some() { &mut own } else { &mut made });
        let key = format!("twice {name}");
        let send = |path: &str| world.call_once(&key, &Call { path: path.to_owned(), ..call.clone() });
        let first = send(&call.path);
        assert_eq!(first.status, example.status, "{name}: {}", first.text);
        let written = world.rows_of(world.tenant.id);
        let second = send(&call.path);
        assert_eq!(
            (second.status, second.header("idempotent-replayed")),
            (first.status, "true"),
            "{name}: {}",
            second.text
        );
        if !example.shows_once {
            assert_eq!(second.text, first.text, "{name}");
        }
        send(&format!("{}?another=request", call.path)).is_problem(422, "idempotency_key_reused");
        assert_eq!(world.rows_of(world.tenant.id), written, "{name} wrote something when it was sent again");
    }
}

#[test]
fn every_body_with_a_fault_is_refused_with_its_place_and_nothing_is_written() {
    let world = World::new();
    let mut made = Made::new(&world);
    for (name, _, example) in all().filter(|(_, description, _)| !is_open(description)) {
        let call = example.call(&mut made);
        if call.method == "GET" {
            continue;
        }
        let before = world.rows_of(world.tenant.id);
        let with = |kind: &str, text: String| {
            Reply::of(world.request(call.method, &call.path).header("Content-Type", kind).body(text))
        };
        let mut body = call.body.clone().unwrap_or(json!({}));
        if let Some(fields) = body.as_object_mut() {
            fields.insert("no_such_field".to_owned(), json!(1));
            let reply = with("application/json", body.to_string()).is_problem(422, "unknown_field");
            assert_eq!(reply.text_at("/errors/0/pointer"), "/no_such_field", "{name}");
        }
        with("application/json", "{\"a\": ".to_owned()).is_problem(400, "malformed_json");
        with("text/plain", body.to_string()).is_problem(415, "not_json");
        with("application/json", " ".repeat((2 << 20) + 1)).is_problem(413, "body_too_large");
        for field in call.body.iter().flat_map(|body| body.as_object().unwrap().keys()) {
            let mut wrong = call.body.clone().unwrap();
            wrong[field] = json!([[[]]]);
            let reply = with("application/json", wrong.to_string());
            assert_eq!(reply.status, 422, "{name} with a wrong {field}: {}", reply.text);
            assert!(
                reply.text_at("/errors/0/pointer").starts_with(&format!("/{field}")),
                "{name}: {}",
                reply.text
            );
        }
        assert_eq!(world.rows_of(world.tenant.id), before, "{name} wrote something of a body with a fault");
    }
}

#[test]
fn every_list_is_read_in_pages_and_refuses_what_is_no_page() {
    let world = World::new();
    for (name, description, example) in all() {
        let (method, url) = name.split_once(' ').unwrap();
        let parameters = description["parameters"].as_array().cloned().unwrap_or_default();
        // What it cannot do without, such as a period.
        let needs = parameters.iter().any(|p| p["in"] == "query" && p["required"] == true);
        let query = example.query.filter(|_| needs).map(|query| query(&mut Made::new(&world)) + "&");
        let url = &format!("{url}?{}", query.unwrap_or_default());
        let takes = |name: &str| parameters.iter().any(|p| p["in"] == "query" && p["name"] == name);
        if method != "GET" || url.contains('{') || !takes("limit") {
            continue;
        }
        world.get(&format!("{url}limit=0")).is_problem(422, "limit_out_of_range");
        world.get(&format!("{url}limit=1001")).is_problem(422, "limit_out_of_range");
        world.get(&format!("{url}no_such_parameter=1")).is_problem(422, "unknown_field");
        if takes("after") {
            let reply = world.get(&format!("{url}after=nonsense")).is_problem(422, "bad_cursor");
            assert_eq!(reply.text_at("/errors/0/pointer"), "/query/after");
            world.get(&format!("{url}limit=1")).is(200).data();
        }
    }
}
