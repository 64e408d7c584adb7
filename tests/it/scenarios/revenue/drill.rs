//! Does each figure of a report lead to the schedules it is made of? Every link is followed, page by page, and adds up to its figure.

use serde_json::{Value, json};

use super::House;

/// Cents of `-1234.05`.
fn cents(text: &Value) -> i64 {
    let text = text.as_str().unwrap();
    let digits: i64 = text.replace(['.', '-'], "").parse().unwrap();
    if text.starts_with('-') { -digits } else { digits }
}

/// What the schedules behind a link come to.
fn sum(house: &House, link: &Value, field: &str) -> i64 {
    let link = link.as_str().unwrap();
    let (mut sum, mut after) = (0, String::new());
    loop {
        let page = house.client().get(&format!("{link}&limit=2{after}")).is(200);
        sum += page.data().iter().map(|row| cents(&row[field])).sum::<i64>();
        match page.json["next_cursor"].as_str() {
            Some(cursor) => after = format!("&after={cursor}"),
            None => return sum,
        }
    }
}

fn check(house: &House, (row, figure): (&Value, &str), (link, field): (&Value, &str)) {
    assert_eq!(sum(house, link, field), cents(&row[figure]), "{figure} of {row}: {link}");
}

/// Follows every link of the waterfall; gives how many figures there were.
fn follow_waterfall(house: &House, query: &str) -> usize {
    let reply = house.client().get(&format!("/v1/revenue/waterfall?{query}")).is(200);
    let mut figures = 0;
    for row in reply.data() {
        let link = &row["drill"];
        for (figure, field) in [("total", "allocated"), ("recognised", "earned"), ("remaining", "deferred")] {
            check(house, (row, figure), (link, field));
            figures += 1;
        }
        assert_eq!(cents(&row["current"]) + cents(&row["non_current"]), cents(&row["remaining"]));
        for cell in row["months"].as_array().unwrap() {
            check(house, (cell, "amount"), (&cell["drill"], "earned_between"));
            figures += 1;
        }
    }
    figures
}

fn follow_roll_forward(house: &House, query: &str) {
    let reply = house.client().get(&format!("/v1/revenue/roll_forward?{query}")).is(200);
    assert!(!reply.data().is_empty());
    for row in reply.data() {
        for figure in ["billings", "credits", "written_off", "allocated"] {
            check(house, (row, figure), (&row["drill"][figure], "allocated"));
        }
        for figure in ["opening", "closing", "non_current"] {
            check(house, (row, figure), (&row["drill"][figure], "deferred"));
        }
        check(house, (row, "recognised"), (&row["drill"]["recognised"], "earned_between"));
    }
}

fn follow_remaining(house: &House, query: &str) {
    let reply = house.client().get(&format!("/v1/revenue/remaining_obligations?{query}")).is(200);
    assert!(!reply.data().is_empty());
    for row in reply.data() {
        for figure in ["within_12_months", "within_24_months"] {
            check(house, (row, figure), (&row["drill"][figure], "earned_between"));
        }
        for figure in ["later", "on_fulfilment", "total"] {
            check(house, (row, figure), (&row["drill"][figure], "deferred"));
        }
    }
}

