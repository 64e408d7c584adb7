//! Another plan, another interval, another anchor: what goes on, what ends, and when does a period begin?

use serde_json::json;

use super::{Life, base, seat, setup};

#[test]
fn another_plan_takes_over_the_prices_with_the_same_codes() {
    let life = Life::of("2026-04-01", |seller| {
        (
            seller.plan("month", json!([base("30.00"), seat("10.00"), setup("99.00")])),
            json!({ "quantity": "4" }),
        )
    });
    let support = json!({ "code": "support", "description": "Support", "kind": "recurring", "billing": "in_advance",
                          "model": { "type": "flat", "amount": "6.00" } });
    let plan = life.plan("month", json!([base("60.00"), seat("8.00"), setup("50.00"), support]));
    life.advance_to("2026-04-16");
    let changed = life.change(json!({ "plan_id": plan.id, "invoice": "now" }));
    assert_eq!((changed.text_at("/plan_id"), changed.text_at("/plan_code")), (plan.id, "plan_1".to_owned()));
    life.then_billed(
        "INV-000002 open USD billed 2026-04-16 due 2026-04-16
         2026-04-16 to 2026-05-01  1 x -15.00 = -15.00  Unused time: Base
         2026-04-16 to 2026-05-01  1 x 60.00 = 30.00  Base
         2026-04-16 to 2026-05-01  1 x -20.00 = -20.00  Unused time: Seat
         2026-04-16 to 2026-05-01  4 x 8.00 = 16.00  Seat
         2026-04-16 to 2026-05-01  1 x 6.00 = 3.00  Support
         total 14.00 paid 0.00 due 14.00",
    );
    assert_eq!(life.items(), ["1 x Base", "4 x Seat", "1 x Set-up", "1 x Support"]);
}

#[test]
fn from_months_to_years_a_year_begins_at_once_and_the_rest_of_the_month_is_credited() {
    let life = Life::monthly("2026-04-01", "30.00");
    let yearly = life.plan("year", json!([base("300.00")]));
    life.advance_to("2026-04-16");
    let changed = life.change(json!({ "plan_id": yearly.id }));
    assert_eq!(changed.text_at("/current_period/start"), "2026-04-16T00:00:00Z");
    assert_eq!(changed.text_at("/current_period/end"), "2027-04-16T00:00:00Z");
    life.advance_to("2027-04-16");
    life.then_billed(
        "INV-000002 paid USD billed 2026-04-16 due 2026-04-16
         2026-04-16 to 2026-05-01  1 x -15.00 = -15.00  Unused time: Base
         2026-04-16 to 2027-04-16  1 x 300.00 = 300.00  Base
         total 285.00 paid 285.00 due 0.00
         INV-000003 paid USD billed 2027-04-16 due 2027-04-16
         2027-04-16 to 2028-04-16  1 x 300.00 = 300.00  Base
         total 300.00 paid 300.00 due 0.00",
    );
}

#[test]
fn from_years_to_months_when_the_year_ends() {
    let life = Life::of("2026-01-31", |seller| (seller.plan("year", json!([base("300.00")])), json!({})));
    let monthly = life.plan("month", json!([base("30.00")]));
    life.advance_to("2026-04-16");
    let changed = life.change(json!({ "plan_id": monthly.id, "effective_at": "period_end" }));
    assert_eq!(changed.text_at("/plan_code"), "plan_0");
    life.advance_to("2027-03-31");
    assert_eq!(life.read().text_at("/plan_code"), "plan_1");
    life.then_billed(
        "INV-000002 paid USD billed 2027-01-31 due 2027-01-31
         2027-01-31 to 2027-02-28  1 x 30.00 = 30.00  Base
         total 30.00 paid 30.00 due 0.00
         INV-000003 paid USD billed 2027-02-28 due 2027-02-28
         2027-02-28 to 2027-03-31  1 x 30.00 = 30.00  Base
         total 30.00 paid 30.00 due 0.00
         INV-000004 paid USD billed 2027-03-31 due 2027-03-31
         2027-03-31 to 2027-04-30  1 x 30.00 = 30.00  Base
         total 30.00 paid 30.00 due 0.00",
    );
}

#[test]
fn another_anchor_begins_with_the_days_until_it() {
    let life = Life::monthly("2026-04-01", "30.00");
    life.advance_to("2026-04-11");
    life.change(json!({ "anchor": { "day_of_month": 16 } }));
    life.advance_to("2026-05-16");
    life.then_billed(
        "INV-000002 paid USD billed 2026-04-11 due 2026-04-11
         2026-04-11 to 2026-05-01  1 x -20.00 = -20.00  Unused time: Base
         2026-04-11 to 2026-04-16  1 x 30.00 = 4.84  Base
         total -15.16 paid 0.00 due 0.00
         INV-000003 paid USD billed 2026-04-16 due 2026-04-16
         2026-04-16 to 2026-05-16  1 x 30.00 = 30.00  Base
         total 30.00 paid 14.84 due 0.00
         INV-000004 paid USD billed 2026-05-16 due 2026-05-16
         2026-05-16 to 2026-06-16  1 x 30.00 = 30.00  Base
         total 30.00 paid 30.00 due 0.00",
    );
}

#[test]
fn a_backdated_change_is_refused_when_the_plan_has_changed_since_and_replaces_it_on_request() {
    let life = Life::seats("2026-04-01", ("10.00", "1"));
    let other = life.plan("month", json!([seat("20.00")]));
    life.advance_to("2026-04-21");
    life.change(json!({ "plan_id": other.id, "invoice": "now" }));
    let late = json!({ "quantity": "2", "effective_at": "2026-04-11T00:00:00Z", "invoice": "now" });
    life.world.post(&life.path("/change"), late.clone()).is_problem(409, "later_changes");
    let mut replacing = late;
    replacing["replace_scheduled"] = json!(true);
    life.change(replacing);
    // One seat for ten days, two for twenty, at 10.00 a month: 3.33 + 13.33, and the plan is the old one again.
    assert_eq!((life.total(), life.read().text_at("/plan_code")), ("16.66".to_owned(), "plan_0".to_owned()));
}

#[test]
fn the_latest_version_of_its_plan_is_taken_when_the_plan_is_named() {
    let life = Life::monthly("2026-04-01", "30.00");
    let plan = life.read().text_at("/plan_id");
    let version = json!({ "currency": "USD", "interval": "month", "prices": [base("36.00"), setup("9.00")] });
    life.world.post(&format!("/v1/plans/{plan}/versions"), version).is(201);
    life.advance_to("2026-04-16");
    let changed = life.change(json!({ "plan_id": plan, "invoice": "now" }));
    assert_eq!(changed.json["plan_version"], 2);
    // What is charged once is for those who start.
    assert_eq!(life.total(), "33.00");
}
