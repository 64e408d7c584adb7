//! What does usage make a customer pay? Each story sells metered prices, sends events, moves the clock and reads the invoices.

mod bills;
mod breaks;
mod budgets;
mod cuts;
mod models;

use std::cell::Cell;

use billwright::workflows::verify_books;
use serde_json::{Value, json};

use crate::harness::{Reply, World};

/// A tenant on 1 January 2026 that sells usage to one customer, `acme`. When it is dropped, its books must be right.
pub struct Seller {
    pub world: World,
    pub product: String,
    pub customer: String,
    events: Cell<u32>,
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
        Seller::of(World::of("2026-01-01T00:00:00Z", "UTC", "USD"))
    }

    pub fn of(world: World) -> Seller {
        let product = world.post("/v1/products", json!({ "name": "API" })).is(201).id();
        let customer =
            world.post("/v1/customers", json!({ "name": "Acme", "external_id": "acme" })).is(201).id();
        Seller { world, product, customer, events: Cell::new(0) }
    }

    /// A meter that adds up `units` of events of this type, apart by `model` and `region`.
    pub fn meter(&self, code: &str) -> String {
        self.meter_with(code, json!({}))
    }

    pub fn meter_with(&self, code: &str, fields: Value) -> String {
        let mut body = json!({ "code": code, "name": code, "event_type": code, "aggregation": "sum",
                               "value_property": "units", "dimensions": ["model", "region"] });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.world.post("/v1/meters", body).is(201).id()
    }

    /// Asks for a monthly plan.
    pub fn offer(&self, prices: Value, features: Value) -> Reply {
        let body = json!({ "code": "usage", "name": "Usage", "product_id": self.product, "currency": "USD",
                           "interval": "month", "prices": prices, "features": features });
        self.world.post("/v1/plans", body)
    }

    /// Sells a plan with these prices from now on; gives the subscription's id.
    pub fn sell(&self, prices: Value) -> String {
        self.sell_with(prices, json!([]))
    }

    pub fn sell_with(&self, prices: Value, features: Value) -> String {
        let plan = self.offer(prices, features).is(201).id();
        let body = json!({ "customer_id": self.customer, "plan_id": plan, "collection": "send_invoice" });
        self.world.post("/v1/subscriptions", body).is(201).id()
    }

    /// Sells one usage price, `Calls`, of events of the type `call`.
    pub fn sell_calls(&self, model: Value, fields: Value) -> String {
        let priced =
            if model["type"] == "dynamic" { json!({ "price_property": "price" }) } else { json!({}) };
        let meter = self.meter_with("call", priced);
        let mut price = json!({ "code": "calls", "description": "Calls", "kind": "usage", "meter_id": meter, "model": model });
        price.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.sell(json!([price]))
    }

    /// One event of `acme`, which must be taken.
    pub fn used(&self, type_: &str, time: &str, data: Value) {
        self.events.set(self.events.get() + 1);
        let id = format!("{type_}-{}", self.events.get());
        let event = json!({ "specversion": "1.0", "id": id, "source": "test", "type": type_, "subject": "acme",
                            "time": time, "data": data });
        let answer = self.world.post("/v1/usage/events", event).is(200);
        assert_eq!(answer.json["accepted"], 1, "{}", answer.text);
    }

    /// So many calls at an instant.
    pub fn calls(&self, time: &str, units: &str) {
        self.used("call", time, json!({ "units": units }));
    }

    /// The lines of all invoices, the oldest first, each invoice with its day and total.
    pub fn invoices(&self) -> Vec<String> {
        let listed = self.world.get("/v1/invoices?limit=100").is(200);
        let mut rows = Vec::new();
        for invoice in listed.data().iter().rev() {
            let whole = self.world.get(&format!("/v1/invoices/{}", invoice["id"].as_str().unwrap())).is(200);
            rows.push(format!("{} {}", whole.text_at("/billing_date"), whole.text_at("/total")));
            rows.extend(lines(&whole.json));
        }
        rows
    }
}

/// The lines of an invoice: `  01-01 02-01 Calls: 1000 x 0.1 = 100.00`.
pub fn lines(invoice: &Value) -> Vec<String> {
    let row = |line: &Value| {
        let text =
            |pointer: &str| line.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let day = |pointer: &str| text(pointer).get(5..10).unwrap_or_default().to_owned();
        let [said, quantity, each, amount] =
            ["/description", "/quantity", "/unit_amount", "/amount"].map(text);
        let each = each.parse::<rust_decimal::Decimal>().unwrap().normalize();
        format!("  {} {} {said}: {quantity} x {each} = {amount}", day("/period/start"), day("/period/end"))
    };
    invoice["lines"].as_array().unwrap().iter().map(row).collect()
}

/// 0.10 a unit.
pub fn per_unit(amount: &str) -> Value {
    json!({ "type": "per_unit", "unit_amount": amount })
}
