//! What if a debit comes back of an invoice that something else has happened to? It was paid in part by a balance, written off before, its month is
//! closed, a parent paid it; or what is owed again is voided, written off, or paid otherwise.

use chrono::TimeDelta;
use serde_json::json;

use super::debits::Desk;

/// The bank is late with its no to the newest debit.
fn refuse_late(desk: &Desk) {
    desk.tell(&desk.bank.turn("failed", ("failed", "insufficient_funds")));
}

/// Tells that the newest debit has come.
fn confirm(desk: &Desk) {
    desk.tell(&desk.bank.turn("confirmed", ("confirmed", "payment_confirmed")));
}

#[test]
fn what_a_balance_paid_stays_paid_and_what_the_debit_paid_is_owed_again() {
    let desk = Desk::open();
    let customer = desk.customer("MD1");
    let credit = json!({ "customer_id": customer, "amount": "30.00", "currency": "USD" });
    desk.shop.world.post("/v1/payments", credit).is(201);
    let invoice = desk.shop.invoice(&customer, 8_000);
    let path = format!("/v1/customers/{customer}/credit_balance/apply");
    desk.shop.world.post(&path, json!({ "currency": "USD" })).is(200);
    let due = desk.shop.standing(&invoice).1;
    desk.pay(&invoice).is(200);
    confirm(&desk);
    assert_eq!((desk.bank.debits()[0].1, desk.shop.standing(&invoice).0.as_str()), (5_000, "paid"));
    refuse_late(&desk);
    assert_eq!(desk.shop.standing(&invoice), ("open".to_owned(), due));
    desk.wait(TimeDelta::days(1));
    assert_eq!(desk.bank.debits().iter().map(|debit| debit.1).collect::<Vec<_>>(), [5_000, 5_000]);
}

#[test]
fn what_is_owed_again_may_be_voided_written_off_or_paid_otherwise() {
    for end in ["void", "mark_uncollectible", "pay"] {
        let desk = Desk::open();
        let (customer, invoice) = desk.come();
        refuse_late(&desk);
        if end == "pay" {
            let transfer = json!({ "customer_id": customer, "invoice_id": invoice, "amount": "50.00", "currency": "USD" });
            desk.shop.world.post("/v1/payments", transfer).is(201);
        } else {
            desk.shop.world.post(&format!("/v1/invoices/{invoice}/{end}"), json!({})).is(200);
        }
        desk.wait(TimeDelta::days(20));
        assert_eq!(desk.bank.debits().len(), 1, "{end}: nothing is debited for it any more");
    }
}

#[test]
fn a_month_that_is_closed_stays_as_it_was_when_its_debit_comes_back() {
    let desk = Desk::open();
    let (_, invoice) = desk.come();
    desk.shop.world.advance_to("2026-02-03T00:00:00Z");
    desk.shop.close("2026-01");
    refuse_late(&desk);
    assert_eq!(desk.shop.standing(&invoice).0, "open");
    let counted = desk.shop.counted_on("dispute_moved");
    assert!(!counted.is_empty() && counted.iter().all(|(day, _)| day == "2026-02-03"), "{counted:?}");
}

#[test]
fn what_was_written_off_and_paid_after_all_is_owed_again() {
    let desk = Desk::open();
    let customer = desk.customer("MD1");
    let invoice = desk.shop.invoice(&customer, 5_000);
    desk.shop.world.post(&format!("/v1/invoices/{invoice}/mark_uncollectible"), json!({})).is(200);
    desk.pay(&invoice).is(200);
    confirm(&desk);
    assert_eq!(desk.shop.standing(&invoice).0, "paid");
    refuse_late(&desk);
    assert_eq!(desk.shop.standing(&invoice), ("open".to_owned(), "50.00".to_owned()));
}

#[test]
fn of_what_was_refunded_in_part_the_invoice_stays_paid_and_all_that_came_back_is_an_expense() {
    let desk = Desk::open();
    let (_, invoice) = desk.come();
    let note = json!({ "invoice_id": invoice, "amount": "20.00", "to": "refund", "reason": "outage" });
    desk.shop.world.post("/v1/credit_notes", note).is(201);
    desk.wait(TimeDelta::minutes(2));
    refuse_late(&desk);
    assert_eq!(
        (desk.shop.standing(&invoice).0.as_str(), desk.shop.balances()["dispute_losses"].as_str()),
        ("paid", "50.00")
    );
}

