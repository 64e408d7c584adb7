//! What becomes of money that no invoice needed? It is the customer's credit balance, and the next invoice takes it.

use serde_json::json;

use super::super::billing::{Seller, base};
use super::{balances, bills};

#[test]
fn money_beyond_what_was_due_pays_the_next_invoice_in_its_currency() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([base("31.00")]));
    let ada = seller.customer();
    for (amount, currency) in [("40.00", "USD"), ("99.00", "EUR")] {
        let receipt = json!({ "customer_id": ada, "amount": amount, "currency": currency });
        seller.world.post("/v1/payments", receipt).is(201);
    }
    seller.subscribe(&ada, &plan, json!({}));
    seller.advance_to("2026-02-02");
    assert_eq!(
        bills(&seller, &ada),
        ["2026-01-01 paid 31.00 balance 31.00", "2026-02-01 paid 31.00 balance 9.00 paid 22.00"]
    );
    assert_eq!(&*balances(&seller)["customer_credit"], "99.00");
}

#[test]
fn a_voided_invoice_gives_the_balance_back() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([base("31.00")]));
    let ada = seller.customer_like(json!({ "name": "Ada" }));
    seller
        .world
        .post("/v1/payments", json!({ "customer_id": ada, "amount": "30.00", "currency": "USD" }))
        .is(201);
    seller.subscribe(&ada, &plan, json!({ "collection": "send_invoice" }));
    assert_eq!(bills(&seller, &ada), ["2026-01-01 open 31.00 balance 30.00 due 1.00"]);
    let invoice = seller.world.get("/v1/invoices").is(200).data()[0]["id"].as_str().unwrap().to_owned();
    seller.world.post(&format!("/v1/invoices/{invoice}/void"), json!({})).is(200);
    assert_eq!(&*balances(&seller)["customer_credit"], "30.00");
    seller.advance_to("2026-02-02");
    assert_eq!(bills(&seller, &ada)[1], "2026-02-01 open 31.00 balance 30.00 due 1.00");
}
