//! How does the server begin and end?

use std::process::Command;
use std::thread;
use std::time::Duration;

use billwright::storage::Db;
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

use crate::harness::{Client, Database, Server, World};

#[test]
fn a_server_told_to_stop_finishes_the_call_that_has_begun() {
    let world = World::new();
    let key = world.post("/v1/api_keys", json!({ "name": "shop" })).is(201).id();
    let client = world.tenant.client.clone();
    let mut conn = world.database.connect();
    conn.batch_execute(&format!(
        "BEGIN; SELECT 1 FROM tenants WHERE id = '{}' FOR UPDATE",
        world.tenant.id.uuid()
    ))
    .unwrap();
    let caller = client.clone();
    let call = thread::spawn(move || caller.delete(&format!("/v1/api_keys/{key}")));
    thread::sleep(Duration::from_millis(300));
    let url = world.url().to_owned();
    let stop = thread::spawn(move || drop(world));
    thread::sleep(Duration::from_millis(300));
    assert!(!call.is_finished() && !stop.is_finished());
    conn.batch_execute("COMMIT").unwrap();
    call.join().unwrap().is(200);
    stop.join().unwrap();
    assert!(std::net::TcpStream::connect(url.trim_start_matches("http://")).is_err());
}

#[test]
fn a_server_whose_tables_are_out_of_date_is_up_but_not_ready() {
    let database = Database::empty();
    let server = Server::start(Db::start(&database.url, 1).unwrap());
    let client = Client::new(&server.url, None);
    client.get("/healthz").is(200);
    let reply = client.get("/readyz").is_problem(503, "migrations_pending");
    assert_eq!(reply.header("retry-after"), "5");
}

#[test]
fn a_call_that_finds_the_database_gone_is_told_to_come_back() {
    let world = World::own_database("2026-01-01T00:00:00Z");
    world.get("/v1/test_clock").is(200);
    let mut admin = Database::shared().connect();
    let name = world.database.url.split('/').next_back().unwrap().split('?').next().unwrap().to_owned();
    admin.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).unwrap();
    admin
        .batch_execute(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ))
        .unwrap();
    let reply = world.post("/v1/api_keys", json!({ "name": "a" })).is_problem(503, "database_unreachable");
    assert_eq!(reply.header("retry-after"), "5");
    assert!(!reply.text.contains("own_"), "tells of our insides: {}", reply.text);
    admin.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).unwrap();
    world.post("/v1/api_keys", json!({ "name": "a" })).is(201);
}

/// Runs the real program on a database.
fn billwright(database: &Database, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_billwright"))
        .args(arguments)
        .env("DATABASE_URL", &database.url)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (output.status.success(), text)
}

#[test]
fn the_command_line_creates_a_tenant_whose_key_works() {
    let database = Database::own();
    let wanted = ["--name", "Acme", "--time-zone", "Europe/Paris", "--currency", "EUR"];
    let clock = ["--mode", "test", "--clock", "2025-06-01T12:00:00Z", "--json"];
    let (ok, text) = billwright(&database, &[&["tenants", "create"], &wanted[..], &clock[..]].concat());
    let printed: Value = serde_json::from_str(&text).unwrap();
    assert!(ok && printed["tenant_id"].as_str().unwrap().starts_with("ten_"), "{text}");
    let server = Server::start(Db::start(&database.url, 1).unwrap());
    let client = Client::new(&server.url, printed["api_key"].as_str());
    assert_eq!(client.get("/v1/test_clock").is(200).text_at("/now"), "2025-06-01T12:00:00Z");
    let (ok, text) = billwright(&database, &["tenants", "list", "--json"]);
    let listed: Value = serde_json::from_str(&text).unwrap();
    assert!(
        ok && listed[0]["time_zone"] == "Europe/Paris" && listed[0]["tenant_id"] == printed["tenant_id"],
        "{text}"
    );
    let (ok, text) = billwright(
        &database,
        &["tenants", "create", "--name", "A", "--time-zone", "Mars/Olympus", "--currency", "EUR"],
    );
    assert!(!ok && text.contains("Mars/Olympus"), "{text}");
    let live = [
        "tenants",
        "create",
        "--name",
        "A",
        "--currency",
        "EUR",
        "--mode",
        "live",
        "--clock",
        "2025-06-01T12:00:00Z",
    ];
    assert!(!billwright(&database, &live).0);
}
