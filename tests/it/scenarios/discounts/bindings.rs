//! What is a discount for when its plan gets a new version, and when is there nothing it could be for? It keeps to the price's code.

use serde_json::{Value, json};

use super::{Plan, Seller, base, coupon, hundred, months, per_unit, redeem, redeem_for, redeem_for_all};

/// A price of a whole period in advance, with a code of its own.
fn priced(code: &str, amount: &str) -> Value {
    let mut price = base(amount);
    price["code"] = json!(code);
    price
}

fn publish(seller: &Seller, plan: &Plan, prices: Value) {
    let version = json!({ "currency": "USD", "interval": "month", "prices": prices });
    seller.world.post(&format!("/v1/plans/{}/versions", plan.id), version).is(201);
}

fn migrate(seller: &Seller, plan: &Plan, body: Value) -> crate::harness::Reply {
    seller.world.post(&format!("/v1/plans/{}/migrations", plan.id), body).is(200)
}

/// What a dry run says of bindings: `discount base -> new`.
fn bindings(reply: &crate::harness::Reply) -> Vec<String> {
    let one = |b: &Value| {
        let bound = b["price_code"].as_str().unwrap_or("meter");
        let then = if b["follows"].as_bool().unwrap() { "follows" } else { "ends" };
        assert!(b["to_price_id"].is_null() || b["to_price_id"] != b["from_price_id"]);
        format!("{} {bound} {then}", b["object"].as_str().unwrap())
    };
    let moved = reply.json["subscriptions"].as_array().unwrap().iter();
    moved.flat_map(|s| s["bindings"].as_array().unwrap()).map(one).collect()
}

#[test]
fn half_of_a_price_stays_half_of_it_in_the_plans_next_version() {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, "HALF", json!({ "percent_off": "50", "duration": "forever" }));
    let plan = seller.plan("month", json!([base("30.00")]));
    let ada = seller.customer();
    let subscription = seller.subscribe(&ada, &plan, json!({}));
    let order = json!({ "coupon": "HALF", "subscription_id": subscription, "price_id": plan.prices[0] });
    redeem_for(&seller, order).is(201);
    publish(&seller, &plan, json!([base("40.00")]));
    assert_eq!(bindings(&migrate(&seller, &plan, json!({ "dry_run": true }))), ["discount base follows"]);
    migrate(&seller, &plan, json!({}));
    seller.advance_to("2026-02-02");
    assert_eq!(
        months(&seller, &ada),
        ["2026-01-01 30.00 - 0.00 = 30.00", "2026-02-01 40.00 - 20.00 = 20.00"]
    );
}

#[test]
fn a_coupon_for_a_price_follows_it_and_one_redeemed_by_the_old_id_too() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([priced("seat", "30.00"), priced("support", "10.00")]));
    let scope = json!({ "price_ids": [plan.prices[0]] });
    coupon(&seller, "SEAT", json!({ "percent_off": "50", "duration": "forever", "applies_to": scope }));
    coupon(&seller, "TENTH", json!({ "percent_off": "10", "duration": "forever" }));
    let ada = seller.customer();
    let subscription = seller.subscribe(&ada, &plan, json!({ "coupon": "SEAT" }));
    publish(&seller, &plan, json!([priced("seat", "40.00"), priced("help", "10.00")]));
    let preview = migrate(&seller, &plan, json!({ "dry_run": true }));
    assert_eq!(bindings(&preview), ["discount seat follows"]);
    migrate(&seller, &plan, json!({}));
    seller.advance_to("2026-02-02");
    // The id of version 1, the item of version 2: it is the same price.
    let order = json!({ "coupon": "TENTH", "subscription_id": subscription, "price_id": plan.prices[0] });
    redeem_for(&seller, order).is(201);
    seller.advance_to("2026-03-02");
    assert_eq!(
        months(&seller, &ada),
        [
            "2026-01-01 40.00 - 15.00 = 25.00",
            "2026-02-01 50.00 - 20.00 = 30.00",
            "2026-03-01 50.00 - 22.00 = 28.00"
        ]
    );
}

#[test]
fn a_dry_run_tells_what_the_new_version_has_nothing_for() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([priced("seat", "30.00"), priced("support", "10.00")]));
    let by_code = json!({ "price_codes": ["support"] });
    coupon(&seller, "FREE", json!({ "percent_off": "100", "duration": "forever", "applies_to": by_code }));
    let ada = seller.customer();
    seller.subscribe(&ada, &plan, json!({}));
    redeem_for_all(&seller, "FREE", &ada);
    publish(&seller, &plan, json!([priced("seat", "30.00")]));
    let preview = migrate(&seller, &plan, json!({ "dry_run": true }));
    assert_eq!(bindings(&preview), ["discount support ends"]);
    let binding = preview.json.pointer("/subscriptions/0/bindings/0").unwrap();
    assert_eq!(binding["from_price_id"], json!(plan.prices[1]));
    assert!(binding["to_price_id"].is_null());
    assert_eq!(bindings(&migrate(&seller, &plan, json!({}))), [""; 0]);
}

