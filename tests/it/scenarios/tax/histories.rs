//! Does the tax come out right of histories that nobody thought of? Sold, changed, paused, credited, corrected, voided, moved, edited, in any
//! order; in the end all is taken back, and what is left of net and tax fits together.
//!
//! `TAX_HISTORIES=200` tells more of them. Each world's books are proved at its end.

use std::collections::BTreeMap;
use std::env;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::invoices::Shop;
use crate::harness::Chance;

const COUNTRIES: &[&str] = &["FR", "DE", "HU", "IT", "CH"];

/// One seller, two buyers, and what has happened so far.
struct History {
    shop: Shop,
    chance: Chance,
    now: DateTime<Utc>,
    plans: Vec<String>,
    customers: Vec<String>,
    /// With their starts.
    subscriptions: Vec<(String, DateTime<Utc>)>,
    events: usize,
    log: Vec<String>,
}

impl History {
    fn of(seed: u64) -> History {
        let shop = Shop::open();
        let mut chance = Chance::of(seed);
        shop.world.post("/v1/tax/registrations", json!({ "country": "FR", "scheme": "oss" })).is(201);
        if chance.one_in(3) {
            let rounding = *chance.pick(&["line", "total"]);
            shop.world.patch("/v1/tax/settings", json!({ "rounding": rounding })).is(200);
        }
        let meter = json!({ "code": "n", "name": "N", "event_type": "call", "aggregation": "sum", "value_property": "n" });
        let meter = shop.world.post("/v1/meters", meter).is(201).id();
        let mut plans = Vec::new();
        for (n, code) in ["saas", "ebook", "saas"].into_iter().enumerate() {
            let product =
                shop.world.post("/v1/products", json!({ "name": code, "tax_code": code })).is(201).id();
            let flat = format!("{}.{:02}", chance.between(0, 99), chance.between(1, 99));
            let mut usage = json!({ "code": "u", "kind": "usage", "meter_id": meter, "model": { "type": "per_unit", "unit_amount": "0.013" } });
            if chance.one_in(2) {
                usage["minimum_amount"] = json!("9.99");
            }
            let mut base = json!({ "code": "base", "kind": "recurring", "billing": "in_advance", "model": { "type": "flat", "amount": flat } });
            if chance.one_in(2) {
                base["tax_behavior"] = json!("inclusive");
                usage["tax_behavior"] = json!("inclusive");
            }
            let plan = json!({ "code": format!("p{n}"), "name": "P", "product_id": product, "currency": "EUR", "interval": "month",
                               "prices": [base, usage] });
            plans.push(shop.world.post("/v1/plans", plan).is(201).id());
        }
        for coupon in [
            json!({ "code": "A", "percent_off": "33.3", "duration": "forever" }),
            json!({ "code": "B", "amount_off": "7.77", "currency": "EUR", "duration": "forever" }),
        ] {
            shop.world.post("/v1/coupons", coupon).is(201);
        }
        let customer =
            |name: &str| shop.customer(json!({ "external_id": name, "address": { "country": "DE" } }));
        let customers = vec![customer("ada"), customer("bob")];
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let subscriptions = Vec::new();
        History { shop, chance, now, plans, customers, subscriptions, events: 0, log: Vec::new() }
    }

    /// A call that may be refused, and must not fail.
    fn call(&mut self, method: &str, path: &str, body: &Value) -> Option<Value> {
        let path = format!("/v1/{path}");
        let reply = match method {
            "PATCH" => self.shop.world.patch(&path, body.clone()),
            "DELETE" => self.shop.world.delete(&path),
            _ => self.shop.world.post(&path, body.clone()),
        };
        assert!(reply.status < 500, "{path} {body}: {}\n{:#?}", reply.text, self.log);
        self.log.push(format!("{} {method} {path} {body} {}", self.now, reply.status));
        (reply.status < 300).then_some(reply.json)
    }

