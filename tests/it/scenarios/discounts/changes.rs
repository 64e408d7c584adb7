//! What becomes of a discount when its charge changes? It is given back in proportion, and what is charged instead is discounted.

use diesel::connection::SimpleConnection;
use serde_json::json;

use super::{Plan, Seller, base, coupon, months};

/// As a change does: ends the subscription's items at an instant and, when `quantity` is given, adds versions of it from there.
fn change(seller: &Seller, at: &str, quantity: Option<&str>) {
    let tenant = seller.world.tenant.id.uuid();
    let mut sql = String::new();
    if let Some(quantity) = quantity {
        sql += &format!(
            "INSERT INTO item_versions (tenant_id, subscription_id, id, item_id, price_id, quantity, price_override, valid_from, valid_to, recorded_at) \
             SELECT tenant_id, subscription_id, gen_random_uuid(), item_id, price_id, {quantity}, price_override, '{at}', NULL, recorded_at \
             FROM item_versions WHERE tenant_id = '{tenant}' AND valid_to IS NULL;"
        );
    }
    sql += &format!(
        "UPDATE item_versions SET valid_to = '{at}' WHERE tenant_id = '{tenant}' AND valid_to IS NULL AND valid_from < '{at}'; \
         UPDATE billing_cursors SET settled_to = (SELECT min(valid_from) FROM item_versions v WHERE v.tenant_id = '{tenant}'), next_bill_at = '{at}' \
         WHERE tenant_id = '{tenant}'"
    );
    seller.world.database.connect().batch_execute(&sql).unwrap();
    seller.world.post("/v1/bill_runs", json!({})).is(201);
}

fn year(seller: &Seller) -> Plan {
    seller.plan("year", json!([base("1200.00")]))
}

/// SEMANTICS.md §16 "credit prorated discounts", by days: 90 of 365 days of 1,200.00 are 295.89, and 720 × 295.89 ÷ 1,200 = 177.53.
#[test]
fn a_year_shortened_to_three_months_gives_back_its_discount_in_proportion() {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, "LOYAL", json!({ "amount_off": "720.00", "currency": "USD", "duration": "forever" }));
    let (plan, ada) = (year(&seller), seller.customer());
    seller.subscribe(&ada, &plan, json!({ "coupon": "LOYAL" }));
    seller.advance_to("2026-04-01");
    change(&seller, "2026-04-01T00:00:00Z", None);
    assert_eq!(
        months(&seller, &ada),
        ["2026-01-01 1200.00 - 720.00 = 480.00", "2026-04-01 -904.11 - -542.47 = -361.64"]
    );
    // What an invoice below zero owes is the customer's, and pays the next invoice by itself.
    let balance = seller.world.get(&format!("/v1/customers/{ada}/credit_balance")).is(200);
    assert_eq!(balance.text_at("/data/0/balance"), "361.64");
}

#[test]
fn taken_back_whole_nothing_stays_off() {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, "THIRD", json!({ "percent_off": "33.33", "duration": "forever" }));
    coupon(&seller, "SEVEN", json!({ "amount_off": "7.77", "currency": "USD", "duration": "forever" }));
    let (plan, ada) = (year(&seller), seller.customer());
    let subscription =
        seller.subscribe(&ada, &plan, json!({ "coupon": "THIRD", "start_at": "2026-01-02T00:00:00Z" }));
    super::redeem(&seller, "SEVEN", &subscription);
    seller.advance_to("2026-01-20");
    // It lasted less than a day, so nothing of it stays charged.
    change(&seller, "2026-01-02T00:00:00.000001Z", None);
    assert_eq!(
        months(&seller, &ada),
        ["2026-01-02 1200.00 - 407.73 = 792.27", "2026-01-20 -1200.00 - -407.73 = -792.27"]
    );
}

/// 10.00 off a month of 2 seats at 30.00. From the 16th it is 5 seats: the credit for the old ones gives back 5.16 of it,
/// and the new ones take that up again. However often seats change, January has 10.00 off.
#[test]
fn an_amount_off_a_month_stays_that_amount_when_seats_change() {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, "TEN", json!({ "amount_off": "10.00", "currency": "USD", "duration": "forever" }));
    let seat = json!([{ "code": "seat", "description": "Seat", "kind": "recurring", "billing": "in_advance", "model": super::per_unit("30.00") }]);
    let (plan, ada) = (seller.plan("month", seat), seller.customer());
    seller.subscribe(&ada, &plan, json!({ "coupon": "TEN", "quantity": "2" }));
    seller.advance_to("2026-01-16");
    change(&seller, "2026-01-16T00:00:00Z", Some("5"));
    seller.advance_to("2026-01-25");
    change(&seller, "2026-01-25T00:00:00Z", Some("1"));
    assert_eq!(
        months(&seller, &ada),
        [
            "2026-01-01 60.00 - 10.00 = 50.00",
            "2026-01-16 46.45 - 0.00 = 46.45",
            "2026-01-25 -27.10 - 0.00 = -27.10",
        ]
    );
}
