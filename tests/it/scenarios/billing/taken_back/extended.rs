//! What a break with `extend` kept for later, and was cut then: 31.00 for January, a break from the 17th to the 27th, so paid to 11 February.
//! Canceled on 1 February, 21 of its 31 days were had: 10.00 come back, less what was taken back of the 31.00 before.

use serde_json::json;

use super::Month;

fn with_a_break(month: Month) -> Month {
    month.seller.advance_to("2026-01-17");
    month.command("pause", json!({ "mode": "extend", "resumes_at": "2026-01-27T00:00:00Z" }));
    month
}

fn canceled_on(month: &Month, day: &str) -> String {
    month.seller.advance_to(day);
    month.command("cancel", json!({ "effective_at": "now", "invoice": "now" }));
    month.balance()
}

#[test]
fn the_days_that_were_kept_and_not_had_are_given_back() {
    let month = with_a_break(Month::paid());
    assert_eq!(canceled_on(&month, "2026-02-01"), "10.00");
    let credit = month.seller.world.get(&format!("/v1/invoices/{}", month.last_invoice())).is(200);
    assert_eq!(credit.text_at("/lines/0/description"), "Unused time: Base");
    let line = format!("/v1/invoice_lines/{}-1/explain", month.last_invoice());
    let explained = month.seller.world.get(&line).is(200);
    assert_eq!(explained.json["steps"]["recomputed"], true);
    assert_eq!(explained.text_at("/steps/worth"), "21.00");
    // Canceled as of the very day it went on, all of the kept rest comes back.
    let at_once = with_a_break(Month::paid());
    assert_eq!(canceled_on(&at_once, "2026-01-27"), "15.00");
    // When all was had, nothing is left.
    let had = with_a_break(Month::paid());
    had.seller.advance_to("2026-02-10");
    had.command("cancel", json!({ "effective_at": "2026-02-11T00:00:00Z" }));
    had.seller.advance_to("2026-02-11");
    assert_eq!(had.balance(), "0.00");
}

#[test]
fn a_cancellation_planned_ahead_gives_back_when_it_comes_and_taken_back_gives_nothing() {
    let month = with_a_break(Month::paid());
    month.seller.advance_to("2026-01-28");
    month.command("cancel", json!({ "effective_at": "2026-02-01T00:00:00Z" }));
    assert_eq!(month.balance(), "0.00");
    month.seller.advance_to("2026-02-01");
    assert_eq!(month.balance(), "10.00");
    month.command("uncancel", json!({ "invoice": "now" }));
    assert_eq!(month.balance(), "0.00");
    month.seller.advance_to("2026-02-11");
    assert_eq!(month.last_total(), "31.00");
}

#[test]
fn what_was_taken_back_before_the_break_is_not_given_back_after_it() {
    let void = Month::open();
    void.void(&void.invoice);
    assert_eq!(canceled_on(&with_a_break(void), "2026-02-01"), "0.00");

    let credited = Month::paid();
    credited.credit(&credited.invoice, json!({ "amount": "20.00", "to": "credit_balance" }));
    assert_eq!(canceled_on(&with_a_break(credited), "2026-02-01"), "30.00");
    let much = Month::paid();
    much.credit(&much.invoice, json!({ "amount": "25.00", "to": "credit_balance" }));
    assert_eq!(canceled_on(&with_a_break(much), "2026-02-01"), "31.00");

    // 21.00, and 10 of 31 days of the 10.00 that the charge is.
    let corrected = Month::paid();
    corrected.correct(&corrected.invoice, json!([{ "line_no": 1, "amount": "10.00" }]));
    assert_eq!(canceled_on(&with_a_break(corrected), "2026-02-01"), "24.23");
}

#[test]
fn canceled_during_the_break_the_kept_rest_comes_back_and_uncanceled_it_is_kept_again() {
    let month = Month::paid();
    month.seller.advance_to("2026-01-17");
    month.command("pause", json!({ "mode": "extend" }));
    assert_eq!(canceled_on(&month, "2026-01-20"), "15.00");
    month.command("uncancel", json!({ "invoice": "now" }));
    assert_eq!(month.balance(), "0.00");
    month.seller.advance_to("2026-01-27");
    month.command("resume", json!({ "invoice": "now" }));
    month.seller.advance_to("2026-02-11");
    assert_eq!(month.last_total(), "31.00");
    assert_eq!(month.balance(), "0.00");
    // Planned to go on, it never does.
    let planned = with_a_break(Month::paid());
    assert_eq!(canceled_on(&planned, "2026-01-20"), "15.00");
}

