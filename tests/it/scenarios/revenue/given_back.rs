//! Is what is given back of a charge that waits to be fulfilled taken off what is deferred, and only what was fulfilled off what is earned?
//!
//! A set-up of 100.00, half of it fulfilled, taken back whole: nothing is earned and nothing deferred.

use std::mem::ManuallyDrop;

use serde_json::{Value, json};

use super::{House, balances, rows};
use crate::harness::{Reply, World};

/// A plan with a set-up of 100.00, earned by a rule.
fn set_up(house: &House, rule: &Value) -> String {
    let price =
        json!({ "code": "setup", "kind": "one_time", "model": { "type": "flat", "amount": "100.00" } });
    let body = json!({ "code": "onboarding", "name": "Onboarding", "product_id": house.product, "currency": "USD", "interval": "month",
        "prices": [price] });
    let plan = house.client().post("/v1/plans", body).is(201).id();
    house.client().post("/v1/revenue/rules", rule.clone()).is(201);
    plan
}

fn on_fulfilment() -> Value {
    json!({ "price_code": "setup", "rule": "point_in_time", "on": "fulfilment" })
}

/// Cancels from the day on which it began.
fn cancel(house: &House, subscription: &str) {
    let body = json!({ "effective_at": "2026-05-02T00:00:00Z", "invoice": "now" });
    house.client().post(&format!("/v1/subscriptions/{subscription}/cancel"), body).is(200);
}

fn fulfil(house: &House, line: &str, percent: &str) -> Reply {
    let body = json!({ "invoice_line_id": line, "percent": percent, "milestone": format!("{percent} %") });
    house.client().post("/v1/fulfilments", body)
}

/// Deferred revenue and revenue at the end of a day.
fn standing(house: &House, day: &str) -> [String; 2] {
    let books = house.balances(day);
    ["deferred_revenue", "revenue"].map(|name| books.get(name).cloned().unwrap_or_else(|| "0.00".to_owned()))
}

#[test]
fn what_is_taken_back_before_anything_is_fulfilled_was_never_earned() {
    let house = House::at("2026-05-02T00:00:00Z");
    let subscription = house.subscribe(&set_up(&house, &on_fulfilment()));
    assert_eq!(standing(&house, "2026-05-02"), ["100.00", "0.00"]);
    cancel(&house, &subscription);
    assert_eq!(standing(&house, "2026-05-02"), ["0.00", "0.00"]);
    house.world.advance_to("2026-07-01T00:00:00Z");
    assert_eq!(standing(&house, "2026-06-30"), ["0.00", "0.00"]);
    assert_eq!(rows(&house, "remaining_obligations", &["on_fulfilment", "total"]), ["0.00 0.00"]);
    assert_eq!(house.recognized(), [""; 0]);
    house.world.settle();
}

#[test]
fn of_what_is_taken_back_in_part_fulfilled_as_much_is_earned_back_as_was() {
    for rule in [on_fulfilment(), json!({ "price_code": "setup", "rule": "milestone" })] {
        let house = House::at("2026-05-02T00:00:00Z");
        let subscription = house.subscribe(&set_up(&house, &rule));
        let line = format!("{}-1", house.newest_invoice());
        house.world.advance_to("2026-05-20T00:00:00Z");
        let half = fulfil(&house, &line, "50").is(201).id();
        cancel(&house, &subscription);
        let back = format!("{}-1", house.newest_invoice());
        let refused = fulfil(&house, &back, "10").is_problem(422, "not_on_fulfilment");
        assert!(refused.text_at("/detail").contains(&line), "{}", refused.text);
        house.world.advance_to("2026-06-01T00:00:00Z");
        assert_eq!(standing(&house, "2026-05-31"), ["0.00", "0.00"]);
        // What is fulfilled or reversed later changes both.
        fulfil(&house, &line, "20").is(201);
        house
            .client()
            .post(&format!("/v1/fulfilments/{half}/reverse"), json!({ "reason": "not so" }))
            .is(200);
        house.world.advance_to("2026-07-01T00:00:00Z");
        assert_eq!(standing(&house, "2026-06-30"), ["0.00", "0.00"]);
        assert_eq!(rows(&house, "remaining_obligations", &["on_fulfilment", "total"]), ["0.00 0.00"]);
        house.world.settle();
    }
}

