//! Does the money go back the way it came?

use serde_json::json;

use super::{Seller, balances, credit, credit_balance, invoiced, summary};

#[test]
fn money_paid_by_card_goes_back_to_the_card_once() {
    let seller = Seller::on("2026-01-01");
    let (ada, invoice) = invoiced(&seller, true);
    let note = credit(&seller, &invoice, json!({ "amount": "40.00", "to": "refund" })).is(201);
    assert_eq!(
        (summary(&note).as_str(), note.text_at("/refunds/0/status")),
        ("CN-000001 40.00 refund 40.00", "pending".into())
    );
    assert_eq!(&*balances(&seller)["refunds_payable"], "40.00");
    seller.advance_to("2026-01-02");
    let note = seller.world.get(&format!("/v1/credit_notes/{}", note.id())).is(200);
    assert_eq!(note.text_at("/refunds/0/status"), "succeeded");
    assert!(note.text_at("/refunds/0/reference").starts_with("simre_"));
    let left = balances(&seller);
    assert_eq!((left.get("refunds_payable"), &*left["cash_clearing"]), (None, "110.00"));
    assert_eq!(credit_balance(&seller, &ada), "0.00");
    let rest = credit(&seller, &invoice, json!({ "to": "refund" })).is(201);
    assert_eq!(summary(&rest), "CN-000002 110.00 refund 110.00");
}

#[test]
fn money_received_elsewhere_is_given_back_by_hand_and_what_the_balance_paid_goes_back_there() {
    let seller = Seller::on("2026-01-01");
    let ada = seller.customer_like(json!({ "name": "Ada" }));
    seller
        .world
        .post("/v1/payments", json!({ "customer_id": ada, "amount": "50.00", "currency": "USD" }))
        .is(201);
    seller.subscribe(&ada, &super::plan(&seller), json!({ "quantity": "5", "collection": "send_invoice" }));
    let invoice = seller.world.get("/v1/invoices").is(200).data()[0]["id"].as_str().unwrap().to_owned();
    seller.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({ "offline": {} })).is(200);
    let note = credit(&seller, &invoice, json!({ "to": "refund" })).is(201);
    assert_eq!(summary(&note), "CN-000001 150.00 balance 50.00 refund 100.00");
    assert_eq!(
        (note.text_at("/refunds/0/gateway"), note.text_at("/refunds/0/status")),
        ("offline".into(), "succeeded".into())
    );
    assert_eq!(
        (&*balances(&seller)["cash_clearing"], credit_balance(&seller, &ada).as_str()),
        ("50.00", "50.00")
    );
}

#[test]
fn a_refund_that_the_gateway_refuses_goes_to_the_balance() {
    use diesel::connection::SimpleConnection;
    let seller = Seller::on("2026-01-01");
    let (ada, invoice) = invoiced(&seller, true);
    let tenant = seller.world.tenant.id.uuid();
    // As a gateway does that has meanwhile lost the charge to a dispute.
    let lose = |outcome: &str| {
        let sql = format!(
            "UPDATE simulator.charges SET outcome = '{outcome}', decline_code = {} WHERE idempotency_key IN \
             (SELECT id::text FROM payments WHERE tenant_id = '{tenant}')",
            if outcome == "declined" { "'disputed'" } else { "NULL" }
        );
        seller.world.database.connect().batch_execute(&sql).unwrap();
    };
    lose("declined");
    let note = credit(&seller, &invoice, json!({ "to": "refund" })).is(201);
    seller.advance_to("2026-01-02");
    let note = seller.world.get(&format!("/v1/credit_notes/{}", note.id())).is(200);
    assert_eq!(
        (note.text_at("/refunds/0/status"), note.text_at("/refunds/0/failure_code")),
        ("failed".to_owned(), "charge_not_refundable".to_owned())
    );
    assert_eq!(credit_balance(&seller, &ada), "150.00");
    lose("succeeded");
}
