//! What does a break cost? With credit, the days had; with extension nothing: the paid days are had after it.

mod planned;
mod resumed;

use serde_json::json;

use super::{Life, base};

#[test]
fn a_pause_with_credit_gives_the_rest_back_and_the_resumption_charges_the_rest_of_its_period() {
    let life = Life::monthly("2026-01-01", "31.00");
    life.advance_to("2026-01-17");
    life.command("pause", json!({ "mode": "credit", "invoice": "now" }));
    assert_eq!(life.status(), "paused");
    life.advance_to("2026-02-10");
    life.command("resume", json!({}));
    assert_eq!(life.status(), "active");
    life.advance_to("2026-03-01");
    life.then_billed(
        "INV-000002 paid USD billed 2026-01-17 due 2026-01-17
         2026-01-17 to 2026-02-01  1 x -15.00 = -15.00  Unused time: Base
         total -15.00 paid 0.00 due 0.00
         INV-000003 paid USD billed 2026-02-10 due 2026-02-10
         2026-02-10 to 2026-03-01  1 x 31.00 = 21.04  Base
         total 21.04 paid 6.04 due 0.00
         INV-000004 paid USD billed 2026-03-01 due 2026-03-01
         2026-03-01 to 2026-04-01  1 x 31.00 = 31.00  Base
         total 31.00 paid 31.00 due 0.00",
    );
    life.world.relay_events();
    for type_ in ["subscription.paused", "subscription.resumed"] {
        assert_eq!(life.world.get(&format!("/v1/events?type={type_}")).is(200).data().len(), 1);
    }
}

#[test]
fn a_pause_that_extends_moves_the_paid_period_by_the_days_of_the_break() {
    let life = Life::monthly("2026-01-01", "31.00");
    life.advance_to("2026-01-17");
    life.command("pause", json!({ "mode": "extend", "resumes_at": "2026-01-27T00:00:00Z" }));
    life.advance_to("2026-01-26");
    assert_eq!(life.status(), "paused");
    life.advance_to("2026-02-10");
    assert_eq!((life.status(), life.total()), ("active".to_owned(), "31.00".to_owned()));
    assert_eq!(life.read().text_at("/current_period/end"), "2026-02-11T00:00:00Z");
    life.advance_to("2026-03-11");
    life.then_billed(
        "INV-000002 paid USD billed 2026-02-11 due 2026-02-11
         2026-01-27 to 2026-02-11  1 x 31.00 = 0.00  Base
         2026-02-11 to 2026-03-11  1 x 31.00 = 31.00  Base
         total 31.00 paid 31.00 due 0.00
         INV-000003 paid USD billed 2026-03-11 due 2026-03-11
         2026-03-11 to 2026-04-11  1 x 31.00 = 31.00  Base
         total 31.00 paid 31.00 due 0.00",
    );
}

#[test]
fn a_break_resumed_before_it_was_planned_to_end_moves_by_the_days_it_lasted() {
    let life = Life::monthly("2026-01-01", "31.00");
    life.advance_to("2026-01-17");
    life.command("pause", json!({ "mode": "extend", "resumes_at": "2026-03-01T00:00:00Z" }));
    life.advance_to("2026-01-20");
    life.command("resume", json!({}));
    assert_eq!(life.read().text_at("/current_period/end"), "2026-02-04T00:00:00Z");
    life.advance_to("2026-02-04");
    assert_eq!(life.total(), "62.00");
}

#[test]
fn an_agreed_end_moves_with_a_break_that_extends_and_stays_with_one_that_credits() {
    for (mode, end, paid) in
        [("extend", "2026-04-11T00:00:00Z", "93.00"), ("credit", "2026-04-01T00:00:00Z", "83.00")]
    {
        let life = Life::of("2026-01-01", |seller| {
            (seller.plan("month", json!([base("31.00")])), json!({ "end_at": "2026-04-01T00:00:00Z" }))
        });
        life.advance_to("2026-01-17");
        life.command("pause", json!({ "mode": mode, "resumes_at": "2026-01-27T00:00:00Z" }));
        life.advance_to("2026-06-01");
        let ended = life.read();
        assert_eq!(
            (ended.text_at("/end_at"), ended.text_at("/status")),
            (end.to_owned(), "ended".to_owned())
        );
        assert_eq!(life.total(), paid, "{mode}");
    }
}

