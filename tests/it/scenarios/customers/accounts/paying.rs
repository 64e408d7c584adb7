//! Who gets the invoice, and who is on it?

use serde_json::{Value, json};

use crate::scenarios::billing::{Seller, base};
use crate::scenarios::usage::event;

#[test]
fn a_parent_pays_for_its_children_on_one_invoice_that_tells_whose_each_line_is() {
    let seller = Seller::on("2026-01-01");
    let (large, small) = (seller.thirty_one(), seller.plan("month", json!([base("12.00")])));
    let group = seller.customer();
    let (ada, ben) = (seller.child(&group, json!({})), seller.child(&group, json!({})));
    let start = json!({ "start_at": "2026-01-05T00:00:00Z", "end_at": "2026-02-05T00:00:00Z" });
    for (customer, plan) in [(&ada, &large), (&ben, &small), (&group, &small)] {
        seller.subscribe(customer, plan, start.clone());
    }
    seller.advance_to("2026-01-06");
    // Charged to the card of the one that pays.
    seller.bills(
        &group,
        "INV-000001 paid USD billed 2026-01-05 due 2026-01-05
         2026-01-05 to 2026-02-05  1 x 31.00 = 31.00  Base
         2026-01-05 to 2026-02-05  1 x 12.00 = 12.00  Base
         2026-01-05 to 2026-02-05  1 x 12.00 = 12.00  Base
         total 55.00 paid 55.00 due 0.00",
    );
    assert_eq!((seller.invoices(&ada), seller.invoices(&ben)), (vec![], vec![]));
    let id = seller.world.get("/v1/invoices").is(200).text_at("/data/0/id");
    let invoice = seller.world.get(&format!("/v1/invoices/{id}")).is(200).json;
    let consumers: Vec<&str> =
        invoice["lines"].as_array().unwrap().iter().map(|l| l["customer_id"].as_str().unwrap()).collect();
    assert_eq!(consumers, [&ada, &ben, &group]);
}

#[test]
fn a_child_that_is_invoiced_apart_has_its_own_invoice_to_the_parent() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.thirty_one();
    let group = seller.customer();
    let start = json!({ "start_at": "2026-01-05T00:00:00Z", "end_at": "2026-02-05T00:00:00Z" });
    for grouping in ["separate", "consolidated", "consolidated"] {
        let child = seller.child(&group, json!({ "invoice_grouping": grouping }));
        seller.subscribe(&child, &plan, start.clone());
    }
    seller.advance_to("2026-01-06");
    let totals = |seller: &Seller, customer: &str| -> Vec<String> {
        let last = |text: &String| text.lines().last().unwrap().to_owned();
        seller.invoices(customer).iter().map(last).collect()
    };
    assert_eq!(
        totals(&seller, &group),
        ["total 62.00 paid 62.00 due 0.00", "total 31.00 paid 31.00 due 0.00"]
    );
    let firm = seller.customer_like(json!({ "name": "Firm", "invoice_grouping": "separate" }));
    for _ in 0..3 {
        let child = seller.child(&firm, json!({}));
        let term = json!({ "start_at": "2026-01-07T00:00:00Z", "end_at": "2026-02-07T00:00:00Z", "collection": "send_invoice" });
        // Two subscriptions of one customer still share its invoice.
        seller.subscribe(&child, &plan, term.clone());
        seller.subscribe(&child, &plan, term);
    }
    seller.advance_to("2026-01-08");
    assert_eq!(totals(&seller, &firm).len(), 3);
}

#[test]
fn whoever_pays_itself_pays_for_those_below_it_too() {
    let seller = Seller::on("2026-01-01");
    let group = seller.customer_like(json!({ "name": "Group" }));
    let region = seller.child(&group, json!({ "pays": "self" }));
    let branch = seller.child(&region, json!({}));
    let other = seller.child(&group, json!({}));
    let shop = seller.child(&other, json!({}));
    assert_eq!(
        [&region, &branch, &other, &shop].map(|id| seller.payer(id)),
        [&region, &region, &group, &group].map(Clone::clone)
    );
    let plan = seller.thirty_one();
    for customer in [&branch, &shop] {
        seller.subscribe(
            customer,
            &plan,
            json!({ "collection": "send_invoice", "end_at": "2026-02-01T00:00:00Z" }),
        );
    }
    assert_eq!([&group, &region, &branch, &shop].map(|id| seller.invoices(id).len()), [1, 1, 0, 0]);
    let children = seller.world.get(&format!("/v1/customers/{group}/children")).is(200);
    let ids: Vec<&str> = children.data().iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [&other, &region]);
    let filtered = seller.world.get(&format!("/v1/customers?parent_id={group}")).is(200);
    assert_eq!(filtered.json, children.json);
    let none = "/v1/customers/cus_01jgejp8g0e3q9k0v6z4t1x2y3/children";
    seller.world.get(none).is_problem(404, "not_found");
}

