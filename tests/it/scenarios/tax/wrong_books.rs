//! Does `verify-books` find a tax that is not what it says?

use serde_json::json;

use super::invoices::{Shop, in_country};

/// What is planted, and which checks must name it.
const PLANTED: &[(&str, &[&str])] = &[
    (
        "UPDATE invoice_line_taxes SET amount = amount + 1 WHERE tenant_id = $t",
        &["taxes_of_a_line_are_its_tax"],
    ),
    (
        "UPDATE credit_note_line_taxes SET amount = amount + 1 WHERE tenant_id = $t",
        &["taxes_taken_back_by_a_note_are_its_tax"],
    ),
    (
        "UPDATE credit_note_line_taxes SET taxable = 3100 WHERE tenant_id = $t",
        &["what_is_taken_back_whole_leaves_no_tax"],
    ),
    (
        "UPDATE credit_note_line_taxes SET amount = 1000 WHERE tenant_id = $t; \
         UPDATE credit_note_lines SET tax = 1000, amount = amount - 800 WHERE tenant_id = $t",
        &["no_tax_goes_back_twice"],
    ),
    (
        "UPDATE tax_numbers SET answer = 'invalid' WHERE tenant_id = $t",
        &["answers_of_registers_are_known", "answers_of_registers_rest_on_checks"],
    ),
    (
        "UPDATE tax_number_checks SET answer = 'invalid' WHERE tenant_id = $t",
        &["answers_of_registers_rest_on_checks"],
    ),
    ("DELETE FROM invoice_line_taxes WHERE tenant_id = $t", &["taxes_are_the_tax_payable"]),
    ("DELETE FROM credit_note_line_taxes WHERE tenant_id = $t", &["taxes_are_the_tax_payable"]),
    (
        "UPDATE ledger_transfers SET recorded_at = recorded_at + interval '40 days' WHERE tenant_id = $t AND credit = 'tax_payable'",
        &["taxes_are_the_tax_payable"],
    ),
];

#[test]
fn each_planted_difference_is_named() {
    for (plant, expected) in PLANTED {
        // Not settled at its end: its books are wrong.
        let shop = std::mem::ManuallyDrop::new(Shop::open());
        let paris = shop.customer(in_country("FR"));
        shop.subscribe(&paris, &shop.plan);
        shop.customer(json!({ "tax_ids": [{ "type": "eu_vat", "value": "DE100000008" }] }));
        shop.world.advance_to("2026-01-01T00:01:00Z");
        let id = shop.ids(&paris).remove(0);
        let part =
            json!({ "invoice_id": id, "reason": "outage", "lines": [{ "line_no": 1, "amount": "10.00" }] });
        shop.world.post("/v1/credit_notes", part).is(201);
        shop.world.relay_events();
        let named = shop.world.named_by_checks(shop.world.tenant.id, plant);
        assert!(expected.iter().all(|check| named.contains(check)), "{plant}: {named:?}");
    }
}