#[test]
fn a_planned_pause_taken_back_before_it_begins_costs_nothing() {
    for mode in ["credit", "extend"] {
        let life = Life::monthly("2026-01-01", "31.00");
        life.command("pause", json!({ "mode": mode, "effective_at": "2026-01-17T00:00:00Z" }));
        life.advance_to("2026-01-10");
        assert_eq!(life.status(), "active");
        life.command("resume", json!({ "invoice": "next" }));
        life.advance_to("2026-02-01");
        assert_eq!((life.status(), life.total()), ("active".to_owned(), "62.00".to_owned()), "{mode}");
    }
}

#[test]
fn a_break_from_the_period_s_end_leaves_the_period_as_it_is() {
    let life = Life::monthly("2026-01-01", "31.00");
    life.command("pause", json!({ "mode": "extend", "effective_at": "period_end" }));
    life.advance_to("2026-02-11");
    assert_eq!((life.status(), life.total()), ("paused".to_owned(), "31.00".to_owned()));
    life.command("resume", json!({}));
    life.then_billed(
        "INV-000002 open USD billed 2026-02-11 due 2026-02-11
         2026-02-11 to 2026-03-11  1 x 31.00 = 31.00  Base
         total 31.00 paid 0.00 due 31.00",
    );
}

#[test]
fn what_is_paused_can_be_canceled_and_stays_so() {
    let life = Life::monthly("2026-01-01", "31.00");
    life.advance_to("2026-01-17");
    life.command("pause", json!({ "mode": "credit", "resumes_at": "2026-03-01T00:00:00Z" }));
    life.advance_to("2026-01-20");
    life.command("cancel", json!({}));
    life.advance_to("2026-04-01");
    assert_eq!((life.status(), life.total()), ("canceled".to_owned(), "16.00".to_owned()));
}

/// Who pays 31.00 from 1 January pauses from the 17th to the 27th and has the rest of the month later.
fn extended_from_the_17th_to_the_27th() -> Life {
    let life = Life::monthly("2026-01-01", "31.00");
    life.advance_to("2026-01-17");
    life.command(
        "pause",
        json!({ "mode": "extend", "invoice": "now", "resumes_at": "2026-01-27T00:00:00Z" }),
    );
    life
}

#[test]
fn an_end_with_the_end_of_a_break_that_extends_gives_back_what_it_says() {
    for (canceled_at, body, paid) in [
        ("2026-01-27", json!({ "credit": false }), "31.00"),
        ("2026-01-27", json!({ "credit": true }), "16.00"),
        ("2026-01-20", json!({ "credit": false, "effective_at": "2026-01-27T00:00:00Z" }), "31.00"),
        ("2026-01-20", json!({ "credit": true, "effective_at": "2026-01-27T00:00:00Z" }), "16.00"),
    ] {
        for uncanceled in [false, true] {
            let life = extended_from_the_17th_to_the_27th();
            life.advance_to(canceled_at);
            life.command("cancel", body.clone());
            life.advance_to("2026-01-30");
            assert_eq!(life.total(), paid, "{canceled_at} {body}");
            if uncanceled {
                // Paid to 11 February, as before.
                life.command("uncancel", json!({ "invoice": "now" }));
                assert_eq!((life.status(), life.total()), ("active".to_owned(), "31.00".to_owned()));
            }
            life.advance_to("2026-02-11");
            assert_eq!(life.total(), if uncanceled { "62.00" } else { paid }, "{canceled_at} {body}");
        }
    }
}

#[test]
fn an_end_without_credit_is_kept_by_a_break_from_the_first_instant_on() {
    // Had from 20 to 27 January, and paid to the end of the month: 12 days.
    let life = Life::of("2026-01-01", |seller| {
        let trial = json!({ "trial_days": 9, "anchor": { "day_of_month": 1 } });
        (seller.plan("month", json!([base("31.00")])), trial)
    });
    life.command("cancel", json!({ "credit": false, "effective_at": "2026-01-27T00:00:00Z" }));
    let pause = json!({ "mode": "credit", "effective_at": "2026-01-10T00:00:00Z", "resumes_at": "2026-01-20T00:00:00Z" });
    life.command("pause", pause);
    life.advance_to("2026-02-10");
    assert_eq!((life.status(), life.total()), ("canceled".to_owned(), "12.00".to_owned()));
}

#[test]
fn what_is_changed_without_proration_at_the_end_of_a_break_that_extends_is_paid_for_already() {
    let life = Life::seats("2026-01-01", ("31.00", "1"));
    life.advance_to("2026-01-17");
    life.command("pause", json!({ "mode": "extend", "resumes_at": "2026-01-27T00:00:00Z" }));
    life.advance_to("2026-01-27");
    life.change(json!({ "quantity": "2", "proration": "none", "invoice": "now" }));
    life.advance_to("2026-02-10");
    assert_eq!(life.total(), "31.00");
    life.advance_to("2026-02-11");
    assert_eq!(life.total(), "93.00");
}

