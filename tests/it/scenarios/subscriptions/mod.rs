//! What becomes of a subscription? Each story changes one, moves the clock and reads the invoices. Every command is
//! previewed before it is given, and must then do what the preview said, to the cent.
//!
//! What is on this shelf, what is not, and its laws: [`domain::subscriptions`](billwright::domain::subscriptions).

mod add_ons;
mod bases;
mod breaks;
mod changes;
mod charges;
mod corrections;
mod ends;
mod large_accounts;
mod matrix;
mod migrations;
mod plans;
mod ramps;
mod refusals;
mod standing;
mod taken_back;
mod terms;
mod trials;
mod waiting;
mod zones;

use std::ops::Deref;

use serde_json::{Value, json};

use super::billing::{Plan, Seller, base, flat, per_unit};
use crate::harness::Reply;

/// A seller with one customer, who has one subscription.
pub struct Life {
    pub seller: Seller,
    pub customer: String,
    pub subscription: String,
}

impl Deref for Life {
    type Target = Seller;
    fn deref(&self) -> &Seller {
        &self.seller
    }
}

impl Life {
    /// Someone pays a flat price a month by card from a date on.
    pub fn monthly(date: &str, amount: &str) -> Life {
        Life::of(date, |seller| (seller.plan("month", json!([base(amount)])), json!({})))
    }

    /// Someone pays for seats a month by card from a date on.
    pub fn seats(date: &str, (unit_amount, quantity): (&str, &str)) -> Life {
        let prices = json!([seat(unit_amount)]);
        Life::of(date, |seller| (seller.plan("month", prices), json!({ "quantity": quantity })))
    }

    /// Someone pays for a plan by card, with these further fields.
    pub fn of(date: &str, plan: impl FnOnce(&Seller) -> (Plan, Value)) -> Life {
        let seller = Seller::on(date);
        let (plan, more) = plan(&seller);
        let customer = seller.customer();
        let subscription = seller.subscribe(&customer, &plan, more);
        Life { seller, customer, subscription }
    }

    /// In a zone, sent invoices.
    pub fn in_zone(date: &str, zone: &str, amount: &str) -> Life {
        let seller = Seller::on(date);
        let plan = seller.plan("month", json!([base(amount)]));
        let customer = seller.customer_like(json!({ "name": "Ada", "time_zone": zone }));
        let subscription = seller.subscribe(&customer, &plan, json!({ "collection": "send_invoice" }));
        Life { seller, customer, subscription }
    }

    /// The URL of something about the subscription.
    pub fn path(&self, command: &str) -> String {
        format!("/v1/subscriptions/{}{command}", self.subscription)
    }

    /// The subscription as it is.
    #[track_caller]
    pub fn read(&self) -> Reply {
        self.world.get(&self.path("")).is(200)
    }

    /// Previews a change and makes it.
    #[track_caller]
    pub fn change(&self, body: Value) -> Reply {
        self.command("change", body)
    }

    /// Where it stands, by `GET`; the list by status must agree.
    #[track_caller]
    pub fn status(&self) -> String {
        let status = self.read().text_at("/status");
        let listed = self.world.get(&format!("/v1/subscriptions?status={status}")).is(200);
        assert!(listed.data().iter().any(|s| s["id"] == self.subscription.as_str()), "{}", listed.text);
        status
    }

    /// Previews a command, insists that nothing was written, gives it, and insists that it did what the preview said.
    #[track_caller]
    pub fn command(&self, name: &str, body: Value) -> Reply {
        let before = self.world.rows_of(self.world.tenant.id);
        let preview = self.world.post(&self.path(&format!("/{name}/preview")), body.clone()).is(200);
        assert_eq!(self.world.rows_of(self.world.tenant.id), before, "a preview wrote something");
        let done = self.world.post(&self.path(&format!("/{name}")), body).is(200);
        assert_eq!(preview.json["effective_at"], done.json["change"]["effective_at"]);
        assert_eq!(amounts(&preview.json["invoices"]), amounts(&done.json["invoices"]));
        assert_eq!(without_ids(&preview.json["subscription"]), subscription_of(&done.json));
        done
    }

