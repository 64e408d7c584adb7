//! Which periods does a repeating coupon count through breaks and changes of the cycle? Those that have begun, each once; a break that
//! extends uses up none.

use serde_json::{Value, json};

use super::{Seller, base, coupon, hundred, metered, months, redeem_for_all};

fn three(seller: &Seller) -> String {
    coupon(seller, "THREE", json!({ "percent_off": "50", "duration": "repeating", "periods": 3 }))
}

fn command(seller: &Seller, subscription: &str, name: &str, body: Value) {
    seller.world.post(&format!("/v1/subscriptions/{subscription}/{name}"), body).is(200);
}

#[test]
fn a_break_that_extends_uses_up_no_period() {
    let seller = Seller::on("2026-01-01");
    three(&seller);
    let (plan, ada) = (hundred(&seller), seller.customer());
    let subscription = seller.subscribe(&ada, &plan, json!({ "coupon": "THREE" }));
    seller.advance_to("2026-01-10");
    command(
        &seller,
        &subscription,
        "pause",
        json!({ "mode": "extend", "resumes_at": "2026-01-20T00:00:00Z" }),
    );
    seller.advance_to("2026-04-12");
    assert_eq!(
        months(&seller, &ada),
        [
            "2026-01-01 100.00 - 50.00 = 50.00",
            "2026-02-11 100.00 - 50.00 = 50.00",
            "2026-03-11 100.00 - 50.00 = 50.00",
            "2026-04-11 100.00 - 0.00 = 100.00",
        ]
    );
}

#[test]
fn two_breaks_and_a_long_one_use_up_none_either() {
    let seller = Seller::on("2026-01-01");
    three(&seller);
    let (plan, ada) = (hundred(&seller), seller.customer());
    let subscription = seller.subscribe(&ada, &plan, json!({ "coupon": "THREE" }));
    for (from, until) in [("2026-01-10", "2026-01-20"), ("2026-01-25", "2026-05-25")] {
        seller.advance_to(from);
        command(&seller, &subscription, "pause", json!({ "mode": "extend" }));
        seller.advance_to(until);
        command(&seller, &subscription, "resume", json!({}));
    }
    seller.advance_to("2026-09-30");
    let charged: Vec<String> =
        months(&seller, &ada).into_iter().filter(|m| !m.ends_with(" = 0.00")).collect();
    let discounted: Vec<bool> = charged.iter().map(|m| m.contains("- 50.00")).collect();
    assert_eq!(discounted, [true, true, true, false, false], "{charged:?}");
}

#[test]
fn a_break_over_the_boundary_of_periods_in_arrears_uses_up_none() {
    let seller = Seller::on("2026-01-01");
    three(&seller);
    let plan = seller.plan("month", json!([metered("100.00")]));
    let ada = seller.customer();
    let subscription = seller.subscribe(&ada, &plan, json!({ "quantity": "1", "coupon": "THREE" }));
    seller.advance_to("2026-02-01");
    command(
        &seller,
        &subscription,
        "pause",
        json!({ "mode": "extend", "resumes_at": "2026-03-05T00:00:00Z" }),
    );
    seller.advance_to("2026-07-06");
    let discounted: Vec<bool> = months(&seller, &ada).iter().map(|m| m.contains("- 50.00")).collect();
    assert_eq!(discounted, [true, true, true, false, false], "{:?}", months(&seller, &ada));
}

#[test]
fn a_break_with_credit_uses_up_the_periods_that_pass_in_it() {
    let seller = Seller::on("2026-01-01");
    three(&seller);
    let (plan, ada) = (hundred(&seller), seller.customer());
    let subscription = seller.subscribe(&ada, &plan, json!({ "coupon": "THREE" }));
    seller.advance_to("2026-02-01");
    command(
        &seller,
        &subscription,
        "pause",
        json!({ "mode": "credit", "resumes_at": "2026-03-01T00:00:00Z" }),
    );
    seller.advance_to("2026-04-02");
    let rows = months(&seller, &ada);
    assert_eq!(
        rows[rows.len() - 2..],
        ["2026-03-01 100.00 - 50.00 = 50.00", "2026-04-01 100.00 - 0.00 = 100.00"]
    );
}

#[test]
fn a_year_that_becomes_monthly_is_the_first_period_and_the_months_are_the_next() {
    let seller = Seller::on("2026-01-01");
    three(&seller);
    let year = seller.plan("year", json!([base("1200.00")]));
    let (plan, ada) = (hundred(&seller), seller.customer());
    let subscription = seller.subscribe(&ada, &year, json!({ "coupon": "THREE" }));
    seller.advance_to("2026-07-01");
    command(&seller, &subscription, "change", json!({ "plan_id": plan.id, "invoice": "now" }));
    seller.advance_to("2026-10-02");
    let discounted =
        |rows: &[String]| rows.iter().map(|m| m.split(" - ").nth(1).unwrap().to_owned()).collect::<Vec<_>>();
    let rows = months(&seller, &ada);
    assert_eq!(rows[0], "2026-01-01 1200.00 - 600.00 = 600.00");
    assert_eq!(
        rows[2..],
        [
            "2026-08-01 100.00 - 50.00 = 50.00",
            "2026-09-01 100.00 - 0.00 = 100.00",
            "2026-10-01 100.00 - 0.00 = 100.00"
        ],
        "{:?}",
        discounted(&rows)
    );
}

