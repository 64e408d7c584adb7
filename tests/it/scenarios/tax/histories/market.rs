//! What is sold, and to whom? Three plans with a base, seats, usage, an add-on and a commitment, each at prices with or without tax within; two
//! buyers, each of another legal entity, and the child of one.

use serde_json::{Value, json};

use super::super::invoices::Shop;
use super::major;
use crate::harness::{Chance, Rehearsal, Reply};

pub(super) const COUNTRIES: &[&str] = &["FR", "DE", "HU", "IT", "CH"];

/// Valid, invalid, never answered, later valid, later invalid.
pub(super) const NUMBERS: &[&str] =
    &["DE100000008", "DE200000005", "DE300000002", "DE500000007", "DE600000004"];

/// Those who use, by what they are known as to their meters.
pub(super) const SUBJECTS: &[&str] = &["ada", "bob", "cid"];

/// A plan in its latest version.
pub(super) struct Plan {
    pub id: String,
    pub extra: String,
    pub committed: String,
    prices: Value,
}

/// Plans and buyers.
pub(super) struct Market {
    pub plans: Vec<Plan>,
    pub customers: Vec<String>,
    pub meter: String,
    /// Who says what sales in some countries are taxed with.
    pub provider: Option<Rehearsal>,
}

impl Market {
    pub(super) fn open(shop: &Shop, chance: &mut Chance) -> Market {
        let world = &shop.world;
        world.post("/v1/tax/registrations", json!({ "country": "FR", "scheme": "oss" })).is(201);
        let other = other_entity(shop);
        let drafts = if chance.one_in(3) { 24 } else { 0 };
        world.patch("/v1/billing_settings", json!({ "backdate_days": 60, "draft_hours": drafts })).is(200);
        if chance.one_in(3) {
            let rounding = *chance.pick(&["line", "total"]);
            world.patch("/v1/tax/settings", json!({ "rounding": rounding })).is(200);
        }
        if chance.one_in(2) {
            let unknown = *chance.pick(&["wait", "reverse_charge"]);
            world.patch("/v1/tax/settings", json!({ "unknown_tax_ids": unknown })).is(200);
        }
        let meter = json!({ "code": "n", "name": "N", "event_type": "call", "aggregation": "sum", "value_property": "n" });
        let meter = world.post("/v1/meters", meter).is(201).id();
        let mut plans = Vec::new();
        for (n, code) in ["saas", "ebook", "saas"].into_iter().enumerate() {
            let product = world.post("/v1/products", json!({ "name": code, "tax_code": code })).is(201).id();
            let prices = prices(&meter, chance);
            let plan = json!({ "code": format!("p{n}"), "name": "P", "product_id": product, "currency": "EUR", "interval": "month",
                               "prices": prices });
            plans.push(Plan::of(&world.post("/v1/plans", plan).is(201), prices));
        }
        for coupon in [
            json!({ "code": "A", "percent_off": "33.3", "duration": "forever" }),
            json!({ "code": "B", "amount_off": "7.77", "currency": "EUR", "duration": "forever" }),
            json!({ "code": "C", "amount_off": "12.00", "currency": "EUR", "duration": "repeating", "periods": 2 }),
        ] {
            world.post("/v1/coupons", coupon).is(201);
        }
        let (mut customers, mut parent) = (Vec::new(), None);
        for name in SUBJECTS {
            let mut fields = json!({ "external_id": name, "address": { "country": "DE" } });
            if *name == "ada" {
                fields["entity_id"] = json!(other);
            }
            if let ("cid", Some(parent)) = (*name, &parent) {
                fields["parent_id"] = json!(parent);
            }
            let customer = shop.customer(fields);
            if *name != "ada" {
                parent = Some(customer.clone());
                let card = json!({ "customer_id": customer, "kind": "card", "token": "tok_success" });
                world.post("/v1/payment_methods", card).is(201);
            }
            customers.push(customer);
        }
        Market { plans, customers, meter, provider: None }
    }

    /// Publishes a dearer version of a plan.
    pub(super) fn dearer(&mut self, n: usize) -> (String, Value) {
        let plan = &mut self.plans[n];
        for price in plan.prices.as_array_mut().unwrap() {
            if price["code"] == "base" {
                price["model"]["amount"] = json!("64.99");
            }
        }
        let body = json!({ "currency": "EUR", "interval": "month", "prices": plan.prices });
        (format!("plans/{}/versions", plan.id), body)
    }

    pub(super) fn published(&mut self, n: usize, reply: &Value) {
        let plan = &mut self.plans[n];
        (plan.extra, plan.committed) = (price_id(reply, "extra"), price_id(reply, "least"));
    }
}

impl Plan {
    fn of(reply: &Reply, prices: Value) -> Plan {
        let [extra, committed] = ["extra", "least"].map(|code| price_id(&reply.json, code));
        Plan { id: reply.id(), extra, committed, prices }
    }
}

/// Another legal entity of the seller, taxed like the first, with numbers that begin again each year.
fn other_entity(shop: &Shop) -> String {
    let entity = json!({ "name": "Engine SAS", "country": "FR",
        "numbering": { "invoice": "E{yy}/{seq}", "credit_note": "A{yy}/{seq}" } });
    let entity = shop.world.post("/v1/entities", entity).is(201).id();
    let registration = json!({ "entity_id": entity, "country": "FR", "scheme": "oss" });
    shop.world.post("/v1/tax/registrations", registration).is(201);
    entity
}

fn price_id(plan: &Value, code: &str) -> String {
    let prices = plan["prices"].as_array().unwrap();
    prices.iter().find(|price| price["code"] == code).unwrap()["id"].as_str().unwrap().to_owned()
}

fn prices(meter: &str, chance: &mut Chance) -> Value {
    let advance = |code: &str, amount: &str, add_on: bool| {
        json!({ "code": code, "kind": "recurring", "billing": "in_advance", "add_on": add_on,
                "model": { "type": "flat", "amount": amount } })
    };
    let flat = major(chance.between(1, 9_999));
    let mut base = advance("base", &flat, false);
    let mut seats = json!({ "code": "seats", "kind": "recurring", "billing": *chance.pick(&["in_advance", "in_arrears"]),
                            "model": { "type": "per_unit", "unit_amount": "9.30" } });
    let mut usage = json!({ "code": "u", "kind": "usage", "meter_id": meter, "model": { "type": "per_unit", "unit_amount": "0.013" } });
    let mut extra = advance("extra", "4.65", true);
    let mut least = json!({ "code": "least", "kind": "recurring", "billing": "in_arrears", "add_on": true,
                            "model": { "type": "commitment", "amount": "14.00" } });
    if chance.one_in(3) {
        usage["minimum_amount"] = json!("9.99");
    }
    if chance.one_in(2) {
        base["tax_behavior"] = json!("inclusive");
        usage["tax_behavior"] = json!("inclusive");
        least["tax_behavior"] = json!("inclusive");
    }
    for price in [&mut seats, &mut extra] {
        if chance.one_in(2) {
            price["tax_behavior"] = json!("inclusive");
        }
    }
    json!([base, seats, usage, extra, least])
}
