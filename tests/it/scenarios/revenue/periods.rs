//! May books be closed, and do they stay so? In order, when a month is over, once; what comes for a closed one counts later and says so.

use std::sync::Barrier;
use std::thread;

use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

use super::House;
use crate::harness::World;

/// Two months of books, in March.
fn spring() -> House {
    let house = House::at("2026-01-15T00:00:00Z");
    house.subscribe(&house.plan("monthly", "31.00", 1));
    house.world.advance_to("2026-03-05T00:00:00Z");
    house
}

fn states(house: &House) -> Vec<String> {
    let listed = house.client().get("/v1/accounting_periods").is(200);
    let text =
        |one: &Value| format!("{} {}", one["start"].as_str().unwrap(), one["status"].as_str().unwrap());
    listed.data().iter().map(text).collect()
}

#[test]
fn months_are_closed_in_their_order_when_they_are_over() {
    let house = spring();
    assert_eq!(states(&house), ["2026-03-01 open", "2026-02-01 open", "2026-01-01 open"]);
    house.close("2026-02-01").is_problem(409, "earlier_period_open");
    let closed = house.close("2026-01-01").is(200);
    assert_eq!(
        (closed.text_at("/status"), closed.text_at("/end")),
        ("closed".to_owned(), "2026-02-01".to_owned())
    );
    house.close("2026-01-01").is_problem(409, "period_closed");
    house.close("2026-02-01").is(200);
    house.close("2026-03-01").is_problem(409, "period_not_over");
    assert_eq!(states(&house), ["2026-03-01 open", "2026-02-01 closed", "2026-01-01 closed"]);
    house.world.settle();
}

#[test]
fn what_a_checklist_finds_is_signed_off_by_name_while_as_much_is_found() {
    let house = House::at("2026-01-15T00:00:00Z");
    house.subscribe(&house.plan("monthly", "31.00", 1));
    let draft = |name: &str| {
        let line = json!({ "description": name, "amount": "20.00" });
        let body = json!({ "customer_id": house.customer(), "collection": "send_invoice", "lines": [line] });
        house.client().post("/v1/invoices", body).is(201).id()
    };
    draft("Set-up");
    let issued = draft("Once");
    house.client().post(&format!("/v1/invoices/{issued}/finalize"), json!({})).is(200);
    house.world.advance_to("2026-02-03T00:00:00Z");
    let january = house.period("2026-01-01");
    let path = format!("/v1/accounting_periods/{january}/sign_offs");
    let sign = |check: &str, by: &str| {
        house.client().post(&path, json!({ "check": check, "by": by, "note": "as agreed" }))
    };
    let found = |name: &str| {
        let list = house.client().get(&format!("/v1/accounting_periods/{january}/checklist")).is(200);
        let check = list.json["checks"].as_array().unwrap().iter().find(|check| check["name"] == name);
        let check = check.unwrap().clone();
        (
            list.json["ready"].as_bool().unwrap(),
            check["count"].as_i64().unwrap(),
            check["signed_off"]["by"].clone(),
        )
    };
    sign("drafts_are_issued", "  ").is_problem(422, "signature_required");
    sign("all_is_well", "Ada").is_problem(422, "unknown_check");
    sign("payments_have_an_outcome", "Ada").is_problem(409, "check_is_clean");
    assert_eq!(found("drafts_are_issued"), (false, 1, Value::Null));
    let signed = sign("drafts_are_issued", "Ada").is(201);
    assert_eq!((signed.text_at("/by"), signed.json["count"].as_i64()), ("Ada".to_owned(), Some(1)));
    assert_eq!(found("drafts_are_issued"), (false, 1, json!("Ada")));
    house.close("2026-01-01").is_problem(409, "lines_without_rule");
    sign("lines_at_once_have_a_rule", "Grace").is(201);
    assert_eq!(found("lines_at_once_have_a_rule"), (true, 1, json!("Grace")));
    sign("drafts_are_issued", "Grace").is(201);
    assert_eq!(found("drafts_are_issued"), (true, 1, json!("Grace")), "the newest counts");
    house.close("2026-01-01").is(200);
    sign("drafts_are_issued", "Ada").is_problem(409, "period_closed");
    let reopen = format!("/v1/accounting_periods/{january}/reopen");
    house.client().post(&reopen, json!({ "reason": "missing" })).is(200);
    house.world.advance_to("2026-02-04T00:00:00Z");
    assert_eq!(found("drafts_are_issued").1, 1);
    house.world.settle();
}

#[test]
fn closing_posts_what_was_earned_though_no_job_has_run() {
    let house = House::at("2026-01-15T00:00:00Z");
    house.subscribe(&house.plan("monthly", "31.00", 1));
    let body = json!({ "month": "2026-01" });
    house.client().post("/v1/accounting_periods", body).is(201);
    let later = format!(
        "UPDATE tenants SET test_clock = '2026-02-03T00:00:00Z' WHERE id = '{}'",
        house.world.tenant.id.uuid()
    );
    house.world.database.connect().batch_execute(&later).unwrap();
    house.close("2026-01-01").is(200);
    assert_eq!(house.recognized(), ["2026-01-31 17.00"]);
    house.world.settle();
    assert_eq!(house.recognized(), ["2026-01-31 17.00"]);
}

