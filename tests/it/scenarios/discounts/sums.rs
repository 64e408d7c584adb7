//! How much is taken off, and where is it shown? In order of redemption, before tax, spread to the cent.

use serde_json::{Value, json};

use super::{Seller, base, coupon, hundred, metered, months, redeem, redeem_for_all};

/// The lines of a customer's newest invoice as amount and discount.
fn lines(seller: &Seller, customer: &str) -> Vec<(String, String)> {
    let invoice = newest(seller, customer);
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    invoice["lines"].as_array().unwrap().iter().map(|l| (text(l, "amount"), text(l, "discount"))).collect()
}

fn newest(seller: &Seller, customer: &str) -> Value {
    let listed = seller.world.get(&format!("/v1/invoices?customer_id={customer}&limit=1")).is(200);
    seller.world.get(&format!("/v1/invoices/{}", listed.data()[0]["id"].as_str().unwrap())).is(200).json
}

fn pair(amount: &str, discount: &str) -> (String, String) {
    (amount.to_owned(), discount.to_owned())
}

#[test]
fn the_first_redeemed_is_the_first_taken_off() {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, "QUARTER", json!({ "percent_off": "25", "duration": "forever" }));
    coupon(&seller, "TEN", json!({ "amount_off": "10.00", "currency": "USD", "duration": "forever" }));
    let plan = hundred(&seller);
    for (order, total) in [(["QUARTER", "TEN"], "65.00"), (["TEN", "QUARTER"], "67.50")] {
        let customer = seller.customer();
        let more = json!({ "start_at": seller.world.now() + chrono::TimeDelta::hours(2) });
        let subscription = seller.subscribe(&customer, &plan, more);
        for code in order {
            redeem(&seller, code, &subscription);
            seller.world.advance_to(&(seller.world.now() + chrono::TimeDelta::minutes(1)).to_rfc3339());
        }
        seller.world.advance_to(&(seller.world.now() + chrono::TimeDelta::hours(4)).to_rfc3339());
        assert_eq!(newest(&seller, &customer)["total"], total, "{order:?}");
    }
}

#[test]
fn a_percentage_of_three_lines_is_rounded_once_and_spread_by_largest_remainder() {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, "TENTH", json!({ "percent_off": "10", "duration": "forever" }));
    let price = |code: &str| {
        let mut price = base("0.33");
        price["code"] = json!(code);
        price
    };
    let plan = seller.plan("month", json!([price("a"), price("b"), price("c")]));
    let ada = seller.customer();
    seller.subscribe(&ada, &plan, json!({ "coupon": "TENTH" }));
    assert_eq!(lines(&seller, &ada), [pair("0.33", "0.04"), pair("0.33", "0.03"), pair("0.33", "0.03")]);
}

#[test]
fn an_amount_takes_no_more_than_there_is_and_leaves_the_rest_of_its_period_for_later() {
    let seller = Seller::on("2026-01-01");
    coupon(
        &seller,
        "TEN",
        json!({ "amounts_off": { "USD": "10.00", "EUR": "9.00" }, "duration": "forever" }),
    );
    let plan = seller.plan("month", json!([base("6.00"), metered("1.00")]));
    let ada = seller.customer();
    seller.subscribe(&ada, &plan, json!({ "quantity": "9", "coupon": "TEN" }));
    seller.advance_to("2026-02-02");
    // January: 6.00 off the base in advance, 4.00 off the seats in arrears. February: 6.00 off the base.
    assert_eq!(months(&seller, &ada), ["2026-01-01 6.00 - 6.00 = 0.00", "2026-02-01 15.00 - 10.00 = 5.00"]);
    assert_eq!(lines(&seller, &ada), [pair("6.00", "6.00"), pair("9.00", "4.00")]);
}

#[test]
fn an_amount_for_all_subscriptions_is_taken_once_an_invoice() {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, "TEN", json!({ "amount_off": "10.00", "currency": "USD", "duration": "forever" }));
    let ada = seller.customer();
    redeem_for_all(&seller, "TEN", &ada);
    for amount in ["30.00", "10.00"] {
        let plan = seller.plan("month", json!([base(amount)]));
        seller.subscribe(&ada, &plan, json!({ "start_at": "2026-01-05T00:00:00Z" }));
    }
    seller.advance_to("2026-01-06");
    assert_eq!(lines(&seller, &ada), [pair("30.00", "7.50"), pair("10.00", "2.50")]);
}

#[test]
fn a_coupon_of_a_plan_or_of_price_codes_takes_off_those_only() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([base("100.00"), metered("2.00")]));
    let other = seller.plan("month", json!([base("50.00")]));
    let of_plan =
        json!({ "percent_off": "10", "duration": "forever", "applies_to": { "plan_ids": [plan.id] } });
    coupon(&seller, "PLAN", of_plan);
    let of_code = json!({ "percent_off": "50", "duration": "forever", "applies_to": { "plan_ids": [plan.id], "price_codes": ["seat"] } });
    coupon(&seller, "SEATS", of_code);
    let ada = seller.customer();
    redeem_for_all(&seller, "PLAN", &ada);
    redeem_for_all(&seller, "SEATS", &ada);
    for plan in [&plan, &other] {
        seller.subscribe(&ada, plan, json!({ "start_at": "2026-01-02T00:00:00Z" }));
    }
    seller.advance_to("2026-02-03");
    assert_eq!(lines(&seller, &ada), [pair("100.00", "10.00"), pair("2.00", "1.10"), pair("50.00", "0.00")]);
}

#[test]
fn an_invoice_shows_which_discount_took_what_off_each_line_and_the_books_have_the_net() {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, "QUARTER", json!({ "percent_off": "25", "duration": "forever" }));
    let (plan, ada) = (hundred(&seller), seller.customer());
    seller.subscribe(&ada, &plan, json!({ "coupon": "QUARTER" }));
    let invoice = newest(&seller, &ada);
    let discount =
        seller.world.get(&format!("/v1/discounts?customer_id={ada}")).is(200).data()[0]["id"].clone();
    assert_eq!(invoice["lines"][0]["discounts"], json!([{ "discount_id": discount, "amount": "25.00" }]));
    let entries = seller.world.get(&format!("/v1/ledger/entries?customer_id={ada}")).is(200);
    let posted: Vec<(&str, &str)> = entries
        .data()
        .iter()
        .filter(|e| e["credit"] == "deferred_revenue")
        .map(|e| (e["debit"].as_str().unwrap(), e["amount"].as_str().unwrap()))
        .collect();
    assert_eq!(posted, [("accounts_receivable", "75.00")]);
}
