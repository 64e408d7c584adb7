//! Who may redeem a coupon, and how often? Also when many try at the same instant.

use std::sync::Barrier;
use std::thread;

use serde_json::json;

use super::{Seller, coupon, hundred, redeem, redeem_for};

#[test]
fn of_twenty_who_redeem_at_once_as_many_as_the_limit_succeed() {
    let seller = Seller::on("2026-01-01");
    let terms = json!({ "percent_off": "10", "duration": "once", "max_redemptions": 5 });
    coupon(&seller, "FIRST5", terms);
    let customers: Vec<String> = (0..20).map(|_| seller.customer_like(json!({ "name": "Ada" }))).collect();
    let at_once = Barrier::new(customers.len());
    let statuses: Vec<u16> = thread::scope(|threads| {
        let one = |customer: &String| {
            let body = json!({ "coupon": "FIRST5", "customer_id": customer });
            let (client, at_once) = (seller.world.tenant.client.clone(), &at_once);
            threads.spawn(move || {
                at_once.wait();
                let reply = client.post("/v1/discounts", body);
                if reply.status == 409 {
                    reply.is_problem(409, "coupon_used_up").status
                } else {
                    reply.status
                }
            })
        };
        let running: Vec<_> = customers.iter().map(one).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let count = |status: u16| statuses.iter().filter(|s| **s == status).count();
    assert_eq!((count(201), count(409)), (5, 15));
    let coupons = seller.world.get("/v1/coupons?code=FIRST5").is(200);
    assert_eq!(coupons.data()[0]["redemptions"], 5);
    assert_eq!(seller.world.get("/v1/discounts").is(200).data().len(), 5);
}

#[test]
fn one_customer_cannot_redeem_at_once_what_one_customer_may_have_once() {
    let seller = Seller::on("2026-01-01");
    let terms = json!({ "percent_off": "10", "duration": "once", "max_redemptions_per_customer": 1 });
    coupon(&seller, "ONEEACH", terms);
    let ada = seller.customer();
    let at_once = Barrier::new(8);
    let done: usize = thread::scope(|threads| {
        let running: Vec<_> = (0..8)
            .map(|_| {
                let body = json!({ "coupon": "ONEEACH", "customer_id": ada });
                let (client, at_once) = (seller.world.tenant.client.clone(), &at_once);
                threads.spawn(move || {
                    at_once.wait();
                    usize::from(client.post("/v1/discounts", body).status == 201)
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(done, 1);
    redeem_for(&seller, json!({ "coupon": "ONEEACH", "customer_id": ada }))
        .is_problem(409, "coupon_used_by_customer");
    redeem_for(&seller, json!({ "coupon": "ONEEACH", "customer_id": seller.customer() })).is(201);
}

#[test]
fn a_subscription_with_a_coupon_that_cannot_be_redeemed_is_not_started() {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, "EUROS", json!({ "amount_off": "5.00", "currency": "EUR", "duration": "once" }));
    let (plan, ada) = (hundred(&seller), seller.customer());
    let start = |code: &str| {
        let body =
            json!({ "customer_id": ada, "plan_id": plan.id, "collection": "automatic", "coupon": code });
        seller.world.post("/v1/subscriptions", body)
    };
    let before = seller.world.rows_of(seller.world.tenant.id);
    start("NOSUCH").is_problem(422, "unknown_coupon");
    assert_eq!(start("EUROS").is_problem(422, "coupon_currency").text_at("/errors/0/pointer"), "/coupon");
    assert_eq!(seller.world.rows_of(seller.world.tenant.id), before, "something was written");
}

#[test]
fn a_coupon_that_is_off_over_or_unknown_is_refused_with_its_reason() {
    let seller = Seller::on("2026-01-10");
    let (plan, ada) = (hundred(&seller), seller.customer());
    let subscription = seller.subscribe(&ada, &plan, json!({}));
    coupon(
        &seller,
        "OVER",
        json!({ "percent_off": "10", "duration": "once", "redeem_by": "2026-01-09T23:59:59Z" }),
    );
    coupon(&seller, "OFF", json!({ "percent_off": "10", "duration": "once", "active": false }));
    coupon(&seller, "GOOD", json!({ "percent_off": "10", "duration": "once" }));
    let refused = |code: &str, status: u16, problem: &str| {
        redeem_for(&seller, json!({ "coupon": code, "subscription_id": subscription }))
            .is_problem(status, problem);
    };
    refused("OVER", 409, "coupon_expired");
    refused("OFF", 409, "coupon_inactive");
    refused("NOSUCH", 422, "unknown_coupon");
    let good = |more: serde_json::Value, problem: &str| {
        let mut body = json!({ "coupon": "GOOD" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        redeem_for(&seller, body).is_problem(422, problem);
    };
    good(json!({}), "customer_or_subscription");
    good(json!({ "subscription_id": subscription, "customer_id": ada }), "customer_or_subscription");
    let other = seller.plan("month", json!([super::base("1.00")]));
    good(
        json!({ "subscription_id": subscription, "price_id": other.prices[0] }),
        "price_not_in_subscription",
    );
    let nobody = "cus_01h2xcejqtf2nbrexx3vqjhp41";
    good(json!({ "customer_id": nobody }), "unknown_customer");
    let id = seller.world.get("/v1/coupons?code=OFF").is(200).data()[0]["id"].as_str().unwrap().to_owned();
    seller.world.call("PATCH", &format!("/v1/coupons/{id}"), Some(&json!({ "active": true }))).is(200);
    redeem(&seller, &id, &subscription);
}

#[test]
fn a_coupon_that_makes_no_sense_is_refused_with_every_fault_named() {
    let seller = Seller::on("2026-01-01");
    let refused = |body: serde_json::Value, faults: &[(&str, &str)]| {
        let reply = seller.world.post("/v1/coupons", body);
        assert_eq!(reply.status, 422, "{}", reply.text);
        let text = |e: &serde_json::Value, name: &str| e[name].as_str().unwrap().to_owned();
        let errors = reply.json["errors"].as_array().unwrap();
        let found: Vec<(String, String)> =
            errors.iter().map(|e| (text(e, "pointer"), text(e, "code"))).collect();
        let found: Vec<(&str, &str)> = found.iter().map(|(p, c)| (p.as_str(), c.as_str())).collect();
        assert_eq!(found, faults);
    };
    refused(json!({ "code": "X", "duration": "once" }), &[("/percent_off", "nothing_off")]);
    refused(
        json!({ "code": "X", "duration": "once", "percent_off": "101" }),
        &[("/percent_off", "percent_out_of_range")],
    );
    refused(
        json!({ "code": "X Y", "duration": "repeating", "periods": 0, "percent_off": "0", "max_redemptions": 0 }),
        &[
            ("/code", "malformed_code"),
            ("/max_redemptions", "limit_out_of_range"),
            ("/periods", "periods_out_of_range"),
            ("/percent_off", "percent_out_of_range"),
        ],
    );
    refused(
        json!({ "code": "X", "duration": "repeating", "amount_off": "5.001", "currency": "USD" }),
        &[("/amount_off", "bad_amount"), ("/periods", "periods_missing")],
    );
    refused(
        json!({ "code": "X", "duration": "once", "amount_off": "5.00" }),
        &[("/currency", "currency_missing")],
    );
    refused(
        json!({ "code": "X", "duration": "once", "periods": 2, "amounts_off": { "USD": "-1.00", "XXQ": "1" } }),
        &[("/amounts_off/XXQ", "unknown_currency"), ("/periods", "periods_not_used")],
    );
    coupon(&seller, "X", json!({ "percent_off": "1", "duration": "once" }));
    seller
        .world
        .post("/v1/coupons", json!({ "code": "X", "percent_off": "2", "duration": "once" }))
        .is_problem(409, "code_taken");
}
