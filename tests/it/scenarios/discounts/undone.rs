//! What does a coupon take off when a charge goes back, and comes again? What it had taken off, cent by cent, and never more than it gives.

use serde_json::{Value, json};

use super::{Seller, base, coupon};

fn command(seller: &Seller, subscription: &str, name: &str, body: Value) {
    seller.world.post(&format!("/v1/subscriptions/{subscription}/{name}"), body).is(200);
}

/// `31.00 - 7.77`, of each invoice that is not void.
fn sums(seller: &Seller, customer: &str) -> Vec<String> {
    let listed = seller.world.get(&format!("/v1/invoices?customer_id={customer}&limit=100")).is(200);
    let text = |invoice: &Value, name: &str| invoice[name].as_str().unwrap().to_owned();
    let stands = |invoice: &&Value| invoice["status"] != "void";
    let sum = |i: &Value| format!("{} - {}", text(i, "subtotal"), text(i, "discount_total"));
    let mut sums: Vec<String> = listed.data().iter().filter(stands).map(sum).collect();
    sums.reverse();
    sums
}

#[test]
fn a_void_of_what_was_given_back_in_part() {
    // 16 of 31 days stay: 4.01 of 7.77, 5.33 of 10.32.
    let amount = json!({ "amount_off": "7.77", "currency": "USD", "duration": "forever" });
    let percent = json!({ "percent_off": "33.3", "duration": "forever" });
    for (off, back) in [(amount, "3.76"), (percent, "4.99")] {
        let seller = Seller::on("2026-01-01");
        coupon(&seller, "OFF", off);
        let (plan, ada) = (seller.plan("month", json!([base("31.00")])), seller.customer());
        let subscription =
            seller.subscribe(&ada, &plan, json!({ "coupon": "OFF", "collection": "send_invoice" }));
        let listed = seller.world.get(&format!("/v1/invoices?customer_id={ada}")).is(200);
        let first = listed.data()[0]["id"].as_str().unwrap().to_owned();
        seller.advance_to("2026-01-17");
        command(&seller, &subscription, "cancel", json!({ "effective_at": "now", "invoice": "now" }));
        seller.world.post(&format!("/v1/invoices/{first}/void"), json!({})).is(200);
        seller.world.post("/v1/bill_runs", json!({ "finalize": true })).is(201);
        assert_eq!(sums(&seller, &ada), [format!("-15.00 - -{back}"), format!("15.00 - {back}")]);
    }
}

#[test]
fn a_void_of_what_went_back_whole_and_came_again() {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, "OFF", json!({ "percent_off": "33.3", "duration": "forever" }));
    let (plan, ada) = (seller.plan("month", json!([base("85.83")])), seller.customer());
    let subscription =
        seller.subscribe(&ada, &plan, json!({ "coupon": "OFF", "collection": "send_invoice" }));
    let listed = seller.world.get(&format!("/v1/invoices?customer_id={ada}")).is(200);
    let first = listed.data()[0]["id"].as_str().unwrap().to_owned();
    let start = json!({ "effective_at": "2026-01-01T00:00:00Z", "invoice": "now" });
    command(&seller, &subscription, "cancel", start);
    seller.world.post(&format!("/v1/invoices/{first}/void"), json!({})).is(200);
    seller.world.post("/v1/bill_runs", json!({ "finalize": true })).is(201);
    assert_eq!(sums(&seller, &ada), ["-85.83 - -28.58", "85.83 - 28.58"]);
}

#[test]
fn a_minimum_cut_by_a_break_that_more_usage_fills() {
    let seller = Seller::on("2026-01-01");
    coupon(&seller, "HALF", json!({ "percent_off": "50", "duration": "forever" }));
    let meter = json!({ "code": "units", "name": "Units", "event_type": "units", "aggregation": "sum", "value_property": "n" });
    let meter = seller.world.post("/v1/meters", meter).is(201).id();
    let price = json!({ "code": "u", "kind": "usage", "meter_id": meter, "minimum_amount": "31.00",
                        "model": { "type": "per_unit", "unit_amount": "0.10" } });
    let plan = seller.plan("month", json!([price]));
    let ada = json!({ "name": "Ada", "external_id": "ada", "currency": "USD" });
    let ada = seller.world.post("/v1/customers", ada).is(201).id();
    let subscription = seller.subscribe(&ada, &plan, json!({ "coupon": "HALF" }));
    seller.advance_to("2026-01-11");
    command(&seller, &subscription, "pause", json!({ "mode": "credit", "invoice": "now" }));
    seller.advance_to("2026-01-12");
    command(&seller, &subscription, "resume", json!({}));
    seller.advance_to("2026-01-20");
    let event = json!({ "specversion": "1.0", "id": "1", "source": "a", "type": "units", "subject": "ada",
                        "time": "2026-01-20T00:00:00Z", "data": { "n": "5000" } });
    seller.world.post("/v1/usage/events", event).is(200);
    seller.advance_to("2026-02-02");
    // Ten of 31 days short of the minimum; then 500.00 of usage: nothing was short after all.
    assert_eq!(sums(&seller, &ada), ["10.00 - 5.00", "490.00 - 245.00"]);
}
