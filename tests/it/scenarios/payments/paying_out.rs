//! How does a customer get what is on its balance? By the cards it paid with, or outside, and never more than there is.

use std::sync::Arc;
use std::thread;

use billwright::adapters::gateway::{Gateway, Gateways};
use billwright::workflows::parked_work::Place;
use billwright::workflows::payments::make_refunds;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::Shop;
use super::given_back_once::Stingy;
use crate::harness::{Reply, World};

impl Shop {
    fn pay_out(&self, customer: &str, body: Value) -> Reply {
        self.world.post(&format!("/v1/customers/{customer}/credit_balance/pay_out"), body)
    }

    fn credit_balance(&self, customer: &str) -> String {
        let reply = self.world.get(&format!("/v1/customers/{customer}/credit_balance")).is(200);
        let usd = reply.data().iter().find(|row| row["currency"] == "USD");
        usd.map_or_else(|| "0.00".to_owned(), |row| row["balance"].as_str().unwrap().to_owned())
    }

    fn receive(&self, customer: &str, amount: &str) {
        let receipt = json!({ "customer_id": customer, "amount": amount, "currency": "USD" });
        self.world.post("/v1/payments", receipt).is(201);
    }

    /// An invoice of so many cents, charged to the card.
    fn charged(&self, customer: &str, cents: i64) -> String {
        let invoice = self.invoice(customer, cents);
        self.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({})).is(200);
        invoice
    }

    fn credit(&self, invoice: &str, amount: &str, to: &str) -> Reply {
        let note = json!({ "invoice_id": invoice, "amount": amount, "to": to, "reason": "outage" });
        self.world.post("/v1/credit_notes", note).is(201)
    }

    /// The refunds of the newest pay-out, each as `20.00 pending`.
    fn going_back(&self, customer: &str) -> Vec<String> {
        let list = self.world.get(&format!("/v1/customers/{customer}/credit_balance/pay_outs")).is(200);
        let refunds = list.data()[0]["refunds"].as_array().unwrap().clone();
        let row = |r: &Value| format!("{} {}", r["amount"].as_str().unwrap(), r["status"].as_str().unwrap());
        refunds.iter().map(row).collect()
    }
}

#[test]
fn paid_outside_it_is_off_the_balance_at_once_with_its_reference() {
    let shop = Shop::open();
    let ada = shop.customer();
    shop.receive(&ada, "335.00");
    let body = json!({ "amount": "300.00", "currency": "USD", "to": "outside", "reference": "SEPA 117" });
    let paid = shop.pay_out(&ada, body).is(201);
    assert_eq!(
        (paid.text_at("/amount"), paid.text_at("/reference"), paid.json["refunds"].clone()),
        ("300.00".to_owned(), "SEPA 117".to_owned(), json!([]))
    );
    let books = shop.balances();
    assert_eq!((&*books["cash_clearing"], &*books["customer_credit"]), ("35.00", "35.00"));
    let rest = shop.pay_out(&ada, json!({ "to": "outside", "reference": "SEPA 118" })).is(201);
    assert_eq!((rest.text_at("/amount"), shop.credit_balance(&ada)), ("35.00".to_owned(), "0.00".to_owned()));
    assert!(shop.balances().is_empty(), "{:?}", shop.balances());
    let list = shop.world.get(&format!("/v1/customers/{ada}/credit_balance/pay_outs")).is(200);
    assert_eq!(list.data(), &vec![rest.json.clone(), paid.json.clone()]);
    shop.world.relay_events();
    let events = shop.world.get("/v1/events?type=pay_out.created").is(200);
    assert_eq!((events.data().len(), &events.data()[0]["object_id"]), (2, &paid.json["id"]));
    let entries = shop.world.get("/v1/ledger/entries?limit=100").is(200);
    let entry = entries.data().iter().find(|e| e["source"]["id"] == paid.json["id"]).unwrap();
    assert_eq!(
        (&entry["debit"], &entry["credit"], &entry["amount"]),
        (&json!("customer_credit"), &json!("cash_clearing"), &json!("300.00"))
    );
}

