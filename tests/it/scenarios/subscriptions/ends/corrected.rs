//! What becomes of an end that was told wrongly, or taken back after it had come?

use serde_json::json;

use super::super::taken_back::{changes, totals};
use super::super::{Life, base, per_unit};

#[test]
fn an_end_set_wrongly_is_corrected_after_it_has_come() {
    let end = |end_at: &str| Life::monthly("2026-01-01", "31.00").canceled(end_at);
    // It ended on the 17th: it should have on the 11th, or on 1 March, or never.
    let life = end("2026-01-17T00:00:00Z");
    life.advance_to("2026-01-20");
    life.command("cancel", json!({ "effective_at": "2026-01-11T00:00:00Z" }));
    assert_eq!((life.status(), life.total()), ("canceled".to_owned(), "10.00".to_owned()));
    assert_eq!(changes(&life), ["cancel taken back by cancel", "cancel"]);

    let life = end("2026-01-17T00:00:00Z");
    life.advance_to("2026-02-10");
    life.command("cancel", json!({ "effective_at": "2026-03-01T00:00:00Z" }));
    assert_eq!(life.status(), "active");
    life.advance_to("2026-06-01");
    assert_eq!((life.status(), life.total()), ("canceled".to_owned(), "62.00".to_owned()));

    let life = end("2026-01-17T00:00:00Z");
    life.advance_to("2026-03-10");
    let back = life.command("uncancel", json!({ "invoice": "now" }));
    assert_eq!((back.text_at("/status"), back.json["end_at"].clone()), ("active".to_owned(), json!(null)));
    assert_eq!(totals(&life), ["31.00", "-15.00", "77.00"]);
    life.advance_to("2026-04-01");
    assert_eq!(totals(&life)[3..], ["31.00"]);
}

#[test]
fn an_end_taken_back_late_is_charged_with_the_next_invoice_and_on_no_other() {
    let life = Life::monthly("2026-01-01", "31.00").canceled("2026-01-17T00:00:00Z");
    life.advance_to("2026-03-10");
    life.command("uncancel", json!({}));
    life.command("charges", json!({ "description": "Visit", "amount": "5.00", "invoice": "now" }));
    assert_eq!(totals(&life), ["31.00", "-15.00", "5.00"]);
    life.advance_to("2026-04-01");
    assert_eq!(totals(&life)[3..], ["108.00"]);
}

#[test]
fn a_fee_for_leaving_early_is_given_back_with_the_end_and_charged_anew_for_another() {
    let life = Life::of("2026-01-01", |seller| {
        let fee = json!({ "type": "remaining", "percent": "100" });
        let more = json!({ "terms": { "minimum_term": { "interval": "month", "interval_count": 4 }, "early_termination_fee": fee } });
        (seller.plan("month", json!([base("100.00")])), more)
    });
    life.advance_to("2026-02-01");
    life.command("cancel", json!({ "effective_at": "2026-02-01T00:00:00Z" }));
    // March, April and the February given back: all that was agreed.
    assert_eq!(life.total(), "400.00");
    life.advance_to("2026-02-20");
    life.command("cancel", json!({ "effective_at": "2026-03-01T00:00:00Z" }));
    life.advance_to("2026-03-01");
    assert_eq!(life.total(), "400.00");
    life.command("uncancel", json!({ "invoice": "now" }));
    assert_eq!(life.total(), "300.00");
    life.advance_to("2026-05-01");
    assert_eq!(life.total(), "500.00");
}

#[test]
fn an_end_of_long_ago_stays_and_one_agreed_can_be_brought_forward_after_it_came() {
    let life = Life::monthly("2026-01-01", "31.00").canceled("2026-01-17T00:00:00Z");
    life.world.patch("/v1/billing_settings", json!({ "backdate_days": 30 })).is(200);
    life.advance_to("2026-02-20");
    life.world.post(&life.path("/uncancel"), json!({})).is_problem(422, "too_far_back");
    let again = json!({ "effective_at": "2026-02-25T00:00:00Z" });
    life.world.post(&life.path("/cancel"), again).is_problem(422, "too_far_back");
    // The refusal says to raise the days, and then it works.
    life.world.patch("/v1/billing_settings", json!({ "backdate_days": 60 })).is(200);
    life.command("uncancel", json!({ "invoice": "now" }));
    assert_eq!(life.total(), "62.00");

    let agreed = Life::of("2026-01-01", |seller| {
        (seller.plan("month", json!([base("31.00")])), json!({ "end_at": "2026-02-01T00:00:00Z" }))
    });
    agreed.advance_to("2026-02-10");
    agreed.command("cancel", json!({ "effective_at": "2026-01-17T00:00:00Z" }));
    assert_eq!((agreed.status(), agreed.total()), ("canceled".to_owned(), "16.00".to_owned()));
    agreed.world.post(&agreed.path("/cancel"), json!({})).is_problem(409, "already_canceled");
    let back = agreed.command("uncancel", json!({ "invoice": "now" }));
    assert_eq!((back.text_at("/status"), agreed.total()), ("ended".to_owned(), "31.00".to_owned()));
    agreed.world.post(&agreed.path("/uncancel"), json!({})).is_problem(409, "subscription_ended");
}

