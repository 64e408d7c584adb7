//! A plan sold: now, from a past day, from a later day; with quantity, anchor, own prices, several currencies.

use serde_json::{Value, json};

use crate::harness::World;

fn plan(world: &World, prices: Value) -> Value {
    let product = world.post("/v1/products", json!({ "name": "Team" })).is(201).id();
    let body = json!({ "code": "team", "name": "Team", "product_id": product, "currency": "USD", "interval": "month", "prices": prices });
    world.post("/v1/plans", body).is(201).json
}

fn base() -> Value {
    json!({ "code": "base", "description": "Base", "kind": "recurring", "model": { "type": "flat", "amount": "31.00" } })
}

fn start(world: &World, plan: &Value, change: Value) -> Value {
    let customer = world.post("/v1/customers", json!({ "name": "Ada" })).is(201).id();
    let mut body = json!({ "customer_id": customer, "plan_id": plan["id"], "collection": "send_invoice" });
    body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    world.post("/v1/subscriptions", body).is(201).json
}

/// The customer's invoices as `billing day: total currency`, the oldest first.
fn invoices(world: &World, subscription: &Value) -> Vec<String> {
    let page = world
        .get(&format!("/v1/invoices?limit=100&customer_id={}", subscription["customer_id"].as_str().unwrap()))
        .is(200);
    let mut rows: Vec<String> = page
        .data()
        .iter()
        .map(|i| {
            format!(
                "{}: {} {}",
                i["billing_date"].as_str().unwrap_or("?"),
                i["total"].as_str().unwrap(),
                i["currency"].as_str().unwrap()
            )
        })
        .collect();
    rows.sort();
    rows
}

#[test]
fn what_is_due_at_the_start_is_invoiced_before_the_answer() {
    let world = World::new();
    let setup =
        json!({ "code": "setup", "kind": "one_time", "model": { "type": "flat", "amount": "99.00" } });
    let seat = json!({ "code": "seat", "kind": "recurring", "model": { "type": "per_unit", "unit_amount": "12.50" } });
    let plan = plan(&world, json!([base(), seat, setup]));
    let made = start(&world, &plan, json!({ "quantity": "7" }));
    // 31.00 + 7 × 12.50 + 99.00
    assert_eq!(invoices(&world, &made), ["2026-01-01: 217.50 USD"]);
    assert_eq!((&made["status"], &made["next_bill_at"]), (&json!("active"), &json!("2026-02-01T00:00:00Z")));
}

#[test]
fn a_subscription_started_in_the_past_is_billed_up_to_now() {
    let world = World::at("2026-03-15T00:00:00Z");
    let made = start(&world, &plan(&world, json!([base()])), json!({ "start_at": "2026-01-31T00:00:00Z" }));
    assert_eq!(invoices(&world, &made), ["2026-01-31: 31.00 USD", "2026-02-28: 31.00 USD"]);
    assert_eq!(made["next_bill_at"], "2026-03-31T00:00:00Z");
}

#[test]
fn a_subscription_started_for_later_is_billed_when_it_comes() {
    let world = World::new();
    let made = start(&world, &plan(&world, json!([base()])), json!({ "start_at": "2026-01-20T00:00:00Z" }));
    assert_eq!(invoices(&world, &made), [""; 0]);
    world.advance_to("2026-02-21T00:00:00Z");
    assert_eq!(invoices(&world, &made), ["2026-01-20: 31.00 USD", "2026-02-20: 31.00 USD"]);
    let path = format!("/v1/subscriptions/{}", made["id"].as_str().unwrap());
    let now = world.get(&path).is(200).json;
    assert_eq!(
        now["current_period"],
        json!({ "start": "2026-02-20T00:00:00Z", "end": "2026-03-20T00:00:00Z" })
    );
}

#[test]
fn an_anchor_day_makes_a_first_period_in_part() {
    let world = World::at("2026-04-16T00:00:00Z");
    let made = start(&world, &plan(&world, json!([base()])), json!({ "anchor": { "day_of_month": 1 } }));
    // 15 of April's 30 days.
    assert_eq!(invoices(&world, &made), ["2026-04-16: 15.50 USD"]);
    assert_eq!(made["next_bill_at"], "2026-05-01T00:00:00Z");
}

#[test]
fn a_price_of_its_own_is_billed_in_place_of_the_plans() {
    let world = World::new();
    let plan = plan(&world, json!([base()]));
    let own = json!({ "model": { "type": "flat", "amount": "25.00" } });
    let made = start(
        &world,
        &plan,
        json!({ "items": [{ "price_id": plan["prices"][0]["id"], "price_override": own }] }),
    );
    assert_eq!(invoices(&world, &made), ["2026-01-01: 25.00 USD"]);
}

#[test]
fn a_subscription_in_another_currency_pays_that_currencys_price() {
    let world = World::new();
    let mut price = base();
    price["currencies"] = json!({ "JPY": { "model": { "type": "flat", "amount": "4500" } } });
    let made = start(&world, &plan(&world, json!([price])), json!({ "currency": "JPY" }));
    assert_eq!(invoices(&world, &made), ["2026-01-01: 4500 JPY"]);
}

#[test]
fn nothing_is_billed_past_the_end() {
    let world = World::new();
    let made = start(&world, &plan(&world, json!([base()])), json!({ "end_at": "2026-02-15T00:00:00Z" }));
    world.advance_to("2026-06-01T00:00:00Z");
    // 14 of February's 28 days.
    assert_eq!(invoices(&world, &made), ["2026-01-01: 31.00 USD", "2026-02-01: 15.50 USD"]);
    let ended = world.get(&format!("/v1/subscriptions/{}", made["id"].as_str().unwrap())).is(200).json;
    assert_eq!((&ended["status"], &ended["next_bill_at"]), (&json!("ended"), &Value::Null));
}

#[test]
fn the_zone_of_the_customer_decides_the_day() {
    let world = World::at("2026-01-31T04:30:00Z");
    let customer =
        world.post("/v1/customers", json!({ "name": "Ada", "time_zone": "America/New_York" })).is(201).id();
    let plan = plan(&world, json!([base()]));
    let body = json!({ "customer_id": customer, "plan_id": plan["id"], "collection": "send_invoice" });
    let made = world.post("/v1/subscriptions", body).is(201).json;
    assert_eq!(
        (&made["time_zone"], &made["anchor"]["day_of_month"]),
        (&json!("America/New_York"), &json!(30))
    );
    // 28 February in New York.
    assert_eq!(made["next_bill_at"], "2026-02-28T05:00:00Z");
}
