//! Is a number of a customer valid? Asked in the background until a register says so, again before each bill, and never invalid because nobody
//! answered.

mod register;
mod twice;
mod vies;
mod waiting;

use serde_json::{Value, json};

use super::invoices::Shop;
use crate::harness::World;

/// A business in Berlin with this number.
fn business(shop: &Shop, number: &str) -> String {
    shop.customer(json!({ "name": number, "address": { "country": "DE" },
        "tax_ids": [{ "type": "eu_vat", "value": number }] }))
}

/// `valid 2026-01-01T00:00:00Z SIMULATED-DE100000008-1` of its first number.
fn known(world: &World, customer: &str) -> String {
    let read = world.get(&format!("/v1/customers/{customer}")).is(200).json;
    let text = |name: &str| read["tax_ids"][0][name].as_str().unwrap_or("-").to_owned();
    format!("{} {} {}", text("status"), text("checked_at"), text("consultation_number"))
}

/// `2026-01-01T00:05:00Z unknown TIMEOUT` of each check, the first one first.
fn checks(world: &World, customer: &str) -> Vec<String> {
    let listed = world.get(&format!("/v1/customers/{customer}/tax_ids/checks?limit=100")).is(200);
    let text = |check: &Value, name: &str| check[name].as_str().unwrap_or("-").to_owned();
    let shown = |check: &Value| {
        format!("{} {} {}", text(check, "checked_at"), text(check, "answer"), text(check, "reason"))
    };
    listed.data().iter().rev().map(shown).collect()
}

/// `customer.tax_id.verified valid` of each event about a number.
fn events(world: &World) -> Vec<String> {
    world.relay_events();
    let listed = world.get("/v1/events?limit=1000").is(200);
    let about = listed.data().iter().filter(|event| event["data"]["tax_id"].is_object());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    about
        .map(|event| {
            let number = &event["data"]["tax_id"];
            format!("{} {} {}", text(&event["type"]), text(&number["value"]), text(&number["status"]))
        })
        .collect()
}

#[test]
fn a_new_number_is_asked_about_at_once_and_the_next_bill_knows() {
    let shop = Shop::open();
    let world = &shop.world;
    let registration = json!({ "country": "FR", "number": "FR88100000009", "valid_from": "2020-01-01" });
    world.post("/v1/tax/registrations", registration).is(201);
    let (valid, invalid) = (business(&shop, "DE 100 000 008"), business(&shop, "DE200000005"));
    assert_eq!(known(world, &valid), "unknown - -");
    shop.subscribe(&valid, &shop.plan);
    world.advance_to("2026-01-01T00:01:00Z");
    assert_eq!(known(world, &valid), "valid 2026-01-01T00:00:00Z SIMULATED-DE100000008-1");
    assert_eq!(known(world, &invalid), "invalid 2026-01-01T00:00:00Z SIMULATED-DE200000005-1");
    assert_eq!(
        events(world),
        ["customer.tax_id.verified DE100000008 valid", "customer.tax_id.invalid DE200000005 invalid"]
    );
    // Charged as to a consumer before anything was known; the invoice stays as it was issued.
    world.advance_to("2026-02-02T00:00:00Z");
    let invoices = ["31.00 + 6.20 = 37.20 | FR S 20 6.20", "31.00 + 0.00 = 31.00 | DE AE 0 0.00"];
    assert_eq!(shop.invoices(&valid), invoices);
    // The day before the bill it was asked about again, and the month after, without a bill, both.
    assert_eq!(checks(world, &valid), ["2026-01-01T00:00:00Z valid -", "2026-01-31T00:00:00Z valid -"]);
    assert_eq!(checks(world, &invalid).len(), 2);
}

#[test]
fn while_nobody_answers_a_number_stays_unknown_and_the_gaps_grow() {
    let shop = Shop::open();
    let world = &shop.world;
    let (silent, busy) = (business(&shop, "DE400000000"), business(&shop, "DE500000007"));
    world.advance_to("2026-01-01T00:40:00Z");
    assert_eq!(
        checks(world, &silent),
        [
            "2026-01-01T00:00:00Z unknown TIMEOUT",
            "2026-01-01T00:05:00Z unknown TIMEOUT",
            "2026-01-01T00:15:00Z unknown TIMEOUT",
            "2026-01-01T00:35:00Z unknown TIMEOUT"
        ]
    );
    assert_eq!(known(world, &silent), "unknown 2026-01-01T00:35:00Z -");
    assert_eq!(
        checks(world, &busy),
        [
            "2026-01-01T00:00:00Z unknown MS_MAX_CONCURRENT_REQ",
            "2026-01-01T00:05:00Z unknown MS_MAX_CONCURRENT_REQ",
            "2026-01-01T00:15:00Z valid -"
        ]
    );
    world.advance_to("2026-01-11T00:00:00Z");
    assert_eq!(checks(world, &silent).len(), 18, "once a day in the end");
    assert_eq!(events(world), ["customer.tax_id.verified DE500000007 valid"]);
}