    /// What the preview of a command says of the next invoice, as text.
    #[track_caller]
    pub fn next_after(&self, name: &str, body: Value) -> Vec<String> {
        let preview = self.world.post(&self.path(&format!("/{name}/preview")), body).is(200);
        line_texts(&preview.json["next_invoice"])
    }

    /// Insists on the customer's invoices, as [`Seller::bills`].
    #[track_caller]
    pub fn billed(&self, expected: &str) {
        self.bills(&self.customer, expected);
    }

    /// Insists on the customer's invoices after the first.
    #[track_caller]
    pub fn then_billed(&self, expected: &str) {
        let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let invoices = self.invoices(&self.customer);
        assert_eq!(invoices[1..].join("\n"), expected.join("\n"));
    }

    /// The sum of all invoices.
    pub fn total(&self) -> String {
        let listed = self.world.get(&format!("/v1/invoices?customer_id={}&limit=100", self.customer)).is(200);
        let sum: rust_decimal::Decimal = listed
            .data()
            .iter()
            .map(|i| i["total"].as_str().unwrap().parse::<rust_decimal::Decimal>().unwrap())
            .sum();
        sum.to_string()
    }

    /// The descriptions and quantities of the items there are now.
    pub fn items(&self) -> Vec<String> {
        let subscription = self.read();
        let items = subscription.json["items"].as_array().unwrap().clone();
        let text = |i: &Value| {
            format!("{} x {}", i["quantity"].as_str().unwrap(), i["description"].as_str().unwrap())
        };
        items.iter().map(text).collect()
    }
}

/// A price for each seat in advance.
pub fn seat(unit_amount: &str) -> Value {
    json!({ "code": "seat", "description": "Seat", "kind": "recurring", "billing": "in_advance", "model": per_unit(unit_amount) })
}

/// A price paid once.
pub fn setup(amount: &str) -> Value {
    json!({ "code": "setup", "description": "Set-up", "kind": "one_time", "model": flat(amount) })
}

/// The lines of an invoice or its preview: `2026-04-16 to 2026-05-01 10.00 Base`.
pub fn line_texts(invoice: &Value) -> Vec<String> {
    let lines = invoice["lines"].as_array().cloned().unwrap_or_default();
    let text = |line: &Value| {
        let day = |name: &str| line["period"][name].as_str().unwrap()[..10].to_owned();
        format!(
            "{} to {} {} {}",
            day("start"),
            day("end"),
            line["amount"].as_str().unwrap(),
            line["description"].as_str().unwrap()
        )
    };
    lines.iter().map(text).collect()
}

/// What must agree of invoices and their previews.
fn amounts(invoices: &Value) -> Vec<Value> {
    let parts = |invoice: &Value| {
        let lines = invoice["lines"].as_array().unwrap().iter();
        let line = |line: &Value| {
            ["description", "period", "quantity", "unit_amount", "amount", "discount", "tax"]
                .map(|name| line[name].clone())
        };
        let lines: Vec<_> = lines.map(line).collect();
        let steps =
            ["currency", "collection", "billing_date", "subtotal", "discount_total", "tax_total", "total"]
                .map(|name| invoice[name].clone());
        json!([lines, steps])
    };
    invoices.as_array().unwrap().iter().map(parts).collect()
}

/// A subscription without the ids of items that do not exist yet.
fn without_ids(subscription: &Value) -> Value {
    let mut subscription = subscription.clone();
    for item in subscription["items"].as_array_mut().unwrap() {
        item.as_object_mut().unwrap().remove("id");
    }
    subscription
}

/// The subscription in the answer of a command.
fn subscription_of(answer: &Value) -> Value {
    let mut subscription = without_ids(answer);
    for name in ["change", "invoice", "invoices"] {
        subscription.as_object_mut().unwrap().remove(name);
    }
    subscription
}
