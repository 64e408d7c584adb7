//! Every price model of usage, through the real server: what was sent, what was billed.

use serde_json::{Value, json};

use super::{Seller, per_unit};

/// The lines of January's invoice, after these events of type `call`.
fn january(model: Value, fields: Value, events: &[Value]) -> Vec<String> {
    let seller = Seller::open();
    seller.sell_calls(model, fields);
    seller.world.advance_to("2026-01-20T00:00:00Z");
    for data in events {
        seller.used("call", "2026-01-15T00:00:00Z", data.clone());
    }
    seller.world.advance_to("2026-02-01T00:00:00Z");
    let rows = seller.invoices();
    assert!(rows[0].starts_with("2026-02-01 "), "{rows:?}");
    rows[1..].iter().map(|row| row.trim_start_matches("  01-01 02-01 ").to_owned()).collect()
}

fn units(quantity: &str) -> Value {
    json!({ "units": quantity })
}

fn tiers() -> Value {
    json!([{ "up_to": "100", "unit_amount": "0.10" }, { "up_to": "1000", "unit_amount": "0.08" },
           { "up_to": null, "unit_amount": "0.05" }])
}

#[test]
fn tiers_packages_and_flat_amounts_price_what_was_measured() {
    let graduated = json!({ "type": "graduated", "tiers": tiers() });
    assert_eq!(
        january(graduated, json!({}), &[units("2000"), units("500")]),
        ["Calls (2500 units): 1 x 157 = 157.00"]
    );
    let volume = json!({ "type": "volume", "tiers": tiers() });
    assert_eq!(january(volume, json!({}), &[units("1001")]), ["Calls: 1001 x 0.05 = 50.05"]);
    let package = json!({ "type": "package", "amount": "5.00", "size": "100" });
    assert_eq!(january(package, json!({}), &[units("1250")]), ["Calls (1250 units): 13 x 5 = 65.00"]);
    let flat = json!({ "type": "flat", "amount": "12.00" });
    assert_eq!(january(flat, json!({}), &[units("3")]), ["Calls: 1 x 12 = 12.00"]);
}

#[test]
fn seconds_are_billed_in_minutes_begun_above_what_is_included() {
    let fields = json!({ "divide_by": "60", "round": "up", "included_units": "100" });
    assert_eq!(
        january(per_unit("0.02"), fields, &[units("8000"), units("48")]),
        ["Calls (8048 units): 35 x 0.02 = 0.70"]
    );
}

#[test]
fn a_percentage_with_bounds_prices_each_payment_alone() {
    let plain = json!({ "type": "percentage", "percent": "2.9", "fixed_amount": "0.30" });
    let payments = [units("100.00"), units("900.00")];
    assert_eq!(january(plain, json!({}), &payments), ["Calls (1000 units): 1 x 29.6 = 29.60"]);
    let bounded = json!({ "type": "percentage", "percent": "1", "per_event_minimum": "0.50", "per_event_maximum": "10.00" });
    let payments = [units("20"), units("600"), units("5000")];
    assert_eq!(january(bounded, json!({}), &payments), ["Calls (5620 units): 1 x 16.5 = 16.50"]);
}

#[test]
fn a_matrix_prices_by_model_and_region() {
    let cell = |region: &str, amount: &str| json!({ "values": { "region": region, "model": "large" }, "unit_amount": amount });
    let matrix = json!({ "type": "matrix", "dimensions": ["region", "model"], "cells": [cell("eu", "0.002"), cell("us", "0.003")],
                         "default_unit_amount": "0.001" });
    let used = |model: &str, region: &str, quantity: &str| json!({ "units": quantity, "model": model, "region": region });
    let events =
        [used("large", "eu", "7000"), used("large", "us", "1000"), used("small", "eu", "900"), units("100")];
    assert_eq!(january(matrix, json!({}), &events), ["Calls (9000 units): 1 x 18 = 18.00"]);
}

#[test]
fn the_events_own_prices_are_added_up_with_a_markup() {
    let events = [json!({ "units": "1", "price": "2.50" }), json!({ "units": "2", "price": "5.00" })];
    let dynamic = json!({ "type": "dynamic", "markup_percent": "20" });
    assert_eq!(january(dynamic, json!({}), &events), ["Calls (3 units): 1 x 9 = 9.00"]);
}

