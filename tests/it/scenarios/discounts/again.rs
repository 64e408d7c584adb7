//! What does a coupon take off what is charged again after it went back? What it had taken off that, in proportion: an end that is moved to and
//! fro comes to what it would have come to at once.
//!
//! 31.00 with 10.00 off, ended on the 17th: 16.00 with 5.16 off. Ended on the 25th after all: 24.00 with 7.74 off, as if that had been said first.

use serde_json::{Value, json};

use super::{Seller, base, coupon, months};

fn ten(duration: &str) -> Value {
    json!({ "amount_off": "10.00", "currency": "USD", "duration": duration })
}

/// A month of 31.00 from 1 January with a coupon, sent as an invoice; with its customer.
fn january(off: Value) -> (Seller, String, String) {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, "OFF", off);
    let (plan, ada) = (seller.plan("month", json!([base("31.00")])), seller.customer());
    let subscription =
        seller.subscribe(&ada, &plan, json!({ "coupon": "OFF", "collection": "send_invoice" }));
    (seller, ada, subscription)
}

fn command(seller: &Seller, subscription: &str, name: &str, body: Value) {
    seller.world.post(&format!("/v1/subscriptions/{subscription}/{name}"), body).is(200);
}

fn ends(seller: &Seller, subscription: &str, day: &str) {
    let end = json!({ "effective_at": format!("2026-01-{day}T00:00:00Z"), "invoice": "now" });
    command(seller, subscription, "cancel", end);
}

/// What all invoices take off, in cents.
fn off_in_all(seller: &Seller, customer: &str) -> i64 {
    let listed = seller.world.get(&format!("/v1/invoices?customer_id={customer}&limit=100")).is(200);
    let cents = |invoice: &Value| {
        invoice["discount_total"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap()
    };
    listed.data().iter().map(cents).sum()
}

#[test]
fn an_end_that_is_moved_leaves_off_what_it_would_have_left_at_once() {
    for (off, stays) in [
        (ten("once"), 774),
        (ten("forever"), 774),
        (json!({ "percent_off": "50", "duration": "once" }), 1_200),
    ] {
        for path in [&["25"][..], &["17", "25"], &["05", "17", "25"], &["27", "17", "25"], &["01", "25"]] {
            let (seller, ada, subscription) = january(off.clone());
            seller.advance_to("2026-01-28");
            for day in path {
                ends(&seller, &subscription, day);
            }
            let off = off_in_all(&seller, &ada);
            assert!((off - stays).abs() <= 1, "{path:?}: {off}, not {stays}\n{:#?}", months(&seller, &ada));
        }
    }
}

#[test]
fn what_comes_again_after_a_note_has_off_what_went_with_it() {
    let (seller, ada, subscription) = january(ten("forever"));
    let first = seller.world.get(&format!("/v1/invoices?customer_id={ada}")).is(200).text_at("/data/0/id");
    seller.advance_to("2026-01-28");
    let note =
        json!({ "invoice_id": first, "reason": "outage", "lines": [{ "line_no": 1, "amount": "20.00" }] });
    seller.world.post("/v1/credit_notes", note).is(201);
    ends(&seller, &subscription, "17");
    ends(&seller, &subscription, "25");
    // 11.00 with 3.55 off stayed; nothing of it by the 17th; 4.00 of it by the 25th.
    assert_eq!(
        months(&seller, &ada)[1..],
        ["2026-01-28 -11.00 - -3.55 = -7.45", "2026-01-28 4.00 - 1.29 = 2.71"]
    );
}

#[test]
fn what_an_amount_took_off_something_else_meanwhile_does_not_come_again() {
    let (seller, ada, subscription) = january(ten("forever"));
    seller.advance_to("2026-01-28");
    let twice = seller.plan("month", json!([base("62.00")]));
    let change = |day: &str| {
        let at = format!("2026-01-{day}T00:00:00Z");
        let body =
            json!({ "plan_id": twice.id, "effective_at": at, "proration": "by_day", "invoice": "now" });
        command(&seller, &subscription, "change", body);
    };
    let insist = |off: i64| assert_eq!(off_in_all(&seller, &ada), off, "{:#?}", months(&seller, &ada));
    // 16.00 with 5.16, and 30.00 with the other 4.84; 8.00 of these stay with 1.29.
    change("17");
    insist(1_000);
    ends(&seller, &subscription, "21");
    insist(645);
    // 14.00 come again with 2.26, and the rest with the rest.
    ends(&seller, &subscription, "28");
    insist(871);
    command(&seller, &subscription, "uncancel", json!({ "invoice": "now" }));
    insist(1_000);
}

#[test]
fn a_line_that_a_correction_leaves_as_it_is_keeps_its_amount_off_used_up() {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, "OFF", ten("forever"));
    let seat = json!({ "code": "seat", "description": "Seat", "kind": "recurring", "billing": "in_advance",
                       "model": super::per_unit("31.00") });
    let applies = json!({ "code": "SEATS", "amount_off": "10.00", "currency": "USD", "duration": "forever",
                          "applies_to": { "price_codes": ["seat"] } });
    let (plan, ada) = (seller.plan("month", json!([base("50.00"), seat])), seller.customer());
    seller.world.post("/v1/coupons", applies).is(201);
    let sent = json!({ "coupon": "SEATS", "collection": "send_invoice", "quantity": "1" });
    let subscription = seller.subscribe(&ada, &plan, sent);
    let first = seller.world.get(&format!("/v1/invoices?customer_id={ada}")).is(200).text_at("/data/0/id");
    let correction = json!({ "reason": "agreed", "lines": [{ "line_no": 1, "amount": "40.00" }] });
    seller.world.post(&format!("/v1/invoices/{first}/correct"), correction).is(201);
    seller.advance_to("2026-01-17");
    let more = json!({ "quantity": "2", "effective_at": "now", "proration": "by_day", "invoice": "now" });
    command(&seller, &subscription, "change", more);
    // The seat is 21.00 in its place, with its 10.00: 15 of 31 days of a second one have nothing off.
    let last = months(&seller, &ada).pop().unwrap();
    assert!(last.contains(" - 0.00 = "), "{:#?}", months(&seller, &ada));
}
