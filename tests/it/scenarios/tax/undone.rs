//! What is taken back, and then is not? By hand, by corrections, by bills: each cent of tax goes and comes as it went and came before.

use serde_json::{Value, json};

use super::invoices::{Shop, in_country};

/// A seller in France who may charge the tax of all member states.
fn shop() -> Shop {
    let shop = Shop::open();
    shop.world.post("/v1/tax/registrations", json!({ "country": "FR", "scheme": "oss" })).is(201);
    shop
}

/// A plan of an e-book at 31.00, with 7 % in Germany.
fn ebook(shop: &Shop) -> String {
    let product = json!({ "name": "Novel", "tax_code": "ebook" });
    let product = shop.world.post("/v1/products", product).is(201).id();
    let price = json!({ "code": "base", "kind": "recurring", "billing": "in_advance", "model": { "type": "flat", "amount": "31.00" } });
    let plan = json!({ "code": "novel", "name": "Novel", "product_id": product, "currency": "EUR", "interval": "month", "prices": [price] });
    shop.world.post("/v1/plans", plan).is(201).id()
}

fn command(shop: &Shop, subscription: &str, command: &str, body: Value) {
    shop.world.post(&format!("/v1/subscriptions/{subscription}/{command}"), body).is(200);
}

fn cancelled_to_its_start(shop: &Shop, subscription: &str) {
    let end = json!({ "effective_at": "2026-01-01T00:00:00Z", "invoice": "now" });
    command(shop, subscription, "cancel", end);
}

#[test]
fn lines_of_drafts_that_are_changed_or_removed() {
    let shop = shop();
    shop.world.patch("/v1/billing_settings", json!({ "draft_hours": 24 })).is(200);
    let plan = ebook(&shop);
    for removed in [true, false] {
        let customer = shop.customer(in_country("DE"));
        let subscription = shop.subscribe(&customer, &plan);
        let draft = shop.ids(&customer).remove(0);
        let line = format!("/v1/invoices/{draft}/lines/1");
        let shown = match removed {
            true => shop.world.delete(&line).is(200).json,
            // 31.00 with 2.17; 21.00 less, with 1.47.
            false => shop.world.patch(&line, json!({ "amount": "10.00" })).is(200).json,
        };
        assert_eq!(shown["tax_total"], if removed { "0.00" } else { "0.70" }, "{shown:#}");
        shop.world.post(&format!("/v1/invoices/{draft}/finalize"), json!({})).is(200);
        cancelled_to_its_start(&shop, &subscription);
        shop.world.post("/v1/bill_runs", json!({ "finalize": true })).is(201);
        assert_eq!(shop.stays(&customer), (0, 0), "{:#?}", shop.invoices(&customer));
    }
}

#[test]
fn corrected_lines_that_are_given_back() {
    // 31.00 with 5.89; for it 10.00 with 1.90, or the same again.
    for (amount, stays) in [("10.00", (1_000, 190)), ("31.00", (3_100, 589))] {
        let shop = shop();
        let customer = shop.customer(in_country("DE"));
        let subscription = shop.subscribe(&customer, &shop.plan);
        let first = shop.ids(&customer).remove(0);
        let correction = json!({ "reason": "agreed", "lines": [{ "line_no": 1, "amount": amount, "description": "As agreed" }] });
        shop.world.post(&format!("/v1/invoices/{first}/correct"), correction).is(201);
        assert_eq!(shop.stays(&customer), stays);
        shop.world.patch(&format!("/v1/customers/{customer}"), in_country("HU")).is(200);
        cancelled_to_its_start(&shop, &subscription);
        assert_eq!(shop.stays(&customer), (0, 0), "{:#?}", shop.invoices(&customer));
    }
}

#[test]
fn what_gave_back_of_a_charge_that_is_void() {
    let shop = shop();
    let customer = shop.customer(in_country("DE"));
    let subscription = shop.subscribe(&customer, &shop.plan);
    let first = shop.ids(&customer).remove(0);
    shop.world.advance_to("2026-01-17T00:00:00Z");
    command(&shop, &subscription, "cancel", json!({ "effective_at": "now", "invoice": "now" }));
    shop.world.patch(&format!("/v1/customers/{customer}"), in_country("HU")).is(200);
    shop.world.post(&format!("/v1/invoices/{first}/void"), json!({})).is(200);
    shop.world.post("/v1/bill_runs", json!({ "finalize": true })).is(201);
    let shown = shop.invoices(&customer);
    // Nothing was charged, so nothing is given back: what was, is claimed again with the tax it had, though the buyer has moved.
    assert_eq!(shown[1], "-15.00 + -2.85 = -17.85 | DE S 19 -2.85");
    assert_eq!(shown[2], "15.00 + 2.85 = 17.85 | DE S 19 2.85");
    assert_eq!(shop.stays(&customer), (0, 0));
    let last = shop.ids(&customer).remove(2);
    let note = json!({ "invoice_id": last, "reason": "twice" });
    shop.world.post("/v1/credit_notes", note).is(422);
}