#[test]
fn a_period_that_a_break_holds_from_its_first_instant_on_is_charged_when_it_begins() {
    // Within a day: the month of 10 January has 31 days, and is had from the break's end on.
    for (until, next) in [("2026-01-20", "2026-02-20"), ("2026-02-20", "2026-03-23")] {
        let until = format!("{until}T09:00:00Z");
        let life = Life::of("2026-01-01T09:00:00Z", |seller| {
            (seller.plan("month", json!([base("31.00")])), json!({ "trial_days": 9 }))
        });
        life.advance_to("2026-01-05");
        let pause = json!({ "mode": "extend", "effective_at": "2026-01-10T09:00:00Z", "resumes_at": until });
        life.command("pause", pause);
        life.advance_to(&until);
        assert_eq!(life.total(), "31.00", "{until}");
        assert_eq!(life.read().text_at("/current_period/end"), format!("{next}T00:00:00Z"));
        life.advance_to(next);
        assert_eq!(life.total(), "62.00", "{until}");
    }
}

#[test]
fn what_is_changed_at_the_first_instant_of_a_break_that_extends_is_charged_when_it_goes_on() {
    // One seat to the 17th is 16.00, two for the 15 days that are left of the month are 30.00.
    for proration in ["by_day", "by_second"] {
        let life = Life::seats("2026-01-01", ("31.00", "1"));
        let at = "2026-01-17T00:00:00Z";
        let change = json!({ "quantity": "2", "effective_at": at, "proration": proration, "invoice": "now" });
        life.change(change);
        let pause = json!({ "mode": "extend", "effective_at": at, "resumes_at": "2026-01-27T00:00:00Z" });
        life.command("pause", pause);
        life.advance_to("2026-02-11");
        life.then_billed(
            "INV-000002 paid USD billed 2026-01-17 due 2026-01-17
             2026-01-17 to 2026-02-01  1 x -15.00 = -15.00  Unused time: Seat
             total -15.00 paid 0.00 due 0.00
             INV-000003 paid USD billed 2026-01-27 due 2026-01-27
             2026-01-27 to 2026-02-11  2 x 31.00 = 30.00  Seat
             total 30.00 paid 15.00 due 0.00
             INV-000004 paid USD billed 2026-02-11 due 2026-02-11
             2026-02-11 to 2026-03-11  2 x 31.00 = 62.00  Seat
             total 62.00 paid 62.00 due 0.00",
        );
    }
}

#[test]
fn what_came_by_the_second_with_a_break_that_extends_goes_on_by_the_second() {
    // To noon of the 17th one seat, 16.50; then two for the 14.5 days that were left when the break began, 29.00.
    let life = Life::seats("2026-01-01", ("31.00", "1"));
    let at = "2026-01-17T12:00:00Z";
    life.change(json!({ "quantity": "2", "effective_at": at, "proration": "by_second" }));
    let pause = json!({ "mode": "extend", "effective_at": at, "resumes_at": "2026-01-27T18:00:00Z" });
    life.command("pause", pause);
    life.advance_to("2026-02-10");
    assert_eq!(life.total(), "45.50");
}

#[test]
fn a_break_that_extends_from_the_end_of_another_keeps_what_that_kept() {
    for (mode, resumes, paid) in
        [("extend", true, "31.00"), ("extend", false, "31.00"), ("credit", false, "16.00")]
    {
        let life = extended_from_the_17th_to_the_27th();
        life.advance_to("2026-01-27");
        let mut pause = json!({ "mode": mode, "invoice": "now" });
        if resumes {
            pause["resumes_at"] = json!("2026-02-05T00:00:00Z");
        }
        life.command("pause", pause);
        life.advance_to("2026-02-05");
        assert_eq!(life.total(), paid, "{mode}");
        if mode == "credit" {
            continue;
        }
        if !resumes {
            life.command("cancel", json!({ "invoice": "now" }));
            assert_eq!(life.total(), "16.00");
            life.command("uncancel", json!({ "invoice": "now" }));
            life.command("resume", json!({}));
        }
        life.advance_to("2026-02-19");
        assert_eq!(life.total(), "31.00", "{resumes}");
        life.advance_to("2026-02-20");
        assert_eq!(life.total(), "62.00", "{resumes}");
    }
}