#[test]
fn a_customers_coupon_counts_through_a_break_too() {
    let seller = Seller::on("2026-01-01");
    three(&seller);
    let (plan, ada) = (hundred(&seller), seller.customer());
    redeem_for_all(&seller, "THREE", &ada);
    let subscription = seller.subscribe(&ada, &plan, json!({}));
    seller.advance_to("2026-01-10");
    command(
        &seller,
        &subscription,
        "pause",
        json!({ "mode": "extend", "resumes_at": "2026-01-20T00:00:00Z" }),
    );
    seller.advance_to("2026-04-12");
    let discounted: Vec<bool> = months(&seller, &ada).iter().map(|m| m.contains("- 50.00")).collect();
    assert_eq!(discounted, [true, true, true, false]);
}

/// A coupon for two periods of 100.00, a break that extends, and what each month was billed.
fn two_periods(begin: &str, (from, until): (&str, &str), more: Value) -> Vec<String> {
    let seller = Seller::on(begin);
    coupon(&seller, "TWO", json!({ "percent_off": "50", "duration": "repeating", "periods": 2 }));
    let (plan, ada) = (hundred(&seller), seller.customer());
    let mut body = json!({ "coupon": "TWO" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let subscription = seller.subscribe(&ada, &plan, body);
    seller.advance_to(from);
    let pause = json!({ "mode": "extend", "resumes_at": format!("{until}T00:00:00Z") });
    command(&seller, &subscription, "pause", pause);
    seller.advance_to("2026-05-20");
    months(&seller, &ada).into_iter().filter(|month| !month.ends_with(" = 0.00")).collect()
}

#[test]
fn a_rest_longer_than_a_month_is_no_period_of_its_own() {
    // Paid to 20 February, 29 days of it left: they are had from 8 February to 9 March, of which a month is 28 days.
    let months = two_periods("2026-01-20", ("2026-01-22", "2026-02-08"), json!({}));
    let discounted: Vec<bool> = months.iter().map(|month| month.contains("- 50.00")).collect();
    assert_eq!(discounted, [true, true, false, false], "{months:?}");
}

#[test]
fn a_break_at_the_end_of_a_trial_uses_up_no_period_either() {
    let months = two_periods("2026-01-05", ("2026-01-13", "2026-01-26"), json!({ "trial_days": 13 }));
    let discounted: Vec<bool> = months.iter().map(|month| month.contains("- 50.00")).collect();
    assert_eq!(discounted, [true, true, false, false], "{months:?}");
}

#[test]
fn a_period_that_a_break_holds_from_its_first_instant_on_is_one_however_long_it_is() {
    // The 31 days of a month from 10 January, had from 20 February on.
    let seller = Seller::on("2026-01-01T09:00:00Z");
    three(&seller);
    let (plan, ada) = (hundred(&seller), seller.customer());
    let subscription = seller.subscribe(&ada, &plan, json!({ "coupon": "THREE", "trial_days": 9 }));
    command(
        &seller,
        &subscription,
        "pause",
        json!({ "mode": "extend", "effective_at": "2026-01-10T09:00:00Z", "resumes_at": "2026-02-20T09:00:00Z" }),
    );
    seller.advance_to("2026-05-24");
    assert_eq!(
        months(&seller, &ada),
        [
            "2026-02-20 100.00 - 50.00 = 50.00",
            "2026-03-23 100.00 - 50.00 = 50.00",
            "2026-04-23 100.00 - 50.00 = 50.00",
            "2026-05-23 100.00 - 0.00 = 100.00",
        ]
    );
}

#[test]
fn what_resumes_and_rests_again_in_that_instant_goes_on_with_the_period_that_had_begun() {
    // The second period begins on 9 February, in a break with credit that ends on the 14th, when one that extends begins.
    let seller = Seller::on("2026-01-09");
    coupon(&seller, "TWO", json!({ "percent_off": "50", "duration": "repeating", "periods": 2 }));
    let (plan, ada) = (hundred(&seller), seller.customer());
    let subscription = seller.subscribe(&ada, &plan, json!({ "coupon": "TWO" }));
    seller.advance_to("2026-02-06");
    let credit =
        json!({ "effective_at": "period_end", "mode": "credit", "resumes_at": "2026-02-14T00:00:00Z" });
    command(&seller, &subscription, "pause", credit);
    seller.advance_to("2026-02-14");
    let extend = json!({ "effective_at": "now", "invoice": "next", "mode": "extend", "resumes_at": "2026-02-15T00:00:00Z" });
    command(&seller, &subscription, "pause", extend);
    seller.advance_to("2026-04-12");
    let rows = months(&seller, &ada);
    assert_eq!(
        rows[rows.len() - 2..],
        ["2026-03-10 100.00 - 0.00 = 100.00", "2026-04-10 100.00 - 0.00 = 100.00"],
        "{rows:?}"
    );
}
