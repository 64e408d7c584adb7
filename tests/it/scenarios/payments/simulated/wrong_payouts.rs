//! Does `verify-books` find what is wrong with payouts? Each difference is planted behind the program's back, and named by its check.

use super::Counter;

/// What is planted, and which checks must name it.
const PLANTED: &[(&str, &[&str])] = &[
    ("UPDATE payouts SET amount = amount + 1 WHERE tenant_id = $t", &["payouts_are_their_items"]),
    (
        "UPDATE payout_items SET fee = fee + 1 WHERE tenant_id = $t",
        &["payout_items_are_posted", "payouts_are_their_items"],
    ),
    (
        "DELETE FROM payout_items WHERE tenant_id = $t",
        &["cash_clearing_is_what_gateways_have", "payouts_are_their_items", "transfers_have_their_source"],
    ),
    (
        "DELETE FROM ledger_transfers WHERE tenant_id = $t AND source_kind = 'payout_settled' AND debit = 'bank'",
        &["payout_items_are_posted"],
    ),
    (
        "UPDATE payouts SET status = 'failed' WHERE tenant_id = $t",
        &["cash_clearing_is_what_gateways_have", "payouts_that_failed_are_taken_back"],
    ),
    (
        "INSERT INTO payout_items SELECT tenant_id, gen_random_uuid(), payout_id, 'again', kind, original_amount, original_currency, amount, fee, currency, \
         customer_id, payment_id, refund_id, dispute_id, failed_payout_id, reason, difference FROM payout_items WHERE tenant_id = $t",
        &["nothing_is_paid_out_twice", "payout_items_are_posted", "payouts_are_their_items"],
    ),
];

#[test]
fn each_fault_in_the_books_of_payouts_is_named_by_its_check() {
    for (plant, expected) in PLANTED {
        let counter = Counter::open();
        counter.paid(3_100);
        counter.paid_out();
        let world = &counter.shop.world;
        let named = world.named_by_checks(world.tenant.id, plant);
        assert_eq!(named, *expected, "{plant}");
        // The books are wrong on purpose.
        std::mem::forget(counter);
    }
}
