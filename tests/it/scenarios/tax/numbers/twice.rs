//! What if the same number is there twice? Of two customers the register is asked once; on one customer it is refused.

use serde_json::json;

use super::{Shop, business, checks, events, known};

#[test]
fn a_number_of_two_customers_is_asked_about_once() {
    let shop = Shop::open();
    let world = &shop.world;
    let (first, second) = (business(&shop, "DE500000007"), business(&shop, "DE 500 000 007"));
    world.advance_to("2026-01-01T00:20:00Z");
    // Three questions in all, by whichever of the two; the answer is of both, and when it was given.
    assert_eq!(known(world, &first), "valid 2026-01-01T00:15:00Z -");
    assert_eq!(known(world, &second), "valid 2026-01-01T00:15:00Z -");
    let mut counts = [checks(world, &first).len(), checks(world, &second).len()];
    counts.sort_unstable();
    assert_eq!(counts, [1, 3]);
    assert_eq!(events(world).len(), 2, "{:?}", events(world));
    // One who comes later, within a week, has it at once.
    world.advance_to("2026-01-05T00:00:00Z");
    let third = business(&shop, "DE500000007");
    world.advance_to("2026-01-05T00:01:00Z");
    assert_eq!(known(world, &third), "valid 2026-01-01T00:15:00Z -");
    // And after that the register is asked again, as of any other.
    world.advance_to("2026-02-20T00:00:00Z");
    for customer in [&first, &second, &third] {
        assert!(known(world, customer).starts_with("valid 2026-01-31"), "{}", known(world, customer));
    }
    world.settle();
}

#[test]
fn who_comes_with_a_number_that_is_known_is_taxed_by_it_from_the_first_invoice_on() {
    let shop = Shop::open();
    let world = &shop.world;
    let registration = json!({ "country": "FR", "number": "FR88100000009", "valid_from": "2020-01-01" });
    world.post("/v1/tax/registrations", registration).is(201);
    business(&shop, "DE100000008");
    world.advance_to("2026-01-21T00:00:00Z");
    let body = json!({ "name": "Second", "currency": "EUR", "address": { "country": "DE" },
        "tax_ids": [{ "type": "eu_vat", "value": "DE 100 000 008" }] });
    let created = world.post("/v1/customers", body).is(201);
    let fields = ["status", "checked_at", "consultation_number"];
    assert_eq!(
        fields.map(|name| created.text_at(&format!("/tax_ids/0/{name}"))),
        ["valid", "2026-01-01T00:00:00Z", "SIMULATED-DE100000008-1"]
    );
    let second = created.id();
    shop.subscribe(&second, &shop.plan);
    assert_eq!(shop.invoices(&second), ["31.00 + 0.00 = 31.00 | DE AE 0 0.00"]);
    assert_eq!(checks(world, &second), ["2026-01-01T00:00:00Z valid -"]);
    // Given to a customer that is there already it is the same.
    let third = shop.customer(json!({ "name": "Third", "address": { "country": "DE" } }));
    let number = json!({ "tax_ids": [{ "type": "eu_vat", "value": "DE100000008" }] });
    let patched = world.patch(&format!("/v1/customers/{third}"), number).is(200);
    assert_eq!(patched.text_at("/tax_ids/0/status"), "valid");
    assert_eq!(known(world, &third), "valid 2026-01-01T00:00:00Z SIMULATED-DE100000008-1");
    assert_eq!(events(world), ["customer.tax_id.verified DE100000008 valid"; 3]);
    // Who buys from another entity, of which nothing is known, is asked about for itself.
    let entity = json!({ "name": "Acme GmbH", "country": "DE", "functional_currency": "EUR" });
    let entity = world.post("/v1/entities", entity).is(201).id();
    let elsewhere = shop
        .customer(json!({ "name": "Elsewhere", "entity_id": entity, "address": { "country": "DE" },
        "tax_ids": [{ "type": "eu_vat", "value": "DE100000008" }] }));
    assert_eq!(known(world, &elsewhere), "unknown - -");
    world.advance_to("2026-01-21T00:01:00Z");
    assert!(
        known(world, &elsewhere).starts_with("valid 2026-01-21T00:00:00Z"),
        "{}",
        known(world, &elsewhere)
    );
    assert!(known(world, &second).starts_with("valid 2026-01-01"), "{}", known(world, &second));
}

