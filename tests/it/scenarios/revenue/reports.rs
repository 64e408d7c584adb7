//! Do the reports add up, and tie to the ledger? By hand, as of any day, by the schedules and by what is posted.

use serde_json::{Value, json};

use super::{House, rows};

/// `2026-07: 31.00 = 2026-07 11.00 + 2026-08 20.00, 0.00 earned, 31.00 remain`.
fn waterfall(house: &House, query: &str) -> Vec<String> {
    let reply = house.client().get(&format!("/v1/revenue/waterfall?{query}")).is(200);
    let text = |row: &Value| {
        let cell = |cell: &Value| {
            format!("{} {}", cell["month"].as_str().unwrap(), cell["amount"].as_str().unwrap())
        };
        let months: Vec<String> = row["months"].as_array().unwrap().iter().map(cell).collect();
        let text = |name: &str| row[name].as_str().unwrap();
        format!(
            "{}: {} = {}, {} earned, {} remain",
            text("booked"),
            text("total"),
            months.join(" + "),
            text("recognised"),
            text("remaining")
        )
    };
    reply.data().iter().map(text).collect()
}

fn july() -> (House, String) {
    let house = House::at("2026-07-14T00:00:00Z");
    let period = json!({ "start": "2026-07-21T00:00:00Z", "end": "2026-08-21T00:00:00Z" });
    let line = json!({ "description": "A month", "amount": "31.00", "period": period });
    let body = json!({ "customer_id": house.customer(), "collection": "send_invoice", "lines": [line] });
    let invoice = house.client().post("/v1/invoices", body).is(201).id();
    house.client().post(&format!("/v1/invoices/{invoice}/finalize"), json!({})).is(200);
    (house, invoice)
}

#[test]
fn the_waterfall_has_a_row_for_each_month_of_booking_and_a_void_is_one_of_its_own() {
    let (house, invoice) = july();
    assert_eq!(
        waterfall(&house, ""),
        ["2026-07: 31.00 = 2026-07 11.00 + 2026-08 20.00, 0.00 earned, 31.00 remain"]
    );
    house.world.advance_to("2026-09-12T00:00:00Z");
    house.client().post(&format!("/v1/invoices/{invoice}/void"), json!({})).is(200);
    let row = "2026-07: 31.00 = 2026-07 11.00 + 2026-08 20.00";
    assert_eq!(
        waterfall(&house, ""),
        [
            format!("{row}, 31.00 earned, 0.00 remain"),
            "2026-09: -31.00 = 2026-09 -31.00, -31.00 earned, 0.00 remain".to_owned()
        ]
    );
    assert_eq!(waterfall(&house, "as_of=2026-07-31"), [format!("{row}, 11.00 earned, 20.00 remain")]);
    assert_eq!(waterfall(&house, "as_of=2026-08-15"), [format!("{row}, 26.00 earned, 5.00 remain")]);
    assert_eq!(waterfall(&house, "from=2026-09&to=2026-09").len(), 1);
    house.client().get("/v1/revenue/waterfall?from=2026-09&to=2026-08").is_problem(422, "range_reversed");
    house.client().get("/v1/revenue/waterfall?from=2026-13").is_problem(422, "bad_value");
    house.world.settle();
}

#[test]
fn what_is_not_posted_is_not_earned_where_the_ledger_is_counted() {
    let (house, _) = july();
    house.world.advance_to("2026-08-15T00:00:00Z");
    let row = "2026-07: 31.00 = 2026-07 11.00 + 2026-08 20.00";
    assert_eq!(waterfall(&house, "basis=scheduled"), [format!("{row}, 26.00 earned, 5.00 remain")]);
    assert_eq!(waterfall(&house, "basis=posted"), [format!("{row}, 11.00 earned, 20.00 remain")]);
    house.world.settle();
}

