//! What does automatic collection do with each answer of the gateway?

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::json;

use super::Shop;

fn books(rows: &[(&str, &str)]) -> BTreeMap<String, String> {
    rows.iter().map(|(account, balance)| ((*account).to_owned(), (*balance).to_owned())).collect()
}

fn standing(status: &str, due: &str) -> (String, String) {
    (status.to_owned(), due.to_owned())
}

#[test]
fn a_due_invoice_is_charged_once_and_posted() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer_with("tok_success"), 9_300);
    assert_eq!(
        shop.balances(),
        books(&[("accounts_receivable", "93.00"), ("deferred_revenue", "62.00"), ("revenue", "31.00")])
    );
    shop.wait(TimeDelta::hours(2));
    shop.wait(TimeDelta::days(30));
    assert_eq!(shop.standing(&invoice), standing("paid", "0.00"));
    assert_eq!(shop.statuses(&invoice), ["succeeded"]);
    assert_eq!(shop.charges(&invoice), (1, 9_300));
    assert_eq!(
        shop.balances(),
        books(&[("cash_clearing", "93.00"), ("deferred_revenue", "62.00"), ("revenue", "31.00")])
    );
}

#[test]
fn the_events_of_a_collected_invoice_are_emitted_in_order() {
    let shop = Shop::open();
    shop.invoice(&shop.customer_with("tok_success"), 9_300);
    shop.wait(TimeDelta::hours(2));
    shop.world.relay_events();
    let reply = shop.world.get("/v1/events?limit=1000").is(200);
    let types: Vec<&str> = reply.data().iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["payment_method.attached", "invoice.finalized", "payment.succeeded", "invoice.paid"]);
}

#[test]
fn a_soft_decline_is_tried_again_1_3_5_and_7_days_apart_and_then_no_more() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer_with("tok_decline"), 9_300);
    shop.wait(TimeDelta::days(60));
    let attempts = shop.attempts(&invoice);
    assert!(attempts.iter().all(|a| a.1 == "insufficient_funds"), "{attempts:?}");
    assert_eq!(attempts.iter().map(|a| a.2).collect::<Vec<_>>(), [0, 1, 4, 9, 16]);
    assert_eq!(shop.standing(&invoice), standing("open", "93.00"));
    assert_eq!(shop.charges(&invoice), (5, 0));
}

#[test]
fn a_hard_decline_is_not_tried_again_until_there_is_a_new_payment_method() {
    let shop = Shop::open();
    let customer = shop.customer_with("tok_hard_decline");
    let invoice = shop.invoice(&customer, 9_300);
    shop.wait(TimeDelta::days(60));
    assert_eq!(shop.attempts(&invoice), [("failed".to_owned(), "stolen_card".to_owned(), 0)]);
    shop.attach(&customer, "tok_success");
    shop.wait(TimeDelta::hours(2));
    assert_eq!(shop.statuses(&invoice), ["failed", "succeeded"]);
    assert_eq!(shop.standing(&invoice), standing("paid", "0.00"));
}

#[test]
fn a_lost_answer_is_queried_and_nothing_is_charged_twice() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer_with("tok_timeout"), 9_300);
    shop.wait(TimeDelta::days(20));
    assert_eq!(shop.statuses(&invoice), ["succeeded"]);
    assert_eq!(shop.charges(&invoice), (1, 9_300));
    assert_eq!(shop.standing(&invoice), standing("paid", "0.00"));
}

#[test]
fn a_lost_request_failed_for_certain_and_is_made_again_but_not_for_ever() {
    let shop = Shop::open();
    let customer = shop.customer_with("tok_timeout_lost");
    let invoice = shop.invoice(&customer, 9_300);
    shop.wait(TimeDelta::days(90));
    let attempts = shop.attempts(&invoice);
    assert!(attempts.iter().all(|a| a.1 == "never_reached_gateway"), "{attempts:?}");
    assert_eq!(attempts.len(), 20);
    assert_eq!(shop.charges(&invoice), (0, 0));
    shop.attach(&customer, "tok_success");
    shop.wait(TimeDelta::hours(2));
    assert_eq!(shop.standing(&invoice), standing("paid", "0.00"));
}

#[test]
fn an_asynchronous_charge_is_waited_for() {
    let shop = Shop::open();
    let success = shop.invoice(&shop.customer_with("tok_async_success"), 9_300);
    let decline = shop.invoice(&shop.customer_with("tok_async_decline"), 4_000);
    shop.world.advance_to("2026-01-01T00:59:00Z");
    assert_eq!(shop.statuses(&success), ["processing"]);
    assert_eq!(shop.standing(&success), standing("open", "93.00"));
    shop.world.advance_to("2026-01-01T23:00:00Z");
    assert_eq!(shop.standing(&success), standing("paid", "0.00"));
    assert_eq!(shop.statuses(&decline), ["failed"]);
    shop.world.advance_to("2026-01-03T12:00:00Z");
    assert_eq!(shop.statuses(&decline), ["failed", "failed"]);
}

#[test]
fn an_invoice_of_a_customer_without_a_payment_method_waits_for_one() {
    let shop = Shop::open();
    let customer = shop.customer();
    let invoice = shop.invoice(&customer, 9_300);
    shop.wait(TimeDelta::days(3));
    assert!(shop.statuses(&invoice).is_empty());
    shop.attach(&customer, "tok_success");
    shop.wait(TimeDelta::hours(2));
    assert_eq!(shop.standing(&invoice), standing("paid", "0.00"));
}

#[test]
fn the_default_passes_to_the_newest_of_the_methods_that_are_left_and_is_charged() {
    let shop = Shop::open();
    let customer = shop.customer();
    let card = |token: &str| {
        let body = json!({ "customer_id": customer, "kind": "card", "token": token });
        shop.world.post("/v1/payment_methods", body).is(201).id()
    };
    let (first, second, third) = (card("tok_success"), card("tok_success"), card("tok_success"));
    let default =
        |id: &str| shop.world.get(&format!("/v1/payment_methods/{id}")).is(200).json["is_default"].clone();
    assert_eq!(
        [default(&first), default(&second), default(&third)],
        [json!(true), json!(false), json!(false)]
    );
    let detach = |id: &str| shop.world.delete(&format!("/v1/payment_methods/{id}")).is(200);
    detach(&first);
    assert_eq!(
        [default(&first), default(&second), default(&third)],
        [json!(false), json!(false), json!(true)]
    );
    detach(&second);
    assert_eq!(default(&third), json!(true), "one that was not the default passes nothing on");
    let invoice = shop.invoice(&customer, 9_300);
    shop.wait(TimeDelta::hours(2));
    assert_eq!(shop.standing(&invoice), standing("paid", "0.00"));
}

#[test]
fn a_detached_payment_method_is_not_charged() {
    let shop = Shop::open();
    let customer = shop.customer();
    let method = shop.attach(&customer, "tok_success");
    let invoice = shop.invoice(&customer, 9_300);
    let path = format!("/v1/payment_methods/{method}");
    let detached = shop.world.delete(&path).is(200);
    assert_eq!(detached.json["is_default"], json!(false));
    assert_eq!(shop.world.delete(&path).is(200).text_at("/detached_at"), detached.text_at("/detached_at"));
    shop.wait(TimeDelta::days(3));
    assert!(shop.statuses(&invoice).is_empty());
}
