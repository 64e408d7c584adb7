//! Is each invoice charged once at a simulator elsewhere, whatever is lost on the way?

use chrono::TimeDelta;
use serde_json::json;

use super::Counter;
use crate::harness::{Simulated, World};

#[test]
fn an_answer_that_is_lost_before_or_after_the_charge_leaves_one_charge() {
    let counter = Counter::open();
    counter.simulated.client.patch("/control", json!({ "silence_ms": 7_000 })).is(200);
    for how in ["error", "error_after", "cut_before", "cut_after", "silence_after"] {
        counter.simulated.fail("charge", how, 1);
        let before = counter.simulated.charges().len();
        let invoice = counter.owed("tok_success", 5_000);
        counter.pay(&invoice).is(200);
        assert_eq!(counter.shop.statuses(&invoice), ["processing"], "{how}");
        counter.pay(&invoice).is_problem(409, "payment_in_progress");
        counter.wait(TimeDelta::minutes(10));
        assert_eq!(counter.shop.standing(&invoice).0, "paid", "{how}");
        assert_eq!(counter.simulated.charges().len(), before + 1, "{how}");
    }
    assert_eq!(counter.on("cash_clearing"), "250.00");
}

#[test]
fn tokens_do_there_what_they_do_here_by_the_tenants_clock() {
    let counter = Counter::open();
    let declined = counter.owed("tok_decline/do_not_honor/05", 5_000);
    let refused = counter.pay(&declined).is_problem(402, "payment_declined");
    assert_eq!(refused.text_at("/decline_code"), "do_not_honor");
    let lost = counter.owed("tok_timeout_lost", 5_000);
    counter.pay(&lost).is(200);
    let slow = counter.owed("tok_async_success", 5_000);
    counter.pay(&slow).is(200);
    assert_eq!(counter.payment(&slow)["status"], "processing");
    counter.wait(TimeDelta::hours(2));
    assert_eq!(counter.shop.standing(&slow).0, "paid");
    assert_eq!(counter.shop.attempts(&lost)[0].1, "never_reached_gateway");
}

#[test]
fn what_is_told_has_its_charge_read_there() {
    let counter = Counter::open();
    let invoice = counter.owed("tok_async_success", 5_000);
    counter.pay(&invoice).is(200);
    let name = counter.payment(&invoice)["reference"].as_str().unwrap().to_owned();
    counter.simulated.client.post(&format!("/control/charges/{name}"), json!({})).is(200);
    let event = json!({ "id": "simevt_1", "type": "charge.succeeded", "charge": name });
    for _ in 0..2 {
        counter.simulated.tell(&counter.shop.world, &counter.account, &event).is(200);
    }
    counter.wait(TimeDelta::seconds(4));
    assert_eq!(counter.shop.standing(&invoice).0, "paid");
    let changed = json!({ "id": "simevt_2" });
    let unsigned = counter.shop.world.with_key(None);
    let path = format!("/v1/inbound/simulator/{}", counter.account);
    unsigned.post(&path, changed).is_problem(400, "bad_signature");
}

#[test]
fn what_goes_back_and_what_is_disputed_is_followed_there() {
    let counter = Counter::open();
    let invoice = counter.paid(5_000);
    let note = json!({ "invoice_id": invoice, "amount": "20.00", "to": "refund", "reason": "outage" });
    counter.simulated.fail("refund", "cut_after", 1);
    counter.shop.world.post("/v1/credit_notes", note).is(201);
    counter.wait(TimeDelta::hours(2));
    let books = counter.simulated.books();
    assert_eq!(
        (books["refunds"].as_array().unwrap().len(), &books["refunds"][0]["amount"]),
        (1, &json!("20.00"))
    );
    let disputed = counter.paid(3_100);
    let name = counter.payment(&disputed)["reference"].clone();
    let dispute = counter.simulated.client.post("/control/disputes", json!({ "charge": name })).is(201).id();
    let event = json!({ "id": "simevt_1", "type": "charge.dispute.created", "charge": name });
    counter.simulated.tell(&counter.shop.world, &counter.account, &event).is(200);
    counter.wait(TimeDelta::seconds(4));
    assert_eq!(
        (counter.on("disputed_cash"), counter.on("gateway_fees")),
        ("31.00".to_owned(), "15.00".to_owned())
    );
    counter
        .simulated
        .client
        .post(&format!("/control/disputes/{dispute}"), json!({ "status": "lost" }))
        .is(200);
    counter.wait(TimeDelta::days(2));
    assert_eq!(counter.on("dispute_losses"), "31.00");
}

#[test]
fn it_serves_test_tenants_alone_and_takes_no_token_but_its_own() {
    let simulated = Simulated::open();
    let world = World::live();
    world.post("/v1/gateway_accounts", simulated.account()).is_problem(422, "simulator_is_for_tests");
    let counter = Counter::open();
    let customer = counter.shop.customer();
    let card = |token: &str| {
        let body = json!({ "customer_id": customer, "kind": "card", "gateway_account_id": counter.account, "token": token });
        counter.shop.world.post("/v1/payment_methods", body)
    };
    card("pm_1").is_problem(422, "unknown_token");
    card("tok_of_nobody").is_problem(422, "unknown_token");
    assert_eq!(counter.simulated.charges(), []);
}
