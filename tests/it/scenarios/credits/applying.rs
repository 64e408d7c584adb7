//! Do balances and open invoices meet by themselves, where that is set? Whatever comes onto a balance pays what is due first, once.

use std::thread;

use billwright::domain::ids::CustomerId;
use billwright::workflows::credits::apply_balances;
use billwright::workflows::parked_work::Place;
use serde_json::{Value, json};

use super::super::billing::{Seller, base};
use super::{balances, bills};

fn set(seller: &Seller, when: &str) {
    let settings = seller.world.patch("/v1/billing_settings", json!({ "apply_balance": when })).is(200);
    assert_eq!(settings.text_at("/apply_balance"), when);
}

/// Ada owes 365.00 for January and for February.
fn owing_two_months(seller: &Seller) -> String {
    let plan = seller.plan("month", json!([base("365.00")]));
    let ada = seller.customer_like(json!({ "name": "Ada" }));
    seller.subscribe(&ada, &plan, json!({ "collection": "send_invoice" }));
    seller.advance_to("2026-02-02");
    ada
}

fn receive(seller: &Seller, customer: &str, amount: &str) {
    let receipt = json!({ "customer_id": customer, "amount": amount, "currency": "USD" });
    seller.world.post("/v1/payments", receipt).is(201);
}

fn balance(seller: &Seller) -> String {
    balances(seller).get("customer_credit").cloned().unwrap_or_else(|| "0.00".to_owned())
}

fn events_of(seller: &Seller, type_: &str) -> Vec<Value> {
    seller.world.relay_events();
    let events = seller.world.get("/v1/events?limit=1000").is(200);
    events.data().iter().filter(|event| event["type"] == type_).cloned().collect()
}

#[test]
fn what_comes_in_pays_the_oldest_open_invoices_and_nothing_does_before_it_is_set() {
    let seller = Seller::on("2026-01-01");
    assert_eq!(seller.world.get("/v1/billing_settings").is(200).text_at("/apply_balance"), "manual");
    let ada = owing_two_months(&seller);
    receive(&seller, &ada, "335.00");
    seller.advance_to("2026-02-03");
    assert_eq!(balance(&seller), "335.00");
    // What is there already is found by the job.
    set(&seller, "oldest_first");
    assert_eq!(events_of(&seller, "billing_settings.updated")[0]["data"]["apply_balance"], "oldest_first");
    seller.advance_to("2026-02-03T00:01:00Z");
    let (first, second) =
        ("2026-01-01 open 365.00 balance 335.00 due 30.00", "2026-02-01 open 365.00 due 365.00");
    assert_eq!(bills(&seller, &ada), [first, second]);
    assert_eq!((balance(&seller), events_of(&seller, "invoice.paid").len()), ("0.00".to_owned(), 0));
    // What comes now pays in the same moment.
    receive(&seller, &ada, "400.00");
    let (first, second) = ("2026-01-01 paid 365.00 balance 365.00", "2026-02-01 paid 365.00 balance 365.00");
    assert_eq!(bills(&seller, &ada), [first, second]);
    assert_eq!((balance(&seller), events_of(&seller, "invoice.paid").len()), ("5.00".to_owned(), 2));
    // And what is issued next takes what is left.
    seller.advance_to("2026-03-02");
    assert_eq!(bills(&seller, &ada)[2], "2026-03-01 open 365.00 balance 5.00 due 360.00");
}

#[test]
fn what_a_cancellation_gives_back_pays_what_is_still_open() {
    for (when, due, left) in [("manual", "31.00", "15.00"), ("oldest_first", "16.00", "0.00")] {
        let seller = Seller::on("2026-01-01");
        set(&seller, when);
        let plan = seller.plan("month", json!([base("31.00")]));
        let ada = seller.customer_like(json!({ "name": "Ada" }));
        let subscription = seller.subscribe(&ada, &plan, json!({ "collection": "send_invoice" }));
        seller.advance_to("2026-01-17");
        let cancel = json!({ "effective_at": "now", "credit": true, "invoice": "now" });
        seller.world.post(&format!("/v1/subscriptions/{subscription}/cancel"), cancel).is(200);
        seller.advance_to("2026-01-17T00:01:00Z");
        let first = seller.world.get("/v1/invoices").is(200).data().last().unwrap().clone();
        assert_eq!((&first["amount_due"], balance(&seller).as_str()), (&json!(due), left), "{when}");
    }
}

