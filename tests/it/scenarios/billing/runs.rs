//! What does a billing run do the second time, or beside another, or when someone cannot be billed? Nothing, nothing twice,
//! and everyone else.

use std::thread;

use billwright::domain::ids::CustomerId;
use billwright::workflows::billing::bill_run::{self, Request, Trigger};
use diesel::connection::SimpleConnection;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Plan, Seller, base, per_unit};

const FEBRUARY: &str = "2026-02-01T00:00:00Z";

impl Seller {
    /// Customers whose subscriptions begin on 1 February.
    fn customers_from_february(&self, count: usize) -> Vec<String> {
        let plan = self.plan("month", json!([base("31.00"), base_like("seat", "2.00")]));
        let one = |_| {
            let customer = self.customer_like(json!({ "name": "Ada" }));
            let more = json!({ "start_at": FEBRUARY, "quantity": "3", "collection": "send_invoice" });
            self.subscribe(&customer, &plan, more);
            customer
        };
        (0..count).map(one).collect()
    }

    /// A billing run as of 1 February.
    fn run(&self, more: Value) -> Value {
        let mut body = json!({ "as_of": FEBRUARY });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.world.post("/v1/bill_runs", body).is(201).json
    }
}

fn base_like(code: &str, amount: &str) -> Value {
    json!({ "code": code, "description": "Seat", "kind": "recurring", "billing": "in_advance", "model": per_unit(amount) })
}

#[test]
fn a_run_repeated_records_nothing() {
    let seller = Seller::on("2026-01-31");
    let customers = seller.customers_from_february(3);
    let first = seller.run(json!({}));
    assert_eq!((&first["status"], &first["progress"]["invoices"]), (&json!("completed"), &json!(3)));
    assert_eq!(first["totals"], json!({ "USD": "111.00" }));
    let bills: Vec<_> = customers.iter().map(|c| seller.invoices(c)).collect();
    let second = seller.run(json!({}));
    assert_eq!((&second["status"], &second["progress"]["invoices"]), (&json!("completed"), &json!(0)));
    assert_eq!(customers.iter().map(|c| seller.invoices(c)).collect::<Vec<_>>(), bills);
    seller.advance_to("2026-02-10");
    assert_eq!(customers.iter().map(|c| seller.invoices(c)).collect::<Vec<_>>(), bills);
}

#[test]
fn a_run_looks_ahead_ten_years_and_a_clock_twenty() {
    let seller = Seller::on("2026-01-31");
    for slip in ["2062-02-01T00:00:00Z", "9999-12-31T00:00:00Z", "1026-02-01T00:00:00Z"] {
        let refused = seller
            .world
            .post("/v1/bill_runs", json!({ "as_of": slip }))
            .is_problem(422, "as_of_out_of_range");
        assert_eq!(refused.text_at("/errors/0/pointer"), "/as_of");
        let refused = seller
            .world
            .post("/v1/test_clock/advance", json!({ "to": slip }))
            .is_problem(422, "clock_too_far");
        assert_eq!(refused.text_at("/errors/0/pointer"), "/to");
    }
    assert_eq!(seller.world.get("/v1/bill_runs").data().len(), 0);
}

#[test]
fn two_runs_at_once_leave_the_books_of_one() {
    let seller = Seller::alone_on("2026-01-31");
    let customers = seller.customers_from_february(60);
    let tenant = seller.world.tenant.id;
    let request = Request { trigger: Trigger::Command, as_of: FEBRUARY.parse().ok(), finalize: Some(true) };
    let sessions: Vec<_> = (0..4).map(|_| seller.world.session()).collect();
    let billed: i64 = thread::scope(|threads| {
        let run = |mut session| {
            threads.spawn(move || bill_run::run(&mut session, tenant, request).unwrap().progress.invoices)
        };
        let runs: Vec<_> = sessions.into_iter().map(run).collect();
        runs.into_iter().map(|run| run.join().unwrap()).sum()
    });
    assert_eq!(billed, 60);
    for customer in &customers {
        let bills = seller.invoices(customer);
        assert_eq!(bills.len(), 1, "{bills:?}");
        assert!(bills[0].ends_with("total 37.00 paid 0.00 due 37.00"), "{}", bills[0]);
    }
}

