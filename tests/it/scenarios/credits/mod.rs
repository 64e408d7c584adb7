//! What do customers pay with besides money? Each story gives or sells credits, uses something, moves the clock and reads the invoices.
//!
//! What is on this shelf, what is not, and its laws: [`domain::credits`](billwright::domain::credits).

mod applying;
mod balance;
mod coming_back;
mod endings;
mod flowing_back;
mod laws;
mod notes;
mod prepaid;
mod top_ups;
mod wrong_books;

use std::collections::BTreeMap;

use billwright::platform::random;
use serde_json::{Value, json};

use super::billing::{Plan, Seller, base};

/// A seller of calls at 0.01 each, counted by a meter, beside a base of 20.00 a month in advance.
struct Calls {
    seller: Seller,
    plan: Plan,
}

impl Calls {
    fn on(date: &str) -> Calls {
        Calls::sold_by(Seller::on(date))
    }

    fn sold_by(seller: Seller) -> Calls {
        let meter = json!({ "code": "calls", "name": "Calls", "event_type": "call", "aggregation": "count" });
        let meter = seller.world.post("/v1/meters", meter).is(201).id();
        let calls = json!({ "code": "calls", "description": "Calls", "kind": "usage", "billing": "in_arrears",
            "meter_id": meter, "model": super::billing::per_unit("0.01") });
        let plan = seller.plan("month", json!([base("20.00"), calls]));
        Calls { seller, plan }
    }

    /// A customer with a card that works, known to the meter by `subject`, and subscribed.
    fn customer(&self, subject: &str) -> String {
        let customer = self.seller.customer_like(json!({ "name": "Ada", "external_id": subject }));
        let card = json!({ "customer_id": customer, "kind": "card", "token": "tok_success" });
        self.seller.world.post("/v1/payment_methods", card).is(201);
        self.seller.subscribe(&customer, &self.plan, json!({}));
        customer
    }

    /// So many calls at an instant, to which the clock is moved.
    fn call(&self, subject: &str, at: &str, calls: usize) {
        if self.seller.world.now() < at.parse::<chrono::DateTime<chrono::Utc>>().unwrap() {
            self.seller.advance_to(at);
        }
        let event = |_| {
            let id = format!("{:08x}{:08x}", random::cheap_u32(), random::cheap_u32());
            json!({ "specversion": "1.0", "id": id, "source": "api", "type": "call", "subject": subject, "time": at, "data": {} })
        };
        let events: Vec<Value> = (0..calls).map(event).collect();
        for some in events.chunks(1_000) {
            let reply = self.seller.world.post("/v1/usage/events", json!(some)).is(200);
            assert_eq!(reply.json["accepted"], some.len(), "{}", reply.text);
        }
    }

    fn grant(&self, customer: &str, more: Value) -> Value {
        let mut body = json!({ "customer_id": customer, "currency": "USD" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.seller.world.post("/v1/credit_grants", body).is(201).json
    }

    /// Each invoice as `2026-02-01 65.00 credits 45.00 balance 0.00 paid 20.00 due 0.00`.
    fn bills(&self, customer: &str) -> Vec<String> {
        bills(&self.seller, customer)
    }

    /// What is left of the customer's credits in USD.
    fn left(&self, customer: &str) -> String {
        let credits = self.seller.world.get(&format!("/v1/customers/{customer}/credits")).is(200);
        let dollars = credits.json["balances"].as_array().unwrap().iter().find(|b| b["currency"] == "USD");
        dollars.map_or("none".to_owned(), |b| b["balance"].as_str().unwrap().to_owned())
    }

    /// How many events of a type there have been.
    fn count_events(&self, type_: &str) -> usize {
        self.seller.world.relay_events();
        let events = self.seller.world.get("/v1/events?limit=1000").is(200);
        events.data().iter().filter(|e| e["type"] == type_).count()
    }

    /// The balance of each account that is not at zero.
    fn balances(&self) -> BTreeMap<String, String> {
        balances(&self.seller)
    }
}

fn balances(seller: &Seller) -> BTreeMap<String, String> {
    let reply = seller.world.get("/v1/ledger/balances").is(200);
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let rows = reply.data().iter().map(|row| (text(row, "account"), text(row, "balance")));
    rows.filter(|(_, balance)| balance != "0.00").collect()
}

fn bills(seller: &Seller, customer: &str) -> Vec<String> {
    let listed = seller.world.get(&format!("/v1/invoices?customer_id={customer}&limit=100")).is(200);
    let one = |i: &Value| {
        let text = |name: &str| i[name].as_str().unwrap().to_owned();
        let mut bill = format!("{} {} {}", text("billing_date"), text("status"), text("total"));
        for (name, said) in [
            ("credits_applied", "credits"),
            ("balance_applied", "balance"),
            ("credited_while_due", "credited"),
            ("given_back", "gave back"),
            ("amount_paid", "paid"),
            ("amount_due", "due"),
        ] {
            if text(name) != "0.00" {
                bill += &format!(" {said} {}", text(name));
            }
        }
        (text("number"), bill)
    };
    let mut bills: Vec<(String, String)> = listed.data().iter().map(one).collect();
    bills.sort();
    bills.into_iter().map(|(_, bill)| bill).collect()
}