#[test]
fn a_closed_month_is_reopened_with_a_reason_the_newest_first() {
    let house = spring();
    house.close("2026-01-01").is(200);
    house.close("2026-02-01").is(200);
    let reopen = |start: &str, reason: &str| {
        house.client().post(
            &format!("/v1/accounting_periods/{}/reopen", house.period(start)),
            json!({ "reason": reason }),
        )
    };
    reopen("2026-01-01", "an invoice was missing").is_problem(409, "later_period_closed");
    reopen("2026-02-01", " ").is_problem(422, "reason_required");
    reopen("2026-03-01", "why not").is_problem(409, "period_not_closed");
    let reopened = reopen("2026-02-01", "an invoice was missing").is(200);
    assert_eq!(reopened.text_at("/status"), "reopened");
    assert_eq!(reopened.text_at("/reopened_because"), "an invoice was missing");
    reopen("2026-01-01", "so was another").is(200);
    house.close("2026-02-01").is_problem(409, "earlier_period_open");
    house.close("2026-01-01").is(200);
    house.close("2026-02-01").is(200);
    house.world.relay_events();
    let emitted = |type_: &str| house.client().get(&format!("/v1/events?type={type_}")).is(200).data().len();
    assert_eq!((emitted("accounting_period.closed"), emitted("accounting_period.reopened")), (4, 2));
    house.world.settle();
}

#[test]
fn the_database_refuses_what_is_posted_into_a_closed_month_and_the_program_posts_it_later() {
    let house = spring();
    house.close("2026-01-01").is(200);
    let tenant = house.world.tenant.id.uuid();
    let back = format!(
        "INSERT INTO ledger_transfers (tenant_id, source_id, source_kind, leg, debit, credit, amount, currency, customer_id, effective_on, recorded_at) \
         SELECT tenant_id, source_id, source_kind, 9, debit, credit, amount, currency, customer_id, '2026-01-31', recorded_at \
         FROM ledger_transfers WHERE tenant_id = '{tenant}' LIMIT 1"
    );
    let refused = house.world.database.connect().batch_execute(&back).unwrap_err();
    assert!(refused.to_string().contains("closed period"), "{refused}");
    // As if the present day were closed: what counts on it counts on the first day that is open.
    let ahead = format!("UPDATE entities SET books_open_from = '2026-04-01' WHERE tenant_id = '{tenant}'");
    house.world.database.connect().batch_execute(&ahead).unwrap();
    let money = json!({ "customer_id": house.customer(), "amount": "5.00", "currency": "USD" });
    let payment = house.client().post("/v1/payments", money).is(201).id();
    let entry = house.client().get(&format!("/v1/ledger/entries?source_id={payment}")).is(200);
    assert_eq!(entry.text_at("/data/0/effective_on"), "2026-04-01");
    assert_eq!(entry.text_at("/data/0/original_on"), "2026-03-05");
}

#[test]
fn of_two_closes_at_once_one_closes_and_the_other_is_told() {
    let house = spring();
    let id = house.period("2026-01-01");
    let barrier = Barrier::new(2);
    let statuses = thread::scope(|scope| {
        let call = || {
            barrier.wait();
            house.client().post(&format!("/v1/accounting_periods/{id}/close"), json!({})).status
        };
        let (one, other) = (scope.spawn(call), scope.spawn(call));
        let mut both = [one.join().unwrap(), other.join().unwrap()];
        both.sort_unstable();
        both
    });
    assert_eq!(statuses, [200, 409]);
    assert_eq!(house.recognized().len(), 3, "17.00 of January, 14.00 and its next month's share of February");
    house.world.settle();
}

#[test]
fn a_close_that_died_is_gone_on_with_by_the_same_call() {
    let house = spring();
    let id = house.period("2026-01-01");
    let path = format!("/v1/accounting_periods/{id}/close");
    house.client().post_once("k", &path, json!({})).is(200);
    house.world.lose_answers();
    let again = house.client().post_once("k", &path, json!({})).is(200);
    assert_eq!(again.text_at("/status"), "closed");
    // As a process leaves it that dies before the end.
    let dead = format!(
        "UPDATE accounting_periods SET status = 'closing', closed_at = NULL WHERE id = '{}'; \
         UPDATE entities SET books_open_from = NULL WHERE tenant_id = '{}'",
        id.parse::<billwright::domain::ids::AccountingPeriodId>().unwrap().uuid(),
        house.world.tenant.id.uuid()
    );
    house.world.database.connect().batch_execute(&dead).unwrap();
    let posted = house.recognized();
    house.client().post(&path, json!({})).is(200);
    assert_eq!(house.recognized(), posted);
    house.world.settle();
}

