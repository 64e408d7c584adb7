//! Is what was paid earned when it is had? A break that extends moves the rest of it, and what was credited or given up of a service ends with it.
//!
//! 31.00 for January, a break from the 17th to the 27th: 16.00, nothing in the break, 5.00 until the end of January, 10.00 until 10 February.

use serde_json::json;

use super::{House, balances, rows};

/// 31.00 a month from 1 January.
fn in_january() -> (House, String) {
    let house = House::at("2026-01-01T00:00:00Z");
    let plan = house.plan("monthly", "31.00", 1);
    let subscription = house.subscribe(&plan);
    (house, subscription)
}

fn command(house: &House, subscription: &str, name: &str, body: serde_json::Value) {
    house.client().post(&format!("/v1/subscriptions/{subscription}/{name}"), body).is(200);
}

/// Deferred revenue and revenue at the end of these days.
fn standing(house: &House, days: &[&str]) -> Vec<String> {
    let text = |day: &&str| {
        let books = house.balances(day);
        let [deferred, revenue] = ["deferred_revenue", "revenue"]
            .map(|name| books.get(name).map_or("0.00", String::as_str).to_owned());
        format!("{deferred} {revenue}")
    };
    days.iter().map(text).collect()
}

fn earned(house: &House, subscription: &str, days: &[&str]) -> Vec<String> {
    let sum = |day: &&str| {
        let path = format!("/v1/revenue/schedules?subscription_id={subscription}&as_of={day}&limit=500");
        let listed = house.client().get(&path).is(200);
        let booked = listed.data().iter().filter(|one| one["booked_on"].as_str().unwrap() <= *day);
        let cents =
            booked.map(|one| one["earned"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap());
        let cents: i64 = cents.sum();
        format!("{}.{:02}", cents / 100, cents % 100)
    };
    days.iter().map(sum).collect()
}

#[test]
fn what_a_break_moves_is_earned_after_it() {
    let (house, subscription) = in_january();
    house.world.advance_to("2026-01-17T00:00:00Z");
    command(&house, &subscription, "pause", json!({ "mode": "extend" }));
    let waiting = ["within_12_months", "on_fulfilment", "total"];
    assert_eq!(rows(&house, "remaining_obligations", &waiting), ["0.00 15.00 15.00"]);
    assert_eq!(earned(&house, &subscription, &["2026-01-16", "2026-01-17", "2026-12-31"]), ["16.00"; 3]);
    house.world.advance_to("2026-01-27T00:00:00Z");
    command(&house, &subscription, "resume", json!({}));
    assert_eq!(rows(&house, "remaining_obligations", &waiting), ["14.00 0.00 14.00"]);
    let days = ["2026-01-26", "2026-01-27", "2026-01-31", "2026-02-09", "2026-02-10"];
    assert_eq!(earned(&house, &subscription, &days), ["16.00", "17.00", "21.00", "30.00", "31.00"]);
    house.world.advance_to("2026-02-01T00:00:00Z");
    assert_eq!(standing(&house, &["2026-01-31"]), ["10.00 21.00"]);
    assert_eq!(
        rows(&house, "roll_forward?from=2026-01&to=2026-01", &["recognised", "closing", "difference"]),
        ["21.00 10.00 0.00"]
    );
    house.world.advance_to("2026-03-01T00:00:00Z");
    // The second month is 11 February to 10 March: 18 of its 28 days, 19.93.
    assert_eq!(standing(&house, &["2026-02-28"]), ["11.07 50.93"]);
    house.world.settle();
}

#[test]
fn a_break_that_was_known_before_the_invoice_is_none_of_its_days() {
    let (house, subscription) = in_january();
    house.world.advance_to("2026-01-20T00:00:00Z");
    let body = json!({ "mode": "extend", "effective_at": "2026-02-11T00:00:00Z", "resumes_at": "2026-02-21T00:00:00Z" });
    command(&house, &subscription, "pause", body);
    house.world.advance_to("2026-02-01T00:00:00Z");
    // 1 to 10 February, then 21 February to 10 March: 28 days.
    let days = ["2026-02-10", "2026-02-20", "2026-02-28", "2026-03-09", "2026-03-10"];
    assert_eq!(earned(&house, &subscription, &days), ["42.07", "42.07", "50.93", "60.89", "62.00"]);
    house.world.settle();
}

#[test]
fn a_break_that_is_taken_back_leaves_all_as_it_was() {
    let (house, subscription) = in_january();
    house.world.advance_to("2026-01-20T00:00:00Z");
    let body = json!({ "mode": "extend", "effective_at": "2026-02-11T00:00:00Z", "resumes_at": "2026-02-21T00:00:00Z" });
    command(&house, &subscription, "pause", body);
    house.world.advance_to("2026-02-05T00:00:00Z");
    command(&house, &subscription, "resume", json!({ "effective_at": "2026-02-11T00:00:00Z" }));
    let days = ["2026-02-10", "2026-02-14", "2026-02-28"];
    assert_eq!(earned(&house, &subscription, &days), ["42.07", "46.50", "62.00"]);
    house.world.settle();
}

#[test]
fn a_break_that_is_told_after_a_month_is_closed_is_caught_up_in_the_next() {
    let (house, subscription) = in_january();
    house.world.advance_to("2026-02-05T00:00:00Z");
    house.close("2026-01-01").is(200);
    let body = json!({ "mode": "extend", "invoice": "now", "effective_at": "2026-01-17T00:00:00Z",
        "resumes_at": "2026-01-27T00:00:00Z" });
    command(&house, &subscription, "pause", body);
    house.world.advance_to("2026-03-01T00:00:00Z");
    // What is closed stays; by the end of February as much is earned as if it had been known.
    assert_eq!(standing(&house, &["2026-01-31", "2026-02-28"]), ["0.00 31.00", "11.07 50.93"]);
    house.world.settle();
}

#[test]
fn what_is_given_back_after_a_break_is_given_back_of_its_days() {
    let (house, subscription) = in_january();
    house.world.advance_to("2026-01-17T00:00:00Z");
    command(&house, &subscription, "pause", json!({ "mode": "extend" }));
    house.world.advance_to("2026-01-27T00:00:00Z");
    command(&house, &subscription, "resume", json!({}));
    house.world.advance_to("2026-02-01T00:00:00Z");
    command(&house, &subscription, "cancel", json!({ "invoice": "now" }));
    house.world.advance_to("2026-03-01T00:00:00Z");
    let days = ["2026-01-31", "2026-02-01", "2026-02-05", "2026-02-28"];
    assert_eq!(earned(&house, &subscription, &days), ["21.00"; 4]);
    assert_eq!(standing(&house, &["2026-01-31", "2026-02-28"]), ["10.00 21.00", "0.00 21.00"]);
    house.world.settle();
}

#[test]
fn canceled_in_a_break_nothing_waits_any_more() {
    let (house, subscription) = in_january();
    house.world.advance_to("2026-01-17T00:00:00Z");
    command(&house, &subscription, "pause", json!({ "mode": "extend" }));
    house.world.advance_to("2026-01-27T00:00:00Z");
    command(&house, &subscription, "cancel", json!({ "invoice": "now" }));
    assert_eq!(earned(&house, &subscription, &["2026-01-26", "2026-01-27", "2026-02-28"]), ["16.00"; 3]);
    assert_eq!(rows(&house, "remaining_obligations", &["on_fulfilment", "total"]), ["0.00 0.00"]);
    house.world.advance_to("2026-03-01T00:00:00Z");
    assert_eq!(standing(&house, &["2026-02-28"]), ["0.00 16.00"]);
    house.world.settle();
}

#[test]
fn what_is_credited_or_void_of_what_a_break_moved_goes_by_its_days() {
    let (house, subscription) = in_january();
    let invoice = house.newest_invoice();
    house.world.advance_to("2026-01-17T00:00:00Z");
    let body = json!({ "mode": "extend", "resumes_at": "2026-01-27T00:00:00Z" });
    command(&house, &subscription, "pause", body);
    house.world.advance_to("2026-01-20T00:00:00Z");
    let note = json!({ "invoice_id": invoice, "lines": [{ "line_no": 1, "amount": "15.50" }], "reason": "half", "to": "credit_balance" });
    house.client().post("/v1/credit_notes", note).is(201);
    let days = ["2026-01-19", "2026-01-20", "2026-01-26", "2026-01-31", "2026-02-10"];
    assert_eq!(earned(&house, &subscription, &days), ["16.00", "8.00", "8.00", "10.50", "15.50"]);
    house.world.advance_to("2026-01-22T00:00:00Z");
    house
        .client()
        .post(&format!("/v1/invoices/{invoice}/void"), json!({}))
        .is_problem(409, "invoice_partly_credited");
    house.world.settle();

    let (house, subscription) = in_january();
    let invoice = house.newest_invoice();
    house.world.advance_to("2026-01-17T00:00:00Z");
    let body = json!({ "mode": "extend", "resumes_at": "2026-01-27T00:00:00Z" });
    command(&house, &subscription, "pause", body);
    house.world.advance_to("2026-01-20T00:00:00Z");
    house.client().post(&format!("/v1/invoices/{invoice}/void"), json!({})).is(200);
    assert_eq!(
        earned(&house, &subscription, &["2026-01-19", "2026-01-20", "2026-02-05"]),
        ["16.00", "0.00", "0.00"]
    );
    house.world.settle();
}

#[test]
fn of_what_is_given_up_after_a_break_what_was_had_is_lost() {
    let (house, subscription) = in_january();
    let invoice = house.newest_invoice();
    house.world.advance_to("2026-01-17T00:00:00Z");
    command(
        &house,
        &subscription,
        "pause",
        json!({ "mode": "extend", "resumes_at": "2026-01-27T00:00:00Z" }),
    );
    house.world.advance_to("2026-02-01T00:00:00Z");
    house.client().post(&format!("/v1/invoices/{invoice}/mark_uncollectible"), json!({})).is(200);
    let books = house.balances("2026-02-01");
    assert_eq!(books.get("write_offs").map(String::as_str), Some("21.00"));
    assert_eq!(books.get("deferred_revenue"), None);
    house.world.settle();
}

#[test]
fn what_was_credited_before_a_cancellation_is_not_earned_after_it() {
    let (house, subscription) = in_january();
    let invoice = house.newest_invoice();
    house.world.advance_to("2026-01-05T00:00:00Z");
    let note = json!({ "invoice_id": invoice, "lines": [{ "line_no": 1, "amount": "10.00" }], "reason": "an outage", "to": "credit_balance" });
    house.client().post("/v1/credit_notes", note).is(201);
    house.world.advance_to("2026-01-16T00:00:00Z");
    command(&house, &subscription, "cancel", json!({ "invoice": "now" }));
    // 31.00 − 10.00 − 16.00.
    let days = ["2026-01-16", "2026-01-20", "2026-01-31"];
    assert_eq!(earned(&house, &subscription, &days), ["5.00"; 3]);
    assert_eq!(rows(&house, "remaining_obligations", &["total"]), ["0.00"]);
    // What is credited later is of nothing that could be earned later.
    house.world.advance_to("2026-01-18T00:00:00Z");
    let note = json!({ "invoice_id": invoice, "lines": [{ "line_no": 1, "amount": "2.00" }], "reason": "more", "to": "credit_balance" });
    house.client().post("/v1/credit_notes", note).is(201);
    assert_eq!(
        earned(&house, &subscription, &["2026-01-17", "2026-01-18", "2026-01-31"]),
        ["5.00", "3.00", "3.00"]
    );
    house.world.advance_to("2026-02-01T00:00:00Z");
    assert_eq!(standing(&house, &["2026-01-31"]), ["0.00 3.00"]);
    house.world.settle();
}

#[test]
fn what_was_given_up_and_paid_ends_with_its_service() {
    let (house, subscription) = in_january();
    let invoice = house.newest_invoice();
    house.world.advance_to("2026-01-10T00:00:00Z");
    house.client().post(&format!("/v1/invoices/{invoice}/mark_uncollectible"), json!({})).is(200);
    let customer = house.client().get(&format!("/v1/invoices/{invoice}")).is(200).text_at("/customer_id");
    let paid = json!({ "customer_id": customer, "invoice_id": invoice, "amount": "31.00", "currency": "USD", "reference": "line 7" });
    house.client().post("/v1/payments", paid).is(201);
    house.world.advance_to("2026-01-16T00:00:00Z");
    command(&house, &subscription, "cancel", json!({ "invoice": "now" }));
    assert_eq!(earned(&house, &subscription, &["2026-01-16", "2026-01-20", "2026-01-31"]), ["15.00"; 3]);
    house.world.advance_to("2026-02-01T00:00:00Z");
    assert_eq!(standing(&house, &["2026-01-31"]), ["0.00 15.00"]);
    house.world.settle();
}

#[test]
fn given_up_after_a_cancellation_what_was_had_is_earned_and_lost() {
    let (house, subscription) = in_january();
    let invoice = house.newest_invoice();
    house.world.advance_to("2026-01-16T00:00:00Z");
    command(&house, &subscription, "cancel", json!({ "invoice": "now" }));
    house.world.advance_to("2026-01-18T00:00:00Z");
    house.client().post(&format!("/v1/invoices/{invoice}/mark_uncollectible"), json!({})).is(200);
    house.world.advance_to("2026-02-01T00:00:00Z");
    // Nothing was paid, and nothing is given back.
    assert_eq!(house.balances("2026-01-31"), balances(&[("revenue", "15.00"), ("write_offs", "15.00")]));
    house.world.settle();
}

/// 3,650.00 a year from 1 January: 10.00 a day.
fn for_a_year() -> (House, String, String) {
    let house = House::at("2026-01-01T00:00:00Z");
    let plan = house.plan("yearly", "3650.00", 12);
    let subscription = house.subscribe(&plan);
    let invoice = house.newest_invoice();
    (house, subscription, invoice)
}

fn pay(house: &House, invoice: &str) {
    let customer = house.client().get(&format!("/v1/invoices/{invoice}")).is(200).text_at("/customer_id");
    let paid = json!({ "customer_id": customer, "invoice_id": invoice, "amount": "3650.00", "currency": "USD", "reference": "line 7" });
    house.client().post("/v1/payments", paid).is(201);
}

#[test]
fn what_was_given_up_in_a_break_or_before_is_earned_by_the_break_when_it_is_paid() {
    for given_up_on in ["2026-01-11", "2026-02-15"] {
        let (house, subscription, invoice) = for_a_year();
        let give_up = || {
            house.client().post(&format!("/v1/invoices/{invoice}/mark_uncollectible"), json!({})).is(200);
        };
        if given_up_on == "2026-01-11" {
            house.world.advance_to("2026-01-11T00:00:00Z");
            give_up();
        }
        house.world.advance_to("2026-02-01T00:00:00Z");
        command(&house, &subscription, "pause", json!({ "mode": "extend" }));
        if given_up_on == "2026-02-15" {
            house.world.advance_to("2026-02-15T00:00:00Z");
            give_up();
        }
        house.world.advance_to("2026-03-01T00:00:00Z");
        command(&house, &subscription, "resume", json!({}));
        house.world.advance_to("2026-04-01T00:00:00Z");
        pay(&house, &invoice);
        // 31 days of January, 32 from 1 March to 1 April.
        let days = ["2026-04-01", "2026-12-31", "2027-01-28"];
        assert_eq!(earned(&house, &subscription, &days), ["630.00", "3370.00", "3650.00"], "{given_up_on}");
        assert_eq!(rows(&house, "remaining_obligations", &["on_fulfilment", "total"]), ["0.00 3020.00"]);
        house.world.settle();
    }
}

#[test]
fn what_is_given_back_of_a_corrected_charge_goes_on_beside_what_stands_in_for_it() {
    let (house, subscription, invoice) = for_a_year();
    house.world.advance_to("2026-01-15T00:00:00Z");
    let body = json!({ "reason": "the same", "lines": [{ "line_no": 1, "amount": "3650.00" }] });
    house.client().post(&format!("/v1/invoices/{invoice}/correct"), body).is(201);
    house.world.advance_to("2026-04-01T00:00:00Z");
    command(&house, &subscription, "cancel", json!({ "invoice": "now" }));
    house.world.advance_to("2026-05-01T00:00:00Z");
    assert_eq!(standing(&house, &["2026-03-31", "2026-04-30"]), ["2750.00 900.00", "0.00 900.00"]);
    house.world.settle();
}

#[test]
fn what_was_changed_without_a_charge_is_moved_by_a_later_break() {
    let house = House::at("2026-01-01T00:00:00Z");
    let price = json!({ "code": "base", "kind": "recurring", "billing": "in_advance", "model": { "type": "per_unit", "unit_amount": "3650.00" } });
    let body = json!({ "code": "seats", "name": "Seats", "product_id": house.product, "currency": "USD", "interval": "year", "prices": [price] });
    let plan = house.client().post("/v1/plans", body).is(201).id();
    let subscription = house.subscribe(&plan);
    house.world.advance_to("2026-01-11T00:00:00Z");
    let change = json!({ "quantity": "2", "proration": "none", "effective_at": "now", "invoice": "now" });
    command(&house, &subscription, "change", change);
    house.world.advance_to("2026-02-01T00:00:00Z");
    command(
        &house,
        &subscription,
        "pause",
        json!({ "mode": "extend", "resumes_at": "2026-03-01T00:00:00Z" }),
    );
    assert_eq!(
        earned(&house, &subscription, &["2026-01-31", "2026-02-28", "2026-03-01"]),
        ["310.00", "310.00", "320.00"]
    );
    house.world.settle();
}
