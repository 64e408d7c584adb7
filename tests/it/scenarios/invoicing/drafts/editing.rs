//! What may be changed of a draft? Lines of one's own as one likes; billing's lines by a line beside them.

use serde_json::json;

use crate::harness::{Reply, World};
use crate::scenarios::billing::{Seller, base};

#[test]
fn lines_are_added_changed_and_removed_before_the_draft_is_issued() {
    let seller = Seller::on("2026-01-01");
    let (ada, id) = seller.with_draft();
    let year = json!({ "start": "2026-01-01T00:00:00Z", "end": "2027-01-01T00:00:00Z" });
    seller
        .add_line(&id, json!({ "description": "Training", "quantity": "2.5", "unit_amount": "99.999" }))
        .is(201);
    seller.add_line(&id, json!({ "description": "Licence", "amount": "120.00", "period": year })).is(201);
    seller.add_line(&id, json!({ "description": "Goodwill", "amount": "-5.00" })).is(201);
    seller
        .world
        .patch(
            &format!("/v1/invoices/{id}/lines/3"),
            json!({ "amount": "100.00", "description": "Licence 2026" }),
        )
        .is(200);
    seller.world.delete(&format!("/v1/invoices/{id}/lines/4")).is(200);
    seller.add_line(&id, json!({ "description": "Apology", "amount": "-1.00" })).is(201);
    seller.advance_to("2026-01-03");
    seller.bills(
        &ada,
        "INV-000001 paid USD billed 2026-01-01 due 2026-01-03
         2026-01-01 to 2026-02-01  1 x 31.00 = 31.00  Base
         2026-01-01 to 2026-01-01  2.5 x 99.999 = 250.00  Training
         2026-01-01 to 2027-01-01  1 x 100.00 = 100.00  Licence 2026
         2026-01-01 to 2026-01-01  1 x -1.00 = -1.00  Apology
         total 380.00 paid 380.00 due 0.00",
    );
    // What is for a time to come is earned over it: 31.00 and 100.00.
    let balances = seller.world.get("/v1/ledger/balances").is(200).text;
    assert!(balances.contains("131.00") && balances.contains("249.00"), "{balances}");
}

#[test]
fn a_line_of_billing_that_is_removed_stays_beside_a_line_that_waives_it_and_is_never_billed_again() {
    let seller = Seller::on("2026-01-01");
    let (ada, id) = seller.with_draft();
    seller.world.delete(&format!("/v1/invoices/{id}/lines/1")).is(200);
    seller.world.delete(&format!("/v1/invoices/{id}/lines/1")).is_problem(409, "line_removed_already");
    let waived = "2026-01-01 to 2026-02-01  1 x 31.00 = 31.00  Base
         2026-01-01 to 2026-02-01  1 x -31.00 = -31.00  Removed: Base
         total 0.00 paid 0.00 due 0.00";
    seller.bills(&ada, &format!("(no number) draft USD billed 2026-01-01\n{waived}"));
    let lines = seller.world.get(&format!("/v1/invoices/{id}")).is(200).json["lines"].clone();
    assert_eq!((&lines[1]["by_hand"], &lines[1]["counters_line"]), (&json!(true), &json!(1)));
    assert_eq!(seller.world.post("/v1/bill_runs", json!({})).is(201).json["progress"]["invoices"], 0);
    seller.advance_to("2026-01-10");
    seller.bills(&ada, &format!("INV-000001 paid USD billed 2026-01-01 due 2026-01-03\n{waived}"));
}

#[test]
fn a_line_of_billing_changed_twice_has_one_line_beside_it_and_changed_back_none() {
    let seller = Seller::on("2026-01-01");
    let (ada, id) = seller.with_draft();
    let change = |body| seller.world.patch(&format!("/v1/invoices/{id}/lines/1"), body);
    change(json!({ "amount": "20.00" })).is(200);
    change(json!({ "quantity": "3", "unit_amount": "12.00" })).is(200);
    seller.bills(
        &ada,
        "(no number) draft USD billed 2026-01-01
         2026-01-01 to 2026-02-01  1 x 31.00 = 31.00  Base
         2026-01-01 to 2026-02-01  1 x 5.00 = 5.00  Changed: Base
         total 36.00 paid 0.00 due 36.00",
    );
    change(json!({ "amount": "31.00" })).is(200);
    let whole = "(no number) draft USD billed 2026-01-01
         2026-01-01 to 2026-02-01  1 x 31.00 = 31.00  Base
         total 31.00 paid 0.00 due 31.00";
    seller.bills(&ada, whole);
    // The line that waives it is one's own: without it, the charge stands again.
    seller.world.delete(&format!("/v1/invoices/{id}/lines/1")).is(200);
    seller.world.delete(&format!("/v1/invoices/{id}/lines/2")).is(200);
    seller.bills(&ada, whole);
    change(json!({ "description": "Basis" })).is_problem(409, "line_written_by_billing");
}

