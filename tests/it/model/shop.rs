//! What is sold in the histories? Five monthly plans that share price codes, so that a change of plan meets every kind of price; two
//! of them get dearer on day 30: 31.00 becomes 40.00 for who takes the plan from then on.

use serde_json::{Value, json};

use super::parts::{Cents, Price, Rate};
use super::taxes::Taxed;
use crate::harness::{Client, Reply};

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

const fn committed(to: Cents) -> Sold {
    Sold { code: COMMITTED, price: Price::Commitment(to), add_on: true, counted: false }
}

/// What is committed of usage, by who takes that on.
pub const COMMITTED: &str = "least";

/// The plans, by number.
pub const PLANS: &[&[Sold]] = &[
    &[sold("base", Price::Advance(3100)), EXTRA],
    &[sold("base", Price::Advance(2005)), seats(930), EXTRA],
    &[sold("fee", Price::Arrears(1550)), seats(1007), EXTRA],
    &[
        sold("base", Price::Advance(1000)),
        sold("calls", Price::Usage(Rate::AfterIncluded(100, 10))),
        EXTRA,
        committed(900),
    ],
    &[
        sold("base", Price::Advance(5000)),
        seats(310),
        sold("calls", Price::Usage(Rate::Graduated(80, 7, 3))),
        EXTRA,
        committed(640),
    ],
    &[sold("base", Price::Advance(4000)), EXTRA],
    &[
        sold("base", Price::Advance(5500)),
        seats(355),
        sold("calls", Price::Usage(Rate::Graduated(80, 7, 3))),
        EXTRA,
        committed(640),
    ],
];

/// Plans there are from the first day on; those after them are later versions of plans 0 and 4.
pub const AT_FIRST: usize = 5;
/// The day on which the later versions are published.
pub const DEARER: i64 = 30;

/// What a plan is in its latest version, of so many.
pub fn latest(plan: usize, published: usize) -> usize {
    match plan {
        0 if published > AT_FIRST => 5,
        4 if published > AT_FIRST => 6,
        _ => plan,
    }
}

/// A plan in all its versions.
pub fn versions(plan: usize) -> Vec<usize> {
    match plan {
        0 | 5 => vec![0, 5],
        4 | 6 => vec![4, 6],
        _ => vec![plan],
    }
}

/// A published plan.
pub struct Published {
    pub id: String,
    /// The id of its add-on.
    pub extra: String,
    /// The id of what is committed, where anything can be.
    pub committed: Option<String>,
    /// The id of its base, where it has one.
    pub base: Option<String>,
}

/// A shop.
pub struct Shop {
    pub plans: Vec<Published>,
    pub meter: String,
    taxed: Taxed,
}

/// How a shop bills.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// For so long invoices wait as drafts.
    pub draft_hours: u32,
    /// Whether balances pay what is open when they are told to, or `oldest_first`.
    pub apply_balance: &'a str,
    pub taxed: Taxed,
}

/// Opens one.
pub fn open(client: &Client, rules: Rules<'_>) -> Shop {
    let Rules { draft_hours, apply_balance, taxed } = rules;
    let product = client.post("/v1/products", json!({ "name": "Power" })).is(201).id();
    let meter = json!({ "code": "calls", "name": "Calls", "event_type": "call", "aggregation": "sum", "value_property": "units" });
    let meter = client.post("/v1/meters", meter).is(201).id();
    let settings = json!({ "backdate_days": 60, "draft_hours": draft_hours, "apply_balance": apply_balance });
    client.patch("/v1/billing_settings", settings).is(200);
    let publish = |n: usize| {
        let body = json!({ "code": format!("plan_{n}"), "name": "Plan", "product_id": product, "currency": "USD",
                           "interval": "month", "prices": prices(n, &meter, taxed) });
        Published::of(&client.post("/v1/plans", body).is(201))
    };
    let plans: Vec<Published> = (0..AT_FIRST).map(publish).collect();
    let coupon = json!({ "code": "FREEBASE", "percent_off": "100", "duration": "forever", "applies_to": { "price_codes": ["base"] } });
    client.post("/v1/coupons", coupon).is(201);
    let coupon = json!({ "code": "FREETWO", "percent_off": "100", "duration": "repeating", "periods": 2,
        "applies_to": { "price_codes": ["base"] } });
    client.post("/v1/coupons", coupon).is(201);
    for (n, base) in plans.iter().enumerate().filter_map(|(n, plan)| Some((n, plan.base.as_ref()?))) {
        let coupon = json!({ "code": format!("FREE{n}"), "percent_off": "100", "duration": "forever",
            "applies_to": { "price_ids": [base] } });
        client.post("/v1/coupons", coupon).is(201);
    }
    Shop { plans, meter, taxed }
}

impl Shop {
    /// Publishes the later versions.
    pub fn get_dearer(&mut self, client: &Client) {
        for (n, old) in [(5, 0), (6, 4)] {
            let body = json!({ "currency": "USD", "interval": "month", "prices": prices(n, &self.meter, self.taxed) });
            let reply = client.post(&format!("/v1/plans/{}/versions", self.plans[old].id), body).is(201);
            let version = Published::of(&reply);
            self.plans.push(Published { id: self.plans[old].id.clone(), ..version });
        }
    }
}

impl Published {
    fn of(reply: &Reply) -> Published {
        let prices = reply.json["prices"].as_array().unwrap();
        let id_of = |code: &str| {
            let price = prices.iter().find(|p| p["code"] == code)?;
            price["id"].as_str().map(str::to_owned)
        };
        let id = reply.json["id"].as_str().unwrap_or_default().to_owned();
        Published { id, extra: id_of("extra").unwrap(), committed: id_of(COMMITTED), base: id_of("base") }
    }
}

fn prices(plan: usize, meter: &str, taxed: Taxed) -> Vec<Value> {
    let mut prices: Vec<Value> = PLANS[plan].iter().map(|sold| written(sold, meter)).collect();
    for price in &mut prices {
        price["tax_behavior"] = json!(taxed.behavior());
    }
    prices
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
        Price::Commitment(to) => {
            json!({ "kind": "recurring", "billing": "in_arrears", "model": { "type": "commitment", "amount": major(to) } })
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