#[test]
fn by_the_cards_it_goes_back_through_the_newest_payments_first() {
    let shop = Shop::open();
    let ada = shop.customer_with("tok_success");
    let first = shop.charged(&ada, 9_300);
    shop.wait(TimeDelta::minutes(1));
    let second = shop.charged(&ada, 2_000);
    shop.credit(&first, "50.00", "credit_balance");
    shop.credit(&second, "20.00", "credit_balance");
    shop.pay_out(&ada, json!({ "amount": "60.00", "to": "payment_methods" })).is(201);
    assert_eq!(shop.going_back(&ada), ["20.00 pending", "40.00 pending"]);
    let books = shop.balances();
    assert_eq!((&*books["refunds_payable"], &*books["customer_credit"]), ("60.00", "10.00"));
    shop.wait(TimeDelta::minutes(5));
    assert_eq!(shop.going_back(&ada), ["20.00 succeeded", "40.00 succeeded"]);
    assert_eq!((shop.taken(), &*shop.balances()["cash_clearing"]), (5_300, "53.00"));
    assert_eq!(shop.balances().get("refunds_payable"), None);
    assert_eq!(shop.event_types().iter().filter(|t| *t == "refund.succeeded").count(), 2);
}

#[test]
fn what_a_gateway_does_not_give_back_is_on_the_balance_again() {
    let shop = Shop::open();
    let ada = shop.customer_with("tok_success");
    let invoice = shop.charged(&ada, 9_300);
    shop.credit(&invoice, "40.00", "credit_balance");
    shop.pay_out(&ada, json!({ "to": "payment_methods" })).is(201);
    assert_eq!(shop.credit_balance(&ada), "0.00");
    let stingy = Gateways::new([Arc::new(Stingy) as Arc<dyn Gateway>]);
    make_refunds::run(
        &mut shop.world.session(),
        &stingy,
        Place { tenant_id: shop.world.tenant.id, now: shop.world.now() },
    )
    .unwrap();
    assert_eq!(
        (shop.going_back(&ada), shop.credit_balance(&ada)),
        (vec!["40.00 failed".to_owned()], "40.00".to_owned())
    );
    // A late yes to it may still come, so the payment is not asked for them again: 53.00 of it are left.
    shop.receive(&ada, "20.00");
    let more = json!({ "amount": "53.01", "currency": "USD", "to": "payment_methods" });
    let refused = shop.pay_out(&ada, more).is_problem(422, "more_than_refundable");
    assert!(refused.text_at("/detail").contains("53.00 USD"), "{}", refused.text);
    shop.pay_out(&ada, json!({ "amount": "53.00", "to": "payment_methods" })).is(201);
    shop.pay_out(&ada, json!({ "to": "outside", "reference": "cheque 1" })).is(201);
    shop.wait(TimeDelta::minutes(5));
    assert_eq!((shop.credit_balance(&ada), shop.taken()), ("0.00".to_owned(), 4_000));
    assert_eq!(&*shop.balances()["cash_clearing"], "53.00");
}

#[test]
fn a_credit_note_refunds_no_more_than_pay_outs_have_left_of_the_payment() {
    let shop = Shop::open();
    let ada = shop.customer_with("tok_success");
    let invoice = shop.charged(&ada, 9_300);
    shop.receive(&ada, "60.00");
    shop.pay_out(&ada, json!({ "to": "payment_methods" })).is(201);
    shop.wait(TimeDelta::minutes(5));
    let note = shop.credit(&invoice, "93.00", "refund");
    assert_eq!(
        (note.text_at("/to_refund"), note.text_at("/to_balance")),
        ("33.00".to_owned(), "60.00".to_owned())
    );
    shop.wait(TimeDelta::minutes(5));
    assert_eq!((shop.taken(), shop.credit_balance(&ada)), (0, "60.00".to_owned()));
    shop.pay_out(&ada, json!({ "to": "payment_methods" })).is_problem(422, "more_than_refundable");
}

