//! Is what is delivered earned then, and not before? In parts, reversed, credited, void, given up.

use serde_json::{Value, json};

use super::{House, balances, rows};
use crate::harness::Reply;

/// A house that sells a set-up of 500.00 with a plan of 31.00 a month, the set-up earned by a rule; gives the set-up's line.
fn sold(rule: &Value) -> (House, String) {
    let house = House::at("2026-03-01T00:00:00Z");
    let price = |code: &str, kind: &str, amount: &str| json!({ "code": code, "kind": kind, "billing": "in_advance", "model": { "type": "flat", "amount": amount } });
    let mut set_up = price("setup", "one_time", "500.00");
    set_up.as_object_mut().unwrap().remove("billing");
    let body = json!({ "code": "basic", "name": "Basic", "product_id": house.product, "currency": "USD", "interval": "month",
        "prices": [price("base", "recurring", "31.00"), set_up] });
    let plan = house.client().post("/v1/plans", body).is(201).id();
    house.client().post("/v1/revenue/rules", rule.clone()).is(201);
    let subscription = house.subscribe(&plan);
    let end = json!({ "effective_at": "period_end" });
    house.client().post(&format!("/v1/subscriptions/{subscription}/cancel"), end).is(200);
    let invoice = house.newest_invoice();
    let shown = house.client().get(&format!("/v1/invoices/{invoice}")).is(200);
    let lines = shown.json["lines"].as_array().unwrap().clone();
    let line = lines.iter().find(|line| line["amount"] == "500.00").unwrap();
    (house, line["id"].as_str().unwrap().to_owned())
}

fn on_fulfilment() -> (House, String) {
    sold(&json!({ "price_code": "setup", "rule": "point_in_time", "on": "fulfilment" }))
}

fn fulfil(house: &House, line: &str, percent: &str) -> Reply {
    house.client().post("/v1/fulfilments", json!({ "invoice_line_id": line, "percent": percent }))
}

fn invoice_of(line: &str) -> String {
    line.rsplit_once('-').unwrap().0.to_owned()
}

/// Deferred revenue and revenue at the end of a day.
fn standing(house: &House, day: &str) -> [String; 2] {
    let books = house.balances(day);
    ["deferred_revenue", "revenue"].map(|name| books.get(name).cloned().unwrap_or_else(|| "0.00".to_owned()))
}

#[test]
fn what_is_fulfilled_in_parts_is_earned_in_parts_and_deferred_until_then() {
    let (house, line) = on_fulfilment();
    assert_eq!(standing(&house, "2026-03-01"), ["531.00", "0.00"]);
    house.world.advance_to("2026-03-20T09:00:00Z");
    let done = json!({ "invoice_line_id": line, "percent": "40", "evidence": "delivery note 7" });
    let done = house.client().post("/v1/fulfilments", done).is(201);
    assert_eq!(
        (done.text_at("/percent"), done.text_at("/fulfilled_on")),
        ("40".to_owned(), "2026-03-20".to_owned())
    );
    house.world.advance_to("2026-04-01T00:00:00Z");
    assert_eq!(standing(&house, "2026-03-31"), ["300.00", "231.00"]);
    let names = ["within_12_months", "on_fulfilment", "total"];
    assert_eq!(rows(&house, "remaining_obligations?as_of=2026-03-31", &names), ["0.00 300.00 300.00"]);
    assert_eq!(rows(&house, "remaining_obligations?as_of=2026-03-10", &names), ["21.00 500.00 521.00"]);
    house.world.advance_to("2026-05-02T00:00:00Z");
    fulfil(&house, &line, "60.01").is_problem(422, "more_than_unfulfilled");
    fulfil(&house, &line, "60").is(201);
    house.world.advance_to("2026-06-01T00:00:00Z");
    assert_eq!(standing(&house, "2026-05-31"), ["0.00", "531.00"]);
    let explained = house.client().get(&format!("/v1/revenue/schedules/{line}")).is(200).text_at("/sentence");
    assert_eq!(
        explained,
        "500.00 USD booked on 2026-03-01 is earned as it is fulfilled; 300.00 was fulfilled on 2026-05-02; \
         200.00 was fulfilled on 2026-03-20."
    );
    let listed = house.client().get(&format!("/v1/fulfilments?invoice_id={}", invoice_of(&line))).is(200);
    assert_eq!(listed.data().len(), 2);
    let found = house.client().get(&format!("/v1/fulfilments/{}", done.id())).is(200);
    assert_eq!(found.text_at("/evidence"), "delivery note 7");
    house.world.settle();
}

