//! What does a provider hear of what is taken back? Credit notes by the law of the invoice's day, voided invoices, and of locked ones a return.

use serde_json::json;

use super::{Desk, shown};

#[test]
fn a_credit_note_takes_back_the_share_and_a_void_the_rest_each_once() {
    let desk = Desk::open();
    let world = &desk.shop.world;
    let (ada, bob) = (desk.austin(), desk.austin());
    desk.subscribe(&ada);
    desk.subscribe(&bob);
    desk.at("00:00:30");
    let invoice = desk.invoice(&ada)["id"].as_str().unwrap().to_owned();
    let part =
        json!({ "invoice_id": invoice, "reason": "outage", "lines": [{ "line_no": 1, "amount": "40.00" }] });
    let note = world.post("/v1/credit_notes", part).is(201);
    assert_eq!(note.text_at("/tax_total"), "3.30");
    let other = desk.invoice(&bob)["id"].as_str().unwrap().to_owned();
    world.post(&format!("/v1/invoices/{other}/void"), json!({})).is(200);
    desk.at("00:01:00");
    assert_eq!(desk.provider.document(&note.id()), "committed -3.30 1 0");
    assert_eq!(desk.provider.document(&other), "voided 8.25 1 1");
    let sent = desk.provider.state()["documents"][note.id()]["document"].clone();
    assert_eq!((&sent["tax_date"], &sent["original_id"]), (&json!("2026-01-01"), &json!(invoice)));
    let parts = sent["lines"][0]["taxes"].as_array().unwrap().iter();
    let parts: Vec<&str> = parts.map(|tax| tax["amount"].as_str().unwrap()).collect();
    assert_eq!(parts, ["-2.50", "-0.40", "-0.40"]);
    world.advance_to("2026-01-03T00:00:00Z");
    assert!(desk.differences().is_empty(), "{:?}", desk.differences());
    world.settle();
}

#[test]
fn what_is_void_before_it_was_committed_is_never_heard_of() {
    let desk = Desk::open();
    let world = &desk.shop.world;
    let ada = desk.austin();
    desk.provider.fail("commit", "error", 0);
    let line = json!({ "description": "Setup", "amount": "100.00" });
    let draft = json!({ "customer_id": ada, "collection": "send_invoice", "lines": [line] });
    let id = world.post("/v1/invoices", draft).is(201).id();
    desk.at("00:00:10");
    world.post(&format!("/v1/invoices/{id}/finalize"), json!({})).is(200);
    world.post(&format!("/v1/invoices/{id}/void"), json!({})).is(200);
    desk.at("00:01:00");
    assert_eq!(desk.provider.document(&id), "nothing");
    world.settle();
}

#[test]
fn a_locked_document_gets_a_return_in_its_place() {
    let desk = Desk::open();
    let world = &desk.shop.world;
    let ada = desk.austin();
    desk.subscribe(&ada);
    desk.at("00:00:30");
    let invoice = desk.invoice(&ada);
    assert_eq!(shown(&invoice), "open - 8.25");
    let id = invoice["id"].as_str().unwrap();
    desk.provider.change(id, json!({ "locked": true }));
    world.post(&format!("/v1/invoices/{id}/void"), json!({})).is(200);
    // The answer to the return is lost: it is looked for before it is sent again.
    desk.provider.fail("credit", "error_after", 1);
    desk.at("00:02:00");
    assert_eq!(desk.provider.document(id), "committed 8.25 1 0");
    assert_eq!(desk.provider.document(&format!("{id}-return")), "committed -8.25 1 0");
    world.settle();
    assert!(desk.differences().is_empty(), "{:?}", desk.differences());
}