#[test]
fn what_cannot_be_paid_out_is_refused_and_nothing_is_written() {
    let shop = Shop::open();
    let ada = shop.customer();
    let grant = json!({ "customer_id": ada, "amount": "100.00", "currency": "USD", "source": "promotional" });
    shop.world.post("/v1/credit_grants", grant).is(201);
    let refused = |body: Value, code: &str, pointer: &str| {
        let before = shop.world.rows_of(shop.world.tenant.id);
        let reply = shop.pay_out(&ada, body).is_problem(422, code);
        assert_eq!(reply.text_at("/errors/0/pointer"), pointer, "{}", reply.text);
        assert_eq!(shop.world.rows_of(shop.world.tenant.id), before, "something was written");
    };
    let outside =
        |amount: &str| json!({ "amount": amount, "currency": "USD", "to": "outside", "reference": "1" });
    // What was given is no money.
    refused(outside("1.00"), "nothing_on_balance", "/amount");
    refused(json!({ "to": "outside", "reference": "1" }), "nothing_on_balance", "/amount");
    shop.receive(&ada, "50.00");
    refused(outside("50.01"), "more_than_balance", "/amount");
    refused(outside("0.00"), "amount_out_of_range", "/amount");
    refused(outside("-1.00"), "amount_out_of_range", "/amount");
    refused(outside("1.001"), "bad_amount", "/amount");
    refused(json!({ "to": "outside" }), "reference_missing", "/reference");
    refused(json!({ "to": "outside", "reference": " " }), "blank", "/reference");
    refused(json!({ "to": "payment_methods", "reference": "1" }), "reference_of_refund", "/reference");
    refused(json!({ "to": "outside", "reference": "1", "currency": "XXQ" }), "unknown_currency", "/currency");
    refused(json!({ "to": "outside", "reference": "1", "currency": "EUR" }), "nothing_on_balance", "/amount");
    // Nothing came through a gateway.
    refused(json!({ "to": "payment_methods" }), "more_than_refundable", "/amount");
    shop.world
        .post("/v1/payments", json!({ "customer_id": ada, "amount": "9.00", "currency": "EUR" }))
        .is(201);
    refused(json!({ "to": "outside", "reference": "1" }), "currency_missing", "/currency");
    let nobody = shop.pay_out("cus_01h2xcejqtf2nbrexx3vqjhp41", outside("1.00"));
    assert_eq!(nobody.status, 404, "{}", nobody.text);
    assert_eq!(shop.credit_balance(&ada), "50.00");
}

