//! Does `verify-books` find what is given back twice, and a charge that no history holds?

use serde_json::json;

use super::super::{Seller, base};
use super::Month;

/// What is planted, and which checks must name it.
const PLANTED: &[(&str, &[&str])] = &[
    (
        "UPDATE charges_taken_back SET amount = amount + 1200 WHERE tenant_id = $t",
        &["deferred_revenue_of_charges_is_not_below_zero", "no_more_is_taken_back_than_was_billed"],
    ),
    (
        "DELETE FROM charges_taken_back WHERE tenant_id = $t; UPDATE item_versions SET valid_to = valid_from WHERE tenant_id = $t",
        &["charges_are_in_their_timeline"],
    ),
];

#[test]
fn each_planted_difference_is_named_and_nothing_else() {
    for (plant, expected) in PLANTED {
        // Not settled at its end: its books are wrong.
        let month = std::mem::ManuallyDrop::new(Month::with(
            Seller::alone_on("2026-01-01"),
            |s| (s.customer(), json!({})),
            |s| s.plan("month", json!([base("31.00")])),
        ));
        month.credit(&month.invoice, json!({ "amount": "20.00", "to": "credit_balance" }));
        let world = &month.seller.world;
        world.relay_events();
        let named = world.named_by_checks(world.tenant.id, plant);
        assert_eq!(named, *expected, "{plant}");
    }
}
