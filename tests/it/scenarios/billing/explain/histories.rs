//! Does a line keep its word when what it rests on changes? Each line is explained as it was known when it was written.

use serde_json::json;

use super::{caused, explained, field, steps};
use crate::scenarios::subscriptions::Life;

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
