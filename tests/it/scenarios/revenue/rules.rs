//! Is something earned as its seller said, from the day on from which it was said?

use serde_json::json;

use super::House;

#[test]
fn equal_months_and_at_once_are_said_for_a_product_or_a_price_and_count_from_their_day() {
    let house = House::at("2026-01-16T00:00:00Z");
    let (year, once) = (house.plan("year", "1200.00", 12), house.plan("once", "1200.00", 12));
    let first = house.subscribe(&year);
    let say = |body| house.client().post("/v1/revenue/rules", body);
    say(json!({ "product_id": house.product, "rule": "ratable_monthly" })).is(201);
    say(json!({ "product_id": house.product, "rule": "ratable_daily" })).is_problem(409, "rule_exists");
    let second = house.subscribe(&year);
    say(json!({ "product_id": house.product, "price_code": "base", "rule": "point_in_time", "on": "invoice", "valid_from": "2026-02-01" }))
        .is(201);
    house.world.advance_to("2026-02-01T00:00:00Z");
    let third = house.subscribe(&once);
    let months = |subscription: &str| house.schedules(&format!("subscription_id={subscription}")).remove(0);
    assert!(
        months(&first).starts_with("1200.00 invoice_line: 2026-01 52.60, 2026-02 92.06*"),
        "{}",
        months(&first)
    );
    assert!(
        months(&second).starts_with("1200.00 invoice_line: 2026-01 51.61, 2026-02 100.00*"),
        "{}",
        months(&second)
    );
    assert_eq!(months(&third), "1200.00 invoice_line: 2026-02 1200.00*");
    house.world.advance_to("2026-03-01T00:00:00Z");
    // 52.60 + 92.05, 51.61 + 100.00, and 1,200.00 at once.
    assert_eq!(house.balances("2026-02-28")["revenue"], "1496.27");
    house.world.settle();
}

#[test]
fn a_rule_that_cannot_be_is_refused_and_nothing_is_written() {
    let house = House::at("2026-01-16T00:00:00Z");
    let say = |body| house.client().post("/v1/revenue/rules", body);
    say(json!({ "rule": "ratable_daily", "valid_from": "2026-01-15" })).is_problem(422, "day_is_over");
    say(json!({ "rule": "ratable_daily", "on": "invoice" })).is_problem(422, "rule_does_not_fit");
    say(json!({ "product_id": "prod_01jgejp8g0e3q9k0v6z4t1x2y3", "rule": "as_used" })).is(422);
    say(json!({ "rule": "when_it_rains" })).is(422);
    house.plan("year", "1200.00", 12);
    say(json!({ "price_code": "bsae", "rule": "point_in_time" })).is_problem(422, "unknown_price_code");
    let other = house.client().post("/v1/products", json!({ "name": "Support" })).is(201).id();
    say(json!({ "product_id": other, "price_code": "base", "rule": "point_in_time" }))
        .is_problem(422, "unknown_price_code");
    assert!(house.client().get("/v1/revenue/rules").is(200).data().is_empty());
}

/// 1,200.00 for a year, given back from 10 February on: what is left was earned by then, whatever is said by now.
#[test]
fn what_is_given_back_goes_by_the_rule_of_what_was_charged() {
    for (at_first, by_now) in [
        (None, "point_in_time"),
        (None, "ratable_monthly"),
        (Some("ratable_monthly"), "ratable_daily"),
        (Some("point_in_time"), "ratable_daily"),
    ] {
        let house = House::at("2026-01-01T00:00:00Z");
        let say = |rule: &str| house.client().post("/v1/revenue/rules", json!({ "rule": rule })).is(201);
        at_first.map(say);
        let subscription = house.subscribe(&house.plan("year", "1200.00", 12));
        house.world.advance_to("2026-02-10T00:00:00Z");
        say(by_now);
        let cancel = json!({ "effective_at": "2026-02-10T00:00:00Z", "credit": true, "invoice": "now" });
        house.client().post(&format!("/v1/subscriptions/{subscription}/cancel"), cancel).is(200);
        house.world.advance_to("2026-03-01T00:00:00Z");
        let on_account =
            |name: &str| house.balances("2026-02-28").get(name).cloned().unwrap_or_else(|| "0.00".to_owned());
        let deferred: f64 = on_account("deferred_revenue").parse().unwrap();
        // Of equal months a part of one is another share than of days.
        assert!(deferred.abs() < 6.0, "{at_first:?}, {by_now}: {deferred}");
        house.world.advance_to("2027-01-02T00:00:00Z");
        assert_eq!(house.balances("2026-12-31").get("deferred_revenue"), None, "{at_first:?}, {by_now}");
        house.world.settle();
    }
}
