//! What do people do with invoices and money? Pay, record, cancel, give up; and what if a charge succeeds meanwhile?

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::json;

use super::Shop;
use crate::harness::Call;

fn books(rows: &[(&str, &str)]) -> BTreeMap<String, String> {
    rows.iter().map(|(account, balance)| ((*account).to_owned(), (*balance).to_owned())).collect()
}

fn standing(status: &str, due: &str) -> (String, String) {
    (status.to_owned(), due.to_owned())
}

#[test]
fn an_invoice_is_paid_by_charging_the_default_payment_method_now() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer_with("tok_success"), 9_300);
    let reply = shop.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({})).is(200);
    assert_eq!(
        (reply.text_at("/status"), reply.text_at("/amount_paid")),
        ("paid".to_owned(), "93.00".to_owned())
    );
    assert_eq!(reply.json["lines"].as_array().unwrap().len(), 2);
    assert_eq!(shop.charges(&invoice), (1, 9_300));
    shop.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({})).is_problem(409, "invoice_status");
}

#[test]
fn a_declined_payment_is_answered_402_with_its_reason_and_stays_recorded() {
    let shop = Shop::open();
    let customer = shop.customer_with("tok_decline");
    let invoice = shop.invoice(&customer, 9_300);
    let path = format!("/v1/invoices/{invoice}/pay");
    let call = Call { method: "POST", path: path.clone(), body: Some(json!({})) };
    let reply = shop.world.call_once("once", &call).is_problem(402, "payment_declined");
    assert_eq!(reply.text_at("/decline_code"), "insufficient_funds");
    let again = shop.world.call_once("once", &call).is(402);
    assert_eq!(
        (again.header("idempotent-replayed"), again.text_at("/decline_code").as_str()),
        ("true", "insufficient_funds")
    );
    assert_eq!(shop.statuses(&invoice), ["failed"]);
    let other = shop.attach(&customer, "tok_success");
    let reply = shop.world.post(&path, json!({ "payment_method_id": other })).is(200);
    assert_eq!(reply.text_at("/status"), "paid");
}

#[test]
fn a_second_payment_of_an_invoice_waits_for_the_outcome_of_the_first() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer_with("tok_async_success"), 9_300);
    let path = format!("/v1/invoices/{invoice}/pay");
    assert_eq!(shop.world.post(&path, json!({})).is(200).text_at("/status"), "open");
    shop.world.post(&path, json!({})).is_problem(409, "payment_in_progress");
    shop.wait(TimeDelta::hours(3));
    assert_eq!(shop.standing(&invoice), standing("paid", "0.00"));
    assert_eq!(shop.charges(&invoice), (1, 9_300));
}

#[test]
fn money_received_elsewhere_pays_an_invoice_and_the_rest_is_credit() {
    let shop = Shop::open();
    let customer = shop.customer();
    let invoice = shop.invoice(&customer, 9_300);
    let pay = |amount: &str| {
        let body = json!({ "customer_id": customer, "invoice_id": invoice, "amount": amount, "currency": "USD", "reference": "line 7" });
        shop.world.post("/v1/payments", body)
    };
    assert_eq!(pay("50.00").is(201).text_at("/amount_applied"), "50.00");
    assert_eq!(shop.standing(&invoice), standing("open", "43.00"));
    let rest = pay("60.00").is(201);
    assert_eq!(
        (rest.text_at("/amount_applied"), rest.text_at("/amount_credited")),
        ("43.00".to_owned(), "17.00".to_owned())
    );
    assert_eq!(shop.standing(&invoice), standing("paid", "0.00"));
    pay("1.00").is_problem(409, "invoice_status");
    let on_account = json!({ "customer_id": customer, "amount": "5.00", "currency": "USD", "received_at": "2025-12-30T10:00:00Z" });
    assert_eq!(
        shop.world.post("/v1/payments", on_account).is(201).text_at("/resolved_at"),
        "2025-12-30T10:00:00Z"
    );
    assert_eq!(
        shop.balances(),
        books(&[
            ("cash_clearing", "115.00"),
            ("customer_credit", "22.00"),
            ("deferred_revenue", "62.00"),
            ("revenue", "31.00")
        ])
    );
    let before = shop.world.get("/v1/ledger/balances?as_of=2025-12-31").is(200);
    assert_eq!(before.data().len(), 2);
}