#[test]
fn where_a_parent_pays_its_debit_that_comes_back_is_tried_again_by_the_parent_and_by_its_next_method_when_the_account_is_closed()
 {
    let desk = Desk::open();
    let parent = desk.customer("MD1");
    let child = json!({ "name": "Child", "currency": "USD", "parent_id": parent });
    let child = desk.shop.world.post("/v1/customers", child).is(201).id();
    let product = desk.shop.world.post("/v1/products", json!({ "name": "Power" })).is(201).id();
    let plan = json!({ "code": "base", "name": "Base", "product_id": product, "currency": "USD", "interval": "month",
        "prices": [{ "code": "base", "description": "Base", "kind": "recurring", "model": { "type": "flat", "amount": "31.00" } }] });
    let plan = desk.shop.world.post("/v1/plans", plan).is(201).id();
    let body = json!({ "customer_id": child, "plan_id": plan, "collection": "automatic" });
    desk.shop.world.post("/v1/subscriptions", body).is(201);
    desk.wait(TimeDelta::minutes(1));
    confirm(&desk);
    let invoice = desk
        .shop
        .world
        .get(&format!("/v1/invoices?customer_id={parent}&limit=1"))
        .is(200)
        .text_at("/data/0/id");
    assert_eq!(desk.shop.standing(&invoice).0, "paid");
    desk.attach(&parent, "MD2");
    desk.tell(&desk.bank.turn("failed", ("failed", "bank_account_closed")));
    let attempts = desk.shop.world.get(&format!("/v1/invoices/{invoice}/attempts")).is(200);
    assert_eq!(attempts.json["data"][1]["reason"], "backup_method");
    assert_eq!(desk.bank.debits().len(), 2);
    confirm(&desk);
    assert_eq!(desk.shop.standing(&invoice), ("paid".to_owned(), "0.00".to_owned()));
}

#[test]
fn what_comes_back_is_owed_again_whatever_was_said_of_disputes() {
    for (action, cause) in [("charged_back", "refund_requested"), ("failed", "insufficient_funds")] {
        let desk = Desk::open();
        desk.shop.world.patch("/v1/dispute_settings", json!({ "invoice": "leave_paid" })).is(200);
        let (_, invoice) = desk.come();
        desk.tell(&desk.bank.turn(action, (action, cause)));
        assert_eq!(desk.shop.standing(&invoice), ("open".to_owned(), "50.00".to_owned()), "{action}");
        assert_eq!(desk.taken_back().len(), 1);
    }
}

#[test]
fn what_was_credited_and_paid_out_is_lost_when_its_debit_comes_back() {
    let desk = Desk::open();
    let (customer, invoice) = desk.come();
    let note =
        json!({ "invoice_id": invoice, "amount": "20.00", "to": "credit_balance", "reason": "outage" });
    desk.shop.world.post("/v1/credit_notes", note).is(201);
    let body = json!({ "to": "outside", "reference": "SEPA 117" });
    desk.shop.world.post(&format!("/v1/customers/{customer}/credit_balance/pay_out"), body).is(201);
    refuse_late(&desk);
    let balances = desk.shop.balances();
    assert_eq!((&*balances["dispute_losses"], &*balances["cash_clearing"]), ("50.00", "-20.00"));
    assert_eq!(desk.shop.standing(&invoice).0, "paid");
}

#[test]
fn of_what_somebody_gave_back_at_the_gateway_all_is_owed_again_when_the_debit_comes_back() {
    let desk = Desk::open();
    let (_, invoice) = desk.come();
    desk.tell(&desk.bank.refund_there(2_000));
    let balances = desk.shop.balances();
    assert_eq!((&*balances["cash_clearing"], &*balances["refunds"]), ("30.00", "20.00"));
    refuse_late(&desk);
    assert_eq!(desk.shop.standing(&invoice), ("open".to_owned(), "50.00".to_owned()));
    assert_eq!(desk.shop.balances()["cash_clearing"], "-20.00");
}
