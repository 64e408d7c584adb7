//! Products and plans as their callers see them: published once, refused with a pointer to each fault.

use serde_json::{Value, json};

use crate::harness::{Reply, World};

fn product(world: &World) -> String {
    world.post("/v1/products", json!({ "name": "Internet access" })).is(201).id()
}

fn plan(world: &World, prices: Value) -> Value {
    json!({ "code": "team", "name": "Team", "product_id": product(world), "currency": "USD", "interval": "month", "prices": prices })
}

fn base(amount: &str) -> Value {
    json!({ "code": "base", "kind": "recurring", "model": { "type": "flat", "amount": amount } })
}

fn faults(reply: &Reply) -> Vec<(String, String)> {
    let text = |error: &Value, field: &str| error[field].as_str().unwrap().to_owned();
    reply.json["errors"].as_array().unwrap().iter().map(|e| (text(e, "pointer"), text(e, "code"))).collect()
}

fn at(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}

#[test]
fn a_plan_is_given_back_with_its_prices_in_their_order() {
    let world = World::new();
    let prices = json!([
        { "code": "base", "description": "Team plan", "kind": "recurring", "model": { "type": "flat", "amount": "31.00" },
          "currencies": { "EUR": { "model": { "type": "flat", "amount": "29.00" } } } },
        { "code": "calls", "kind": "recurring", "billing": "in_arrears", "model": { "type": "per_unit", "unit_amount": "0.0025" } },
        { "code": "setup", "kind": "one_time", "model": { "type": "flat", "amount": "99" } }
    ]);
    let made = world.post("/v1/plans", plan(&world, prices)).is(201);
    assert_eq!(made.json["version"], 1);
    assert_eq!(made.json["interval_count"], 1);
    let shown = |n: usize, field: &str| made.json["prices"][n][field].clone();
    assert_eq!(shown(0, "model"), json!({ "type": "flat", "amount": "31.00" }));
    assert_eq!(shown(0, "currencies"), json!({ "EUR": { "model": { "type": "flat", "amount": "29.00" } } }));
    assert_eq!((shown(0, "billing"), shown(1, "billing")), (json!("in_advance"), json!("in_arrears")));
    assert_eq!((shown(1, "description"), shown(2, "kind")), (json!("calls"), json!("one_time")));
    assert_eq!(world.get(&format!("/v1/plans/{}", made.id())).is(200).json, made.json);
    assert_eq!(world.get("/v1/plans?code=team").is(200).data(), &vec![made.json]);
}

