//! What is taken back of an invoice, and where does it go? Each story issues invoices and credits them.

mod changes;
mod correcting;
mod crediting;
mod refunding;
mod wrong_books;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::Reply;
use crate::scenarios::billing::{Plan, Seller, base};

/// A plan of 100.00 a month in advance and 5 seats at 10.00.
fn plan(seller: &Seller) -> Plan {
    let seat = json!({ "code": "seat", "description": "Seat", "kind": "recurring", "billing": "in_advance",
        "model": crate::scenarios::billing::per_unit("10.00") });
    seller.plan("month", json!([base("100.00"), seat]))
}

/// A customer of it and the invoice of its first month, 150.00: paid by card, or open.
fn invoiced(seller: &Seller, paid: bool) -> (String, String) {
    let customer = if paid { seller.customer() } else { seller.customer_like(json!({ "name": "Ada" })) };
    let collection = if paid { "automatic" } else { "send_invoice" };
    seller.subscribe(&customer, &plan(seller), json!({ "quantity": "5", "collection": collection }));
    seller.world.advance_to(&(seller.world.now() + chrono::TimeDelta::minutes(5)).to_rfc3339());
    let listed = seller.world.get(&format!("/v1/invoices?customer_id={customer}")).is(200);
    (customer, listed.data()[0]["id"].as_str().unwrap().to_owned())
}

/// Previews a credit note and issues it: the note is what the preview said, or both are refused alike.
fn credit(seller: &Seller, invoice: &str, more: Value) -> Reply {
    let mut body = json!({ "invoice_id": invoice, "reason": "outage" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let before = seller.world.rows_of(seller.world.tenant.id);
    let preview = seller.world.post("/v1/credit_notes/preview", body.clone());
    assert_eq!(seller.world.rows_of(seller.world.tenant.id), before, "a preview wrote something");
    let issued = seller.world.post("/v1/credit_notes", body);
    match preview.json.as_object() {
        Some(said) if preview.status == 200 => {
            for (name, value) in said {
                assert_eq!(value, &issued.json[name], "{name} of the preview");
            }
        }
        _ => assert_eq!(preview.json["code"], issued.json["code"]),
    }
    issued
}

/// `CN-000001 36.00 invoice 0.00 credits 0.00 balance 36.00 refund 0.00`, those at zero left out.
fn summary(note: &Reply) -> String {
    let mut text = format!("{} {}", note.text_at("/number"), note.text_at("/total"));
    for (field, said) in [
        ("to_invoice", "invoice"),
        ("to_credits", "credits"),
        ("to_balance", "balance"),
        ("to_refund", "refund"),
    ] {
        let amount = note.text_at(&format!("/{field}"));
        if amount != "0.00" {
            text += &format!(" {said} {amount}");
        }
    }
    text
}

fn balances(seller: &Seller) -> BTreeMap<String, String> {
    let reply = seller.world.get("/v1/ledger/balances").is(200);
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let rows = reply.data().iter().map(|row| (text(row, "account"), text(row, "balance")));
    rows.filter(|(_, balance)| balance != "0.00").collect()
}

fn credit_balance(seller: &Seller, customer: &str) -> String {
    let reply = seller.world.get(&format!("/v1/customers/{customer}/credit_balance")).is(200);
    reply.json["data"]
        .as_array()
        .unwrap()
        .first()
        .map_or("0.00".into(), |b| b["balance"].as_str().unwrap().into())
}
