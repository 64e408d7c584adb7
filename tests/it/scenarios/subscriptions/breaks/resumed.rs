//! What comes after a break that was over sooner, or later, than it was planned to be? What was decided for after it, and the end, as told.

use serde_json::json;

use super::super::Life;

#[test]
fn an_end_that_gives_nothing_back_gives_nothing_back_after_a_break_either() {
    // 9 days until the break; after it all that is left of January from the 20th on: 9.00 + 12.00.
    let pause = |until: Option<&str>| {
        let mut body = json!({ "mode": "credit", "invoice": "now" });
        if let Some(until) = until {
            body["resumes_at"] = json!(until);
        }
        body
    };
    let cancel = json!({ "effective_at": "2026-01-27T00:00:00Z", "credit": false });
    let mut found = Vec::new();
    for (first, until) in [
        (true, Some("2026-01-20T00:00:00Z")),
        (false, Some("2026-01-20T00:00:00Z")),
        (true, None),
        (false, None),
        (false, Some("2026-01-25T00:00:00Z")),
        (false, Some("2026-01-27T00:00:00Z")),
        (false, Some("2026-01-29T00:00:00Z")),
    ] {
        let life = Life::monthly("2026-01-01", "31.00");
        life.advance_to("2026-01-03");
        if first {
            life.command("cancel", cancel.clone());
        }
        life.advance_to("2026-01-10");
        life.command("pause", pause(until));
        life.advance_to("2026-01-12");
        if !first {
            life.command("cancel", cancel.clone());
        }
        life.advance_to("2026-01-20");
        if until != Some("2026-01-20T00:00:00Z") {
            life.command("resume", json!({ "invoice": "now" }));
        }
        life.advance_to("2026-03-01");
        found.push((first, until, life.total()));
    }
    for (first, until, total) in &found {
        assert_eq!(total, "21.00", "{first} {until:?} of {found:?}");
    }
}

#[test]
fn what_is_planned_for_after_a_break_comes_when_the_break_is_over_sooner() {
    // Seats of 31.00, one until the 10th, one from the 15th, three from the 25th: 9.00 + 10.00 + 21.00, then 93.00.
    for (at, total) in [("2026-01-25", "133.00"), ("2026-01-20", "143.00")] {
        let life = Life::seats("2026-01-01", ("31.00", "1"));
        life.advance_to("2026-01-10");
        life.command(
            "pause",
            json!({ "mode": "credit", "invoice": "now", "resumes_at": "2026-01-20T00:00:00Z" }),
        );
        life.command("change", json!({ "quantity": "3", "effective_at": format!("{at}T00:00:00Z") }));
        life.advance_to("2026-01-15");
        life.command("resume", json!({ "invoice": "now" }));
        life.advance_to("2026-02-01");
        assert_eq!(life.total(), total, "{at}");
        let changes = life.world.get(&life.path("/changes")).is(200);
        let planned = changes.data().iter().find(|change| change["kind"] == "change").unwrap();
        assert!(planned["taken_back_at"].is_null(), "{planned}");
    }
}

#[test]
fn a_break_that_would_last_longer_than_what_is_planned_says_so() {
    for mode in ["credit", "extend"] {
        let life = Life::seats("2026-01-01", ("31.00", "1"));
        life.advance_to("2026-01-10");
        life.command("pause", json!({ "mode": mode, "resumes_at": "2026-01-20T00:00:00Z" }));
        life.command("change", json!({ "quantity": "3", "effective_at": "2026-01-25T00:00:00Z" }));
        let later = json!({ "effective_at": "2026-01-28T00:00:00Z" });
        assert_eq!(
            life.world.post(&life.path("/resume"), later.clone()).is(409).json["code"],
            "later_changes",
            "{mode}"
        );
        let back =
            json!({ "quantity": "1", "effective_at": "2026-01-20T00:00:00Z", "replace_scheduled": true });
        life.command("change", back);
        life.command("resume", later);
    }
}