#[test]
fn pay_offline_pays_all_that_is_due() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer(), 9_300);
    let body = json!({ "offline": { "reference": "cheque 12" } });
    let reply = shop.world.post(&format!("/v1/invoices/{invoice}/pay"), body).is(200);
    assert_eq!(reply.text_at("/status"), "paid");
    let payment = shop.world.get(&format!("/v1/payments?invoice_id={invoice}")).is(200);
    assert_eq!(payment.text_at("/data/0/reference"), "cheque 12");
    assert_eq!(payment.text_at("/data/0/gateway"), "offline");
}

#[test]
fn a_void_invoice_leaves_nothing_in_the_books_and_keeps_its_number() {
    let shop = Shop::open();
    let customer = shop.customer();
    let invoice = shop.invoice(&customer, 9_300);
    let void = shop.world.post(&format!("/v1/invoices/{invoice}/void"), json!({})).is(200);
    assert_eq!(
        (void.text_at("/status"), void.text_at("/number"), void.text_at("/amount_due")),
        ("void".to_owned(), "INV-000001".to_owned(), "0.00".to_owned())
    );
    assert_eq!(shop.balances(), books(&[]));
    shop.world.post(&format!("/v1/invoices/{invoice}/void"), json!({})).is_problem(409, "invoice_status");
    let next = shop.invoice(&customer, 100);
    assert_eq!(shop.world.get(&format!("/v1/invoices/{next}")).is(200).text_at("/number"), "INV-000002");
}

#[test]
fn a_charge_that_succeeds_after_its_invoice_was_voided_becomes_credit() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer_with("tok_async_success"), 9_300);
    shop.world.advance_to("2026-01-01T00:30:00Z");
    shop.world.post(&format!("/v1/invoices/{invoice}/void"), json!({})).is(200);
    shop.world.advance_to("2026-01-02T00:00:00Z");
    assert_eq!(shop.statuses(&invoice), ["succeeded"]);
    assert_eq!(shop.standing(&invoice), standing("void", "0.00"));
    assert_eq!(shop.balances(), books(&[("cash_clearing", "93.00"), ("customer_credit", "93.00")]));
}

#[test]
fn a_charge_that_succeeds_after_its_invoice_was_partly_paid_elsewhere_is_credit_in_part() {
    let shop = Shop::open();
    let customer = shop.customer_with("tok_async_success");
    let invoice = shop.invoice(&customer, 9_300);
    shop.world.advance_to("2026-01-01T00:30:00Z");
    let body =
        json!({ "customer_id": customer, "invoice_id": invoice, "amount": "30.00", "currency": "USD" });
    shop.world.post("/v1/payments", body).is(201);
    shop.world.advance_to("2026-01-02T00:00:00Z");
    assert_eq!(shop.standing(&invoice), standing("paid", "0.00"));
    assert_eq!(shop.balances()["customer_credit"], "30.00");
}

#[test]
fn an_invoice_given_up_can_still_be_paid_and_is_recovered() {
    let shop = Shop::open();
    let customer = shop.customer();
    let invoice = shop.invoice(&customer, 9_300);
    let path = format!("/v1/invoices/{invoice}/mark_uncollectible");
    assert_eq!(shop.world.post(&path, json!({})).is(200).text_at("/status"), "uncollectible");
    // 62.00 are for a month that has just begun.
    assert_eq!(shop.balances()["write_offs"], "31.00");
    shop.world.post(&path, json!({})).is_problem(409, "invoice_status");
    let pay = |amount: &str| {
        let body =
            json!({ "customer_id": customer, "invoice_id": invoice, "amount": amount, "currency": "USD" });
        shop.world.post("/v1/payments", body).is(201);
    };
    pay("30.00");
    assert_eq!(shop.standing(&invoice), standing("uncollectible", "63.00"));
    assert_eq!(shop.balances()["write_offs"], "21.00");
    assert_eq!(shop.balances()["deferred_revenue"], "20.00");
    pay("63.00");
    assert_eq!(shop.standing(&invoice), standing("paid", "0.00"));
    assert_eq!(
        shop.balances(),
        books(&[("cash_clearing", "93.00"), ("deferred_revenue", "62.00"), ("revenue", "31.00")])
    );
}

