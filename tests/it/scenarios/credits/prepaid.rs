//! Which usage do prepaid credits pay, and in which order?

use serde_json::json;

use super::Calls;

#[test]
fn usage_draws_on_what_was_given_before_what_was_bought_and_the_base_is_paid_in_money() {
    let shop = Calls::on("2026-01-01");
    let ada = shop.customer("ada");
    shop.grant(
        &ada,
        json!({ "amount": "30.00", "source": "promotional", "expires_at": "2026-03-31T00:00:00Z" }),
    );
    let bought = shop.grant(&ada, json!({ "amount": "100.00", "source": "purchased" }));
    assert_eq!((&bought["status"], shop.left(&ada).as_str()), (&json!("pending"), "30.00"));
    shop.call("ada", "2026-01-10T00:00:00Z", 4_500);
    assert_eq!(shop.left(&ada), "130.00", "paid for, it can be used");
    shop.seller.advance_to("2026-02-02");
    assert_eq!(
        shop.bills(&ada),
        [
            "2026-01-01 paid 20.00 paid 20.00",
            "2026-01-01 paid 100.00 paid 100.00",
            "2026-02-01 paid 65.00 credits 45.00 paid 20.00",
        ]
    );
    assert_eq!(shop.left(&ada), "85.00");
    let credits = shop.seller.world.get(&format!("/v1/customers/{ada}/credits")).is(200);
    assert_eq!(credits.json["grants"].as_array().unwrap().len(), 1, "the given one is used up");
    let balances = shop.balances();
    assert_eq!((&*balances["prepaid_credits"], &*balances["promotional_credits"]), ("85.00", "30.00"));
    assert_eq!(shop.count_events("credit_grant.activated"), 1);
}

#[test]
fn an_invoice_wholly_paid_by_credits_is_paid_at_once_and_nothing_is_charged() {
    let shop = Calls::on("2026-01-01");
    let plan = {
        let meter =
            json!({ "code": "minutes", "name": "Minutes", "event_type": "call", "aggregation": "count" });
        let meter = shop.seller.world.post("/v1/meters", meter).is(201).id();
        shop.seller.plan(
            "month",
            json!([{ "code": "calls", "description": "Calls", "kind": "usage", "billing": "in_arrears",
            "meter_id": meter, "model": { "type": "per_unit", "unit_amount": "0.01" } }]),
        )
    };
    let ada = shop.seller.customer_like(json!({ "name": "Ada", "external_id": "ada" }));
    shop.seller.subscribe(&ada, &plan, json!({}));
    shop.grant(&ada, json!({ "amount": "10.00", "source": "promotional" }));
    shop.call("ada", "2026-01-10T00:00:00Z", 250);
    shop.seller.advance_to("2026-02-02");
    assert_eq!(shop.bills(&ada), ["2026-02-01 paid 2.50 credits 2.50"]);
    assert_eq!(shop.left(&ada), "7.50");
    assert_eq!(shop.seller.world.get("/v1/payments").is(200).data().len(), 0);
}

#[test]
fn credits_for_another_price_stay_where_they_are() {
    let shop = Calls::on("2026-01-01");
    let ada = shop.customer("ada");
    let for_base = json!({ "price_ids": [shop.plan.prices[0]] });
    shop.grant(&ada, json!({ "amount": "50.00", "source": "promotional", "applies_to": for_base }));
    let for_calls = json!({ "price_ids": [shop.plan.prices[1]] });
    shop.grant(&ada, json!({ "amount": "1.00", "source": "promotional", "applies_to": for_calls }));
    shop.call("ada", "2026-01-10T00:00:00Z", 500);
    shop.seller.advance_to("2026-02-02");
    assert_eq!(shop.bills(&ada)[1], "2026-02-01 paid 25.00 credits 1.00 paid 24.00");
}

#[test]
fn a_draft_draws_when_it_is_issued_and_its_discount_comes_first() {
    let shop = Calls::on("2026-01-01");
    let half = json!({ "code": "HALF", "percent_off": "50", "duration": "forever" });
    shop.seller.world.post("/v1/coupons", half).is(201);
    let ada = shop.customer("ada");
    shop.seller.advance_to("2026-01-02");
    shop.seller.world.post("/v1/discounts", json!({ "coupon": "HALF", "customer_id": ada })).is(201);
    shop.grant(&ada, json!({ "amount": "50.00", "source": "promotional" }));
    shop.call("ada", "2026-01-10T00:00:00Z", 1_000);
    shop.seller.advance_to("2026-01-31");
    shop.seller
        .world
        .post("/v1/bill_runs", json!({ "as_of": "2026-02-01T00:00:00Z", "finalize": false }))
        .is(201);
    assert_eq!(shop.left(&ada), "50.00", "a draft draws nothing");
    for draft in shop.seller.world.get("/v1/invoices?status=draft").is(200).data() {
        let path = format!("/v1/invoices/{}/finalize", draft["id"].as_str().unwrap());
        shop.seller.world.post(&path, json!({})).is(200);
    }
    shop.seller.advance_to("2026-02-03");
    let drawn: Vec<String> = shop.bills(&ada).into_iter().filter(|b| b.contains("credits")).collect();
    assert_eq!(drawn.len(), 1, "{drawn:?}");
    assert_eq!(shop.left(&ada), "45.00");
}

#[test]
fn grants_that_make_no_sense_are_refused_with_their_fault_and_nothing_is_written() {
    let shop = Calls::on("2026-01-10");
    let ada = shop.customer("ada");
    let before = shop.seller.world.rows_of(shop.seller.world.tenant.id);
    let refused = |more: serde_json::Value, pointer: &str, code: &str| {
        let mut body =
            json!({ "customer_id": ada, "currency": "USD", "amount": "1.00", "source": "purchased" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let reply = shop.seller.world.post("/v1/credit_grants", body).is_problem(422, code);
        assert_eq!(reply.text_at("/errors/0/pointer"), pointer);
    };
    refused(json!({ "amount": "0.00" }), "/amount", "amount_out_of_range");
    refused(json!({ "amount": "1.001" }), "/amount", "bad_amount");
    refused(json!({ "price": "-1.00" }), "/price", "amount_out_of_range");
    refused(json!({ "source": "promotional", "price": "1.00" }), "/price", "price_of_a_gift");
    refused(json!({ "source": "promotional", "activates": "now" }), "/source", "price_of_a_gift");
    refused(json!({ "priority": 101 }), "/priority", "priority_out_of_range");
    refused(json!({ "expires_at": "2026-01-10T00:00:00Z" }), "/expires_at", "in_the_past");
    refused(json!({ "currency": "XXQ" }), "/currency", "unknown_currency");
    refused(json!({ "customer_id": "cus_01h2xcejqtf2nbrexx3vqjhp41" }), "/customer_id", "unknown_customer");
    let top_up = |body: serde_json::Value, code: &str| {
        let path = format!("/v1/customers/{ada}/credits/top_up");
        shop.seller.world.call("PUT", &path, Some(&body)).is_problem(422, code);
    };
    top_up(json!({ "currency": "USD", "threshold": "0.00" }), "amount_out_of_range");
    top_up(json!({ "currency": "USD", "threshold": "1.00", "price": "1.00" }), "amount_missing");
    top_up(
        json!({ "currency": "USD", "threshold": "1.00", "amount": "5.00", "expires_after_days": 0 }),
        "days_out_of_range",
    );
    assert_eq!(shop.seller.world.rows_of(shop.seller.world.tenant.id), before, "something was written");
}