#[test]
fn what_a_draft_gives_back_of_a_charge_that_is_voided_before_it_is_issued() {
    for by_hand in [true, false] {
        let shop = shop();
        let customer = shop.customer(in_country("DE"));
        let subscription = shop.subscribe(&customer, &shop.plan);
        let first = shop.ids(&customer).remove(0);
        shop.world.advance_to("2026-01-17T00:00:00Z");
        shop.world.patch("/v1/billing_settings", json!({ "draft_hours": 48 })).is(200);
        command(&shop, &subscription, "cancel", json!({ "effective_at": "now", "invoice": "now" }));
        let draft = shop.ids(&customer).remove(1);
        shop.world.patch(&format!("/v1/customers/{customer}"), in_country("HU")).is(200);
        shop.world.post(&format!("/v1/invoices/{first}/void"), json!({})).is(200);
        if by_hand {
            shop.world.post(&format!("/v1/invoices/{draft}/finalize"), json!({})).is(200);
        }
        shop.world.advance_to("2026-01-25T00:00:00Z");
        // 31.00 and 5.89 were charged and are no more: of 15.00 and 2.85 that were given back of it, nothing stays.
        let shown = shop.invoices(&customer);
        assert_eq!(shown[1], "-15.00 + -2.85 = -17.85 | DE S 19 -2.85", "by hand: {by_hand}");
        assert_eq!(shown[2], "15.00 + 2.85 = 17.85 | DE S 19 2.85", "by hand: {by_hand}");
        assert_eq!(shop.stays(&customer), (0, 0));
    }
}

#[test]
fn a_cancellation_that_is_taken_back() {
    let shop = shop();
    let customer = shop.customer(in_country("DE"));
    let subscription = shop.subscribe(&customer, &shop.plan);
    shop.world.advance_to("2026-01-17T00:00:00Z");
    for _ in 0..2 {
        command(&shop, &subscription, "cancel", json!({ "effective_at": "now", "invoice": "now" }));
        shop.world.patch(&format!("/v1/customers/{customer}"), in_country("HU")).is(200);
        command(&shop, &subscription, "uncancel", json!({ "invoice": "now" }));
    }
    let (back, again) = ("-15.00 + -2.85 = -17.85 | DE S 19 -2.85", "15.00 + 2.85 = 17.85 | DE S 19 2.85");
    assert_eq!(shop.invoices(&customer)[1..], [back, again, back, again]);
    cancelled_to_its_start(&shop, &subscription);
    assert_eq!(shop.stays(&customer), (0, 0));
}

#[test]
fn usage_below_zero_that_was_reported_in_error() {
    let shop = shop();
    let meter = json!({ "code": "units", "name": "Units", "aggregation": "sum", "value_property": "n", "event_type": "units" });
    let meter = shop.world.post("/v1/meters", meter).is(201).id();
    let product = shop.world.post("/v1/products", json!({ "name": "Units" })).is(201).id();
    let price = json!({ "code": "u", "kind": "usage", "meter_id": meter, "allow_negative": true,
                        "model": { "type": "per_unit", "unit_amount": "1.00" } });
    let plan = json!({ "code": "u", "name": "Units", "product_id": product, "currency": "EUR", "interval": "month", "prices": [price] });
    let plan = shop.world.post("/v1/plans", plan).is(201).id();
    let customer = shop.customer(json!({ "external_id": "ada", "address": { "country": "DE" } }));
    shop.subscribe(&customer, &plan);
    let event = json!({ "specversion": "1.0", "id": "1", "source": "a", "type": "units", "subject": "ada",
                        "time": "2026-01-05T00:00:00Z", "data": { "n": "-33.33" } });
    shop.world.advance_to("2026-01-06T00:00:00Z");
    shop.world.post("/v1/usage/events", event).is(200);
    shop.world.advance_to("2026-02-01T01:00:00Z");
    shop.world.patch(&format!("/v1/customers/{customer}"), in_country("HU")).is(200);
    shop.world.post("/v1/usage/events/void", json!({ "source": "a", "id": "1" })).is(200);
    shop.world.advance_to("2026-03-01T01:00:00Z");
    assert_eq!(
        shop.invoices(&customer),
        ["-33.33 + -6.33 = -39.66 | DE S 19 -6.33", "33.33 + 6.33 = 39.66 | DE S 19 6.33, HU S 27 0.00"]
    );
}

#[test]
fn a_seller_who_taxes_no_longer() {
    let shop = shop();
    let customer = shop.customer(in_country("DE"));
    let subscription = shop.subscribe(&customer, &shop.plan);
    shop.world.patch("/v1/tax/settings", json!({ "country": null })).is(200);
    cancelled_to_its_start(&shop, &subscription);
    assert_eq!(shop.stays(&customer), (0, 0), "{:#?}", shop.invoices(&customer));
    let untaxed = shop.customer(in_country("DE"));
    shop.subscribe(&untaxed, &shop.plan);
    assert_eq!(shop.stays(&untaxed), (3_100, 0));
}