#[test]
fn uncanceled_after_it_was_resumed_sooner_it_goes_on_once() {
    // 9.00 and 12.00 of January, 28.00 of February.
    for (until, end) in [("2026-01-29", "2026-01-27"), ("2026-01-25", "2026-01-27")] {
        let life = Life::monthly("2026-01-01", "31.00");
        life.advance_to("2026-01-10");
        life.command(
            "pause",
            json!({ "mode": "credit", "invoice": "now", "resumes_at": format!("{until}T00:00:00Z") }),
        );
        life.advance_to("2026-01-12");
        life.command("cancel", json!({ "effective_at": format!("{end}T00:00:00Z") }));
        life.advance_to("2026-01-20");
        life.command("resume", json!({ "invoice": "now" }));
        life.advance_to("2026-01-22");
        life.command("uncancel", json!({}));
        life.advance_to("2026-02-01");
        assert_eq!(life.total(), "52.00", "{until}");
    }
}

#[test]
fn an_end_given_as_a_date_in_a_break_that_extends_stays_and_the_end_of_a_period_moves_with_it() {
    // 31 days are paid: 9 of them had by the 10th, the others from the 20th on, to 11 February.
    let stays = "2026-02-05T00:00:00Z";
    for (given, until, end) in [
        (stays, None, stays),
        (stays, Some("2026-01-30T00:00:00Z"), stays),
        ("period_end", Some("2026-01-30T00:00:00Z"), "2026-02-11T00:00:00Z"),
    ] {
        let life = Life::monthly("2026-01-01", "31.00");
        life.advance_to("2026-01-10");
        let mut pause = json!({ "mode": "extend" });
        if let Some(until) = until {
            pause["resumes_at"] = json!(until);
        }
        life.command("pause", pause);
        life.advance_to("2026-01-12");
        life.command("cancel", json!({ "effective_at": given }));
        life.advance_to("2026-01-20");
        life.command("resume", json!({}));
        assert_eq!(life.read().text_at("/end_at"), end, "{given} {until:?}");
        life.advance_to("2026-04-01");
        let total = if end == stays { "25.00" } else { "31.00" };
        assert_eq!(life.total(), total, "{given} {until:?}");
    }
}

#[test]
fn an_end_moved_over_a_break_that_was_to_come_lets_it_come() {
    // 29 days until the break of 7 February; what was kept for later comes back with the end within it.
    let life = Life::monthly("2026-01-09", "31.00");
    life.advance_to("2026-01-25");
    life.command("pause", json!({ "mode": "extend", "effective_at": "2026-02-07T00:00:00Z" }));
    life.advance_to("2026-02-06");
    life.command("cancel", json!({ "invoice": "now" }));
    life.advance_to("2026-02-14");
    life.command("cancel", json!({ "effective_at": "2026-02-28T00:00:00Z" }));
    life.advance_to("2026-04-01");
    assert_eq!(life.total(), "29.00");
}

#[test]
fn a_break_beyond_an_end_that_is_taken_back_is_over_when_it_was_to_be() {
    // 9 days of January until the break, 12 from the 20th on, then 28.00.
    for credit in [true, false] {
        let life = Life::monthly("2026-01-01", "31.00");
        life.advance_to("2026-01-03");
        life.command("cancel", json!({ "effective_at": "2026-01-15T00:00:00Z", "credit": credit }));
        life.advance_to("2026-01-10");
        life.command("pause", json!({ "mode": "credit", "resumes_at": "2026-01-20T00:00:00Z" }));
        life.advance_to("2026-01-12");
        life.command("uncancel", json!({}));
        life.advance_to("2026-02-01");
        assert_eq!(life.total(), "52.00", "credit: {credit}");
    }
}

