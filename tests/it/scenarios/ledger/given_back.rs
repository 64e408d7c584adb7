//! What is given back, at which rate? What an invoice booked goes back at its rate; money that came goes back as it came.

use serde_json::json;

use super::{House, world};

#[test]
fn a_credit_note_takes_back_at_the_rate_of_its_invoice() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    house.rate("2026-01-01", "0.90");
    house.rate("2026-01-10", "0.97");
    let invoice = house.invoice("100.00");
    house.advance_to("2026-01-10");
    house.credit(&invoice, "70.00", "invoice");
    assert_eq!(house.held(), ["accounts_receivable 27.00", "revenue -27.00"]);
    house.receive("30.00", Some(&invoice));
    assert_eq!(house.held(), ["cash_clearing 29.10", "fx_gain_loss_realised -2.10", "revenue -27.00"]);
    house.check();
    world.settle();
}

/// In at 92.00, owed back at 90.00, out at the 92.00 that came: the gain is lost again, and nothing is left.
#[test]
fn a_refund_gives_back_the_cash_that_came() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    for (day, rate) in [("01", "0.90"), ("05", "0.92"), ("10", "0.97")] {
        house.rate(&format!("2026-01-{day}"), rate);
    }
    let invoice = house.invoice("100.00");
    house.advance_to("2026-01-05");
    house.receive("100.00", Some(&invoice));
    house.advance_to("2026-01-10");
    house.credit(&invoice, "100.00", "refund");
    assert_eq!(
        house.entries_of("refund_paid"),
        ["100.00 USD refunds_payable < cash_clearing 90.00 EUR gain -2.00"]
    );
    assert_eq!(house.held(), [""; 0]);
    house.check();
    world.settle();
}

#[test]
fn a_balance_that_is_paid_out_leaves_no_cent() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    house.rate("2026-01-01", "0.8511");
    house.rate("2026-01-05", "0.9123");
    house.receive("10.01", None);
    house.advance_to("2026-01-05");
    house.receive("20.02", None);
    let path = format!("/v1/customers/{}/credit_balance/pay_out", house.customer);
    for amount in ["7.77", "22.26"] {
        let body = json!({ "amount": amount, "currency": "USD", "to": "outside", "reference": "wire" });
        let reply = house.client().post(&path, body);
        assert!(reply.status < 300, "{}", reply.json);
    }
    assert_eq!(house.held(), [""; 0]);
    house.check();
}

#[test]
fn a_void_leaves_everything_as_if_the_invoice_had_never_been() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    house.rate("2026-01-01", "0.8511");
    house.rate("2026-01-10", "0.9123");
    house.receive("33.33", None);
    let invoice = house.invoice("100.01");
    let path = format!("/v1/customers/{}/credit_balance/apply", house.customer);
    house.client().post(&path, json!({ "currency": "USD" })).is(200);
    house.advance_to("2026-01-10");
    let before = house.held();
    assert_eq!(before.len(), 3, "{before:?}");
    house.act(&invoice, "void");
    assert_eq!(house.held(), ["cash_clearing 28.37", "customer_credit -28.37"]);
    house.check();
    world.settle();
}

#[test]
fn what_was_given_up_can_be_voided_too() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    house.rate("2026-01-01", "0.8511");
    house.rate("2026-01-10", "0.9123");
    let invoice = house.invoice("100.01");
    house.advance_to("2026-01-10");
    house.act(&invoice, "mark_uncollectible");
    house.act(&invoice, "void");
    assert_eq!(house.held(), [""; 0]);
    house.check();
    world.settle();
}