#[test]
fn what_was_not_so_is_reversed_in_its_own_month() {
    let (house, line) = on_fulfilment();
    house.world.advance_to("2026-03-20T00:00:00Z");
    let done = fulfil(&house, &line, "100").is(201).id();
    house.world.advance_to("2026-04-10T00:00:00Z");
    assert_eq!(standing(&house, "2026-03-31"), ["0.00", "531.00"]);
    let path = format!("/v1/fulfilments/{done}/reverse");
    house.client().post(&path, json!({ "reason": " " })).is_problem(422, "reason_required");
    let reversed = house.client().post(&path, json!({ "reason": "it was sent back" })).is(200);
    assert_eq!(reversed.text_at("/reversed_on"), "2026-04-10");
    house.client().post(&path, json!({ "reason": "again" })).is_problem(409, "fulfilment_reversed");
    fulfil(&house, &line, "10").is(201);
    house.world.advance_to("2026-05-01T00:00:00Z");
    assert_eq!(standing(&house, "2026-03-31"), ["0.00", "531.00"], "March stays as it was");
    assert_eq!(standing(&house, "2026-04-30"), ["450.00", "81.00"]);
    house.world.settle();
}

#[test]
fn of_what_is_credited_as_much_is_taken_back_as_was_fulfilled() {
    let (house, line) = on_fulfilment();
    house.world.advance_to("2026-03-20T00:00:00Z");
    fulfil(&house, &line, "40").is(201);
    house.world.advance_to("2026-04-10T00:00:00Z");
    let line_no: i64 = line.rsplit_once('-').unwrap().1.parse().unwrap();
    let note = json!({ "invoice_id": invoice_of(&line), "reason": "delay", "lines": [{ "line_no": line_no, "amount": "100.00" }] });
    house.client().post("/v1/credit_notes", note).is(201);
    house.world.advance_to("2026-05-02T00:00:00Z");
    assert_eq!(standing(&house, "2026-04-30"), ["240.00", "191.00"]);
    fulfil(&house, &line, "60").is(201);
    house.world.advance_to("2026-06-01T00:00:00Z");
    assert_eq!(standing(&house, "2026-05-31"), ["0.00", "431.00"]);
    house.world.settle();
}

#[test]
fn what_is_void_is_taken_back_whatever_was_fulfilled() {
    let (house, line) = on_fulfilment();
    house.world.advance_to("2026-03-20T00:00:00Z");
    fulfil(&house, &line, "40").is(201);
    house.world.advance_to("2026-04-10T00:00:00Z");
    let path = format!("/v1/invoices/{}/void", invoice_of(&line));
    house.client().post(&path, json!({})).is(200);
    fulfil(&house, &line, "10").is_problem(409, "invoice_status");
    house.world.advance_to("2026-05-01T00:00:00Z");
    assert_eq!(house.balances("2026-04-30"), balances(&[]));
    house.world.settle();
}

#[test]
fn what_is_not_fulfilled_of_what_is_given_up_is_not_lost_and_goes_on_when_it_is_paid() {
    let (house, line) = on_fulfilment();
    house.world.advance_to("2026-03-20T00:00:00Z");
    fulfil(&house, &line, "40").is(201);
    house.world.advance_to("2026-04-10T00:00:00Z");
    let invoice = invoice_of(&line);
    house.client().post(&format!("/v1/invoices/{invoice}/mark_uncollectible"), json!({})).is(200);
    let lost = [("revenue", "231.00"), ("write_offs", "231.00")];
    assert_eq!(house.balances("2026-04-10"), balances(&lost));
    fulfil(&house, &line, "10").is_problem(409, "invoice_status");
    let customer = house.client().get(&format!("/v1/invoices/{invoice}")).is(200).text_at("/customer_id");
    let money =
        json!({ "customer_id": customer, "invoice_id": invoice, "amount": "531.00", "currency": "USD" });
    house.client().post("/v1/payments", money).is(201);
    fulfil(&house, &line, "60").is(201);
    house.world.advance_to("2026-05-01T00:00:00Z");
    assert_eq!(house.balances("2026-04-30"), balances(&[("cash_clearing", "531.00"), ("revenue", "531.00")]));
    house.world.settle();
}

