//! Customers as their callers see them: made, changed, found, refused.

use serde_json::{Value, json};

use crate::harness::{Reply, World};

fn pointers(reply: &Reply) -> Vec<String> {
    let errors = reply.json["errors"].as_array().unwrap();
    errors.iter().map(|e| e["pointer"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_customer_is_given_back_as_it_was_made() {
    let world = World::of("2026-01-01T00:00:00Z", "Europe/Paris", "EUR");
    let made = world.post("/v1/customers", json!({ "name": "Ada", "external_id": "crm-1" })).is(201);
    assert_eq!(made.json["currency"], "EUR", "a customer without a currency takes its tenant's");
    assert_eq!(made.json["time_zone"], Value::Null);
    assert_eq!(made.json["version"], 1);
    assert_eq!(made.json["created_at"], "2026-01-01T00:00:00Z");
    let read = world.get(&format!("/v1/customers/{}", made.id())).is(200);
    assert_eq!(read.json, made.json);
    let found = world.get("/v1/customers?external_id=crm-1").is(200);
    assert_eq!(found.data(), &vec![made.json]);
    assert!(world.get("/v1/customers?external_id=crm-2").is(200).data().is_empty());
}

#[test]
fn a_patch_changes_what_it_names_and_versions_what_invoices_print() {
    let world = World::new();
    let body = json!({
        "name": "Ada", "email": "ada@example.com", "address": { "city": "London", "country": "GB" },
        "metadata": { "keep": "1", "drop": "2" }
    });
    let path = format!("/v1/customers/{}", world.post("/v1/customers", body).is(201).id());
    let terms = world
        .patch(&path, json!({ "payment_terms_days": 7, "metadata": { "drop": null, "add": "3" } }))
        .is(200);
    assert_eq!(terms.json["version"], 1);
    assert_eq!(terms.json["metadata"], json!({ "keep": "1", "add": "3" }));
    let moved = world.patch(&path, json!({ "email": null, "address": { "country": "FR" } })).is(200);
    assert_eq!((&moved.json["version"], &moved.json["email"]), (&json!(2), &Value::Null));
    assert_eq!(moved.json["address"]["city"], Value::Null);
    assert_eq!(moved.json["payment_terms_days"], 7);
    assert_eq!(world.get(&path).is(200).json, moved.json);
}

#[test]
fn a_patch_that_changes_nothing_writes_nothing() {
    let world = World::new();
    let path =
        format!("/v1/customers/{}", world.post("/v1/customers", json!({ "name": "Ada" })).is(201).id());
    let before = world.rows_of(world.tenant.id);
    world.patch(&path, json!({ "name": "Ada" })).is(200);
    world.patch(&path, json!({})).is(200);
    assert_eq!(world.rows_of(world.tenant.id), before);
}

#[test]
fn every_value_at_fault_is_reported_in_one_answer_and_nothing_is_written() {
    let world = World::new();
    let before = world.rows_of(world.tenant.id);
    let unreadable =
        world.post("/v1/customers", json!({ "name": "A", "currency": "usd", "time_zone": "Paris" })).is(422);
    assert_eq!(pointers(&unreadable), ["/currency", "/time_zone"]);
    let body = json!({
        "name": " ", "email": "nobody", "address": { "country": "UK" }, "tax_ids": [{ "type": "X", "value": "" }],
        "payment_terms_days": 400, "external_id": "\u{1}", "metadata": { "a": "x".repeat(1_001) }
    });
    let refused = world.post("/v1/customers", body).is(422);
    let named = [
        "/external_id",
        "/name",
        "/email",
        "/address/country",
        "/tax_ids/0/type",
        "/tax_ids/0/value",
        "/payment_terms_days",
        "/metadata/a",
    ];
    assert_eq!(pointers(&refused), named);
    assert_eq!(world.rows_of(world.tenant.id), before);
}

#[test]
fn an_external_id_belongs_to_one_customer() {
    let world = World::new();
    let ada = world.post("/v1/customers", json!({ "name": "Ada", "external_id": "crm-1" })).is(201).id();
    let again = world
        .post("/v1/customers", json!({ "name": "Bob", "external_id": "crm-1" }))
        .is_problem(409, "external_id_taken");
    assert_eq!(pointers(&again), ["/external_id"]);
    let bob = world.post("/v1/customers", json!({ "name": "Bob" })).is(201).id();
    world
        .patch(&format!("/v1/customers/{bob}"), json!({ "external_id": "crm-1" }))
        .is_problem(409, "external_id_taken");
    world.patch(&format!("/v1/customers/{ada}"), json!({ "external_id": null })).is(200);
    world.patch(&format!("/v1/customers/{bob}"), json!({ "external_id": "crm-1" })).is(200);
}

#[test]
fn a_default_payment_method_is_the_customers_own() {
    let world = World::new();
    let path =
        format!("/v1/customers/{}", world.post("/v1/customers", json!({ "name": "Ada" })).is(201).id());
    let unknown = json!({ "default_payment_method_id": "pm_01h2xcejqtf2nbrexx3vqjhp41" });
    world.patch(&path, unknown).is_problem(422, "unknown_payment_method");
    let malformed = world.patch(&path, json!({ "default_payment_method_id": "visa" })).is(422);
    assert_eq!(pointers(&malformed), ["/default_payment_method_id"]);
}

#[test]
fn the_feed_tells_of_customers_made_and_changed() {
    let world = World::new();
    let id = world.post("/v1/customers", json!({ "name": "Ada" })).is(201).id();
    world.patch(&format!("/v1/customers/{id}"), json!({ "name": "Ada Lovelace" })).is(200);
    world.relay_events();
    let feed = world.get("/v1/events").is(200);
    let events: Vec<(&str, &str)> = feed
        .data()
        .iter()
        .filter(|event| event["object_id"] == json!(id))
        .map(|event| (event["type"].as_str().unwrap(), event["data"]["name"].as_str().unwrap()))
        .collect();
    assert_eq!(events, [("customer.created", "Ada"), ("customer.updated", "Ada Lovelace")]);
}

#[test]
fn customers_are_listed_in_pages_newest_first() {
    let world = World::new();
    let made: Vec<String> = (0..5)
        .map(|n| world.post("/v1/customers", json!({ "name": format!("C{n}") })).is(201).id())
        .collect();
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = world.get(&format!("/v1/customers?limit=2{after}")).is(200);
        seen.extend(page.data().iter().map(|customer| customer["id"].as_str().unwrap().to_owned()));
        if page.json["has_more"] == false {
            break;
        }
        after = format!("&after={}", page.text_at("/next_cursor"));
    }
    assert_eq!(seen, made.into_iter().rev().collect::<Vec<_>>());
}

#[test]
fn null_removes_what_may_be_absent_and_is_refused_for_the_rest() {
    let world = World::new();
    let ada = world.post("/v1/customers", json!({ "name": "Ada", "email": "ada@example.com" })).is(201).id();
    let ada = format!("/v1/customers/{ada}");
    let entity = world.get("/v1/entities").is(200).text_at("/data/0/id");
    let entity = format!("/v1/entities/{entity}");
    let fields = [
        (ada.as_str(), ["name", "currency", "tax_ids", "pays"].as_slice()),
        (&entity, &["name", "country", "functional_currency", "countries", "is_default"]),
        ("/v1/tax/settings", &["rounding", "unknown_tax_ids"]),
        ("/v1/billing_settings", &["draft_hours", "apply_balance"]),
    ];
    for (path, names) in fields {
        for name in names {
            let refused = world.patch(path, json!({ *name: null }));
            assert_eq!(refused.status, 422, "{path} {name}: {}", refused.text);
            assert!(refused.text.contains(&format!("\"/{name}\"")), "{}", refused.text);
        }
    }
    assert!(world.patch(&ada, json!({ "email": null })).is(200).json["email"].is_null());
}

#[test]
fn an_array_is_no_object() {
    let world = World::new();
    let wrong = |pointer: &str| vec![(pointer.to_owned(), "wrong_type".to_owned())];
    assert_eq!(world.post("/v1/customers", json!(["Ada"])).is(422).faults(), wrong(""));
    let address = json!({ "name": "Ada", "address": ["Main Street 1", null, "Berlin", "10117", null, "DE"] });
    assert_eq!(world.post("/v1/customers", address).is(422).faults(), wrong("/address"));
    let number = json!({ "name": "Ada", "tax_ids": [["eu_vat", "DE136695976"]] });
    assert_eq!(world.post("/v1/customers", number).is(422).faults(), wrong("/tax_ids/0"));
    assert!(world.get("/v1/customers").is(200).data().is_empty());
}
