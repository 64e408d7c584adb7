//! What if money goes back at the dashboard, or is disputed, of a customer whose balance was used up or paid out before? There is nothing to take it off.

use chrono::TimeDelta;
use serde_json::json;

use super::{Till, paid};

/// 15.00 of what was paid are on the balance.
fn credit(till: &Till, invoice: &str) {
    let note =
        json!({ "invoice_id": invoice, "amount": "15.00", "to": "credit_balance", "reason": "outage" });
    till.shop.world.post("/v1/credit_notes", note).is(201);
}

fn pay_out(till: &Till, customer: &str) {
    let body = json!({ "to": "outside", "reference": "SEPA 117" });
    till.shop.world.post(&format!("/v1/customers/{customer}/credit_balance/pay_out"), body).is(201);
}

/// 20.00 go back at the dashboard.
fn give_back(till: &Till) {
    till.stripe.refund_there(2_000);
    till.tell(&till.stripe.event_of_charge("evt_1", "charge.refunded")).is(200);
    till.wait(TimeDelta::seconds(4));
}

#[test]
fn a_balance_that_paid_an_invoice_is_not_there_any_more_and_all_of_it_is_an_expense() {
    let (till, customer, invoice) = paid();
    credit(&till, &invoice);
    let next = till.shop.invoice(&customer, 1_500);
    let path = format!("/v1/customers/{customer}/credit_balance/apply");
    till.shop.world.post(&path, json!({ "currency": "USD" })).is(200);
    assert_eq!(till.shop.standing(&next).0, "paid");
    give_back(&till);
    let balances = till.shop.balances();
    assert_eq!((&*balances["cash_clearing"], &*balances["refunds"]), ("30.00", "20.00"));
    assert_eq!(till.shop.standing(&next).0, "paid");
}

#[test]
fn a_balance_that_was_paid_out_is_not_there_any_more_and_all_of_it_is_an_expense() {
    let (till, customer, invoice) = paid();
    credit(&till, &invoice);
    pay_out(&till, &customer);
    give_back(&till);
    let balances = till.shop.balances();
    assert_eq!((&*balances["cash_clearing"], &*balances["refunds"]), ("15.00", "20.00"));
    assert_eq!(balances.get("customer_credit"), None);
}

#[test]
fn what_was_credited_and_paid_out_is_lost_twice_when_the_payment_is_disputed_and_lost() {
    let (till, customer, invoice) = paid();
    till.shop.world.patch("/v1/dispute_settings", json!({ "invoice": "reopen" })).is(200);
    credit(&till, &invoice);
    pay_out(&till, &customer);
    till.stripe.dispute(5_000);
    till.stripe.decide("lost");
    till.tell(&till.stripe.event_of_charge("evt_1", "charge.dispute.closed")).is(200);
    till.wait(TimeDelta::seconds(4));
    assert_eq!(till.shop.standing(&invoice).0, "paid");
    let balances = till.shop.balances();
    assert_eq!((&*balances["dispute_losses"], &*balances["cash_clearing"]), ("50.00", "-30.00"));
}