#[test]
fn an_invoice_given_up_and_voided_leaves_nothing_in_the_books() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer(), 9_300);
    shop.world.post(&format!("/v1/invoices/{invoice}/mark_uncollectible"), json!({})).is(200);
    shop.world.post(&format!("/v1/invoices/{invoice}/void"), json!({})).is(200);
    assert_eq!(shop.balances(), books(&[]));
}

#[test]
fn a_partly_paid_invoice_can_be_given_up_but_not_voided() {
    let shop = Shop::open();
    let customer = shop.customer();
    let invoice = shop.invoice(&customer, 9_300);
    let body =
        json!({ "customer_id": customer, "invoice_id": invoice, "amount": "30.00", "currency": "USD" });
    shop.world.post("/v1/payments", body).is(201);
    shop.world
        .post(&format!("/v1/invoices/{invoice}/void"), json!({}))
        .is_problem(409, "invoice_partly_paid");
    shop.world.post(&format!("/v1/invoices/{invoice}/mark_uncollectible"), json!({})).is(200);
    assert_eq!(shop.balances()["write_offs"], "21.00");
    assert_eq!(shop.balances()["deferred_revenue"], "20.00");
}

#[test]
fn an_invoice_is_read_whole_with_its_steps_its_lines_and_the_parties() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer(), 9_300);
    let reply = shop.world.get(&format!("/v1/invoices/{invoice}")).is(200);
    assert_eq!(reply.text_at("/number"), "INV-000001");
    assert_eq!(reply.text_at("/billing_date"), "2026-01-01");
    assert_eq!(reply.text_at("/lines/1/id"), format!("{invoice}-2"));
    assert_eq!(
        (reply.text_at("/lines/0/amount"), reply.text_at("/lines/1/amount")),
        ("62.00".to_owned(), "31.00".to_owned())
    );
    assert_eq!(reply.text_at("/steps/3/amount"), "93.00");
    assert_eq!(reply.text_at("/buyer/name"), "Ada");
    assert!(reply.json["seller"].is_object(), "{}", reply.text);
}

#[test]
fn invoices_are_listed_newest_first_by_customer_and_status() {
    let shop = Shop::open();
    let (ada, bob) = (shop.customer_with("tok_success"), shop.customer());
    let first = shop.invoice(&ada, 100);
    shop.wait(TimeDelta::hours(2));
    let second = shop.invoice(&ada, 200);
    let third = shop.invoice(&bob, 300);
    let listed = |query: &str| -> Vec<String> {
        let reply = shop.world.get(&format!("/v1/invoices{query}")).is(200);
        reply.data().iter().map(|i| i["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(listed(""), [third.as_str(), &second, &first]);
    assert_eq!(listed(&format!("?customer_id={ada}")), [second.as_str(), &first]);
    assert_eq!(listed("?status=paid"), [first.as_str()]);
    let page = shop.world.get("/v1/invoices?limit=2").is(200);
    let next = page.text_at("/next_cursor");
    assert_eq!(listed(&format!("?limit=2&after={next}")), [first.as_str()]);
}

#[test]
fn the_transfers_of_the_books_are_read_in_pages_and_by_account_source_and_customer() {
    let shop = Shop::open();
    let (ada, bob) = (shop.customer(), shop.customer());
    let first = shop.invoice(&ada, 9_300);
    shop.invoice(&bob, 600);
    shop.world.post(&format!("/v1/invoices/{first}/pay"), json!({ "offline": {} })).is(200);
    let read = |query: &str| shop.world.get(&format!("/v1/ledger/entries?{query}")).is(200);
    assert_eq!(read("").data().len(), 5);
    assert_eq!(read("account=cash_clearing").data().len(), 1);
    assert_eq!(read(&format!("customer_id={ada}")).data().len(), 3);
    assert_eq!(read(&format!("source_id={first}")).data().len(), 2);
    let mut seen = Vec::new();
    let mut query = "limit=2".to_owned();
    loop {
        let page = read(&query);
        seen.extend(page.data().iter().map(|e| (e["source"].to_string(), e["leg"].to_string())));
        if page.json["has_more"] == json!(false) {
            break;
        }
        query = format!("limit=2&after={}", page.text_at("/next_cursor"));
    }
    let all: Vec<_> =
        read("").data().iter().map(|e| (e["source"].to_string(), e["leg"].to_string())).collect();
    assert_eq!(seen, all);
}
