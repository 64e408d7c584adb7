//! Is revenue earned when it should be, and posted once? Plans in advance, what changes of them, and the months that are closed.
//!
//! What is on this shelf, what is not, and its laws: [`domain::revenue`](billwright::domain::revenue).

mod contracts;
mod drill;
mod fulfilments;
mod given_back;
mod journals;
mod moved;
mod periods;
mod recognition;
mod recurring;
mod reports;
mod rules;
mod schedules;
mod write_offs;
mod wrong_books;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::{Client, World};

/// Somebody who sells plans in advance.
pub(super) struct House {
    pub(super) world: World,
    pub(super) product: String,
}

impl House {
    pub(super) fn at(instant: &str) -> House {
        House::in_world(World::at(instant))
    }

    pub(super) fn in_world(world: World) -> House {
        let product = world.post("/v1/products", json!({ "name": "Analytics" })).is(201).id();
        House { world, product }
    }

    pub(super) fn client(&self) -> &Client {
        &self.world
    }

    /// A plan in advance, of so many months.
    pub(super) fn plan(&self, code: &str, amount: &str, months: u32) -> String {
        let price = json!({ "code": "base", "kind": "recurring", "billing": "in_advance", "model": { "type": "flat", "amount": amount } });
        let body = json!({ "code": code, "name": code, "product_id": self.product, "currency": "USD", "interval": "month",
            "interval_count": months, "prices": [price] });
        self.client().post("/v1/plans", body).is(201).id()
    }

    pub(super) fn customer(&self) -> String {
        self.client().post("/v1/customers", json!({ "name": "Ada" })).is(201).id()
    }

    /// A customer with a subscription that begins now; gives the subscription.
    pub(super) fn subscribe(&self, plan: &str) -> String {
        let body = json!({ "customer_id": self.customer(), "plan_id": plan, "collection": "send_invoice" });
        self.client().post("/v1/subscriptions", body).is(201).id()
    }

    /// The newest invoice there is.
    pub(super) fn newest_invoice(&self) -> String {
        let listed = self.client().get("/v1/invoices?limit=1").is(200);
        listed.data()[0]["id"].as_str().unwrap().to_owned()
    }

    /// `-45.00 credit_note_line: 2026-02 -29.50, 2026-03 -15.50*`: what is posted has no star.
    pub(super) fn schedules(&self, query: &str) -> Vec<String> {
        let listed = self.client().get(&format!("/v1/revenue/schedules?{query}")).is(200);
        listed.data().iter().map(schedule_text).collect()
    }

    /// What was recognised: `2026-01-31 17.00`, in order; what is taken back is below zero.
    pub(super) fn recognized(&self) -> Vec<String> {
        let listed = self.client().get("/v1/ledger/entries?limit=500").is(200);
        let of_revenue = |entry: &&Value| entry["source"]["kind"] == "revenue_recognized";
        let text = |entry: &Value| {
            let sign = if entry["credit"] == "revenue" { "" } else { "-" };
            format!("{} {sign}{}", entry["effective_on"].as_str().unwrap(), entry["amount"].as_str().unwrap())
        };
        let mut found: Vec<String> = listed.data().iter().filter(of_revenue).map(text).collect();
        found.sort();
        found
    }

    /// The balances of accounts at the end of a day, of what is not nothing.
    pub(super) fn balances(&self, as_of: &str) -> BTreeMap<String, String> {
        let reply = self.client().get(&format!("/v1/ledger/balances?as_of={as_of}")).is(200);
        let row = |row: &Value| {
            (row["account"].as_str().unwrap().to_owned(), row["balance"].as_str().unwrap().to_owned())
        };
        reply.data().iter().map(row).filter(|(_, balance)| balance != "0.00").collect()
    }

    /// The period that begins on a day.
    pub(super) fn period(&self, start: &str) -> String {
        let listed = self.client().get("/v1/accounting_periods").is(200);
        let found = listed.data().iter().find(|period| period["start"] == start);
        found.unwrap_or_else(|| panic!("no period begins on {start}: {}", listed.text))["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(super) fn close(&self, start: &str) -> crate::harness::Reply {
        self.client().post(&format!("/v1/accounting_periods/{}/close", self.period(start)), json!({}))
    }
}

/// The rows of a report, by some of their columns.
pub(super) fn rows(house: &House, path: &str, names: &[&str]) -> Vec<String> {
    let reply = house.client().get(&format!("/v1/revenue/{path}")).is(200);
    let text = |row: &Value| {
        names.iter().map(|name| row[name].as_str().unwrap_or("-").to_owned()).collect::<Vec<_>>().join(" ")
    };
    reply.data().iter().map(text).collect()
}

fn schedule_text(schedule: &Value) -> String {
    let months = schedule["months"].as_array().unwrap().iter().map(|month| {
        let star = if month["posted"] == true { "" } else { "*" };
        format!("{} {}{star}", month["month"].as_str().unwrap(), month["amount"].as_str().unwrap())
    });
    format!(
        "{} {}: {}",
        schedule["invoiced"].as_str().unwrap(),
        schedule["kind"].as_str().unwrap(),
        months.collect::<Vec<_>>().join(", ")
    )
}

pub(super) fn balances(rows: &[(&str, &str)]) -> BTreeMap<String, String> {
    rows.iter().map(|(account, balance)| ((*account).to_owned(), (*balance).to_owned())).collect()
}
