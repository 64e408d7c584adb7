//! Why does usage cost what it costs? Parts that add up, what was measured, and where to read it again.

use serde_json::{Value, json};

use super::{caused, explained, field, sentence, steps};
use crate::scenarios::usage::metered::Seller;

/// When January's usage is told.
const LATER: &str = "2026-01-31T00:00:00Z";

/// What January's calls cost, explained: 2,500 of them on the 10th and 11th.
fn january(model: Value, fields: Value) -> (Seller, Value) {
    let seller = Seller::open();
    seller.sell_calls(model, fields);
    seller.world.advance_to(LATER);
    seller.calls("2026-01-10T12:00:00Z", "1500");
    seller.calls("2026-01-11T12:00:00Z", "1000");
    seller.world.advance_to("2026-02-01T00:00:00Z");
    let lines = explained(&seller.world, &seller.customer);
    (seller, lines.into_iter().next().unwrap())
}

#[test]
fn graduated_usage_tells_the_units_of_each_tier_and_the_days_behind_them() {
    let tiers = json!([
        { "up_to": "100", "unit_amount": "0.10" },
        { "up_to": "1000", "unit_amount": "0.08" },
        { "up_to": null, "unit_amount": "0.05", "flat_amount": "1.005" }
    ]);
    let (seller, line) = january(json!({ "type": "graduated", "tiers": tiers }), json!({}));
    assert_eq!(
        steps(&line),
        [
            "tier above 0 up to 100: 100 x 0.1 = 10",
            "tier above 100 up to 1000: 900 x 0.08 = 72",
            "tier above 1000: 1500 x 0.05 + 1.005 = 76.005",
            "158.005 = 158.005 -> 158.01",
            "158.01 - 0.00 = 158.01",
        ]
    );
    let usage = &line["usage"];
    assert_eq!(
        (&usage["quantity"], &usage["events"], &usage["changed_since"]),
        (&json!("2500"), &json!(2), &json!(false))
    );
    let days: Vec<String> = usage["roll_ups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| format!("{} {} in {}", &field(day, "start")[..10], field(day, "quantity"), day["events"]))
        .collect();
    assert_eq!(days, ["2026-01-10 1500 in 1", "2026-01-11 1000 in 1"]);
    // The path it names reads the same days.
    let read = seller.world.get(&field(usage, "path")).is(200);
    assert_eq!(read.data().len(), 31);
    assert_eq!(read.data()[9]["quantity"], "1500");
    assert_eq!(caused(&seller.world, &line), "subscription.started by the caller on 2026-01-01");
}

#[test]
fn packages_are_counted_whole() {
    let (_, line) = january(json!({ "type": "package", "amount": "5.00", "size": "400" }), json!({}));
    assert_eq!(steps(&line), ["packages of 400: 7 x 5 = 35", "35 = 35 -> 35.00", "35.00 - 0.00 = 35.00"]);
}

#[test]
fn volume_and_stairstep_tell_the_tier_that_was_reached() {
    let tiers = json!([{ "up_to": "1000", "unit_amount": "0.08" }, { "up_to": null, "unit_amount": "0.05" }]);
    let (_, line) = january(json!({ "type": "volume", "tiers": tiers }), json!({}));
    assert_eq!(steps(&line)[0], "tier above 1000: 2500 x 0.05 = 125");
    let tiers = json!([{ "up_to": "1000", "flat_amount": "50" }, { "up_to": null, "flat_amount": "200" }]);
    let (_, line) = january(json!({ "type": "stairstep", "tiers": tiers }), json!({}));
    assert_eq!(steps(&line)[0], "tier above 1000: 2500 x 0 + 200 = 200");
}

#[test]
fn what_was_measured_is_divided_rounded_and_less_what_is_included() {
    let fields =
        json!({ "divide_by": "60", "round": "up", "included_units": "10", "maximum_amount": "0.50" });
    let (_, line) = january(json!({ "type": "per_unit", "unit_amount": "0.02" }), fields);
    assert_eq!(
        line["steps"]["conversion"],
        json!({ "divide_by": "60", "round": "up", "converted": "42", "included": "10" })
    );
    assert_eq!(
        steps(&line),
        [
            "units: 32 x 0.02 = 0.64",
            "above_maximum: 1 x -0.14 = -0.14",
            "0.5 = 0.5 -> 0.50",
            "0.50 - 0.00 = 0.50"
        ]
    );
    assert_eq!(
        sentence(&line),
        "Calls (2500 units): 2500 measured in 2 events from 2026-01-01 to 2026-02-01 (sum of call), divided by 60, rounded up to 42, less 10 \
         included: 32 to pay; 32 × 0.02 − 0.14 above the maximum = 0.5 USD; charged 0.50; caused by subscription.started of 2026-01-01 by key_…; \
         no tax is charged."
    );
}

#[test]
fn a_percentage_with_bounds_tells_how_many_events_a_bound_decided() {
    let seller = Seller::open();
    let model = json!({ "type": "percentage", "percent": "1", "per_event_minimum": "0.50", "per_event_maximum": "10.00" });
    seller.sell_calls(model, json!({}));
    seller.world.advance_to(LATER);
    for (day, amount) in [(10, "20"), (11, "600"), (12, "5000"), (13, "30")] {
        seller.calls(&format!("2026-01-{day}T12:00:00Z"), amount);
    }
    seller.world.advance_to("2026-02-01T00:00:00Z");
    assert_eq!(
        steps(&explained(&seller.world, &seller.customer)[0]),
        [
            "percentage: 600 x 0.01 = 6",
            "events_at_minimum: 2 x 0.5 = 1",
            "events_at_maximum: 1 x 10 = 10",
            "17 = 17 -> 17.00",
            "17.00 - 0.00 = 17.00",
        ]
    );
}

#[test]
fn a_matrix_tells_its_cells_as_they_were_when_the_line_was_written() {
    let seller = Seller::open();
    let model = json!({ "type": "matrix", "dimensions": ["model"], "default_unit_amount": "0.001",
                        "cells": [{ "values": { "model": "large" }, "unit_amount": "0.002" }] });
    seller.sell_calls(model, json!({}));
    seller.world.advance_to(LATER);
    let used = |time: &str, units: &str, model: &str| {
        seller.used("call", time, json!({ "units": units, "model": model }));
    };
    used("2026-01-10T00:00:00Z", "7000", "large");
    used("2026-01-11T00:00:00Z", "988", "small");
    seller.world.advance_to("2026-02-01T00:00:00Z");
    used("2026-01-12T00:00:00Z", "1000", "large");
    seller.world.advance_to("2026-03-01T00:00:00Z");
    let lines = explained(&seller.world, &seller.customer);
    assert_eq!(
        steps(&lines[0]),
        [
            "cell large: 7000 x 0.002 = 14",
            "cell: 988 x 0.001 = 0.988",
            "14.988 = 14.988 -> 14.99",
            "14.99 - 0.00 = 14.99"
        ]
    );
    assert_eq!(
        (&lines[0]["usage"]["quantity_now"], &lines[0]["usage"]["changed_since"]),
        (&json!("8988"), &json!(true))
    );
    let late = lines.iter().find(|line| line["line"]["revision"] == 1).unwrap();
    assert_eq!(
        steps(late),
        [
            "cell large: 8000 x 0.002 = 16",
            "cell: 988 x 0.001 = 0.988",
            "16.988 = 16.988 -> 16.99",
            "16.99 - 14.99 = 2.00"
        ]
    );
    assert_eq!(caused(&seller.world, late), "late_usage on 2026-02-01");
}

#[test]
fn events_that_say_their_own_price_are_marked_up() {
    let seller = Seller::open();
    seller.sell_calls(json!({ "type": "dynamic", "markup_percent": "20" }), json!({}));
    seller.world.advance_to(LATER);
    seller.used("call", "2026-01-10T00:00:00Z", json!({ "units": "1", "price": "7.50" }));
    seller.world.advance_to("2026-02-01T00:00:00Z");
    assert_eq!(
        steps(&explained(&seller.world, &seller.customer)[0]),
        ["priced_events: 1 x 7.5 = 7.5", "markup: 1 x 1.5 = 1.5", "9 = 9 -> 9.00", "9.00 - 0.00 = 9.00"]
    );
}

#[test]
fn a_minimum_tells_what_counted_towards_it_and_late_usage_lowers_it() {
    let (seller, _) =
        january(json!({ "type": "per_unit", "unit_amount": "0.01" }), json!({ "minimum_amount": "100.00" }));
    let lines = explained(&seller.world, &seller.customer);
    let minimum = lines.iter().find(|line| line["kind"] == "commitment").unwrap();
    assert_eq!(
        steps(minimum),
        [
            "flat: 1 x 100 = 100",
            "100 = 100 -> 100.00",
            "100.00 committed, 25.00 counted",
            "75.00 - 0.00 = 75.00"
        ]
    );
    seller.calls("2026-01-20T12:00:00Z", "500");
    seller.world.advance_to("2026-03-01T00:00:00Z");
    let lines = explained(&seller.world, &seller.customer);
    let late =
        lines.iter().find(|line| line["kind"] == "commitment" && line["line"]["revision"] == 1).unwrap();
    assert_eq!(steps(late)[2..], ["100.00 committed, 30.00 counted", "70.00 - 75.00 = -5.00"]);
    assert_eq!(field(&late["cause"], "kind"), "late_usage");
}
