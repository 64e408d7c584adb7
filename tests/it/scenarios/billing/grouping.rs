//! Which charges share an invoice? Those of one customer, currency, way of paying and billing date.

use serde_json::json;

use super::{Seller, base};

#[test]
fn two_subscriptions_due_on_one_date_share_an_invoice() {
    let seller = Seller::on("2026-01-01");
    let (large, small) =
        (seller.plan("month", json!([base("31.00")])), seller.plan("month", json!([base("12.00")])));
    let ada = seller.customer();
    seller.subscribe(&ada, &large, json!({ "start_at": "2026-01-05T00:00:00Z" }));
    seller.subscribe(&ada, &small, json!({ "start_at": "2026-01-05T00:00:00Z" }));
    seller.advance_to("2026-01-05");
    seller.bills(
        &ada,
        "INV-000001 paid USD billed 2026-01-05 due 2026-01-05
         2026-01-05 to 2026-02-05  1 x 31.00 = 31.00  Base
         2026-01-05 to 2026-02-05  1 x 12.00 = 12.00  Base
         total 43.00 paid 43.00 due 0.00",
    );
}

#[test]
fn a_subscription_that_asks_for_it_is_invoiced_alone() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([base("31.00")]));
    let ada = seller.customer();
    seller.subscribe(&ada, &plan, json!({ "start_at": "2026-01-05T00:00:00Z" }));
    let alone = json!({ "start_at": "2026-01-05T00:00:00Z", "invoice_separately": true });
    seller.subscribe(&ada, &plan, alone);
    seller.advance_to("2026-01-05");
    seller.bills(
        &ada,
        "INV-000001 paid USD billed 2026-01-05 due 2026-01-05
         2026-01-05 to 2026-02-05  1 x 31.00 = 31.00  Base
         total 31.00 paid 31.00 due 0.00
         INV-000002 paid USD billed 2026-01-05 due 2026-01-05
         2026-01-05 to 2026-02-05  1 x 31.00 = 31.00  Base
         total 31.00 paid 31.00 due 0.00",
    );
}

#[test]
fn subscriptions_in_different_currencies_do_not_share_an_invoice() {
    let seller = Seller::on("2026-01-01");
    let prices = json!([{
        "code": "base", "description": "Base", "kind": "recurring", "billing": "in_advance", "model": { "type": "flat", "amount": "31.00" },
        "currencies": { "JPY": { "model": { "type": "flat", "amount": "4650" } }, "KWD": { "model": { "type": "flat", "amount": "9.505" } } }
    }]);
    let plan = seller.plan("month", prices);
    let ada = seller.customer();
    for currency in ["USD", "JPY", "KWD"] {
        let start = json!({ "start_at": "2026-01-15T00:00:00Z", "anchor": { "day_of_month": 1 }, "currency": currency });
        seller.subscribe(&ada, &plan, start);
    }
    seller.advance_to("2026-01-15");
    seller.bills(
        &ada,
        "INV-000001 paid JPY billed 2026-01-15 due 2026-01-15
         2026-01-15 to 2026-02-01  1 x 4650 = 2550  Base
         total 2550 paid 2550 due 0
         INV-000002 paid KWD billed 2026-01-15 due 2026-01-15
         2026-01-15 to 2026-02-01  1 x 9.505 = 5.212  Base
         total 5.212 paid 5.212 due 0.000
         INV-000003 paid USD billed 2026-01-15 due 2026-01-15
         2026-01-15 to 2026-02-01  1 x 31.00 = 17.00  Base
         total 17.00 paid 17.00 due 0.00",
    );
}

#[test]
fn an_invoice_that_is_sent_is_due_after_the_customers_own_terms() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([base("31.00")]));
    let ada = seller.customer_like(json!({ "name": "Ada", "payment_terms_days": 14 }));
    seller.subscribe(&ada, &plan, json!({ "collection": "send_invoice" }));
    seller.advance_to("2026-01-20");
    seller.bills(
        &ada,
        "INV-000001 open USD billed 2026-01-01 due 2026-01-15
         2026-01-01 to 2026-02-01  1 x 31.00 = 31.00  Base
         total 31.00 paid 0.00 due 31.00",
    );
    assert_eq!(seller.world.get("/v1/payments").is(200).data().len(), 0, "nobody was charged for it");
}
