//! What does a key find again? A call that died is sent once more: it is answered as the first would have been, and nobody is charged twice;
//! nothing is billed a second time.

use std::sync::Arc;
use std::thread;

use billwright::adapters::gateway::Gateways;
use billwright::platform::limits::Limits;
use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use serde_json::json;

use super::Shop;
use super::standing_still::Standing;
use crate::harness::{Reply, Server};

fn pay(shop: &Shop, invoice: &str) -> Reply {
    shop.world.post_once("a", &format!("/v1/invoices/{invoice}/pay"), json!({}))
}

#[test]
fn a_payment_is_found_again_by_its_key() {
    for (token, status, code) in [("tok_success", 200, ""), ("tok_decline", 402, "payment_declined")] {
        let shop = Shop::open();
        let invoice = shop.invoice(&shop.customer_with(token), 9_300);
        let first = pay(&shop, &invoice);
        assert_eq!(first.status, status, "{}", first.text);
        shop.world.lose_answers();
        let again = pay(&shop, &invoice);
        assert_eq!((again.status, again.header("idempotent-replayed")), (status, ""), "{}", again.text);
        assert_eq!(again.json["code"].as_str().unwrap_or_default(), code);
        assert_eq!(shop.attempts(&invoice).len(), 1);
        assert_eq!(pay(&shop, &invoice).header("idempotent-replayed"), "true");
    }
}

#[test]
fn money_received_elsewhere_is_found_again_by_its_key() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer(), 9_300);
    let receive = || {
        let body = json!({ "offline": { "reference": "SEPA 1" } });
        shop.world.post_once("a", &format!("/v1/invoices/{invoice}/pay"), body).is(200)
    };
    receive();
    shop.world.lose_answers();
    assert_eq!((receive().text_at("/status"), shop.attempts(&invoice).len()), ("paid".to_owned(), 1));
}

#[test]
fn while_nobody_knows_what_became_of_a_payment_its_key_is_in_use() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer_with("tok_timeout_lost"), 9_300);
    assert_eq!(pay(&shop, &invoice).is(200).text_at("/status"), "open");
    let waiting = pay(&shop, &invoice).is_problem(409, "idempotency_key_in_use");
    assert_eq!(waiting.header("retry-after"), "2");
    shop.wait(TimeDelta::hours(2));
    assert_eq!(
        pay(&shop, &invoice).is_problem(402, "payment_declined").text_at("/decline_code"),
        "never_reached_gateway"
    );
}

#[test]
fn what_the_gateway_says_it_is_at_is_answered_alike_by_its_key() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer_with("tok_async_success"), 9_300);
    assert_eq!(pay(&shop, &invoice).is(200).text_at("/status"), "open");
    let again = pay(&shop, &invoice).is(200);
    assert_eq!((again.text_at("/status"), again.header("idempotent-replayed")), ("open".to_owned(), "true"));
}

#[test]
fn what_a_process_left_when_it_died_is_found_out_by_the_next_call() {
    for (token, paid) in [("tok_timeout_charged", true), ("tok_timeout_lost", false)] {
        for keyed in [true, false] {
            let shop = Shop::open();
            let invoice = shop.invoice(&shop.customer_with(token), 9_300);
            assert_eq!(pay(&shop, &invoice).is(200).text_at("/status"), "open");
            shop.world.lose_answers();
            // Its call is over since a second, by the wall clock; no job has come by since.
            let left = format!(
                "INSERT INTO gateway_claims (tenant_id, id, calls_until, recorded_at) \
                 SELECT tenant_id, claim_id, now() - interval '1 second', now() - interval '40 seconds' \
                 FROM payments WHERE tenant_id = '{}'",
                shop.world.tenant.id.uuid()
            );
            shop.world.database.connect().batch_execute(&left).unwrap();
            let path = format!("/v1/invoices/{invoice}/pay");
            match (keyed, paid) {
                (true, true) => assert_eq!(pay(&shop, &invoice).is(200).text_at("/status"), "paid"),
                (true, false) => drop(pay(&shop, &invoice).is_problem(402, "payment_declined")),
                (false, true) => drop(shop.world.post(&path, json!({})).is(409)),
                (false, false) => {
                    assert_eq!(shop.world.post(&path, json!({})).is(200).text_at("/status"), "open")
                }
            }
            assert_eq!(shop.charges(&invoice), if paid { (1, 9_300) } else { (0, 0) });
        }
    }
}

#[test]
fn a_call_that_stands_at_its_gateway_has_its_key_and_no_connection() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer_with("tok_success"), 9_300);
    let (standing, gateways): (Arc<Standing>, Gateways) = Standing::before(&shop);
    let slow = Server::with(shop.world.db.clone(), (Arc::new(gateways), Limits::default()));
    let caller = shop.world.tenant.client.at(&slow.url);
    let path = format!("/v1/invoices/{invoice}/pay");
    thread::scope(|threads| {
        let first = threads.spawn(|| caller.post_once("a", &path, json!({})));
        standing.arrived.wait();
        pay(&shop, &invoice).is_problem(409, "idempotency_key_in_use");
        standing.let_go.wait();
        first.join().unwrap().is(200);
    });
    assert_eq!(pay(&shop, &invoice).is(200).header("idempotent-replayed"), "true");
    assert_eq!(shop.charges(&invoice), (1, 9_300));
}

#[test]
fn a_billing_run_is_found_again_by_its_key() {
    let shop = Shop::open();
    let run = || shop.world.post_once("a", "/v1/bill_runs", json!({})).is(201);
    let first = run();
    shop.world.lose_answers();
    let again = run();
    assert_eq!((again.header("idempotent-replayed"), &again.json), ("", &first.json));
    assert_eq!(shop.world.get("/v1/bill_runs").is(200).data().len(), 1);
}
