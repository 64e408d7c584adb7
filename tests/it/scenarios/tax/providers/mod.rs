//! What happens to invoices whose tax somebody else says? They wait for the answer, are issued with it, and the provider has each once.

mod ahead;
mod elsewhere;
mod figures;
mod others;
mod outages;
mod returns;
mod settings;
mod side_by_side;

use serde_json::{Value, json};

use super::invoices::{Shop, flat};
use crate::harness::{Rehearsal, World};

/// A seller in Texas whose sales in the United States a provider taxes, with a plan of 100.00 USD a month.
struct Desk {
    shop: Shop,
    provider: Rehearsal,
    id: String,
    plan: String,
}

impl Desk {
    fn open() -> Desk {
        Desk::open_with(json!({}))
    }

    fn open_with(fields: Value) -> Desk {
        let shop = Shop::open_in(World::new());
        shop.world.patch("/v1/tax/settings", json!({ "country": "US", "state": "TX" })).is(200);
        let provider = Rehearsal::open();
        let mut body = json!({ "name": "Rehearsal", "kind": "generic", "base_url": provider.url, "countries": ["US"],
            "timeout_ms": 500 });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let id = shop.world.post("/v1/tax/providers", body).is(201).id();
        let mut desk = Desk { shop, provider, id, plan: String::new() };
        desk.plan = desk.sell("hundred", "100.00");
        desk
    }

    /// A plan of so many dollars a month.
    fn sell(&self, code: &str, amount: &str) -> String {
        let body = json!({ "code": code, "name": code, "product_id": self.shop.product, "currency": "USD", "interval": "month",
            "prices": [flat(amount, "exclusive")] });
        self.shop.world.post("/v1/plans", body).is(201).id()
    }

    /// Somebody in Austin, where 8.25 % are due in three parts.
    fn austin(&self) -> String {
        self.shop.customer(json!({ "currency": "USD",
            "address": { "country": "US", "state": "TX", "city": "Austin", "postal_code": "78701" } }))
    }

    fn subscribe(&self, customer: &str) -> String {
        self.shop.subscribe(customer, &self.plan)
    }

    /// The customer's newest invoice.
    fn invoice(&self, customer: &str) -> Value {
        let id = self.shop.ids(customer).pop().unwrap();
        self.shop.world.get(&format!("/v1/invoices/{id}")).is(200).json
    }

    /// Lets the jobs work at this moment of the first of January.
    fn at(&self, time: &str) {
        self.shop.world.advance_to(&format!("2026-01-01T{time}Z"));
    }

    fn differences(&self) -> Vec<Value> {
        self.shop.world.get(&format!("/v1/tax/providers/{}/differences", self.id)).is(200).data().clone()
    }
}

/// `draft tax_provider 6.25`, its status, what it waits for and its tax.
fn shown(invoice: &Value) -> String {
    let text = |name: &str| invoice[name].as_str().unwrap_or("-").to_owned();
    format!("{} {} {}", text("status"), text("waits_for"), text("tax_total"))
}
