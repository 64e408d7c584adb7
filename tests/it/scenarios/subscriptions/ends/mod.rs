//! How does a subscription end, and what is given back? At once with or without credit, when the period ends, on a date; and not after all.

mod corrected;

use serde_json::json;

use super::{Life, base};

#[test]
fn canceled_now_with_credit_the_unused_days_are_given_back_and_nothing_more_is_billed() {
    let life = Life::monthly("2026-01-01", "31.00");
    life.advance_to("2026-01-17");
    life.command("cancel", json!({ "effective_at": "now", "credit": true, "reason": "closes its shop" }));
    assert_eq!(life.status(), "canceled");
    life.advance_to("2026-06-01");
    life.then_billed(
        "INV-000002 paid USD billed 2026-01-17 due 2026-01-17
         2026-01-17 to 2026-02-01  1 x -15.00 = -15.00  Unused time: Base
         total -15.00 paid 0.00 due 0.00",
    );
    let change = life.world.get(&life.path("/changes")).is(200);
    assert_eq!(change.text_at("/data/0/request/reason"), "closes its shop");
    life.world.relay_events();
    assert_eq!(life.world.get("/v1/events?type=subscription.canceled").is(200).data().len(), 1);
}

#[test]
fn canceled_now_without_credit_the_period_stays_paid() {
    let life = Life::monthly("2026-01-01", "31.00");
    life.advance_to("2026-01-17");
    life.command("cancel", json!({ "effective_at": "now", "credit": false }));
    assert_eq!(life.status(), "canceled");
    life.advance_to("2026-06-01");
    life.then_billed("");
}

#[test]
fn canceled_by_the_second_the_credit_is_counted_by_seconds() {
    let life = Life::monthly("2026-04-01", "10.00");
    life.advance_to("2026-04-16T12:30:17Z");
    let canceled = life.command("cancel", json!({ "proration": "by_second" }));
    assert_eq!(canceled.text_at("/invoice/total"), "-4.83");
}

#[test]
fn canceled_when_the_period_ends_it_runs_to_its_end_and_can_be_taken_back_until_then() {
    let life = Life::monthly("2026-01-01", "31.00");
    life.advance_to("2026-01-17");
    let canceled = life.command("cancel", json!({ "effective_at": "period_end" }));
    assert_eq!(canceled.text_at("/end_at"), "2026-02-01T00:00:00Z");
    assert_eq!(life.status(), "active");
    life.advance_to("2026-01-31");
    life.command("uncancel", json!({}));
    assert_eq!(life.read().json["end_at"], json!(null));
    life.advance_to("2026-02-01");
    life.then_billed(
        "INV-000002 paid USD billed 2026-02-01 due 2026-02-01
         2026-02-01 to 2026-03-01  1 x 31.00 = 31.00  Base
         total 31.00 paid 31.00 due 0.00",
    );
    life.command("cancel", json!({ "effective_at": "period_end" }));
    life.advance_to("2026-03-01");
    assert_eq!((life.status(), life.total()), ("canceled".to_owned(), "62.00".to_owned()));
}

#[test]
fn canceled_on_a_date_it_is_credited_then_and_taking_it_back_before_costs_nothing() {
    let life = Life::monthly("2026-01-01", "31.00");
    life.command("cancel", json!({ "effective_at": "2026-01-17T00:00:00Z" }));
    life.advance_to("2026-01-10");
    life.command("uncancel", json!({ "invoice": "now" }));
    life.advance_to("2026-01-20");
    life.then_billed("");
    life.command("cancel", json!({ "effective_at": "2026-01-25T00:00:00Z" }));
    life.advance_to("2026-02-01");
    life.then_billed(
        "INV-000002 paid USD billed 2026-01-25 due 2026-01-25
         2026-01-25 to 2026-02-01  1 x -7.00 = -7.00  Unused time: Base
         total -7.00 paid 0.00 due 0.00",
    );
}

#[test]
fn a_backdated_cancellation_gives_back_whole_months() {
    let life = Life::monthly("2026-01-01", "31.00");
    life.advance_to("2026-03-05");
    life.command("cancel", json!({ "effective_at": "2026-01-17T00:00:00Z" }));
    // 16 days of January are left to pay.
    assert_eq!((life.total(), life.status()), ("16.00".to_owned(), "canceled".to_owned()));
}

