//! What has a tenant made so far? Whatever an example needs is made through the API, once, when it is first asked for.

use std::collections::BTreeMap;

use billwright::platform::random;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::harness::{Client, Simulated};

/// What a tenant has made so far: made through the API, once, when an example first asks for it.
pub struct Made {
    pub(super) client: Client,
    ids: BTreeMap<&'static str, String>,
}

impl Made {
    /// Nothing yet.
    pub fn new(client: &Client) -> Made {
        Made { client: client.clone(), ids: BTreeMap::new() }
    }

    /// Every id made so far.
    pub fn ids(&self) -> impl Iterator<Item = &String> {
        self.ids.values()
    }

    /// The id known by this name; made by a POST when there is none yet.
    pub(super) fn once(&mut self, name: &'static str, make: impl FnOnce(&mut Made) -> String) -> String {
        if let Some(id) = self.ids.get(name) {
            return id.clone();
        }
        let id = make(self);
        self.ids.insert(name, id.clone());
        id
    }

    /// What a POST makes.
    pub(super) fn post(&mut self, path: &str, body: Value) -> String {
        self.client.post(path, body).is(201).id()
    }

    /// A code that nothing has yet.
    pub(super) fn code(&mut self, word: &str) -> String {
        format!("{word}_{:08x}{:08x}", random::cheap_u32(), random::cheap_u32())
    }

    pub(super) fn api_key(&mut self) -> String {
        self.once("api_key", |made| made.post("/v1/api_keys", json!({ "name": "an example" })))
    }

    pub(super) fn bill_run(&mut self) -> String {
        self.once("bill_run", |made| made.post("/v1/bill_runs", json!({})))
    }

    /// A customer with two subscriptions of which no invoice can hold both.
    pub(super) fn parked_work(&mut self) -> String {
        self.once("parked_work", |made| {
            let (customer, code) = (made.post("/v1/customers", json!({ "name": "Croesus" })), made.code("dear"));
            let dear = json!([{ "code": "base", "kind": "recurring", "billing": "in_advance",
                "model": { "type": "per_unit", "unit_amount": "90000.00" } }]);
            let plan = made.plan_body();
            let plan = json!({ "code": code, "name": "Dear", "product_id": plan["product_id"], "currency": "USD", "interval": "month",
                "prices": dear });
            let plan = made.post("/v1/plans", plan);
            for _ in 0..2 {
                let body = json!({ "customer_id": customer, "plan_id": plan, "quantity": "100000000",
                    "start_at": "2026-02-01T00:00:00Z", "collection": "send_invoice" });
                made.post("/v1/subscriptions", body);
            }
            made.post("/v1/bill_runs", json!({ "as_of": "2026-02-01T00:00:00Z" }));
            let parked = made.client.get("/v1/parked_work?work=billing").is(200);
            parked.text_at("/data/0/id")
        })
    }

    pub(super) fn customer(&mut self) -> String {
        self.once("customer", |made| made.post("/v1/customers", json!({ "name": "Analytical Engines Ltd" })))
    }

    pub(super) fn product(&mut self) -> String {
        self.once("product", |made| made.post("/v1/products", json!({ "name": "Engine" })))
    }

    pub(super) fn plan(&mut self) -> String {
        self.once("plan", |made| {
            let body = made.plan_body();
            made.post("/v1/plans", body)
        })
    }

    pub(super) fn subscription(&mut self) -> String {
        self.once("subscription", |made| {
            let body = made.subscription_body();
            made.post("/v1/subscriptions", body)
        })
    }

    pub(super) fn payment(&mut self) -> String {
        self.once("payment", |made| {
            let body = made.payment_body();
            made.post("/v1/payments", body)
        })
    }