#[test]
fn a_credit_note_to_the_balance_pays_another_invoice_that_is_open() {
    let seller = Seller::on("2026-01-01");
    let ada = owing_two_months(&seller);
    let invoices = seller.world.get("/v1/invoices").is(200);
    let february = invoices.data()[0]["id"].as_str().unwrap();
    seller.world.post(&format!("/v1/invoices/{february}/pay"), json!({ "offline": {} })).is(200);
    set(&seller, "oldest_first");
    let note =
        json!({ "invoice_id": february, "amount": "65.00", "reason": "outage", "to": "credit_balance" });
    seller.world.post("/v1/credit_notes", note).is(201);
    assert_eq!(
        bills(&seller, &ada),
        ["2026-01-01 open 365.00 balance 65.00 due 300.00", "2026-02-01 paid 365.00 paid 365.00"]
    );
}

#[test]
fn what_is_under_way_is_left_alone_until_it_is_over_and_a_card_is_charged_for_what_is_left() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([base("93.00")]));
    let ada = seller.customer_like(json!({ "name": "Ada" }));
    let attach = |token: &str| {
        let card = json!({ "customer_id": ada, "kind": "card", "token": token, "make_default": true });
        seller.world.post("/v1/payment_methods", card).is(201);
    };
    attach("tok_async_decline");
    set(&seller, "oldest_first");
    seller.subscribe(&ada, &plan, json!({}));
    seller.advance_to("2026-01-01T00:01:00Z");
    receive(&seller, &ada, "40.00");
    seller.advance_to("2026-01-01T00:30:00Z");
    assert_eq!(bills(&seller, &ada), ["2026-01-01 open 93.00 due 93.00"]);
    seller.advance_to("2026-01-01T02:00:00Z");
    assert_eq!(bills(&seller, &ada), ["2026-01-01 open 93.00 balance 40.00 due 53.00"]);
    attach("tok_success");
    seller.advance_to("2026-01-03");
    assert_eq!(bills(&seller, &ada), ["2026-01-01 paid 93.00 balance 40.00 paid 53.00"]);
}

#[test]
fn a_card_is_charged_for_what_the_balance_leaves_even_when_both_are_due_at_once() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([base("93.00")]));
    let ada = seller.customer_like(json!({ "name": "Ada" }));
    let attach = |token: &str| {
        let card = json!({ "customer_id": ada, "kind": "card", "token": token, "make_default": true });
        seller.world.post("/v1/payment_methods", card).is(201);
    };
    attach("tok_decline");
    seller.subscribe(&ada, &plan, json!({}));
    seller.advance_to("2026-01-01T00:01:00Z");
    receive(&seller, &ada, "40.00");
    set(&seller, "oldest_first");
    attach("tok_success");
    let (tenant, at) = (seller.world.tenant.id, "2026-01-20T00:00:00Z".parse().unwrap());
    // The collection comes before the job of the balances has looked.
    let gateways = billwright::workflows::payments::gateways::all(&seller.world.db);
    let mut session = seller.world.session();
    billwright::workflows::payments::collect_invoices::run(
        &mut session,
        &gateways,
        Place { tenant_id: tenant, now: at },
    )
    .unwrap();
    assert_eq!(bills(&seller, &ada), ["2026-01-01 paid 93.00 balance 40.00 paid 53.00"]);
}

#[test]
fn several_at_once_apply_a_balance_once() {
    let seller = Seller::on("2026-01-01");
    let ada = owing_two_months(&seller);
    receive(&seller, &ada, "500.00");
    set(&seller, "oldest_first");
    let place = Place { tenant_id: seller.world.tenant.id, now: seller.world.now() };
    let customer: CustomerId = ada.parse().unwrap();
    thread::scope(|threads| {
        for n in 0..6 {
            let (world, path) = (&seller.world, format!("/v1/customers/{ada}/credit_balance/apply"));
            threads.spawn(move || match n % 2 {
                0 => apply_balances::run(&mut world.session(), place, customer).unwrap(),
                _ => drop(world.tenant.client.post(&path, json!({})).is(200)),
            });
        }
    });
    assert_eq!(
        bills(&seller, &ada),
        ["2026-01-01 paid 365.00 balance 365.00", "2026-02-01 open 365.00 balance 135.00 due 230.00"]
    );
    assert_eq!((balance(&seller).as_str(), events_of(&seller, "invoice.paid").len()), ("0.00", 1));
}

#[test]
fn another_word_is_refused_and_changes_nothing() {
    let seller = Seller::on("2026-01-01");
    let refused = seller.world.patch("/v1/billing_settings", json!({ "apply_balance": "newest_first" }));
    assert!(matches!(refused.status, 400 | 422), "{}", refused.text);
    assert!(refused.text.contains("oldest_first"), "{}", refused.text);
    assert_eq!(seller.world.get("/v1/billing_settings").is(200).text_at("/apply_balance"), "manual");
}
