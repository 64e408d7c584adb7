//! For how long is it agreed? Terms that renew or end, notices, minimums, and what it costs to leave early.

use serde_json::{Value, json};

use super::{Life, base};

/// 100.00 a month by card from 1 January 2026, with terms.
fn agreed(terms: Value) -> Life {
    Life::of("2026-01-01", |seller| {
        (seller.plan("month", json!([base("100.00")])), json!({ "terms": terms }))
    })
}

fn months(count: u32) -> Value {
    json!({ "interval": "month", "interval_count": count })
}

/// What was told of terms: `2026-12-02 subscription.term_will_end 1 to 2027-01-01 renews`.
fn warnings(life: &Life) -> Vec<String> {
    life.world.relay_events();
    let feed = life.world.get("/v1/events?limit=1000").is(200);
    let row = |e: &Value| {
        let type_ = e["type"].as_str().unwrap();
        let term = e["data"]["term"].as_object()?;
        let day = |text: &Value| text.as_str().unwrap()[..10].to_owned();
        let renews = if term["renews"].as_bool()? { "renews" } else { "ends" };
        Some(format!(
            "{} {type_} {} to {} {renews}",
            day(&e["occurred_at"]),
            term["number"],
            day(&term["end"])
        ))
    };
    let mut rows: Vec<String> = feed.data().iter().filter_map(row).collect();
    rows.sort();
    rows
}

#[test]
fn a_year_renews_by_half_years_and_each_end_is_announced_a_month_ahead() {
    let life = agreed(json!({ "term": { "interval": "year" }, "renewal_term": months(6) }));
    let terms = life.read();
    assert_eq!(terms.text_at("/terms/current_term/end"), "2027-01-01T00:00:00Z");
    assert_eq!(terms.text_at("/terms/earliest_end"), "2027-01-01T00:00:00Z");
    life.advance_to("2027-06-15");
    assert_eq!(
        warnings(&life),
        [
            "2026-12-02 subscription.term_will_end 1 to 2027-01-01 renews",
            "2027-01-01 subscription.renewed 2 to 2027-07-01 renews",
            "2027-06-01 subscription.term_will_end 2 to 2027-07-01 renews",
        ]
    );
    assert_eq!((life.status(), life.total()), ("active".to_owned(), "1800.00".to_owned()));
}

#[test]
fn of_a_contract_recorded_late_only_what_is_to_come_is_announced() {
    let life = Life::of("2026-06-15", |seller| {
        let more = json!({ "start_at": "2024-01-01T00:00:00Z", "terms": { "term": { "interval": "year" } } });
        (seller.plan("year", json!([base("100.00")])), more)
    });
    assert_eq!(life.read().json["terms"]["current_term"]["number"], 3);
    life.advance_to("2027-01-01");
    assert_eq!(
        warnings(&life),
        [
            "2026-12-02 subscription.term_will_end 3 to 2027-01-01 renews",
            "2027-01-01 subscription.renewed 4 to 2028-01-01 renews",
        ]
    );
}

#[test]
fn a_term_that_does_not_renew_ends_the_subscription() {
    let life = agreed(json!({ "term": months(3), "auto_renew": false }));
    assert_eq!(life.read().text_at("/end_at"), "2026-04-01T00:00:00Z");
    life.advance_to("2026-06-01");
    assert_eq!(warnings(&life), ["2026-03-02 subscription.term_will_end 1 to 2026-04-01 ends"]);
    assert_eq!((life.status(), life.total()), ("ended".to_owned(), "300.00".to_owned()));
}

#[test]
fn within_a_term_without_a_fee_it_cannot_be_canceled_unless_it_is_let_go() {
    let life = agreed(json!({ "term": { "interval": "year" } }));
    life.advance_to("2026-03-11");
    let rows = life.world.rows_of(life.world.tenant.id);
    let refused = life.world.post(&life.path("/cancel"), json!({ "effective_at": "period_end" }));
    let refused = refused.is_problem(422, "bound_by_terms");
    assert!(refused.text.contains("2027-01-01"), "{}", refused.text);
    assert_eq!(life.world.rows_of(life.world.tenant.id), rows, "a refusal wrote something");
    let canceled = life.command("cancel", json!({ "effective_at": "term_end" }));
    assert_eq!(canceled.text_at("/end_at"), "2027-01-01T00:00:00Z");
    life.command("uncancel", json!({}));
    life.command("cancel", json!({ "effective_at": "period_end", "early_termination": "waive" }));
    life.advance_to("2027-02-01");
    assert_eq!((life.status(), life.total()), ("canceled".to_owned(), "300.00".to_owned()));
    assert_eq!(warnings(&life), [""; 0]);
}