    /// A dispute of a payment by card: an hour of the clock later.
    pub(super) fn dispute(&mut self) -> String {
        self.once("dispute", |made| {
            let customer = made.post("/v1/customers", json!({ "name": "Ada" }));
            let card = json!({ "customer_id": customer, "kind": "card", "token": "tok_dispute_won" });
            made.post("/v1/payment_methods", card);
            let lines = json!([{ "description": "Setup", "amount": "31.00" }]);
            let invoice = made.post(
                "/v1/invoices",
                json!({ "customer_id": customer, "collection": "send_invoice", "lines": lines }),
            );
            made.client.post(&format!("/v1/invoices/{invoice}/finalize"), json!({}));
            made.client.post(&format!("/v1/invoices/{invoice}/pay"), json!({}));
            let now =
                made.client.get("/v1/test_clock").is(200).text_at("/now").parse::<DateTime<Utc>>().unwrap();
            let later = (now + TimeDelta::hours(1)).to_rfc3339();
            made.client.post("/v1/test_clock/advance", json!({ "to": later })).is(200);
            made.client.get(&format!("/v1/disputes?customer_id={customer}")).is(200).text_at("/data/0/id")
        })
    }

    /// A payout of the simulator's server, of a fee that it kept.
    pub(super) fn payout(&mut self) -> String {
        self.once("payout", |made| {
            let simulated = Simulated::open();
            let account = made.post("/v1/gateway_accounts", simulated.account());
            simulated.client.post("/control/fees", json!({ "amount": "5.00", "currency": "USD" })).is(201);
            let payout = simulated.pay_out(json!({}));
            let event = json!({ "id": "simevt_1", "type": "payout.paid", "payout": payout });
            simulated.tell(&made.client, &account, &event).is(200);
            let now =
                made.client.get("/v1/test_clock").is(200).text_at("/now").parse::<DateTime<Utc>>().unwrap();
            let later = (now + TimeDelta::seconds(4)).to_rfc3339();
            made.client.post("/v1/test_clock/advance", json!({ "to": later })).is(200);
            let listed = made.client.get(&format!("/v1/payouts?gateway_account_id={account}")).is(200);
            let parked = || made.client.get("/v1/parked_work").text;
            let events = || made.client.get(&format!("/v1/gateway_accounts/{account}/events")).text;
            assert!(!listed.data().is_empty(), "{} {}", parked(), events());
            listed.text_at("/data/0/id")
        })
    }

    pub(super) fn payment_method(&mut self) -> String {
        self.once("payment_method", |made| {
            let body = made.payment_method_body();
            made.post("/v1/payment_methods", body)
        })
    }

    pub(super) fn gateway_account_body(&mut self) -> Value {
        json!({ "gateway": "stripe", "name": "Stripe", "base_url": "http://127.0.0.1:9",
                "credentials": { "secret_key": "sk_test_1", "webhook_secrets": ["whsec_1"] } })
    }

    pub(super) fn gateway_account(&mut self) -> String {
        self.once("gateway_account", |made| {
            let body = made.gateway_account_body();
            made.post("/v1/gateway_accounts", body)
        })
    }

    pub(super) fn removed_gateway_account(&mut self) -> String {
        self.once("removed_gateway_account", |made| {
            let body = made.gateway_account_body();
            made.post("/v1/gateway_accounts", body)
        })
    }

    pub(super) fn payment_body(&mut self) -> Value {
        json!({ "customer_id": self.customer(), "amount": "12.50", "currency": "USD" })
    }

    pub(super) fn payment_method_body(&mut self) -> Value {
        json!({ "customer_id": self.customer(), "kind": "card", "token": "tok_success" })
    }

    pub(super) fn plan_body(&mut self) -> Value {
        json!({ "code": self.code("team"), "name": "Team", "product_id": self.product(), "currency": "USD", "interval": "month",
                "prices": prices() })
    }

    pub(super) fn subscription_body(&mut self) -> Value {
        json!({ "customer_id": self.customer(), "plan_id": self.plan(), "collection": "send_invoice" })
    }
}

pub(super) fn prices() -> Value {
    json!([{ "code": "base", "kind": "recurring", "billing": "in_advance", "model": { "type": "flat", "amount": "31.00" } }])
}
