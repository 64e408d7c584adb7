//! Whose credits pay for what a child uses? Those of the one that pays, given or sold; a child's own wait until it pays itself.

use serde_json::{Value, json};

use crate::scenarios::billing::{Plan, Seller};
use crate::scenarios::usage::event;

/// A group that pays for two children, which buy calls at 0.01 each.
struct Group {
    seller: Seller,
    group: String,
    acme: String,
}

impl Group {
    fn new() -> Group {
        let seller = Seller::on("2026-01-01");
        let meter = json!({ "code": "calls", "name": "Calls", "event_type": "llm.request", "aggregation": "sum", "value_property": "calls" });
        let meter = seller.world.post("/v1/meters", meter).is(201).id();
        let calls = json!([{ "code": "calls", "description": "Calls", "kind": "usage", "meter_id": meter,
                             "model": { "type": "per_unit", "unit_amount": "0.01" } }]);
        let plan: Plan = seller.plan("month", calls);
        let group = seller.customer_like(json!({ "name": "Group" }));
        let [acme, _] = ["acme", "ajax"].map(|name| {
            let child = seller.child(&group, json!({ "external_id": name }));
            let term = json!({ "collection": "send_invoice", "end_at": "2026-03-01T00:00:00Z" });
            seller.subscribe(&child, &plan, term);
            child
        });
        Group { seller, group, acme }
    }

    fn credits(&self, customer: &str, amount: &str, more: Value) {
        let mut body = json!({ "customer_id": customer, "amount": amount, "currency": "USD" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.seller.world.post("/v1/credit_grants", body).is(201);
    }

    /// So many calls of both on the tenth of a month, after which the month is billed.
    fn month(&self, month: u32, (acme, ajax): (i64, i64)) {
        self.seller.advance_to(&format!("2026-{month:02}-20"));
        for (name, calls) in [("acme", acme), ("ajax", ajax)] {
            let mut one = event(&format!("2026-{month:02}-10T00:00:00Z"), json!({ "calls": calls }));
            one["subject"] = json!(name);
            self.seller.world.post("/v1/usage/events", one).is(200);
        }
        self.seller.advance_to(&format!("2026-{:02}-02", month + 1));
    }

    /// The newest invoice of an account: `45.00 credits 30.00 due 15.00`.
    fn billed(&self, account: &str) -> String {
        let listed = self.seller.world.get(&format!("/v1/invoices?customer_id={account}&limit=1")).is(200);
        let [total, credits, due] = ["total", "credits_applied", "amount_due"]
            .map(|name| listed.data()[0][name].as_str().unwrap().to_owned());
        format!("{total} credits {credits} due {due}")
    }

    /// What is left of an account's credits.
    fn left(&self, account: &str) -> String {
        let credits = self.seller.world.get(&format!("/v1/customers/{account}/credits")).is(200);
        let balance = credits.json.pointer("/balances/0/balance").and_then(Value::as_str);
        balance.unwrap_or("0.00").to_owned()
    }
}

#[test]
fn credits_given_to_the_one_that_pays_pay_for_all_its_children_and_a_childs_own_once_it_pays_itself() {
    let all = Group::new();
    all.credits(&all.group, "30.00", json!({ "source": "promotional" }));
    all.credits(&all.acme, "50.00", json!({ "source": "promotional" }));
    all.month(1, (4_000, 500));
    // 40.00 and 5.00 used, 30.00 of it paid by the group's credits.
    assert_eq!(all.billed(&all.group), "45.00 credits 30.00 due 15.00");
    assert_eq!((all.left(&all.group).as_str(), all.left(&all.acme).as_str()), ("0.00", "50.00"));
    all.seller.world.patch(&format!("/v1/customers/{}", all.acme), json!({ "pays": "self" })).is(200);
    all.month(2, (1_000, 700));
    assert_eq!(all.billed(&all.acme), "10.00 credits 10.00 due 0.00");
    assert_eq!(all.billed(&all.group), "7.00 credits 0.00 due 7.00");
    assert_eq!(all.left(&all.acme), "40.00");
}

#[test]
fn credits_sold_to_the_one_that_pays_are_its_debt_once_and_are_used_by_all_its_children() {
    let all = Group::new();
    let sold =
        json!({ "source": "purchased", "price": "54.00", "activates": "now", "collection": "send_invoice" });
    all.credits(&all.group, "60.00", sold);
    assert_eq!(all.billed(&all.group), "54.00 credits 0.00 due 54.00");
    all.month(1, (4_000, 500));
    assert_eq!(all.billed(&all.group), "45.00 credits 45.00 due 0.00");
    assert_eq!(all.left(&all.group), "15.00");
    all.month(2, (1_000, 700));
    // 10.00 and 7.00 used, and 15.00 were left.
    assert_eq!(all.billed(&all.group), "17.00 credits 15.00 due 2.00");
    // Of 60.00 sold for 54.00 all is used: 62.00 worth of calls for 56.00.
    let owed = all.seller.world.get("/v1/invoices?status=open").is(200);
    let owed: Vec<&str> = owed.data().iter().map(|i| i["amount_due"].as_str().unwrap()).collect();
    assert_eq!(owed, ["2.00", "54.00"]);
}

#[test]
fn credits_sold_to_a_child_that_is_paid_for_are_its_own_purchase_and_wait_until_it_pays_itself() {
    let all = Group::new();
    let sold =
        json!({ "source": "purchased", "price": "18.00", "activates": "now", "collection": "send_invoice" });
    all.credits(&all.acme, "20.00", sold);
    assert_eq!(all.billed(&all.acme), "18.00 credits 0.00 due 18.00");
    all.month(1, (4_000, 500));
    assert_eq!(all.billed(&all.group), "45.00 credits 0.00 due 45.00");
    all.seller.world.patch(&format!("/v1/customers/{}", all.acme), json!({ "pays": "self" })).is(200);
    all.month(2, (1_000, 700));
    assert_eq!(all.billed(&all.acme), "10.00 credits 10.00 due 0.00");
    assert_eq!(all.left(&all.acme), "10.00");
}
