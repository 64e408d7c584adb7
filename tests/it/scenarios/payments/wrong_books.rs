//! Does `verify-books` find what is wrong? Each difference is planted behind the program's back, and named by its check.

use serde_json::json;

use super::{customer_of, draft_of};
use crate::harness::{Tenant, World};

/// A tenant with one paid invoice, one open one, one given up, and money on account.
fn with_books(world: &World) -> Tenant {
    let tenant = world.another_tenant();
    let customer = customer_of(world, &tenant);
    let client = &tenant.client;
    let method = json!({ "customer_id": customer, "kind": "card", "token": "tok_success" });
    client.post("/v1/payment_methods", method).is(201);
    let issue = |cents: i64| {
        let id = draft_of(world, &tenant, (customer, cents));
        client.post(&format!("/v1/invoices/{id}/finalize"), json!({})).is(200).id()
    };
    let (paid, _open, lost, void) = (issue(9_300), issue(4_200), issue(1_500), issue(700));
    client.post(&format!("/v1/invoices/{paid}/pay"), json!({})).is(200);
    client.post(&format!("/v1/invoices/{lost}/mark_uncollectible"), json!({})).is(200);
    client.post(&format!("/v1/invoices/{void}/void"), json!({})).is(200);
    let receipt = json!({ "customer_id": customer, "amount": "5.00", "currency": "USD" });
    client.post("/v1/payments", receipt).is(201);
    billwright::workflows::relay_events::run(&mut world.session(), Some(tenant.id)).unwrap();
    tenant
}

/// What is planted, and which checks must name it.
const PLANTED: &[(&str, &[&str])] = &[
    (
        "UPDATE invoice_lines SET amount = amount + 100 WHERE tenant_id = $t AND line_no = 1 AND invoice_id = (SELECT id FROM invoices WHERE tenant_id = $t AND number = 2)",
        &["invoice_totals_are_their_lines", "issued_lines_are_scheduled", "postings_are_their_lines"],
    ),
    (
        "UPDATE invoices SET subtotal = subtotal + 1, total = total + 1 WHERE tenant_id = $t AND number = 2",
        &["finalized_invoices_are_posted", "invoice_totals_are_their_lines", "receivables_are_open_amounts"],
    ),
    (
        "UPDATE invoices SET amount_paid = 100 WHERE tenant_id = $t AND number = 2",
        &["amounts_paid_are_applied_payments", "receivables_are_open_amounts"],
    ),
    (
        "UPDATE payments SET cash_rounding = 2 WHERE tenant_id = $t AND payment_method_id IS NULL",
        &["cash_clearing_is_what_gateways_have", "cash_rounding_is_posted"],
    ),
    ("UPDATE number_counters SET last_number = 7 WHERE tenant_id = $t", &["invoice_numbers_have_no_gaps"]),
    ("UPDATE invoices SET number = 9 WHERE tenant_id = $t AND number = 1", &["invoice_numbers_have_no_gaps"]),
    ("DELETE FROM events WHERE tenant_id = $t AND sequence = 2", &["events_have_no_gaps"]),
    (
        "DELETE FROM ledger_transfers WHERE tenant_id = $t AND source_id = (SELECT id FROM invoices WHERE tenant_id = $t AND number = 2)",
        &[
            "deferred_revenue_is_what_is_not_recognised",
            "finalized_invoices_are_posted",
            "ledger_sums_are_transfers",
            "postings_are_their_lines",
            "receivables_are_open_amounts",
        ],
    ),
    (
        "UPDATE ledger_transfers SET credit = 'revenue' WHERE tenant_id = $t AND credit = 'deferred_revenue' AND source_id = (SELECT id FROM invoices WHERE tenant_id = $t AND number = 2)",
        &[
            "deferred_revenue_is_what_is_not_recognised",
            "ledger_sums_are_transfers",
            "postings_are_their_lines",
        ],
    ),
    (
        "DELETE FROM ledger_transfers WHERE tenant_id = $t AND source_kind = 'invoice_voided'",
        &[
            "deferred_revenue_is_what_is_not_recognised",
            "ledger_sums_are_transfers",
            "receivables_are_open_amounts",
            "void_invoices_are_reversed",
        ],
    ),
    (
        "DELETE FROM ledger_transfers WHERE tenant_id = $t AND source_kind = 'payment_received' AND credit = 'accounts_receivable'",
        &["cash_clearing_is_what_gateways_have", "payments_are_posted", "receivables_are_open_amounts"],
    ),
    (
        "INSERT INTO invoice_lines SELECT tenant_id, gen_random_uuid(), 1, NULL, NULL, period_start, period_end, 0, deferred, 1, 1, 1, 0, 0, 'stray' FROM invoice_lines WHERE tenant_id = $t LIMIT 1",
        &["lines_have_their_invoice"],
    ),
    (
        "UPDATE invoice_lines SET item_version_id = gen_random_uuid() WHERE tenant_id = $t AND line_no = 1 AND invoice_id = (SELECT id FROM invoices WHERE tenant_id = $t AND number = 2)",
        &["lines_have_their_item_version"],
    ),
    (
        "UPDATE invoice_lines SET by_hand = true, counters_line = 9 WHERE tenant_id = $t AND line_no = 1 AND invoice_id = (SELECT id FROM invoices WHERE tenant_id = $t AND number = 2)",
        &["counter_lines_have_their_line"],
    ),
    (
        "UPDATE payments SET invoice_id = gen_random_uuid() WHERE tenant_id = $t AND gateway = 'simulator'",
        &["amounts_paid_are_applied_payments", "payments_have_their_invoice"],
    ),
    (
        "UPDATE payments SET amount = amount + 1 WHERE tenant_id = $t AND gateway = 'simulator'",
        &["cash_clearing_is_what_gateways_have", "payments_are_posted", "simulator_charges_are_payments"],
    ),
    (
        "DELETE FROM simulator.charges WHERE idempotency_key IN (SELECT id::text FROM payments WHERE tenant_id = $t)",
        &["simulator_payments_are_charges"],
    ),
    (
        "UPDATE simulator.charges SET amount = 2 * amount WHERE idempotency_key IN (SELECT id::text FROM payments WHERE tenant_id = $t)",
        &["no_invoice_is_charged_twice", "simulator_charges_are_payments"],
    ),
    (
        "INSERT INTO billing_cursors SELECT $t, id, gen_random_uuid(), created_at, NULL FROM customers WHERE tenant_id = $t LIMIT 1",
        &["cursors_have_their_subscription"],
    ),
    (
        "UPDATE invoices SET buyer_version = 8 WHERE tenant_id = $t AND number = 2",
        &["issued_invoices_have_their_parties"],
    ),
    (
        "INSERT INTO ledger_transfers SELECT tenant_id, gen_random_uuid(), source_kind, leg, 'cash_clearing', 'revenue', 1, currency, customer_id, effective_on, recorded_at, entity_id, NULL, functional_currency FROM ledger_transfers WHERE tenant_id = $t LIMIT 1",
        &["cash_clearing_is_what_gateways_have", "transfers_have_their_source"],
    ),
];

#[test]
fn each_planted_difference_is_named_and_nothing_else() {
    let world = World::own_database("2026-01-01T00:00:00Z");
    for (plant, expected) in PLANTED {
        let tenant = with_books(&world);
        let named = world.named_by_checks(tenant.id, plant);
        assert_eq!(named, *expected, "{plant}");
    }
}
