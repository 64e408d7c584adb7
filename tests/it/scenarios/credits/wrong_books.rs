//! Does `verify-books` find credits that are not what they say?

use serde_json::json;

use super::{Calls, Seller};

/// What is planted, and which checks must name it.
const PLANTED: &[(&str, &[&str])] = &[
    (
        "UPDATE credit_grants SET remaining = remaining - 1 WHERE tenant_id = $t",
        &["grants_are_what_was_not_drawn", "prepaid_credits_are_unused_grants"],
    ),
    (
        "UPDATE credit_drawdowns SET amount = amount + 1 WHERE tenant_id = $t",
        &[
            "credits_pay_no_more_than_all_usage",
            "credits_pay_usage_and_no_more",
            "grants_are_what_was_not_drawn",
            "invoices_drew_what_they_say",
        ],
    ),
    (
        "UPDATE credit_drawdowns SET invoice_id = gen_random_uuid() WHERE tenant_id = $t",
        &["drawdowns_have_their_invoice", "invoices_drew_what_they_say"],
    ),
    (
        "DELETE FROM ledger_transfers WHERE tenant_id = $t AND source_kind = 'credits_applied' AND debit = 'prepaid_credits'",
        &["applied_credits_are_posted", "prepaid_credits_are_unused_grants", "receivables_are_open_amounts"],
    ),
    (
        "UPDATE credit_grants SET invoice_id = gen_random_uuid() WHERE tenant_id = $t",
        &["bought_credits_are_invoiced"],
    ),
    (
        "UPDATE credit_balances SET balance = balance + 1 WHERE tenant_id = $t",
        &["credit_balances_are_the_ledgers"],
    ),
    ("DELETE FROM credit_balances WHERE tenant_id = $t", &["credit_balances_are_the_ledgers"]),
];

#[test]
fn each_planted_difference_is_named_and_nothing_else() {
    for (plant, expected) in PLANTED {
        // Not settled at its end: its books are wrong.
        let shop = std::mem::ManuallyDrop::new(Calls::sold_by(Seller::alone_on("2026-01-01")));
        let world = &shop.seller.world;
        let ada = shop.customer("ada");
        shop.grant(&ada, json!({ "amount": "10.00", "source": "purchased" }));
        shop.call("ada", "2026-01-10T00:00:00Z", 200);
        shop.seller.advance_to("2026-02-02");
        world
            .post("/v1/payments", json!({ "customer_id": ada, "amount": "3.00", "currency": "USD" }))
            .is(201);
        world.relay_events();
        let named = world.named_by_checks(world.tenant.id, plant);
        assert_eq!(named, *expected, "{plant}");
    }
}
