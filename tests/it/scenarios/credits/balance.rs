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

#[test]
fn the_balance_pays_the_oldest_open_invoices_when_a_call_applies_it() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([base("365.00")]));
    let ada = seller.customer_like(json!({ "name": "Ada" }));
    seller.subscribe(&ada, &plan, json!({ "collection": "send_invoice" }));
    seller.advance_to("2026-02-02");
    for (amount, currency) in [("335.00", "USD"), ("400.00", "USD"), ("9.00", "EUR")] {
        let receipt = json!({ "customer_id": ada, "amount": amount, "currency": currency });
        seller.world.post("/v1/payments", receipt).is(201);
        let path = format!("/v1/customers/{ada}/credit_balance/apply");
        let applied = seller.world.post(&path, json!({ "currency": currency })).is(200);
        let again = seller.world.post(&path, json!({})).is(200);
        assert_eq!(again.json["applied"], json!([]), "{}", again.text);
        assert_eq!(again.json["balances"], applied.json["balances"]);
    }
    assert_eq!(
        bills(&seller, &ada),
        ["2026-01-01 paid 365.00 balance 365.00", "2026-02-01 paid 365.00 balance 365.00"]
    );
    let left = seller.world.get(&format!("/v1/customers/{ada}/credit_balance")).is(200);
    let expected =
        json!([{ "currency": "EUR", "balance": "9.00" }, { "currency": "USD", "balance": "5.00" }]);
    assert_eq!(left.json["data"], expected);
}

#[test]
fn the_balance_pays_the_invoices_that_are_named_and_no_others() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([base("31.00")]));
    let (ada, bob) =
        (seller.customer_like(json!({ "name": "Ada" })), seller.customer_like(json!({ "name": "Bob" })));
    for customer in [&ada, &bob] {
        seller.subscribe(customer, &plan, json!({ "collection": "send_invoice" }));
    }
    seller.advance_to("2026-02-02");
    let invoices_of = |customer: &str| {
        let found = seller.world.get(&format!("/v1/invoices?customer_id={customer}")).is(200);
        found.data().iter().map(|i| i["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (hers, his) = (invoices_of(&ada), invoices_of(&bob));
    seller
        .world
        .post("/v1/payments", json!({ "customer_id": ada, "amount": "30.00", "currency": "USD" }))
        .is(201);
    let apply = |body: serde_json::Value| {
        seller.world.post(&format!("/v1/customers/{ada}/credit_balance/apply"), body)
    };
    let refused = apply(json!({ "invoice_ids": [hers[0], his[0]] })).is_problem(422, "invoice_not_open");
    assert_eq!(refused.text_at("/errors/0/pointer"), "/invoice_ids/1");
    apply(json!({ "invoice_ids": [hers[0], hers[0]] })).is_problem(422, "invoice_repeated");
    apply(json!({ "currency": "XXQ" })).is_problem(422, "unknown_currency");
    let done = apply(json!({ "invoice_ids": [hers[0]] })).is(200);
    assert_eq!(done.json["applied"], json!([{ "invoice_id": hers[0], "amount": "30.00" }]));
    assert_eq!(
        bills(&seller, &ada),
        ["2026-01-01 open 31.00 due 31.00", "2026-02-01 open 31.00 balance 30.00 due 1.00"]
    );
    // Voided, it gives back what the balance paid of it.
    seller.world.post(&format!("/v1/invoices/{}/void", hers[0]), json!({})).is(200);
    assert_eq!(&*balances(&seller)["customer_credit"], "30.00");
}
