//! What was taken back first, and then given back by a cancellation or a change on 17 January: each way alone.

use serde_json::json;

use super::super::{Seller, base};
use super::Month;

#[test]
fn of_a_void_invoice_nothing_is_given_back() {
    let month = Month::open();
    month.void(&month.invoice);
    assert_eq!(month.canceled_on_the_17th().balance(), "0.00");
}

#[test]
fn what_a_note_gave_back_to_the_balance_is_not_given_back_again() {
    let month = Month::paid();
    month.credit(&month.invoice, json!({ "to": "credit_balance" }));
    assert_eq!(month.canceled_on_the_17th().balance(), "31.00");
}

#[test]
fn what_a_note_refunded_is_not_given_back_again() {
    let month = Month::paid();
    month.credit(&month.invoice, json!({ "to": "refund" }));
    assert_eq!(month.canceled_on_the_17th().balance(), "0.00");
}

#[test]
fn of_a_line_that_was_credited_in_part_the_rest_is_what_can_be_given_back() {
    let month = Month::paid();
    month.credit(&month.invoice, json!({ "amount": "20.00", "to": "credit_balance" }));
    assert_eq!(month.canceled_on_the_17th().balance(), "31.00");
    let small = Month::paid();
    small.credit(&small.invoice, json!({ "amount": "10.00", "to": "credit_balance" }));
    assert_eq!(small.canceled_on_the_17th().balance(), "25.00");
}

#[test]
fn of_a_corrected_charge_the_share_of_what_it_is_is_given_back() {
    let month = Month::paid();
    month.correct(&month.invoice, json!([{ "line_no": 1, "amount": "10.00" }]));
    assert_eq!(month.canceled_on_the_17th().balance(), "25.84");
    let line = format!("/v1/invoice_lines/{}-1/explain", month.last_invoice());
    let explained = month.seller.world.get(&line).is(200);
    assert_eq!(explained.text_at("/steps/staying/taken_back"), "21.00");
    assert_eq!(explained.text_at("/steps/staying/stays"), "5.16");
    assert_eq!(explained.json["steps"]["recomputed"], true);
}

#[test]
fn of_a_line_removed_from_its_draft_nothing_is_given_back() {
    let seller = Seller::on("2026-01-01");
    seller.hold_for(48);
    let month =
        Month::with(seller, |s| (s.customer(), json!({})), |s| s.plan("month", json!([base("31.00")])));
    month.seller.world.delete(&format!("/v1/invoices/{}/lines/1", month.invoice)).is(200);
    month.ask(&month.invoice, "finalize", json!({}));
    assert_eq!(month.canceled_on_the_17th().balance(), "0.00");
}

#[test]
fn of_a_line_changed_on_its_draft_the_share_of_what_it_became_is_given_back_whenever_it_was_changed() {
    for canceled_first in [false, true] {
        let seller = Seller::on("2026-01-01");
        seller.hold_for(720);
        let plan = |s: &Seller| s.plan("month", json!([base("31.00")]));
        let month = Month::with(seller, |s| (s.customer(), json!({})), plan);
        let edit = || {
            let line = format!("/v1/invoices/{}/lines/1", month.invoice);
            month.seller.world.patch(&line, json!({ "amount": "20.00" })).is(200);
        };
        if !canceled_first {
            edit();
        }
        month.seller.advance_to("2026-01-17");
        month.command("cancel", json!({ "effective_at": "now", "invoice": "now" }));
        if canceled_first {
            edit();
            month.seller.hold_for(0);
        }
        month.seller.advance_to("2026-04-10");
        // 20.00 × 15 ÷ 31; canceled first, 15.00 had been given back, and 5.32 of it are charged.
        let left = if canceled_first { "15.00" } else { "9.68" };
        assert_eq!(month.balance(), left, "canceled first: {canceled_first}");
        assert_eq!(month.last_total(), if canceled_first { "5.32" } else { "-9.68" });
    }
}

#[test]
fn after_a_void_a_change_charges_what_is_new_alone() {
    let month = Month::open();
    month.void(&month.invoice);
    month.seller.advance_to("2026-01-17");
    let plan = month.seller.plan(
        "month",
        json!([{ "code": "other", "description": "Other", "kind": "recurring",
        "billing": "in_advance", "model": { "type": "flat", "amount": "62.00" } }]),
    );
    let changed =
        month.command("change", json!({ "plan_id": plan.id, "effective_at": "now", "invoice": "now" }));
    assert_eq!(changed.text_at("/invoices/0/amount_due"), "30.00");
}

#[test]
fn of_two_void_months_nothing_is_given_back_however_early_the_end() {
    let month = Month::open();
    month.void(&month.invoice);
    month.seller.advance_to("2026-02-02");
    month.void(&month.last_invoice());
    month.command("cancel", json!({ "effective_at": "2026-01-01T00:00:00Z", "invoice": "now" }));
    assert_eq!(month.balance(), "0.00");
}

#[test]
fn usage_on_a_void_invoice_is_not_given_back_when_its_event_is_voided() {
    let seller = crate::scenarios::usage::metered::Seller::open();
    seller.sell_calls(json!({ "type": "per_unit", "unit_amount": "1.00" }), json!({}));
    seller.world.advance_to("2026-01-07T00:00:00Z");
    seller.calls("2026-01-05T00:00:00Z", "10");
    seller.world.advance_to("2026-02-02T00:00:00Z");
    let listed = seller.world.get("/v1/invoices").is(200);
    let invoice = listed.text_at("/data/0/id");
    assert_eq!(listed.text_at("/data/0/total"), "10.00");
    seller.world.post(&format!("/v1/invoices/{invoice}/void"), json!({})).is(200);
    seller.world.post("/v1/usage/events/void", json!({ "source": "test", "id": "call-1" })).is(200);
    seller.world.advance_to("2026-03-02T00:00:00Z");
    let balance = seller.world.get(&format!("/v1/customers/{}/credit_balance", seller.customer)).is(200);
    assert!(balance.data().is_empty(), "{}", balance.text);
}

#[test]
fn of_a_year_half_credited_the_other_half_is_left_to_give_back() {
    let seller = Seller::on("2026-01-01");
    let month =
        Month::with(seller, |s| (s.customer(), json!({})), |s| s.plan("year", json!([base("365.00")])));
    month.credit(&month.invoice, json!({ "amount": "182.50", "to": "credit_balance" }));
    month.seller.advance_to("2026-01-31");
    month.command("cancel", json!({ "effective_at": "now", "invoice": "now" }));
    assert_eq!(month.balance(), "365.00");
}

#[test]
fn of_what_was_given_up_nothing_is_given_back_until_it_is_paid_after_all() {
    let month = Month::open();
    month.ask(&month.invoice, "mark_uncollectible", json!({}));
    assert_eq!(month.canceled_on_the_17th().balance(), "0.00");
    month.ask(&month.invoice, "pay", json!({ "offline": {} }));
    assert_eq!(month.balance(), "15.00");
}