#[test]
fn a_coupon_that_can_take_nothing_off_is_refused_when_it_is_redeemed() {
    let seller = Seller::on("2026-01-01");
    let (plan, other) = (hundred(&seller), seller.plan("month", json!([priced("other", "5.00")])));
    seller.plan_in("EUR", "month", json!([base("9.00")]));
    let off = |code: &str, more: Value| {
        let mut body = json!({ "percent_off": "50", "duration": "forever" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        coupon(&seller, code, body)
    };
    off("OTHERPLAN", json!({ "applies_to": { "plan_ids": [other.id] } }));
    off("OTHERPRICE", json!({ "applies_to": { "price_ids": [other.prices[0]] } }));
    let nowhere = json!({ "code": "NOCODE", "name": "None", "percent_off": "50", "duration": "forever",
        "applies_to": { "price_codes": ["base", "nothing_has_it"] } });
    let refused = seller.world.post("/v1/coupons", nowhere).is_problem(422, "unknown_price_code");
    assert!(
        refused.text.contains("nothing_has_it") && !refused.text.contains("price base"),
        "{}",
        refused.text
    );
    off("NEITHER", json!({ "applies_to": { "plan_ids": [plan.id], "price_codes": ["other"] } }));
    off("BASE", json!({ "applies_to": { "price_codes": ["base"] } }));
    coupon(&seller, "YEN", json!({ "amounts_off": { "JPY": "500" }, "duration": "once" }));
    coupon(&seller, "EURO", json!({ "amounts_off": { "EUR": "5.00" }, "duration": "once" }));
    let ada = seller.customer();
    let subscription = seller.subscribe(&ada, &plan, json!({}));
    let redeemed = |code: &str, holder: &str, id: &str| {
        redeem_for(&seller, json!({ "coupon": code, holder: id })).json["code"].as_str().map(str::to_owned)
    };
    let nothing = Some("coupon_takes_nothing_off".to_owned());
    for (code, of_one, of_all) in [
        ("OTHERPLAN", &nothing, &None),
        ("OTHERPRICE", &nothing, &None),
        ("NEITHER", &nothing, &nothing),
        ("BASE", &None, &None),
        ("YEN", &Some("coupon_currency".to_owned()), &nothing),
        ("EURO", &Some("coupon_currency".to_owned()), &None),
    ] {
        let before = seller.world.rows_of(seller.world.tenant.id);
        assert_eq!(&redeemed(code, "subscription_id", &subscription), of_one, "{code}");
        if of_one.is_some() {
            assert_eq!(seller.world.rows_of(seller.world.tenant.id), before, "{code} wrote something");
        }
        assert_eq!(&redeemed(code, "customer_id", &ada), of_all, "{code}");
    }
    let mut body =
        json!({ "customer_id": ada, "plan_id": plan.id, "collection": "automatic", "coupon": "OTHERPLAN" });
    seller.world.post("/v1/subscriptions", body.clone()).is_problem(422, "coupon_takes_nothing_off");
    body["plan_id"] = json!(other.id);
    seller.world.post("/v1/subscriptions", body).is(201);
    let narrow = json!({ "coupon": "NEITHER", "subscription_id": subscription, "price_id": plan.prices[0] });
    redeem_for(&seller, narrow).is_problem(422, "coupon_takes_nothing_off");
}

#[test]
fn what_is_planned_or_can_be_added_can_be_discounted() {
    let seller = Seller::on("2026-01-01");
    let mut extra = priced("extra", "7.00");
    extra["add_on"] = json!(true);
    let setup =
        json!({ "code": "setup", "kind": "one_time", "billing": "in_advance", "model": per_unit("50.00") });
    let plan = seller.plan("month", json!([base("10.00"), extra, setup]));
    let next = seller.plan("month", json!([priced("next", "20.00")]));
    for code in ["extra", "setup", "next"] {
        let scope = json!({ "price_codes": [code] });
        coupon(
            &seller,
            &code.to_uppercase(),
            json!({ "percent_off": "50", "duration": "forever", "applies_to": scope }),
        );
    }
    let ada = seller.customer();
    let subscription = seller.subscribe(&ada, &plan, json!({ "coupon": "SETUP" }));
    assert_eq!(months(&seller, &ada), ["2026-01-01 60.00 - 25.00 = 35.00"]);
    redeem(&seller, "EXTRA", &subscription);
    let refused = |code: &str| {
        let order = json!({ "coupon": code, "subscription_id": subscription });
        redeem_for(&seller, order).is_problem(422, "coupon_takes_nothing_off");
    };
    // What is charged once was charged; the other plan is not had yet.
    refused("SETUP");
    refused("NEXT");
    let change = json!({ "plan_id": next.id, "effective_at": "period_end" });
    seller.world.post(&format!("/v1/subscriptions/{subscription}/change"), change).is(200);
    redeem(&seller, "NEXT", &subscription);
    seller.advance_to("2026-02-02");
    assert_eq!(months(&seller, &ada)[1], "2026-02-01 20.00 - 10.00 = 10.00");
}
