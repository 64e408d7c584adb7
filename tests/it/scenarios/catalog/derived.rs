//! Prices of further currencies, made of a plan's own at a rate: once, when the version is published.

use serde_json::{Value, json};

use crate::harness::World;

struct Shop {
    world: World,
    product: String,
}

impl Shop {
    fn open() -> Shop {
        let world = World::new();
        let product = world.post("/v1/products", json!({ "name": "Team" })).is(201).id();
        Shop { world, product }
    }

    fn plan(&self, prices: &Value, derive: &Value) -> Value {
        json!({ "code": "team", "name": "Team", "product_id": self.product, "currency": "USD", "interval": "month",
                "prices": prices, "derive": derive })
    }

    fn customer(&self, currency: &str) -> String {
        self.world.post("/v1/customers", json!({ "name": "Ada", "currency": currency })).is(201).id()
    }

    /// The totals of a customer's invoices, the oldest first.
    fn billed(&self, customer: &str) -> Vec<String> {
        let page = self.world.get(&format!("/v1/invoices?customer_id={customer}")).is(200);
        let total = |invoice: &Value| {
            format!("{} {}", invoice["total"].as_str().unwrap(), invoice["currency"].as_str().unwrap())
        };
        page.data().iter().rev().map(total).collect()
    }
}

fn base() -> Value {
    json!({ "code": "base", "kind": "recurring", "model": { "type": "flat", "amount": "31.00" } })
}

/// `code: model in the currency`.
fn prices(plan: &Value, currency: &str) -> Vec<String> {
    let price = |price: &Value| {
        format!("{}: {}", price["code"].as_str().unwrap(), price["currencies"][currency]["model"])
    };
    plan["prices"].as_array().unwrap().iter().map(price).collect()
}