#[test]
fn what_was_charged_beside_the_plan_stays_when_an_end_is_backdated_to_a_day_before_it() {
    // 4.00 for the days to the 5th, and the training; waiting for the next invoice, it is on the last one.
    for invoice in ["now", "next"] {
        let life = Life::monthly("2026-01-01", "31.00");
        life.advance_to("2026-01-10");
        life.command("charges", json!({ "description": "Training", "amount": "50.00", "invoice": invoice }));
        life.advance_to("2026-01-12");
        life.command("cancel", json!({ "effective_at": "2026-01-05T00:00:00Z", "invoice": "now" }));
        life.advance_to("2026-03-01");
        assert_eq!(life.total(), "54.00", "{invoice}");
    }
}

#[test]
fn a_charge_in_a_break_that_extends_waits_for_the_period_that_begins_after_it() {
    let life = Life::monthly("2026-01-01", "31.00");
    life.advance_to("2026-01-17");
    life.command("pause", json!({ "mode": "extend", "resumes_at": "2026-01-27T00:00:00Z" }));
    life.advance_to("2026-01-20");
    life.command("charges", json!({ "description": "Training", "amount": "50.00", "invoice": "next" }));
    life.advance_to("2026-02-10");
    assert_eq!(life.total(), "31.00");
    life.advance_to("2026-02-11");
    assert_eq!(life.total(), "112.00");
}

#[test]
fn a_break_that_would_last_longer_than_what_a_cancellation_put_aside_says_how_to_have_it() {
    let life = Life::seats("2026-01-01", ("31.00", "1"));
    life.command("change", json!({ "quantity": "3", "effective_at": "2026-01-20T00:00:00Z" }));
    let cancel = json!({ "effective_at": "2026-01-15T00:00:00Z" });
    life.command("cancel", cancel.clone());
    life.advance_to("2026-01-10");
    let pause = json!({ "mode": "credit", "resumes_at": "2026-01-25T00:00:00Z" });
    assert_eq!(life.world.post(&life.path("/pause"), pause.clone()).is(409).json["code"], "later_changes");
    life.command("uncancel", json!({}));
    life.command("change", json!({ "quantity": "1", "replace_scheduled": true }));
    life.command("cancel", cancel);
    life.command("pause", pause);
    life.command("uncancel", json!({}));
    life.advance_to("2026-02-01");
    // 9.00 before the break, 7.00 after it, and February.
    assert_eq!(life.total(), "47.00");
}

#[test]
fn what_was_charged_at_the_instant_of_the_end_stays() {
    let life = Life::monthly("2026-01-01", "31.00");
    life.advance_to("2026-01-10");
    life.command("charges", json!({ "description": "Training", "amount": "50.00", "invoice": "now" }));
    life.command("cancel", json!({ "invoice": "now" }));
    life.advance_to("2026-03-01");
    assert_eq!(life.total(), "59.00");
}

#[test]
fn what_a_cancellation_gave_back_during_a_break_is_had_when_that_is_over_sooner() {
    // 16 days to the 17th, 8 from the 20th to the 28th, and 7 more once it is uncanceled: paid to 4 February.
    for (invoice, uncanceled) in [("now", false), ("now", true), ("next", true)] {
        let life = Life::monthly("2026-01-01", "31.00");
        life.advance_to("2026-01-17");
        life.command(
            "pause",
            json!({ "mode": "extend", "invoice": "now", "resumes_at": "2026-02-10T00:00:00Z" }),
        );
        life.advance_to("2026-01-18");
        life.command("cancel", json!({ "effective_at": "2026-01-28T00:00:00Z", "invoice": invoice }));
        life.advance_to("2026-01-20");
        life.command("resume", json!({ "invoice": "now" }));
        life.advance_to("2026-01-24");
        if uncanceled {
            life.command("uncancel", json!({ "invoice": "now" }));
        }
        life.advance_to("2026-02-03");
        assert_eq!(life.total(), if uncanceled { "31.00" } else { "24.00" }, "{invoice}");
        life.advance_to("2026-02-04");
        assert_eq!(life.total(), if uncanceled { "62.00" } else { "24.00" }, "{invoice}");
    }
}
