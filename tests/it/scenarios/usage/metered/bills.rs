//! When usage is billed: at the period's end, late, corrected, after a cancellation's end, and what the bill would be now.

use serde_json::{Value, json};

use super::{Seller, lines, per_unit};

#[test]
fn usage_of_a_month_is_billed_when_it_ends_beside_the_next_months_fee() {
    let seller = Seller::open();
    let meter = seller.meter("call");
    seller.sell(json!([
        { "code": "base", "description": "Plan", "kind": "recurring", "model": { "type": "flat", "amount": "31.00" } },
        { "code": "calls", "description": "Calls", "kind": "usage", "meter_id": meter, "model": per_unit("0.10") }
    ]));
    seller.calls("2025-12-31T23:59:59Z", "5");
    seller.world.advance_to("2026-01-20T00:00:00Z");
    seller.calls("2026-01-01T00:00:00Z", "7");
    seller.calls("2026-01-15T10:30:00Z", "993");
    seller.world.advance_to("2026-02-10T00:00:00Z");
    assert_eq!(
        seller.invoices(),
        [
            "2026-01-01 31.00",
            "  01-01 02-01 Plan: 1 x 31 = 31.00",
            "2026-02-01 131.00",
            "  02-01 03-01 Plan: 1 x 31 = 31.00",
            "  01-01 02-01 Calls: 1000 x 0.1 = 100.00",
        ]
    );
}

#[test]
fn an_event_that_comes_after_its_month_was_billed_is_a_difference_on_the_next_invoice() {
    let seller = Seller::open();
    seller.sell_calls(per_unit("0.10"), json!({}));
    seller.world.advance_to("2026-01-31T00:00:00Z");
    seller.calls("2026-01-15T00:00:00Z", "1000");
    seller.world.advance_to("2026-02-10T00:00:00Z");
    seller.calls("2026-01-31T23:59:59.999Z", "10");
    seller.calls("2026-02-05T00:00:00Z", "50");
    seller.world.advance_to("2026-03-10T00:00:00Z");
    seller.world.advance_to("2026-04-10T00:00:00Z");
    assert_eq!(
        seller.invoices(),
        [
            "2026-02-01 100.00",
            "  01-01 02-01 Calls: 1000 x 0.1 = 100.00",
            "2026-03-01 6.00",
            "  01-01 02-01 Calls (10 units since last billed, 1010 in all): 1 x 1 = 1.00",
            "  02-01 03-01 Calls: 50 x 0.1 = 5.00",
            "2026-04-01 0.00",
            "  03-01 04-01 Calls: 0 x 0.1 = 0.00",
        ]
    );
    let listed = seller.world.get("/v1/invoices").is(200);
    let march =
        seller.world.get(&format!("/v1/invoices/{}", listed.data()[1]["id"].as_str().unwrap())).is(200);
    let usage = &march.json["lines"][0]["usage"];
    assert_eq!(
        [&usage["quantity"], &usage["events"], &usage["recorded_to"]],
        [&json!("1010"), &json!(2), &json!("2026-03-01T00:00:00Z")]
    );
}

#[test]
fn a_voided_event_is_given_back() {
    let seller = Seller::open();
    seller.sell_calls(per_unit("0.10"), json!({}));
    seller.world.advance_to("2026-01-31T00:00:00Z");
    seller.calls("2026-01-15T00:00:00Z", "1000");
    seller.calls("2026-01-16T00:00:00Z", "300");
    seller.world.advance_to("2026-02-10T00:00:00Z");
    seller.world.post("/v1/usage/events/void", json!({ "source": "test", "id": "call-2" })).is(200);
    seller.world.advance_to("2026-03-10T00:00:00Z");
    assert_eq!(
        seller.invoices(),
        [
            "2026-02-01 130.00",
            "  01-01 02-01 Calls: 1300 x 0.1 = 130.00",
            "2026-03-01 -30.00",
            "  01-01 02-01 Calls (-300 units since last billed, 1000 in all): 1 x -30 = -30.00",
            "  02-01 03-01 Calls: 0 x 0.1 = 0.00",
        ]
    );
}

#[test]
fn the_upcoming_invoice_is_what_the_bill_will_be() {
    let seller = Seller::open();
    let meter = seller.meter("call");
    let subscription = seller.sell(json!([
        { "code": "base", "description": "Plan", "kind": "recurring", "model": { "type": "flat", "amount": "31.00" } },
        { "code": "calls", "description": "Calls", "kind": "usage", "meter_id": meter, "model": per_unit("0.01") }
    ]));
    seller.world.advance_to("2026-01-20T00:00:00Z");
    seller.calls("2026-01-15T00:00:00Z", "4200");
    let before = seller.invoices();
    let upcoming = seller.world.get(&format!("/v1/subscriptions/{subscription}/upcoming_invoice")).is(200);
    assert_eq!(
        (upcoming.text_at("/billing_date"), upcoming.text_at("/total")),
        ("2026-02-01".into(), "73.00".into())
    );
    assert_eq!(seller.invoices(), before, "looking ahead wrote something");
    seller.world.advance_to("2026-02-01T00:00:00Z");
    let listed = seller.world.get("/v1/invoices").is(200);
    let billed =
        seller.world.get(&format!("/v1/invoices/{}", listed.data()[0]["id"].as_str().unwrap())).is(200);
    assert_eq!(lines(&billed.json), lines(&upcoming.json));
}

