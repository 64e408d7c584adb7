//! Up, down, more, fewer: what does a change cost, and on which invoice? 10.00 to 20.00 halfway: −5.00 and +10.00.

use diesel::connection::SimpleConnection;
use serde_json::json;

use super::{Life, base, flat, seat, setup};

#[test]
fn an_upgrade_on_the_16th_credits_the_unused_days_and_charges_the_new_price_at_once() {
    let life = Life::seats("2026-04-01", ("10.00", "1"));
    life.advance_to("2026-04-16");
    life.change(json!({ "quantity": "2", "invoice": "now" }));
    life.advance_to("2026-05-01");
    life.billed(
        "INV-000001 paid USD billed 2026-04-01 due 2026-04-01
         2026-04-01 to 2026-05-01  1 x 10.00 = 10.00  Seat
         total 10.00 paid 10.00 due 0.00
         INV-000002 paid USD billed 2026-04-16 due 2026-04-16
         2026-04-16 to 2026-05-01  1 x -5.00 = -5.00  Unused time: Seat
         2026-04-16 to 2026-05-01  2 x 10.00 = 10.00  Seat
         total 5.00 paid 5.00 due 0.00
         INV-000003 paid USD billed 2026-05-01 due 2026-05-01
         2026-05-01 to 2026-06-01  2 x 10.00 = 20.00  Seat
         total 20.00 paid 20.00 due 0.00",
    );
}

#[test]
fn an_upgrade_that_waits_is_charged_with_the_next_invoice() {
    let life = Life::seats("2026-04-01", ("10.00", "1"));
    life.advance_to("2026-04-16");
    life.change(json!({ "quantity": "2" }));
    life.advance_to("2026-04-30");
    life.then_billed("");
    life.advance_to("2026-05-01");
    life.then_billed(
        "INV-000002 paid USD billed 2026-05-01 due 2026-05-01
         2026-04-16 to 2026-05-01  1 x -5.00 = -5.00  Unused time: Seat
         2026-04-16 to 2026-05-01  2 x 10.00 = 10.00  Seat
         2026-05-01 to 2026-06-01  2 x 10.00 = 20.00  Seat
         total 25.00 paid 25.00 due 0.00",
    );
}

#[test]
fn what_is_overdue_when_it_changes_is_owed_at_once_in_all_its_parts() {
    let life = Life::seats("2026-01-01", ("10.00", "1"));
    life.advance_to("2026-01-31");
    // As if the clock had come there and no run had looked yet.
    let world = &life.seller.world;
    let clock = "UPDATE tenants SET test_clock = '2026-02-15T00:00:00Z' WHERE id = ";
    world.database.connect().batch_execute(&format!("{clock}'{}'", world.tenant.id.uuid())).unwrap();
    life.change(json!({ "quantity": "2" }));
    life.then_billed(
        "INV-000002 open USD billed 2026-02-01 due 2026-02-15
         2026-02-01 to 2026-02-15  1 x 10.00 = 5.00  Seat
         total 5.00 paid 0.00 due 5.00
         INV-000003 open USD billed 2026-02-15 due 2026-02-15
         2026-02-15 to 2026-03-01  2 x 10.00 = 10.00  Seat
         total 10.00 paid 0.00 due 10.00",
    );
}

#[test]
fn by_the_second_the_same_upgrade_credits_4_83_and_charges_9_65() {
    let life = Life::seats("2026-04-01", ("10.00", "1"));
    life.advance_to("2026-04-20");
    life.change(json!({ "quantity": "2", "effective_at": "2026-04-16T12:30:17Z", "proration": "by_second", "invoice": "now" }));
    life.then_billed(
        "INV-000002 open USD billed 2026-04-20 due 2026-04-20
         2026-04-16T12:30Z to 2026-05-01  1 x -4.83 = -4.83  Unused time: Seat
         2026-04-16T12:30Z to 2026-05-01  2 x 10.00 = 9.65  Seat
         total 4.82 paid 0.00 due 4.82",
    );
}

