//! What is planned in or after a break comes on its day; and what is agreed up to an end that comes in a break costs no more.

use serde_json::json;

use super::super::{Life, base};

/// 31.00 a month from 1 January; the total of all invoices on these days.
fn totals(life: &Life, days: &[&str]) -> Vec<String> {
    let total = |day: &&str| {
        life.advance_to(day);
        life.total()
    };
    days.iter().map(total).collect()
}

#[test]
fn an_end_that_is_planned_after_a_break_is_given_back_on_its_day() {
    // Paid to 5 February: of 31 days 4 were had before the break, and 10 after it.
    let life = Life::monthly("2026-01-01", "31.00");
    life.advance_to("2026-01-05");
    life.command("pause", json!({ "mode": "extend", "resumes_at": "2026-01-10T00:00:00Z" }));
    life.advance_to("2026-01-12");
    life.command("cancel", json!({ "effective_at": "2026-01-20T00:00:00Z" }));
    assert_eq!(totals(&life, &["2026-01-19", "2026-01-20", "2026-03-01"]), ["31.00", "14.00", "14.00"]);
}

#[test]
fn an_end_that_is_planned_in_a_break_is_given_back_on_its_day() {
    for until in [None, Some("2026-01-30T00:00:00Z")] {
        let life = Life::monthly("2026-01-01", "31.00");
        life.advance_to("2026-01-11");
        life.command("pause", json!({ "mode": "extend", "resumes_at": until }));
        life.advance_to("2026-01-12");
        life.command("cancel", json!({ "effective_at": "2026-01-20T00:00:00Z" }));
        assert_eq!(totals(&life, &["2026-01-19", "2026-01-20", "2026-03-01"]), ["31.00", "10.00", "10.00"]);
    }
}

#[test]
fn a_subscription_that_ends_in_a_break_is_billed_nothing_more() {
    // Agreed until the 25th: 24.00.
    let life = Life::of("2026-01-01", |seller| {
        (seller.plan("month", json!([base("31.00")])), json!({ "end_at": "2026-01-25T00:00:00Z" }))
    });
    life.advance_to("2026-01-11");
    life.command("pause", json!({ "mode": "extend" }));
    assert_eq!(totals(&life, &["2026-01-12", "2026-01-25", "2026-04-01"]), ["24.00", "24.00", "24.00"]);
}

#[test]
fn what_was_agreed_up_to_an_end_is_had_after_a_break_that_interrupts_it() {
    let life = Life::of("2026-01-01", |seller| {
        (seller.plan("month", json!([base("31.00")])), json!({ "end_at": "2026-01-25T00:00:00Z" }))
    });
    life.advance_to("2026-01-11");
    life.command("pause", json!({ "mode": "extend" }));
    life.advance_to("2026-01-21");
    life.command("resume", json!({}));
    assert_eq!(totals(&life, &["2026-01-21", "2026-02-04", "2026-04-01"]), ["24.00", "24.00", "24.00"]);
}
