//! What is left when the server dies while it changes subscriptions, moves them to a new version of their plan, credits invoices
//! and pays money back, by notes and out of balances, or lets balances pay what is open? Each was done once: a command that got no answer
//! is sent again with its `Idempotency-Key`.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::machine::Machine;
use super::{moment, seed};
use crate::harness::Client;

const BUYERS: usize = 24;
/// Kills in each part.
const KILLS: usize = 8;
const BEGIN: &str = "2026-01-01T00:00:00Z";

/// Whoever has paid 31.00 for a month, and what will be done about it.
struct Buyer {
    customer: String,
    subscription: String,
    invoice: String,
    /// Of 2.00, which nobody has paid.
    open: String,
}

struct Shop {
    tenant: String,
    key: String,
    plan: String,
    buyers: Vec<Buyer>,
}

/// A command by its key, path and body.
type Command = (String, String, Value);

#[test]
fn changes_credit_notes_migrations_refunds_and_balances_are_done_once_however_often_the_server_dies() {
    let seed = seed();
    println!("CRASH_SEED={seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let mut machine = Machine::started();
    let shop = Shop::opened(&machine);

    let commands = shop.commands();
    let mut answered = BTreeSet::new();
    for kill in 0.. {
        let client = shop.client(&machine);
        let left: Vec<Command> = commands.iter().filter(|c| !answered.contains(&c.0)).cloned().collect();
        let work = thread::spawn(move || send(&client, &left));
        if kill < KILLS {
            thread::sleep(moment(&mut dice));
            machine.kill();
            machine.start();
        }
        answered.extend(work.join().unwrap());
        if kill >= KILLS {
            break;
        }
    }
    assert_eq!(answered.len(), commands.len(), "a command was never answered");

    let migrate = format!("/v1/plans/{}/migrations", shop.plan);
    shop.killed_at(&mut machine, &mut dice, (&migrate, &json!({ "to_version": 2 })));
    shop.client(&machine).post(&migrate, json!({ "to_version": 2 })).is(200);

    shop.client(&machine).patch("/v1/billing_settings", json!({ "apply_balance": "oldest_first" })).is(200);
    let tomorrow = json!({ "to": shop.now(&machine) + TimeDelta::days(1) });
    shop.killed_at(&mut machine, &mut dice, ("/v1/test_clock/advance", &tomorrow));
    shop.client(&machine).post("/v1/test_clock/advance", tomorrow).is(200);

    shop.each_was_done_once(&machine);
    machine.stop();
}

/// Sends commands one after the other; gives the keys of those that were answered.
fn send(client: &Client, commands: &[Command]) -> Vec<String> {
    let mut answered = Vec::new();
    for (key, path, body) in commands {
        let request = client.request("POST", path).header("Idempotency-Key", key).json(body);
        match request.send() {
            Ok(reply) if reply.status().is_success() => answered.push(key.clone()),
            Ok(reply) => assert!(reply.status().as_u16() >= 409, "{key}: {}", reply.status()),
            // The server is dead, or on its way up.
            Err(_) => thread::sleep(Duration::from_millis(5)),
        }
    }
    answered
}

impl Shop {
    fn opened(machine: &Machine) -> Shop {
        let made = machine.tenant("Shop", Some(BEGIN));
        let key = made["api_key"].as_str().unwrap().to_owned();
        let client = Client::new(&machine.url(), Some(&key));
        let product = client.post("/v1/products", json!({ "name": "Power" })).is(201).id();
        let base = |amount: &str| json!([{ "code": "base", "kind": "recurring", "model": { "type": "flat", "amount": amount } }]);
        let body = json!({ "code": "power", "name": "Power", "product_id": product, "currency": "USD", "interval": "month",
                           "prices": base("31.00") });
        let plan = client.post("/v1/plans", body).is(201).id();
        let subscriptions: Vec<String> = (0..BUYERS).map(|_| buyer(&client, &plan)).collect();
        client.post("/v1/test_clock/advance", json!({ "to": "2026-01-02T00:00:00Z" })).is(200);
        let version = json!({ "currency": "USD", "interval": "month", "prices": base("41.00") });
        client.post(&format!("/v1/plans/{plan}/versions"), version).is(201);
        let invoice = |subscription: String| {
            let customer =
                client.get(&format!("/v1/subscriptions/{subscription}")).is(200).text_at("/customer_id");
            let paid = client.get(&format!("/v1/invoices?customer_id={customer}&status=paid")).is(200);
            let invoice = paid.data()[0]["id"].as_str().unwrap().to_owned();
            let lines = json!([{ "description": "Training", "amount": "2.00" }]);
            let open = json!({ "customer_id": customer, "collection": "send_invoice", "lines": lines });
            let open = client.post("/v1/invoices", open).is(201).id();
            client.post(&format!("/v1/invoices/{open}/finalize"), json!({})).is(200);
            let on_balance = json!({ "invoice_id": invoice, "amount": "10.00", "reason": "outage", "to": "credit_balance" });
            client.post("/v1/credit_notes", on_balance).is(201);
            Buyer { customer, subscription, invoice, open }
        };
        let buyers = subscriptions.into_iter().map(invoice).collect();
        Shop { tenant: made["tenant_id"].as_str().unwrap().to_owned(), key, plan, buyers }
    }

    fn client(&self, machine: &Machine) -> Client {
        Client::new(&machine.url(), Some(&self.key))
    }

    fn now(&self, machine: &Machine) -> DateTime<Utc> {
        self.client(machine).get("/v1/test_clock").is(200).text_at("/now").parse().unwrap()
    }

    /// A charge at once, a refund of ten and a pay-out of three for each.
    fn commands(&self) -> Vec<Command> {
        let charge = json!({ "description": "Training", "amount": "5.00", "invoice": "now" });
        let commands = |(n, buyer): (usize, &Buyer)| {
            let note =
                json!({ "invoice_id": buyer.invoice, "amount": "10.00", "reason": "outage", "to": "refund" });
            let pay_out = json!({ "to": "payment_methods", "amount": "3.00", "currency": "USD" });
            let balance = format!("/v1/customers/{}/credit_balance/pay_out", buyer.customer);
            let charges = format!("/v1/subscriptions/{}/charges", buyer.subscription);
            [
                (format!("charge-{n}"), charges, charge.clone()),
                (format!("note-{n}"), "/v1/credit_notes".to_owned(), note),
                (format!("pay-out-{n}"), balance, pay_out),
            ]
        };
        self.buyers.iter().enumerate().flat_map(commands).collect()
    }

    /// Has something done in the background again and again, and kills the server each time.
    fn killed_at(&self, machine: &mut Machine, dice: &mut StdRng, (path, body): (&str, &Value)) {
        for _ in 0..KILLS {
            let request = self.client(machine).request("POST", path).json(body);
            let work = thread::spawn(move || request.send().is_ok());
            thread::sleep(Duration::from_millis(dice.random_range(5..250)));
            machine.kill();
            machine.start();
            work.join().unwrap();
        }
    }

    fn each_was_done_once(&self, machine: &Machine) {
        let client = self.client(machine);
        for buyer in &self.buyers {
            let changes = client.get(&format!("/v1/subscriptions/{}/changes", buyer.subscription)).is(200);
            let mut kinds: Vec<&str> = changes.data().iter().map(|c| c["kind"].as_str().unwrap()).collect();
            kinds.sort_unstable();
            assert_eq!(kinds, ["change", "charge"], "{}", buyer.subscription);
            let moved = client.get(&format!("/v1/subscriptions/{}", buyer.subscription)).is(200);
            let from_next =
                client.get(&format!("/v1/subscriptions/{}/upcoming_invoice", buyer.subscription)).is(200);
            assert_eq!(from_next.text_at("/total"), "41.00", "{}", moved.text);
            let notes = client.get(&format!("/v1/credit_notes?invoice_id={}", buyer.invoice)).is(200);
            assert_eq!(notes.data().len(), 2, "{}", notes.text);
            let refunds = notes.data().iter().find(|note| note["to_refund"] == "10.00").unwrap();
            let id = refunds["id"].as_str().unwrap();
            let note = client.get(&format!("/v1/credit_notes/{id}")).is(200);
            let refunds: Vec<_> = note.json["refunds"].as_array().unwrap().iter().collect();
            let refunded: Vec<_> =
                refunds.iter().map(|r| (r["status"].clone(), r["amount"].clone())).collect();
            assert_eq!(refunded, [(json!("succeeded"), json!("10.00"))], "{}", note.text);
            buyer.balance_was_spent_once(&client);
        }
        let books = machine.run(&["verify-books", "--tenant", &self.tenant]);
        assert!(books.status.success(), "{}", String::from_utf8_lossy(&books.stdout));
    }
}

impl Buyer {
    /// Of 10.00, 5.00 paid the charge at once, 3.00 went back to the card, and 2.00 paid what was open.
    fn balance_was_spent_once(&self, client: &Client) {
        let path = format!("/v1/customers/{}/credit_balance", self.customer);
        let outs = client.get(&format!("{path}/pay_outs")).is(200);
        let paid_out: Vec<_> =
            outs.data().iter().map(|o| (o["amount"].clone(), o["refunds"][0]["status"].clone())).collect();
        assert_eq!(paid_out, [(json!("3.00"), json!("succeeded"))], "{}", outs.text);
        assert_eq!(client.get(&format!("/v1/invoices/{}", self.open)).is(200).text_at("/status"), "paid");
        let left = client.get(&path).is(200);
        assert!(left.data().iter().all(|row| row["balance"] == "0.00"), "{}", left.text);
    }
}

fn buyer(client: &Client, plan: &str) -> String {
    let customer = client.post("/v1/customers", json!({ "name": "Ada" })).is(201).id();
    let card = json!({ "customer_id": customer, "kind": "card", "token": "tok_success" });
    client.post("/v1/payment_methods", card).is(201);
    let body = json!({ "customer_id": customer, "plan_id": plan, "collection": "automatic" });
    client.post("/v1/subscriptions", body).is(201).id()
}