#[test]
fn what_a_child_uses_is_measured_for_it_and_charged_to_its_parent_late_usage_too() {
    let seller = Seller::on("2026-01-01");
    let meter = json!({ "code": "calls", "name": "Calls", "event_type": "llm.request", "aggregation": "sum", "value_property": "calls" });
    let meter = seller.world.post("/v1/meters", meter).is(201).id();
    let calls = json!([{ "code": "calls", "description": "Calls", "kind": "usage", "meter_id": meter,
                         "model": { "type": "per_unit", "unit_amount": "0.01" } }]);
    let plan = seller.plan("month", calls);
    let group = seller.customer_like(json!({ "name": "Group" }));
    let term = json!({ "collection": "send_invoice", "end_at": "2026-03-01T00:00:00Z" });
    for name in ["acme", "ajax"] {
        let child = seller.child(&group, json!({ "external_id": name }));
        seller.subscribe(&child, &plan, term.clone());
    }
    let call = |name: &str, at: &str, calls: i64| {
        let mut one = event(at, json!({ "calls": calls }));
        one["subject"] = json!(name);
        seller.world.post("/v1/usage/events", one).is(200);
    };
    seller.advance_to("2026-01-20");
    call("acme", "2026-01-10T00:00:00Z", 1000);
    call("ajax", "2026-01-10T00:00:00Z", 300);
    seller.advance_to("2026-02-02");
    call("ajax", "2026-01-31T00:00:00Z", 7);
    seller.advance_to("2026-03-02");
    seller.bills(
        &group,
        "INV-000001 open USD billed 2026-02-01 due 2026-03-03
         2026-01-01 to 2026-02-01  1000 x 0.01 = 10.00  Calls
         2026-01-01 to 2026-02-01  300 x 0.01 = 3.00  Calls
         total 13.00 paid 0.00 due 13.00
         INV-000002 open USD billed 2026-03-01 due 2026-03-31
         2026-02-01 to 2026-03-01  0 x 0.01 = 0.00  Calls
         2026-01-01 to 2026-02-01  1 x 0.07 = 0.07  Calls (7 units since last billed, 307 in all)
         2026-02-01 to 2026-03-01  0 x 0.01 = 0.00  Calls
         total 0.07 paid 0.00 due 0.07",
    );
}

#[test]
fn a_childs_discount_is_for_the_child_and_its_payers_for_all() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([base("100.00")]));
    let group = seller.customer_like(json!({ "name": "Group" }));
    let (ada, ben) = (seller.child(&group, json!({})), seller.child(&group, json!({})));
    for (code, percent, holder) in [("half", "50", &ada), ("tenth", "10", &group)] {
        let coupon = json!({ "code": code, "percent_off": percent, "duration": "forever" });
        seller.world.post("/v1/coupons", coupon).is(201);
        seller.world.post("/v1/discounts", json!({ "coupon": code, "customer_id": holder })).is(201);
    }
    for customer in [&ada, &ben] {
        let term = json!({ "start_at": "2026-01-05T00:00:00Z", "end_at": "2026-02-05T00:00:00Z", "collection": "send_invoice" });
        seller.subscribe(customer, &plan, term);
    }
    seller.advance_to("2026-01-06");
    let id = seller.world.get("/v1/invoices").is(200).text_at("/data/0/id");
    let invoice = seller.world.get(&format!("/v1/invoices/{id}")).is(200).json;
    let off: Vec<&Value> =
        invoice["lines"].as_array().unwrap().iter().map(|line| &line["discount"]).collect();
    assert_eq!(off, ["55.00", "10.00"]);
}

#[test]
fn what_becomes_of_a_childs_subscription_is_billed_to_its_payer() {
    let seller = Seller::on("2026-01-01");
    let seats = json!([{ "code": "seat", "description": "Seat", "kind": "recurring", "billing": "in_advance",
                         "model": { "type": "per_unit", "unit_amount": "31.00" } }]);
    let plan = seller.plan("month", seats);
    let group = seller.customer();
    let ada = seller.child(&group, json!({}));
    let term = json!({ "end_at": "2026-02-01T00:00:00Z", "quantity": "1", "collection": "send_invoice" });
    let subscription = seller.subscribe(&ada, &plan, term);
    seller.advance_to("2026-01-16");
    let change = json!({ "quantity": "3", "effective_at": "now", "proration": "by_day", "invoice": "now" });
    seller.world.post(&format!("/v1/subscriptions/{subscription}/change"), change).is(200);
    let invoices = seller.invoices(&group);
    assert_eq!(invoices.len(), 2, "{invoices:?}");
    assert!(invoices[1].ends_with("total 32.00 paid 0.00 due 32.00"), "{}", invoices[1]);
    // Its trial goes on into what is paid for, for the one that pays has a card.
    let tried = json!({ "trial_days": 7, "trial_without_payment_method": "cancel", "end_at": "2026-02-23T00:00:00Z", "quantity": "1" });
    let tried = seller.subscribe(&ada, &plan, tried);
    seller.advance_to("2026-01-24");
    assert_eq!(seller.world.get(&format!("/v1/subscriptions/{tried}")).is(200).text_at("/status"), "active");
    assert_eq!(seller.invoices(&group).len(), 3);
}

#[test]
fn what_a_childs_next_invoice_will_be_is_its_payers() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.thirty_one();
    let group = seller.customer_like(json!({ "name": "Group" }));
    let ada = seller.child(&group, json!({}));
    let subscription = seller.two_months(&ada, &plan);
    seller.two_months(&group, &plan);
    let foreseen = seller.world.get(&format!("/v1/subscriptions/{subscription}/upcoming_invoice")).is(200);
    assert_eq!((foreseen.text_at("/customer_id"), foreseen.text_at("/total")), (group, "62.00".to_owned()));
    let shown = seller.world.get(&format!("/v1/subscriptions?customer_id={ada}")).is(200);
    assert_eq!(shown.text_at("/data/0/next_bill_at"), "2026-02-01T00:00:00Z");
    seller.advance_to("2026-05-01");
}
