//! What is had for nothing, for how long, and what then? Told three days ahead, billed from the trial's end, or ended without a card.

use serde_json::{Value, json};

use super::{Life, base, seat};

/// 14 days for nothing, then 31.00 a month; with a card or without one.
fn trial(card: bool, more: Value) -> Life {
    let seller = super::Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([base("31.00")]));
    let customer = if card { seller.customer() } else { seller.customer_like(json!({ "name": "Ada" })) };
    let mut body = json!({ "trial_days": 14 });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let subscription = seller.subscribe(&customer, &plan, body);
    Life { seller, customer, subscription }
}

fn emitted_at(life: &Life, type_: &str) -> Vec<String> {
    life.world.relay_events();
    let events = life.world.get(&format!("/v1/events?type={type_}")).is(200);
    events.data().iter().map(|e| e["occurred_at"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn nothing_is_billed_until_the_trial_ends_and_periods_begin_then() {
    let life = trial(true, json!({}));
    assert_eq!(
        (life.status(), life.read().text_at("/trial_end")),
        ("trialing".to_owned(), "2026-01-15T00:00:00Z".to_owned())
    );
    life.advance_to("2026-01-14");
    life.billed("");
    assert_eq!(emitted_at(&life, "subscription.trial_will_end"), ["2026-01-12T00:00:00Z"]);
    life.advance_to("2026-02-15");
    assert_eq!(emitted_at(&life, "subscription.trial_ended"), ["2026-01-15T00:00:00Z"]);
    life.billed(
        "INV-000001 paid USD billed 2026-01-15 due 2026-01-15
         2026-01-15 to 2026-02-15  1 x 31.00 = 31.00  Base
         total 31.00 paid 31.00 due 0.00
         INV-000002 paid USD billed 2026-02-15 due 2026-02-15
         2026-02-15 to 2026-03-15  1 x 31.00 = 31.00  Base
         total 31.00 paid 31.00 due 0.00",
    );
}

#[test]
fn a_trial_of_seven_days_with_an_anchor_is_followed_by_the_days_until_it() {
    let life = Life::of("2026-01-15", |seller| {
        (
            seller.plan("month", json!([base("31.00")])),
            json!({ "trial_days": 7, "anchor": { "day_of_month": 1 } }),
        )
    });
    life.advance_to("2026-02-01");
    life.billed(
        "INV-000001 paid USD billed 2026-01-22 due 2026-01-22
         2026-01-22 to 2026-02-01  1 x 31.00 = 10.00  Base
         total 10.00 paid 10.00 due 0.00
         INV-000002 paid USD billed 2026-02-01 due 2026-02-01
         2026-02-01 to 2026-03-01  1 x 31.00 = 31.00  Base
         total 31.00 paid 31.00 due 0.00",
    );
}

#[test]
fn without_a_card_a_trial_ends_as_was_agreed() {
    for (policy, status, invoices) in
        [("bill", "active", 1), ("cancel", "canceled", 0), ("pause", "paused", 0)]
    {
        let life = trial(false, json!({ "trial_without_payment_method": policy }));
        life.advance_to("2026-01-16");
        assert_eq!(
            (life.status(), life.invoices(&life.customer).len()),
            (status.to_owned(), invoices),
            "{policy}"
        );
        life.advance_to("2026-01-20");
        assert_eq!(life.invoices(&life.customer).len(), invoices, "{policy}");
    }
}

#[test]
fn a_trial_paused_for_want_of_a_card_is_resumed_when_there_is_one() {
    let life = trial(false, json!({ "trial_without_payment_method": "pause" }));
    life.advance_to("2026-01-31");
    let card = json!({ "customer_id": life.customer, "kind": "card", "token": "tok_success" });
    life.world.post("/v1/payment_methods", card).is(201);
    life.command("resume", json!({}));
    life.billed(
        "INV-000001 open USD billed 2026-01-31 due 2026-01-31
         2026-01-31 to 2026-02-15  1 x 31.00 = 15.00  Base
         total 15.00 paid 0.00 due 15.00",
    );
}

#[test]
fn with_a_card_the_agreement_for_those_without_does_not_matter() {
    let life = trial(true, json!({ "trial_without_payment_method": "cancel" }));
    life.advance_to("2026-01-15");
    assert_eq!((life.status(), life.total()), ("active".to_owned(), "31.00".to_owned()));
}

#[test]
fn a_trial_is_canceled_at_once_and_nothing_was_ever_owed() {
    let life = trial(true, json!({}));
    life.advance_to("2026-01-05");
    life.command("cancel", json!({}));
    assert_eq!(life.status(), "canceled");
    life.advance_to("2026-03-01");
    life.billed("");
    assert_eq!(emitted_at(&life, "subscription.trial_will_end"), [""; 0]);
}

#[test]
fn a_change_in_the_trial_counts_from_its_end() {
    let life = Life::of("2026-01-01", |seller| {
        (
            seller.plan("month", json!([seat("10.00")])),
            json!({ "trial_end": "2026-01-15T00:00:00Z", "quantity": "1" }),
        )
    });
    life.advance_to("2026-01-05");
    let changed = life.change(json!({ "quantity": "3" }));
    assert_eq!(changed.text_at("/change/effective_at"), "2026-01-15T00:00:00Z");
    life.advance_to("2026-01-15");
    life.billed(
        "INV-000001 paid USD billed 2026-01-15 due 2026-01-15
         2026-01-15 to 2026-02-15  3 x 10.00 = 30.00  Seat
         total 30.00 paid 30.00 due 0.00",
    );
}

#[test]
fn a_trial_that_makes_no_sense_is_refused() {
    let seller = super::Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([base("31.00")]));
    let customer = seller.customer();
    for (more, pointer) in [
        (json!({ "trial_days": 0 }), "/trial_days"),
        (json!({ "trial_days": 731 }), "/trial_days"),
        (json!({ "trial_days": 7, "trial_end": "2026-01-09T00:00:00Z" }), "/trial_days"),
        (json!({ "trial_end": "2026-01-01T00:00:00Z" }), "/trial_end"),
        (json!({ "trial_end": "2036-01-01T00:00:00Z" }), "/trial_end"),
    ] {
        let mut body = json!({ "customer_id": customer, "plan_id": plan.id, "collection": "automatic" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let refused = seller.world.post("/v1/subscriptions", body).is_problem(422, "bad_trial");
        assert_eq!(refused.text_at("/errors/0/pointer"), pointer);
    }
}
