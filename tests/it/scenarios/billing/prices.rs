//! Which price is billed? The plan's, unless the subscription has its own; nothing is billed as 0.00 and paid.

use serde_json::json;

use super::{Seller, base, flat, per_unit};

#[test]
fn a_subscription_with_a_price_of_its_own_is_billed_that() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan(
        "month",
        json!([base("31.00"), { "code": "seat", "description": "Seat", "kind": "recurring", "billing": "in_advance", "model": per_unit("12.50") }]),
    );
    let (ada, grace) = (seller.customer(), seller.customer());
    let own = json!({ "items": [
        { "price_id": plan.prices[0], "price_override": { "model": flat("25.00") } },
        { "price_id": plan.prices[1], "quantity": "7" },
    ] });
    seller.subscribe(&ada, &plan, own);
    seller.subscribe(&grace, &plan, json!({ "quantity": "2" }));
    seller.advance_to("2026-01-02");
    seller.bills(
        &ada,
        "INV-000001 paid USD billed 2026-01-01 due 2026-01-01
         2026-01-01 to 2026-02-01  1 x 25.00 = 25.00  Base
         2026-01-01 to 2026-02-01  7 x 12.50 = 87.50  Seat
         total 112.50 paid 112.50 due 0.00",
    );
    seller.bills(
        &grace,
        "INV-000002 paid USD billed 2026-01-01 due 2026-01-01
         2026-01-01 to 2026-02-01  1 x 31.00 = 31.00  Base
         2026-01-01 to 2026-02-01  2 x 12.50 = 25.00  Seat
         total 56.00 paid 56.00 due 0.00",
    );
}

#[test]
fn a_free_month_makes_an_invoice_of_nothing_that_is_paid_at_once() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([base("0.00")]));
    let ada = seller.customer();
    seller.subscribe(&ada, &plan, json!({}));
    seller.advance_to("2026-01-02");
    seller.bills(
        &ada,
        "INV-000001 paid USD billed 2026-01-01 due 2026-01-01
         2026-01-01 to 2026-02-01  1 x 0 = 0.00  Base
         total 0.00 paid 0.00 due 0.00",
    );
    assert_eq!(seller.world.get("/v1/payments").is(200).data().len(), 0);
}

#[test]
fn fractions_of_a_unit_and_of_a_cent_are_rounded_once_on_the_line() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan(
        "month",
        json!([{ "code": "kwh", "description": "kWh", "kind": "recurring", "billing": "in_advance", "model": per_unit("0.0025") }]),
    );
    let ada = seller.customer();
    seller.subscribe(&ada, &plan, json!({ "quantity": "1001.5" }));
    seller.advance_to("2026-01-02");
    seller.bills(
        &ada,
        "INV-000001 paid USD billed 2026-01-01 due 2026-01-01
         2026-01-01 to 2026-02-01  1001.5 x 0.0025 = 2.50  kWh
         total 2.50 paid 2.50 due 0.00",
    );
}
