//! What of usage that is told after it was billed? The difference is on the next invoice, naming the old period.

use serde_json::{Value, json};

use super::{Metering, event};

/// Subscribes `acme` to tokens at a cent each, from the first of January.
fn subscribe(seller: &Metering) {
    let meter = seller.tokens();
    let product = seller.world.post("/v1/products", json!({ "name": "Models" })).is(201).id();
    let price = json!({ "code": "tokens", "description": "Tokens", "kind": "usage", "meter_id": meter,
                        "model": { "type": "per_unit", "unit_amount": "0.01" } });
    let plan = json!({ "code": "pay_as_you_go", "name": "Pay as you go", "product_id": product, "currency": "USD",
                       "interval": "month", "prices": [price] });
    let plan = seller.world.post("/v1/plans", plan).is(201).id();
    let body = json!({ "customer_id": seller.customer, "plan_id": plan, "collection": "send_invoice" });
    seller.world.post("/v1/subscriptions", body).is(201);
}

/// What was billed: the billing date, then period and amount of each line.
fn billed(seller: &Metering) -> Vec<String> {
    let listed = seller.world.get(&format!("/v1/invoices?customer_id={}", seller.customer)).is(200);
    let mut rows: Vec<String> = Vec::new();
    for invoice in listed.data().iter().rev() {
        let whole =
            seller.world.get(&format!("/v1/invoices/{}", invoice["id"].as_str().unwrap())).is(200).json;
        for line in whole["lines"].as_array().unwrap() {
            let text =
                |value: &Value| value.as_str().unwrap_or_default().get(..10).unwrap_or_default().to_owned();
            let (on, from) = (text(&whole["billing_date"]), text(&line["period"]["start"]));
            rows.push(format!("{on}: {from} {}", line["amount"].as_str().unwrap()));
        }
    }
    rows.retain(|row| !row.ends_with(" 0.00"));
    rows
}

#[test]
fn a_late_event_a_voided_one_and_a_backfill_become_differences_of_the_old_period() {
    let seller = Metering::at("2026-01-01T00:00:00Z");
    subscribe(&seller);
    seller.world.advance_to("2026-01-20T00:00:00Z");
    let first = event("2026-01-10T10:00:00Z", json!({ "tokens": 500 }));
    seller.send(first.clone()).is(200);
    seller.world.advance_to("2026-02-02T00:00:00Z");
    assert_eq!(billed(&seller), ["2026-02-01: 2026-01-01 5.00"]);
    seller.send(event("2026-01-31T23:59:59Z", json!({ "tokens": 50 }))).is(200);
    seller.send(event("2026-02-01T00:00:00Z", json!({ "tokens": 7 }))).is(200);
    seller.world.advance_to("2026-03-02T00:00:00Z");
    let so_far = billed(&seller);
    let mut expected = vec!["2026-02-01: 2026-01-01 5.00", "2026-01-01 0.50", "2026-02-01 0.07"];
    for row in &so_far {
        let place =
            expected.iter().position(|end| row.ends_with(end)).unwrap_or_else(|| panic!("{so_far:?}"));
        expected.remove(place);
    }
    assert!(expected.is_empty(), "{so_far:?} lacks {expected:?}");
    seller.world.post("/v1/usage/events/void", json!({ "source": "api", "id": first["id"] })).is(200);
    seller.world.advance_to("2026-04-02T00:00:00Z");
    let last = billed(&seller);
    assert!(last.iter().any(|row| row.ends_with("2026-01-01 -5.00")), "{last:?}");
    seller.world.settle();
}