    fn advance(&mut self, days: i64) {
        self.now += TimeDelta::days(days) + TimeDelta::seconds(self.chance.below(3_600));
        self.shop.world.advance_to(&self.now.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    }

    fn subscription(&mut self) -> String {
        let place = self.chance.below(i64::try_from(self.subscriptions.len()).unwrap());
        self.subscriptions[usize::try_from(place).unwrap()].0.clone()
    }

    fn when(&mut self) -> &'static str {
        if self.chance.one_in(2) { "now" } else { "next" }
    }

    fn invoice(&mut self, statuses: &[&str]) -> Option<Value> {
        let listed = self.shop.world.get("/v1/invoices?limit=100").is(200);
        let fits = |invoice: &&Value| {
            statuses.contains(&invoice["status"].as_str().unwrap()) && !cents(&invoice["total"]).is_negative()
        };
        let fitting: Vec<Value> = listed.data().iter().filter(fits).cloned().collect();
        (!fitting.is_empty()).then(|| self.chance.pick(&fitting).clone())
    }

    fn subscribe(&mut self) {
        let (customer, plan) =
            (self.chance.pick(&self.customers).clone(), self.chance.pick(&self.plans).clone());
        let mut body = json!({ "customer_id": customer, "plan_id": plan, "collection": "send_invoice" });
        if self.chance.one_in(2) {
            body["coupon"] = json!(*self.chance.pick(&["A", "B"]));
        }
        let start = self.now;
        if let Some(subscription) = self.call("POST", "subscriptions", &body) {
            self.subscriptions.push((subscription["id"].as_str().unwrap().to_owned(), start));
        }
    }

    fn step(&mut self) {
        let subscription = match self.subscriptions.is_empty() {
            true => return self.subscribe(),
            false => self.subscription(),
        };
        let command = |name: &str| format!("subscriptions/{subscription}/{name}");
        let back =
            (self.now - TimeDelta::days(self.chance.below(12))).format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let when = self.when();
        match self.chance.below(15) {
            0 => self.subscribe(),
            1 | 2 => {
                let plan = self.chance.pick(&self.plans).clone();
                self.call(
                    "POST",
                    &command("change"),
                    &json!({ "plan_id": plan, "invoice": when, "proration": "by_day" }),
                );
            }
            3 => {
                let (customer, country) =
                    (self.chance.pick(&self.customers).clone(), *self.chance.pick(COUNTRIES));
                self.call(
                    "PATCH",
                    &format!("customers/{customer}"),
                    &json!({ "address": { "country": country } }),
                );
            }
            4 => {
                let (rate, from) = (self.chance.between(5, 27).to_string(), self.now.date_naive());
                let country = *self.chance.pick(COUNTRIES);
                let rate = json!({ "country": country, "kind": "standard", "rate": rate, "valid_from": from, "source": "a law to come" });
                self.call("POST", "tax/rates", &rate);
            }
            5 | 6 => self.take_back(),
            7 => {
                self.events += 1;
                let data = json!({ "n": self.chance.between(1, 2_000).to_string() });
                let subject = *self.chance.pick(&["ada", "bob"]);
                let event = json!({ "specversion": "1.0", "id": format!("e{}", self.events), "source": "a", "type": "call",
                                    "subject": subject, "time": back, "data": data });
                self.call("POST", "usage/events", &event);
            }
            8 => {
                let mode = *self.chance.pick(&["credit", "extend"]);
                if self.call("POST", &command("pause"), &json!({ "mode": mode, "invoice": when })).is_some() {
                    let days = self.chance.between(1, 9);
                    self.advance(days);
                    self.call("POST", &command("resume"), &json!({}));
                }
            }
            9 => {
                self.call("POST", &command("cancel"), &json!({ "effective_at": back, "invoice": when }));
                if self.chance.one_in(2) {
                    self.call("POST", &command("uncancel"), &json!({ "invoice": "now" }));
                }
            }
            10 => {
                let amount = format!("{}.{:02}", self.chance.between(0, 20), self.chance.between(1, 99));
                let mut charge = json!({ "description": "Extra", "amount": amount, "invoice": when });
                charge["tax_code"] = json!(*self.chance.pick(&["ebook", "professional_service"]));
                charge["tax_behavior"] = json!(*self.chance.pick(&["inclusive", "exclusive"]));
                self.call("POST", &command("charges"), &charge);
            }
            _ => {
                let days = *self.chance.pick(&[2, 9, 20, 31]);
                self.advance(days);
            }
        }
    }