#[test]
fn what_is_posted_of_an_entity_counts_though_another_is_not_as_far() {
    let house = House::at("2026-01-15T00:00:00Z");
    house.subscribe(&house.plan("monthly", "31.00", 1));
    house.world.advance_to("2026-02-10T00:00:00Z");
    let numbering = json!({ "invoice": "I{seq:4}", "credit_note": "C{seq:4}" });
    let entity = json!({ "name": "Difference Pte. Ltd.", "country": "SG", "numbering": numbering });
    let entity = house.client().post("/v1/entities", entity).is(201).id();
    let buyer = json!({ "name": "Grace", "currency": "USD", "entity_id": entity });
    let buyer = house.client().post("/v1/customers", buyer).is(201).id();
    let period = json!({ "start": "2026-02-01T00:00:00Z", "end": "2026-03-01T00:00:00Z" });
    let line = json!({ "description": "A month", "amount": "28.00", "period": period });
    let body = json!({ "customer_id": buyer, "collection": "send_invoice", "lines": [line] });
    let invoice = house.client().post("/v1/invoices", body).is(201).id();
    house.client().post(&format!("/v1/invoices/{invoice}/finalize"), json!({})).is(200);
    assert_eq!(
        waterfall(&house, "basis=posted&to=2026-01"),
        ["2026-01: 31.00 = 2026-01 17.00 + 2026-02 14.00, 17.00 earned, 14.00 remain"]
    );
    let of_other = format!("basis=posted&entity_id={entity}");
    assert_eq!(waterfall(&house, &of_other), ["2026-02: 28.00 = 2026-02 28.00, 0.00 earned, 28.00 remain"]);
    house.world.settle();
}

#[test]
fn the_roll_forward_goes_on_from_month_to_month_and_ties_to_the_ledger() {
    let house = House::at("2026-01-01T00:00:00Z");
    house.subscribe(&house.plan("quarterly", "90.00", 3));
    let invoice = house.newest_invoice();
    house.world.advance_to("2026-02-01T12:00:00Z");
    let note = json!({ "invoice_id": invoice, "amount": "45.00", "reason": "outage" });
    house.client().post("/v1/credit_notes", note).is(201);
    house.world.advance_to("2026-03-20T00:00:00Z");
    let names = [
        "month",
        "opening",
        "billings",
        "credits",
        "recognised",
        "closing",
        "current",
        "ledger",
        "difference",
    ];
    let path = "roll_forward?from=2026-01&to=2026-03";
    assert_eq!(
        rows(&house, path, &names),
        [
            "2026-01 0.00 90.00 0.00 31.00 59.00 59.00 59.00 0.00",
            "2026-02 59.00 0.00 -45.00 -1.50 15.50 15.50 15.50 0.00",
            "2026-03 15.50 0.00 0.00 15.50 0.00 0.00 15.50 -15.50",
        ]
    );
    assert_eq!(
        rows(&house, &format!("{path}&basis=posted"), &names),
        [
            "2026-01 0.00 90.00 0.00 31.00 59.00 - 59.00 0.00",
            "2026-02 59.00 0.00 -45.00 -1.50 15.50 - 15.50 0.00",
            "2026-03 15.50 0.00 0.00 0.00 15.50 - 15.50 0.00",
        ]
    );
    house.client().get("/v1/revenue/roll_forward?from=1990-01").is_problem(422, "range_out_of_range");
    let csv = house.client().get("/v1/revenue/roll_forward?format=csv&from=2026-01&to=2026-02").is(200).text;
    assert_eq!(
        csv.lines().nth(2),
        Some("USD,2026-02,59.00,0.00,-45.00,0.00,0.00,-1.50,15.50,15.50,0.00,15.50,0.00,"),
        "{csv}"
    );
    house.world.settle();
}

#[test]
fn what_remains_is_what_is_deferred_by_when_it_is_earned() {
    let house = House::at("2026-01-01T00:00:00Z");
    let period = json!({ "start": "2026-01-01T00:00:00Z", "end": "2029-01-01T00:00:00Z" });
    let line = json!({ "description": "Three years", "amount": "1096.00", "period": period });
    let body = json!({ "customer_id": house.customer(), "collection": "send_invoice", "lines": [line] });
    let invoice = house.client().post("/v1/invoices", body).is(201).id();
    house.client().post(&format!("/v1/invoices/{invoice}/finalize"), json!({})).is(200);
    house.world.advance_to("2026-02-01T00:00:00Z");
    let names = ["currency", "within_12_months", "within_24_months", "later", "total"];
    // 1,096 days; 31 of them are over, the next two years have 365 days, and the last has what is left.
    let path = "remaining_obligations?as_of=2026-01-31";
    assert_eq!(rows(&house, path, &names), ["USD 365.00 365.00 335.00 1065.00"]);
    assert_eq!(house.balances("2026-01-31")["deferred_revenue"], "1065.00");
    house.world.settle();
}