/// Sold by two plans and by hand, for up to four years, to be fulfilled, credited, voided, given up, and promised together, until 20 March.
fn a_quarter() -> House {
    let house = House::at("2026-01-15T00:00:00Z");
    house.subscribe(&house.plan("yearly", "1200.07", 12));
    let credited = house.newest_invoice();
    house.subscribe(&house.plan("quarterly", "90.00", 3));
    let voided = house.newest_invoice();
    let price =
        json!({ "code": "setup", "kind": "one_time", "model": { "type": "flat", "amount": "500.00" } });
    let body = json!({ "code": "onboarding", "name": "Onboarding", "product_id": house.product, "currency": "USD", "interval": "month",
        "prices": [price] });
    let onboarding = house.client().post("/v1/plans", body).is(201).id();
    let rule = json!({ "price_code": "setup", "rule": "point_in_time", "on": "fulfilment" });
    house.client().post("/v1/revenue/rules", rule).is(201);
    house.subscribe(&onboarding);
    let setup = format!("{}-1", house.newest_invoice());
    let period = json!({ "start": "2026-02-01T00:00:00Z", "end": "2030-02-01T00:00:00Z" });
    let line = json!({ "description": "Four years", "amount": "4000.00", "period": period });
    let once = json!({ "description": "Once", "amount": "20.00" });
    let body =
        json!({ "customer_id": house.customer(), "collection": "send_invoice", "lines": [line, once] });
    let by_hand = house.client().post("/v1/invoices", body).is(201).id();
    house.client().post(&format!("/v1/invoices/{by_hand}/finalize"), json!({})).is(200);
    house.world.advance_to("2026-02-10T00:00:00Z");
    let note = json!({ "invoice_id": credited, "amount": "45.00", "reason": "outage" });
    house.client().post("/v1/credit_notes", note).is(201);
    house.client().post(&format!("/v1/invoices/{voided}/void"), json!({})).is(200);
    house.client().post("/v1/fulfilments", json!({ "invoice_line_id": setup, "percent": "40" })).is(201);
    house.world.advance_to("2026-03-20T00:00:00Z");
    house.client().post(&format!("/v1/invoices/{by_hand}/mark_uncollectible"), json!({})).is(200);
    house
}

#[test]
fn every_figure_of_a_report_is_what_its_schedules_add_up_to() {
    let house = a_quarter();
    for query in ["", "as_of=2026-02-15", "interval=quarter", "interval=year&as_of=2026-01-31"] {
        assert!(follow_waterfall(&house, query) > 3, "{query}");
    }
    for query in ["from=2026-01&to=2026-04", "interval=quarter&from=2026-02&to=2026-02"] {
        follow_roll_forward(&house, query);
    }
    for query in ["as_of=2026-02-15", "as_of=2026-03-31"] {
        follow_remaining(&house, query);
    }
    house.world.settle();
}

#[test]
fn reports_are_told_apart_by_what_is_sold_and_to_whom() {
    let house = a_quarter();
    for by in ["product", "plan", "price", "customer", "contract", "entity"] {
        follow_waterfall(&house, &format!("by={by}"));
        follow_roll_forward(&house, &format!("by={by}&from=2026-02&to=2026-03"));
        follow_remaining(&house, &format!("by={by}&as_of=2026-02-15"));
    }
    let named = |by: &str| {
        let reply = house
            .client()
            .get(&format!("/v1/revenue/remaining_obligations?as_of=2026-02-15&by={by}"))
            .is(200);
        let rows = reply.data().iter();
        let mut rows: Vec<_> = rows.map(|row| (row["group"].is_null(), cents(&row["total"]))).collect();
        rows.sort_unstable();
        rows
    };
    let all: i64 = named("customer").iter().map(|row| row.1).sum();
    assert_eq!(named("customer").len(), 4);
    let products = named("product");
    assert_eq!(products.iter().map(|row| row.1).sum::<i64>(), all);
    assert_eq!(
        products.iter().map(|row| row.0).collect::<Vec<_>>(),
        [false, true],
        "a product, and what has none"
    );
    assert_eq!(named("entity"), [(false, all)]);
    assert_eq!(named("contract"), [(true, all)]);
    house.client().get("/v1/revenue/roll_forward?by=plan&basis=posted").is_problem(422, "bad_value");
    assert_eq!(house.client().get("/v1/revenue/waterfall?by=colour").status / 100, 4);
    house.client().get("/v1/revenue/schedules?kind=gift").is_problem(422, "bad_value");
    house.client().get("/v1/revenue/schedules?earned_from=2026-01-01").is_problem(422, "bad_value");
    house
        .client()
        .get("/v1/revenue/schedules?earned_from=2026-02-01&earned_to=2026-01-01")
        .is_problem(422, "range_reversed");
    house.world.settle();
}
