//! Why does an item cost what it costs, in a whole period and in a part of one?

use serde_json::{Value, json};

use super::super::{base, per_unit};
use super::{caused, explanation, sentence, steps};
use crate::scenarios::subscriptions::{Life, seat, setup};

#[test]
fn a_whole_month_is_quantity_times_price_and_was_caused_by_the_start() {
    let life = Life::seats("2026-04-01", ("12.50", "7"));
    let line = explanation(&life.world, &life.customer, "Seat");
    assert_eq!(steps(&line), ["units: 7 x 12.5 = 87.5", "87.5 = 87.5 -> 87.50", "87.50 - 0.00 = 87.50"]);
    assert_eq!(caused(&life.world, &line), "subscription.started by the caller on 2026-04-01");
    assert_eq!((&line["kind"], &line["price"]["plan_version"]), (&json!("recurring"), &json!(1)));
    assert_eq!(line["price"]["model"], json!({ "type": "per_unit", "unit_amount": "12.50" }));
    assert_eq!((&line["tax"]["amount"], &line["tax"]["decision"]), (&json!("0.00"), &json!("not_charged")));
    assert_eq!(
        sentence(&line),
        "Seat: 7 × 12.5 = 87.5 USD a period; charged 87.50; caused by subscription.started of 2026-04-01 by key_…; \
         no tax is charged."
    );
}

#[test]
fn an_upgrade_on_the_16th_is_a_credit_that_names_the_charge_and_a_charge_for_the_rest() {
    let life = Life::seats("2026-01-01", ("10.00", "1"));
    life.advance_to("2026-01-16");
    life.change(json!({ "quantity": "2", "invoice": "now" }));
    let credit = explanation(&life.world, &life.customer, "Unused time: Seat");
    assert_eq!(
        steps(&credit),
        [
            "units: 1 x 10 = 10",
            "0/31 by_day to 15/31 by_day",
            "10 x 15/31 = 4.8387096774193548387096774194 -> 4.84",
            "10 x 0/31 = 0 -> 0.00",
            "4.84 - 10.00 = -5.16",
        ]
    );
    assert_eq!(credit["earlier_lines"][0]["amount"], "10.00");
    let first = explanation(&life.world, &life.customer, "Seat");
    assert_eq!(
        steps(&first),
        [
            "units: 2 x 10 = 20",
            "15/31 by_day to 31/31 by_day",
            "20 x 31/31 = 20 -> 20.00",
            "20 x 15/31 = 9.677419354838709677419354839 -> 9.68",
            "10.32 - 0.00 = 10.32",
        ]
    );
    for line in [&credit, &first] {
        assert_eq!(caused(&life.world, line), "change by the caller on 2026-01-16");
        assert_eq!(line["cause"]["request"], json!({ "quantity": "2", "invoice": "now" }));
    }
    assert_eq!(
        sentence(&credit),
        "Unused time: Seat: 1 × 10 = 10 USD a period; 15/31 of it (by days) until 2026-01-16 is 4.84; 10.00 was billed \
         before (inv_…), so this line is -5.16; caused by change of 2026-01-16 by key_…, effective 2026-01-16; \
         no tax is charged."
    );
}

#[test]
fn what_was_charged_first_is_explained_as_it_was_known_then() {
    let life = Life::seats("2026-01-01", ("10.00", "1"));
    life.advance_to("2026-01-16");
    life.change(json!({ "quantity": "2", "invoice": "now" }));
    let all = super::explained(&life.world, &life.customer);
    assert_eq!(steps(&all[0]), ["units: 1 x 10 = 10", "10 = 10 -> 10.00", "10.00 - 0.00 = 10.00"]);
}

#[test]
fn by_the_second_the_seconds_are_shown() {
    let life = Life::seats("2026-04-01", ("10.00", "1"));
    life.advance_to("2026-04-20");
    life.change(json!({ "quantity": "2", "effective_at": "2026-04-16T12:30:17Z", "proration": "by_second", "invoice": "now" }));
    let credit = explanation(&life.world, &life.customer, "Unused time: Seat");
    assert_eq!(
        steps(&credit)[1..],
        [
            "0/2592000 by_day to 1341017/2592000 by_second".replace("0/2592000 by_day", "0/30 by_day"),
            "10 x 1341017/2592000 = 5.1736767 -> 5.17".replace("5.1736767", &exact(&credit)),
            "10 x 0/30 = 0 -> 0.00".to_owned(),
            "5.17 - 10.00 = -4.83".to_owned(),
        ]
    );
    assert!(exact(&credit).starts_with("5.17367"), "{}", exact(&credit));
}

fn exact(explanation: &serde_json::Value) -> String {
    explanation["steps"]["roundings"][0]["exact"].as_str().unwrap().to_owned()
}

#[test]
fn by_30_360_a_month_has_30_days() {
    let life = Life::of("2021-02-01", |seller| {
        let plan = seller.plan("month", json!([base("1.00"), seat("30.00")]));
        let items = json!([{ "price_id": plan.prices[0] }]);
        (plan, json!({ "items": items }))
    });
    let plan = life.read().text_at("/plan_id");
    let prices = life.world.get(&format!("/v1/plans/{plan}")).is(200).json["prices"].clone();
    life.advance_to("2021-02-27");
    let items = json!([{ "price_id": prices[0]["id"] }, { "price_id": prices[1]["id"] }]);
    life.change(json!({ "items": items, "proration": "30_360", "invoice": "now" }));
    assert_eq!(
        steps(&explanation(&life.world, &life.customer, "Seat")),
        [
            "units: 1 x 30 = 30",
            "26/30 30_360 to 28/28 by_day",
            "30 x 28/28 = 30 -> 30.00",
            "30 x 26/30 = 26 -> 26.00",
            "4.00 - 0.00 = 4.00",
        ]
    );
}