#[test]
fn fewer_seats_are_credited_on_the_next_invoice() {
    let life = Life::seats("2026-04-01", ("10.00", "3"));
    life.advance_to("2026-04-11");
    life.change(json!({ "quantity": "1" }));
    life.advance_to("2026-05-01");
    life.then_billed(
        "INV-000002 paid USD billed 2026-05-01 due 2026-05-01
         2026-04-11 to 2026-05-01  1 x -20.00 = -20.00  Unused time: Seat
         2026-04-11 to 2026-05-01  1 x 10.00 = 6.67  Seat
         2026-05-01 to 2026-06-01  1 x 10.00 = 10.00  Seat
         total -3.33 paid 0.00 due 0.00",
    );
}

#[test]
fn a_downgrade_at_the_period_s_end_credits_nothing() {
    let life = Life::seats("2026-04-01", ("10.00", "3"));
    life.advance_to("2026-04-11");
    let changed = life.change(json!({ "quantity": "1", "effective_at": "period_end" }));
    assert_eq!(changed.text_at("/change/effective_at"), "2026-05-01T00:00:00Z");
    assert_eq!(life.items(), ["3 x Seat"]);
    life.advance_to("2026-05-01");
    assert_eq!(life.items(), ["1 x Seat"]);
    life.then_billed(
        "INV-000002 paid USD billed 2026-05-01 due 2026-05-01
         2026-05-01 to 2026-06-01  1 x 10.00 = 10.00  Seat
         total 10.00 paid 10.00 due 0.00",
    );
}

#[test]
fn a_change_planned_for_a_date_is_charged_then() {
    let life = Life::seats("2026-04-01", ("30.00", "1"));
    life.change(json!({ "quantity": "2", "effective_at": "2026-05-11T00:00:00Z", "invoice": "now" }));
    life.advance_to("2026-06-01");
    // The charge of May knows already that the seat is one of two from the 11th on.
    life.then_billed(
        "INV-000002 paid USD billed 2026-05-01 due 2026-05-01
         2026-05-01 to 2026-05-11  1 x 30.00 = 9.68  Seat
         total 9.68 paid 9.68 due 0.00
         INV-000003 paid USD billed 2026-05-11 due 2026-05-11
         2026-05-11 to 2026-06-01  2 x 30.00 = 40.65  Seat
         total 40.65 paid 40.65 due 0.00
         INV-000004 paid USD billed 2026-06-01 due 2026-06-01
         2026-06-01 to 2026-07-01  2 x 30.00 = 60.00  Seat
         total 60.00 paid 60.00 due 0.00",
    );
}

#[test]
fn an_item_added_is_charged_for_the_rest_and_one_left_out_is_credited() {
    let life = Life::of("2026-04-01", |seller| {
        let plan = seller.plan("month", json!([base("30.00"), seat("10.00"), setup("99.00")]));
        let items = json!([{ "price_id": plan.prices[0] }, { "price_id": plan.prices[2] }]);
        (plan, json!({ "items": items }))
    });
    let plan = life.read().text_at("/plan_id");
    let prices = life.world.get(&format!("/v1/plans/{plan}")).is(200).json["prices"].clone();
    life.advance_to("2026-04-16");
    let (base, seat, setup) = (&prices[0]["id"], &prices[1]["id"], &prices[2]["id"]);
    life.change(json!({ "invoice": "now", "items": [
        { "price_id": base }, { "price_id": seat, "quantity": "3" }, { "price_id": setup }
    ] }));
    life.advance_to("2026-04-26");
    life.change(json!({ "invoice": "now", "items": [{ "price_id": seat, "quantity": "3" }] }));
    life.then_billed(
        "INV-000002 paid USD billed 2026-04-16 due 2026-04-16
         2026-04-16 to 2026-05-01  3 x 10.00 = 15.00  Seat
         total 15.00 paid 15.00 due 0.00
         INV-000003 paid USD billed 2026-04-26 due 2026-04-26
         2026-04-26 to 2026-05-01  1 x -5.00 = -5.00  Unused time: Base
         total -5.00 paid 0.00 due 0.00",
    );
    assert_eq!(life.items(), ["3 x Seat", "1 x Set-up"]);
}

