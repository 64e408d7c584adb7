//! What tax goes back when more of usage flows back than was used, after that was billed? All that was charged for it, and for what is below
//! nothing its share, at the rate it had.
//!
//! 10 units billed 10.00 with 1.90; 15 flow back: −15.00 with −2.85.

use serde_json::{Value, json};

use super::invoices::{Shop, in_country};

/// A seller in France, and a German buyer of units at 1.00 that may fall below nothing.
fn metered() -> (Shop, String) {
    let shop = Shop::open();
    shop.world.post("/v1/tax/registrations", json!({ "country": "FR", "scheme": "oss" })).is(201);
    let meter = json!({ "code": "units", "name": "Units", "aggregation": "sum", "value_property": "n", "event_type": "units" });
    let meter = shop.world.post("/v1/meters", meter).is(201).id();
    let price = json!({ "code": "u", "kind": "usage", "meter_id": meter, "allow_negative": true,
                        "model": { "type": "per_unit", "unit_amount": "1.00" } });
    let plan = shop.sell_at("units", json!([price]));
    let customer = shop.customer(json!({ "external_id": "ada", "address": { "country": "DE" } }));
    shop.subscribe(&customer, &plan);
    (shop, customer)
}

fn used(shop: &Shop, id: &str, units: &str) {
    let event = json!({ "specversion": "1.0", "id": id, "source": "a", "type": "units", "subject": "ada",
                        "time": "2026-01-05T00:00:00Z", "data": { "n": units } });
    shop.world.post("/v1/usage/events", event).is(200);
}

/// Billed on 1 February, then so much flows back, and the buyer has moved meanwhile.
fn flowed_back(billed: Option<&str>, back: &str, country: &str) -> (Shop, String) {
    let (shop, customer) = metered();
    shop.world.advance_to("2026-01-06T00:00:00Z");
    if let Some(units) = billed {
        used(&shop, "1", units);
    }
    shop.world.advance_to("2026-02-01T01:00:00Z");
    shop.world.patch(&format!("/v1/customers/{customer}"), in_country(country)).is(200);
    used(&shop, "2", back);
    shop.world.advance_to("2026-03-01T01:00:00Z");
    (shop, customer)
}

#[test]
fn usage_that_falls_below_nothing_after_it_was_billed() {
    for country in ["DE", "HU"] {
        let (shop, customer) = flowed_back(Some("10"), "-25", country);
        let shown = shop.invoices(&customer);
        assert_eq!(shown[0], "10.00 + 1.90 = 11.90 | DE S 19 1.90");
        // 10.00 of it with the 1.90 they had, and 15.00 more with 2.85.
        assert!(shown[1].starts_with("-25.00 + -4.75 = -29.75 | DE S 19 -1.90, DE S 19 -2.85"), "{shown:#?}");
        // It was reported in error: all of it comes again, with that tax.
        let void: Value = json!({ "source": "a", "id": "2" });
        shop.world.post("/v1/usage/events/void", void).is(200);
        shop.world.advance_to("2026-04-01T01:00:00Z");
        assert_eq!(shop.stays(&customer), (1_000, 190), "{:#?}", shop.invoices(&customer));
    }
}

#[test]
fn usage_of_nothing_that_falls_below_it() {
    let (shop, customer) = flowed_back(None, "-15", "DE");
    let shown = shop.invoices(&customer);
    assert!(shown[1].starts_with("-15.00 + -2.85 = -17.85 | DE S 19"), "{shown:#?}");
    assert_eq!(shop.stays(&customer), (-1_500, -285));
}

#[test]
fn usage_below_nothing_that_falls_further() {
    let (shop, customer) = flowed_back(Some("-10"), "-5", "HU");
    let shown = shop.invoices(&customer);
    assert_eq!(shown[0], "-10.00 + -1.90 = -11.90 | DE S 19 -1.90");
    assert!(shown[1].starts_with("-5.00 + -0.95 = -5.95 | DE S 19 -0.95"), "{shown:#?}");
    for id in ["1", "2"] {
        shop.world.post("/v1/usage/events/void", json!({ "source": "a", "id": id })).is(200);
    }
    shop.world.advance_to("2026-04-01T01:00:00Z");
    assert_eq!(shop.stays(&customer), (0, 0), "{:#?}", shop.invoices(&customer));
}

#[test]
fn usage_after_a_break_that_gives_back_of_what_was_before_it() {
    let (shop, customer) = metered();
    let subscription = shop.world.get(&format!("/v1/subscriptions?customer_id={customer}")).is(200);
    let command = |name: &str, body: Value| {
        let path = format!("/v1/subscriptions/{}/{name}", subscription.text_at("/data/0/id"));
        shop.world.post(&path, body).is(200);
    };
    let used_on = |id: &str, day: &str, units: &str| {
        let event = json!({ "specversion": "1.0", "id": id, "source": "a", "type": "units", "subject": "ada",
                            "time": format!("2026-01-{day}T12:00:00Z"), "data": { "n": units } });
        shop.world.post("/v1/usage/events", event).is(200);
    };
    shop.world.advance_to("2026-01-10T00:00:00Z");
    used_on("1", "05", "20");
    command("pause", json!({ "mode": "credit" }));
    shop.world.advance_to("2026-01-12T00:00:00Z");
    command("resume", json!({}));
    shop.world.advance_to("2026-01-16T00:00:00Z");
    used_on("2", "15", "3");
    shop.world.advance_to("2026-02-01T01:00:00Z");
    assert_eq!(shop.stays(&customer), (2_300, 437));
    shop.world.patch(&format!("/v1/customers/{customer}"), in_country("HU")).is(200);
    used_on("3", "15", "-10");
    shop.world.advance_to("2026-03-01T01:00:00Z");
    // 3.00 of what was after the break, and 7.00 of what was before it, all at the 19 % they had.
    assert_eq!(shop.stays(&customer), (1_300, 247), "{:#?}", shop.invoices(&customer));
    shop.world.post("/v1/usage/events/void", json!({ "source": "a", "id": "3" })).is(200);
    shop.world.advance_to("2026-04-01T01:00:00Z");
    assert_eq!(shop.stays(&customer), (2_300, 437), "{:#?}", shop.invoices(&customer));
}
