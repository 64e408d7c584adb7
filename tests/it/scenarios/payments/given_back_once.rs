//! Is money given back once, whatever stands still or dies? A refund has one key for ever, and who took it over has the say.

use std::sync::Arc;
use std::thread;

use billwright::adapters::gateway::{ChargeRequest, Gateway, Gateways, RefundRequest, Sought};
use billwright::domain::payments::Outcome;
use billwright::workflows::parked_work::Place;
use billwright::workflows::payments::make_refunds;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::Shop;
use super::standing_still::Standing;

/// A gateway that gives nothing back.
pub struct Stingy;

impl Gateway for Stingy {
    fn name(&self) -> &'static str {
        "simulator"
    }

    fn check_token(&self, _token: &str) -> Result<(), String> {
        Ok(())
    }

    fn charge_all(&self, requests: &[ChargeRequest], _deadline: DateTime<Utc>) -> Vec<Outcome> {
        vec![Outcome::Unknown; requests.len()]
    }

    fn lookup_all(&self, sought: &[Sought], _at: DateTime<Utc>, _deadline: DateTime<Utc>) -> Vec<Outcome> {
        vec![Outcome::Unknown; sought.len()]
    }

    fn refund(&self, _request: &RefundRequest, _deadline: DateTime<Utc>) -> Outcome {
        Outcome::declined("charge_disputed", true)
    }
}

/// 93.00 were paid by card, and 40.00 of them are to go back.
fn owing_forty() -> (Shop, String, String) {
    let shop = Shop::open();
    let customer = shop.customer_with("tok_success");
    let invoice = shop.invoice(&customer, 9_300);
    shop.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({})).is(200);
    let note = json!({ "invoice_id": invoice, "amount": "40.00", "to": "refund", "reason": "outage" });
    let note = shop.world.post("/v1/credit_notes", note).is(201).id();
    (shop, customer, note)
}

fn refund_in(shop: &Shop, gateways: &Gateways, minutes: i64) {
    let later = shop.world.now() + TimeDelta::minutes(minutes);
    make_refunds::run(
        &mut shop.world.session(),
        gateways,
        Place { tenant_id: shop.world.tenant.id, now: later },
    )
    .unwrap();
}

/// A refund stands still at its gateway while `meanwhile` happens.
fn while_it_stands(shop: &Shop, meanwhile: impl FnOnce()) {
    let (standing, gateways) = Standing::before(shop);
    thread::scope(|threads| {
        let refunder = threads.spawn(|| refund_in(shop, &gateways, 0));
        standing.arrived.wait();
        meanwhile();
        standing.let_go.wait();
        refunder.join().unwrap();
    });
}

fn standing(shop: &Shop, note: &str) -> String {
    shop.world.get(&format!("/v1/credit_notes/{note}")).is(200).text_at("/refunds/0/status")
}

fn balance(shop: &Shop, customer: &str) -> String {
    let reply = shop.world.get(&format!("/v1/customers/{customer}/credit_balance")).is(200);
    reply.data().first().map_or_else(|| "0.00".to_owned(), |row| row["balance"].as_str().unwrap().to_owned())
}

#[test]
fn a_refund_whose_process_stands_still_is_made_once_by_who_takes_it_over() {
    let (shop, _, note) = owing_forty();
    while_it_stands(&shop, || {
        // It may be alive: a no is not believed yet.
        refund_in(&shop, &Gateways::new([Arc::new(Stingy) as Arc<dyn Gateway>]), 10);
        assert_eq!(standing(&shop, &note), "pending");
        refund_in(&shop, &shop.gateways(), 80);
        assert_eq!((standing(&shop, &note).as_str(), shop.taken()), ("succeeded", 5_300));
    });
    shop.wait(TimeDelta::days(1));
    assert_eq!((standing(&shop, &note).as_str(), shop.taken()), ("succeeded", 5_300));
    assert_eq!(shop.balances()["cash_clearing"], "53.00");
    assert_eq!(shop.event_types().iter().filter(|t| *t == "refund.succeeded").count(), 1);
}

#[test]
fn a_refund_that_came_after_a_no_is_taken_off_the_balance_again() {
    let (shop, customer, note) = owing_forty();
    while_it_stands(&shop, || {
        shop.calls_die();
        refund_in(&shop, &Gateways::new([Arc::new(Stingy) as Arc<dyn Gateway>]), 20);
        assert_eq!(
            (standing(&shop, &note).as_str(), balance(&shop, &customer).as_str()),
            ("failed", "40.00")
        );
    });
    assert_eq!((standing(&shop, &note).as_str(), shop.taken()), ("succeeded", 5_300));
    assert_eq!((balance(&shop, &customer).as_str(), &*shop.balances()["cash_clearing"]), ("0.00", "53.00"));
    assert_eq!(shop.balances().get("refunds_payable"), None);
}

#[test]
fn a_refund_that_came_after_a_no_whose_money_is_spent_is_an_expense() {
    let (shop, customer, note) = owing_forty();
    while_it_stands(&shop, || {
        shop.calls_die();
        refund_in(&shop, &Gateways::new([Arc::new(Stingy) as Arc<dyn Gateway>]), 20);
        let spent = json!({ "customer_id": customer, "collection": "send_invoice",
            "lines": [{ "description": "Training", "amount": "30.00" }] });
        let spent = shop.world.post("/v1/invoices", spent).is(201).id();
        shop.world.post(&format!("/v1/invoices/{spent}/finalize"), json!({})).is(200);
        assert_eq!(balance(&shop, &customer), "10.00");
    });
    assert_eq!((standing(&shop, &note).as_str(), shop.taken()), ("succeeded", 5_300));
    let books = shop.balances();
    assert_eq!((&*books["cash_clearing"], &*books["refunds"]), ("53.00", "30.00"));
    assert_eq!(balance(&shop, &customer), "0.00");
}
