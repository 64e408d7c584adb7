//! What was given back first, and then taken back; and ways that meet: a void of what a change charged and credited, a note on what takes the
//! place of a corrected line, a discount beside it.

use serde_json::json;

use super::super::{Plan, Seller, base};
use super::Month;

/// A plan with a price of its own.
fn other(seller: &Seller, amount: &str) -> Plan {
    seller.plan(
        "month",
        json!([{ "code": "other", "description": "Other", "kind": "recurring", "billing": "in_advance",
                 "model": { "type": "flat", "amount": amount } }]),
    )
}

#[test]
fn what_a_cancellation_gave_back_is_taken_back_when_its_invoice_is_void() {
    let month = Month::open();
    assert_eq!(month.canceled_on_the_17th().balance(), "15.00");
    month.void(&month.invoice);
    assert_eq!(month.balance(), "0.00");
    assert_eq!(month.last_total(), "15.00");
}

#[test]
fn what_a_cancellation_gave_back_cannot_be_credited_again() {
    let month = Month::paid();
    assert_eq!(month.canceled_on_the_17th().balance(), "15.00");
    let more =
        json!({ "invoice_id": month.invoice, "reason": "outage", "amount": "16.01", "to": "credit_balance" });
    let refused = month.seller.world.post("/v1/credit_notes", more);
    assert_eq!((refused.status, refused.text_at("/code").as_str()), (422, "more_than_left"));
    let rest = month.credit(&month.invoice, json!({ "to": "credit_balance" }));
    assert_eq!(rest.text_at("/total"), "16.00");
    assert_eq!(month.balance(), "31.00");
}

#[test]
fn of_a_void_upgrade_what_the_old_plan_gave_back_pays_for_the_new_one() {
    let month = Month::paid();
    month.seller.advance_to("2026-01-17");
    let cards =
        month.seller.world.get(&format!("/v1/payment_methods?customer_id={}", month.customer)).is(200);
    let card = cards.text_at("/data/0/id");
    month.seller.world.delete(&format!("/v1/payment_methods/{card}")).is(200);
    let plan = other(&month.seller, "62.00");
    month.command("change", json!({ "plan_id": plan.id, "effective_at": "now", "invoice": "now" }));
    let upgrade = month.last_invoice();
    assert_eq!(month.last_total(), "15.00");
    month.void(&upgrade);
    assert_eq!(month.balance(), "0.00");
    // 15.00 of the new plan's 30.00 were waived; half of its days are left after the 24th: half of the other 15.00.
    month.seller.advance_to("2026-01-24T12:00:00Z");
    month.command("cancel", json!({ "effective_at": "2026-01-24T00:00:00Z", "invoice": "now" }));
    assert_eq!(month.balance(), "1.00");
}

#[test]
fn a_note_on_what_took_the_place_of_a_corrected_line_counts_for_the_charge() {
    let month = Month::paid();
    let corrected = month.correct(&month.invoice, json!([{ "line_no": 1, "amount": "10.00" }]));
    let replacement = corrected.text_at("/invoice/id");
    month.credit(&replacement, json!({ "amount": "4.00", "to": "credit_balance" }));
    // 10.00 × 16 ÷ 31 is 5.16, less 4.00 stay 1.16: of the 6.00 left 4.84 go back.
    assert_eq!(month.canceled_on_the_17th().balance(), "29.84");
}

#[test]
fn a_correction_says_what_the_whole_of_a_charge_is_whether_that_was_cut_before_or_is_cut_later() {
    let corrected = |month: &Month| {
        month.correct(&month.invoice, json!([{ "line_no": 1, "amount": "20.00" }]));
    };
    // 20.00 × 16 ÷ 31 stay.
    let first = Month::paid();
    corrected(&first);
    assert_eq!(first.canceled_on_the_17th().balance(), "20.68");
    let later = Month::paid();
    corrected(later.canceled_on_the_17th());
    assert_eq!(later.balance(), "20.68");
}

#[test]
fn a_correction_of_what_a_change_had_cut_bills_no_more_than_the_history_is_worth() {
    let seats = json!([{ "code": "seats", "description": "Seats", "kind": "recurring", "billing": "in_advance",
                         "model": { "type": "per_unit", "unit_amount": "31.00" } }]);
    let month = Month::with(
        Seller::on("2026-01-01"),
        |s| (s.customer(), json!({ "quantity": "3" })),
        |s| s.plan("month", seats),
    );
    month.seller.advance_to("2026-01-10");
    month.command("change", json!({ "quantity": "1", "effective_at": "now", "invoice": "now" }));
    assert_eq!(month.balance(), "44.00");
    month.seller.advance_to("2026-01-18");
    month.correct(&month.invoice, json!([{ "line_no": 1, "amount": "46.50" }]));
    // 46.50 × 9 ÷ 31 for the three seats and 22.00 for the one stay of the 93.00 that were paid.
    assert_eq!(month.balance(), "57.50");
}

#[test]
fn of_a_corrected_invoice_whose_replacement_is_void_nothing_is_given_back() {
    let month = Month::open();
    let corrected = month.correct(&month.invoice, json!([{ "line_no": 1, "amount": "10.00" }]));
    month.void(&corrected.text_at("/invoice/id"));
    assert_eq!(month.canceled_on_the_17th().balance(), "0.00");
}