#[test]
fn the_checklist_names_what_is_left() {
    let house = spring();
    let line = json!({ "description": "Set-up", "amount": "20.00" });
    let body = json!({ "customer_id": house.customer(), "collection": "send_invoice", "lines": [line] });
    let invoice = house.client().post("/v1/invoices", body).is(201).id();
    let checks = |start: &str| {
        let path = format!("/v1/accounting_periods/{}/checklist", house.period(start));
        let reply = house.client().get(&path).is(200);
        let left = |check: &&Value| check["clean"] == false;
        let name = |check: &Value| format!("{} {}", check["name"].as_str().unwrap(), check["count"]);
        reply.json["checks"].as_array().unwrap().iter().filter(left).map(name).collect::<Vec<_>>()
    };
    assert_eq!(checks("2026-01-01"), [""; 0]);
    assert_eq!(checks("2026-03-01"), ["earlier_periods_are_closed 2", "drafts_are_issued 1"]);
    house.client().post(&format!("/v1/invoices/{invoice}/finalize"), json!({})).is(200);
    assert_eq!(checks("2026-03-01"), ["earlier_periods_are_closed 2", "lines_at_once_have_a_rule 1"]);
    house.world.settle();
}

#[test]
fn what_is_earned_at_once_silently_keeps_its_month_open_until_somebody_accepts_it() {
    let house = spring();
    let set_up = || {
        let line = json!({ "description": "Set-up", "amount": "20.00" });
        let body = json!({ "customer_id": house.customer(), "collection": "send_invoice", "lines": [line] });
        let invoice = house.client().post("/v1/invoices", body).is(201).id();
        house.client().post(&format!("/v1/invoices/{invoice}/finalize"), json!({})).is(200);
        invoice
    };
    let (voided, credited, kept) = (set_up(), set_up(), set_up());
    house.client().post(&format!("/v1/invoices/{voided}/void"), json!({})).is(200);
    let note = json!({ "invoice_id": credited, "reason": "never done" });
    house.client().post("/v1/credit_notes", note).is(201);
    house.world.advance_to("2026-04-02T00:00:00Z");
    house.close("2026-01-01").is(200);
    house.close("2026-02-01").is(200);
    let refused = house.close("2026-03-01").is_problem(409, "lines_without_rule");
    assert!(refused.text_at("/detail").starts_with("1 of the lines of this period"), "{}", refused.text);
    assert_eq!(states(&house)[1], "2026-03-01 open");
    let path = format!("/v1/accounting_periods/{}/close", house.period("2026-03-01"));
    let accept = |name: &str| house.client().post(&path, json!({ "accept": [name] }));
    accept("drafts_are_issued").is_problem(422, "unknown_check");
    let closed = accept("lines_at_once_have_a_rule").is(200);
    assert_eq!(closed.json["accepted"], json!(["lines_at_once_have_a_rule"]));
    let listed = house.client().get("/v1/accounting_periods").is(200);
    let accepted = |n: usize| listed.data()[n]["accepted"].clone();
    assert_eq!((accepted(1), accepted(2)), (json!(["lines_at_once_have_a_rule"]), json!([])));
    let shown = house.schedules(&format!("invoice_id={kept}"));
    assert_eq!(shown, ["20.00 invoice_line: 2026-03 20.00"]);
    house.world.settle();
}

#[test]
fn books_are_opened_for_earlier_months_and_never_for_later_ones() {
    let house = spring();
    let open = |month: &str| house.client().post("/v1/accounting_periods", json!({ "month": month }));
    assert_eq!(open("2025-11").is(201).text_at("/start"), "2025-11-01");
    assert_eq!(states(&house).len(), 5);
    assert_eq!(open("2026-02").is(201).text_at("/id"), house.period("2026-02-01"));
    open("2026-04").is_problem(422, "month_out_of_range");
    open("2026-4").is_problem(422, "bad_value");
    house.close("2025-11-01").is(200);
    open("2025-10").is_problem(422, "month_out_of_range");
    house.world.settle();
}

/// Revalued is a day of books that are open: a closed one stays as it was reported.
#[test]
fn a_day_of_a_closed_month_is_not_revalued() {
    let house = House::in_world(World::of("2026-01-15T00:00:00Z", "UTC", "EUR"));
    let rate = |date: &str, rate: &str| {
        let body = json!({ "base": "USD", "quote": "EUR", "date": date, "rate": rate });
        house.client().post("/v1/exchange_rates", body).is(201);
    };
    rate("2026-01-15", "0.80");
    let buyer = json!({ "name": "Ada", "currency": "USD" });
    let customer = house.client().post("/v1/customers", buyer).is(201).id();
    let start = json!({ "customer_id": customer, "plan_id": house.plan("monthly", "31.00", 1), "collection": "send_invoice" });
    house.client().post("/v1/subscriptions", start).is(201);
    house.world.advance_to("2026-02-03T00:00:00Z");
    rate("2026-01-31", "0.90");
    rate("2026-02-02", "0.90");
    house.close("2026-01-01").is(200);
    let revalue = |path: &str, day: &str| house.client().post(path, json!({ "as_of": day }));
    revalue("/v1/ledger/revaluations", "2026-01-31").is_problem(409, "period_closed");
    revalue("/v1/ledger/revaluations/preview", "2026-01-31").is_problem(409, "period_closed");
    revalue("/v1/ledger/revaluations", "2026-02-02").is(201);
    house.world.settle();
}