#[test]
fn all_who_have_a_number_hear_that_it_is_valid_no_longer() {
    let shop = Shop::open();
    let world = &shop.world;
    let [first, second] = ["DE600000004", "DE 600 000 004"].map(|number| business(&shop, number));
    let said = shop.customer(json!({ "name": "Said", "address": { "country": "DE" },
        "tax_ids": [{ "type": "eu_vat", "value": "DE600000004", "status": "valid" }] }));
    world.advance_to("2026-01-05T00:00:00Z");
    for customer in [&first, &second] {
        assert_eq!(known(world, customer), "valid 2026-01-01T00:00:00Z -");
        shop.subscribe(customer, &shop.plan);
    }
    world.post(&format!("/v1/customers/{second}/tax_ids/verify"), json!({})).is(200);
    assert_eq!(known(world, &second), "invalid 2026-01-05T00:00:00Z -");
    world.advance_to("2026-01-05T00:01:00Z");
    for customer in [&first, &second] {
        assert_eq!(known(world, customer), "invalid 2026-01-05T00:00:00Z -");
        assert_eq!(
            checks(world, customer),
            ["2026-01-01T00:00:00Z valid -", "2026-01-05T00:00:00Z invalid -"]
        );
    }
    assert_eq!(known(world, &said), "valid - -", "the caller's own word stands");
    let heard = events(world);
    assert_eq!(heard.iter().filter(|event| event.contains("invalid")).count(), 2, "{heard:?}");
    world.advance_to("2026-02-05T01:00:00Z");
    for customer in [&first, &second] {
        let invoices = ["31.00 + 0.00 = 31.00 | DE AE 0 0.00", "31.00 + 6.20 = 37.20 | FR S 20 6.20"];
        assert_eq!(shop.invoices(customer), invoices);
    }
}

#[test]
fn what_the_caller_says_of_one_customer_is_not_what_is_known_of_another() {
    let shop = Shop::open();
    let world = &shop.world;
    let said = shop.customer(json!({ "name": "Said", "address": { "country": "DE" },
        "tax_ids": [{ "type": "eu_vat", "value": "DE200000005", "status": "valid" }] }));
    let watched = business(&shop, "DE200000005");
    world.advance_to("2026-01-01T00:01:00Z");
    assert_eq!(known(world, &said), "valid - -");
    assert!(known(world, &watched).starts_with("invalid 2026-01-01T00:00:00Z"), "{}", known(world, &watched));
    // Verified, it is asked about whatever is known of the other.
    world.post(&format!("/v1/customers/{said}/tax_ids/verify"), json!({})).is(200);
    assert!(known(world, &said).starts_with("invalid 2026-01-01T00:01:00Z"), "{}", known(world, &said));
}

#[test]
fn a_number_is_on_a_customer_once() {
    let shop = Shop::open();
    let number = |value: &str| json!({ "type": "eu_vat", "value": value });
    let twice = json!([number("DE136695976"), number("DE 136 695 976")]);
    let body = json!({ "name": "Twice", "address": { "country": "DE" }, "tax_ids": twice });
    let duplicate = [("/tax_ids/1".to_owned(), "duplicate_tax_id".to_owned())];
    assert_eq!(shop.world.post("/v1/customers", body).is(422).faults(), duplicate);
    let one = business(&shop, "DE136695976");
    let again = shop.world.patch(&format!("/v1/customers/{one}"), json!({ "tax_ids": twice }));
    assert_eq!(again.is(422).faults(), duplicate);
    // Of another kind, or another number, it is another one.
    let others = json!([number("DE136695976"), number("FR40303265045"), { "type": "de_steuernummer", "value": "DE136695976" }]);
    shop.world.patch(&format!("/v1/customers/{one}"), json!({ "tax_ids": others })).is(200);
}
