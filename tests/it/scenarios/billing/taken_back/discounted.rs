//! What of a discount goes back with what is taken back of its charge, and what a correction of a charge means after a credit note: 10.00 off a
//! void month can be taken off again.

use serde_json::{Value, json};

use super::super::{Seller, base};
use super::Month;

fn coupon(seller: &Seller, off: Value) {
    let mut body = json!({ "code": "OFF", "name": "Off", "duration": "forever" });
    body.as_object_mut().unwrap().extend(off.as_object().unwrap().clone());
    seller.world.post("/v1/coupons", body).is(201);
}

/// Seats at 31.00 under a coupon, sent as an invoice.
fn discounted_seats(quantity: &str, off: Value) -> Month {
    discounted_seats_of(Seller::on("2026-01-01"), quantity, off)
}

fn discounted_seats_of(seller: Seller, quantity: &str, off: Value) -> Month {
    coupon(&seller, off);
    let more = json!({ "collection": "send_invoice", "coupon": "OFF", "quantity": quantity });
    Month::with(
        seller,
        |s| (s.customer_like(json!({ "name": "Ada" })), more),
        |s| {
            s.plan(
                "month",
                json!([{ "code": "seat", "description": "Seat", "kind": "recurring",
                "billing": "in_advance", "model": { "type": "per_unit", "unit_amount": "31.00" } }]),
            )
        },
    )
}

#[test]
fn a_note_of_what_credited_and_charged_takes_back_their_discounts_against_each_other() {
    let month = discounted_seats("1", json!({ "amount_off": "10.00", "currency": "USD" }));
    month.ask(&month.invoice, "pay", json!({ "offline": {} }));
    month.seller.advance_to("2026-01-15");
    let three = json!({ "quantity": "3", "effective_at": "2026-01-11T00:00:00Z", "invoice": "now" });
    assert_eq!(month.command("change", three).text_at("/invoices/0/total"), "42.00");
    let upgrade = month.last_invoice();
    month.ask(&upgrade, "pay", json!({ "offline": {} }));
    assert_eq!(month.credit(&upgrade, json!({ "to": "credit_balance" })).text_at("/total"), "42.00");
    // 21.00 were paid for January and stay: all of it goes back, and no more.
    month.command("cancel", json!({ "effective_at": "2026-01-01T00:00:00Z", "invoice": "now" }));
    assert_eq!((month.last_total().as_str(), month.balance().as_str()), ("-21.00", "63.00"));
}

#[test]
fn a_note_and_a_write_off_of_the_rest_leave_no_cent() {
    let month = discounted_seats("3", json!({ "percent_off": "25" }));
    month.credit(&month.invoice, json!({ "lines": [{ "line_no": 1, "amount": "46.50" }], "to": "invoice" }));
    month.ask(&month.invoice, "mark_uncollectible", json!({}));
    month.seller.advance_to("2026-01-20");
    month.command("cancel", json!({ "effective_at": "2026-01-01T00:00:00Z", "invoice": "now" }));
    month.seller.advance_to("2026-02-02");
    let listed = month.seller.world.get(&format!("/v1/invoices?customer_id={}", month.customer)).is(200);
    assert_eq!(listed.data().len(), 1, "{}", listed.text);
}

#[test]
fn a_discounted_line_corrected_upwards_leaves_the_books_right_when_it_is_given_back() {
    let month = discounted_seats("2", json!({ "percent_off": "25" }));
    month.ask(&month.invoice, "pay", json!({ "offline": {} }));
    month.correct(&month.invoice, json!([{ "line_no": 1, "amount": "55.80" }]));
    month.seller.advance_to("2026-01-19");
    month.command("cancel", json!({ "effective_at": "2026-01-01T00:00:00Z", "invoice": "now" }));
    // 46.50 paid, 9.30 more due for the replacement; all 55.80 of it is given back.
    assert_eq!(month.last_total(), "-55.80");
}

#[test]
fn a_credit_line_removed_from_its_draft_leaves_the_books_right() {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, json!({ "amount_off": "10.00", "currency": "USD" }));
    let month = Month::with(
        seller,
        |s| (s.customer(), json!({ "coupon": "OFF" })),
        |s| s.plan("month", json!([base("31.00")])),
    );
    month.seller.hold_for(24);
    month.seller.advance_to("2026-01-04");
    month.command("pause", json!({ "mode": "credit", "invoice": "now" }));
    month.seller.world.delete(&format!("/v1/invoices/{}/lines/1", month.last_invoice())).is(200);
    month.seller.advance_to("2026-01-25");
    month.command("cancel", json!({ "effective_at": "2026-01-01T00:00:00Z", "invoice": "now" }));
    // 21.00 were paid, and the 18.97 of the break were not given back: all of it goes back now. Its world's end verifies the books.
    assert_eq!(month.last_total(), "-21.00");
    month.seller.advance_to("2026-01-27");
}

#[test]
fn a_correction_to_just_what_is_left_is_a_correction_like_any_other() {
    for (to, balance) in [("20.00", "20.68"), ("19.99", "20.68"), ("10.00", "25.84")] {
        let month = Month::paid();
        month.credit(&month.invoice, json!({ "amount": "11.00", "to": "credit_balance" }));
        month.correct(&month.invoice, json!([{ "line_no": 1, "amount": to }]));
        assert_eq!(month.canceled_on_the_17th().balance(), balance, "corrected to {to}");
    }
}

#[test]
fn what_an_amount_took_off_a_void_or_credited_charge_can_be_taken_off_again() {
    for is_void in [true, false] {
        let month = discounted_seats("2", json!({ "amount_off": "10.00", "currency": "USD" }));
        if is_void {
            month.void(&month.invoice);
        } else {
            month.ask(&month.invoice, "pay", json!({ "offline": {} }));
            month.credit(&month.invoice, json!({ "to": "refund" }));
        }
        month.seller.advance_to("2026-01-17");
        let four = json!({ "quantity": "4", "effective_at": "now", "invoice": "now" });
        // 124.00 × 15 ÷ 31, and January's 10.00 is free again.
        assert_eq!(month.command("change", four).text_at("/invoices/0/total"), "50.00", "void: {is_void}");
    }
}

#[test]
fn what_an_amount_took_off_a_line_removed_from_its_draft_can_be_taken_off_again_once() {
    let seller = Seller::on("2026-01-01");
    seller.hold_for(48);
    let month = discounted_seats_of(seller, "2", json!({ "amount_off": "10.00", "currency": "USD" }));
    month.seller.world.delete(&format!("/v1/invoices/{}/lines/1", month.invoice)).is(200);
    month.ask(&month.invoice, "finalize", json!({}));
    month.seller.advance_to("2026-01-17");
    let four = json!({ "quantity": "4", "effective_at": "now", "invoice": "now" });
    // 124.00 × 15 ÷ 31, less 10.00; the line that took the first one off the draft gave its 10.00 back, and counts for itself.
    assert_eq!(month.command("change", four).text_at("/invoices/0/total"), "50.00");
}