#[test]
fn a_price_of_the_subscription_s_own_takes_the_place_of_the_plan_s_from_a_day_on() {
    let life = Life::monthly("2026-04-01", "30.00");
    let price = life.read().text_at("/items/0/price_id");
    life.advance_to("2026-04-16");
    let own = json!({ "price_id": price, "price_override": { "model": flat("24.00") } });
    life.change(json!({ "items": [own], "invoice": "now" }));
    life.then_billed(
        "INV-000002 paid USD billed 2026-04-16 due 2026-04-16
         2026-04-16 to 2026-05-01  1 x -15.00 = -15.00  Unused time: Base
         2026-04-16 to 2026-05-01  1 x 24.00 = 12.00  Base
         total -3.00 paid 0.00 due 0.00",
    );
    assert_eq!(life.read().json["items"][0]["price_overridden"], true);
}

#[test]
fn what_is_charged_in_arrears_is_charged_for_the_days_it_was_had() {
    let life = Life::of("2026-04-01", |seller| {
        let hours = json!({ "code": "hours", "description": "Hours", "kind": "recurring", "billing": "in_arrears",
                            "model": { "type": "per_unit", "unit_amount": "3.00" } });
        (seller.plan("month", json!([hours])), json!({ "quantity": "10" }))
    });
    life.advance_to("2026-04-11");
    life.change(json!({ "quantity": "20" }));
    life.advance_to("2026-05-01");
    life.billed(
        "INV-000001 paid USD billed 2026-05-01 due 2026-05-01
         2026-04-01 to 2026-04-11  10 x 3.00 = 10.00  Hours
         2026-04-11 to 2026-05-01  20 x 3.00 = 40.00  Hours
         total 50.00 paid 50.00 due 0.00",
    );
}

#[test]
fn the_next_invoice_is_as_the_preview_said() {
    let life = Life::seats("2026-04-01", ("10.00", "1"));
    life.advance_to("2026-04-16");
    let said = life.next_after("change", json!({ "quantity": "2" }));
    life.change(json!({ "quantity": "2" }));
    life.advance_to("2026-05-01");
    let last = life.world.get(&format!("/v1/invoices?customer_id={}&limit=1", life.customer)).is(200);
    let last = life.world.get(&format!("/v1/invoices/{}", last.data()[0]["id"].as_str().unwrap())).is(200);
    assert_eq!(said, super::line_texts(&last.json));
    assert_eq!(said.len(), 3);
}

#[test]
fn every_change_is_on_record_with_its_origin() {
    let life = Life::seats("2026-04-01", ("10.00", "1"));
    life.advance_to("2026-04-16");
    life.change(json!({ "quantity": "2", "invoice": "now" }));
    life.change(json!({ "quantity": "3", "effective_at": "period_end" }));
    let changes = life.world.get(&life.path("/changes")).is(200);
    let seen: Vec<_> = changes
        .data()
        .iter()
        .map(|c| (c["kind"].clone(), c["effective_at"].clone(), c["request"].clone()))
        .collect();
    assert_eq!(
        seen,
        [
            (
                json!("change"),
                json!("2026-05-01T00:00:00Z"),
                json!({ "quantity": "3", "effective_at": "period_end" })
            ),
            (json!("change"), json!("2026-04-16T00:00:00Z"), json!({ "quantity": "2", "invoice": "now" })),
        ]
    );
    assert!(changes.data().iter().all(|c| c["api_key_id"].as_str().unwrap().starts_with("key_")));
    life.world.relay_events();
    let events = life.world.get("/v1/events?type=subscription.changed").is(200);
    assert_eq!(events.data().len(), 2);
}
