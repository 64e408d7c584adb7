//! What if a provider does not answer? Drafts wait, or are issued by the built-in rules, as the tenant wants; and what was sent is there once, whenever
//! an answer was lost.

use std::time::Instant;

use diesel::connection::SimpleConnection;
use serde_json::json;

use super::{Desk, shown};
use crate::scenarios::tax::invoices::flat;

#[test]
fn a_draft_waits_through_an_outage_and_says_so_in_the_differences() {
    let desk = Desk::open();
    let ada = desk.austin();
    desk.provider.fail("calculate", "error", 3);
    desk.subscribe(&ada);
    desk.at("00:00:20");
    assert!(shown(&desk.invoice(&ada)).starts_with("draft tax_provider"));
    let listed = desk.differences();
    assert_eq!(listed[0]["difference"], "unanswered");
    assert!(listed[0]["trouble"].as_str().unwrap().contains("status 500"), "{listed:?}");
    desk.at("00:05:00");
    assert_eq!(shown(&desk.invoice(&ada)), "open - 8.25");
    assert!(desk.differences().is_empty());
    desk.shop.world.settle();
}

#[test]
fn an_answer_that_no_database_keeps_is_none_and_a_draft_that_asks_each_day_is_listed_once() {
    let desk = Desk::open();
    let ada = desk.austin();
    let named = |name: &str| json!({ "rates": [{ "country": "US", "state": "TX", "city": null, "name": name, "rate": "6.25" }] });
    desk.provider.set(named("S\0"));
    desk.subscribe(&ada);
    for day in ["2026-01-01T00:01:00Z", "2026-01-02T00:10:00Z", "2026-01-03T00:10:00Z"] {
        desk.shop.world.advance_to(day);
        assert!(shown(&desk.invoice(&ada)).starts_with("draft tax_provider"), "{day}");
        let listed = desk.differences();
        assert_eq!(listed.len(), 1, "{day}: {listed:#?}");
        assert!(listed[0]["trouble"].as_str().unwrap().contains("cannot be read"), "{listed:#?}");
    }
    assert!(desk.shop.world.get("/v1/parked_work").is(200).data().is_empty());
    desk.provider.set(named("Texas"));
    desk.shop.world.advance_to("2026-01-05T00:00:00Z");
    assert_eq!(shown(&desk.invoice(&ada)), "open - 6.25");
    desk.shop.world.settle();
}

#[test]
fn where_the_tenant_wants_it_the_built_in_rules_answer_and_the_difference_is_listed() {
    let desk = Desk::open_with(json!({ "on_outage": "engine" }));
    let ada = desk.austin();
    desk.provider.fail("calculate", "error", 3);
    desk.subscribe(&ada);
    desk.at("00:01:00");
    // 6.25 % on 80 % of the price, as Texas taxes software.
    assert_eq!(shown(&desk.invoice(&ada)), "open - 5.00");
    desk.at("00:10:00");
    let listed = desk.differences();
    let shown: Vec<&str> =
        ["difference", "our_tax", "their_tax"].map(|name| listed[0][name].as_str().unwrap()).to_vec();
    assert_eq!(shown, ["built_in_rules", "5.00", "8.25"]);
    // It is settled by the provider's answer: what was paid of the first invoice pays the second, which is committed.
    let world = &desk.shop.world;
    let first = desk.invoice(&ada)["id"].as_str().unwrap().to_owned();
    let correct = |body: serde_json::Value| world.post(&format!("/v1/invoices/{first}/correct"), body);
    let paid = json!({ "customer_id": ada, "invoice_id": first, "amount": "105.00", "currency": "USD" });
    world.post("/v1/payments", paid).is(201);
    let both =
        json!({ "reason": "tax", "tax": "as_answered", "lines": [{ "line_no": 1, "amount": "90.00" }] });
    correct(both).is_problem(422, "tax_alone");
    let settled = correct(json!({ "reason": "tax", "tax": "as_answered" })).is(201);
    assert_eq!(settled.text_at("/credit_note/total"), "105.00");
    assert_eq!(settled.text_at("/credit_note/tax_total"), "5.00");
    assert_eq!(settled.text_at("/invoice/tax_total"), "8.25");
    assert_eq!(settled.text_at("/invoice/balance_applied"), "105.00");
    assert_eq!(settled.text_at("/invoice/amount_due"), "3.25");
    correct(json!({ "reason": "tax", "tax": "as_answered" })).is_problem(422, "nothing_to_credit");
    desk.at("00:20:00");
    assert_eq!(desk.provider.document(&settled.text_at("/invoice/id")), "committed 8.25 1 0");
    assert!(desk.differences().is_empty(), "{:?}", desk.differences());
    desk.shop.world.settle();
}

