//! Does `verify-books` find a discount that is not what it says?

use serde_json::json;

use super::{Seller, coupon, hundred};

/// What is planted, and which checks must name it.
const PLANTED: &[(&str, &[&str])] = &[
    (
        "UPDATE invoice_line_discounts SET amount = amount + 1 WHERE tenant_id = $t",
        &["line_discounts_are_their_shares"],
    ),
    ("DELETE FROM invoice_line_discounts WHERE tenant_id = $t", &["line_discounts_are_their_shares"]),
    (
        "UPDATE invoice_line_discounts SET discount_id = gen_random_uuid() WHERE tenant_id = $t",
        &["shares_have_their_discount"],
    ),
    (
        "UPDATE coupons SET redemptions = redemptions + 1 WHERE tenant_id = $t",
        &["coupon_redemptions_are_their_discounts"],
    ),
    (
        "UPDATE invoice_lines SET discount = 2 * amount WHERE tenant_id = $t; UPDATE invoice_line_discounts SET amount = 20000 WHERE tenant_id = $t",
        &[
            "discounts_are_within_their_charges",
            "invoice_totals_are_their_lines",
            "issued_lines_are_scheduled",
            "postings_are_their_lines",
        ],
    ),
];

#[test]
fn each_planted_difference_is_named_and_nothing_else() {
    for (plant, expected) in PLANTED {
        // Not settled at its end: its books are wrong.
        let seller = std::mem::ManuallyDrop::new(Seller::alone_on("2026-01-01"));
        coupon(&seller, "QUARTER", json!({ "percent_off": "25", "duration": "forever" }));
        let (plan, ada) = (hundred(&seller), seller.customer());
        seller.subscribe(&ada, &plan, json!({ "coupon": "QUARTER" }));
        seller.world.relay_events();
        let named = seller.world.named_by_checks(seller.world.tenant.id, plant);
        assert_eq!(named, *expected, "{plant}");
    }
}
