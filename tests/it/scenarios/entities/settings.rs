//! What does an entity have of its own? A logo that its invoices print, and how long its customers have to pay: 14 days from the German one, where the
//! tenant's 30 stay those of the French one.

use serde_json::{Value, json};

use super::House;

impl House {
    fn set(&self, entity: &str, settings: &Value) {
        self.world.patch(&format!("/v1/entities/{entity}"), settings.clone()).is(200);
    }

    fn read(&self, invoice: &str) -> Value {
        self.world.get(&format!("/v1/invoices/{invoice}")).is(200).json
    }
}

/// `2026-01-15`: when an invoice is due.
fn due(invoice: &Value) -> &str {
    &invoice["due_at"].as_str().unwrap()[..10]
}

#[test]
fn customers_pay_in_the_time_of_their_entity_unless_they_have_their_own() {
    let house = House::open();
    house.set(&house.german, &json!({ "payment_terms_days": 14 }));
    let (vienna, madrid) = (house.customer_in("AT"), house.customer_in("ES"));
    let own = house.customer(json!({ "address": { "country": "DE" }, "payment_terms_days": 7 })).is(201).id();
    let issued = |customer: &str| house.read(&house.invoice(customer, "100.00"));
    let (first, french, own) = (issued(&vienna), issued(&madrid), issued(&own));
    assert_eq!([due(&first), due(&french), due(&own)], ["2026-01-15", "2026-01-31", "2026-01-08"]);
    // What is issued stays as it is; null takes the entity's own time away.
    house.set(&house.german, &json!({ "payment_terms_days": null }));
    assert_eq!(due(&issued(&vienna)), "2026-01-31");
    assert_eq!(due(&house.read(first["id"].as_str().unwrap())), "2026-01-15");
    let path = format!("/v1/entities/{}", house.german);
    let refused = house.world.patch(&path, json!({ "payment_terms_days": 366 }));
    assert_eq!(refused.text_at("/errors/0/pointer"), "/payment_terms_days");
    house.world.settle();
}

#[test]
fn an_invoice_prints_the_logo_of_its_entity_as_it_was() {
    let house = House::open();
    let (old, new) = ("https://acme.example/old.png", "data:image/png;base64,iVBORw0KGgo=");
    house.set(&house.german, &json!({ "logo": old }));
    let vienna = house.customer_in("AT");
    let first = house.invoice(&vienna, "100.00");
    house.set(&house.german, &json!({ "logo": new }));
    let second = house.invoice(&vienna, "100.00");
    assert_eq!(house.read(&first)["seller"]["logo"], old);
    assert_eq!(house.read(&second)["seller"]["logo"], new);
    let path = format!("/v1/entities/{}", house.german);
    assert_eq!(house.world.get(&path).is(200).text_at("/logo"), new);
    let refused = house.world.patch(&path, json!({ "logo": "http://acme.example/logo.png" }));
    assert_eq!(refused.text_at("/errors/0/code"), "malformed_logo");
    house.world.settle();
}
