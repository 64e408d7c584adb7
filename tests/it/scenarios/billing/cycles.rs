//! On which days is something due, and for which days? 31.00 from 15 January with its anchor on the 1st: 17.00, then 31.00.

use serde_json::json;

use super::{Seller, base, flat, per_unit};

#[test]
fn what_is_due_ahead_behind_and_once_comes_on_one_invoice_when_it_is_due() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan(
        "month",
        json!([
            base("31.00"),
            { "code": "calls", "description": "Support hours", "kind": "recurring", "billing": "in_arrears", "model": per_unit("2.50") },
            { "code": "setup", "description": "Set-up", "kind": "one_time", "model": flat("99.00") },
        ]),
    );
    let ada = seller.customer();
    seller.subscribe(&ada, &plan, json!({ "quantity": "4" }));
    seller.advance_to("2026-03-01");
    seller.bills(
        &ada,
        "INV-000001 paid USD billed 2026-01-01 due 2026-01-01
         2026-01-01 to 2026-02-01  1 x 31.00 = 31.00  Base
         2026-01-01 to 2026-01-01  1 x 99.00 = 99.00  Set-up
         total 130.00 paid 130.00 due 0.00
         INV-000002 paid USD billed 2026-02-01 due 2026-02-01
         2026-02-01 to 2026-03-01  1 x 31.00 = 31.00  Base
         2026-01-01 to 2026-02-01  4 x 2.50 = 10.00  Support hours
         total 41.00 paid 41.00 due 0.00
         INV-000003 paid USD billed 2026-03-01 due 2026-03-01
         2026-03-01 to 2026-04-01  1 x 31.00 = 31.00  Base
         2026-02-01 to 2026-03-01  4 x 2.50 = 10.00  Support hours
         total 41.00 paid 41.00 due 0.00",
    );
}

#[test]
fn the_days_before_the_anchor_are_charged_by_the_day() {
    let seller = Seller::on("2026-01-15");
    let plan = seller.plan("month", json!([base("31.00")]));
    let ada = seller.customer();
    seller.subscribe(&ada, &plan, json!({ "anchor": { "day_of_month": 1 } }));
    seller.advance_to("2026-02-01");
    seller.bills(
        &ada,
        "INV-000001 paid USD billed 2026-01-15 due 2026-01-15
         2026-01-15 to 2026-02-01  1 x 31.00 = 17.00  Base
         total 17.00 paid 17.00 due 0.00
         INV-000002 paid USD billed 2026-02-01 due 2026-02-01
         2026-02-01 to 2026-03-01  1 x 31.00 = 31.00  Base
         total 31.00 paid 31.00 due 0.00",
    );
}

#[test]
fn a_subscription_from_the_31st_is_billed_on_the_last_day_of_short_months_and_returns_to_the_31st() {
    let seller = Seller::on("2026-01-31");
    let plan = seller.plan("month", json!([base("10.00")]));
    let ada = seller.customer();
    seller.subscribe(&ada, &plan, json!({}));
    seller.advance_to("2026-03-31");
    seller.bills(
        &ada,
        "INV-000001 paid USD billed 2026-01-31 due 2026-01-31
         2026-01-31 to 2026-02-28  1 x 10.00 = 10.00  Base
         total 10.00 paid 10.00 due 0.00
         INV-000002 paid USD billed 2026-02-28 due 2026-02-28
         2026-02-28 to 2026-03-31  1 x 10.00 = 10.00  Base
         total 10.00 paid 10.00 due 0.00
         INV-000003 paid USD billed 2026-03-31 due 2026-03-31
         2026-03-31 to 2026-04-30  1 x 10.00 = 10.00  Base
         total 10.00 paid 10.00 due 0.00",
    );
}

#[test]
fn a_customer_in_new_york_is_billed_at_its_midnight_before_and_after_summer_time_begins() {
    let seller = Seller::on("2026-02-01T05:00:00Z");
    let plan = seller.plan("month", json!([base("28.00")]));
    let ada = seller.customer_like(json!({ "name": "Ada", "time_zone": "America/New_York" }));
    seller.subscribe(&ada, &plan, json!({ "collection": "send_invoice" }));
    seller.advance_to("2026-04-01T03:59:59Z");
    assert_eq!(seller.invoices(&ada).len(), 2);
    seller.advance_to("2026-04-01T04:00:00Z");
    seller.bills(
        &ada,
        "INV-000001 open USD billed 2026-02-01 due 2026-03-03T05:00Z
         2026-02-01T05:00Z to 2026-03-01T05:00Z  1 x 28.00 = 28.00  Base
         total 28.00 paid 0.00 due 28.00
         INV-000002 open USD billed 2026-03-01 due 2026-03-31T05:00Z
         2026-03-01T05:00Z to 2026-04-01T04:00Z  1 x 28.00 = 28.00  Base
         total 28.00 paid 0.00 due 28.00
         INV-000003 open USD billed 2026-04-01 due 2026-05-01T04:00Z
         2026-04-01T04:00Z to 2026-05-01T04:00Z  1 x 28.00 = 28.00  Base
         total 28.00 paid 0.00 due 28.00",
    );
}

#[test]
fn a_quarter_and_two_weeks_are_cycles_like_a_month() {
    let seller = Seller::on("2026-01-01");
    let quarterly = seller.plan("quarter", json!([base("90.00")]));
    let weekly = seller.plan("week", json!([base("7.00")]));
    let (ada, grace) = (seller.customer(), seller.customer());
    seller.subscribe(&ada, &quarterly, json!({}));
    seller.subscribe(&grace, &weekly, json!({}));
    seller.advance_to("2026-06-30");
    assert_eq!(seller.invoices(&ada).len(), 2);
    assert_eq!(seller.invoices(&grace).len(), 26);
}
