//! What becomes of usage that is told while its invoice is a draft? It is on that invoice, and on no other.

use serde_json::{Value, json};

use crate::scenarios::billing::{Plan, Seller};
use crate::scenarios::usage::event;

impl Seller {
    /// A plan of calls at 0.01, with these further prices.
    fn calls(&self, interval: &str, more: Value) -> Plan {
        let meter = json!({ "code": "calls", "name": "Calls", "event_type": "llm.request", "aggregation": "sum", "value_property": "calls" });
        let meter = self.world.post("/v1/meters", meter).is(201).id();
        let mut prices = json!([{ "code": "calls", "description": "Calls", "kind": "usage", "meter_id": meter,
                                  "model": { "type": "per_unit", "unit_amount": "0.01" } }]);
        prices.as_array_mut().unwrap().extend(more.as_array().unwrap().clone());
        self.plan(interval, prices)
    }

    /// The customer whose events these are.
    fn acme(&self) -> String {
        self.customer_like(json!({ "name": "Acme", "external_id": "acme" }))
    }

    /// So many calls on a day, told then or, when it is over, now.
    fn call(&self, day: &str, calls: i64) {
        let at = format!("{day}T12:00:00Z");
        if self.world.now() < at.parse::<chrono::DateTime<chrono::Utc>>().unwrap() {
            self.world.advance_to(&at);
        }
        let one = event(&at, json!({ "calls": calls }));
        self.world.post("/v1/usage/events", one).is(200);
    }
}

#[test]
fn late_usage_enters_the_draft_when_it_is_finalized_and_later_usage_the_next_invoice() {
    let seller = Seller::on("2026-01-01");
    seller.hold_for(48);
    let plan = seller.calls("month", json!([]));
    let acme = seller.acme();
    let term = json!({ "collection": "send_invoice", "end_at": "2026-03-01T00:00:00Z" });
    seller.subscribe(&acme, &plan, term);
    seller.call("2026-01-20", 1000);
    seller.advance_to("2026-02-01");
    let draft = "billed 2026-02-01
         2026-01-01 to 2026-02-01  1000 x 0.01 = 10.00  Calls";
    seller.bills(&acme, &format!("(no number) draft USD {draft}\ntotal 10.00 paid 0.00 due 10.00"));
    seller.advance_to("2026-02-02");
    seller.call("2026-01-31", 10);
    seller.advance_to("2026-02-03");
    let january = "INV-000001 open USD billed 2026-02-01 due 2026-03-05
         2026-01-01 to 2026-02-01  1000 x 0.01 = 10.00  Calls
         2026-01-01 to 2026-02-01  1 x 0.10 = 0.10  Calls (10 units since last billed, 1010 in all)
         total 10.10 paid 0.00 due 10.10";
    seller.bills(&acme, january);
    seller.call("2026-01-31", 5);
    seller.advance_to("2026-03-03");
    seller.bills(
        &acme,
        &format!(
            "{january}
             INV-000002 open USD billed 2026-03-01 due 2026-04-02
             2026-01-01 to 2026-02-01  1 x 0.05 = 0.05  Calls (5 units since last billed, 1015 in all)
             2026-02-01 to 2026-03-01  0 x 0.01 = 0.00  Calls
             total 0.05 paid 0.00 due 0.05"
        ),
    );
}

#[test]
fn a_run_between_leaves_late_usage_to_the_draft_it_belongs_to() {
    let seller = Seller::on("2026-01-01");
    seller.hold_for(72);
    let plan = seller.calls("day", json!([]));
    let acme = seller.acme();
    let term = json!({ "collection": "send_invoice", "end_at": "2026-01-04T00:00:00Z" });
    seller.subscribe(&acme, &plan, term);
    seller.call("2026-01-01", 1000);
    seller.advance_to("2026-01-02T06:00:00Z");
    seller.call("2026-01-01", 100);
    seller.call("2026-01-02", 1000);
    seller.call("2026-01-03", 1000);
    // Two days are billed while the first is a draft.
    seller.advance_to("2026-01-04T06:00:00Z");
    let totals = |seller: &Seller| -> Vec<String> {
        let last = |text: &String| text.lines().last().unwrap().to_owned();
        seller.invoices(&acme).iter().map(last).collect()
    };
    assert_eq!(totals(&seller), vec!["total 10.00 paid 0.00 due 10.00"; 3]);
    seller.advance_to("2026-01-10");
    let [late, on_time] = ["total 11.00 paid 0.00 due 11.00", "total 10.00 paid 0.00 due 10.00"];
    assert_eq!(totals(&seller), [late, on_time, on_time]);
}

