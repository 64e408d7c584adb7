//! What is gained and lost when money comes at another rate than that of the invoice? Reckoned by hand.

use serde_json::json;

use super::{House, world};

#[test]
fn a_payment_at_a_better_rate_is_a_gain_to_the_cent() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    house.rate("2026-01-01", "0.90");
    house.rate("2026-01-10", "0.92");
    let invoice = house.invoice("100.00");
    house.advance_to("2026-01-10");
    house.receive("100.00", Some(&invoice));
    assert_eq!(
        house.entries(),
        [
            "invoice_finalized 100.00 USD accounts_receivable < revenue 90.00 EUR",
            "payment_received 100.00 USD cash_clearing < accounts_receivable 92.00 EUR gain 2.00",
        ]
    );
    assert_eq!(house.held(), ["cash_clearing 92.00", "fx_gain_loss_realised -2.00", "revenue -90.00"]);
    house.check();
    world.settle();
}

#[test]
fn partial_payments_at_three_rates_leave_nothing_of_the_receivable() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    for (day, rate) in [("01", "0.9"), ("11", "0.91"), ("21", "0.93"), ("31", "0.88")] {
        house.rate(&format!("2026-01-{day}"), rate);
    }
    let invoice = house.invoice("100.01");
    for (day, amount) in [("11", "33.33"), ("21", "33.33"), ("31", "33.35")] {
        house.advance_to(&format!("2026-01-{day}"));
        house.receive(amount, Some(&invoice));
    }
    assert_eq!(
        house.entries_of("payment_received"),
        [
            "33.33 USD cash_clearing < accounts_receivable 30.33 EUR gain 0.33",
            "33.33 USD cash_clearing < accounts_receivable 31.00 EUR gain 1.00",
            "33.35 USD cash_clearing < accounts_receivable 29.35 EUR gain -0.66",
        ]
    );
    assert_eq!(house.held(), ["cash_clearing 90.68", "fx_gain_loss_realised -0.67", "revenue -90.01"]);
    house.check();
}

#[test]
fn what_is_written_off_and_paid_after_all_gains_only_when_it_is_paid() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    house.rate("2026-01-01", "0.90");
    house.rate("2026-01-10", "0.97");
    let invoice = house.invoice("100.00");
    house.advance_to("2026-01-10");
    house.act(&invoice, "mark_uncollectible");
    assert_eq!(house.held(), ["revenue -90.00", "write_offs 90.00"]);
    house.receive("40.00", Some(&invoice));
    assert_eq!(
        house.held(),
        ["cash_clearing 38.80", "fx_gain_loss_realised -2.80", "revenue -90.00", "write_offs 54.00"]
    );
    house.check();
    world.settle();
}

#[test]
fn a_balance_pays_at_what_it_is_carried_at() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    house.rate("2026-01-01", "0.85");
    house.rate("2026-01-10", "0.90");
    house.receive("100.00", None);
    house.advance_to("2026-01-10");
    let invoice = house.invoice("40.00");
    let path = format!("/v1/customers/{}/credit_balance/apply", house.customer);
    house.client().post(&path, json!({ "currency": "USD" })).is(200);
    assert_eq!(
        house.entries_of("credits_applied"),
        ["40.00 USD customer_credit < accounts_receivable 34.00 EUR gain -2.00"]
    );
    assert_eq!(world.get(&format!("/v1/invoices/{invoice}")).text_at("/status"), "paid");
    house.check();
}

#[test]
fn a_parent_pays_in_the_books_of_the_entity_that_invoiced() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    house.rate("2026-01-01", "0.90");
    house.rate("2026-01-10", "0.95");
    let child = json!({ "name": "Branch", "currency": "USD", "parent_id": house.customer, "pays": "parent" });
    let child = house.client().post("/v1/customers", child).is(201).id();
    let product = house.client().post("/v1/products", json!({ "name": "Engine" })).is(201).id();
    let price = json!({ "code": "base", "kind": "recurring", "billing": "in_advance", "model": { "type": "flat", "amount": "31.00" } });
    let plan = json!({ "code": "basic", "name": "Basic", "product_id": product, "currency": "USD", "interval": "month", "prices": [price] });
    let plan = house.client().post("/v1/plans", plan).is(201).id();
    let subscription = json!({ "customer_id": child, "plan_id": plan, "collection": "send_invoice" });
    house.client().post("/v1/subscriptions", subscription).is(201);
    house.advance_to("2026-01-10");
    let invoice = house.client().get(&format!("/v1/invoices?customer_id={}", house.customer)).is(200);
    house.receive("31.00", Some(invoice.data()[0]["id"].as_str().unwrap()));
    assert_eq!(
        house.entries(),
        [
            "invoice_finalized 31.00 USD accounts_receivable < deferred_revenue 27.90 EUR",
            "payment_received 31.00 USD cash_clearing < accounts_receivable 29.45 EUR gain 1.55",
        ]
    );
    house.check();
}

#[test]
fn two_entities_keep_their_books_each_in_its_currency() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    let client = house.client();
    let british = house.british();
    house.rate_in("GBP", "2026-01-10", "0.75");
    let grace = json!({ "name": "Grace", "currency": "USD", "entity_id": british });
    let grace = client.post("/v1/customers", grace).is(201).id();
    house.invoice("10.00");
    let invoice = house.invoice_of(&grace, "10.00");
    house.advance_to("2026-01-10");
    client.post(&format!("/v1/invoices/{invoice}/pay"), json!({ "offline": {} })).is(200);
    assert_eq!(
        house.entries_of("invoice_finalized"),
        [
            "10.00 USD accounts_receivable < revenue 9.00 EUR",
            "10.00 USD accounts_receivable < revenue 8.00 GBP"
        ]
    );
    assert_eq!(
        house.entries_of("payment_received"),
        ["10.00 USD cash_clearing < accounts_receivable 7.50 GBP gain -0.50"]
    );
    let listed = client.get("/v1/ledger/entries").is(200);
    assert_eq!(listed.data()[0]["entity_id"], british.as_str());
    let refused = client.patch(&format!("/v1/entities/{british}"), json!({ "functional_currency": "EUR" }));
    refused.is_problem(409, "functional_currency_in_use");
    let third = json!({ "name": "Acme Inc", "country": "HK", "functional_currency": "USD" });
    let third = client.post("/v1/entities", third).is(201).id();
    client.patch(&format!("/v1/entities/{third}"), json!({ "functional_currency": "CAD" })).is(200);
    house.check();
}

#[test]
fn books_in_the_currency_of_the_invoice_are_worth_what_is_posted() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    let body = json!({ "customer_id": house.customer, "currency": "EUR", "collection": "send_invoice",
                       "lines": [{ "description": "Work", "amount": "10.00" }] });
    let id = house.client().post("/v1/invoices", body).is(201).id();
    house.act(&id, "finalize");
    assert_eq!(house.entries(), ["invoice_finalized 10.00 EUR accounts_receivable < revenue 10.00 EUR"]);
    house.check();
    world.settle();
}
