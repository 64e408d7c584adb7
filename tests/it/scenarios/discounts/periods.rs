//! For how long does a coupon take something off? Counted in the subscription's periods, from the first that falls due after it was
//! redeemed.

use serde_json::json;

use super::{Seller, base, coupon, hundred, metered, months, redeem, redeem_for, redeem_for_all};

#[test]
fn three_months_from_the_start_and_then_the_full_price() {
    let seller = Seller::on("2026-01-31");
    coupon(&seller, "LAUNCH25", json!({ "percent_off": "25", "duration": "repeating", "periods": 3 }));
    let (plan, ada) = (hundred(&seller), seller.customer());
    seller.subscribe(&ada, &plan, json!({ "coupon": "LAUNCH25" }));
    seller.advance_to("2026-06-01");
    assert_eq!(
        months(&seller, &ada),
        [
            "2026-01-31 100.00 - 25.00 = 75.00",
            "2026-02-28 100.00 - 25.00 = 75.00",
            "2026-03-31 100.00 - 25.00 = 75.00",
            "2026-04-30 100.00 - 0.00 = 100.00",
            "2026-05-31 100.00 - 0.00 = 100.00",
        ]
    );
}

#[test]
fn a_backdated_start_is_discounted_from_its_first_period() {
    let seller = Seller::on("2026-03-15");
    coupon(&seller, "TWO", json!({ "percent_off": "50", "duration": "repeating", "periods": 2 }));
    let (plan, ada) = (hundred(&seller), seller.customer());
    seller.subscribe(&ada, &plan, json!({ "coupon": "TWO", "start_at": "2026-01-01T00:00:00Z" }));
    assert_eq!(
        months(&seller, &ada),
        [
            "2026-01-01 100.00 - 50.00 = 50.00",
            "2026-02-01 100.00 - 50.00 = 50.00",
            "2026-03-01 100.00 - 0.00 = 100.00"
        ]
    );
}

#[test]
fn once_redeemed_in_a_month_is_the_next_one_in_advance_and_this_one_in_arrears() {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, "HALF", json!({ "percent_off": "50", "duration": "once" }));
    let plan = seller.plan("month", json!([base("100.00"), metered("2.00")]));
    let ada = seller.customer();
    let subscription = seller.subscribe(&ada, &plan, json!({ "quantity": "5" }));
    seller.advance_to("2026-01-20");
    redeem(&seller, "HALF", &subscription);
    seller.advance_to("2026-03-02");
    seller.bills(
        &ada,
        "INV-000001 paid USD billed 2026-01-01 due 2026-01-01
         2026-01-01 to 2026-02-01  1 x 100.00 = 100.00  Base
         total 100.00 paid 100.00 due 0.00
         INV-000002 paid USD billed 2026-02-01 due 2026-02-01
         2026-02-01 to 2026-03-01  1 x 100.00 = 100.00  Base
         2026-01-01 to 2026-02-01  5 x 2.00 = 10.00  Seat
         subtotal 110.00 discount 55.00 tax 0.00
         total 55.00 paid 55.00 due 0.00
         INV-000003 paid USD billed 2026-03-01 due 2026-03-01
         2026-03-01 to 2026-04-01  1 x 100.00 = 100.00  Base
         2026-02-01 to 2026-03-01  5 x 2.00 = 10.00  Seat
         total 110.00 paid 110.00 due 0.00",
    );
}

#[test]
fn a_coupon_redeemed_at_the_instant_of_a_bill_counts_from_the_next_one() {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, "HALF", json!({ "percent_off": "50", "duration": "once" }));
    let (plan, ada) = (hundred(&seller), seller.customer());
    let subscription = seller.subscribe(&ada, &plan, json!({}));
    redeem(&seller, "HALF", &subscription);
    seller.advance_to("2026-03-02");
    assert_eq!(
        months(&seller, &ada),
        [
            "2026-01-01 100.00 - 0.00 = 100.00",
            "2026-02-01 100.00 - 50.00 = 50.00",
            "2026-03-01 100.00 - 0.00 = 100.00"
        ]
    );
}

#[test]
fn a_coupon_redeemed_at_the_instant_of_a_bill_in_arrears_counts_from_the_next_one() {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, "HALF", json!({ "percent_off": "50", "duration": "once" }));
    let (plan, ada) = (seller.plan("month", json!([metered("2.00")])), seller.customer());
    let subscription = seller.subscribe(&ada, &plan, json!({ "quantity": "5" }));
    seller.advance_to("2026-02-01");
    redeem(&seller, "HALF", &subscription);
    seller.advance_to("2026-04-02");
    assert_eq!(
        months(&seller, &ada),
        [
            "2026-02-01 10.00 - 0.00 = 10.00",
            "2026-03-01 10.00 - 5.00 = 5.00",
            "2026-04-01 10.00 - 0.00 = 10.00"
        ]
    );
}