#[test]
fn what_cannot_be_done_to_a_draft_is_refused_with_what_can() {
    let seller = Seller::on("2026-01-01");
    let (_, id) = seller.with_draft();
    let before = seller.world.rows_of(seller.world.tenant.id);
    let at = |reply: Reply, code: &str| {
        let reply = reply.is(422);
        assert_eq!(reply.text_at("/errors/0/code"), code, "{}", reply.text);
        reply.text_at("/errors/0/pointer")
    };
    let add = |line| seller.add_line(&id, line);
    assert_eq!(at(add(json!({ "description": " ", "amount": "1.00" })), "blank"), "/description");
    assert_eq!(at(add(json!({ "description": "A", "amount": "1.001" })), "bad_amount"), "/amount");
    assert_eq!(at(add(json!({ "description": "A" })), "missing_field"), "/amount");
    assert_eq!(at(add(json!({ "description": "A", "quantity": "1" })), "amount_or_product"), "/unit_amount");
    let both = json!({ "description": "A", "amount": "1.00", "quantity": "1", "unit_amount": "1" });
    assert_eq!(at(add(both), "amount_or_product"), "/amount");
    let backwards = json!({ "start": "2026-02-01T00:00:00Z", "end": "2026-01-01T00:00:00Z" });
    let line = json!({ "description": "A", "amount": "1.00", "period": backwards });
    assert_eq!(at(add(line), "period_ends_before_it_starts"), "/period");
    let large =
        json!({ "description": "A", "quantity": "999999999999999", "unit_amount": "999999999999999" });
    add(large).is_problem(422, "amount_out_of_range");
    for line in ["2", "0", "-1", "x", "99999"] {
        seller.world.delete(&format!("/v1/invoices/{id}/lines/{line}")).is_problem(404, "not_found");
    }
    let kept = seller.world.delete(&format!("/v1/invoices/{id}")).is_problem(409, "draft_has_billed_lines");
    assert!(kept.text_at("/detail").contains("finalize and void it"), "{}", kept.text);
    assert_eq!(seller.world.rows_of(seller.world.tenant.id), before, "something was written");
    seller.world.post(&format!("/v1/invoices/{id}/finalize"), json!({})).is(200);
    add(json!({ "description": "A", "amount": "1.00" })).is_problem(409, "invoice_status");
    seller.world.delete(&format!("/v1/invoices/{id}")).is_problem(409, "invoice_status");
    seller.world.delete(&format!("/v1/invoices/{id}/lines/1")).is_problem(409, "invoice_status");
}

#[test]
fn an_invoice_made_by_hand_is_issued_when_its_maker_says_so_or_thrown_away() {
    let seller = Seller { world: World::of("2026-01-31T20:00:00Z", "Asia/Tokyo", "JPY") };
    let ada = seller.customer_like(json!({ "name": "Ada", "currency": "JPY" }));
    let lines = json!([{ "description": "Set-up", "amount": "5000" }, { "description": "Days", "quantity": "1.5", "unit_amount": "33333.33" }]);
    let make = || {
        seller
            .world
            .post("/v1/invoices", json!({ "customer_id": ada, "collection": "send_invoice", "lines": lines }))
            .is(201)
    };
    let (kept, thrown) = (make(), make());
    assert_eq!((kept.text_at("/status"), kept.json["finalizes_at"].is_null()), ("draft".to_owned(), true));
    seller.world.delete(&format!("/v1/invoices/{}", thrown.id())).is(200);
    seller.world.get(&format!("/v1/invoices/{}", thrown.id())).is_problem(404, "not_found");
    seller.advance_to("2026-02-10");
    seller.world.post(&format!("/v1/invoices/{}/finalize", kept.id()), json!({})).is(200);
    seller.bills(
        &ada,
        "INV-000001 open JPY billed 2026-02-01 due 2026-03-12
         2026-01-31T20:00Z to 2026-01-31T20:00Z  1 x 5000 = 5000  Set-up
         2026-01-31T20:00Z to 2026-01-31T20:00Z  1.5 x 33333.33 = 50000  Days
         total 55000 paid 0 due 55000",
    );
    let refused = seller.world.post("/v1/invoices", json!({ "customer_id": ada, "collection": "send_invoice", "lines": [{ "description": "A", "amount": "0.5" }] }));
    assert_eq!(refused.is(422).text_at("/errors/0/pointer"), "/lines/0/amount");
}

#[test]
fn every_change_of_a_draft_emits_an_event() {
    let seller = Seller::on("2026-01-01");
    let (_, id) = seller.with_draft();
    seller.add_line(&id, json!({ "description": "Training", "amount": "9.00" })).is(201);
    seller.world.delete(&format!("/v1/invoices/{id}/lines/2")).is(200);
    seller.world.relay_events();
    let events = seller.world.get("/v1/events?type=invoice.updated").is(200);
    let totals: Vec<_> = events.data().iter().map(|e| e["data"]["total"].as_str().unwrap()).collect();
    assert_eq!(totals, ["40.00", "31.00"]);
}

#[test]
fn an_invoice_made_by_hand_waits_for_its_maker_whatever_the_settings() {
    let seller = Seller::on("2026-01-01");
    seller.hold_for(1);
    let plan = seller.plan("month", json!([base("31.00")]));
    let ada = seller.customer();
    let by_hand = seller
        .world
        .post("/v1/invoices", json!({ "customer_id": ada, "collection": "automatic" }))
        .is(201)
        .id();
    seller.subscribe(&ada, &plan, json!({ "end_at": "2026-02-01T00:00:00Z" }));
    seller.advance_to("2026-01-05");
    let count = |status: &str| {
        seller.world.get(&format!("/v1/invoices?customer_id={ada}&status={status}")).is(200).data().len()
    };
    assert_eq!((count("draft"), count("paid")), (1, 1), "only what is billed is issued by itself");
    seller.world.delete(&format!("/v1/invoices/{by_hand}")).is(200);
}
