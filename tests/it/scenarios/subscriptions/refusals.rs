//! What cannot be done, and what can be done instead? Each refusal names its reason, and writes nothing.

use serde_json::{Value, json};

use super::{Life, base, per_unit};

/// Sends a command that must be refused without a trace, by itself and as a preview.
#[track_caller]
fn refused(life: &Life, name: &str, body: Value, (status, code): (u16, &str)) -> String {
    let before = life.world.rows_of(life.world.tenant.id);
    let reply = life.world.post(&life.path(&format!("/{name}")), body.clone()).is_problem(status, code);
    life.world.post(&life.path(&format!("/{name}/preview")), body).is_problem(status, code);
    assert_eq!(life.world.rows_of(life.world.tenant.id), before, "it wrote something");
    reply.text_at("/detail")
}

#[test]
fn a_change_is_refused_with_its_reason_and_nothing_is_written() {
    let life = Life::seats("2026-04-01", ("10.00", "1"));
    life.advance_to("2027-05-10");
    let detail = refused(
        &life,
        "change",
        json!({ "quantity": "2", "effective_at": "2026-05-08T00:00:00Z" }),
        (422, "too_far_back"),
    );
    assert!(detail.contains("366 days, to 2026-05-09 00:00:00 UTC"), "{detail}");
    refused(
        &life,
        "change",
        json!({ "quantity": "2", "effective_at": "2026-03-31T00:00:00Z" }),
        (422, "before_the_begin"),
    );
    refused(
        &life,
        "change",
        json!({ "quantity": "2", "effective_at": "2300-01-01T00:00:00Z" }),
        (422, "date_out_of_range"),
    );
    refused(&life, "change", json!({ "quantity": "-1" }), (422, "negative_quantity"));
    refused(&life, "change", json!({ "quantity": "1" }), (422, "nothing_to_change"));
    refused(&life, "change", json!({}), (422, "nothing_to_change"));
    refused(&life, "change", json!({ "effective_at": "tomorrow", "quantity": "2" }), (422, "bad_instant"));
    refused(&life, "change", json!({ "items": [] }), (422, "no_items"));
    refused(&life, "change", json!({ "plan_id": "plan_01jgejp8g0e3q9k0v6z4t1x2y3" }), (422, "unknown_plan"));
    refused(&life, "change", json!({ "anchor": { "day_of_month": 32 } }), (422, "anchor_out_of_range"));
    let euros = life.plan_in("EUR", "month", json!([base("10.00")]));
    refused(&life, "change", json!({ "plan_id": euros.id }), (422, "currency_not_priced"));
    refused(
        &life,
        "change",
        json!({ "quantity": "900000000000", "items": [{ "price_id": life.read().text_at("/items/0/price_id"),
        "price_override": { "model": { "type": "per_unit", "unit_amount": "900000000000" } } }] }),
        (422, "amount_out_of_range"),
    );
}

#[test]
fn what_is_flat_has_no_quantity_to_change() {
    let life = Life::monthly("2026-04-01", "30.00");
    refused(&life, "change", json!({ "quantity": "2" }), (422, "quantity_not_used"));
}

#[test]
fn what_has_ended_or_will_have_ended_is_not_changed() {
    let life = Life::of("2026-04-01", |seller| {
        (
            seller.plan("month", json!([super::seat("10.00")])),
            json!({ "quantity": "1", "end_at": "2026-06-01T00:00:00Z" }),
        )
    });
    refused(
        &life,
        "change",
        json!({ "quantity": "2", "effective_at": "2026-06-01T00:00:00Z" }),
        (422, "after_the_end"),
    );
    life.advance_to("2026-06-01");
    refused(&life, "change", json!({ "quantity": "2" }), (409, "subscription_ended"));
}

#[test]
fn what_is_canceled_is_not_canceled_again_and_what_is_not_is_not_taken_back() {
    let life = Life::seats("2026-04-01", ("10.00", "1"));
    refused(&life, "uncancel", json!({}), (409, "not_canceled"));
    refused(&life, "cancel", json!({ "reason": " " }), (422, "blank"));
    refused(&life, "cancel", json!({ "credit": false, "proration": "by_day" }), (422, "proration_not_used"));
    refused(&life, "cancel", json!({ "effective_at": "2026-03-01T00:00:00Z" }), (422, "before_the_begin"));
    life.command("cancel", json!({ "effective_at": "period_end" }));
    let detail = refused(&life, "cancel", json!({}), (409, "already_canceled"));
    assert!(detail.contains("ends at 2026-05-01 00:00:00 UTC; uncancel it first"), "{detail}");
    refused(
        &life,
        "change",
        json!({ "quantity": "2", "effective_at": "period_end" }),
        (422, "after_the_end"),
    );
    life.advance_to("2026-05-01");
    refused(&life, "cancel", json!({}), (409, "already_canceled"));
    refused(&life, "cancel", json!({ "effective_at": "2026-05-01T00:00:00Z" }), (409, "already_canceled"));
    refused(&life, "pause", json!({ "mode": "credit" }), (409, "subscription_ended"));
}

