//! What if the server is killed while it gives money back, or while it books what a bank takes back? Each refund is made once and each dispute is booked
//! once: by the gateway's own books, which outlive the server, and by ours.

use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::machine::Machine;
use crate::harness::{Client, Fault, Reply, Stripe, signature};

const CUSTOMERS: usize = 12;
const ROUNDS: usize = 8;
const SECRET: &str = "whsec_of_the_crash";
/// A call that was cut off by a kill counts as alive for a minute.
const PATIENCE: Duration = Duration::from_secs(200);

/// A tenant whose customers have paid 31.00 each, its key and its account.
struct Shop {
    key: String,
    account: String,
    invoices: Vec<String>,
}

impl Shop {
    fn seeded(machine: &Machine, stripe: &Stripe) -> Shop {
        let made = machine.tenant("Back", Some("2026-01-01T00:00:00Z"));
        let key = made["api_key"].as_str().unwrap().to_owned();
        let client = Client::new(&machine.url(), Some(&key));
        let account = json!({ "gateway": "stripe", "name": "Stripe", "base_url": stripe.url,
            "credentials": { "secret_key": "sk_test_1", "webhook_secrets": [SECRET] } });
        let account = client.post("/v1/gateway_accounts", account).is(201).id();
        let product = client.post("/v1/products", json!({ "name": "Power" })).is(201).id();
        let price =
            json!({ "code": "base", "kind": "recurring", "model": { "type": "flat", "amount": "31.00" } });
        let plan = json!({ "code": "p", "name": "P", "product_id": product, "currency": "USD", "interval": "year", "prices": [price] });
        let plan = client.post("/v1/plans", plan).is(201).id();
        for n in 0..CUSTOMERS {
            let customer = client.post("/v1/customers", json!({ "name": format!("C{n}") })).is(201).id();
            let method = json!({ "customer_id": customer, "kind": "card", "gateway_account_id": account, "token": format!("cus_{n}/pm_ok") });
            client.post("/v1/payment_methods", method).is(201);
            let order = json!({ "customer_id": customer, "plan_id": plan, "collection": "automatic" });
            client.post("/v1/subscriptions", order).is(201);
        }
        assert!(advance(&client, TimeDelta::hours(1)));
        let paid = client.get("/v1/invoices?status=paid&limit=1000").is(200);
        let invoices: Vec<String> =
            paid.data().iter().map(|invoice| invoice["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(invoices.len(), CUSTOMERS);
        Shop { key, account, invoices }
    }

    fn client(&self, machine: &Machine) -> Client {
        Client::new(&machine.url(), Some(&self.key))
    }
}

/// Moves the clock; whether the server lived to say so.
fn advance(client: &Client, by: TimeDelta) -> bool {
    let now: DateTime<Utc> = client.get("/v1/test_clock").is(200).text_at("/now").parse().unwrap();
    let request = client.request("POST", "/v1/test_clock/advance").json(&json!({ "to": now + by }));
    request.send().is_ok_and(|reply| reply.status().is_success())
}

/// The server works on, and is killed at some moment of it.
fn interrupt(machine: &mut Machine, client: &Client, dice: &mut StdRng) {
    let moment = Duration::from_millis(dice.random_range(5..400));
    thread::scope(|threads| {
        let work = threads.spawn(|| advance(client, TimeDelta::minutes(20)));
        thread::sleep(moment);
        machine.kill();
        work.join().unwrap_or(false)
    });
    machine.start();
}

/// Time passes until it is so.
fn until(client: &Client, hope: &str, mut is: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < PATIENCE, "in vain: {hope}");
        advance(client, TimeDelta::hours(3));
        thread::sleep(Duration::from_millis(500));
    }
}

fn books_are_right(machine: &Machine) {
    let checked = machine.run(&["verify-books"]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}

#[test]
fn each_refund_is_made_once_however_often_the_server_is_killed_over_it() {
    let seed = super::seed();
    println!("CRASH_SEED={seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let stripe = Stripe::open();
    let mut machine = Machine::started();
    let shop = Shop::seeded(&machine, &stripe);
    let client = shop.client(&machine);
    for round in 0..ROUNDS {
        let part = shop.invoices.iter().skip(round % 2).step_by(2);
        for invoice in part.take(if round < 4 { CUSTOMERS } else { 0 }) {
            let note = json!({ "invoice_id": invoice, "amount": "5.00", "to": "refund", "reason": "outage" });
            client.post("/v1/credit_notes", note).is(201);
        }
        stripe.fail(&[Fault::CutAfter, Fault::Pass, Fault::CutBefore]);
        interrupt(&mut machine, &client, &mut dice);
    }
    let all: Vec<i64> = vec![500; 2 * CUSTOMERS];
    until(&client, "each is made", || {
        let notes = client.get("/v1/credit_notes?limit=1000").is(200);
        let is_made = |note: &Value| {
            let note = client.get(&format!("/v1/credit_notes/{}", note["id"].as_str().unwrap())).is(200);
            note.json["refunds"][0]["status"] == "succeeded"
        };
        notes.data().iter().all(is_made)
    });
    assert_eq!(stripe.refunds(), all);
    books_are_right(&machine);
    machine.stop();
}

#[test]
fn a_dispute_is_booked_once_however_often_the_server_is_killed_over_it() {
    let seed = super::seed();
    println!("CRASH_SEED={seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let stripe = Stripe::open();
    let mut machine = Machine::started();
    let shop = Shop::seeded(&machine, &stripe);
    let client = shop.client(&machine);
    client.patch("/v1/dispute_settings", json!({ "invoice": "reopen" })).is(200);
    stripe.dispute(3_100);
    for round in 0..ROUNDS {
        if round == ROUNDS / 2 {
            stripe.decide("lost");
        }
        let body = stripe.event_of_charge(&format!("evt_{round}"), "charge.dispute.updated");
        let time = billwright::platform::clock::now().timestamp();
        let request = Client::new(&machine.url(), None)
            .request("POST", &format!("/v1/inbound/stripe/{}", shop.account))
            .header("Stripe-Signature", signature(SECRET, time, &body));
        Reply::of(request.body(body)).is(200);
        interrupt(&mut machine, &client, &mut dice);
    }
    let disputes = || client.get("/v1/disputes").is(200).data().clone();
    until(&client, "it is lost", || disputes().first().is_some_and(|dispute| dispute["status"] == "lost"));
    let standing = |dispute: &Value| {
        [&dispute["funds"], &dispute["amount_reopened"]].map(|field| field.as_str().unwrap().to_owned())
    };
    let shown: Vec<[String; 2]> = disputes().iter().map(standing).collect();
    assert_eq!(shown, [["gone".to_owned(), "31.00".to_owned()]]);
    let open = client.get("/v1/invoices?status=open&limit=1000").is(200);
    assert_eq!((open.data().len(), open.text_at("/data/0/amount_due")), (1, "31.00".to_owned()));
    let balances = client.get("/v1/ledger/balances").is(200);
    let cash = balances.data().iter().find(|row| row["account"] == "cash_clearing").unwrap();
    assert_eq!(cash["balance"], "326.00", "twelve times 31.00, less 31.00 and a fee of 15.00");
    books_are_right(&machine);
    machine.stop();
}
