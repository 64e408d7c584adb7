//! How are documents numbered? Each entity by its own pattern, without gaps, again from 1 in each year when the pattern has the year.

use serde_json::json;

use super::House;
use crate::harness::World;

#[test]
fn one_bill_run_numbers_the_invoices_of_each_entity_without_gaps() {
    let house = House::open();
    for country in ["DE", "FR", "AT", "ES", "DE"] {
        house.subscribe(&house.customer_in(country));
    }
    house.world.advance_to("2026-02-01T00:00:00Z");
    assert_eq!(
        house.numbers("/v1/invoices", &house.french),
        ["INV-000001", "INV-000002", "INV-000003", "INV-000004"]
    );
    let mut german = house.numbers("/v1/invoices", &house.german);
    german.sort();
    assert_eq!(
        german,
        [
            "INV-DE-000001",
            "INV-DE-000002",
            "INV-DE-000003",
            "INV-DE-000004",
            "INV-DE-000005",
            "INV-DE-000006"
        ]
    );
}

#[test]
fn a_series_with_the_year_begins_again_with_the_year_of_the_business() {
    let house = House::open_in(World::of("2026-12-31T14:00:00Z", "Asia/Tokyo", "EUR"));
    let numbering =
        json!({ "numbering": { "invoice": "DE-{year}-{seq:4}", "credit_note": "DEC{yy}/{seq:3}" } });
    house.world.patch(&format!("/v1/entities/{}", house.german), numbering).is(200);
    let berlin = house.customer_in("DE");
    house.invoice(&berlin, "10.00");
    let last = house.invoice(&berlin, "10.00");
    // It is 2027 in Tokyo from 15:00 on.
    house.world.advance_to("2026-12-31T15:00:00Z");
    house.invoice(&berlin, "10.00");
    assert_eq!(
        house.numbers("/v1/invoices", &house.german),
        ["DE-2026-0001", "DE-2026-0002", "DE-2027-0001"]
    );
    house.world.post("/v1/credit_notes", json!({ "invoice_id": last, "reason": "outage" })).is(201);
    assert_eq!(house.numbers("/v1/credit_notes", &house.german), ["DEC27/001"]);
}

#[test]
fn another_pattern_begins_a_series_of_its_own_and_a_former_one_goes_on() {
    let house = House::open();
    let berlin = house.customer_in("DE");
    let renumber = |pattern: &str| {
        let change = json!({ "numbering": { "invoice": pattern } });
        house.world.patch(&format!("/v1/entities/{}", house.german), change).is(200);
    };
    house.invoice(&berlin, "10.00");
    renumber("DE/{seq}");
    house.invoice(&berlin, "10.00");
    house.invoice(&berlin, "10.00");
    renumber("INV-DE-{seq:6}");
    house.invoice(&berlin, "10.00");
    assert_eq!(
        house.numbers("/v1/invoices", &house.german),
        ["INV-DE-000001", "DE/1", "DE/2", "INV-DE-000002"]
    );
    // What was one's own stays so.
    let taken = json!({ "numbering": { "invoice": "de/{seq:2}" } });
    house.world.patch(&format!("/v1/entities/{}", house.french), taken).is_problem(422, "series_taken");
}

#[test]
fn credit_notes_are_numbered_by_who_issued_the_invoice() {
    let house = House::open();
    for country in ["DE", "FR", "DE"] {
        let invoice = house.invoice(&house.customer_in(country), "10.00");
        house.world.post("/v1/credit_notes", json!({ "invoice_id": invoice, "reason": "outage" })).is(201);
    }
    assert_eq!(house.numbers("/v1/credit_notes", &house.german), ["CN-DE-000001", "CN-DE-000002"]);
    assert_eq!(house.numbers("/v1/credit_notes", &house.french), ["CN-000001"]);
}

#[test]
fn credits_are_sold_by_the_entity_of_their_customer() {
    let house = House::open();
    let berlin = house.customer_in("DE");
    let grant = json!({ "customer_id": berlin, "name": "Packet", "source": "purchased", "amount": "50.00", "price": "40.00", "currency": "EUR" });
    house.world.post("/v1/credit_grants", grant).is(201);
    assert_eq!(house.numbers("/v1/invoices", &house.german), ["INV-DE-000001"]);
}
