//! What is a customer billed, and when? Each story subscribes someone, moves the clock and reads the invoices.
//!
//! What is on this shelf, what is not, and its laws: [`domain::billing`](billwright::domain::billing).

mod commitments;
mod cycles;
mod explain;
pub mod given_back;
mod grouping;
mod limits;
mod prices;
mod runs;
mod starts;
pub mod taken_back;

use std::thread;

use serde_json::{Value, json};

use crate::harness::{World, invoice_text};

/// A tenant that sells by subscription. When it is dropped, all its work must be done and its books be right.
pub struct Seller {
    pub world: World,
}

impl Drop for Seller {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.world.settle();
        }
    }
}

/// A published plan.
pub struct Plan {
    pub id: String,
    /// The ids of its prices, in order.
    pub prices: Vec<String>,
}

impl Seller {
    /// In UTC and USD, at this date.
    pub fn on(date: &str) -> Seller {
        Seller { world: World::at(&instant(date)) }
    }

    /// Alone in a database, for stories in which several work at once.
    pub fn alone_on(date: &str) -> Seller {
        Seller { world: World::own_database(&instant(date)) }
    }

    /// A plan in USD with these prices, billed every `interval`.
    pub fn plan(&self, interval: &str, prices: Value) -> Plan {
        self.plan_in("USD", interval, prices)
    }

    /// A plan in another currency.
    pub fn plan_in(&self, currency: &str, interval: &str, prices: Value) -> Plan {
        let product = self.world.post("/v1/products", json!({ "name": "Power" })).is(201).id();
        let code = format!("plan_{}", self.world.get("/v1/plans").is(200).data().len());
        let body = json!({
            "code": code, "name": "Plan", "product_id": product, "currency": currency, "interval": interval, "prices": prices
        });
        let reply = self.world.post("/v1/plans", body).is(201);
        let prices = reply.json["prices"].as_array().unwrap();
        Plan { id: reply.id(), prices: prices.iter().map(|p| p["id"].as_str().unwrap().to_owned()).collect() }
    }

    /// A customer who pays by a card that works.
    pub fn customer(&self) -> String {
        let customer = self.customer_like(json!({ "name": "Ada" }));
        let card = json!({ "customer_id": customer, "kind": "card", "token": "tok_success" });
        self.world.post("/v1/payment_methods", card).is(201);
        customer
    }

    /// A customer without a card.
    pub fn customer_like(&self, body: Value) -> String {
        self.world.post("/v1/customers", body).is(201).id()
    }

    /// Subscribes to a plan, paid automatically, with these further fields.
    pub fn subscribe(&self, customer: &str, plan: &Plan, more: Value) -> String {
        let mut body = json!({ "customer_id": customer, "plan_id": plan.id, "collection": "automatic" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.world.post("/v1/subscriptions", body).is(201).id()
    }

    /// Moves the clock, and runs what falls due on the way.
    pub fn advance_to(&self, date: &str) {
        self.world.advance_to(&instant(date));
    }

    /// Insists on what a customer has been billed, in order; lines are compared without their indentation.
    #[track_caller]
    pub fn bills(&self, customer: &str, expected: &str) {
        let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(self.invoices(customer).join("\n"), expected.join("\n"));
    }

    /// A customer's invoices as text, in order of date and number.
    #[track_caller]
    pub fn invoices(&self, customer: &str) -> Vec<String> {
        let listed = self.world.get(&format!("/v1/invoices?customer_id={customer}&limit=100")).is(200);
        let one = |invoice: &Value| {
            self.world.get(&format!("/v1/invoices/{}", invoice["id"].as_str().unwrap())).is(200).json
        };
        let mut invoices: Vec<Value> = listed.data().iter().map(one).collect();
        invoices.sort_by_key(|i| {
            ["billing_date", "number", "id"].map(|name| i[name].as_str().unwrap_or_default().to_owned())
        });
        invoices.iter().map(invoice_text).collect()
    }
}

/// A price of a whole period in advance.
pub fn base(amount: &str) -> Value {
    json!({ "code": "base", "description": "Base", "kind": "recurring", "billing": "in_advance", "model": flat(amount) })
}

pub fn flat(amount: &str) -> Value {
    json!({ "type": "flat", "amount": amount })
}

pub fn per_unit(amount: &str) -> Value {
    json!({ "type": "per_unit", "unit_amount": amount })
}

/// `2026-01-31`, or an instant as it is.
fn instant(date: &str) -> String {
    if date.contains('T') { date.to_owned() } else { format!("{date}T00:00:00Z") }
}