#[test]
fn leaving_early_costs_half_of_what_remains_and_taking_it_back_costs_nothing() {
    let fee = json!({ "type": "remaining", "percent": "50" });
    let life = agreed(json!({ "term": { "interval": "year" }, "early_termination_fee": fee }));
    life.advance_to("2026-09-10");
    life.command("cancel", json!({ "effective_at": "2026-10-01T00:00:00Z" }));
    life.command("uncancel", json!({}));
    life.command("cancel", json!({ "effective_at": "period_end" }));
    life.advance_to("2027-03-01");
    let invoices = life.invoices(&life.customer);
    assert_eq!(
        invoices[9..].join("\n"),
        "INV-000010 paid USD billed 2026-10-01 due 2026-10-01\n\
         2026-10-01 to 2026-10-01  1 x 150.00 = 150.00  Early termination fee: 50% of 300.00 to 2027-01-01\n\
         total 150.00 paid 150.00 due 0.00"
    );
    assert_eq!(life.total(), "1050.00");
}

#[test]
fn leaving_at_once_with_credit_is_charged_for_the_days_given_back_too() {
    let fee = json!({ "type": "remaining", "percent": "100" });
    let life = agreed(json!({ "term": months(2), "early_termination_fee": fee }));
    life.advance_to("2026-02-15");
    life.command("cancel", json!({ "effective_at": "now" }));
    // 14 of 28 days given back and owed again: as if it had stayed.
    life.then_billed(
        "INV-000002 paid USD billed 2026-02-01 due 2026-02-01
         2026-02-01 to 2026-03-01  1 x 100.00 = 100.00  Base
         total 100.00 paid 100.00 due 0.00
         INV-000003 paid USD billed 2026-02-15 due 2026-02-15
         2026-02-15 to 2026-03-01  1 x -50.00 = -50.00  Unused time: Base
         2026-02-15 to 2026-02-15  1 x 50.00 = 50.00  Early termination fee: 100% of 50.00 to 2026-03-01
         total 0.00 paid 0.00 due 0.00",
    );
}

#[test]
fn a_minimum_term_binds_an_evergreen_subscription_for_its_first_months_only() {
    let fee = json!({ "type": "fixed", "amount": "75.00" });
    let life = agreed(json!({ "minimum_term": months(6), "early_termination_fee": fee }));
    life.advance_to("2026-05-11");
    let preview = life.world.post(&life.path("/cancel/preview"), json!({ "credit": false })).is(200);
    assert_eq!(preview.text_at("/invoice/total"), "75.00");
    life.advance_to("2026-07-11");
    let preview = life.world.post(&life.path("/cancel/preview"), json!({ "credit": false })).is(200);
    assert_eq!(preview.json["invoice"], json!(null));
    assert_eq!(life.read().text_at("/terms/earliest_end"), "2026-07-11T00:00:00Z");
}

#[test]
fn a_notice_that_comes_too_late_ends_the_next_term() {
    let life = agreed(json!({ "term": months(6), "notice_days": 30, "reminder_days": 0 }));
    life.advance_to("2026-06-02");
    let canceled = life.command("cancel", json!({ "effective_at": "term_end" }));
    assert_eq!(canceled.text_at("/end_at"), "2027-01-01T00:00:00Z");
    life.command("uncancel", json!({}));
    let refused = life.world.post(&life.path("/cancel"), json!({ "effective_at": "2026-07-01T00:00:00Z" }));
    refused.is_problem(422, "bound_by_terms");
}

