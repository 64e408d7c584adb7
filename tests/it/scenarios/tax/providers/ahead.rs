//! Does a run wait for a provider? It asks while it bills: what is answered in time is issued at once, what is not waits as a draft.

use serde_json::json;

use super::{Desk, shown};

/// Enough to be asked about by the run itself.
const MANY: usize = 120;

/// So many customers, each of whom is due again on 1 February.
fn customers(desk: &Desk) -> Vec<String> {
    let customers: Vec<String> = (0..MANY).map(|_| desk.austin()).collect();
    for customer in &customers {
        desk.subscribe(customer);
    }
    desk.at("00:00:10");
    desk.shop.world.advance_to("2026-01-31T23:00:00Z");
    customers
}

/// `open - 8.25` of how many: what their newest invoices are.
fn newest(desk: &Desk, customers: &[String]) -> (String, usize) {
    let mut all: Vec<String> = customers.iter().map(|customer| shown(&desk.invoice(customer))).collect();
    all.dedup();
    assert_eq!(all.len(), 1, "{all:?}");
    (all.remove(0), customers.len())
}

#[test]
fn a_run_issues_at_once_what_the_provider_answers_in_time() {
    let desk = Desk::open();
    let customers = customers(&desk);
    let before = desk.provider.calls("calculate");
    let run = desk.shop.world.post("/v1/bill_runs", json!({ "as_of": "2026-02-01T00:00:00Z" })).is(201).json;
    assert_eq!(
        (run["progress"]["invoices"].as_i64(), run["status"].as_str()),
        (Some(120), Some("completed"))
    );
    assert_eq!(newest(&desk, &customers), ("open - 8.25".to_owned(), MANY));
    // A hundred a call.
    assert_eq!(desk.provider.calls("calculate") - before, 2);
    // Each is told of like any other.
    desk.shop.world.advance_to("2026-01-31T23:01:00Z");
    let last = desk.invoice(&customers[0]);
    assert_eq!(desk.provider.document(last["id"].as_str().unwrap()), "committed 8.25 1 0");
    desk.shop.world.settle();
}

#[test]
fn what_the_provider_does_not_answer_waits_and_no_other_question_suffers_for_it() {
    let desk = Desk::open();
    let customers = customers(&desk);
    // More than would have the provider left alone for half a minute.
    desk.provider.fail("calculate", "error", 2);
    desk.shop.world.post("/v1/bill_runs", json!({ "as_of": "2026-02-01T00:00:00Z" })).is(201);
    assert_eq!(newest(&desk, &customers), ("draft tax_provider 5.00".to_owned(), MANY));
    desk.shop.world.advance_to("2026-01-31T23:00:10Z");
    assert_eq!(newest(&desk, &customers), ("open - 8.25".to_owned(), MANY));
    assert!(desk.differences().is_empty(), "{:?}", desk.differences());
    desk.shop.world.settle();
}

#[test]
fn drafts_that_are_held_are_asked_about_when_they_are_issued() {
    let desk = Desk::open();
    let customers = customers(&desk);
    let before = desk.provider.calls("calculate");
    let run = json!({ "as_of": "2026-02-01T00:00:00Z", "finalize": false });
    desk.shop.world.post("/v1/bill_runs", run).is(201);
    assert_eq!(desk.provider.calls("calculate"), before);
    assert_eq!(newest(&desk, &customers).0.split(' ').next(), Some("draft"));
}