#[test]
fn a_change_after_the_break_is_cut_as_the_period_that_was_paid() {
    let month = with_a_break(Month::paid());
    let dear = month.seller.plan("month", json!([super::super::base("62.00")]));
    month.seller.advance_to("2026-02-01");
    month.command("change", json!({ "plan_id": dear.id, "invoice": "now" }));
    // −10.00 and 20.00: 10 of 31 days of each.
    assert_eq!(month.last_total(), "10.00");
    month.seller.advance_to("2026-02-11");
    assert_eq!(month.last_total(), "62.00");
}

#[test]
fn a_second_break_keeps_what_the_first_had_kept() {
    let month = with_a_break(Month::paid());
    month.seller.advance_to("2026-02-01");
    month.command("pause", json!({ "mode": "extend", "resumes_at": "2026-02-06T00:00:00Z" }));
    month.seller.advance_to("2026-02-06");
    // Paid to the 16th: 4 of the 31 days are left on the 12th.
    assert_eq!(canceled_on(&month, "2026-02-12"), "4.00");
}

#[test]
fn a_rest_of_a_whole_period_is_not_charged_again() {
    // The rest of 31 days is longer than February, and as long as the period before 4 March.
    let month = Month::paid();
    month.seller.advance_to("2026-01-01T12:00:00Z");
    month.command("pause", json!({ "mode": "extend", "resumes_at": "2026-02-01T00:00:00Z" }));
    month.seller.advance_to("2026-03-03");
    assert_eq!(month.last_total(), "31.00");
    assert_eq!(month.last_invoice(), month.invoice);
    month.seller.advance_to("2026-03-04");
    assert_ne!(month.last_invoice(), month.invoice);
    assert_eq!(month.last_total(), "31.00");
}

#[test]
fn what_a_change_ended_at_the_instant_of_a_break_does_not_come_back_after_it() {
    let month = Month::paid();
    let other = json!([{ "code": "other", "description": "Other", "kind": "recurring", "billing": "in_advance",
                         "model": { "type": "flat", "amount": "62.00" } }]);
    let plan = month.seller.plan("month", other);
    month.seller.advance_to("2026-01-17");
    month.command("change", json!({ "plan_id": plan.id, "effective_at": "2026-02-01T00:00:00Z" }));
    month.command("pause", json!({ "effective_at": "2026-02-01T00:00:00Z", "mode": "credit" }));
    month.seller.advance_to("2026-02-15");
    month.command("resume", json!({ "invoice": "now" }));
    // 14 of 28 days of the new plan, and nothing of the old one.
    assert_eq!(month.last_total(), "31.00");
    month.seller.advance_to("2026-03-02");
    assert_eq!(month.last_total(), "62.00");
}

#[test]
fn what_ended_at_the_instant_of_a_break_is_given_back_all_the_same() {
    let seats = json!([{ "code": "seats", "description": "Seats", "kind": "recurring", "billing": "in_advance",
                         "model": { "type": "per_unit", "unit_amount": "31.00" } }]);
    let month = Month::with(
        super::super::Seller::on("2026-01-01"),
        |s| (s.customer(), json!({ "quantity": "3" })),
        |s| s.plan("month", seats),
    );
    month.seller.advance_to("2026-01-17");
    month.command("change", json!({ "quantity": "1", "effective_at": "now", "invoice": "now" }));
    month.command(
        "pause",
        json!({ "mode": "extend", "resumes_at": "2026-01-27T00:00:00Z", "invoice": "now" }),
    );
    // The three seats' 15 days; those of the one are charged when it begins.
    assert_eq!(month.balance(), "45.00");
    month.seller.advance_to("2026-01-27");
    assert_eq!(month.last_total(), "15.00");
    month.seller.advance_to("2026-02-12");
    assert_eq!(month.last_total(), "31.00");
}
