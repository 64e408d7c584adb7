//! How is a cut period counted? The published tables of service periods, by each basis, as invoices have them.

use serde_json::json;

use super::{Life, base, seat};

/// What 31.00 or 30.00 a month cost from a day to the month's end, as added on that day.
fn added_on(day: &str, amount: &str, proration: &str) -> String {
    let month = format!("{}-01", &day[..7]);
    let life = Life::of(&month, |seller| {
        let plan = seller.plan("month", json!([base("1.00"), seat(amount)]));
        let items = json!([{ "price_id": plan.prices[0] }]);
        (plan, json!({ "items": items }))
    });
    let plan = life.read().text_at("/plan_id");
    let prices = life.world.get(&format!("/v1/plans/{plan}")).is(200).json["prices"].clone();
    life.advance_to(day);
    let items = json!([{ "price_id": prices[0]["id"] }, { "price_id": prices[1]["id"] }]);
    let changed = life.change(json!({ "items": items, "proration": proration, "invoice": "now" }));
    changed.json["invoice"]["total"].as_str().unwrap_or("nothing").to_owned()
}

#[test]
fn the_last_five_days_of_january_are_5_of_31_by_the_day_and_4_of_30_by_30_360() {
    assert_eq!(added_on("2021-01-27", "31.00", "by_day"), "5.00");
    assert_eq!(added_on("2021-01-27", "30.00", "30_360"), "4.00");
}

#[test]
fn the_last_two_days_of_february_are_2_of_28_by_the_day_and_4_of_30_by_30_360() {
    assert_eq!(added_on("2021-02-27", "28.00", "by_day"), "2.00");
    assert_eq!(added_on("2021-02-27", "30.00", "30_360"), "4.00");
}

#[test]
fn a_leap_february_is_whole_by_every_basis_from_its_first_day_on() {
    for basis in ["by_day", "by_second", "30_360", "none", "full_period"] {
        assert_eq!(added_on("2020-02-01", "29.00", basis), "29.00", "{basis}");
    }
    assert_eq!(added_on("2020-02-15", "29.00", "by_day"), "15.00");
}

#[test]
fn a_backdated_start_is_measured_by_the_month_it_falls_in() {
    // 15 February to 1 March is 14 of 28 days, 15 January to 1 February 17 of 31.
    assert_eq!(added_on("2026-02-15", "28.00", "by_day"), "14.00");
    assert_eq!(added_on("2026-01-15", "31.00", "by_day"), "17.00");
}

#[test]
fn without_proration_what_comes_in_is_charged_from_the_next_period_and_in_full_periods_from_this_one() {
    assert_eq!(added_on("2026-04-16", "30.00", "none"), "0.00");
    assert_eq!(added_on("2026-04-16", "30.00", "full_period"), "30.00");
}

#[test]
fn what_goes_without_proration_keeps_its_charge_and_a_later_change_in_the_period_finds_it_settled() {
    let life = Life::seats("2026-04-01", ("10.00", "1"));
    life.advance_to("2026-04-11");
    life.change(json!({ "quantity": "5", "proration": "none", "invoice": "now" }));
    life.advance_to("2026-04-21");
    life.change(json!({ "quantity": "3", "proration": "by_day", "invoice": "now" }));
    assert_eq!(life.total(), "10.00");
    life.advance_to("2026-05-01");
    assert_eq!(life.total(), "40.00");
}

#[test]
fn seconds_and_days_can_follow_each_other_without_a_cent_lost() {
    let life = Life::seats("2026-04-01", ("10.00", "1"));
    let price = life.read().text_at("/items/0/price_id");
    // The same quantity at the same price, cut four ways: what is credited is charged again.
    for (at, basis, quantity) in [
        ("2026-04-03T07:11:13Z", "by_second", "2"),
        ("2026-04-03T23:00:00Z", "by_day", "1"),
        ("2026-04-17T01:02:03Z", "30_360", "2"),
        ("2026-04-17T01:02:03Z", "by_second", "1"),
    ] {
        life.advance_to(at);
        let items = json!([{ "price_id": price, "quantity": quantity }]);
        life.change(json!({ "items": items, "proration": basis, "invoice": "now" }));
    }
    life.advance_to("2026-05-01");
    // One more seat from the 3rd 07:11:13 to 23:00:00, counted by the second because the day was begun so.
    let paid: rust_decimal::Decimal = life.total().parse().unwrap();
    assert_eq!(paid.to_string(), "20.22", "{:#?}", life.invoices(&life.customer));
}
