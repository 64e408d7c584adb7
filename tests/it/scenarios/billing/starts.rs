//! What of a subscription that began before today, or begins later, or has an end? Each missed billing date makes an invoice.

use serde_json::json;

use super::{Seller, base};

#[test]
fn a_start_in_the_past_is_billed_at_once_with_an_invoice_for_each_missed_date() {
    let seller = Seller::on("2026-01-10");
    let plan = seller.plan("month", json!([base("31.00")]));
    let ada = seller.customer();
    seller.subscribe(&ada, &plan, json!({ "start_at": "2025-11-01T00:00:00Z" }));
    seller.bills(
        &ada,
        "INV-000001 open USD billed 2025-11-01 due 2026-01-10
         2025-11-01 to 2025-12-01  1 x 31.00 = 31.00  Base
         total 31.00 paid 0.00 due 31.00
         INV-000002 open USD billed 2025-12-01 due 2026-01-10
         2025-12-01 to 2026-01-01  1 x 31.00 = 31.00  Base
         total 31.00 paid 0.00 due 31.00
         INV-000003 open USD billed 2026-01-01 due 2026-01-10
         2026-01-01 to 2026-02-01  1 x 31.00 = 31.00  Base
         total 31.00 paid 0.00 due 31.00",
    );
}

#[test]
fn a_start_in_the_future_is_billed_when_it_comes() {
    let seller = Seller::on("2026-01-10");
    let plan = seller.plan("month", json!([base("31.00")]));
    let ada = seller.customer();
    let subscription = seller.subscribe(&ada, &plan, json!({ "start_at": "2026-02-20T00:00:00Z" }));
    seller.advance_to("2026-02-19");
    seller.bills(&ada, "");
    let path = format!("/v1/subscriptions/{subscription}");
    assert_eq!(seller.world.get(&path).is(200).text_at("/status"), "pending");
    seller.advance_to("2026-02-20");
    seller.bills(
        &ada,
        "INV-000001 paid USD billed 2026-02-20 due 2026-02-20
         2026-02-20 to 2026-03-20  1 x 31.00 = 31.00  Base
         total 31.00 paid 31.00 due 0.00",
    );
    assert_eq!(seller.world.get(&path).is(200).text_at("/status"), "active");
}

#[test]
fn a_subscription_with_an_end_is_charged_to_the_day_and_then_no_more() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([base("31.00")]));
    let ada = seller.customer();
    let subscription = seller.subscribe(&ada, &plan, json!({ "end_at": "2026-02-15T00:00:00Z" }));
    seller.advance_to("2026-06-01");
    seller.bills(
        &ada,
        "INV-000001 paid USD billed 2026-01-01 due 2026-01-01
         2026-01-01 to 2026-02-01  1 x 31.00 = 31.00  Base
         total 31.00 paid 31.00 due 0.00
         INV-000002 paid USD billed 2026-02-01 due 2026-02-01
         2026-02-01 to 2026-02-15  1 x 31.00 = 15.50  Base
         total 15.50 paid 15.50 due 0.00",
    );
    assert_eq!(
        seller.world.get(&format!("/v1/subscriptions/{subscription}")).is(200).text_at("/status"),
        "ended"
    );
}

#[test]
fn a_clock_moved_in_one_step_or_in_many_leaves_the_same_invoices() {
    let in_one = Seller::on("2026-01-05");
    let in_many = Seller::on("2026-01-05");
    let bills = [&in_one, &in_many].map(|seller| {
        let plan = seller.plan("month", json!([base("31.00")]));
        let ada = seller.customer();
        seller.subscribe(&ada, &plan, json!({ "anchor": { "day_of_month": 20 } }));
        (seller, ada)
    });
    in_one.advance_to("2026-05-01");
    for day in ["2026-01-19", "2026-01-20", "2026-01-20", "2026-03-19T23:59:59Z", "2026-04-30", "2026-05-01"]
    {
        in_many.advance_to(day);
    }
    let [(one, ada), (many, grace)] = bills;
    assert_eq!(one.invoices(&ada).len(), 5);
    assert_eq!(one.invoices(&ada), many.invoices(&grace));
}
