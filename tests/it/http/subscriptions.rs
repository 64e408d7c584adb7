//! Subscriptions as their callers see them: started, found, refused with nothing written.

use serde_json::{Value, json};

use crate::harness::{Reply, World};

/// A customer, and a plan with a flat `base` at 31.00, a per-unit `seat` at 12.50 and a one-time `setup` at 99.00.
struct Shop {
    world: World,
    customer: String,
    plan: Value,
}

impl Shop {
    fn open() -> Shop {
        let world = World::new();
        let customer = world.post("/v1/customers", json!({ "name": "Ada" })).is(201).id();
        let product = world.post("/v1/products", json!({ "name": "Team" })).is(201).id();
        let plan = json!({
            "code": "team", "name": "Team", "product_id": product, "currency": "USD", "interval": "month",
            "prices": [
                { "code": "base", "kind": "recurring", "model": { "type": "flat", "amount": "31.00" } },
                { "code": "seat", "kind": "recurring", "model": { "type": "per_unit", "unit_amount": "12.50" } },
                { "code": "setup", "kind": "one_time", "model": { "type": "flat", "amount": "99.00" } }
            ]
        });
        let plan = world.post("/v1/plans", plan).is(201).json;
        Shop { world, customer, plan }
    }

    fn order(&self, change: Value) -> Value {
        let mut body =
            json!({ "customer_id": self.customer, "plan_id": self.plan["id"], "collection": "send_invoice" });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        body
    }

    fn start(&self, change: Value) -> Reply {
        self.world.post("/v1/subscriptions", self.order(change))
    }

