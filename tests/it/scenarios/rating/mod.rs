//! What does a plan's price make a customer pay? Each story publishes a price, subscribes, and reads the invoice.
//!
//! What is on this shelf, what is not, and its laws: [`domain::rating`](billwright::domain::rating).

mod models;
mod overrides;
mod refusals;

use billwright::workflows::verify_books;
use serde_json::{Value, json};

use crate::harness::{Reply, World};

/// A tenant that sells. When it is dropped, its books must be right.
pub struct Seller {
    pub world: World,
    product: String,
    customer: String,
}

impl Drop for Seller {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let report = verify_books::run(&mut self.world.session(), self.world.tenant.id).unwrap();
            assert!(report.is_right(), "{:#?}", report.differences);
        }
    }
}

impl Seller {
    pub fn open() -> Seller {
        let world = World::new();
        let product = world.post("/v1/products", json!({ "name": "Calls" })).is(201).id();
        let customer = world.post("/v1/customers", json!({ "name": "Ada", "currency": "USD" })).is(201).id();
        Seller { world, product, customer }
    }

    /// Asks for a monthly plan with one price, `Calls`.
    pub fn offer(&self, model: Value) -> Reply {
        let price = json!({ "code": "calls", "description": "Calls", "kind": "recurring", "model": model });
        let body = json!({ "code": "calls", "name": "Calls", "product_id": self.product, "currency": "USD",
                           "interval": "month", "prices": [price] });
        self.world.post("/v1/plans", body)
    }

    /// Asks for a subscription to a plan, with these fields beside the ones it needs.
    pub fn ask(&self, plan: &str, fields: Value) -> Reply {
        let mut body = json!({ "customer_id": self.customer, "plan_id": plan, "collection": "send_invoice" });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.world.post("/v1/subscriptions", body)
    }

    /// The lines of the first invoice for so many units at this price.
    pub fn sell(&self, model: Value, quantity: &str) -> Vec<String> {
        let plan = self.offer(model).is(201).id();
        self.ask(&plan, json!({ "quantity": quantity })).is(201);
        self.lines()
    }

    /// The lines of all invoices, the oldest first: `Calls: 7 x 12.5 = 87.50`.
    pub fn lines(&self) -> Vec<String> {
        let listed = self.world.get("/v1/invoices?limit=100").is(200);
        let mut rows = Vec::new();
        for invoice in listed.data().iter().rev() {
            let whole = self.world.get(&format!("/v1/invoices/{}", invoice["id"].as_str().unwrap())).is(200);
            for line in whole.json["lines"].as_array().unwrap() {
                let text = |name: &str| line[name].as_str().unwrap().to_owned();
                let [said, quantity, each, amount] =
                    ["description", "quantity", "unit_amount", "amount"].map(text);
                rows.push(format!("{said}: {quantity} x {each} = {amount}"));
            }
        }
        rows
    }
}

/// Up to 100 at 0.10, up to 1,000 at 0.08, above at 0.05.
pub fn tiers() -> Value {
    json!([{ "up_to": "100", "unit_amount": "0.10", "flat_amount": "0" },
           { "up_to": "1000", "unit_amount": "0.08", "flat_amount": "0" },
           { "up_to": null, "unit_amount": "0.05", "flat_amount": "0" }])
}

pub fn graduated() -> Value {
    json!({ "type": "graduated", "tiers": tiers() })
}