#[test]
fn the_last_period_of_a_subscription_that_ends_is_billed_and_later_usage_is_not() {
    let seller = Seller::open();
    let meter = seller.meter("call");
    let price = json!({ "code": "calls", "description": "Calls", "kind": "usage", "meter_id": meter, "model": per_unit("0.10") });
    let plan = seller.offer(json!([price]), json!([])).is(201).id();
    let body = json!({ "customer_id": seller.customer, "plan_id": plan, "collection": "send_invoice",
                       "end_at": "2026-01-20T12:00:00Z" });
    seller.world.post("/v1/subscriptions", body).is(201);
    seller.world.advance_to("2026-01-20T13:00:00Z");
    seller.calls("2026-01-20T11:59:59Z", "10");
    seller.calls("2026-01-20T12:00:00Z", "999");
    seller.world.advance_to("2026-03-01T00:00:00Z");
    // The end was billed before the event came: the difference follows by itself.
    assert_eq!(
        seller.invoices(),
        [
            "2026-01-20 0.00",
            "  01-01 01-20 Calls: 0 x 0.1 = 0.00",
            "2026-01-20 1.00",
            "  01-01 01-20 Calls (10 units since last billed, 10 in all): 1 x 1 = 1.00",
        ]
    );
}

#[test]
fn days_are_those_of_the_customer_also_where_the_offset_is_a_quarter_of_an_hour() {
    let seller = Seller::open();
    let meter = seller.meter("call");
    let body = json!({ "name": "Kathmandu", "external_id": "ktm", "time_zone": "Asia/Kathmandu" });
    let customer = seller.world.post("/v1/customers", body).is(201).id();
    let price = json!({ "code": "calls", "description": "Calls", "kind": "usage", "meter_id": meter, "model": per_unit("1") });
    let plan = seller.offer(json!([price]), json!([])).is(201).id();
    let body = json!({ "customer_id": customer, "plan_id": plan, "collection": "send_invoice",
                       "start_at": "2025-12-31T18:15:00Z" });
    seller.world.post("/v1/subscriptions", body).is(201);
    seller.world.advance_to("2026-02-05T00:00:00Z");
    // Midnight of 1 February in Kathmandu is 18:15 UTC of 31 January.
    let event = |id: &str, time: &str, units: &str| json!({ "id": id, "source": "t", "type": "call", "subject": "ktm", "time": time, "data": { "units": units } });
    let batch: Value = json!([
        event("a", "2025-12-31T18:14:59.999999Z", "1000"),
        event("b", "2025-12-31T18:15:00Z", "1"),
        event("c", "2026-01-31T18:14:59.999999Z", "2"),
        event("d", "2026-01-31T18:15:00Z", "500")
    ]);
    let taken = seller.world.post("/v1/usage/events", batch).is(200);
    assert_eq!(taken.json["accepted"], 4, "{}", taken.text);
    seller.world.advance_to("2026-03-05T00:00:00Z");
    assert_eq!(
        seller.invoices(),
        [
            "2026-02-01 0.00",
            "  12-31 01-31 Calls: 0 x 1 = 0.00",
            "2026-03-01 503.00",
            "  12-31 01-31 Calls (3 units since last billed, 3 in all): 1 x 3 = 3.00",
            "  01-31 02-28 Calls: 500 x 1 = 500.00",
        ]
    );
}

#[test]
fn what_is_voided_of_a_period_in_the_middle_of_which_something_waits_is_given_back() {
    let seller = Seller::open();
    let calls = seller.meter("call");
    let seat =
        json!({ "code": "seat", "kind": "recurring", "billing": "in_advance", "model": per_unit("3.10") });
    let usage = json!({ "code": "calls", "description": "Calls", "kind": "usage", "meter_id": calls, "model": per_unit("0.10") });
    let plan = seller.offer(json!([seat, usage]), json!([])).is(201).id();
    let body = json!({ "customer_id": seller.customer, "plan_id": plan, "quantity": "4", "collection": "send_invoice",
        "phases": [{ "at": "2026-01-06T00:00:00Z", "quantity": "7" }] });
    let subscription = seller.world.post("/v1/subscriptions", body).is(201).id();
    seller
        .world
        .post("/v1/budgets", json!({ "subscription_id": subscription, "invoice_at": "4.00" }))
        .is(201);
    let send = |id: &str, at: &str, units: &str| {
        let event = json!({ "specversion": "1.0", "id": id, "source": "api", "type": "call", "subject": "acme",
            "time": at, "data": { "units": units } });
        seller.world.post("/v1/usage/events", event).is(200);
    };
    seller.world.advance_to("2026-01-13T00:00:00Z");
    send("january", "2026-01-12T12:00:00Z", "16");
    // From 17 January on there are four seats again: with the next invoice, on 1 March.
    seller.world.advance_to("2026-02-06T00:00:00Z");
    let fewer = json!({ "effective_at": "2026-01-17T00:00:00Z", "invoice": "next", "quantity": "4", "replace_scheduled": true });
    seller.world.post(&format!("/v1/subscriptions/{subscription}/change"), fewer).is(200);
    // February's usage is invoiced early meanwhile, and January's is voided.
    send("february", "2026-02-05T12:00:00Z", "104");
    seller.world.advance_to("2026-02-22T00:00:00Z");
    seller.world.post("/v1/usage/events/void", json!({ "source": "api", "id": "january" })).is(200);
    seller.world.advance_to("2026-03-02T00:00:00Z");
    let listed = seller.world.get("/v1/invoices?limit=50").is(200);
    let mut lines = Vec::new();
    for invoice in listed.data().iter().rev() {
        let path = format!("/v1/invoices/{}", invoice["id"].as_str().unwrap());
        let of_calls = |line: &&Value| line["description"].as_str().unwrap().starts_with("Calls");
        let found = seller.world.get(&path).is(200).json["lines"].clone();
        lines.extend(
            found
                .as_array()
                .unwrap()
                .iter()
                .filter(of_calls)
                .map(|line| line["amount"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(lines, ["1.60", "10.40", "-1.60"]);
}
