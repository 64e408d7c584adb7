//! What cannot be done, and what can be done instead? Each refusal names its reason, and writes nothing.

use serde_json::{Value, json};

use super::{Life, base};

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