#[test]
fn what_the_caller_says_stands_until_it_is_verified() {
    let shop = Shop::open();
    let world = &shop.world;
    let given = |number: &str, status: &str| {
        shop.customer(json!({ "name": number, "address": { "country": "DE" },
            "tax_ids": [{ "type": "eu_vat", "value": number, "status": status }] }))
    };
    let (doubtful, unknown) = (given("DE200000005", "valid"), business(&shop, "DE136695976"));
    world.advance_to("2026-03-01T00:00:00Z");
    assert_eq!((known(world, &doubtful), checks(world, &doubtful)), ("valid - -".to_owned(), vec![]));
    assert_eq!((known(world, &unknown), checks(world, &unknown)), ("unknown - -".to_owned(), vec![]));
    let verified = world.post(&format!("/v1/customers/{doubtful}/tax_ids/verify"), json!({})).is(200).json;
    assert_eq!(verified["tax_ids"][0]["status"], "invalid");
    assert_eq!(verified["checks"][0]["answer"], "invalid");
    // As it was read, written back: nothing changes, and it is asked about again in a month.
    let read = world.get(&format!("/v1/customers/{doubtful}")).is(200).json;
    let back = json!({ "tax_ids": read["tax_ids"] });
    assert_eq!(world.patch(&format!("/v1/customers/{doubtful}"), back).is(200).json, read);
    let without = json!({ "tax_ids": [{ "type": "eu_vat", "value": "DE 200000005" }] });
    let kept = world.patch(&format!("/v1/customers/{doubtful}"), without).is(200);
    assert_eq!(kept.text_at("/tax_ids/0/status"), "invalid");
    world.advance_to("2026-04-02T00:00:00Z");
    assert_eq!(checks(world, &doubtful).len(), 2);
    let word = json!({ "tax_ids": [{ "type": "eu_vat", "value": "DE200000005", "status": "valid" }] });
    world.patch(&format!("/v1/customers/{doubtful}"), word).is(200);
    world.advance_to("2026-06-02T00:00:00Z");
    assert_eq!(checks(world, &doubtful).len(), 2, "the caller's own word is not asked about");
    assert!(known(world, &doubtful).starts_with("valid "));
    // Of a number that nobody knows anything of the answer is that nothing is known.
    let verified = world.post(&format!("/v1/customers/{unknown}/tax_ids/verify"), json!({})).is(200).json;
    assert_eq!(verified["checks"][0]["reason"], "the simulator knows nothing of this number");
    let nobody = shop.customer(json!({ "name": "Ada" }));
    let refused = world.post(&format!("/v1/customers/{nobody}/tax_ids/verify"), json!({}));
    refused.is_problem(409, "nothing_to_verify");
}

#[test]
fn a_number_that_is_valid_no_longer_is_charged_from_the_next_bill_on() {
    let shop = Shop::open();
    let world = &shop.world;
    let customer = business(&shop, "DE600000004");
    world.advance_to("2026-01-01T00:01:00Z");
    shop.subscribe(&customer, &shop.plan);
    world.advance_to("2026-02-02T00:00:00Z");
    assert_eq!(events(world).last().unwrap(), "customer.tax_id.invalid DE600000004 invalid");
    let invoices = ["31.00 + 0.00 = 31.00 | DE AE 0 0.00", "31.00 + 6.20 = 37.20 | FR S 20 6.20"];
    assert_eq!(shop.invoices(&customer), invoices);
}

#[test]
fn a_number_that_is_taken_away_is_asked_about_no_more() {
    let shop = Shop::open();
    let world = &shop.world;
    let customer = business(&shop, "DE300000002");
    world.advance_to("2026-01-01T00:01:00Z");
    world.patch(&format!("/v1/customers/{customer}"), json!({ "tax_ids": [] })).is(200);
    world.advance_to("2026-01-03T00:00:00Z");
    assert_eq!(checks(world, &customer).len(), 1);
    let again = json!({ "tax_ids": [{ "type": "eu_vat", "value": "DE300000002" }] });
    world.patch(&format!("/v1/customers/{customer}"), again).is(200);
    world.advance_to("2026-01-03T00:06:00Z");
    assert_eq!(checks(world, &customer).len(), 3);
}
