//! What is held and owed in dollars worth at a period's end? Posted on its last day, taken back the day after, once.

use serde_json::json;

use super::{House, world};

/// `accounts_receivable 38.00`, in the reporting currency at the end of a day.
fn books(house: &House<'_>, day: &str) -> Vec<String> {
    let balances = house.client().get(&format!("/v1/ledger/balances?as_of={day}")).is(200);
    let shown = |row: &serde_json::Value| {
        format!("{} {}", row["account"].as_str().unwrap(), row["balance"].as_str().unwrap())
    };
    balances.json["reporting"]["data"].as_array().unwrap().iter().map(shown).collect()
}

#[test]
fn what_is_open_is_revalued_on_the_last_day_and_taken_back_on_the_next() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    house.rate("2026-01-01", "0.90");
    house.rate("2026-01-10", "0.92");
    let invoice = house.invoice("100.00");
    house.advance_to("2026-01-10");
    house.receive("60.00", Some(&invoice));
    house.receive("10.00", None);
    house.advance_to("2026-02-01");
    let client = house.client();
    let order = json!({ "as_of": "2026-01-31" });
    let refused = client.post("/v1/ledger/revaluations", order.clone());
    let detail = refused.text_at("/detail");
    refused.is_problem(422, "no_exchange_rate");
    assert!(detail.contains("USD to EUR") && detail.contains("2026-01-31"), "{detail}");
    house.rate("2026-01-31", "0.95");
    let foreseen = client.post("/v1/ledger/revaluations/preview", order.clone()).is(200);
    assert_eq!(foreseen.json["id"], serde_json::Value::Null);
    assert_eq!(client.get("/v1/ledger/revaluations").is(200).data().len(), 0);
    let posted = client.post("/v1/ledger/revaluations", order.clone()).is(201);
    assert_eq!(posted.json["lines"], foreseen.json["lines"]);
    // 40.00 at 36.00 are 38.00; 70.00 at 64.40 are 66.50; 10.00 owed at 9.20 are 9.50.
    let differences = posted.json["lines"].as_array().unwrap().iter();
    let differences: Vec<_> = differences.map(|line| line["difference"].as_str().unwrap()).collect();
    assert_eq!(differences, ["2.00", "2.10", "-0.30"]);
    assert_eq!(posted.text_at("/gain"), "3.80");
    // Again, and with another rate: it is what was posted.
    house.rate("2026-01-31", "0.50");
    let again = client.post("/v1/ledger/revaluations", order).is(200);
    assert_eq!(again.json, posted.json);
    let path = format!("/v1/ledger/revaluations/{}", posted.id());
    assert_eq!(client.get(&path).is(200).json, posted.json);
    assert_eq!(
        books(&house, "2026-01-31"),
        [
            "accounts_receivable 38.00",
            "cash_clearing 66.50",
            "customer_credit 9.50",
            "fx_gain_loss_realised 1.20",
            "fx_gain_loss_unrealised 3.80",
            "revenue 90.00"
        ]
    );
    assert_eq!(
        books(&house, "2026-02-01"),
        [
            "accounts_receivable 36.00",
            "cash_clearing 64.40",
            "customer_credit 9.20",
            "fx_gain_loss_realised 1.20",
            "fx_gain_loss_unrealised 0.00",
            "revenue 90.00"
        ]
    );
    house.check();
    world.settle();
}

#[test]
fn a_day_that_is_not_over_and_transfers_that_wait_are_refused() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    let client = house.client();
    let revalue = |day: &str| client.post("/v1/ledger/revaluations", json!({ "as_of": day }));
    revalue("-9999-01-01").is_problem(422, "date_out_of_range");
    house.invoice("10.00");
    // What is posted later on a day that is not over would be left out.
    revalue("2026-01-01").is_problem(422, "day_not_over");
    house.advance_to("2026-01-02");
    revalue("2026-01-02").is_problem(422, "day_not_over");
    let waiting = revalue("2026-01-01");
    let detail = waiting.text_at("/detail");
    waiting.is_problem(409, "transfers_wait_for_rate");
    assert!(detail.contains("no exchange rate from USD to EUR is known for 2026-01-01"), "{detail}");
    assert_eq!(revalue("2025-12-31").is(201).json["lines"], json!([]));
    house.check();
}

#[test]
fn each_entity_is_revalued_by_itself_and_two_at_once_are_one() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    let client = house.client();
    let british = house.british();
    let grace = json!({ "name": "Grace", "currency": "USD", "entity_id": british });
    let grace = client.post("/v1/customers", grace).is(201).id();
    house.invoice("10.00");
    house.invoice_of(&grace, "20.00");
    house.advance_to("2026-01-10");
    house.rate_in("EUR", "2026-01-09", "0.95");
    house.rate_in("GBP", "2026-01-09", "0.70");
    client
        .post("/v1/ledger/revaluations", json!({ "as_of": "2026-01-09" }))
        .is_problem(422, "entity_required");
    let order = json!({ "as_of": "2026-01-09", "entity_id": british });
    let both: Vec<_> = std::thread::scope(|threads| {
        let one = || threads.spawn(|| client.post("/v1/ledger/revaluations", order.clone()));
        [one(), one()].into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert_eq!(both[0].json, both[1].json);
    assert_eq!(both[0].text_at("/gain"), "-2.00");
    assert_eq!(both[0].text_at("/functional_currency"), "GBP");
    let of_british = client.get(&format!("/v1/ledger/revaluations?entity_id={british}")).is(200);
    assert_eq!(of_british.data().len(), 1);
    // Both books together are in the tenant's currency: 20.00 USD are 16.00 GBP, and without a rate to euros it is said.
    let balances = client.get("/v1/ledger/balances").is(200);
    assert_eq!(balances.json["reporting"]["currency"], "EUR");
    assert!(balances.json["reporting"]["no_rate"].as_str().unwrap().contains("GBP to EUR"));
    let rate = json!({ "base": "GBP", "quote": "EUR", "date": "2026-01-10", "rate": "1.20" });
    client.post("/v1/exchange_rates", rate).is(201);
    assert_eq!(
        books(&house, "2026-01-10"),
        ["accounts_receivable 28.20", "fx_gain_loss_unrealised 0.00", "revenue 28.20"]
    );
    let own = client.get(&format!("/v1/ledger/balances?entity_id={british}")).is(200);
    assert_eq!(own.json["reporting"]["currency"], "GBP");
    assert_eq!(own.data()[0]["functional_balance"], "16.00");
    house.check();
}