#[test]
fn an_override_is_the_model_in_force() {
    let life = Life::of("2026-04-01", |seller| {
        let plan = seller.plan("month", json!([seat("10.00")]));
        let items = json!([{ "price_id": plan.prices[0], "quantity": "3", "price_override": { "model": per_unit("8.00") } }]);
        (plan, json!({ "items": items }))
    });
    let line = explanation(&life.world, &life.customer, "Seat");
    assert_eq!(steps(&line)[0], "units: 3 x 8 = 24");
    assert_eq!(
        (&line["price"]["overridden"], &line["price"]["model"]["unit_amount"]),
        (&json!(true), &json!("8.00"))
    );
}

#[test]
fn what_is_charged_once_and_what_is_charged_beside_the_plan() {
    let life = Life::of("2026-04-01", |seller| {
        (seller.plan("month", json!([base("31.00"), setup("99.00")])), json!({}))
    });
    let set_up = explanation(&life.world, &life.customer, "Set-up");
    assert_eq!(steps(&set_up), ["flat: 1 x 99 = 99", "99 = 99 -> 99.00", "99.00 - 0.00 = 99.00"]);
    assert_eq!(set_up["kind"], "one_time");
    life.command("charges", json!({ "description": "Goodwill", "amount": "-5.00", "invoice": "now" }));
    let goodwill = explanation(&life.world, &life.customer, "Goodwill");
    assert_eq!(steps(&goodwill), ["flat: 1 x -5 = -5", "-5 = -5 -> -5.00", "-5.00 - 0.00 = -5.00"]);
    assert_eq!((&goodwill["kind"], &goodwill["price"]["id"]), (&json!("charge"), &json!(null)));
    assert_eq!(caused(&life.world, &goodwill), "charge by the caller on 2026-04-01");
}

#[test]
fn a_discount_says_which_coupon_took_how_much() {
    let life = Life::monthly("2026-04-01", "100.00");
    life.world
        .post("/v1/coupons", json!({ "code": "LAUNCH25", "percent_off": "25", "duration": "forever" }))
        .is(201);
    life.world
        .post("/v1/discounts", json!({ "coupon": "LAUNCH25", "subscription_id": life.subscription }))
        .is(201);
    life.advance_to("2026-05-01");
    let line = explanation(&life.world, &life.customer, "Base");
    let off = &line["discounts"][0];
    assert_eq!(
        (&off["coupon_code"], &off["percent_off"], &off["amount"], &line["net"]),
        (&json!("LAUNCH25"), &json!("25"), &json!("25.00"), &json!("75.00"))
    );
    assert!(sentence(&line).contains("; charged 100.00; 25.00 off by LAUNCH25;"), "{}", sentence(&line));
    let step =
        |step: &str, line: Value, invoice: Value| json!({ "step": step, "line": line, "invoice": invoice });
    let none = || Value::Null;
    let page = [
        step("discount", json!("-25.00"), json!("-25.00")),
        step("tax", json!("0.00"), json!("0.00")),
        step("totals", json!("75.00"), json!("75.00")),
        step("credits", none(), json!("0.00")),
        step("balance", none(), json!("0.00")),
        step("number", none(), none()),
        step("postings", none(), none()),
        step("events", none(), none()),
    ];
    assert_eq!(line["issuing"], json!(page));
}

#[test]
fn of_several_calls_at_one_instant_each_line_names_the_one_that_made_it() {
    let life = Life::of("2026-01-01", |seller| {
        let support = json!({ "code": "support", "description": "Support", "kind": "recurring", "add_on": true,
                              "model": per_unit("5.00") });
        (seller.plan("month", json!([seat("10.00"), support])), json!({ "quantity": "1" }))
    });
    let plan = life.world.get(&format!("/v1/plans/{}", life.read().text_at("/plan_id"))).is(200);
    let support = plan.text_at("/prices/1/id");
    life.advance_to("2026-01-16");
    life.change(json!({ "quantity": "2", "invoice": "next" }));
    life.change(json!({ "add_items": [{ "price_id": support }], "invoice": "next" }));
    life.command("charges", json!({ "description": "Training", "amount": "9.00", "invoice": "next" }));
    let request = |description: &str| {
        life.advance_to("2026-02-01");
        let line = super::explained(&life.world, &life.customer).into_iter().find(|e| {
            e["line"]["description"] == description && e["line"]["period"]["start"] == "2026-01-16T00:00:00Z"
        });
        line.unwrap()["cause"]["request"].clone()
    };
    let another_quantity = json!({ "quantity": "2", "invoice": "next" });
    assert_eq!(request("Unused time: Seat"), another_quantity);
    assert_eq!(request("Seat"), another_quantity);
    assert_eq!(request("Support")["add_items"][0]["price_id"], support.as_str());
    assert_eq!(request("Training")["amount"], "9.00");
}