#[test]
fn what_is_paid_in_part_after_it_was_given_up_goes_on_as_far_as_it_is_paid() {
    let (house, line) = on_fulfilment();
    house.world.advance_to("2026-03-20T00:00:00Z");
    fulfil(&house, &line, "40").is(201);
    house.world.advance_to("2026-04-10T00:00:00Z");
    let invoice = invoice_of(&line);
    house.client().post(&format!("/v1/invoices/{invoice}/mark_uncollectible"), json!({})).is(200);
    let customer = house.client().get(&format!("/v1/invoices/{invoice}")).is(200).text_at("/customer_id");
    let money =
        json!({ "customer_id": customer, "invoice_id": invoice, "amount": "265.50", "currency": "USD" });
    house.client().post("/v1/payments", money).is(201);
    // Half of the 300.00 that wait waits again, and half of the 231.00 is lost.
    let half = [
        ("cash_clearing", "265.50"),
        ("deferred_revenue", "150.00"),
        ("revenue", "231.00"),
        ("write_offs", "115.50"),
    ];
    assert_eq!(house.balances("2026-04-10"), balances(&half));
    house.world.settle();
}

#[test]
fn milestones_are_named_and_what_is_said_late_counts_when_it_was_unless_that_month_is_closed() {
    let (house, line) = sold(&json!({ "price_code": "setup", "rule": "milestone" }));
    house.world.advance_to("2026-04-10T00:00:00Z");
    fulfil(&house, &line, "40").is_problem(422, "milestone_missing");
    let reached = |name: &str, at: &str| {
        let body = json!({ "invoice_line_id": line, "percent": "30", "milestone": name, "at": at });
        house.client().post("/v1/fulfilments", body)
    };
    reached("go-live", "2026-04-11T00:00:00Z").is_problem(422, "fulfilled_in_the_future");
    assert_eq!(reached("plan", "2026-03-20T00:00:00Z").is(201).text_at("/fulfilled_on"), "2026-03-20");
    house.world.advance_to("2026-04-10T02:00:00Z");
    assert_eq!(
        standing(&house, "2026-03-31"),
        ["350.00", "181.00"],
        "what was recognised is looked at again"
    );
    reached("plan", "2026-03-22T00:00:00Z").is_problem(409, "milestone_reached");
    house.close("2026-03-01").is(200);
    assert_eq!(reached("go-live", "2026-03-21T00:00:00Z").is(201).text_at("/fulfilled_on"), "2026-04-01");
    house.world.advance_to("2026-05-01T00:00:00Z");
    assert_eq!(standing(&house, "2026-03-31"), ["350.00", "181.00"]);
    assert_eq!(standing(&house, "2026-04-30"), ["200.00", "331.00"]);
    house.world.settle();
}

#[test]
fn what_cannot_be_fulfilled_is_refused_and_nothing_is_written() {
    let (house, line) = on_fulfilment();
    let invoice = invoice_of(&line);
    let other = if line.ends_with("-1") { format!("{invoice}-2") } else { format!("{invoice}-1") };
    fulfil(&house, &other, "100").is_problem(422, "not_on_fulfilment");
    fulfil(&house, &format!("{invoice}-9"), "100").is_problem(422, "unknown_invoice_line");
    fulfil(&house, "inv_01jgejp8g0e3q9k0v6z4t1x2y3-1", "100").is_problem(422, "unknown_invoice");
    fulfil(&house, "line 1", "100").is_problem(422, "bad_value");
    fulfil(&house, &line, "0").is_problem(422, "not_positive");
    fulfil(&house, &line, "100.01").is_problem(422, "more_than_unfulfilled");
    let say = |body: Value| house.client().post("/v1/fulfilments", body);
    say(json!({ "invoice_line_id": line })).is_problem(422, "percent_or_quantity");
    say(json!({ "invoice_line_id": line, "percent": "1", "quantity": "1" }))
        .is_problem(422, "percent_or_quantity");
    say(json!({ "invoice_line_id": line, "quantity": "1.5" })).is_problem(422, "more_than_unfulfilled");
    say(json!({ "invoice_line_id": line, "quantity": "0.5" })).is(201);
    fulfil(&house, &line, "10").is_problem(422, "fulfilled_otherwise");
    let correct = json!({ "reason": "wrong", "lines": [{ "line_no": 1, "amount": "30.00" }] });
    let path = format!("/v1/invoices/{invoice}/correct");
    house.client().post(&path, correct).is_problem(409, "earned_on_fulfilment");
    let rule = |body: Value| house.client().post("/v1/revenue/rules", body);
    rule(json!({ "price_code": "base", "rule": "milestone" })).is_problem(422, "rule_does_not_fit");
    rule(json!({ "rule": "point_in_time", "on": "fulfilment" })).is_problem(422, "rule_does_not_fit");
    let listed = house.client().get("/v1/fulfilments").is(200);
    assert_eq!(listed.data().len(), 1);
    house.world.settle();
}
