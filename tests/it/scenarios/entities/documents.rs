//! Whose is a document that corrects another? Of who issued that one, wherever its customer buys by now.

use serde_json::json;

use super::House;

/// A customer in Berlin who paid 10.00 to the German entity and buys from the French one by now; its paid invoice.
fn moved(house: &House) -> (String, String) {
    let berlin = house.customer_in("DE");
    let invoice = house.invoice(&berlin, "10.00");
    house.pay(&invoice);
    house.world.patch(&format!("/v1/customers/{berlin}"), json!({ "entity_id": house.french })).is(200);
    (berlin, invoice)
}

#[test]
fn a_credit_note_stays_with_the_entity_its_series_and_its_tax() {
    let house = House::open();
    let (_, invoice) = moved(&house);
    // The balance would pay what the French one invoices.
    let mut note = json!({ "invoice_id": invoice, "reason": "outage", "to": "credit_balance" });
    house.world.post("/v1/credit_notes", note.clone()).is_problem(422, "entity_moved");
    note["to"] = json!("refund");
    let note = house.world.post("/v1/credit_notes", note).is(201);
    assert_eq!(note.text_at("/entity_id"), house.german);
    assert_eq!(note.text_at("/number"), "CN-DE-000001");
    assert_eq!(note.text_at("/tax_total"), "1.90");
}

#[test]
fn a_corrected_invoice_is_issued_again_by_the_entity_of_the_first() {
    let house = House::open();
    let (berlin, invoice) = moved(&house);
    let correction =
        json!({ "reason": "too much", "lines": [{ "line_no": 1, "amount": "8.00" }], "add": [] });
    let corrected = house.world.post(&format!("/v1/invoices/{invoice}/correct"), correction).is(201);
    // What was paid pays the second, and the rest goes back: the balance is for what the French one invoices.
    let of_note = |field: &str| corrected.text_at(&format!("/credit_note/{field}"));
    assert_eq!((of_note("to_balance").as_str(), of_note("to_refund").as_str()), ("9.52", "2.38"));
    assert_eq!(corrected.text_at("/invoice/amount_due"), "0.00");
    house.invoice(&berlin, "20.00");
    assert_eq!(
        house.invoices(&berlin),
        ["INV-DE-000001 10.00 + 1.90 DE", "INV-DE-000002 8.00 + 1.52 DE", "INV-000001 20.00 + 4.00 FR"]
    );
    assert_eq!(house.numbers("/v1/credit_notes", &house.german), ["CN-DE-000001"]);
}

#[test]
fn the_number_of_a_void_invoice_stays_used_in_the_series_of_its_entity() {
    let house = House::open();
    let berlin = house.customer_in("DE");
    house.subscribe(&berlin);
    let invoice = house.world.get(&format!("/v1/invoices?customer_id={berlin}")).text_at("/data/0/id");
    house.world.post(&format!("/v1/invoices/{invoice}/void"), json!({})).is(200);
    house.world.advance_to("2026-02-01T00:00:00Z");
    assert_eq!(house.invoices(&berlin), ["INV-DE-000001 31.00 + 5.89 DE", "INV-DE-000002 31.00 + 5.89 DE"]);
}

#[test]
fn a_draft_is_numbered_by_its_entity_when_it_is_issued() {
    let house = House::open();
    house.world.patch("/v1/billing_settings", json!({ "draft_hours": 24 })).is(200);
    let (berlin, paris) = (house.customer_in("DE"), house.customer_in("FR"));
    house.subscribe(&berlin);
    house.subscribe(&paris);
    house
        .world
        .patch(&format!("/v1/customers/{berlin}"), json!({ "entity_id": house.french }))
        .is_problem(409, "customer_tied");
    house.world.advance_to("2026-01-02T00:00:00Z");
    assert_eq!(house.invoices(&berlin), ["INV-DE-000001 31.00 + 5.89 DE"]);
    assert_eq!(house.invoices(&paris), ["INV-000001 31.00 + 6.20 FR"]);
}

#[test]
fn an_invoice_that_was_given_up_ties_its_customer_for_what_may_still_come() {
    let house = House::open();
    let berlin = house.customer_in("DE");
    let invoice = house.invoice(&berlin, "10.00");
    house.world.post(&format!("/v1/invoices/{invoice}/mark_uncollectible"), json!({})).is(200);
    let moves =
        || house.world.patch(&format!("/v1/customers/{berlin}"), json!({ "entity_id": house.french }));
    moves().is_problem(409, "customer_tied");
    house.pay(&invoice);
    moves().is(200);
}
