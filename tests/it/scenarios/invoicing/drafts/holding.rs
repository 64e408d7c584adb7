//! How long does an invoice wait as a draft, and what is it then?

use std::thread;

use billwright::workflows::billing::bill_run::{self, Request, Trigger};
use billwright::workflows::invoicing::finalize_drafts;
use billwright::workflows::parked_work::Place;
use serde_json::{Value, json};

use crate::scenarios::billing::{Seller, base};

#[test]
fn what_is_billed_waits_as_a_draft_for_the_hours_set_and_is_issued_at_that_instant() {
    let seller = Seller::on("2026-01-01");
    seller.hold_for(36);
    let plan = seller.plan("month", json!([base("31.00")]));
    let ada = seller.customer();
    seller.subscribe(&ada, &plan, json!({ "start_at": "2026-01-15T10:20:30Z" }));
    seller.advance_to("2026-01-16");
    seller.bills(
        &ada,
        "(no number) draft USD billed 2026-01-15
         2026-01-15T10:20Z to 2026-02-15  1 x 31.00 = 31.00  Base
         total 31.00 paid 0.00 due 31.00",
    );
    let draft = seller.world.get("/v1/invoices").is(200).json["data"][0].clone();
    // Found by billing at 11:00, 36 hours before.
    assert_eq!(draft["finalizes_at"], "2026-01-16T23:00:00Z");
    assert_eq!(seller.world.get("/v1/ledger/entries").is(200).data().len(), 0, "a draft is in no books");
    seller.advance_to("2026-02-01");
    let issued = seller.world.get("/v1/invoices").is(200).json["data"][0].clone();
    assert_eq!(issued["issued_at"], "2026-01-16T23:00:00Z");
    assert_eq!((&issued["number"], &issued["status"]), (&json!("INV-000001"), &json!("paid")));
    assert_eq!(issued["finalizes_at"], Value::Null);
}

#[test]
fn a_subscription_that_starts_now_leaves_a_draft_too_and_zero_hours_issue_at_once() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([base("31.00")]));
    let (ada, ben) = (seller.customer(), seller.customer());
    let end = json!({ "end_at": "2026-02-01T00:00:00Z" });
    seller.hold_for(1);
    seller.subscribe(&ada, &plan, end.clone());
    assert!(seller.invoices(&ada)[0].starts_with("(no number) draft"));
    seller.hold_for(0);
    seller.subscribe(&ben, &plan, end);
    assert!(seller.invoices(&ben)[0].starts_with("INV-000001 open"));
    // The draft keeps the time it was made with.
    seller.advance_to("2026-01-01T01:00:00Z");
    assert!(seller.invoices(&ada)[0].starts_with("INV-000002 paid"));
}

#[test]
fn a_run_that_says_so_issues_at_once_or_leaves_drafts_for_good_whatever_the_settings() {
    let seller = Seller::on("2026-01-01");
    seller.hold_for(2);
    let plan = seller.plan("month", json!([base("31.00")]));
    let billed = |finalize: Option<bool>, day: u32| {
        let ada = seller.customer();
        let start = format!("2026-01-{day:02}T00:00:00Z");
        seller.subscribe(
            &ada,
            &plan,
            json!({ "start_at": start, "end_at": format!("2026-01-{:02}T00:00:00Z", day + 1) }),
        );
        let run = seller.world.post("/v1/bill_runs", json!({ "as_of": start, "finalize": finalize })).is(201);
        let invoice =
            seller.world.get(&format!("/v1/invoices?customer_id={ada}")).is(200).json["data"][0].clone();
        (run.json["finalizes_at"].clone(), invoice["status"].clone(), invoice["finalizes_at"].clone())
    };
    let at = json!("2026-01-01T02:00:00Z");
    assert_eq!(billed(None, 10), (at.clone(), json!("draft"), at));
    assert_eq!(billed(Some(true), 12), (Value::Null, json!("open"), Value::Null));
    assert_eq!(billed(Some(false), 14), (Value::Null, json!("draft"), Value::Null));
}

#[test]
fn drafts_are_numbered_in_the_order_of_their_times() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([base("31.00")]));
    let held: Vec<String> = [9, 3, 6]
        .into_iter()
        .map(|hours| {
            seller.hold_for(hours);
            let customer = seller.customer();
            seller.subscribe(&customer, &plan, json!({ "end_at": "2026-02-01T00:00:00Z" }));
            customer
        })
        .collect();
    seller.advance_to("2026-01-02");
    let number = |customer: &String| seller.invoices(customer)[0][..10].to_owned();
    assert_eq!(held.iter().map(number).collect::<Vec<_>>(), ["INV-000003", "INV-000001", "INV-000002"]);
}

#[test]
fn a_draft_issued_by_hand_before_its_time_is_issued_once() {
    let seller = Seller::on("2026-01-01");
    let (ada, id) = seller.with_draft();
    let issued = seller.world.post(&format!("/v1/invoices/{id}/finalize"), json!({})).is(200);
    assert_eq!(
        (issued.text_at("/number"), issued.text_at("/issued_at")),
        ("INV-000001".to_owned(), "2026-01-01T00:00:00Z".to_owned())
    );
    seller.advance_to("2026-01-10");
    assert_eq!(seller.invoices(&ada).len(), 1);
}

#[test]
fn four_at_once_finalize_each_draft_once_and_leave_no_gap() {
    let seller = Seller::alone_on("2026-01-01");
    let plan = seller.plan("month", json!([base("31.00")]));
    for _ in 0..40 {
        let customer = seller.customer_like(json!({ "name": "Ada" }));
        let start = json!({ "start_at": "2026-01-01T06:00:00Z", "end_at": "2026-02-01T06:00:00Z", "collection": "send_invoice" });
        seller.subscribe(&customer, &plan, start);
    }
    seller.hold_for(1);
    let tenant = seller.world.tenant.id;
    let request =
        Request { trigger: Trigger::Command, as_of: "2026-01-02T00:00:00Z".parse().ok(), finalize: None };
    let mut session = seller.world.session();
    assert_eq!(bill_run::run(&mut session, tenant, request).unwrap().progress.invoices, 40);
    let clock = "UPDATE tenants SET test_clock = '2026-01-01T06:00:00Z'";
    diesel::connection::SimpleConnection::batch_execute(&mut seller.world.database.connect(), clock).unwrap();
    let place = Place { tenant_id: tenant, now: "2026-01-01T06:00:00Z".parse().unwrap() };
    let sessions: Vec<_> = (0..4).map(|_| seller.world.session()).collect();
    let finalized: u64 = thread::scope(|threads| {
        let run = |mut session| {
            threads.spawn(move || finalize_drafts::run(&mut session, place).unwrap().drafts_finalized)
        };
        let runs: Vec<_> = sessions.into_iter().map(run).collect();
        runs.into_iter().map(|run| run.join().unwrap()).sum()
    });
    assert_eq!(finalized, 40);
}

#[test]
fn hours_that_cannot_be_are_refused() {
    let seller = Seller::on("2026-01-01");
    for hours in [-1, 721] {
        let refused = seller
            .world
            .patch("/v1/billing_settings", json!({ "draft_hours": hours }))
            .is_problem(422, "out_of_range");
        assert_eq!(refused.text_at("/errors/0/pointer"), "/draft_hours");
    }
    assert_eq!(seller.world.get("/v1/billing_settings").is(200).json["draft_hours"], 0);
}