#[test]
fn what_is_charged_in_arrears_is_billed_to_the_end() {
    let life = Life::of("2026-04-01", |seller| {
        let hours = json!({ "code": "hours", "description": "Hours", "kind": "recurring", "billing": "in_arrears",
                            "model": { "type": "flat", "amount": "30.00" } });
        (seller.plan("month", json!([base("60.00"), hours])), json!({}))
    });
    life.advance_to("2026-04-11");
    life.command("cancel", json!({ "invoice": "next" }));
    life.advance_to("2026-05-01");
    life.then_billed(
        "INV-000002 paid USD billed 2026-05-01 due 2026-05-01
         2026-04-11 to 2026-05-01  1 x -40.00 = -40.00  Unused time: Base
         2026-04-01 to 2026-04-11  1 x 30.00 = 10.00  Hours
         total -30.00 paid 0.00 due 0.00",
    );
}

#[test]
fn a_planned_change_comes_when_the_cancellation_before_it_is_taken_back() {
    let life = Life::seats("2026-04-01", ("10.00", "3"));
    life.change(json!({ "quantity": "9", "effective_at": "2026-06-01T00:00:00Z" }));
    life.command("cancel", json!({ "effective_at": "period_end" }));
    life.command("uncancel", json!({}));
    life.advance_to("2026-06-01");
    assert_eq!(life.items(), ["9 x Seat"]);
}

#[test]
fn canceled_on_the_day_it_began_everything_is_given_back() {
    let life = Life::of("2026-04-01", |seller| {
        (seller.plan("month", json!([base("30.00"), super::setup("99.00")])), json!({}))
    });
    life.command("cancel", json!({}));
    assert_eq!(life.total(), "0.00");
}

#[test]
fn an_agreed_end_is_kept_when_a_cancellation_before_it_is_taken_back() {
    let life = Life::of("2026-01-01", |seller| {
        (seller.plan("month", json!([base("31.00")])), json!({ "end_at": "2026-02-15T00:00:00Z" }))
    });
    life.command("cancel", json!({ "effective_at": "period_end" }));
    let again = life.command("uncancel", json!({}));
    assert_eq!(again.text_at("/end_at"), "2026-02-15T00:00:00Z");
    life.advance_to("2026-03-01");
    assert_eq!((life.status(), life.total()), ("ended".to_owned(), "46.50".to_owned()));
}

#[test]
fn what_is_changed_before_an_end_that_was_set_ends_as_that_was_set() {
    // One seat to the 10th is 9.00. Two to noon of the 17th are 2 x 7.5 days by the second, 2 x 7 by the day; and by the day where
    // nothing was to be given back: the second seat was not paid yet.
    for (body, paid) in [
        (json!({ "proration": "by_second" }), "24.00"),
        (json!({ "proration": "by_day" }), "23.00"),
        (json!({ "credit": false }), "23.00"),
    ] {
        for added in [false, true] {
            let life = Life::of("2026-01-01", |seller| {
                let mut support = super::seat("31.00");
                support["code"] = json!("support");
                support["add_on"] = json!(true);
                (seller.plan("month", json!([super::seat("31.00"), support])), json!({ "quantity": "1" }))
            });
            let mut cancel = body.clone();
            cancel["effective_at"] = json!("2026-01-17T12:00:00Z");
            life.command("cancel", cancel);
            let mut change = match added {
                false => json!({ "quantity": "2" }),
                true => {
                    let plan = life.read().text_at("/plan_id");
                    let prices = life.world.get(&format!("/v1/plans/{plan}")).is(200).json["prices"].clone();
                    json!({ "add_items": [{ "price_id": prices[1]["id"] }] })
                }
            };
            change["effective_at"] = json!("2026-01-10T00:00:00Z");
            life.change(change);
            life.advance_to("2026-02-10");
            // The seat there was stays paid to the end of its month.
            let paid = if added && body["credit"] == json!(false) { "38.00" } else { paid };
            assert_eq!(life.total(), paid, "{body} {added}");
        }
    }
}
