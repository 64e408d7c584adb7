//! Does a line keep its word when what it rests on changes? Each line is explained as it was known when it was written.

use serde_json::json;

use super::{caused, explained, explanation, field, steps};
use crate::scenarios::subscriptions::{Life, seat};

#[test]
fn a_change_that_is_taken_back_by_an_earlier_one_leaves_every_line_true() {
    let life = Life::seats("2026-01-01", ("10.00", "3"));
    life.advance_to("2026-01-05");
    // Planned for the 20th by the second, and then overtaken by another on the 10th by the day.
    life.change(json!({ "quantity": "1", "effective_at": "2026-01-20T06:00:00Z", "proration": "by_second", "invoice": "now" }));
    life.advance_to("2026-01-20T12:00:00Z");
    life.change(json!({ "quantity": "2", "effective_at": "2026-01-10T00:00:00Z", "replace_scheduled": true, "invoice": "now" }));
    life.advance_to("2026-02-01");
    let lines = explained(&life.world, &life.customer);
    let said: Vec<String> = lines
        .iter()
        .map(|line| format!("{} | {}", field(&line["line"], "description"), steps(line).last().unwrap()))
        .collect();
    assert_eq!(
        said,
        [
            "Seat | 30.00 - 0.00 = 30.00",
            "Unused time: Seat | 18.63 - 30.00 = -11.37",
            "Seat | 3.79 - 0.00 = 3.79",
            "Unused time: Seat | 8.71 - 18.63 = -9.92",
            "Seat | 14.19 - 0.00 = 14.19",
            "Unused time: Seat | 0.00 - 3.79 = -3.79",
            "Seat | 20.00 - 0.00 = 20.00",
        ]
    );
    // The first credit is explained by the 20th and its seconds, though the item ends on the 10th by now.
    assert_eq!(steps(&lines[1])[1], "0/31 by_day to 1663200/2678400 by_second");
    assert_eq!(caused(&life.world, &lines[1]), "change by the caller on 2026-01-05");
    assert_eq!(caused(&life.world, &lines[3]), "change by the caller on 2026-01-20");
    assert_eq!(lines[5]["steps"]["withdrawn"], true);
    assert!(field(&lines[5], "sentence").contains("the item was taken back"), "{}", lines[5]["sentence"]);
}

#[test]
fn a_cancellation_and_its_withdrawal_are_explained_with_their_calls() {
    let life = Life::monthly("2026-01-01", "31.00");
    life.advance_to("2026-01-11");
    life.command("cancel", json!({ "effective_at": "2026-01-21T00:00:00Z", "invoice": "now" }));
    life.advance_to("2026-01-15");
    life.command("uncancel", json!({ "invoice": "now" }));
    life.advance_to("2026-02-01");
    for line in explained(&life.world, &life.customer) {
        let cause = caused(&life.world, &line);
        let expected = match line["line"]["revision"].as_i64().unwrap() {
            0 => "subscription.started by the caller on 2026-01-01",
            _ => "cancel by the caller on 2026-01-11",
        };
        assert_eq!(cause, expected, "{line}");
        steps(&line);
    }
}

/// Three seats at 9.30 in arrears from 26 February, with a break from the 28th to 6 March that keeps the rest of the month for later.
fn in_arrears_with_a_break() -> Life {
    let life = Life::of("2026-02-26", |seller| {
        let mut seat = seat("9.30");
        seat["billing"] = json!("in_arrears");
        (seller.plan("month", json!([seat])), json!({ "quantity": "3" }))
    });
    life.world.patch("/v1/billing_settings", json!({ "backdate_days": 60 })).is(200);
    life.advance_to("2026-02-28");
    life.command("pause", json!({ "mode": "extend", "invoice": "now" }));
    life.advance_to("2026-03-06");
    life.command("resume", json!({}));
    life
}

#[test]
fn what_was_charged_after_a_break_is_explained_by_the_month_before_it_though_all_of_it_is_taken_back() {
    for ended_at in ["2026-02-26T00:00:00Z", "2026-02-27T00:00:00Z", "2026-03-06T00:00:00Z"] {
        let life = in_arrears_with_a_break();
        life.advance_to("2026-04-01");
        // To 26 March it was a month of 28 days; 26 of them are had from 6 March on: of 28, not of the 31 of March.
        let charge = [
            "units: 3 x 9.3 = 27.9",
            "2/28 by_day to 28/28 by_day",
            "27.9 x 28/28 = 27.9 -> 27.90",
            "27.9 x 2/28 = 1.9928571428571428571428571429 -> 1.99",
            "25.91 - 0.00 = 25.91",
        ];
        let of_march = || explanation(&life.world, &life.customer, "Seat");
        assert_eq!(steps(&of_march()), charge);
        life.command("cancel", json!({ "effective_at": ended_at, "invoice": "now" }));
        assert_eq!(steps(&of_march()), charge, "{ended_at}");
        let given_back = explained(&life.world, &life.customer).pop().unwrap();
        assert_eq!(given_back["line"]["revision"], 1);
        steps(&given_back);
    }
}

/// Two seats at 9.30 from 1 February, three from the instant at which a break begins.
fn three_with_a_break((from, until): (&str, &str), proration: &str) -> Life {
    let life = Life::seats("2026-02-01", ("9.30", "2"));
    let three = json!({ "quantity": "3", "effective_at": from, "proration": proration, "invoice": "now" });
    life.change(three);
    life.command("pause", json!({ "mode": "extend", "effective_at": from, "resumes_at": until }));
    life.advance_to(until);
    life
}

#[test]
fn what_began_with_a_break_and_ended_with_it_is_explained_by_the_days_and_seconds_before_it() {
    for (from_until, proration, amount) in [
        // 27.90 less the 1.99 of 2 of 28 days.
        (("2026-02-03T00:00:00Z", "2026-03-06T00:00:00Z"), "by_day", "25.91"),
        // 27.90 less the 2.49 of 216,000 of 2,419,200 s.
        (("2026-02-03T12:00:00Z", "2026-03-06T18:00:00Z"), "by_second", "25.41"),
    ] {
        let life = three_with_a_break(from_until, proration);
        let last = || steps(&explanation(&life.world, &life.customer, "Seat")).pop().unwrap();
        let charge = format!("{amount} - 0.00 = {amount}");
        assert_eq!(last(), charge);
        life.command("cancel", json!({ "effective_at": "now", "invoice": "now" }));
        assert_eq!(last(), charge);
        let given_back = explained(&life.world, &life.customer).pop().unwrap();
        assert_eq!(steps(&given_back), [format!("0.00 - {amount} = -{amount}")]);
    }
}