#[test]
fn drafts_wait_for_their_number_until_they_are_finalized() {
    let seller = Seller::on("2026-01-31");
    let ada = seller.customers_from_february(1).remove(0);
    let run = seller.run(json!({ "finalize": false }));
    assert_eq!(run["progress"]["invoices"], 1);
    let draft = "(no number) draft USD billed 2026-02-01
         2026-02-01 to 2026-03-01  1 x 31.00 = 31.00  Base
         2026-02-01 to 2026-03-01  3 x 2.00 = 6.00  Seat";
    seller.bills(&ada, &format!("{draft}\ntotal 37.00 paid 0.00 due 37.00"));
    assert_eq!(seller.world.get("/v1/ledger/entries").is(200).data().len(), 0, "a draft is in no books");
    let id = seller.world.get("/v1/invoices").is(200).data()[0]["id"].as_str().unwrap().to_owned();
    seller.world.post(&format!("/v1/invoices/{id}/finalize"), json!({})).is(200);
    let issued = draft.replace(
        "(no number) draft USD billed 2026-02-01",
        "INV-000001 open USD billed 2026-02-01 due 2026-03-02",
    );
    seller.bills(&ada, &format!("{issued}\ntotal 37.00 paid 0.00 due 37.00"));
    assert_eq!(seller.run(json!({}))["progress"]["invoices"], 0, "a draft is billed, too");
}

#[test]
fn a_customer_that_cannot_be_billed_is_parked_and_the_others_are_billed() {
    let seller = Seller::on("2026-01-31");
    let others = seller.customers_from_february(2);
    let ada = seller.customer_like(json!({ "name": "Ada" }));
    let dear = seller.plan("month", json!([base_like("dear", "90000.00")]));
    let both = [subscribe_to_a_fortune(&seller, &ada, &dear), subscribe_to_a_fortune(&seller, &ada, &dear)];
    let run = seller.run(json!({}));
    assert_eq!((&run["status"], &run["progress"]["parked"]), (&json!("completed_with_errors"), &json!(1)));
    assert_eq!(
        (&run["errors"][0]["customer_id"], &run["errors"][0]["code"]),
        (&json!(ada), &json!("amount_out_of_range"))
    );
    assert_eq!(seller.invoices(&ada).len(), 0);
    assert!(others.iter().all(|c| seller.invoices(c).len() == 1));

    // Retried, and found no better; then the fault is taken away, and it is billed at the next retry.
    seller.advance_to("2026-02-02");
    assert_eq!(seller.invoices(&ada).len(), 0);
    make_affordable(&seller, &ada);
    seller.advance_to("2026-02-04");
    assert_eq!(seller.invoices(&ada).len(), 1, "both subscriptions {both:?} share an invoice");
    assert!(seller.invoices(&ada)[0].contains("1 x 90000.00 = 90000.00"), "{}", seller.invoices(&ada)[0]);
}

/// So many units that one invoice can hold it once, but not twice.
fn subscribe_to_a_fortune(seller: &Seller, customer: &str, plan: &Plan) -> String {
    let more = json!({ "start_at": FEBRUARY, "quantity": "100000000", "collection": "send_invoice" });
    seller.subscribe(customer, plan, more)
}

/// What a later command will do: one unit instead of a hundred millions.
fn make_affordable(seller: &Seller, customer: &str) {
    let (tenant, customer): (_, CustomerId) = (seller.world.tenant.id.uuid(), customer.parse().unwrap());
    let sql = format!(
        "UPDATE item_versions v SET quantity = 1 FROM subscriptions s WHERE s.tenant_id = '{tenant}' AND v.tenant_id = s.tenant_id \
         AND v.subscription_id = s.id AND s.customer_id = '{}'",
        customer.uuid()
    );
    seller.world.database.connect().batch_execute(&sql).unwrap();
}

