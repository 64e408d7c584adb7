//! What does a billing run in several currencies come to? Each currency by itself, and all of it in the currency of the books.

use serde_json::{Value, json};

use super::{House, world};

#[test]
fn a_run_in_two_currencies_is_reported_in_that_of_the_books_at_the_rates_of_its_day() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    let client = house.client();
    let product = client.post("/v1/products", json!({ "name": "Engine" })).is(201).id();
    let berta = client.post("/v1/customers", json!({ "name": "Berta", "currency": "EUR" })).is(201).id();
    for (customer, currency) in [(house.customer.as_str(), "USD"), (berta.as_str(), "EUR")] {
        let plan = json!({ "code": currency, "name": "Seats", "product_id": product, "currency": currency, "interval": "month",
            "prices": [{ "code": "seat", "kind": "recurring", "model": { "type": "flat", "amount": "100.00" } }] });
        let plan = client.post("/v1/plans", plan).is(201).id();
        let order = json!({ "customer_id": customer, "plan_id": plan, "collection": "send_invoice",
            "start_at": "2026-01-05T00:00:00Z" });
        client.post("/v1/subscriptions", order).is(201);
    }
    house.rate("2026-01-05", "0.92");
    house.advance_to("2026-01-06");
    let runs = client.get("/v1/bill_runs").is(200);
    let run = runs.data().iter().find(|run| run["progress"]["invoices"] == 2).unwrap();
    assert_eq!(run["totals"], json!({ "EUR": "100.00", "USD": "100.00" }));
    assert_eq!(run["reporting"], json!({ "currency": "EUR", "total": "192.00", "no_rate": null }));
    let alone = client.get(&format!("/v1/bill_runs/{}", run["id"].as_str().unwrap())).is(200).json;
    assert_eq!(alone["reporting"], run["reporting"]);
    // What a later day's rate says changes nothing; without any rate for its day it is said which is missing.
    house.rate("2026-01-06", "0.50");
    let run_of = |client: &crate::harness::Client| -> Value {
        let runs = client.get("/v1/bill_runs").is(200);
        runs.data().iter().find(|run| run["progress"]["invoices"] == 2).unwrap()["reporting"].clone()
    };
    assert_eq!(run_of(client)["total"], "192.00");
    let yen = client.post("/v1/customers", json!({ "name": "Chie", "currency": "JPY" })).is(201).id();
    let plan = json!({ "code": "JPY", "name": "Seats", "product_id": product, "currency": "JPY", "interval": "month",
        "prices": [{ "code": "seat", "kind": "recurring", "model": { "type": "flat", "amount": "100" } }] });
    let plan = client.post("/v1/plans", plan).is(201).id();
    let order = json!({ "customer_id": yen, "plan_id": plan, "collection": "send_invoice",
        "start_at": "2026-01-07T00:00:00Z" });
    client.post("/v1/subscriptions", order).is(201);
    house.advance_to("2026-01-08");
    let runs = client.get("/v1/bill_runs").is(200);
    let run = runs.data().iter().find(|run| run["totals"] == json!({ "JPY": "100" })).unwrap();
    assert_eq!(run["reporting"]["total"], json!(null));
    assert!(run["reporting"]["no_rate"].as_str().unwrap().contains("JPY to EUR"), "{run}");
    house.check();
}