/// Two of one customer that come to the same ask the same question: both are listed, and each is settled.
#[test]
fn two_drafts_with_one_question_are_both_listed() {
    let desk = Desk::open_with(json!({ "on_outage": "engine" }));
    let ada = desk.austin();
    desk.provider.fail("calculate", "error", 3);
    let line = json!({ "description": "Setup", "amount": "100.00" });
    let body = json!({ "customer_id": ada, "collection": "send_invoice", "lines": [line] });
    let world = &desk.shop.world;
    let ids = [0, 1].map(|_| world.post("/v1/invoices", body.clone()).is(201).id());
    for id in &ids {
        world.post(&format!("/v1/invoices/{id}/finalize"), json!({}));
    }
    desk.at("00:00:20");
    let unanswered = desk.differences();
    let listed = |listed: &[serde_json::Value]| {
        let name = |one: &serde_json::Value, name: &str| one[name].as_str().unwrap().to_owned();
        let mut listed: Vec<_> =
            listed.iter().map(|one| (name(one, "document_id"), name(one, "difference"))).collect();
        listed.sort();
        listed
    };
    let both = |difference: &str| ids.clone().map(|id| (id, difference.to_owned()));
    assert_eq!(listed(&unanswered), both("unanswered"));
    desk.at("00:10:00");
    assert_eq!(listed(&desk.differences()), both("built_in_rules"));
    for id in &ids {
        let settle = json!({ "reason": "tax", "tax": "as_answered" });
        let settled = world.post(&format!("/v1/invoices/{id}/correct"), settle).is(201);
        assert_eq!(settled.text_at("/invoice/tax_total"), "8.25");
    }
    desk.at("00:20:00");
    assert_eq!(listed(&desk.differences()), []);
    world.settle();
}

#[test]
fn what_the_provider_did_not_answer_late_or_was_taken_back_since_is_not_settled_by_its_answer() {
    let desk = Desk::open_with(json!({ "on_outage": "engine" }));
    let (ada, bob) = (desk.austin(), desk.austin());
    desk.subscribe(&ada);
    desk.at("00:00:30");
    let world = &desk.shop.world;
    let settle = |id: &str| {
        world.post(&format!("/v1/invoices/{id}/correct"), json!({ "reason": "tax", "tax": "as_answered" }))
    };
    let answered = desk.invoice(&ada)["id"].as_str().unwrap().to_owned();
    settle(&answered).is_problem(422, "nothing_to_settle");
    desk.provider.fail("calculate", "error", 3);
    desk.subscribe(&bob);
    desk.at("00:02:00");
    let late = desk.invoice(&bob)["id"].as_str().unwrap().to_owned();
    desk.at("00:20:00");
    let part = json!({ "invoice_id": late, "amount": "10.50", "reason": "sorry" });
    world.post("/v1/credit_notes", part).is(201);
    settle(&late).is_problem(422, "settled_by_hand");
    // A void one is nobody's difference any more.
    assert_eq!(desk.differences().len(), 1);
    desk.shop.world.settle();
}

#[test]
fn an_answer_that_is_lost_after_the_commit_is_looked_up_and_the_document_is_there_once() {
    let desk = Desk::open();
    let ada = desk.austin();
    desk.subscribe(&ada);
    for how in ["error_after", "silence_after", "error", "silence_before"] {
        desk.provider.fail("commit", how, 1);
        let bob = desk.austin();
        desk.subscribe(&bob);
        let begun = Instant::now();
        let now = desk.shop.world.now() + chrono::TimeDelta::minutes(3);
        desk.shop.world.advance_to(&now.to_rfc3339());
        assert!(begun.elapsed().as_secs() < 20, "{how} took {:?}", begun.elapsed());
        let id = desk.invoice(&bob)["id"].as_str().unwrap().to_owned();
        assert_eq!(desk.provider.document(&id), "committed 8.25 1 0", "{how}");
    }
    desk.shop.world.settle();
}

