//! What is committed for a whole group? The usage of all whom one account pays for counts towards it.

use serde_json::{Value, json};

use crate::scenarios::billing::{Plan, Seller};
use crate::scenarios::usage::event;

/// A group that has committed 100.00 a month, and what it and its children buy.
struct Pool {
    seller: Seller,
    group: String,
    calls: Plan,
}

impl Pool {
    /// From 1 January to 1 March.
    fn new() -> Pool {
        let seller = Seller::on("2026-01-01");
        let meter = json!({ "code": "calls", "name": "Calls", "event_type": "llm.request", "aggregation": "sum", "value_property": "calls" });
        let meter = seller.world.post("/v1/meters", meter).is(201).id();
        let calls = json!([{ "code": "calls", "description": "Calls", "kind": "usage", "meter_id": meter,
                             "model": { "type": "per_unit", "unit_amount": "0.01" } }]);
        let calls = seller.plan("month", calls);
        let committed = json!([{ "code": "least", "description": "Commitment", "kind": "recurring", "billing": "in_arrears",
                                 "model": { "type": "commitment", "amount": "100.00", "pooled": true } }]);
        let committed = seller.plan("month", committed);
        let group = seller.customer_like(json!({ "name": "Group" }));
        seller.subscribe(&group, &committed, term());
        Pool { seller, group, calls }
    }

    /// A child that buys calls.
    fn child(&self, name: &str) -> String {
        let child = self.seller.child(&self.group, json!({ "external_id": name }));
        self.seller.subscribe(&child, &self.calls, term());
        child
    }

    fn call(&self, name: &str, at: &str, calls: i64) {
        let mut one = event(at, json!({ "calls": calls }));
        one["subject"] = json!(name);
        self.seller.world.post("/v1/usage/events", one).is(200);
    }
}

fn term() -> Value {
    json!({ "collection": "send_invoice", "end_at": "2026-03-01T00:00:00Z" })
}

#[test]
fn the_usage_of_all_children_counts_towards_what_the_parent_committed_late_usage_too() {
    let pool = Pool::new();
    pool.child("acme");
    pool.child("ajax");
    pool.seller.advance_to("2026-01-20");
    pool.call("acme", "2026-01-10T00:00:00Z", 4000);
    pool.call("ajax", "2026-01-10T00:00:00Z", 3500);
    pool.seller.advance_to("2026-02-02");
    let january = "INV-000001 open USD billed 2026-02-01 due 2026-03-03
         2026-01-01 to 2026-02-01  1 x 25.00 = 25.00  Commitment
         2026-01-01 to 2026-02-01  4000 x 0.01 = 40.00  Calls
         2026-01-01 to 2026-02-01  3500 x 0.01 = 35.00  Calls
         total 100.00 paid 0.00 due 100.00";
    pool.seller.bills(&pool.group, january);
    // What is told late of January lowers January's shortfall, by as much as it costs.
    pool.call("ajax", "2026-01-31T00:00:00Z", 500);
    pool.call("acme", "2026-02-02T00:00:00Z", 12_000);
    pool.seller.advance_to("2026-03-02");
    pool.seller.bills(
        &pool.group,
        &format!(
            "{january}
             INV-000002 open USD billed 2026-03-01 due 2026-03-31
             2026-01-01 to 2026-02-01  1 x -5.00 = -5.00  Adjustment: Commitment
             2026-02-01 to 2026-03-01  1 x 0 = 0.00  Commitment
             2026-02-01 to 2026-03-01  12000 x 0.01 = 120.00  Calls
             2026-01-01 to 2026-02-01  1 x 5.00 = 5.00  Calls (500 units since last billed, 4000 in all)
             2026-02-01 to 2026-03-01  0 x 0.01 = 0.00  Calls
             total 120.00 paid 0.00 due 120.00"
        ),
    );
}

#[test]
fn what_a_child_uses_while_it_pays_itself_does_not_count() {
    let pool = Pool::new();
    let acme = pool.child("acme");
    pool.seller.world.patch(&format!("/v1/customers/{acme}"), json!({ "pays": "self" })).is(200);
    pool.seller.advance_to("2026-01-20");
    pool.call("acme", "2026-01-10T00:00:00Z", 4000);
    pool.seller.advance_to("2026-02-02");
    let last = |customer: &str| pool.seller.invoices(customer)[0].lines().last().unwrap().to_owned();
    assert_eq!(last(&pool.group), "total 100.00 paid 0.00 due 100.00");
    assert_eq!(last(&acme), "total 40.00 paid 0.00 due 40.00");
    // From now on it is paid for again, and February counts.
    pool.seller.world.patch(&format!("/v1/customers/{acme}"), json!({ "pays": "parent" })).is(200);
    pool.call("acme", "2026-02-01T00:00:00Z", 3000);
    pool.seller.advance_to("2026-03-02");
    let february = &pool.seller.invoices(&pool.group)[1];
    assert!(february.contains("1 x 70.00 = 70.00  Commitment"), "{february}");
    assert!(february.contains("3000 x 0.01 = 30.00  Calls"), "{february}");
}

#[test]
fn late_usage_of_a_child_lowers_the_shortfall_on_the_same_draft() {
    let pool = Pool::new();
    pool.seller.world.patch("/v1/billing_settings", json!({ "draft_hours": 48 })).is(200);
    pool.child("acme");
    pool.seller.advance_to("2026-01-20");
    pool.call("acme", "2026-01-10T00:00:00Z", 4000);
    pool.seller.advance_to("2026-02-01");
    pool.call("acme", "2026-01-31T00:00:00Z", 1000);
    pool.seller.advance_to("2026-02-05");
    pool.seller.bills(
        &pool.group,
        "INV-000001 open USD billed 2026-02-01 due 2026-03-05
         2026-01-01 to 2026-02-01  1 x 60.00 = 60.00  Commitment
         2026-01-01 to 2026-02-01  4000 x 0.01 = 40.00  Calls
         2026-01-01 to 2026-02-01  1 x -10.00 = -10.00  Adjustment: Commitment
         2026-01-01 to 2026-02-01  1 x 10.00 = 10.00  Calls (1000 units since last billed, 5000 in all)
         total 100.00 paid 0.00 due 100.00",
    );
}

#[test]
fn of_a_void_pool_late_usage_of_a_child_is_charged_above_what_was_committed_alone() {
    for (late, due) in [(1_000, "100.00"), (7_000, "110.00")] {
        let pool = Pool::new();
        pool.child("acme");
        pool.child("ajax");
        pool.seller.advance_to("2026-01-20");
        pool.call("acme", "2026-01-10T00:00:00Z", 4000);
        pool.seller.advance_to("2026-02-02");
        let listed = pool.seller.world.get(&format!("/v1/invoices?customer_id={}", pool.group)).is(200);
        pool.seller
            .world
            .post(&format!("/v1/invoices/{}/void", listed.text_at("/data/0/id")), json!({}))
            .is(200);
        pool.call("ajax", "2026-01-31T00:00:00Z", late);
        pool.seller.advance_to("2026-03-02");
        // February's commitment, and of January what is above 100.00.
        let last = pool.seller.invoices(&pool.group)[1].lines().last().unwrap().to_owned();
        assert_eq!(last, format!("total {due} paid 0.00 due {due}"));
    }
}