#[test]
fn an_uncorrected_line_beside_a_corrected_one_is_given_back_as_ever() {
    let month = Month::with(
        Seller::on("2026-01-01"),
        |s| (s.customer(), json!({})),
        |s| {
            s.plan(
                "month",
                json!([base("31.00"), { "code": "more", "description": "More", "kind": "recurring",
                 "billing": "in_advance", "model": { "type": "flat", "amount": "62.00" } }]),
            )
        },
    );
    month.correct(&month.invoice, json!([{ "line_no": 2, "amount": "0.00" }]));
    // 62.00 back by the correction, 15.00 of the first line by the end.
    assert_eq!(month.canceled_on_the_17th().balance(), "77.00");
}

#[test]
fn what_a_discount_took_off_is_given_back_with_its_line_once() {
    let seller = Seller::on("2026-01-01");
    let coupon = json!({ "code": "TEN", "name": "Ten", "percent_off": "10", "duration": "forever" });
    seller.world.post("/v1/coupons", coupon).is(201);
    let month = Month::with(
        seller,
        |s| (s.customer(), json!({ "coupon": "TEN" })),
        |s| s.plan("month", json!([base("31.00")])),
    );
    // 27.90 paid. 18.00 of the 27.90 back: 20.00 of the line with 2.00 of its discount.
    month.credit(
        &month.invoice,
        json!({ "lines": [{ "line_no": 1, "amount": "20.00" }], "to": "credit_balance" }),
    );
    assert_eq!(month.balance(), "18.00");
    // 11.00 were left with 1.10 off.
    assert_eq!(month.canceled_on_the_17th().balance(), "27.90");
}

#[test]
fn what_was_waived_is_charged_no_more_when_the_cancellation_is_taken_back() {
    let month = Month::open();
    month.seller.advance_to("2026-01-10");
    month.command("cancel", json!({ "effective_at": "2026-01-17T00:00:00Z", "invoice": "now" }));
    month.void(&month.invoice);
    month.command("uncancel", json!({}));
    month.seller.advance_to("2026-02-10");
    let listed = month.seller.world.get(&format!("/v1/invoices?customer_id={}", month.customer)).is(200);
    let invoices: Vec<_> = listed.data().iter().map(|i| (i["total"].clone(), i["status"].clone())).collect();
    assert_eq!(invoices, [(json!("31.00"), json!("open")), (json!("31.00"), json!("void"))]);
}

#[test]
fn usage_recorded_after_its_invoice_was_void_is_charged_alone() {
    let seller = crate::scenarios::usage::metered::Seller::open();
    seller.sell_calls(json!({ "type": "per_unit", "unit_amount": "1.00" }), json!({}));
    seller.world.advance_to("2026-01-07T00:00:00Z");
    seller.calls("2026-01-05T00:00:00Z", "10");
    seller.world.advance_to("2026-02-02T00:00:00Z");
    let invoice = seller.world.get("/v1/invoices").is(200).text_at("/data/0/id");
    seller.world.post(&format!("/v1/invoices/{invoice}/void"), json!({})).is(200);
    seller.calls("2026-01-06T00:00:00Z", "2");
    seller.world.advance_to("2026-03-02T00:00:00Z");
    let totals: Vec<String> = seller.invoices().into_iter().filter(|row| !row.starts_with(' ')).collect();
    assert_eq!(totals[0], "2026-02-01 10.00");
    assert!(totals[1].ends_with(" 2.00"), "{totals:?}");
}

#[test]
fn what_is_waived_while_less_of_it_waits_is_given_back_once() {
    for verb in ["void", "mark_uncollectible"] {
        let who = |seller: &Seller| {
            (seller.customer_like(json!({ "name": "Ada" })), json!({ "collection": "send_invoice" }))
        };
        let month = Month::with(Seller::on("2026-01-01"), who, |seller| {
            let hours = json!({ "code": "hours", "description": "Hours", "kind": "recurring",
                                "billing": "in_arrears", "model": { "type": "flat", "amount": "31.00" } });
            seller.plan("month", json!([base("31.00"), hours]))
        });
        let world = &month.seller.world;
        let subscription = world.get(&format!("/v1/subscriptions/{}", month.subscription)).is(200);
        month.seller.advance_to("2026-01-17");
        let base = subscription.text_at("/items/0/price_id");
        month.command("change", json!({ "remove_items": [base], "invoice": "next" }));
        // −15.00 of the base and 31.00 of hours: of these, 15.00 are paid by what the base gave back.
        month.seller.advance_to("2026-02-05");
        assert_eq!(month.last_total(), "16.00");
        let second = month.last_invoice();
        let cancel = json!({ "effective_at": "2026-01-11T00:00:00Z", "invoice": "next" });
        month.command("cancel", cancel);
        month.ask(&second, verb, json!({}));
        assert_eq!(month.balance(), "0.00", "{verb}");
        // The 16.00 that were waived are of the 21.00 that the hours are not worth: 5.00 come back, beside 6.00 of the base. What is left
        // of 31.00 is the worth of both: 10.00 and 10.00.
        month.seller.advance_to("2026-03-01");
        assert_eq!(month.balance(), "11.00", "{verb}");
    }
}
