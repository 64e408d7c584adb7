//! What if somebody gives money back at Stripe's dashboard? It is found there and booked once; nobody is charged for it again, and no more goes
//! back than came.

use std::thread;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Till, paid};
use crate::harness::Reply;

impl Till {
    /// The refunds of the newest payment of an invoice: amount, status, origin.
    fn refunds(&self, invoice: &str) -> Vec<String> {
        let payment = self.payment(invoice)["id"].as_str().unwrap().to_owned();
        let payment = self.shop.world.get(&format!("/v1/payments/{payment}")).is(200);
        let line = |refund: &Value| {
            let text = |name: &str| refund[name].as_str().unwrap().to_owned();
            format!("{} {} {}", text("amount"), text("status"), text("origin"))
        };
        payment.json["refunds"].as_array().unwrap().iter().map(line).collect()
    }

    fn credit(&self, invoice: &str, (amount, to): (&str, &str)) -> Reply {
        let note = json!({ "invoice_id": invoice, "amount": amount, "to": to, "reason": "outage" });
        self.shop.world.post("/v1/credit_notes", note)
    }

    /// Tells it, and it is processed.
    fn tell_and_process(&self, body: &str) {
        self.tell(body).is(200);
        self.shop.wait(TimeDelta::seconds(4));
        assert!(self.notices().iter().all(|(_, is_processed)| *is_processed), "{:?}", self.notices());
    }
}

#[test]
fn a_refund_made_at_the_dashboard_is_booked_once_however_its_events_come() {
    let (till, _, invoice) = paid();
    till.stripe.refund_there(2_000);
    for (id, type_) in
        [("evt_3", "refund.updated"), ("evt_1", "charge.refunded"), ("evt_2", "refund.created")]
    {
        let body = till.stripe.event_of_charge(id, type_);
        till.tell_and_process(&body);
        till.tell_and_process(&body);
    }
    assert_eq!(till.refunds(&invoice), ["20.00 succeeded elsewhere"]);
    assert_eq!(till.shop.standing(&invoice), ("paid".to_owned(), "0.00".to_owned()));
    let balances = till.shop.balances();
    assert_eq!((&*balances["cash_clearing"], &*balances["refunds"]), ("30.00", "20.00"));
    till.shop.wait(TimeDelta::days(30));
    assert_eq!(
        (till.stripe.intents().len(), till.stripe.refunds().len()),
        (1, 1),
        "nothing follows by itself"
    );
    let types = till.shop.event_types();
    assert_eq!(types.iter().filter(|t| *t == "refund.succeeded").count(), 1, "{types:?}");
}

#[test]
fn it_comes_off_the_customers_balance_as_far_as_there_is_one() {
    let (till, customer, invoice) = paid();
    till.credit(&invoice, ("15.00", "credit_balance")).is(201);
    till.stripe.refund_there(2_000);
    till.tell_and_process(&till.stripe.event_of_charge("evt_1", "charge.refunded"));
    let balances = till.shop.balances();
    assert_eq!((&*balances["cash_clearing"], &*balances["refunds"]), ("30.00", "5.00"));
    assert_eq!(balances.get("customer_credit"), None);
    assert_eq!(till.shop.world.get(&format!("/v1/customers/{customer}")).is(200).id(), customer);
}

#[test]
fn no_more_goes_back_than_is_left_of_what_came() {
    let (till, _, invoice) = paid();
    till.stripe.refund_there(2_000);
    till.tell_and_process(&till.stripe.event_of_charge("evt_1", "charge.refunded"));
    let note = till.credit(&invoice, ("40.00", "refund")).is(201);
    assert_eq!(
        (note.text_at("/to_refund"), note.text_at("/to_balance")),
        ("30.00".to_owned(), "10.00".to_owned())
    );
    till.wait(TimeDelta::minutes(2));
    assert_eq!(till.refunds(&invoice), ["20.00 succeeded elsewhere", "30.00 succeeded credit_note"]);
    assert_eq!(till.shop.balances().get("cash_clearing"), None);
}

