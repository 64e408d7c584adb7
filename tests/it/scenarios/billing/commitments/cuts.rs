//! What counts towards a commitment that begins, ends or becomes another within a month? What was used in its days, however often it was
//! changed, and whether that was told in time or late.

use serde_json::{Value, json};

use super::{Committed, calls, commitment, instant, merged};

/// A commitment of 31.00 for who wants it.
fn optional(meter: &str) -> Value {
    json!([calls(meter), merged(commitment("31.00"), json!({ "add_on": true }))])
}

#[test]
fn a_commitment_that_is_added_counts_what_is_used_from_then_on() {
    let acme = Committed::with(optional, json!({}));
    acme.on("01-17").called("01-05", "8");
    acme.command("change", json!({ "add_items": [{ "price_id": acme.plan.prices[1] }] }));
    acme.on("01-25").called("01-20", "3").on("02-02");
    // 15 of 31 days are 15.00, and 3.00 were used in them.
    assert_eq!(
        acme.charges(),
        ["01-01 01-17 Calls 8.00", "01-17 02-01 Calls 3.00", "01-17 02-01 Commitment 12.00"]
    );
}

#[test]
fn a_commitment_that_is_removed_counted_what_was_used_until_then() {
    let acme = Committed::by(
        optional,
        |plan| json!({ "items": [{ "price_id": plan.prices[0] }, { "price_id": plan.prices[1] }] }),
    );
    acme.on("01-17").called("01-05", "8");
    acme.command("change", json!({ "remove_items": [acme.plan.prices[1]] }));
    acme.on("01-25").called("01-20", "3").on("02-02");
    // 16 of 31 days are 16.00, and 8.00 were used in them.
    assert_eq!(
        acme.charges(),
        ["01-01 01-17 Calls 8.00", "01-01 01-17 Commitment 8.00", "01-17 02-01 Calls 3.00"]
    );
}

#[test]
fn a_commitment_that_is_removed_and_added_again_is_one() {
    let acme = Committed::by(
        optional,
        |plan| json!({ "items": [{ "price_id": plan.prices[0] }, { "price_id": plan.prices[1] }] }),
    );
    acme.on("01-17").called("01-05", "8");
    acme.command("change", json!({ "remove_items": [acme.plan.prices[1]] }));
    acme.command("change", json!({ "add_items": [{ "price_id": acme.plan.prices[1] }] }));
    acme.on("01-25").called("01-20", "20").on("02-02");
    // 28.00 of 31.00: nothing was ever changed.
    assert_eq!(acme.total(), "31.00");
    // Removed for ten days it is one of the other 21, in which 28.00 were used.
    let acme = Committed::by(
        optional,
        |plan| json!({ "items": [{ "price_id": plan.prices[0] }, { "price_id": plan.prices[1] }] }),
    );
    acme.on("01-11").called("01-05", "8");
    acme.command("change", json!({ "remove_items": [acme.plan.prices[1]] }));
    acme.on("01-21").called("01-15", "5");
    acme.command("change", json!({ "add_items": [{ "price_id": acme.plan.prices[1] }] }));
    acme.on("01-25").called("01-22", "4").on("02-02");
    // 12.00 of 21.00 used, and 5.00 beside it.
    assert_eq!(acme.total(), "26.00");
}

#[test]
fn a_commitment_that_is_added_for_days_that_are_billed_counts_what_was_used_in_them() {
    let acme = Committed::with(optional, json!({}));
    acme.on("01-25").called("01-05", "8").called("01-20", "3").on("02-05");
    assert_eq!(acme.total(), "11.00");
    let body = json!({ "add_items": [{ "price_id": acme.plan.prices[1] }], "effective_at": instant("01-17"), "invoice": "now" });
    acme.command("change", body);
    // 15.00 less 3.00 more.
    assert_eq!(acme.total(), "23.00");
    acme.called("01-30", "2").on("03-02");
    // Told late, 2.00 are in place of as much of the shortfall; February's 31.00.
    assert_eq!(acme.total(), "54.00");
}

#[test]
fn a_minimum_of_a_price_that_is_raised_within_a_month_is_each_for_its_days() {
    let prices = |meter: &str| json!([merged(calls(meter), json!({ "minimum_amount": "31.00" }))]);
    let acme = Committed::with(prices, json!({}));
    acme.on("01-17").called("01-05", "20");
    let raised = json!({ "type": "commitment", "amount": "62.00", "prices": ["calls"] });
    let items = json!([{ "price_id": acme.plan.prices[0] }, { "price_id": acme.plan.prices[1], "price_override": { "model": raised } }]);
    acme.command("change", json!({ "items": items }));
    acme.on("01-25").called("01-20", "10").on("02-02");
    // 16.00, and 20.00 used; 30.00, and 10.00 used.
    assert_eq!(acme.total(), "50.00");
}

#[test]
fn included_units_are_had_once_where_a_commitment_cuts_the_month() {
    let prices = |meter: &str| {
        let included = merged(calls(meter), json!({ "included_units": "10" }));
        json!([included, merged(commitment("31.00"), json!({ "add_on": true }))])
    };
    let acme = Committed::with(prices, json!({}));
    acme.on("01-17").called("01-05", "8");
    acme.command("change", json!({ "add_items": [{ "price_id": acme.plan.prices[1] }] }));
    acme.on("01-25").called("01-20", "7").on("02-02");
    // 15 are 5 above 10, all of them from the 17th on: 10.00 short of 15.00.
    assert_eq!(
        acme.charges(),
        ["01-01 01-17 Calls 0.00", "01-17 02-01 Calls 5.00", "01-17 02-01 Commitment 10.00"]
    );
}
