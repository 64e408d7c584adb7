//! What does Stripe tell, and is it believed? By its signature alone, once, and only as far as Stripe says the same when it is asked.

use chrono::TimeDelta;
use serde_json::json;

use super::{SECRET, Till, account_at};
use crate::harness::signature;

fn now() -> i64 {
    billwright::platform::clock::now().timestamp()
}

/// A payment that takes its time at Stripe.
fn under_way() -> (Till, String) {
    let till = Till::open();
    let invoice = till.owed("pm_slow", 5_000);
    till.pay(&invoice).is(200);
    assert_eq!(till.payment(&invoice)["status"], "processing");
    (till, invoice)
}

#[test]
fn an_event_has_its_payment_read_at_the_gateway_however_often_and_in_whatever_order_it_comes() {
    let (till, invoice) = under_way();
    let failed = till.stripe.event("evt_1", "payment_intent.payment_failed");
    till.stripe.change(json!({ "status": "succeeded" }));
    let succeeded = till.stripe.event("evt_2", "payment_intent.succeeded");
    for body in [&succeeded, &failed, &succeeded, &failed] {
        assert_eq!(till.tell(body).is(200).json["received"], true);
    }
    assert_eq!(till.notices().len(), 2, "each is stored once");
    till.shop.wait(TimeDelta::seconds(4));
    assert!(till.notices().iter().all(|(_, is_processed)| *is_processed), "{:?}", till.notices());
    assert_eq!(till.shop.standing(&invoice).0, "paid");
    let types = till.shop.event_types();
    assert_eq!(types.iter().filter(|t| *t == "payment.succeeded").count(), 1, "{types:?}");
    assert_eq!(till.shop.balances()["cash_clearing"], "50.00");
}

#[test]
fn what_is_not_signed_by_the_accounts_gateway_just_now_is_refused_and_nothing_is_stored() {
    let (till, _) = under_way();
    let world = &till.shop.world;
    let other = world.post("/v1/gateway_accounts", {
        let mut body = account_at(&till.stripe);
        body["credentials"]["webhook_secrets"] = json!(["whsec_of_another_account"]);
        body
    });
    other.is(201);
    let body = till.stripe.event("evt_1", "payment_intent.succeeded");
    let before = world.rows_of(world.tenant.id);
    let changed = body.replacen("evt_1", "evt_2", 1);
    till.tell_signed(&changed, &signature(SECRET, now(), &body)).is_problem(400, "bad_signature");
    till.tell_signed(&body, &signature(SECRET, now() - 301, &body)).is_problem(400, "signature_too_old");
    let theirs = signature("whsec_of_another_account", now(), &body);
    till.tell_signed(&body, &theirs).is_problem(400, "bad_signature");
    till.tell_signed(&body, "").is_problem(400, "bad_signature");
    till.tell("{}").is_problem(400, "malformed_event");
    let nowhere = world.with_key(None).post("/v1/inbound/stripe/ga_01jgejp8g0e3q9k0v6z4t1x2y3", json!({}));
    nowhere.is_problem(404, "not_found");
    let path = format!("/v1/inbound/paypal/{}", till.account);
    world.with_key(None).post(&path, json!({})).is_problem(404, "not_found");
    assert_eq!(world.rows_of(world.tenant.id), before);
}

#[test]
fn while_a_secret_is_rotated_both_are_good_and_then_the_new_one_alone() {
    let (till, _) = under_way();
    let path = format!("/v1/gateway_accounts/{}", till.account);
    let rotate = |secrets: &[&str]| {
        let body = json!({ "credentials": { "webhook_secrets": secrets } });
        till.shop.world.patch(&path, body).is(200);
    };
    let tell = |id: &str, secret: &str| {
        let body = till.stripe.event(id, "payment_intent.processing");
        till.tell_signed(&body, &signature(secret, now(), &body))
    };
    rotate(&["whsec_new", SECRET]);
    tell("evt_1", SECRET).is(200);
    tell("evt_2", "whsec_new").is(200);
    rotate(&["whsec_new"]);
    tell("evt_3", SECRET).is_problem(400, "bad_signature");
    tell("evt_4", "whsec_new").is(200);
    // The key for calls is as it was.
    let invoice = till.owed("pm_ok", 100);
    till.pay(&invoice).is(200);
    assert_eq!(till.stripe.heard().last().unwrap().headers["authorization"], "Bearer sk_test_of_the_stories");
}

#[test]
fn what_the_gateway_does_not_answer_for_waits_in_sight_and_is_tried_again_by_hand() {
    let (till, invoice) = under_way();
    let world = &till.shop.world;
    till.stripe.change(json!({ "status": "succeeded" }));
    till.tell(&till.stripe.event("evt_1", "payment_intent.succeeded")).is(200);
    till.stripe.answer(false);
    till.shop.wait(TimeDelta::seconds(4));
    let parked = world.get("/v1/parked_work?work=inbound_events").is(200);
    assert_eq!((parked.data().len(), parked.text_at("/data/0/code")), (1, "gateway_silent".to_owned()));
    till.stripe.answer(true);
    let path = format!("/v1/parked_work/{}/retry", parked.text_at("/data/0/id"));
    assert_eq!(world.post(&path, json!({})).is(200).text_at("/status"), "done");
    assert_eq!(till.shop.standing(&invoice).0, "paid");
}

#[test]
fn what_is_about_nothing_of_ours_is_put_aside() {
    let till = Till::open();
    let body = json!({ "id": "evt_1", "object": "event", "type": "customer.updated",
        "data": { "object": { "object": "customer", "id": "cus_1" } } });
    till.tell(&body.to_string()).is(200);
    let foreign = json!({ "id": "evt_2", "object": "event", "type": "payment_intent.succeeded",
        "data": { "object": { "object": "payment_intent", "id": "pi_of_another_program", "metadata": {} } } });
    till.tell(&foreign.to_string()).is(200);
    till.shop.wait(TimeDelta::seconds(4));
    assert_eq!(till.notices().iter().filter(|(_, is_processed)| *is_processed).count(), 2);
    assert_eq!(till.stripe.heard().len(), 0);
}

#[test]
fn money_for_an_attempt_that_was_given_up_pays_its_invoice_when_stripe_tells_of_it() {
    let till = Till::open();
    let customer = till.customer("pm_empty");
    let invoice = till.shop.invoice(&customer, 5_000);
    till.pay(&invoice).is_problem(402, "payment_declined");
    // The payer has confirmed it by another card, in the browser.
    till.stripe.change(json!({ "status": "succeeded", "last_payment_error": null }));
    till.tell(&till.stripe.event("evt_1", "payment_intent.succeeded")).is(200);
    till.shop.wait(TimeDelta::seconds(4));
    assert_eq!(till.shop.standing(&invoice), ("paid".to_owned(), "0.00".to_owned()));
    assert_eq!(till.shop.balances()["cash_clearing"], "50.00");
}
