//! How is a wrong invoice put right? It is credited and issued anew, in one call.

use serde_json::{Value, json};

use super::{Seller, credit_balance, invoiced};

fn lines(invoice: &Value) -> Vec<String> {
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    invoice["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| format!("{} {}", text(l, "description"), text(l, "amount")))
        .collect()
}

#[test]
fn a_paid_invoice_with_too_many_seats_is_issued_anew_and_the_rest_is_the_customers() {
    let seller = Seller::on("2026-01-01");
    let (ada, invoice) = invoiced(&seller, true);
    let body = json!({ "reason": "3 seats, not 5", "lines": [{ "line_no": 2, "amount": "30.00", "description": "3 seats" }],
        "add": [{ "description": "Set-up", "amount": "5.00" }] });
    let before = seller.world.rows_of(seller.world.tenant.id);
    let preview = seller.world.post(&format!("/v1/invoices/{invoice}/correct/preview"), body.clone()).is(200);
    assert_eq!(seller.world.rows_of(seller.world.tenant.id), before, "a preview wrote something");
    let done = seller.world.post(&format!("/v1/invoices/{invoice}/correct"), body.clone()).is(201);
    assert_eq!(lines(&preview.json["invoice"]), lines(&done.json["invoice"]));
    for amount in ["/credit_note/total", "/credit_note/to_balance", "/invoice/total"] {
        assert_eq!(preview.text_at(amount), done.text_at(amount));
    }
    let (note, new) = (&done.json["credit_note"], &done.json["invoice"]);
    assert_eq!((&note["total"], &note["invoice_id"]), (&json!("150.00"), &json!(invoice)));
    assert_eq!(note["replacement_invoice_id"], new["id"]);
    assert_eq!(lines(new), ["Base 100.00", "3 seats 30.00", "Set-up 5.00"]);
    assert_eq!(
        [&new["status"], &new["total"], &new["balance_applied"], &new["number"]],
        [&json!("paid"), &json!("135.00"), &json!("135.00"), &json!("INV-000002")]
    );
    assert_eq!(credit_balance(&seller, &ada), "15.00");
    let again = seller.world.post(&format!("/v1/invoices/{invoice}/correct"), body);
    again.is_problem(422, "nothing_to_credit");
}

#[test]
fn an_open_invoice_is_settled_by_its_note_and_the_new_one_is_owed() {
    let seller = Seller::on("2026-01-01");
    let (_, invoice) = invoiced(&seller, false);
    let correct = |body: Value| seller.world.post(&format!("/v1/invoices/{invoice}/correct"), body);
    correct(json!({ "reason": "none" })).is_problem(422, "nothing_to_correct");
    correct(json!({ "reason": "none", "lines": [{ "line_no": 9, "amount": "1.00" }] }))
        .is_problem(422, "unknown_line");
    let done =
        correct(json!({ "reason": "no seats", "lines": [{ "line_no": 2, "amount": "0.00" }] })).is(201);
    assert_eq!(lines(&done.json["invoice"]), ["Base 100.00"]);
    assert_eq!(
        (done.text_at("/invoice/status"), done.text_at("/invoice/amount_due")),
        ("open".into(), "100.00".into())
    );
    let old = seller.world.get(&format!("/v1/invoices/{invoice}")).is(200);
    assert_eq!((old.text_at("/status"), old.text_at("/amount_credited")), ("paid".into(), "150.00".into()));
}
