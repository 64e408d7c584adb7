//! Are the books right in two currencies? A business whose books are in euros, and customers who pay in dollars, at rates it records itself.
//!
//! What is on this shelf, what is not, and its laws: [`domain::ledger`](billwright::domain::ledger).

mod charges_given_back;
mod gains;
mod given_back;
mod revaluations;
mod runs;
mod waiting;
mod wrong_books;

use std::cell::RefCell;

use serde_json::{Value, json};

use crate::harness::{Client, Tenant, World};

/// A tenant whose books are in euros, and a customer who is billed in dollars.
pub(super) struct House<'w> {
    pub(super) world: &'w World,
    pub(super) tenant: &'w Tenant,
    pub(super) customer: String,
    /// Rates of days to come, and those days.
    later: RefCell<Vec<(String, Value)>>,
}

impl<'w> House<'w> {
    pub(super) fn of(world: &'w World, tenant: &'w Tenant) -> House<'w> {
        let body = json!({ "name": "Ada", "currency": "USD" });
        let customer = tenant.client.post("/v1/customers", body).is(201).id();
        House { world, tenant, customer, later: RefCell::default() }
    }

    pub(super) fn client(&self) -> &Client {
        &self.tenant.client
    }

    /// From a day on a dollar is so many euros.
    pub(super) fn rate(&self, date: &str, rate: &str) {
        self.rate_in("EUR", date, rate);
    }

    /// The same in another currency. What is of a day to come is recorded when it comes.
    pub(super) fn rate_in(&self, quote: &str, date: &str, rate: &str) {
        let body = json!({ "base": "USD", "quote": quote, "date": date, "rate": rate });
        self.later.borrow_mut().push((date.to_owned(), body));
        self.record(&self.client().get("/v1/test_clock").is(200).text_at("/now"));
    }

    /// An entity whose books are in pounds: 0.80 of a dollar on 1 January, which is 0.90 euros.
    pub(super) fn british(&self) -> String {
        let entity =
            json!({ "name": "Acme Ltd", "country": "US", "state": "DE", "functional_currency": "GBP" });
        self.rate_in("EUR", "2026-01-01", "0.90");
        self.rate_in("GBP", "2026-01-01", "0.80");
        self.client().post("/v1/entities", entity).is(201).id()
    }

    fn record(&self, now: &str) {
        let mut later = self.later.borrow_mut();
        let come: Vec<_> = later.extract_if(.., |(date, _)| date.as_str() <= &now[..10]).collect();
        for (_, body) in come {
            self.client().post("/v1/exchange_rates", body).is(201);
        }
    }

    pub(super) fn advance_to(&self, day: &str) {
        let to = json!({ "to": format!("{day}T12:00:00Z") });
        self.client().post("/v1/test_clock/advance", to).is(200);
        self.record(day);
    }

    /// An invoice of one line, issued; gives its id.
    pub(super) fn invoice(&self, amount: &str) -> String {
        self.invoice_of(&self.customer, amount)
    }

    pub(super) fn invoice_of(&self, customer: &str, amount: &str) -> String {
        let line = json!({ "description": "Work", "amount": amount });
        let body = json!({ "customer_id": customer, "currency": "USD", "collection": "send_invoice", "lines": [line] });
        let id = self.client().post("/v1/invoices", body).is(201).id();
        self.client().post(&format!("/v1/invoices/{id}/finalize"), json!({})).is(200);
        id
    }

    /// Money that came outside any gateway; of an invoice, or on the balance.
    pub(super) fn receive(&self, amount: &str, invoice: Option<&str>) -> String {
        let body = json!({ "customer_id": self.customer, "amount": amount, "currency": "USD", "invoice_id": invoice });
        self.client().post("/v1/payments", body).is(201).id()
    }

    pub(super) fn credit(&self, invoice: &str, amount: &str, to: &str) {
        let body = json!({ "invoice_id": invoice, "amount": amount, "reason": "outage", "to": to });
        self.client().post("/v1/credit_notes", body).is(201);
    }

    pub(super) fn act(&self, invoice: &str, verb: &str) {
        self.client().post(&format!("/v1/invoices/{invoice}/{verb}"), json!({})).is(200);
    }

    /// `payment_received 100.00 USD cash_clearing < accounts_receivable 92.00 EUR gain 2.00`, the oldest first.
    pub(super) fn entries(&self) -> Vec<String> {
        let listed = self.client().get("/v1/ledger/entries?limit=200").is(200);
        listed.data().iter().rev().map(entry).collect()
    }

    /// The entries of sources of a kind.
    pub(super) fn entries_of(&self, kind: &str) -> Vec<String> {
        let of_kind = |entry: &String| entry.starts_with(kind);
        let short = |entry: String| entry[kind.len() + 1..].to_owned();
        self.entries().into_iter().filter(of_kind).map(short).collect()
    }

    /// What is held in euros, by account, of what is not nothing: from the entries alone.
    pub(super) fn held(&self) -> Vec<String> {
        let mut sums: std::collections::BTreeMap<String, rust_decimal::Decimal> = Default::default();
        let listed = self.client().get("/v1/ledger/entries?limit=1000").is(200);
        for entry in listed.data() {
            let number = |name: &str| {
                entry[name]
                    .as_str()
                    .map_or_else(Default::default, |n| n.parse::<rust_decimal::Decimal>().unwrap())
            };
            let (worth, gain) = (number("functional_amount"), number("realised_gain"));
            *sums.entry(entry["debit"].as_str().unwrap().to_owned()).or_default() += worth;
            *sums.entry(entry["credit"].as_str().unwrap().to_owned()).or_default() -= worth - gain;
            *sums.entry("fx_gain_loss_realised".to_owned()).or_default() -= gain;
        }
        sums.into_iter()
            .filter(|(_, sum)| !sum.is_zero())
            .map(|(name, sum)| format!("{name} {sum}"))
            .collect()
    }

    /// Nothing is left undone, and the books are right.
    #[track_caller]
    pub(super) fn check(&self) {
        let report =
            billwright::workflows::verify_books::run(&mut self.world.session(), self.tenant.id).unwrap();
        assert!(report.is_right(), "{:#?}", report.differences);
        let balances = self.client().get("/v1/ledger/balances").is(200).json["reporting"].clone();
        let sum = |side: &str| {
            let rows = balances["data"].as_array().unwrap().iter();
            rows.map(|row| row[side].as_str().unwrap().parse::<rust_decimal::Decimal>().unwrap())
                .sum::<rust_decimal::Decimal>()
        };
        assert_eq!(sum("debits"), sum("credits"), "{balances}");
    }
}

fn entry(entry: &Value) -> String {
    let text = |name: &str| entry[name].as_str().unwrap_or("-").to_owned();
    let kind = entry["source"]["kind"].as_str().unwrap();
    let gain = entry["realised_gain"].as_str().map(|gain| format!(" gain {gain}")).unwrap_or_default();
    format!(
        "{kind} {} {} {} < {} {} {}{gain}",
        text("amount"),
        text("currency"),
        text("debit"),
        text("credit"),
        text("functional_amount"),
        text("functional_currency")
    )
}

/// A world whose tenant's books are in euros.
pub(super) fn world() -> World {
    World::of("2026-01-01T00:00:00Z", "UTC", "EUR")
}
