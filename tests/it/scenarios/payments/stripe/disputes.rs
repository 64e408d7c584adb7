//! What does Stripe tell of disputes, and what if it tells it twice, in another order, or not at all? How one stands is read there, when an event comes
//! and each day.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Till, paid};

impl Till {
    fn disputes(&self) -> Vec<String> {
        let disputes = self.shop.world.get("/v1/disputes").is(200);
        let line = |dispute: &Value| {
            let text = |name: &str| dispute[name].as_str().unwrap().to_owned();
            format!("{} {} {} {}", text("reference"), text("amount"), text("status"), text("funds"))
        };
        disputes.data().iter().map(line).collect()
    }

    fn announce(&self, id: &str, type_: &str) {
        self.tell(&self.stripe.event_of_charge(id, type_)).is(200);
        self.wait(TimeDelta::seconds(4));
        assert!(self.notices().iter().all(|(_, is_processed)| *is_processed), "{:?}", self.notices());
    }
}

#[test]
fn a_dispute_is_kept_once_and_booked_as_it_stands_however_its_events_come() {
    let (till, _, _) = paid();
    till.stripe.dispute(5_000);
    till.stripe.decide("under_review");
    for (id, type_) in [
        ("evt_2", "charge.dispute.updated"),
        ("evt_1", "charge.dispute.created"),
        ("evt_3", "charge.dispute.funds_withdrawn"),
        ("evt_1", "charge.dispute.created"),
    ] {
        till.announce(id, type_);
    }
    assert_eq!(till.disputes(), ["dp_1 50.00 under_review held"]);
    till.stripe.decide("won");
    for (id, type_) in [("evt_5", "charge.dispute.funds_reinstated"), ("evt_4", "charge.dispute.closed")] {
        till.announce(id, type_);
        till.announce("evt_3", "charge.dispute.funds_withdrawn");
    }
    assert_eq!(till.disputes(), ["dp_1 50.00 won ours"]);
    let balances = till.shop.balances();
    assert_eq!((&*balances["cash_clearing"], &*balances["gateway_fees"]), ("35.00", "15.00"));
}

#[test]
fn what_is_never_told_is_found_by_asking_each_day() {
    let (till, _, _) = paid();
    till.stripe.dispute(5_000);
    till.announce("evt_1", "charge.dispute.created");
    till.stripe.decide("lost");
    till.wait(TimeDelta::days(2));
    assert_eq!(till.disputes(), ["dp_1 50.00 lost gone"]);
    let calls = till.stripe.heard().len();
    till.wait(TimeDelta::days(9));
    assert_eq!(till.stripe.heard().len(), calls, "what is decided is asked about no more");
}

#[test]
fn a_dispute_that_is_heard_of_when_it_is_lost_already_is_booked_at_once() {
    let (till, _, _) = paid();
    till.stripe.dispute(2_000);
    till.stripe.decide("lost");
    till.announce("evt_1", "charge.dispute.closed");
    assert_eq!(till.disputes(), ["dp_1 20.00 lost gone"]);
    let balances = till.shop.balances();
    assert_eq!((&*balances["cash_clearing"], &*balances["dispute_losses"]), ("15.00", "20.00"));
    let types: Vec<String> = {
        till.shop.world.relay_events();
        let events = till.shop.world.get("/v1/events?limit=1000").is(200);
        events.data().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    };
    let told_of = |type_: &str| types.iter().filter(|t| *t == type_).count();
    assert_eq!((told_of("dispute.opened"), told_of("dispute.lost")), (1, 1));
}

#[test]
fn what_a_lost_payment_had_become_as_credit_goes_as_far_as_it_is_there_and_comes_back_with_it() {
    let till = Till::open();
    let customer = till.customer("pm_slow");
    let invoice = till.shop.invoice(&customer, 5_000);
    till.pay(&invoice).is(200);
    let transfer =
        json!({ "customer_id": customer, "invoice_id": invoice, "amount": "50.00", "currency": "USD" });
    till.shop.world.post("/v1/payments", transfer).is(201);
    till.stripe.change(json!({ "status": "succeeded" }));
    till.tell(&till.stripe.event("evt_1", "payment_intent.succeeded")).is(200);
    till.wait(TimeDelta::seconds(4));
    assert_eq!(&*till.shop.balances()["customer_credit"], "50.00");
    // 20.00 of it pay something else, and stay paid: they are the loss.
    let other = till.shop.invoice(&customer, 2_000);
    assert_eq!(till.shop.standing(&other).0, "paid");
    till.stripe.dispute(5_000);
    till.announce("evt_2", "charge.dispute.created");
    assert_eq!(&*till.shop.balances()["customer_credit"], "30.00", "nothing is decided");
    till.stripe.decide("lost");
    till.announce("evt_3", "charge.dispute.closed");
    let balances = till.shop.balances();
    assert_eq!((balances.get("customer_credit"), &*balances["dispute_losses"]), (None, "20.00"));
    assert_eq!(&*balances["cash_clearing"], "35.00");
    till.stripe.decide("won");
    till.announce("evt_4", "charge.dispute.closed");
    let balances = till.shop.balances();
    assert_eq!((&*balances["customer_credit"], balances.get("dispute_losses")), ("30.00", None));
    assert_eq!(&*balances["cash_clearing"], "85.00");
}

#[test]
fn of_a_payment_that_was_refunded_in_part_the_rest_is_disputed_and_all_of_it_is_booked() {
    let (till, _, _) = paid();
    till.stripe.refund_there(2_000);
    till.announce("evt_1", "charge.refunded");
    till.stripe.dispute(3_000);
    till.announce("evt_2", "charge.dispute.created");
    let balances = till.shop.balances();
    assert_eq!((&*balances["disputed_cash"], &*balances["refunds"]), ("30.00", "20.00"));
    assert_eq!(&*balances["cash_clearing"], "-15.00");
}

#[test]
fn the_ratio_of_an_account_counts_disputes_and_warnings_by_the_payments_of_its_month() {
    let (till, customer, _) = paid();
    // By the gateway's clock it is a month of now; the tenant's is another.
    let month = |at: &str| {
        let path = format!("/v1/gateway_accounts/{}/dispute_ratio?month={at}", till.account);
        till.shop.world.get(&path)
    };
    assert_eq!(month("2026-01").is(200).text_at("/ratio"), "0.0000");
    till.stripe.dispute(5_000);
    till.announce("evt_1", "charge.dispute.created");
    till.pay(&till.shop.invoice(&customer, 100));
    till.stripe.warn();
    till.announce("evt_2", "radar.early_fraud_warning.created");
    let now = billwright::platform::clock::now().format("%Y-%m").to_string();
    let there = month(&now).is(200);
    assert_eq!((there.json["disputes"].as_u64(), there.json["fraud_warnings"].as_u64()), (Some(1), Some(1)));
    assert_eq!(
        (there.text_at("/band"), there.text_at("/threshold")),
        ("watch".to_owned(), "0.015".to_owned())
    );
    month("april").is_problem(422, "bad_month");
}
