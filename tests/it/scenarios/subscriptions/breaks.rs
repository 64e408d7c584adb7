//! What does a break cost? With credit, the days had; with extension nothing: the paid days are had after it.

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
