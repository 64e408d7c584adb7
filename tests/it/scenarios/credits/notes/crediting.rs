//! How much can be credited, and where does it go?

use std::sync::Barrier;
use std::thread;

use serde_json::json;

use super::{Seller, balances, credit, credit_balance, invoiced, summary};

#[test]
fn a_whole_paid_invoice_goes_to_the_balance_and_pays_the_next_one() {
    let seller = Seller::on("2026-01-01");
    let (ada, invoice) = invoiced(&seller, true);
    assert_eq!(summary(&credit(&seller, &invoice, json!({})).is(201)), "CN-000001 150.00 balance 150.00");
    assert_eq!(credit_balance(&seller, &ada), "150.00");
    let left = balances(&seller);
    assert_eq!((left.get("deferred_revenue"), &*left["customer_credit"]), (None, "150.00"));
    credit(&seller, &invoice, json!({})).is_problem(422, "nothing_to_credit");
    seller.advance_to("2026-02-02");
    assert_eq!(credit_balance(&seller, &ada), "0.00");
    assert_eq!(seller.world.get(&format!("/v1/payments?customer_id={ada}")).is(200).data().len(), 1);
}

#[test]
fn what_is_due_is_taken_off_first_and_only_what_was_paid_comes_back() {
    let seller = Seller::on("2026-01-01");
    let (ada, invoice) = invoiced(&seller, false);
    let paid = json!({ "customer_id": ada, "invoice_id": invoice, "amount": "60.00", "currency": "USD" });
    seller.world.post("/v1/payments", paid).is(201);
    let line = |amount: &str| json!({ "lines": [{ "line_no": 1, "amount": amount }] });
    assert_eq!(summary(&credit(&seller, &invoice, line("30.00")).is(201)), "CN-000001 30.00 invoice 30.00");
    let mut too_much = line("70.00");
    too_much["to"] = json!("invoice");
    credit(&seller, &invoice, too_much).is_problem(422, "more_than_due");
    assert_eq!(
        summary(&credit(&seller, &invoice, line("70.00")).is(201)),
        "CN-000002 70.00 invoice 60.00 balance 10.00"
    );
    let shown = seller.world.get(&format!("/v1/invoices/{invoice}")).is(200);
    assert_eq!(
        (shown.text_at("/status"), shown.text_at("/credited_while_due"), shown.text_at("/amount_due")),
        ("paid".to_owned(), "90.00".to_owned(), "0.00".to_owned())
    );
    assert_eq!(shown.text_at("/amount_credited"), "100.00");
    assert_eq!(summary(&credit(&seller, &invoice, json!({})).is(201)), "CN-000003 50.00 balance 50.00");
    assert_eq!(credit_balance(&seller, &ada), "60.00");
    let listed = seller.world.get("/v1/invoices?amount_credited[gte]=150.00").is(200);
    let amounts = |name: &str| listed.data()[0][name].as_str().unwrap().to_owned();
    assert_eq!(
        (amounts("amount_credited"), amounts("credited_while_due")),
        ("150.00".into(), "90.00".into())
    );
}

#[test]
fn lines_quantities_and_amounts_with_a_discount_come_to_exactly_nothing() {
    let seller = Seller::on("2026-01-01");
    let third = json!({ "code": "THIRD", "percent_off": "33.33", "duration": "forever" });
    seller.world.post("/v1/coupons", third).is(201);
    let ada = seller.customer();
    let plan = super::plan(&seller);
    seller.subscribe(&ada, &plan, json!({ "quantity": "5", "coupon": "THIRD" }));
    seller.advance_to("2026-01-02");
    let invoice = seller.world.get("/v1/invoices").is(200).data()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(seller.world.get(&format!("/v1/invoices/{invoice}")).is(200).text_at("/total"), "100.00");
    let parts = [
        (json!({ "lines": [{ "line_no": 2, "quantity": "1" }] }), "CN-000001 6.67 balance 6.67"),
        (json!({ "amount": "10.00" }), "CN-000002 10.00 balance 10.00"),
        (json!({ "lines": [{ "line_no": 1 }] }), "CN-000003 59.53 balance 59.53"),
        (json!({}), "CN-000004 23.80 balance 23.80"),
    ];
    for (part, expected) in parts {
        assert_eq!(summary(&credit(&seller, &invoice, part).is(201)), expected);
    }
    assert_eq!(credit_balance(&seller, &ada), "100.00");
    assert_eq!(balances(&seller).get("deferred_revenue"), None);
}

#[test]
fn of_eight_that_credit_at_once_only_as_many_succeed_as_there_is_left() {
    let seller = Seller::on("2026-01-01");
    let (ada, invoice) = invoiced(&seller, true);
    let at_once = Barrier::new(8);
    let done: usize = thread::scope(|threads| {
        let one = |_| {
            let body = json!({ "invoice_id": invoice, "reason": "outage", "amount": "60.00" });
            let (client, at_once) = (seller.world.tenant.client.clone(), &at_once);
            threads.spawn(move || {
                at_once.wait();
                let reply = client.post("/v1/credit_notes", body);
                if reply.status != 201 {
                    reply.is_problem(422, "more_than_left");
                    return 0;
                }
                1
            })
        };
        let running: Vec<_> = (0..8).map(one).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((done, credit_balance(&seller, &ada).as_str()), (2, "120.00"));
}

#[test]
fn what_cannot_be_credited_is_refused_with_its_reason_and_nothing_is_written() {
    let seller = Seller::on("2026-01-01");
    let (_, invoice) = invoiced(&seller, false);
    let before = seller.world.rows_of(seller.world.tenant.id);
    let refused = |more: serde_json::Value, code: &str, pointer: &str| {
        let reply = credit(&seller, &invoice, more).is_problem(422, code);
        assert_eq!(reply.text_at("/errors/0/pointer"), pointer);
    };
    refused(json!({ "amount": "150.01" }), "more_than_left", "/amount");
    refused(json!({ "amount": "0.00" }), "nothing_to_credit", "/amount");
    refused(json!({ "amount": "1.00", "lines": [] }), "invalid", "/amount");
    refused(json!({ "lines": [{ "line_no": 3 }] }), "unknown_line", "/lines/0/line_no");
    refused(json!({ "lines": [{ "line_no": 1 }, { "line_no": 1 }] }), "line_repeated", "/lines/1/line_no");
    refused(json!({ "lines": [{ "line_no": 2, "quantity": "6" }] }), "more_than_left", "/lines/0/quantity");
    refused(
        json!({ "lines": [{ "line_no": 2, "quantity": "1", "amount": "1.00" }] }),
        "amount_and_quantity",
        "/lines/0/quantity",
    );
    refused(json!({ "reason": " " }), "blank", "/reason");
    refused(json!({ "invoice_id": "inv_01h2xcejqtf2nbrexx3vqjhp41" }), "unknown_invoice", "/invoice_id");
    assert_eq!(seller.world.rows_of(seller.world.tenant.id), before, "something was written");
    seller.world.post(&format!("/v1/invoices/{invoice}/void"), json!({})).is(200);
    credit(&seller, &invoice, json!({})).is_problem(409, "invoice_status");
}

#[test]
fn a_partly_credited_invoice_is_not_voided() {
    let seller = Seller::on("2026-01-01");
    let (_, invoice) = invoiced(&seller, false);
    credit(&seller, &invoice, json!({ "amount": "1.00" })).is(201);
    let void = seller.world.post(&format!("/v1/invoices/{invoice}/void"), json!({}));
    void.is_problem(409, "invoice_partly_credited");
}
