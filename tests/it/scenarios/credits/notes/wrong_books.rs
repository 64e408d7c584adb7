//! Does `verify-books` find a credit note that is not what it says?

use serde_json::json;

use super::{Seller, credit, invoiced};

/// What is planted, and which checks must name it.
const PLANTED: &[(&str, &[&str])] = &[
    (
        "UPDATE credit_note_lines SET amount = amount - 1 WHERE tenant_id = $t AND line_no = 1",
        &["credit_notes_are_their_lines", "credited_lines_are_scheduled"],
    ),
    (
        "UPDATE credit_note_lines SET amount = 10 * amount WHERE tenant_id = $t",
        &[
            "credit_notes_are_their_lines",
            "credited_lines_are_scheduled",
            "no_more_is_credited_than_was_billed",
        ],
    ),
    ("UPDATE credit_notes SET number = number + 1 WHERE tenant_id = $t", &["invoice_numbers_have_no_gaps"]),
    (
        "DELETE FROM ledger_transfers WHERE tenant_id = $t AND source_kind = 'refund_paid'",
        &["cash_clearing_is_what_gateways_have", "refunds_are_posted", "refunds_payable_are_pending_refunds"],
    ),
    (
        "UPDATE refunds SET amount = 10 * amount WHERE tenant_id = $t",
        &[
            "cash_clearing_is_what_gateways_have",
            "no_more_went_back_than_came",
            "refunds_are_posted",
            "refunds_are_within_their_payments",
            "simulator_refunds_are_refunds",
        ],
    ),
    (
        "DELETE FROM simulator.charges WHERE idempotency_key IN (SELECT id::text FROM refunds WHERE tenant_id = $t)",
        &["simulator_refunds_are_refunds"],
    ),
    ("UPDATE refunds SET credit_note_id = NULL WHERE tenant_id = $t", &["surpluses_are_given_back"]),
    (
        "UPDATE credit_notes SET to_invoice = 1, to_refund = to_refund - 1 WHERE tenant_id = $t",
        &["credit_notes_are_posted", "credited_amounts_are_their_notes"],
    ),
];

#[test]
fn each_planted_difference_is_named_and_nothing_else() {
    for (plant, expected) in PLANTED {
        // Not settled at its end: its books are wrong.
        let seller = std::mem::ManuallyDrop::new(Seller::alone_on("2026-01-01"));
        let (_, invoice) = invoiced(&seller, true);
        credit(&seller, &invoice, json!({ "lines": [{ "line_no": 1, "amount": "40.00" }], "to": "refund" }))
            .is(201);
        seller.advance_to("2026-01-02");
        seller.world.relay_events();
        let named = seller.world.named_by_checks(seller.world.tenant.id, plant);
        assert_eq!(named, *expected, "{plant}");
    }
}