#[test]
fn a_draft_finalized_by_hand_takes_late_usage_and_its_discount_too() {
    let seller = Seller::on("2026-01-01");
    seller.hold_for(48);
    let plan = seller.calls("month", json!([]));
    let acme = seller.acme();
    let coupon = json!({ "code": "tenth", "percent_off": "10", "duration": "forever" });
    seller.world.post("/v1/coupons", coupon).is(201);
    seller.world.post("/v1/discounts", json!({ "coupon": "tenth", "customer_id": acme })).is(201);
    seller.subscribe(&acme, &plan, json!({ "collection": "send_invoice", "end_at": "2026-02-01T00:00:00Z" }));
    seller.call("2026-01-20", 1000);
    seller.advance_to("2026-02-01");
    seller.call("2026-01-31", 500);
    let id = seller.world.get("/v1/invoices").is(200).text_at("/data/0/id");
    seller.world.post(&format!("/v1/invoices/{id}/finalize"), json!({})).is(200);
    seller.bills(
        &acme,
        "INV-000001 open USD billed 2026-02-01 due 2026-03-03
         2026-01-01 to 2026-02-01  1000 x 0.01 = 10.00  Calls
         2026-01-01 to 2026-02-01  1 x 5.00 = 5.00  Calls (500 units since last billed, 1500 in all)
         subtotal 15.00 discount 1.50 tax 0.00
         total 13.50 paid 0.00 due 13.50",
    );
}

#[test]
fn late_usage_lowers_the_shortfall_of_a_commitment_on_the_same_draft() {
    let seller = Seller::on("2026-01-01");
    seller.hold_for(48);
    let committed = json!([{ "code": "least", "description": "Commitment", "kind": "recurring", "billing": "in_arrears",
                             "model": { "type": "commitment", "amount": "100.00" } }]);
    let plan = seller.calls("month", committed);
    let acme = seller.acme();
    seller.subscribe(&acme, &plan, json!({ "collection": "send_invoice", "end_at": "2026-02-01T00:00:00Z" }));
    seller.call("2026-01-20", 1000);
    seller.advance_to("2026-02-01");
    seller.call("2026-01-31", 500);
    seller.advance_to("2026-02-05");
    seller.bills(
        &acme,
        "INV-000001 open USD billed 2026-02-01 due 2026-03-05
         2026-01-01 to 2026-02-01  1000 x 0.01 = 10.00  Calls
         2026-01-01 to 2026-02-01  1 x 90.00 = 90.00  Commitment
         2026-01-01 to 2026-02-01  1 x 5.00 = 5.00  Calls (500 units since last billed, 1500 in all)
         2026-01-01 to 2026-02-01  1 x -5.00 = -5.00  Adjustment: Commitment
         total 100.00 paid 0.00 due 100.00",
    );
}

#[test]
fn a_discounted_line_that_is_waived_gives_its_discount_back() {
    let seller = Seller::on("2026-01-01");
    seller.hold_for(48);
    let plan = seller.calls("month", json!([]));
    let acme = seller.acme();
    let coupon = json!({ "code": "tenth", "percent_off": "10", "duration": "forever" });
    seller.world.post("/v1/coupons", coupon).is(201);
    seller.world.post("/v1/discounts", json!({ "coupon": "tenth", "customer_id": acme })).is(201);
    seller.subscribe(&acme, &plan, json!({ "collection": "send_invoice", "end_at": "2026-02-01T00:00:00Z" }));
    seller.call("2026-01-20", 1000);
    seller.advance_to("2026-02-01");
    let id = seller.world.get("/v1/invoices").is(200).text_at("/data/0/id");
    let line = format!("/v1/invoices/{id}/lines/1");
    let totals = |reply: crate::harness::Reply| {
        ["subtotal", "discount_total", "total"].map(|name| reply.json[name].as_str().unwrap().to_owned())
    };
    let to_four = seller.world.patch(&line, json!({ "amount": "4.00" })).is(200);
    assert_eq!(totals(to_four), ["4.00", "0.40", "3.60"]);
    let more = seller.world.patch(&line, json!({ "amount": "12.00" })).is(200);
    assert_eq!(totals(more), ["12.00", "1.00", "11.00"], "what was added by hand is not discounted");
    seller.world.delete(&format!("/v1/invoices/{id}/lines/2")).is(200);
    let nothing = seller.world.delete(&line).is(200);
    assert_eq!(totals(nothing), ["0.00", "0.00", "0.00"]);
}