#[test]
fn ours_that_theirs_leaves_nothing_for_is_put_on_the_balance_that_theirs_is_taken_off() {
    let (till, _, invoice) = paid();
    till.credit(&invoice, ("40.00", "refund")).is(201);
    till.stripe.refund_there(5_000);
    till.tell_and_process(&till.stripe.event_of_charge("evt_1", "charge.refunded"));
    assert_eq!(till.refunds(&invoice), ["40.00 failed credit_note", "50.00 succeeded elsewhere"]);
    let balances = till.shop.balances();
    assert_eq!((balances.get("cash_clearing"), &*balances["refunds"]), (None, "10.00"));
    assert_eq!((balances.get("customer_credit"), balances.get("refunds_payable")), (None, None));
    assert_eq!(till.stripe.refunds(), [5_000]);
}

#[test]
fn what_comes_back_to_stripe_afterwards_has_not_gone_back() {
    let failed = json!({ "status": "failed", "failure_reason": "lost_or_stolen_card" });
    let (till, _, theirs) = paid();
    till.stripe.refund_there(2_000);
    till.tell_and_process(&till.stripe.event_of_charge("evt_1", "charge.refunded"));
    till.stripe.change_refund(failed.clone());
    till.tell_and_process(&till.stripe.event_of_charge("evt_2", "refund.failed"));
    till.tell_and_process(&till.stripe.event_of_charge("evt_3", "refund.updated"));
    assert_eq!(till.refunds(&theirs), ["20.00 failed elsewhere"]);
    let balances = till.shop.balances();
    assert_eq!((&*balances["cash_clearing"], balances.get("refunds")), ("50.00", None));

    let (till, _, ours) = paid();
    till.credit(&ours, ("20.00", "refund")).is(201);
    till.wait(TimeDelta::minutes(2));
    assert_eq!(till.refunds(&ours), ["20.00 succeeded credit_note"]);
    till.stripe.change_refund(failed);
    till.tell_and_process(&till.stripe.event_of_charge("evt_1", "refund.failed"));
    assert_eq!(till.refunds(&ours), ["20.00 failed credit_note"]);
    let balances = till.shop.balances();
    assert_eq!((&*balances["cash_clearing"], &*balances["customer_credit"]), ("50.00", "20.00"));
}

#[test]
fn while_stripe_does_not_answer_it_waits_in_sight() {
    let (till, _, invoice) = paid();
    till.stripe.refund_there(2_000);
    till.tell(&till.stripe.event_of_charge("evt_1", "charge.refunded")).is(200);
    till.stripe.answer(false);
    till.shop.wait(TimeDelta::seconds(4));
    let parked = till.shop.world.get("/v1/parked_work?work=inbound_events").is(200);
    assert_eq!(parked.text_at("/data/0/code"), "gateway_silent");
    till.stripe.answer(true);
    let path = format!("/v1/parked_work/{}/retry", parked.text_at("/data/0/id"));
    assert_eq!(till.shop.world.post(&path, json!({})).is(200).text_at("/status"), "done");
    assert_eq!(till.refunds(&invoice), ["20.00 succeeded elsewhere"]);
}

#[test]
fn thirty_two_who_refund_at_once_give_back_no_more_than_is_left_of_what_came() {
    let (till, _, invoice) = paid();
    till.stripe.refund_there(2_000);
    let event = till.stripe.event_of_charge("evt_1", "charge.refunded");
    thread::scope(|threads| {
        for n in 0..32 {
            let (till, invoice, event) = (&till, &invoice, &event);
            threads.spawn(move || match n {
                16 => till.tell(event).is(200).status,
                _ => till.credit(invoice, ("5.00", "refund")).status,
            });
        }
    });
    till.wait(TimeDelta::hours(2));
    till.wait(TimeDelta::days(2));
    let went_back: i64 = till.stripe.refunds().iter().sum();
    assert!(went_back <= 5_000, "{went_back}");
    let pending = till.refunds(&invoice).iter().filter(|refund| refund.contains("pending")).count();
    assert_eq!(pending, 0, "{:?}", till.refunds(&invoice));
}

#[test]
fn what_goes_back_after_its_month_is_closed_counts_in_the_next() {
    let (till, _, invoice) = paid();
    till.shop.world.advance_to("2026-02-03T00:00:00Z");
    till.shop.close("2026-01");
    till.stripe.refund_there(2_000);
    let body = till.stripe.event_of_charge("evt_1", "charge.refunded");
    till.tell_and_process(&body);
    assert_eq!(till.refunds(&invoice), ["20.00 succeeded elsewhere"]);
    let counted = till.shop.counted_on("refund_paid");
    assert!(!counted.is_empty() && counted.iter().all(|(day, _)| day == "2026-02-03"), "{counted:?}");
}
