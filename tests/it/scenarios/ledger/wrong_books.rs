//! Does `verify-books` find what is wrong in the second currency? Each difference is planted behind the program's back, and named by its check.

use serde_json::json;

use super::{House, world};
use crate::harness::{Tenant, World};

/// A paid invoice and an open one, money on the balance that was paid out, and an invoice that waits.
fn with_books(world: &World) -> Tenant {
    let tenant = world.another_tenant_in("EUR");
    let house = House::of(world, &tenant);
    house.rate("2026-01-01", "0.90");
    let invoice = house.invoice("100.00");
    house.invoice("50.00");
    house.rate("2026-01-01", "0.95");
    house.receive("100.00", Some(&invoice));
    house.credit(&invoice, "100.00", "refund");
    house.advance_to("2026-02-01");
    house.rate("2026-01-31", "0.99");
    house.client().post("/v1/ledger/revaluations", json!({ "as_of": "2026-01-31" })).is(201);
    house.advance_to("2026-02-20");
    house.rate("2026-02-20", "0.80");
    charged_and_given_back(&house);
    house.advance_to("2026-03-20");
    house.invoice("7.00");
    billwright::workflows::relay_events::run(&mut world.session(), Some(tenant.id)).unwrap();
    tenant
}

/// A month of another customer, taxed, charged at 0.80 and given back at 0.60.
fn charged_and_given_back(house: &House<'_>) {
    let client = house.client();
    client.patch("/v1/tax/settings", json!({ "country": "FR" })).is(200);
    let berta = json!({ "name": "Berta", "currency": "USD", "address": { "country": "FR" } });
    let berta = client.post("/v1/customers", berta).is(201).id();
    let product = client.post("/v1/products", json!({ "name": "Engine" })).is(201).id();
    let plan = json!({ "code": "month", "name": "Month", "product_id": product, "currency": "USD", "interval": "month",
        "prices": [{ "code": "base", "kind": "recurring", "model": { "type": "flat", "amount": "31.00" } }] });
    let plan = client.post("/v1/plans", plan).is(201).id();
    let start = json!({ "customer_id": berta, "plan_id": plan, "collection": "send_invoice" });
    let subscription = client.post("/v1/subscriptions", start).is(201).id();
    house.advance_to("2026-02-21");
    house.rate("2026-02-21", "0.60");
    let end = json!({ "effective_at": "2026-02-20T12:00:00Z", "credit": true, "invoice": "now" });
    client.post(&format!("/v1/subscriptions/{subscription}/cancel"), end).is(200);
}

/// What is planted, and which checks must name it.
const PLANTED: &[(&str, &[&str])] = &[
    (
        "UPDATE ledger_transfers SET functional_currency = 'GBP' WHERE tenant_id = $t AND source_kind = 'payment_received'",
        &["transfers_are_valued_in_their_books_currency"],
    ),
    (
        "UPDATE ledger_transfers SET functional_amount = NULL, functional_currency = 'EUR' WHERE tenant_id = $t AND amount = 5000",
        &["revaluations_carry_what_the_transfers_say", "transfers_are_valued_in_their_books_currency"],
    ),
    ("DELETE FROM functional_waits WHERE tenant_id = $t", &["transfers_without_value_are_waited_for"]),
    (
        "UPDATE ledger_transfers SET realised_gain = realised_gain + 1 WHERE tenant_id = $t AND source_kind = 'payment_received'",
        &["revaluations_carry_what_the_transfers_say", "settled_invoices_are_nothing_in_both_currencies"],
    ),
    (
        "UPDATE ledger_transfers SET functional_amount = functional_amount + 1, realised_gain = coalesce(realised_gain, 0) + 1 \
         WHERE tenant_id = $t AND source_kind = 'refund_paid'",
        &["spent_balances_are_nothing_in_both_currencies"],
    ),
    // Valued at the rate of its own day, as if it gave back of no other.
    (
        "UPDATE ledger_transfers SET origin_id = NULL, functional_amount = functional_amount - realised_gain, realised_gain = NULL \
         WHERE tenant_id = $t AND origin_id IS NOT NULL AND debit = 'deferred_revenue'",
        &["nothing_deferred_is_nothing_in_both_currencies"],
    ),
    (
        "UPDATE ledger_transfers SET functional_amount = functional_amount - realised_gain, realised_gain = NULL \
         WHERE tenant_id = $t AND origin_id IS NOT NULL AND debit = 'tax_payable'",
        &["settled_invoices_are_nothing_in_both_currencies"],
    ),
    (
        "DELETE FROM ledger_revaluation_postings WHERE tenant_id = $t AND effective_on = '2026-02-01'",
        &["revaluations_are_taken_back"],
    ),
    (
        "UPDATE ledger_revaluation_lines SET worth = worth + 1 WHERE tenant_id = $t",
        &["revaluations_post_their_differences"],
    ),
    (
        "UPDATE ledger_transfers SET functional_amount = functional_amount + 1 WHERE tenant_id = $t AND amount = 5000",
        &["revaluations_carry_what_the_transfers_say"],
    ),
];

#[test]
fn each_planted_difference_is_named_and_nothing_else() {
    let world = world();
    for (plant, expected) in PLANTED {
        let tenant = with_books(&world);
        let named = world.named_by_checks(tenant.id, plant);
        assert_eq!(named, *expected, "{plant}");
    }
}