#[test]
fn whoever_names_a_price_with_a_minimum_owes_the_minimum_too() {
    let seller = Seller::open();
    let meter = seller.meter("call");
    let price = json!({ "code": "calls", "description": "Calls", "kind": "usage", "meter_id": meter,
                        "model": per_unit("0.10"), "minimum_amount": "100.00" });
    let other = json!({ "code": "base", "description": "Base", "kind": "recurring", "billing": "in_arrears",
                        "model": { "type": "flat", "amount": "5.00" } });
    let plan = seller.offer(json!([price, other]), json!([])).is(201);
    let named = json!([{ "price_id": plan.text_at("/prices/0/id") }]);
    let body = json!({ "customer_id": seller.customer, "plan_id": plan.id(), "items": named, "collection": "send_invoice" });
    let subscription = seller.world.post("/v1/subscriptions", body).is(201);
    let codes = |subscription: &Value| {
        let items = subscription["items"].as_array().unwrap().iter();
        items.map(|item| item["price_code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(codes(&subscription.json), ["calls", "calls_minimum"]);
    seller.calls("2026-01-01T00:00:00Z", "620");
    let path = format!("/v1/subscriptions/{}/change", subscription.id());
    let items =
        json!([{ "price_id": plan.text_at("/prices/0/id") }, { "price_id": plan.text_at("/prices/2/id") }]);
    let body = json!({ "items": items, "effective_at": "2026-02-01T00:00:00Z" });
    let changed = seller.world.post(&path, body).is(200);
    seller.world.advance_to("2026-02-01T00:00:00Z");
    assert_eq!(
        seller.invoices(),
        [
            "2026-02-01 100.00",
            "  01-01 02-01 Calls: 620 x 0.1 = 62.00",
            "  01-01 02-01 Calls, up to the minimum: 1 x 38 = 38.00"
        ]
    );
    drop(changed);
    let now = seller.world.get(&format!("/v1/subscriptions/{}", subscription.id())).is(200);
    assert_eq!(codes(&now.json), ["calls", "calls_minimum", "base"]);
    let [calls, minimum] = [plan.text_at("/prices/0/id"), plan.text_at("/prices/1/id")];
    let refused = seller.world.post(&path, json!({ "remove_items": [minimum] })).is(422).faults();
    assert_eq!(refused, [("/remove_items/0".to_owned(), "minimum_stays".to_owned())]);
    for removed in [json!([calls]), json!([calls, minimum]), json!([minimum, calls])] {
        let preview =
            seller.world.post(&format!("{path}/preview"), json!({ "remove_items": removed })).is(200);
        assert_eq!(codes(&preview.json["subscription"]), ["base"]);
    }
}

#[test]
fn a_minimum_is_trued_up_and_a_maximum_is_not_exceeded() {
    assert_eq!(
        january(per_unit("0.10"), json!({ "minimum_amount": "100.00" }), &[units("620")]),
        ["Calls: 620 x 0.1 = 62.00", "Calls, up to the minimum: 1 x 38 = 38.00"]
    );
    assert_eq!(
        january(per_unit("0.10"), json!({ "minimum_amount": "100.00" }), &[units("1620")]),
        ["Calls: 1620 x 0.1 = 162.00", "Calls, up to the minimum: 1 x 0 = 0.00"]
    );
    assert_eq!(
        january(per_unit("0.10"), json!({ "maximum_amount": "50.00" }), &[units("620")]),
        ["Calls (620 units): 1 x 50 = 50.00"]
    );
}

#[test]
fn a_commitment_of_the_subscription_counts_all_its_usage() {
    let seller = Seller::open();
    let (calls, bytes) = (seller.meter("call"), seller.meter("byte"));
    seller.sell(json!([
        { "code": "calls", "description": "Calls", "kind": "usage", "meter_id": calls, "model": per_unit("0.10") },
        { "code": "bytes", "description": "Bytes", "kind": "usage", "meter_id": bytes, "model": per_unit("0.01") },
        { "code": "least", "description": "Commitment", "kind": "recurring",
          "model": { "type": "commitment", "amount": "500.00" } }
    ]));
    seller.world.advance_to("2026-01-20T00:00:00Z");
    seller.calls("2026-01-10T00:00:00Z", "1000");
    seller.used("byte", "2026-01-10T00:00:00Z", json!({ "units": "5000" }));
    seller.world.advance_to("2026-02-01T00:00:00Z");
    assert_eq!(
        seller.invoices(),
        [
            "2026-02-01 500.00",
            "  01-01 02-01 Calls: 1000 x 0.1 = 100.00",
            "  01-01 02-01 Bytes: 5000 x 0.01 = 50.00",
            "  01-01 02-01 Commitment: 1 x 350 = 350.00",
        ]
    );
}

#[test]
fn models_that_ask_more_than_the_meter_tells_are_refused() {
    let seller = Seller::open();
    let body = json!({ "code": "plain", "name": "Plain", "event_type": "plain", "aggregation": "count" });
    let meter = seller.world.post("/v1/meters", body).is(201).id();
    let price = |model: Value| json!({ "code": "calls", "kind": "usage", "meter_id": meter, "model": model });
    let refused = |model: Value| seller.offer(json!([price(model)]), json!([])).is(422).faults();
    let fault = |at: &str, code: &str| vec![(at.to_owned(), code.to_owned())];
    assert_eq!(
        refused(
            json!({ "type": "matrix", "dimensions": ["model"], "cells": [], "default_unit_amount": "1" })
        ),
        fault("/prices/0/model/dimensions/0", "unknown_dimension")
    );
    assert_eq!(refused(json!({ "type": "dynamic" })), fault("/prices/0/model/type", "meter_without_price"));
    assert_eq!(
        refused(json!({ "type": "percentage", "percent": "1", "per_event_minimum": "1" })),
        fault("/prices/0/model", "meter_without_values")
    );
    let mut unknown = price(per_unit("1"));
    unknown["meter_id"] = json!("meter_00000000000000000000000000");
    assert_eq!(
        seller.offer(json!([unknown]), json!([])).is(422).faults(),
        fault("/prices/0/meter_id", "unknown_meter")
    );
}

#[test]
fn a_subscriptions_own_matrix_needs_a_meter_that_tells_its_dimensions() {
    let seller = Seller::open();
    let meter = seller.meter("call");
    let price = json!({ "code": "calls", "kind": "usage", "meter_id": meter, "model": per_unit("0.10") });
    let plan = seller.offer(json!([price]), json!([])).is(201);
    let own = |dimension: &str| {
        let cell = json!({ "values": { dimension: "eu" }, "unit_amount": "2" });
        let model = json!({ "type": "matrix", "dimensions": [dimension], "cells": [cell], "default_unit_amount": "1" });
        let items =
            json!([{ "price_id": plan.text_at("/prices/0/id"), "price_override": { "model": model } }]);
        json!({ "customer_id": seller.customer, "plan_id": plan.id(), "items": items, "collection": "send_invoice" })
    };
    let refused = seller.world.post("/v1/subscriptions", own("planet")).is(422).faults();
    assert_eq!(refused[0].0, "/items");
    seller.world.post("/v1/subscriptions", own("region")).is(201);
}