#[test]
fn figures_that_differ_there_are_found_in_the_night() {
    let desk = Desk::open();
    let ada = desk.austin();
    desk.subscribe(&ada);
    desk.at("00:00:30");
    let id = desk.invoice(&ada)["id"].as_str().unwrap().to_owned();
    desk.provider.change(&id, json!({ "tax": "8.00" }));
    desk.shop.world.advance_to("2026-01-02T04:00:00Z");
    let listed = desk.differences();
    let found: Vec<&str> = ["document_id", "difference", "our_tax", "their_tax"]
        .map(|name| listed[0][name].as_str().unwrap())
        .to_vec();
    assert_eq!(found, [id.as_str(), "other_tax", "8.25", "8.00"]);
    desk.shop.world.settle();
}

#[test]
fn whoever_dies_between_the_call_and_its_record_leaves_a_document_that_is_found_there() {
    let desk = Desk::open();
    let (ada, bob) = (desk.austin(), desk.austin());
    desk.subscribe(&ada);
    desk.subscribe(&bob);
    desk.at("00:00:30");
    let committed = desk.invoice(&ada)["id"].as_str().unwrap().to_owned();
    let voided = desk.invoice(&bob)["id"].as_str().unwrap().to_owned();
    desk.shop.world.post(&format!("/v1/invoices/{voided}/void"), json!({})).is(200);
    desk.at("00:01:00");
    // As a process leaves it that is killed then: the call is made, what it did is not recorded.
    let killed = format!(
        "UPDATE tax_documents SET is_begun = true, next_tell_at = '2026-01-01T00:02:00Z', reference = NULL, their_tax = NULL, \
             recorded = CASE wanted WHEN 'voided' THEN 'committed' ELSE 'nothing' END WHERE tenant_id = '{}'",
        desk.shop.world.tenant.id.uuid()
    );
    desk.shop.world.database.connect().batch_execute(&killed).unwrap();
    desk.at("00:03:00");
    assert_eq!(desk.provider.document(&committed), "committed 8.25 1 0");
    assert_eq!(desk.provider.document(&voided), "voided 8.25 1 1");
    assert!(desk.differences().is_empty(), "{:?}", desk.differences());
    desk.shop.world.settle();
}

#[test]
fn three_hundred_invoices_wait_for_a_slow_provider_together() {
    let desk = Desk::open();
    desk.provider.set(json!({ "latency_ms": 200 }));
    let line = json!({ "description": "Setup", "amount": "100.00" });
    for _ in 0..300 {
        let ada = desk.austin();
        let draft = json!({ "customer_id": ada, "collection": "send_invoice", "lines": [line] });
        desk.shop.world.post("/v1/invoices", draft).is(201);
    }
    let begun = Instant::now();
    desk.at("00:00:00.5");
    // Three calls side by side, where one after the other would take a minute.
    assert_eq!(desk.provider.calls("calculate"), 3);
    assert!(begun.elapsed().as_secs() < 20, "it took {:?}", begun.elapsed());
    println!("300 drafts asked about in {:?}", begun.elapsed());
}

/// Settles the customer's newest invoice, which the built-in rules taxed, by the provider's answer; gives the credit note and the new invoice.
fn settled(desk: &Desk, customer: &str) -> (serde_json::Value, serde_json::Value) {
    let first = desk.invoice(customer);
    let path = format!("/v1/invoices/{}/correct", first["id"].as_str().unwrap());
    let settled = desk.shop.world.post(&path, json!({ "reason": "tax", "tax": "as_answered" })).is(201).json;
    assert_eq!(settled["credit_note"]["total"], first["total"]);
    (settled["credit_note"].clone(), settled["invoice"].clone())
}

/// 100.00 less 10 % are 90.00: 4.50 by the built-in rules, 5.63 + 0.90 + 0.90 by the provider.
#[test]
fn what_a_coupon_took_off_stays_off_when_the_tax_is_settled() {
    let desk = Desk::open_with(json!({ "on_outage": "engine" }));
    let ada = desk.austin();
    desk.provider.fail("calculate", "error", 3);
    let coupon = json!({ "code": "TENTH", "percent_off": "10", "duration": "forever" });
    desk.shop.world.post("/v1/coupons", coupon).is(201);
    let start =
        json!({ "customer_id": ada, "plan_id": desk.plan, "collection": "send_invoice", "coupon": "TENTH" });
    let subscription = desk.shop.world.post("/v1/subscriptions", start).is(201).id();
    desk.at("00:10:00");
    let first = desk.invoice(&ada);
    assert_eq!((&first["total"], &first["tax_total"]), (&json!("94.50"), &json!("4.50")));
    let (_, second) = settled(&desk, &ada);
    assert_eq!((&second["total"], &second["tax_total"]), (&json!("97.43"), &json!("7.43")));
    desk.at("00:20:00");
    assert!(desk.differences().is_empty(), "{:?}", desk.differences());
    // Taken back whole, nothing stays of either.
    let end = json!({ "effective_at": "2026-01-01T00:00:00Z", "credit": true, "invoice": "now" });
    desk.shop.world.post(&format!("/v1/subscriptions/{subscription}/cancel"), end).is(200);
    let last = desk.invoice(&ada);
    assert_eq!((&last["total"], &last["tax_total"]), (&json!("-97.43"), &json!("-7.43")));
    desk.shop.world.settle();
}