#[test]
fn what_a_refusal_advises_works() {
    // Uncancel it first to choose another end.
    let life = Life::monthly("2026-01-01", "31.00").canceled("2026-02-01T00:00:00Z");
    life.world.post(&life.path("/cancel"), json!({})).is_problem(409, "already_canceled");
    life.command("uncancel", json!({}));
    life.command("cancel", json!({ "effective_at": "2026-01-17T00:00:00Z" }));

    // Resume it first: before the break has begun it never was, and nothing of it stands in the way.
    let life = Life::seats("2026-01-01", ("31.00", "1"));
    life.command("pause", json!({ "mode": "credit", "effective_at": "2026-01-17T00:00:00Z", "resumes_at": "2026-01-25T00:00:00Z" }));
    life.world.post(&life.path("/change"), json!({ "quantity": "2" })).is_problem(409, "subscription_paused");
    life.world.post(&life.path("/pause"), json!({ "mode": "extend" })).is_problem(409, "already_paused");
    life.command("resume", json!({}));
    assert_eq!(changes(&life), ["pause taken back by resume", "resume"]);
    life.change(json!({ "quantity": "2", "invoice": "now" }));
    life.advance_to("2026-01-20");
    life.command("pause", json!({ "mode": "credit" }));
    life.advance_to("2026-01-25");
    life.command("resume", json!({}));
    // As of before a break that is over, nothing is changed; from its end on it is.
    let early = json!({ "quantity": "3", "effective_at": "2026-01-10T00:00:00Z", "invoice": "now" });
    let refused = life.world.post(&life.path("/change"), early).is_problem(409, "subscription_paused");
    assert!(
        refused.text_at("/detail").contains("from 2026-01-20 00:00:00 UTC to 2026-01-25"),
        "{}",
        refused.text
    );
    let early = json!({ "mode": "credit", "effective_at": "2026-01-10T00:00:00Z" });
    life.world.post(&life.path("/pause"), early).is_problem(409, "subscription_paused");
    life.change(json!({ "quantity": "3", "effective_at": "2026-01-25T00:00:00Z", "invoice": "now" }));

    // Take it back first, by a change with replace_scheduled: then, and as of then.
    let life = Life::seats("2026-01-01", ("31.00", "1"));
    life.advance_to("2026-01-20");
    life.change(json!({ "quantity": "2", "effective_at": "2026-01-10T00:00:00Z", "invoice": "now" }));
    life.change(json!({ "quantity": "5", "effective_at": "2026-02-10T00:00:00Z" }));
    let pause = json!({ "mode": "credit", "effective_at": "2026-01-05T00:00:00Z", "invoice": "now" });
    life.world.post(&life.path("/pause"), pause.clone()).is_problem(409, "later_changes");
    life.change(
        json!({ "replace_scheduled": true, "effective_at": "2026-01-05T00:00:00Z", "invoice": "now" }),
    );
    life.command("pause", pause);
    assert_eq!(life.total(), "4.00");

    // An evergreen subscription is told what it can do.
    let life = Life::monthly("2026-01-01", "31.00");
    let refused = life.world.post(&life.path("/renewal"), json!({ "auto_renew": false }));
    assert!(refused.is_problem(422, "no_term").text_at("/detail").contains("cancel it to end it"));
}

#[test]
fn seats_that_end_by_the_second_end_so_again_when_a_cancellation_before_is_taken_back() {
    let life = Life::of("2026-04-01", |seller| {
        (
            seller.plan(
                "month",
                json!([json!({
        "code": "seat", "description": "Seat", "kind": "recurring", "model": per_unit("10.00") })]),
            ),
            json!({ "quantity": "1" }),
        )
    });
    life.change(json!({ "quantity": "2", "effective_at": "2026-04-16T12:30:17Z", "proration": "by_second", "invoice": "now" }));
    life.command("cancel", json!({ "effective_at": "2026-04-10T00:00:00Z" }));
    life.command("uncancel", json!({}));
    life.advance_to("2026-04-17");
    assert_eq!(totals(&life), ["10.00", "4.82"]);
}

impl Life {
    /// Canceled for an instant, which may have passed meanwhile.
    fn canceled(self, at: &str) -> Life {
        self.command("cancel", json!({ "effective_at": at }));
        self
    }
}