#[test]
fn what_is_paused_is_not_paused_again_nor_changed_and_what_is_not_is_not_resumed() {
    let life = Life::seats("2026-04-01", ("10.00", "1"));
    refused(&life, "resume", json!({}), (409, "not_paused"));
    let backwards = json!({ "mode": "credit", "effective_at": "2026-04-20T00:00:00Z", "resumes_at": "2026-04-10T00:00:00Z" });
    refused(&life, "pause", backwards, (422, "resumes_before_it_pauses"));
    life.advance_to("2026-04-11");
    life.command("pause", json!({ "mode": "credit" }));
    refused(&life, "pause", json!({ "mode": "extend" }), (409, "already_paused"));
    refused(&life, "change", json!({ "quantity": "2" }), (409, "subscription_paused"));
    refused(
        &life,
        "change",
        json!({ "quantity": "2", "effective_at": "2026-04-05T00:00:00Z", "replace_scheduled": true }),
        (409, "subscription_paused"),
    );
    refused(&life, "resume", json!({ "effective_at": "period_end" }), (422, "no_period"));
    life.command("resume", json!({}));
    life.change(json!({ "quantity": "2", "effective_at": "period_end" }));
    refused(&life, "pause", json!({ "mode": "credit" }), (409, "later_changes"));
}

#[test]
fn how_far_back_a_change_may_reach_is_a_setting() {
    let life = Life::seats("2026-01-01", ("10.00", "1"));
    life.advance_to("2026-03-15");
    let settings = |days: i64| life.world.patch("/v1/billing_settings", json!({ "backdate_days": days }));
    settings(-1).is_problem(422, "out_of_range");
    settings(30).is(200);
    let january = json!({ "quantity": "2", "effective_at": "2026-01-10T00:00:00Z" });
    let refused = life.world.post(&life.path("/change"), january.clone()).is_problem(422, "too_far_back");
    assert!(refused.text.contains("30 days, to 2026-02-13"), "{}", refused.text);
    settings(100).is(200);
    life.change(january);
}

#[test]
fn a_change_that_reaches_back_over_more_lines_than_can_be_looked_at_again_is_refused_before_anything_is_done()
{
    let priced = |n: usize| json!({ "code": format!("part_{n}"), "kind": "recurring", "billing": "in_advance", "model": per_unit("0.10") });
    // 13 a day from 27 November 2024: 5,213 lines by New Year 2026.
    let prices: Vec<Value> = (0..13).map(priced).collect();
    let life = Life::of("2026-01-01", |seller| {
        seller.world.patch("/v1/billing_settings", json!({ "backdate_days": 36_600 })).is(200);
        let since = json!({ "start_at": "2024-11-27T00:00:00Z", "collection": "send_invoice" });
        (seller.plan("day", json!(prices)), since)
    });
    let before = life.world.rows_of(life.world.tenant.id);
    let at_once = json!({ "effective_at": "2024-11-27T00:00:00Z", "credit": true, "invoice": "now" });
    for command in ["/cancel/preview", "/cancel"] {
        let refused =
            life.world.post(&life.path(command), at_once.clone()).is_problem(422, "too_many_periods");
        assert_eq!(refused.faults(), [("/effective_at".to_owned(), "too_many_periods".to_owned())]);
        // The latest 5,000 lines are those of 384 days and a part of one more.
        assert!(refused.text.contains("after 2024-12-13"), "{}", refused.text);
    }
    let change = json!({ "quantity": "2", "effective_at": "2024-12-01T00:00:00Z" });
    life.world.post(&life.path("/change/preview"), change).is_problem(422, "too_many_periods");
    assert_eq!(life.world.rows_of(life.world.tenant.id), before);
    let later = json!({ "effective_at": "2025-12-20T00:00:00Z", "credit": true, "invoice": "now" });
    life.world.post(&life.path("/cancel"), later).is(200);
}