/// A draft of a set-up, what is done to its line, and what is deferred and earned of it when half of it is fulfilled.
fn drafted(change: impl Fn(&House, &str)) -> (House, String) {
    let house = House::at("2026-05-02T00:00:00Z");
    let plan = set_up(&house, &on_fulfilment());
    house.client().patch("/v1/billing_settings", json!({ "draft_hours": 48 })).is(200);
    house.subscribe(&plan);
    let invoice = house.newest_invoice();
    change(&house, &format!("/v1/invoices/{invoice}/lines/1"));
    house.world.advance_to("2026-05-05T00:00:00Z");
    (house, format!("{invoice}-1"))
}

#[test]
fn a_line_that_is_removed_from_a_draft_leaves_nothing() {
    let (house, line) = drafted(|house, path| {
        house.client().delete(path).is(200);
    });
    assert_eq!(house.balances("2026-05-05"), balances(&[]));
    fulfil(&house, &line, "50").is(201);
    house.world.advance_to("2026-06-01T00:00:00Z");
    assert_eq!(house.balances("2026-05-31"), balances(&[]));
    let rolled = ["billings", "recognised", "closing", "difference"];
    assert_eq!(rows(&house, "roll_forward?from=2026-05&to=2026-05", &rolled), ["0.00 0.00 0.00 0.00"]);
    house.world.settle();
}

#[test]
fn a_line_that_is_changed_in_a_draft_is_fulfilled_as_it_came_to() {
    for (amount, half) in [("20.00", "10.00"), ("120.00", "60.00")] {
        let (house, line) = drafted(|house, path| {
            house.client().patch(path, json!({ "amount": amount })).is(200);
        });
        assert_eq!(standing(&house, "2026-05-05"), [amount, "0.00"]);
        fulfil(&house, &line, "50").is(201);
        house.world.advance_to("2026-06-01T00:00:00Z");
        assert_eq!(standing(&house, "2026-05-31"), [half, half]);
        house.world.settle();
    }
}

#[test]
fn in_books_of_another_currency_it_is_worth_what_it_was_charged_at() {
    let house = House::in_world(World::of("2026-05-02T00:00:00Z", "UTC", "EUR"));
    let rate = |date: &str, rate: &str| {
        let body = json!({ "base": "USD", "quote": "EUR", "date": date, "rate": rate });
        house.client().post("/v1/exchange_rates", body).is(201);
    };
    rate("2026-05-02", "0.90");
    let plan = set_up(&house, &on_fulfilment());
    let customer =
        house.client().post("/v1/customers", json!({ "name": "Ada", "currency": "USD" })).is(201).id();
    let start = json!({ "customer_id": customer, "plan_id": plan, "collection": "send_invoice" });
    let subscription = house.client().post("/v1/subscriptions", start).is(201).id();
    house.world.advance_to("2026-05-20T00:00:00Z");
    rate("2026-05-20", "0.50");
    cancel(&house, &subscription);
    house.world.advance_to("2026-06-01T00:00:00Z");
    let books = house.client().get("/v1/ledger/balances?as_of=2026-05-31").is(200);
    let held: Vec<String> = (books.data().iter())
        .filter(|row| ["deferred_revenue", "revenue"].contains(&row["account"].as_str().unwrap()))
        .map(|row| row["functional_balance"].as_str().unwrap().to_owned())
        .filter(|held| held != "0.00")
        .collect();
    assert_eq!(held, [""; 0]);
    house.world.settle();
}

#[test]
fn what_is_not_known_to_give_back_of_what_waits_is_named() {
    // Not settled at its end: its books are wrong.
    let house = ManuallyDrop::new(House::in_world(World::own_database("2026-05-02T00:00:00Z")));
    let subscription = house.subscribe(&set_up(&house, &on_fulfilment()));
    let line = format!("{}-1", house.newest_invoice());
    fulfil(&house, &line, "50").is(201);
    cancel(&house, &subscription);
    house.world.advance_to("2026-06-02T00:00:00Z");
    house.world.relay_events();
    let plant = "DELETE FROM fulfilled_as_charged WHERE tenant_id = $t";
    let named = house.world.named_by_checks(house.world.tenant.id, plant);
    assert_eq!(named, ["fulfilments_are_scheduled", "what_is_given_back_is_fulfilled_as_charged"]);
}