#[test]
fn two_at_once_pay_out_once_and_so_does_one_that_is_sent_twice() {
    let shop = Shop::open();
    let ada = shop.customer();
    shop.receive(&ada, "50.00");
    let body = json!({ "amount": "30.00", "currency": "USD", "to": "outside", "reference": "SEPA 1" });
    let statuses: Vec<u16> = thread::scope(|threads| {
        let callers: Vec<_> = (0..4)
            .map(|_| {
                let (shop, ada, body) = (&shop, &ada, body.clone());
                threads.spawn(move || shop.pay_out(ada, body).status)
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(
        (statuses.iter().filter(|s| **s == 422).count(), shop.credit_balance(&ada)),
        (3, "20.00".to_owned())
    );
    let path = format!("/v1/customers/{ada}/credit_balance/pay_out");
    let small = json!({ "amount": "5.00", "currency": "USD", "to": "outside", "reference": "SEPA 2" });
    let first = shop.world.post_once("pay-out-1", &path, small.clone()).is(201);
    let again = shop.world.post_once("pay-out-1", &path, small).is(201);
    assert_eq!((first.id(), shop.credit_balance(&ada)), (again.id(), "15.00".to_owned()));
    // An application at the same time: the same money does not go both ways.
    let invoice = shop.invoice(&shop.customer(), 100);
    assert_eq!(shop.standing(&invoice).0, "open");
    let ben = shop.customer();
    let owed = shop.invoice(&ben, 4_000);
    shop.receive(&ben, "40.00");
    thread::scope(|threads| {
        let apply = format!("/v1/customers/{ben}/credit_balance/apply");
        let (world, ben) = (&shop.world, &ben);
        threads.spawn(move || drop(world.tenant.client.post(&apply, json!({})).is(200)));
        let body = json!({ "amount": "40.00", "currency": "USD", "to": "outside", "reference": "SEPA 3" });
        let shop = &shop;
        threads.spawn(move || drop(shop.pay_out(ben, body)));
    });
    let list = shop.world.get(&format!("/v1/customers/{ben}/credit_balance/pay_outs")).is(200);
    let paid_out = list.data().len() == 1;
    assert_eq!(shop.standing(&owed).1, if paid_out { "40.00" } else { "0.00" });
    assert_eq!(shop.credit_balance(&ben), "0.00");
}

#[test]
fn where_balances_pay_by_themselves_only_what_no_invoice_needs_is_paid_out() {
    let shop = Shop::open();
    let ada = shop.customer();
    let invoice = shop.invoice(&ada, 1_500);
    shop.receive(&ada, "40.00");
    shop.world.patch("/v1/billing_settings", json!({ "apply_balance": "oldest_first" })).is(200);
    let all = json!({ "amount": "40.00", "currency": "USD", "to": "outside", "reference": "SEPA 1" });
    let refused = shop.pay_out(&ada, all).is_problem(422, "more_than_balance");
    assert!(refused.text_at("/detail").contains("25.00 USD"), "{}", refused.text);
    let rest = shop.pay_out(&ada, json!({ "to": "outside", "reference": "SEPA 1" })).is(201);
    assert_eq!((rest.text_at("/amount"), shop.standing(&invoice).0), ("25.00".to_owned(), "paid".to_owned()));
}

/// What is planted, and which checks must name it.
const PLANTED: &[(&str, &[&str])] = &[
    (
        "UPDATE balance_pay_outs SET amount = amount + 1 WHERE tenant_id = $t AND paid_to = 'outside'",
        &["cash_clearing_is_what_gateways_have", "pay_outs_left_the_balance"],
    ),
    (
        "UPDATE balance_pay_outs SET amount = amount - 1 WHERE tenant_id = $t AND paid_to = 'payment_methods'",
        &["pay_outs_left_the_balance"],
    ),
    (
        "DELETE FROM balance_pay_outs WHERE tenant_id = $t AND paid_to = 'outside'",
        &["cash_clearing_is_what_gateways_have", "transfers_have_their_source"],
    ),
    (
        "UPDATE refunds SET pay_out_id = gen_random_uuid() WHERE tenant_id = $t",
        &["pay_outs_left_the_balance", "refunds_of_balances_have_their_pay_out"],
    ),
    (
        "UPDATE refunds SET pay_out_id = NULL WHERE tenant_id = $t",
        &["pay_outs_left_the_balance", "surpluses_are_given_back"],
    ),
    (
        "DELETE FROM ledger_transfers WHERE tenant_id = $t AND source_kind = 'balance_paid_out' AND credit = 'cash_clearing'",
        &[
            "cash_clearing_is_what_gateways_have",
            "credit_balances_are_the_ledgers",
            "pay_outs_left_the_balance",
        ],
    ),
];

#[test]
fn each_planted_difference_of_a_pay_out_is_named_and_nothing_else() {
    for (plant, expected) in PLANTED {
        // Not looked at when it is dropped: its books are wrong.
        let shop = std::mem::ManuallyDrop::new(Shop { world: World::own_database("2026-01-01T00:00:00Z") });
        let ada = shop.customer_with("tok_success");
        let invoice = shop.charged(&ada, 9_300);
        shop.credit(&invoice, "40.00", "credit_balance");
        shop.pay_out(&ada, json!({ "amount": "30.00", "to": "payment_methods" })).is(201);
        shop.pay_out(&ada, json!({ "amount": "5.00", "to": "outside", "reference": "SEPA 1" })).is(201);
        shop.wait(TimeDelta::minutes(5));
        let named = shop.world.named_by_checks(shop.world.tenant.id, plant);
        assert_eq!(named, *expected, "{plant}");
    }
}

#[test]
fn what_a_note_refunded_of_a_payment_is_not_paid_out_of_it_too() {
    let shop = Shop::open();
    let ada = shop.customer_with("tok_success");
    let invoice = shop.charged(&ada, 9_300);
    shop.credit(&invoice, "50.00", "refund");
    shop.receive(&ada, "60.00");
    let all = json!({ "amount": "60.00", "to": "payment_methods" });
    shop.pay_out(&ada, all).is_problem(422, "more_than_refundable");
    shop.pay_out(&ada, json!({ "amount": "43.00", "to": "payment_methods" })).is(201);
    assert_eq!(shop.going_back(&ada), ["43.00 pending"]);
    shop.wait(TimeDelta::minutes(5));
}
