//! What is sold in the histories? Five monthly plans that share price codes, so that a change of plan meets every kind of price.

use serde_json::{Value, json};

use super::reckoning::{Cents, Price, Rate};
use crate::harness::Client;

/// A price as the reckoning knows it: its code, what it costs, whether it is an add-on, whether its units are counted.
#[derive(Debug, Clone, Copy)]
pub struct Sold {
    pub code: &'static str,
    pub price: Price,
    pub add_on: bool,
    pub counted: bool,
}

const fn sold(code: &'static str, price: Price) -> Sold {
    Sold { code, price, add_on: false, counted: false }
}

const fn seats(each: Cents) -> Sold {
    Sold { code: "seat", price: Price::Advance(each), add_on: false, counted: true }
}

const EXTRA: Sold = Sold { code: "extra", price: Price::Advance(465), add_on: true, counted: false };

/// The plans, by number.
pub const PLANS: &[&[Sold]] = &[
    &[sold("base", Price::Advance(3100)), EXTRA],
    &[sold("base", Price::Advance(2005)), seats(930), EXTRA],
    &[sold("fee", Price::Arrears(1550)), seats(1007), EXTRA],
    &[sold("base", Price::Advance(1000)), sold("calls", Price::Usage(Rate::AfterIncluded(100, 10))), EXTRA],
    &[
        sold("base", Price::Advance(5000)),
        seats(310),
        sold("calls", Price::Usage(Rate::Graduated(80, 7, 3))),
        EXTRA,
    ],
];

/// A published plan.
pub struct Published {
    pub id: String,
    /// The id of its add-on.
    pub extra: String,
}

/// Publishes all plans.
pub fn open(client: &Client) -> Vec<Published> {
    let product = client.post("/v1/products", json!({ "name": "Power" })).is(201).id();
    let meter = json!({ "code": "calls", "name": "Calls", "event_type": "call", "aggregation": "sum", "value_property": "units" });
    let meter = client.post("/v1/meters", meter).is(201).id();
    client.patch("/v1/billing_settings", json!({ "backdate_days": 60 })).is(200);
    let publish = |(n, prices): (usize, &&[Sold])| {
        let prices: Vec<Value> = prices.iter().map(|sold| written(sold, &meter)).collect();
        let body = json!({ "code": format!("plan_{n}"), "name": "Plan", "product_id": product, "currency": "USD",
                           "interval": "month", "prices": prices });
        let reply = client.post("/v1/plans", body).is(201);
        let extra = reply.json["prices"].as_array().unwrap().iter().find(|p| p["code"] == "extra").unwrap();
        Published { id: reply.id(), extra: extra["id"].as_str().unwrap().to_owned() }
    };
    PLANS.iter().enumerate().map(publish).collect()
}

fn written(sold: &Sold, meter: &str) -> Value {
    let mut price = json!({ "code": sold.code, "description": sold.code, "add_on": sold.add_on });
    let more = match sold.price {
        Price::Advance(each) if sold.counted => {
            json!({ "kind": "recurring", "billing": "in_advance", "model": { "type": "per_unit", "unit_amount": major(each) } })
        }
        Price::Advance(whole) => {
            json!({ "kind": "recurring", "billing": "in_advance", "model": { "type": "flat", "amount": major(whole) } })
        }
        Price::Arrears(whole) => {
            json!({ "kind": "recurring", "billing": "in_arrears", "model": { "type": "flat", "amount": major(whole) } })
        }
        Price::Usage(Rate::AfterIncluded(included, each)) => {
            json!({ "kind": "usage", "meter_id": meter, "included_units": included.to_string(),
                    "model": { "type": "per_unit", "unit_amount": major(each) } })
        }
        Price::Usage(Rate::Graduated(up_to, below, above)) => {
            json!({ "kind": "usage", "meter_id": meter, "model": { "type": "graduated", "tiers": [
                { "up_to": up_to.to_string(), "unit_amount": major(below) }, { "up_to": null, "unit_amount": major(above) }] } })
        }
        Price::Once(amount) => {
            json!({ "kind": "one_time", "model": { "type": "flat", "amount": major(amount) } })
        }
    };
    price.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    price
}

/// `1234` is `12.34`.
pub fn major(cents: Cents) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

/// `12.34` is `1234`.
#[track_caller]
pub fn cents(amount: &Value) -> Cents {
    let text = amount.as_str().unwrap_or_else(|| panic!("no amount: {amount}"));
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "00"));
    sign * (whole.parse::<Cents>().unwrap() * 100 + part.parse::<Cents>().unwrap())
}
