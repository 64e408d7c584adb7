//! Who is billed while the server dies? 120 monthly subscriptions, starting on four days of January, paid by cards
//! that work, do not work, or answer late or never.

use std::collections::BTreeMap;
use std::thread::{self, JoinHandle};

use chrono::{DateTime, Days, Months, Utc};
use serde_json::{Value, json};

use super::machine::Machine;
use crate::harness::Client;

pub const SUBSCRIPTIONS: u64 = 120;
pub const BEGIN: &str = "2025-12-31T00:00:00Z";

/// What the cards do, each about as often.
const TOKENS: [&str; 10] = [
    "tok_success",
    "tok_success",
    "tok_success",
    "tok_timeout_charged",
    "tok_timeout_lost",
    "tok_async_success",
    "tok_async_decline",
    "tok_decline",
    "tok_hard_decline",
    "tok_success",
];

/// A tenant on a machine that is about to die.
pub struct Business {
    pub tenant: String,
    key: String,
    /// Customers and the instants at which their subscriptions start.
    pub starts: BTreeMap<String, DateTime<Utc>>,
}

impl Business {
    /// A new tenant with all its subscriptions, made through the API.
    pub fn seeded(machine: &Machine) -> Business {
        let made = machine.tenant("Crash", Some(BEGIN));
        let key = made["api_key"].as_str().unwrap().to_owned();
        let client = Client::new(&machine.url(), Some(&key));
        let plan = plan(&client);
        let parts: Vec<u64> = (0..4).collect();
        let starts = thread::scope(|threads| {
            let seed = |part: &u64| {
                let (client, plan, part) = (client.clone(), plan.as_str(), *part);
                threads.spawn(move || {
                    (part..SUBSCRIPTIONS).step_by(4).map(|n| subscriber(&client, plan, n)).collect::<Vec<_>>()
                })
            };
            let seeding: Vec<_> = parts.iter().map(seed).collect();
            seeding.into_iter().flat_map(|part| part.join().unwrap()).collect()
        });
        Business { tenant: made["tenant_id"].as_str().unwrap().to_owned(), key, starts }
    }

    /// A caller for it.
    pub fn client(&self, machine: &Machine) -> Client {
        Client::new(&machine.url(), Some(&self.key))
    }

    /// Asks for the clock to be moved, and tells afterwards whether an answer came.
    pub fn advance_in_background(&self, machine: &Machine, to: DateTime<Utc>) -> JoinHandle<bool> {
        let request =
            self.client(machine).request("POST", "/v1/test_clock/advance").json(&json!({ "to": to }));
        thread::spawn(move || request.send().and_then(|reply| reply.error_for_status()).is_ok())
    }

    /// Where the clock stands.
    pub fn now(&self, machine: &Machine) -> DateTime<Utc> {
        self.client(machine).get("/v1/test_clock").is(200).text_at("/now").parse().unwrap()
    }

    /// Moves the clock.
    pub fn advance(&self, machine: &Machine, to: DateTime<Utc>) {
        self.client(machine).post("/v1/test_clock/advance", json!({ "to": to })).is(200);
    }

    /// Bills in a process of its own, and gives how many invoices it made.
    pub fn bill_in_background(&self, machine: &Machine, as_of: DateTime<Utc>) -> JoinHandle<u64> {
        let as_of = as_of.to_rfc3339();
        let mut command = machine.program(&["bill", "--json", "--tenant", &self.tenant, "--as-of", &as_of]);
        thread::spawn(move || {
            let output = command.output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let report: Value = serde_json::from_slice(&output.stdout).unwrap();
            report["invoices"].as_u64().unwrap()
        })
    }

    /// The dates on which a customer is billed up to an instant: every month from the start.
    pub fn billing_dates(&self, customer: &str, until: DateTime<Utc>) -> Vec<String> {
        let start = self.starts[customer];
        let dates = (0..).map(|month| start + Months::new(month)).take_while(|date| *date <= until);
        dates.map(|date| date.format("%Y-%m-%d").to_string()).collect()
    }
}

fn plan(client: &Client) -> String {
    let product = client.post("/v1/products", json!({ "name": "Power" })).is(201).id();
    let base = json!({ "code": "base", "kind": "recurring", "billing": "in_advance", "model": { "type": "flat", "amount": "31.00" } });
    let seat = json!({ "code": "seat", "kind": "recurring", "billing": "in_arrears", "model": { "type": "per_unit", "unit_amount": "0.25" } });
    let plan = json!({
        "code": "power", "name": "Power", "product_id": product, "currency": "USD", "interval": "month", "prices": [base, seat]
    });
    client.post("/v1/plans", plan).is(201).id()
}

fn subscriber(client: &Client, plan: &str, n: u64) -> (String, DateTime<Utc>) {
    let customer = client.post("/v1/customers", json!({ "name": format!("Customer {n}") })).is(201).id();
    let token = TOKENS[usize::try_from(n).unwrap() % TOKENS.len()];
    let card = json!({ "customer_id": customer, "kind": "card", "token": token });
    client.post("/v1/payment_methods", card).is(201);
    let start = BEGIN.parse::<DateTime<Utc>>().unwrap() + Days::new(1 + n % 4 * 7);
    let subscription = json!({
        "customer_id": customer, "plan_id": plan, "collection": "automatic", "quantity": (n % 7).to_string(), "start_at": start
    });
    client.post("/v1/subscriptions", subscription).is(201);
    (customer, start)
}
