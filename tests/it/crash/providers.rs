//! What does a provider of tax hear of a server that is killed again and again? Each invoice once, and each voiding once.

use std::thread;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::machine::Machine;
use crate::harness::{Client, Rehearsal};

const CUSTOMERS: usize = 24;
const ROUNDS: u32 = 9;

/// A seller in Texas whose sales a provider taxes, with subscriptions at 100.00 in Austin; its key.
fn seeded(machine: &Machine, provider: &Rehearsal) -> String {
    let made = machine.tenant("Tex", Some("2026-01-01T00:00:00Z"));
    let key = made["api_key"].as_str().unwrap().to_owned();
    let client = Client::new(&machine.url(), Some(&key));
    client.patch("/v1/tax/settings", json!({ "country": "US", "state": "TX" })).is(200);
    let settings = json!({ "name": "P", "kind": "generic", "base_url": provider.url, "countries": ["US"], "timeout_ms": 2_000 });
    client.post("/v1/tax/providers", settings).is(201);
    let product = client.post("/v1/products", json!({ "name": "Engine" })).is(201).id();
    let price =
        json!({ "code": "base", "kind": "recurring", "model": { "type": "flat", "amount": "100.00" } });
    let plan = json!({ "code": "p", "name": "P", "product_id": product, "currency": "USD", "interval": "month", "prices": [price] });
    let plan = client.post("/v1/plans", plan).is(201).id();
    for n in 0..CUSTOMERS {
        let address = json!({ "country": "US", "state": "TX", "city": "Austin", "postal_code": "78701" });
        let customer = json!({ "name": format!("C{n}"), "currency": "USD", "address": address });
        let customer = client.post("/v1/customers", customer).is(201).id();
        let order = json!({ "customer_id": customer, "plan_id": plan, "collection": "send_invoice" });
        client.post("/v1/subscriptions", order).is(201);
    }
    key
}

fn now(client: &Client) -> DateTime<Utc> {
    client.get("/v1/test_clock").is(200).text_at("/now").parse().unwrap()
}

/// Moves the clock; whether the server lived to say so.
fn advance(client: &Client, by: TimeDelta) -> bool {
    let to = json!({ "to": now(client) + by });
    client
        .request("POST", "/v1/test_clock/advance")
        .json(&to)
        .send()
        .is_ok_and(|reply| reply.status().is_success())
}

#[test]
fn a_provider_hears_of_each_document_once_however_often_the_server_is_killed() {
    let seed = super::seed();
    println!("CRASH_SEED={seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let provider = Rehearsal::open();
    provider.set(json!({ "latency_ms": 60 }));
    let mut machine = Machine::started();
    let key = seeded(&machine, &provider);
    let client = Client::new(&machine.url(), Some(&key));
    let mut interrupted = 0;
    for round in 0..ROUNDS {
        if round == ROUNDS / 2 {
            let listed = client.get("/v1/invoices?status=open&limit=10").is(200);
            for invoice in listed.data() {
                client
                    .post(&format!("/v1/invoices/{}/void", invoice["id"].as_str().unwrap()), json!({}))
                    .is(200);
            }
        }
        thread::scope(|threads| {
            let work = threads.spawn(|| advance(&client, TimeDelta::days(11)));
            thread::sleep(Duration::from_millis(dice.random_range(30..700)));
            machine.kill();
            interrupted += u32::from(!work.join().unwrap_or(false));
        });
        machine.start();
    }
    assert!(interrupted >= ROUNDS / 4, "only {interrupted} kills met work");
    // Whoever was killed left a lease behind: it is over by then.
    for _ in 0..3 {
        assert!(advance(&client, TimeDelta::hours(1)));
    }
    let invoices = client.get("/v1/invoices?limit=1000").is(200);
    let wrong: Vec<String> =
        invoices.data().iter().filter_map(|invoice| unlike(&provider, invoice)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(invoices.data().len() >= CUSTOMERS, "{}", invoices.data().len());
    let checked = machine.run(&["verify-books"]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    machine.stop();
}

/// How what a provider has of an invoice is not what it should have.
fn unlike(provider: &Rehearsal, invoice: &Value) -> Option<String> {
    let id = invoice["id"].as_str().unwrap();
    let expected = match invoice["status"].as_str().unwrap() {
        "open" => "committed 8.25 1 0",
        // Voided before it was told of, it is not told at all.
        "void" if provider.document(id) == "nothing" => return None,
        "void" => "voided 8.25 1 1",
        status => return Some(format!("{id} is {status}")),
    };
    let found = provider.document(id);
    (found != expected).then(|| format!("{id}: {found}, not {expected}"))
}