/// 100.00 with the tax in it: 4.76 by the built-in rules, 7.61 by the provider; the customer pays the same.
#[test]
fn a_price_with_tax_in_it_stays_what_it_is_when_the_tax_is_settled() {
    let desk = Desk::open_with(json!({ "on_outage": "engine" }));
    let ada = desk.austin();
    desk.provider.fail("calculate", "error", 3);
    let plan = json!({ "code": "within", "name": "Within", "product_id": desk.shop.product, "currency": "USD", "interval": "month",
        "prices": [flat("100.00", "inclusive")] });
    let plan = desk.shop.world.post("/v1/plans", plan).is(201).id();
    desk.shop.subscribe(&ada, &plan);
    desk.at("00:10:00");
    let first = desk.invoice(&ada);
    assert_eq!((&first["total"], &first["tax_included_total"]), (&json!("100.00"), &json!("4.76")));
    let (note, second) = settled(&desk, &ada);
    assert_eq!(note["tax_included_total"], "4.76");
    assert_eq!((&second["total"], &second["tax_included_total"]), (&json!("100.00"), &json!("7.61")));
    desk.at("00:20:00");
    assert!(desk.differences().is_empty(), "{:?}", desk.differences());
    desk.shop.world.settle();
}

/// 50 calls at 1.00, of which credits pay 30.00: they come back with the first invoice and pay the second.
#[test]
fn what_credits_paid_they_pay_again_when_the_tax_is_settled() {
    let desk = Desk::open_with(json!({ "on_outage": "engine" }));
    let world = &desk.shop.world;
    let ada = desk.austin();
    world.patch(&format!("/v1/customers/{ada}"), json!({ "external_id": "ada" })).is(200);
    let meter = json!({ "code": "calls", "name": "Calls", "event_type": "call", "aggregation": "count" });
    let meter = world.post("/v1/meters", meter).is(201).id();
    let plan = json!({ "code": "calls", "name": "Calls", "product_id": desk.shop.product, "currency": "USD", "interval": "month",
        "prices": [{ "code": "calls", "description": "Calls", "kind": "usage", "billing": "in_arrears", "meter_id": meter,
            "model": { "type": "per_unit", "unit_amount": "1.00" } }] });
    let plan = world.post("/v1/plans", plan).is(201).id();
    desk.shop.subscribe(&ada, &plan);
    let given = json!({ "customer_id": ada, "amount": "30.00", "currency": "USD", "source": "promotional" });
    world.post("/v1/credit_grants", given).is(201);
    let call = |n: u32| {
        json!({ "specversion": "1.0", "id": n.to_string(), "source": "app", "type": "call", "subject": "ada",
        "time": "2026-01-10T00:00:00Z", "data": {} })
    };
    world.advance_to("2026-01-11T00:00:00Z");
    world.post("/v1/usage/events", (0..50).map(call).collect::<Vec<_>>().into()).is(200);
    desk.provider.fail("calculate", "error", 3);
    world.advance_to("2026-02-01T06:00:00Z");
    let first = desk.invoice(&ada);
    let paid = |invoice: &serde_json::Value| {
        ["total", "credits_applied", "amount_due"].map(|name| invoice[name].as_str().unwrap().to_owned())
    };
    assert_eq!(paid(&first), ["52.50", "30.00", "22.50"]);
    let (note, second) = settled(&desk, &ada);
    assert_eq!((&note["to_credits"], &note["to_invoice"]), (&json!("30.00"), &json!("22.50")));
    assert_eq!(paid(&second), ["54.13", "30.00", "24.13"]);
    world.settle();
}
