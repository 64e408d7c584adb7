//! What can be had beside the plan? Add-ons: not part of it by themselves, added and removed when they are wanted.

use serde_json::{Value, json};

use super::{Life, Seller, seat};
use crate::scenarios::billing::{Plan, per_unit};

/// 2 seats at 10.00, and support for each of so many machines at 5.00 whoever wants it.
fn with_support(more: impl FnOnce(&Plan) -> Value) -> (Life, Plan) {
    let seller = Seller::on("2026-04-01");
    let support = json!({ "code": "support", "description": "Support", "kind": "recurring", "add_on": true, "model": per_unit("5.00") });
    let plan = seller.plan("month", json!([seat("10.00"), support]));
    let customer = seller.customer();
    let mut body = json!({ "quantity": "2" });
    body.as_object_mut().unwrap().extend(more(&plan).as_object().unwrap().clone());
    let subscription = seller.subscribe(&customer, &plan, body);
    (Life { seller, customer, subscription }, plan)
}

#[test]
fn an_add_on_is_had_from_when_it_is_added_until_it_is_removed() {
    let (life, plan) = with_support(|_| json!({}));
    assert_eq!(life.items(), ["2 x Seat"]);
    life.advance_to("2026-04-16");
    let support = &plan.prices[1];
    life.change(json!({ "add_items": [{ "price_id": support, "quantity": "3" }], "invoice": "now" }));
    assert_eq!(life.items(), ["2 x Seat", "3 x Support"]);
    life.advance_to("2026-05-16");
    life.change(json!({ "remove_items": [support], "invoice": "now" }));
    assert_eq!(life.items(), ["2 x Seat"]);
    life.then_billed(
        "INV-000002 paid USD billed 2026-04-16 due 2026-04-16
         2026-04-16 to 2026-05-01  3 x 5.00 = 7.50  Support
         total 7.50 paid 7.50 due 0.00
         INV-000003 paid USD billed 2026-05-01 due 2026-05-01
         2026-05-01 to 2026-06-01  2 x 10.00 = 20.00  Seat
         2026-05-01 to 2026-06-01  3 x 5.00 = 15.00  Support
         total 35.00 paid 35.00 due 0.00
         INV-000004 paid USD billed 2026-05-16 due 2026-05-16
         2026-05-16 to 2026-06-01  1 x -7.74 = -7.74  Unused time: Support
         total -7.74 paid 0.00 due 0.00",
    );
}

#[test]
fn another_quantity_of_the_plan_leaves_add_ons_alone_and_an_add_on_takes_its_own_place() {
    let (life, plan) = with_support(
        |plan| json!({ "items": [{ "price_id": plan.prices[0] }, { "price_id": plan.prices[1] }] }),
    );
    assert_eq!(life.items(), ["2 x Seat", "1 x Support"]);
    life.change(json!({ "quantity": "5" }));
    assert_eq!(life.items(), ["5 x Seat", "1 x Support"]);
    life.change(json!({ "add_items": [{ "price_id": plan.prices[1], "quantity": "4" }] }));
    assert_eq!(life.items(), ["5 x Seat", "4 x Support"]);
    life.advance_to("2026-05-01");
    assert_eq!(life.total(), "140.00");
}

#[test]
fn an_add_on_goes_on_in_another_plan_that_has_it() {
    let (life, plan) = with_support(|_| json!({}));
    life.change(json!({ "add_items": [{ "price_id": plan.prices[1], "quantity": "3" }] }));
    let dearer = json!({ "code": "support", "description": "Support", "kind": "recurring", "add_on": true, "model": per_unit("6.00") });
    let training = json!({ "code": "training", "description": "Training", "kind": "recurring", "add_on": true, "model": per_unit("99.00") });
    let other = life.plan("month", json!([seat("12.00"), dearer, training]));
    life.change(json!({ "plan_id": other.id, "effective_at": "period_end" }));
    life.advance_to("2026-05-01");
    assert_eq!(life.items(), ["2 x Seat", "3 x Support"]);
    let newest = life.invoices(&life.customer).pop().unwrap();
    assert!(
        newest.contains("2 x 12.00 = 24.00  Seat") && newest.contains("3 x 6.00 = 18.00  Support"),
        "{newest}"
    );
}

#[test]
fn what_cannot_be_added_or_removed_is_refused() {
    let (life, plan) = with_support(|_| json!({}));
    let refused = |body: Value| life.world.post(&life.path("/change"), body).is(422).faults();
    let fault = |pointer: &str, code: &str| [(pointer.to_owned(), code.to_owned())];
    let support = &plan.prices[1];
    assert_eq!(refused(json!({ "remove_items": [support] })), fault("/remove_items/0", "item_not_held"));
    assert_eq!(refused(json!({ "remove_items": [plan.prices[0]] })), fault("/remove_items", "no_items"));
    assert_eq!(
        refused(json!({ "add_items": [{ "price_id": support, "quantity": "-1" }] })),
        fault("/add_items/0/quantity", "negative_quantity")
    );
    assert_eq!(
        refused(json!({ "items": [{ "price_id": support }], "remove_items": [plan.prices[0]] })),
        fault("/items", "items_and_amendments")[..]
            .iter()
            .cloned()
            .chain(fault("/remove_items/0", "item_not_held"))
            .collect::<Vec<_>>()
    );
    let alone = json!({ "code": "alone", "kind": "recurring", "add_on": true, "model": per_unit("1.00") });
    let product = life.world.post("/v1/products", json!({ "name": "Alone" })).is(201).id();
    let body = json!({ "code": "alone", "name": "Alone", "product_id": product, "currency": "USD", "interval": "month", "prices": [alone] });
    assert_eq!(life.world.post("/v1/plans", body).is(422).faults(), fault("/prices", "only_add_ons"));
}