    fn refused(&self, change: Value) -> Vec<(String, String)> {
        let reply = self.start(change).is(422);
        let text = |error: &Value, field: &str| error[field].as_str().unwrap().to_owned();
        reply.json["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| (text(e, "pointer"), text(e, "code")))
            .collect()
    }

    fn price(&self, n: usize) -> Value {
        self.plan["prices"][n]["id"].clone()
    }
}

fn at(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}

fn items(subscription: &Value) -> Vec<(String, String)> {
    let text = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
    let items = subscription["items"].as_array().unwrap();
    items.iter().map(|item| (text(item, "price_code"), text(item, "quantity"))).collect()
}

#[test]
fn a_subscription_that_starts_later_is_pending_and_can_be_found() {
    let shop = Shop::open();
    let later = json!({ "start_at": "2026-03-31T00:00:00Z", "quantity": "7", "external_id": "s-1" });
    let made = shop.start(later).is(201);
    assert_eq!(made.json["status"], "pending");
    assert_eq!(made.json["next_bill_at"], "2026-03-31T00:00:00Z");
    assert_eq!(
        made.json["current_period"],
        json!({ "start": "2026-03-31T00:00:00Z", "end": "2026-04-30T00:00:00Z" })
    );
    assert_eq!(made.json["anchor"], json!({ "day_of_month": 31 }));
    assert_eq!(items(&made.json), [at("base", "1"), at("seat", "7"), at("setup", "1")]);
    assert_eq!(shop.world.get(&format!("/v1/subscriptions/{}", made.id())).is(200).json, made.json);
    let found = |query: &str| shop.world.get(&format!("/v1/subscriptions?{query}")).is(200).data().len();
    let (customer, plan) = (&shop.customer, shop.plan["id"].as_str().unwrap());
    assert_eq!(
        [
            found("external_id=s-1"),
            found(&format!("customer_id={customer}")),
            found(&format!("plan_id={plan}"))
        ],
        [1; 3]
    );
    assert_eq!([found("status=pending"), found("status=active"), found("status=ended")], [1, 0, 0]);
    shop.world.get("/v1/subscriptions?status=asleep").is(422);
}

#[test]
fn items_take_some_prices_with_quantities_and_prices_of_their_own() {
    let shop = Shop::open();
    let own = json!({ "model": { "type": "flat", "amount": "25.00" } });
    let chosen = json!([{ "price_id": shop.price(1), "quantity": "0.50" }, { "price_id": shop.price(0), "price_override": own }]);
    let made = shop.start(json!({ "items": chosen, "start_at": "2026-02-01T00:00:00Z" })).is(201);
    assert_eq!(items(&made.json), [at("base", "1"), at("seat", "0.5")]);
    assert_eq!(made.json["items"][0]["model"], json!({ "type": "flat", "amount": "25.00" }));
    assert_eq!(made.json["items"][0]["price_overridden"], true);
    assert_eq!(made.json["items"][1]["price_overridden"], false);
    assert!(made.text_at("/items/0/id").starts_with("si_"));
}

#[test]
fn a_subscription_keeps_the_version_it_was_started_with() {
    let shop = Shop::open();
    let made = shop.start(json!({ "start_at": "2026-02-01T00:00:00Z" })).is(201);
    let path = format!("/v1/plans/{}/versions", shop.plan["id"].as_str().unwrap());
    let dearer = json!({ "currency": "USD", "interval": "month", "prices": [
        { "code": "base", "kind": "recurring", "model": { "type": "flat", "amount": "35.00" } }] });
    shop.world.post(&path, dearer).is(201);
    let read = shop.world.get(&format!("/v1/subscriptions/{}", made.id())).is(200);
    assert_eq!(read.json, made.json);
    let next = shop.start(json!({ "start_at": "2026-02-01T00:00:00Z" })).is(201);
    assert_eq!((&next.json["plan_version"], items(&next.json).len()), (&json!(2), 1));
    assert_eq!(
        shop.refused(json!({ "items": [{ "price_id": shop.price(0) }] })),
        [at("/items/0/price_id", "price_not_in_plan")]
    );
}

#[test]
fn what_cannot_be_is_refused_with_its_place_and_nothing_is_written() {
    let shop = Shop::open();
    let before = shop.world.rows_of(shop.world.tenant.id);
    let cases = [
        (json!({ "currency": "EUR" }), at("/currency", "currency_not_priced")),
        (json!({ "currency": "EURO" }), at("/currency", "unknown_currency")),
        (json!({ "end_at": "2026-01-01T00:00:00Z" }), at("/end_at", "end_before_start")),
        (json!({ "start_at": "0026-01-01T00:00:00Z" }), at("/start_at", "date_out_of_range")),
        (json!({ "start_at": "yesterday" }), at("/start_at", "bad_value")),
        (json!({ "anchor": { "day_of_month": 32 } }), at("/anchor/day_of_month", "anchor_out_of_range")),
        (json!({ "quantity": 7 }), at("/quantity", "wrong_type")),
        (json!({ "quantity": "-1" }), at("/quantity", "negative_quantity")),
        (json!({ "quantity": "1e6" }), at("/quantity", "bad_decimal")),
        (json!({ "quantity": "1000000000001" }), at("/quantity", "quantity_too_large")),
        (json!({ "items": [] }), at("/items", "no_items")),
        (json!({ "items": [{ "price_id": "nonsense" }] }), at("/items/0/price_id", "bad_value")),
        (json!({ "customer_id": "cus_01h2xcejqtf2nbrexx3vqjhp41" }), at("/customer_id", "unknown_customer")),
        (json!({ "plan_id": "plan_01h2xcejqtf2nbrexx3vqjhp41" }), at("/plan_id", "unknown_plan")),
        (json!({ "collection": "barter" }), at("/collection", "bad_value")),
        (json!({ "metadata": { "n": 1 } }), at("/metadata/n", "wrong_type")),
    ];
    for (change, expected) in cases {
        assert_eq!(shop.refused(change.clone()), [expected], "{change}");
    }
    assert_eq!(shop.world.rows_of(shop.world.tenant.id), before);
}

#[test]
fn a_quantity_whose_price_fits_on_no_invoice_is_refused() {
    let shop = Shop::open();
    let dear = json!({ "model": { "type": "per_unit", "unit_amount": "999999999999" } });
    let chosen = json!([{ "price_id": shop.price(1), "quantity": "1000000000000", "price_override": dear }]);
    assert_eq!(shop.refused(json!({ "items": chosen })), [at("/items/0/quantity", "amount_out_of_range")]);
}

#[test]
fn an_external_id_belongs_to_one_subscription() {
    let shop = Shop::open();
    let body = json!({ "external_id": "s-1", "start_at": "2026-02-01T00:00:00Z" });
    shop.start(body.clone()).is(201);
    shop.start(body).is_problem(409, "external_id_taken");
}