#[test]
fn a_new_version_leaves_the_ones_before_as_they_are() {
    let world = World::new();
    let first = world.post("/v1/plans", plan(&world, json!([base("31.00")]))).is(201);
    let path = format!("/v1/plans/{}", first.id());
    let next = json!({ "currency": "EUR", "interval": "quarter", "prices": [base("90.00")] });
    let second = world.post(&format!("{path}/versions"), next).is(201);
    assert_eq!(second.json["version"], 2);
    let latest = world.get(&path).is(200);
    assert_eq!((&latest.json["version"], &latest.json["currency"]), (&json!(2), &json!("EUR")));
    let before = world.get(&format!("{path}/versions/1")).is(200);
    assert_eq!(before.json["prices"], first.json["prices"]);
    let numbers: Vec<i64> = world
        .get(&format!("{path}/versions"))
        .is(200)
        .data()
        .iter()
        .map(|v| v["version"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, [2, 1]);
    for absent in ["3", "0", "x", "99999999999"] {
        world.get(&format!("{path}/versions/{absent}")).is_problem(404, "not_found");
    }
}

#[test]
fn two_published_at_once_get_two_numbers() {
    let world = World::new();
    let id = world.post("/v1/plans", plan(&world, json!([base("31.00")]))).is(201).id();
    let path = format!("/v1/plans/{id}/versions");
    let body = json!({ "currency": "USD", "interval": "month", "prices": [base("1")] });
    let mut numbers: Vec<i64> = std::thread::scope(|scope| {
        let publish = || world.post(&path, body.clone()).is(201).json["version"].as_i64().unwrap();
        let calls: Vec<_> = (0..4).map(|_| scope.spawn(publish)).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    numbers.sort_unstable();
    assert_eq!(numbers, [2, 3, 4, 5]);
}

#[test]
fn every_fault_of_every_price_is_reported_in_one_answer() {
    let world = World::new();
    let prices = json!([
        { "code": "base", "kind": "recurring", "model": { "type": "flat", "amount": 31.00 } },
        { "code": "bids", "kind": "recurring", "model": { "type": "auction", "tiers": [] } },
        { "code": "fine", "kind": "recurring", "model": { "type": "flat", "amount": "0.0000000000001" } },
        { "code": "blank", "kind": "recurring", "model": { "type": "per_unit", "unit_amount": "" },
          "currencies": { "EURO": { "model": { "type": "flat", "amount": "1" } } } }
    ]);
    let refused = world.post("/v1/plans", plan(&world, prices)).is(422);
    let expected = [
        at("/prices/0/model/amount", "wrong_type"),
        at("/prices/1/model/type", "model_not_supported"),
        at("/prices/2/model/amount", "bad_decimal"),
        at("/prices/3/model/unit_amount", "bad_decimal"),
        at("/prices/3/currencies/EURO", "unknown_currency"),
    ];
    assert_eq!(faults(&refused), expected);
}

#[test]
fn what_could_be_read_and_breaks_a_rule_is_reported_in_one_answer() {
    let world = World::new();
    let prices = json!([
        base("31.00"),
        base("-1"),
        { "code": "set up", "kind": "one_time", "billing": "in_arrears", "model": { "type": "flat", "amount": "1" } }
    ]);
    let before = world.rows_of(world.tenant.id);
    let mut body = plan(&world, prices);
    body["code"] = json!("naïve");
    let refused = world.post("/v1/plans", body).is(422);
    let expected = [
        at("/code", "malformed_code"),
        at("/prices/1/code", "code_repeated"),
        at("/prices/1/model/amount", "negative_amount"),
        at("/prices/2/code", "malformed_code"),
        at("/prices/2/billing", "one_time_in_arrears"),
    ];
    assert_eq!(faults(&refused), expected);
    assert!(world.get("/v1/plans").is(200).data().is_empty());
    assert_ne!(world.rows_of(world.tenant.id), before, "the product is there");
}

#[test]
fn a_plan_needs_a_price_a_known_currency_a_known_interval_and_a_product() {
    let world = World::new();
    let refused = |change: fn(&mut Value)| {
        let mut body = plan(&world, json!([base("31.00")]));
        change(&mut body);
        faults(&world.post("/v1/plans", body).is(422)).remove(0)
    };
    assert_eq!(refused(|b| b["prices"] = json!([])), at("/prices", "no_prices"));
    assert_eq!(refused(|b| b["currency"] = json!("XXX")), at("/currency", "unknown_currency"));
    assert_eq!(refused(|b| b["interval"] = json!("fortnight")), at("/interval", "bad_value"));
    assert_eq!(refused(|b| b["interval_count"] = json!(0)), at("/interval_count", "out_of_range"));
    assert_eq!(refused(|b| b["interval_count"] = json!(70_000)), at("/interval_count", "out_of_range"));
    assert_eq!(
        refused(|b| b["product_id"] = json!("prod_01h2xcejqtf2nbrexx3vqjhp41")),
        at("/product_id", "unknown_product")
    );
    assert_eq!(refused(|b| b["prices"][0]["amount"] = json!("1")), at("/prices/0/amount", "unknown_field"));
}

#[test]
fn a_code_belongs_to_one_plan() {
    let world = World::new();
    world.post("/v1/plans", plan(&world, json!([base("31.00")]))).is(201);
    let again = world.post("/v1/plans", plan(&world, json!([base("31.00")]))).is_problem(409, "code_taken");
    assert_eq!(faults(&again), [at("/code", "code_taken")]);
}