#[test]
fn once_for_a_customer_is_one_invoice_with_all_its_subscriptions() {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, "GIFT", json!({ "percent_off": "100", "duration": "once" }));
    let (plan, ada) = (hundred(&seller), seller.customer());
    redeem_for_all(&seller, "GIFT", &ada);
    for _ in 0..2 {
        seller.subscribe(&ada, &plan, json!({ "start_at": "2026-01-10T00:00:00Z" }));
    }
    seller.advance_to("2026-02-11");
    assert_eq!(
        months(&seller, &ada),
        ["2026-01-10 200.00 - 200.00 = 0.00", "2026-02-10 200.00 - 0.00 = 200.00"]
    );
    assert!(seller.invoices(&ada)[0].contains("paid USD"), "an invoice of nothing is paid at once");
}

#[test]
fn an_ended_discount_covers_what_fell_due_before_and_nothing_after() {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, "TENTH", json!({ "percent_off": "10", "duration": "forever" }));
    let (plan, ada) = (hundred(&seller), seller.customer());
    seller.subscribe(&ada, &plan, json!({ "coupon": "TENTH" }));
    seller.advance_to("2026-02-15");
    let discounts = seller.world.get(&format!("/v1/discounts?customer_id={ada}")).is(200);
    let path = format!("/v1/discounts/{}", discounts.data()[0]["id"].as_str().unwrap());
    let ended = seller.world.call("DELETE", &path, None).is(200);
    assert_eq!(ended.text_at("/ended_at"), "2026-02-15T00:00:00Z");
    assert_eq!(
        seller.world.call("DELETE", &path, None).is(200).json,
        ended.json,
        "ending it again changes nothing"
    );
    seller.advance_to("2026-03-02");
    assert_eq!(
        months(&seller, &ada),
        [
            "2026-01-01 100.00 - 10.00 = 90.00",
            "2026-02-01 100.00 - 10.00 = 90.00",
            "2026-03-01 100.00 - 0.00 = 100.00"
        ]
    );
}

#[test]
fn a_run_again_a_late_run_and_a_draft_give_the_same_discounts() {
    let seller = Seller::on("2026-01-01");
    coupon(
        &seller,
        "FIVE",
        json!({ "amount_off": "5.00", "currency": "USD", "duration": "repeating", "periods": 2 }),
    );
    let plan = hundred(&seller);
    let (ada, bob) = (seller.customer(), seller.customer());
    for customer in [&ada, &bob] {
        let more = json!({ "start_at": "2026-01-02T00:00:00Z", "coupon": "FIVE" });
        seller.subscribe(customer, &plan, more);
    }
    // A run for a date ahead leaves drafts; the run of the day finds nothing more to do.
    let ahead = json!({ "as_of": "2026-02-02T00:00:00Z", "finalize": false });
    seller.world.post("/v1/bill_runs", ahead.clone()).is(201);
    seller.world.post("/v1/bill_runs", ahead).is(201);
    seller.advance_to("2026-03-03");
    for customer in [&ada, &bob] {
        assert_eq!(
            months(&seller, customer),
            [
                "2026-01-02 100.00 - 5.00 = 95.00",
                "2026-02-02 100.00 - 5.00 = 95.00",
                "2026-03-02 100.00 - 0.00 = 100.00"
            ]
        );
    }
    for draft in seller.world.get("/v1/invoices?status=draft").is(200).data() {
        let path = format!("/v1/invoices/{}/finalize", draft["id"].as_str().unwrap());
        seller.world.post(&path, json!({})).is(200);
    }
}

#[test]
fn a_discount_of_one_price_leaves_the_others_alone() {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, "HALF", json!({ "percent_off": "50", "duration": "forever" }));
    let plan = seller.plan("month", json!([base("100.00"), metered("2.00")]));
    let ada = seller.customer();
    let subscription =
        seller.subscribe(&ada, &plan, json!({ "quantity": "5", "start_at": "2026-01-02T00:00:00Z" }));
    let body = json!({ "coupon": "HALF", "subscription_id": subscription, "price_id": plan.prices[1] });
    redeem_for(&seller, body).is(201);
    seller.advance_to("2026-02-03");
    assert_eq!(
        months(&seller, &ada),
        ["2026-01-02 100.00 - 0.00 = 100.00", "2026-02-02 110.00 - 5.00 = 105.00"]
    );
}
