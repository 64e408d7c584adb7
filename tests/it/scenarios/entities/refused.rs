//! What is no entity refused for? A series or a country of another, a number that its country does not take, a registration of nobody.

use serde_json::{Value, json};

use super::House;
use crate::harness::World;

fn refused(house: &House, fields: Value) -> Vec<(String, String)> {
    let mut body = json!({ "name": "Acme Ltd", "country": "GB" });
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    house.world.post("/v1/entities", body).is(422).faults()
}

fn fault(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

#[test]
fn no_two_entities_share_a_series_or_a_country() {
    let house = House::open();
    let numbered = |invoice: &str| json!({ "numbering": { "invoice": invoice } });
    assert_eq!(refused(&house, numbered("INV-{seq:6}")), fault("/numbering/invoice", "series_taken"));
    assert_eq!(refused(&house, numbered("CN-{seq:6}")), fault("/numbering/invoice", "series_taken"));
    assert_eq!(refused(&house, numbered("INV-{year}{seq:4}")), fault("/numbering/invoice", "series_taken"));
    assert_eq!(refused(&house, json!({ "countries": ["GB", "AT"] })), fault("/countries/1", "country_taken"));
    assert_eq!(refused(&house, numbered("INVOICE")), fault("/numbering/invoice", "malformed_series"));
    house.world.post("/v1/entities", json!({ "name": "Acme Ltd", "country": "GB" })).is(201);
}

#[test]
fn a_series_is_held_to_the_rule_of_its_country() {
    let house = House::open();
    let indian = |invoice: &str| json!({ "country": "IN", "state": "KA", "numbering": { "invoice": invoice, "credit_note": "CN/26-27/{seq:4}" } });
    assert_eq!(
        refused(&house, indian("INVOICE-2026-27/{seq:4}")),
        fault("/numbering/invoice", "series_against_rule")
    );
    let mut body = json!({ "name": "Acme India" });
    body.as_object_mut().unwrap().extend(indian("INV/26-27/{seq:4}").as_object().unwrap().clone());
    house.world.post("/v1/entities", body).is(201);
    let portuguese = house.world.post("/v1/entities", json!({ "name": "Acme Lda", "country": "PT" })).is(201);
    assert_eq!(portuguese.text_at("/numbering/invoice"), "FT INV/{seq}");
}

#[test]
fn a_registration_without_an_entity_is_refused_with_words_once_there_are_several() {
    let world = World::new();
    let registration = json!({ "country": "IE", "number": "IE6388047V" });
    world.post("/v1/tax/registrations", registration).is(201);
    let house = House::open();
    let registration = json!({ "country": "FR", "number": "FR40303265045" });
    let problem = house.world.post("/v1/tax/registrations", registration.clone());
    let problem = problem.is_problem(422, "entity_required");
    assert!(problem.text_at("/detail").contains("2 entities"), "{}", problem.text);
    let mut named = registration;
    named["entity_id"] = json!(house.french);
    let made = house.world.post("/v1/tax/registrations", named.clone()).is(201);
    assert_eq!(made.text_at("/entity_id"), house.french);
    // Each is registered for itself: no two overlap.
    named["entity_id"] = json!(house.german);
    house.world.post("/v1/tax/registrations", named).is(201);
    let strange = json!({ "country": "BE", "entity_id": "ent_01jgejp8g0e3q9k0v6z4t1x2y3" });
    house.world.post("/v1/tax/registrations", strange).is_problem(422, "unknown_entity");
}

#[test]
fn there_is_always_one_default_entity() {
    let house = House::open();
    let german = format!("/v1/entities/{}", house.german);
    let french = format!("/v1/entities/{}", house.french);
    house.world.patch(&french, json!({ "is_default": false })).is_problem(422, "default_needed");
    house.world.patch(&german, json!({ "is_default": true })).is(200);
    assert_eq!(house.world.get(&french).json["is_default"], false);
    assert_eq!(house.customer(json!({})).is(201).text_at("/entity_id"), house.german);
    // What the settings of tax say of a country is of the default.
    assert_eq!(house.world.get("/v1/tax/settings").text_at("/country"), "DE");
}
