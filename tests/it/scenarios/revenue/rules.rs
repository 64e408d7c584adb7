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
    assert!(house.client().get("/v1/revenue/rules").is(200).data().is_empty());
}