#[test]
fn the_renewal_is_switched_off_and_on_again_until_the_term_ends() {
    let life = agreed(json!({ "term": months(3) }));
    life.advance_to("2026-02-10");
    let off = life.command("renewal", json!({ "auto_renew": false }));
    assert_eq!(off.text_at("/end_at"), "2026-04-01T00:00:00Z");
    let again = life.world.post(&life.path("/renewal"), json!({ "auto_renew": false }));
    again.is_problem(422, "nothing_to_change");
    let on = life.command("renewal", json!({ "auto_renew": true }));
    assert_eq!(on.json["end_at"], json!(null));
    life.command("renewal", json!({ "auto_renew": false }));
    life.advance_to("2026-05-01");
    assert_eq!((life.status(), life.total()), ("ended".to_owned(), "300.00".to_owned()));
    let over = life.world.post(&life.path("/renewal"), json!({ "auto_renew": true }));
    over.is_problem(409, "subscription_ended");
}

#[test]
fn a_trial_binds_nobody_and_terms_are_counted_from_its_end() {
    let life = Life::of("2026-01-01", |seller| {
        let more = json!({ "trial_days": 14, "terms": { "term": { "interval": "year" } } });
        (seller.plan("month", json!([base("100.00")])), more)
    });
    assert_eq!(life.read().text_at("/terms/current_term/end"), "2027-01-15T00:00:00Z");
    life.advance_to("2026-01-10");
    life.command("cancel", json!({ "effective_at": "now" }));
    life.advance_to("2026-03-01");
    assert_eq!(life.total(), "0");
}

#[test]
fn terms_that_cannot_be_are_refused_at_the_start() {
    let seller = super::Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([base("100.00")]));
    let customer = seller.customer();
    let refused = |more: Value| {
        let mut body = json!({ "customer_id": customer, "plan_id": plan.id, "collection": "send_invoice" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        seller.world.post("/v1/subscriptions", body).is(422).faults()
    };
    let fault = |pointer: &str, code: &str| [(pointer.to_owned(), code.to_owned())];
    assert_eq!(refused(json!({ "terms": {} })), fault("/terms", "empty_terms"));
    assert_eq!(
        refused(json!({ "terms": { "term": months(12) }, "end_at": "2026-05-01T00:00:00Z" })),
        fault("/end_at", "end_and_term")
    );
    assert_eq!(
        refused(json!({ "terms": { "term": months(0) } })),
        fault("/terms/term/interval_count", "out_of_range")
    );
    let fee = json!({ "type": "fixed", "amount": "0.001" });
    assert_eq!(
        refused(json!({ "terms": { "term": months(12), "early_termination_fee": fee } })),
        fault("/terms/early_termination_fee/amount", "too_fine")
    );
}

#[test]
fn a_break_that_extends_moves_the_term_its_reminder_and_its_renewals_by_its_days() {
    let life = agreed(json!({ "term": months(3), "renewal_term": months(2), "minimum_term": months(6) }));
    life.advance_to("2026-02-10");
    life.command("pause", json!({ "mode": "extend", "resumes_at": "2026-03-01T00:00:00Z" }));
    // Sooner than planned: 10 days, not 19.
    life.advance_to("2026-02-20");
    life.command("resume", json!({}));
    let terms = life.read();
    assert_eq!(terms.text_at("/terms/current_term/end"), "2026-04-11T00:00:00Z");
    assert_eq!(terms.text_at("/terms/earliest_end"), "2026-08-11T00:00:00Z");
    life.advance_to("2026-06-20");
    assert_eq!(
        warnings(&life),
        [
            "2026-03-12 subscription.term_will_end 1 to 2026-04-11 renews",
            "2026-04-11 subscription.renewed 2 to 2026-06-11 renews",
            "2026-05-12 subscription.term_will_end 2 to 2026-06-11 renews",
            "2026-06-11 subscription.renewed 3 to 2026-08-11 renews",
            "2026-07-12 subscription.term_will_end 3 to 2026-08-11 renews",
        ][..4]
    );
}

#[test]
fn in_a_break_of_unknown_length_no_term_ends() {
    let life = agreed(json!({ "term": months(2) }));
    life.advance_to("2026-01-15");
    life.command("pause", json!({ "mode": "extend" }));
    life.advance_to("2026-05-15");
    assert_eq!(warnings(&life), [""; 0]);
    life.command("resume", json!({}));
    assert_eq!(life.read().text_at("/terms/current_term/end"), "2026-06-29T00:00:00Z");
    life.advance_to("2026-06-29");
    assert_eq!(
        warnings(&life),
        [
            "2026-05-30 subscription.term_will_end 1 to 2026-06-29 renews",
            "2026-06-29 subscription.renewed 2 to 2026-08-29 renews"
        ]
    );
}