#[test]
fn what_began_years_ago_is_billed_in_steps_the_first_by_the_call_and_the_others_by_the_run() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("day", json!([base("1.00")]));
    let customer = seller.customer();
    let since = json!({ "start_at": "1970-01-01T00:00:00Z", "collection": "send_invoice" });
    seller.subscribe(&customer, &plan, since);
    let billed = || {
        let balances = seller.world.get("/v1/ledger/balances").is(200);
        let receivable = balances.data().iter().find(|row| row["account"] == "accounts_receivable");
        receivable.unwrap()["balance"].as_str().unwrap().to_owned()
    };
    // 400 days after the first; all 20,455 since 1970, to the first of the new year, when the run is over: in 51 steps.
    assert_eq!(billed(), "401.00");
    let run = seller.world.post("/v1/bill_runs", json!({})).is(201);
    assert_eq!((&run.json["progress"]["invoices"], billed().as_str()), (&json!(20_054), "20455.00"));
    assert_eq!(run.json["progress"]["customers"], 1, "met in each step, and one customer all the same");
    let again = seller.world.post("/v1/bill_runs", json!({})).is(201);
    assert_eq!((&again.json["progress"]["invoices"], billed().as_str()), (&json!(0), "20455.00"));
}

#[test]
fn a_clock_that_moves_catches_up_with_what_began_years_ago() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("day", json!([base("1.00")]));
    let customer = seller.customer();
    let since = json!({ "start_at": "2023-01-01T00:00:00Z", "collection": "send_invoice" });
    seller.subscribe(&customer, &plan, since);
    let moved = seller.world.post("/v1/test_clock/advance", json!({ "to": "2026-01-03T00:00:00Z" })).is(200);
    assert_eq!(moved.json["invoices"], json!(698));
}

/// What 580 days of 2.00 and calls come to after a pause and an end told on 1 January 2026: begun by a call of that day, or lived through.
fn recorded_on_new_year(in_steps: bool) -> Decimal {
    let seller = Seller::on(if in_steps { "2026-01-01" } else { "2024-06-01" });
    seller.world.patch("/v1/billing_settings", json!({ "backdate_days": 366 })).is(200);
    let half = json!({ "code": "HALF", "percent_off": "50", "duration": "repeating", "periods": 450 });
    seller.world.post("/v1/coupons", half).is(201);
    let calls = json!({ "code": "calls", "name": "Calls", "event_type": "call", "aggregation": "count" });
    let calls = seller.world.post("/v1/meters", calls).is(201).id();
    let usage = json!({ "code": "calls", "kind": "usage", "billing": "in_arrears", "meter_id": calls, "model": per_unit("1.00") });
    let plan = seller.plan("day", json!([base("2.00"), usage]));
    let customer = seller.customer_like(json!({ "name": "Ada", "external_id": "ada" }));
    let since = json!({ "start_at": "2024-06-01T00:00:00Z", "collection": "send_invoice", "coupon": "HALF" });
    let subscription = seller.subscribe(&customer, &plan, since);
    if !in_steps {
        seller.advance_to("2026-01-01");
    }
    // One call in what the first call billed, one in what it did not.
    let event = |id: &str, at: &str| json!({ "specversion": "1.0", "id": id, "source": "x", "type": "call", "subject": "ada", "time": at });
    let events = json!([event("1", "2025-06-20T12:00:00Z"), event("2", "2025-12-20T12:00:00Z")]);
    assert_eq!(seller.world.post("/v1/usage/events", events).is(200).json["accepted"], 2);
    // Paused for ten days of the one, ended in the other.
    let path = format!("/v1/subscriptions/{subscription}");
    let pause = json!({ "mode": "credit", "effective_at": "2025-06-01T00:00:00Z", "resumes_at": "2025-06-11T00:00:00Z", "invoice": "now" });
    seller.world.post(&format!("{path}/pause"), pause).is(200);
    let end = json!({ "effective_at": "2025-12-31T00:00:00Z", "credit": true, "invoice": "now" });
    seller.world.post(&format!("{path}/cancel"), end).is(200);
    seller.world.post("/v1/bill_runs", json!({})).is(201);
    let balances = seller.world.get("/v1/ledger/balances").is(200);
    let balance = |account: &str| {
        let row = balances.data().iter().find(|row| row["account"] == account).cloned();
        row.map_or(Decimal::ZERO, |row| row["balance"].as_str().unwrap().parse().unwrap())
    };
    balance("accounts_receivable") - balance("customer_credit")
}

#[test]
fn what_is_billed_in_steps_comes_to_what_its_whole_history_is_worth() {
    // 578 days less ten at 2.00, of which half is off 440: a break with credit uses up periods of a coupon. Calls of 0.50 and 1.00.
    assert_eq!([recorded_on_new_year(true), recorded_on_new_year(false)], [Decimal::new(69_750, 2); 2]);
}