    /// Something is done to an invoice.
    fn take_back(&mut self) {
        let Some(invoice) = self.invoice(&["open", "paid", "draft"]) else { return };
        let id = invoice["id"].as_str().unwrap().to_owned();
        match self.chance.below(5) {
            0 => drop(self.call("POST", &format!("invoices/{id}/void"), &json!({}))),
            1 => drop(self.call("POST", "credit_notes", &json!({ "invoice_id": id, "reason": "x" }))),
            2 => {
                let amount = cents(&invoice["total"]) * self.chance.between(1, 60) / 100;
                let amount = format!("{}.{:02}", amount / 100, amount % 100);
                self.call(
                    "POST",
                    "credit_notes",
                    &json!({ "invoice_id": id, "reason": "x", "amount": amount }),
                );
            }
            3 => {
                let line = json!([{ "line_no": 1, "amount": "3.33", "description": "As agreed" }]);
                self.call(
                    "POST",
                    &format!("invoices/{id}/correct"),
                    &json!({ "reason": "x", "lines": line }),
                );
            }
            _ => {
                let days = self.chance.below(2) * 24;
                self.call("PATCH", "billing_settings", &json!({ "draft_hours": days }));
                self.call("PATCH", &format!("invoices/{id}/lines/1"), &json!({ "amount": "2.22" }));
            }
        }
    }

    /// Takes back all that can be, and waits until it is billed.
    fn end(&mut self) {
        for event in 1..=self.events {
            self.call("POST", "usage/events/void", &json!({ "source": "a", "id": format!("e{event}") }));
        }
        for (subscription, start) in self.subscriptions.clone() {
            let end = json!({ "effective_at": start, "invoice": "now" });
            self.call("POST", &format!("subscriptions/{subscription}/cancel"), &end);
        }
        self.call("POST", "bill_runs", &json!({ "finalize": true }));
        self.advance(40);
    }

    /// What is left, by jurisdiction and rate: net, tax and how many taxes, less what credit notes took.
    fn check(&self) {
        let mut left: BTreeMap<(String, String), (i64, i64, i64)> = BTreeMap::new();
        let (mut net, mut tax) = (0, 0);
        for customer in &self.customers {
            let (of_net, of_tax) = self.shop.stays(customer);
            (net, tax) = (net + of_net, tax + of_tax);
        }
        assert!(net != 0 || tax == 0, "nothing is left, and {tax} of tax\n{:#?}", self.log);
        let report = "/v1/tax/report?from=2026-01-01&until=2036-01-01&currency=EUR";
        for row in self.shop.world.get(report).is(200).data() {
            let key = ["jurisdiction", "rate"].map(|name| row[name].as_str().unwrap().to_owned());
            let sums = left.entry(key.into()).or_default();
            sums.0 += cents(&row["taxable"]);
            sums.1 += cents(&row["tax"]);
            sums.2 += row["lines"].as_i64().unwrap();
        }
        for ((place, rate), (net, tax, lines)) in left {
            let exact = Decimal::from(net) * rate.parse::<Decimal>().unwrap() / Decimal::ONE_HUNDRED;
            let room = Decimal::from(2 + lines);
            assert!(
                (exact - Decimal::from(tax)).abs() <= room,
                "{place} {rate}: {tax} of {net}\n{:#?}",
                self.log
            );
        }
    }
}

fn cents(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// How many are told.
#[expect(clippy::disallowed_methods, reason = "what a test is told is no setting of the server")]
fn count() -> u64 {
    env::var("TAX_HISTORIES").ok().and_then(|count| count.parse().ok()).unwrap_or(12)
}

#[test]
fn all_is_taken_back_with_the_tax_it_had() {
    for seed in 0..count() {
        let mut history = History::of(seed);
        for _ in 0..history.chance.between(8, 18) {
            history.step();
        }
        history.end();
        history.check();
    }
}