#[test]
fn a_price_without_one_in_a_currency_has_one_made_of_its_own() {
    let shop = Shop::open();
    let meter = json!({ "code": "calls", "name": "Calls", "event_type": "call", "aggregation": "count" });
    let meter = shop.world.post("/v1/meters", meter).is(201).id();
    let seat = json!({ "code": "seat", "kind": "recurring", "model": { "type": "per_unit", "unit_amount": "12.50" },
                       "currencies": { "EUR": { "model": { "type": "per_unit", "unit_amount": "11.00" } } } });
    let tiers = json!([{ "up_to": "1000", "unit_amount": "0.0025", "flat_amount": "5.00" }, { "up_to": null, "unit_amount": "0.001" }]);
    let calls = json!({ "code": "calls", "kind": "usage", "meter_id": meter, "minimum_amount": "50.00", "maximum_amount": "500.00",
                        "model": { "type": "graduated", "tiers": tiers } });
    let derive = json!([{ "currency": "EUR", "rate": "0.92", "rounding": "ends_in_nines" }, { "currency": "JPY", "rate": "150" }]);
    let plan = shop.world.post("/v1/plans", shop.plan(&json!([base(), seat, calls]), &derive)).is(201).json;
    assert_eq!(
        plan["derived"],
        json!([{ "currency": "EUR", "rate": "0.92", "rate_date": null, "rounding": "ends_in_nines" },
               { "currency": "JPY", "rate": "150", "rate_date": null, "rounding": "minor_unit" }])
    );
    assert_eq!(
        prices(&plan, "EUR"),
        [
            r#"base: {"amount":"28.99","type":"flat"}"#,
            r#"seat: {"type":"per_unit","unit_amount":"11.00"}"#,
            r#"calls: {"tiers":[{"flat_amount":"4.99","unit_amount":"0.0023","up_to":"1000"},{"flat_amount":"0","unit_amount":"0.00092","up_to":null}],"type":"graduated"}"#,
            r#"calls_minimum: {"amount":"46.99","prices":["calls"],"type":"commitment"}"#,
        ]
    );
    assert_eq!(prices(&plan, "JPY")[0], r#"base: {"amount":"4650","type":"flat"}"#);

    let customer = shop.customer("EUR");
    let body = json!({ "customer_id": customer, "plan_id": plan["id"], "quantity": "3", "collection": "send_invoice" });
    shop.world.post("/v1/subscriptions", body).is(201);
    shop.world.advance_to("2026-02-01T00:00:00Z");
    // 28.99 + 3 × 11.00; then the same again, and a minimum of which the tier's 4.99 are charged as calls.
    assert_eq!(shop.billed(&customer), ["61.99 EUR", "108.98 EUR"]);
}

#[test]
fn without_a_rate_todays_is_used_and_what_was_agreed_to_does_not_move_with_it() {
    let shop = Shop::open();
    let rate = |date: &str, rate: &str| {
        let body = json!({ "base": "USD", "quote": "EUR", "date": date, "rate": rate });
        shop.world.post("/v1/exchange_rates", body).is(201);
    };
    rate("2025-12-30", "0.92");
    let derive = json!([{ "currency": "EUR" }]);
    let plan = shop.world.post("/v1/plans", shop.plan(&json!([base()]), &derive)).is(201).json;
    let used = |version: &Value| version["derived"][0].clone();
    let expected =
        json!({ "currency": "EUR", "rate": "0.92", "rate_date": "2025-12-30", "rounding": "minor_unit" });
    assert_eq!(used(&plan), expected);
    let start = |customer: &str| {
        let body = json!({ "customer_id": customer, "plan_id": plan["id"], "collection": "send_invoice" });
        shop.world.post("/v1/subscriptions", body).is(201)
    };
    let (before, after) = (shop.customer("EUR"), shop.customer("EUR"));
    start(&before);
    shop.world.advance_to("2026-01-15T00:00:00Z");
    rate("2026-01-15", "0.95");
    let path = format!("/v1/plans/{}/versions", plan["id"].as_str().unwrap());
    let next = json!({ "currency": "USD", "interval": "month", "prices": [base()], "derive": derive });
    let next = shop.world.post(&path, next).is(201).json;
    assert_eq!(
        (used(&next)["rate"].clone(), used(&next)["rate_date"].clone()),
        (json!("0.95"), json!("2026-01-15"))
    );
    start(&after);
    shop.world.advance_to("2026-02-15T00:00:00Z");
    assert_eq!(shop.billed(&before), ["28.52 EUR", "28.52 EUR"]);
    assert_eq!(shop.billed(&after), ["29.45 EUR", "29.45 EUR"]);
    let first = shop.world.get(&format!("{path}/1")).is(200).json;
    assert_eq!(used(&first), expected);
}

#[test]
fn what_cannot_be_derived_is_refused_at_its_place() {
    let shop = Shop::open();
    let refused =
        |derive: Value| shop.world.post("/v1/plans", shop.plan(&json!([base()]), &derive)).is(422).faults();
    let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    let twice = json!([{ "currency": "USD", "rate": "1" }, { "currency": "EUR", "rate": "0" }, { "currency": "EUR", "rate": "0.9" }]);
    assert_eq!(
        refused(twice),
        [
            fault("/derive/0/currency", "currency_repeated"),
            fault("/derive/1/rate", "out_of_range"),
            fault("/derive/2/currency", "currency_repeated"),
        ]
    );
    assert_eq!(refused(json!([{ "currency": "BGN" }])), [fault("/derive/0/currency", "unknown_currency")]);
    assert_eq!(refused(json!([{ "currency": "EUR" }])), [fault("/derive/0/rate", "no_exchange_rate")]);
    let far = json!([{ "currency": "JPY", "rate": "999999999.9" }]);
    let dear = json!([{ "code": "base", "kind": "recurring", "model": { "type": "flat", "amount": "99999999999.99" } }]);
    let reply = shop.world.post("/v1/plans", shop.plan(&dear, &far)).is(422);
    assert_eq!(reply.faults()[0].1, "amount_out_of_range");
}
