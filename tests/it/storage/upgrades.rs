//! Is what an earlier version left brought up to date by this one, without a cent or a document changed? A business is taken back to the tables of
//! an earlier version, with what that version kept of it, and the new program is started on it.

use std::fs;
use std::path::Path;

use billwright::storage::{Db, Session, migrate};
use billwright::workflows::verify_books;
use diesel::connection::SimpleConnection;
use serde_json::json;

use crate::harness::{Client, Server, World};

/// The last migration that the earlier version had.
const EARLIER: &str = "2026-02-01-001400";

/// Customers with a plan in advance and one in arrears, a card and transfers, three months of invoices.
fn live_through_a_quarter(world: &World) {
    let product = world.post("/v1/products", json!({ "name": "Analytics" })).is(201).text_at("/id");
    let plan = |code: &str, billing: &str| {
        let price = json!({ "code": "base", "kind": "recurring", "billing": billing, "model": { "type": "per_unit", "unit_amount": "12.34" } });
        let body = json!({ "code": code, "name": code, "product_id": product, "currency": "USD", "interval": "month", "prices": [price] });
        world.post("/v1/plans", body).is(201).text_at("/id")
    };
    for (code, billing) in [("early", "in_advance"), ("late", "in_arrears")] {
        let plan = plan(code, billing);
        for (n, collection) in ["automatic", "send_invoice"].into_iter().enumerate() {
            let customer =
                world.post("/v1/customers", json!({ "name": format!("{code} {n}") })).is(201).text_at("/id");
            let card = json!({ "customer_id": customer, "kind": "card", "gateway": "simulator", "token": "tok_success" });
            world.post("/v1/payment_methods", card).is(201);
            let start = json!({ "customer_id": customer, "plan_id": plan, "quantity": "3", "start_at": "2026-01-10T00:00:00Z", "collection": collection });
            let subscription = world.post("/v1/subscriptions", start).is(201).text_at("/id");
            world.advance_to(&format!(
                "2026-01-{}T00:00:00Z",
                12 + 4 * n + if code == "late" { 10 } else { 0 }
            ));
            world
                .post(&format!("/v1/subscriptions/{subscription}/change"), json!({ "quantity": "5" }))
                .is(200);
        }
    }
    world.advance_to("2026-04-01T00:00:00Z");
    world.relay_events();
}

/// What its people see.
fn seen(client: &Client) -> Vec<String> {
    let lists = [
        "invoices?limit=100",
        "payments?limit=100",
        "subscriptions?limit=100",
        "customers?limit=100",
        "ledger/balances",
        "events?limit=100",
    ];
    // The earlier version kept no reason of an attempt.
    let text = |list| {
        client.get(&format!("/v1/{list}")).is(200).text.replace("\"reason\":\"due\"", "\"reason\":null")
    };
    lists.map(text).to_vec()
}

/// Takes the tables back; gives how many migrations that were.
fn take_back(world: &World) -> usize {
    let all = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).unwrap();
    let mut later: Vec<_> = all.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    later.retain(|path| path.file_name().unwrap().to_str().unwrap()[..17] > *EARLIER);
    later.sort();
    let mut conn = world.database.connect();
    for folder in later.iter().rev() {
        let down = fs::read_to_string(folder.join("down.sql")).unwrap();
        conn.batch_execute(&down).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let version = folder.file_name().unwrap().to_str().unwrap()[..17].replace('-', "");
        conn.batch_execute(&format!("DELETE FROM __diesel_schema_migrations WHERE version = '{version}'"))
            .unwrap();
    }
    later.len()
}

#[test]
fn the_business_of_an_earlier_version_goes_on_with_the_same_invoices_and_right_books() {
    let world = World::own_database("2026-01-01T00:00:00Z");
    live_through_a_quarter(&world);
    let before = seen(&world);
    let taken_back = take_back(&world);
    assert!(taken_back > 10, "{taken_back}");

    let mut session = Session::open(&world.database.url).unwrap();
    assert_eq!(migrate::run(&mut session).unwrap().len(), taken_back);
    let report = verify_books::run(&mut session, world.tenant.id).unwrap();
    assert!(report.is_right(), "{:?}", report.differences);

    // A server that began with these tables: the one before knows others.
    let server = Server::start(Db::start(&world.database.url, 2).unwrap());
    let client = Client::new(&server.url, Some(&world.tenant.key));
    // What was posted before is valued once the jobs run.
    client.post("/v1/test_clock/advance", json!({ "to": "2026-04-01T00:00:00Z" })).is(200);
    assert_eq!(seen(&client), before);
    client.post("/v1/test_clock/advance", json!({ "to": "2026-06-01T00:00:00Z" })).is(200);
    let report = verify_books::run(&mut session, world.tenant.id).unwrap();
    assert!(report.is_right(), "{:?}", report.differences);
}
