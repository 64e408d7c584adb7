//! What was planned and taken back is not billed, and what an end took away is given back as it had been decided.

use serde_json::{Value, json};

use super::{Life, Seller, flat, seat, setup};

/// A flat price of a plan of its own.
fn price(code: &str, amount: &str) -> Value {
    json!({ "code": code, "description": code, "kind": "recurring", "billing": "in_advance", "model": flat(amount) })
}

/// An add-on, flat.
fn add_on(code: &str, amount: &str) -> Value {
    let mut price = price(code, amount);
    price["add_on"] = json!(true);
    price
}

/// On plan a at 31.00 from January, with the ids of b at 62.00, with a set-up of its own, and c at 93.00.
fn three_plans() -> (Life, String, String) {
    let life =
        Life::of("2026-01-01", |seller| (seller.plan("month", json!([price("a", "31.00")])), json!({})));
    let mut set_up = setup("500.00");
    set_up["code"] = json!("set_up_of_b");
    let b = life.plan("month", json!([price("b", "62.00"), set_up])).id;
    let c = life.plan("month", json!([price("c", "93.00")])).id;
    (life, b, c)
}

/// 31.00 a month and an add-on of 10.00, with the add-on's price.
fn with_add_on() -> (Life, String) {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([price("a", "31.00"), add_on("more", "10.00")]));
    let customer = seller.customer();
    let items = json!([{ "price_id": plan.prices[0] }, { "price_id": plan.prices[1] }]);
    let subscription = seller.subscribe(&customer, &plan, json!({ "items": items }));
    (Life { seller, customer, subscription }, plan.prices[1].clone())
}

/// The totals of the invoices, the oldest first.
pub(super) fn totals(life: &Life) -> Vec<String> {
    let listed = life.world.get("/v1/invoices?limit=100").is(200);
    listed.data().iter().rev().map(|i| i["total"].as_str().unwrap().to_owned()).collect()
}

/// The changes as kinds, the oldest first, with a word where one is taken back, and by which kind.
pub(super) fn changes(life: &Life) -> Vec<String> {
    let listed = life.world.get(&life.path("/changes?limit=100")).is(200);
    let data = listed.data();
    let kind_of = |id: &Value| data.iter().find(|c| c["id"] == *id).unwrap()["kind"].clone();
    let text = |change: &Value| match &change["taken_back_by"] {
        Value::Null => {
            assert_eq!(change["taken_back_at"], Value::Null);
            change["kind"].as_str().unwrap().to_owned()
        }
        by => {
            assert_ne!(change["taken_back_at"], Value::Null);
            format!("{} taken back by {}", change["kind"].as_str().unwrap(), kind_of(by).as_str().unwrap())
        }
    };
    data.iter().rev().map(text).collect()
}

#[test]
fn a_planned_plan_that_another_replaces_is_never_billed() {
    let (life, b, c) = three_plans();
    life.change(json!({ "plan_id": b, "effective_at": "2026-01-16T00:00:00Z" }));
    life.advance_to("2026-01-11");
    life.change(json!({ "plan_id": c, "replace_scheduled": true }));
    life.advance_to("2026-03-01");
    life.then_billed(
        "INV-000002 paid USD billed 2026-02-01 due 2026-02-01
         2026-01-11 to 2026-02-01  1 x -21.00 = -21.00  Unused time: a
         2026-01-11 to 2026-02-01  1 x 93.00 = 63.00  c
         2026-02-01 to 2026-03-01  1 x 93.00 = 93.00  c
         total 135.00 paid 135.00 due 0.00
         INV-000003 paid USD billed 2026-03-01 due 2026-03-01
         2026-03-01 to 2026-04-01  1 x 93.00 = 93.00  c
         total 93.00 paid 93.00 due 0.00",
    );
    assert_eq!(changes(&life), ["change taken back by change", "change"]);
}

#[test]
fn a_planned_change_taken_back_and_nothing_else_leaves_no_trace_by_whatever_basis() {
    for basis in ["by_day", "by_second", "30_360", "none", "full_period"] {
        let (life, b, _) = three_plans();
        life.change(json!({ "plan_id": b, "effective_at": "2026-01-16T00:00:00Z", "invoice": "now" }));
        life.advance_to("2026-01-11");
        life.change(json!({ "replace_scheduled": true, "proration": basis, "invoice": "now" }));
        life.advance_to("2026-03-01");
        assert_eq!(totals(&life), ["31.00", "31.00", "31.00"], "{basis}");
        // It is as if nothing had been planned: a pause finds nothing in its way.
        life.command("pause", json!({ "mode": "credit", "effective_at": "2026-03-05T00:00:00Z" }));
    }
}

#[test]
fn what_is_planned_after_a_later_day_is_taken_back_as_of_then_and_months_before_are_billed_in_time() {
    let (life, b, _) = three_plans();
    life.change(json!({ "plan_id": b, "effective_at": "2026-06-16T00:00:00Z" }));
    life.change(json!({ "replace_scheduled": true, "effective_at": "2026-05-16T00:00:00Z" }));
    life.advance_to("2026-03-01");
    assert_eq!(totals(&life), ["31.00", "31.00", "31.00"]);
    life.advance_to("2026-07-01");
    assert_eq!(life.total(), "217.00");
}

#[test]
fn phases_agreed_at_the_start_with_prices_of_their_own_are_replaced_whole() {
    let seller = Seller::on("2026-01-01");
    let a = seller.plan("month", json!([price("a", "31.00")]));
    let b = seller.plan("month", json!([price("b", "62.00")])).id;
    let c = seller.plan("month", json!([price("c", "93.00")])).id;
    let customer = seller.customer();
    let phases = json!([{ "at": "2026-02-01T00:00:00Z", "plan_id": b }, { "at": "2026-03-01T00:00:00Z", "plan_id": c }]);
    let subscription = seller.subscribe(&customer, &a, json!({ "phases": phases }));
    let life = Life { seller, customer, subscription };
    life.advance_to("2026-01-20");
    life.change(json!({ "effective_at": "2026-02-01T00:00:00Z", "plan_id": c, "replace_scheduled": true }));
    life.advance_to("2026-04-01");
    assert_eq!(totals(&life), ["31.00", "93.00", "93.00", "93.00"]);
    assert_eq!(changes(&life), ["phase", "phase taken back by change", "change"]);
    assert_eq!(life.items(), ["1 x c"]);
}

#[test]
fn a_planned_add_on_and_what_it_charges_once_are_taken_back_and_a_charge_beside_the_plan_is_not() {
    let mut training = setup("99.00");
    training["add_on"] = json!(true);
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([price("a", "31.00"), add_on("more", "10.00"), training]));
    let customer = seller.customer();
    let subscription =
        seller.subscribe(&customer, &plan, json!({ "items": [{ "price_id": plan.prices[0] }] }));
    let life = Life { seller, customer, subscription };
    let added = json!([{ "price_id": plan.prices[1] }, { "price_id": plan.prices[2] }]);
    life.change(json!({ "add_items": added, "effective_at": "2026-01-16T00:00:00Z", "invoice": "now" }));
    life.command("charges", json!({ "description": "Visit", "amount": "5.00" }));
    life.advance_to("2026-01-11");
    life.change(json!({ "replace_scheduled": true }));
    life.advance_to("2026-02-01");
    assert_eq!(totals(&life), ["31.00", "36.00"]);
    // The same can be planned anew, with what it charges once.
    let added = json!([{ "price_id": plan.prices[1] }, { "price_id": plan.prices[2] }]);
    life.change(json!({ "add_items": added, "invoice": "now" }));
    assert_eq!(totals(&life), ["31.00", "36.00", "109.00"]);
}

#[test]
fn a_backdated_change_that_replaces_one_in_force_gives_all_of_that_back() {
    let (life, b, c) = three_plans();
    life.advance_to("2026-01-16");
    life.change(json!({ "plan_id": b, "invoice": "now" }));
    life.advance_to("2026-02-10");
    let late = json!({ "plan_id": c, "effective_at": "2026-01-11T00:00:00Z", "replace_scheduled": true, "invoice": "now" });
    life.change(late);
    // 10 days of a, 21 of c, and a February of c; the set-up of b is given back.
    assert_eq!(life.total(), "166.00");
    life.advance_to("2026-03-01");
    assert_eq!(life.total(), "259.00");
    assert_eq!(life.items(), ["1 x c"]);
}

#[test]
fn an_add_on_removed_for_the_day_of_a_cancellation_stays_removed_when_that_is_taken_back() {
    let (life, more) = with_add_on();
    life.change(json!({ "remove_items": [more], "effective_at": "period_end" }));
    life.command("cancel", json!({ "effective_at": "period_end" }));
    assert_eq!(changes(&life), ["change taken back by cancel", "cancel"]);
    life.command("uncancel", json!({}));
    assert_eq!(changes(&life), ["change", "cancel taken back by uncancel", "uncancel"]);
    life.advance_to("2026-03-01");
    assert_eq!(totals(&life), ["41.00", "31.00", "31.00"]);
}

#[test]
fn seats_plans_and_add_ons_planned_before_a_cancellation_come_when_it_is_taken_back() {
    for end in ["2026-01-17T00:00:00Z", "2026-02-01T00:00:00Z", "2026-02-10T00:00:00Z"] {
        let (life, b, _) = three_plans();
        life.change(json!({ "plan_id": b, "effective_at": "2026-03-01T00:00:00Z" }));
        life.command("cancel", json!({ "effective_at": end, "credit": false }));
        life.advance_to("2026-01-10");
        life.command("uncancel", json!({}));
        life.advance_to("2026-04-01");
        assert_eq!(totals(&life), ["31.00", "31.00", "562.00", "62.00"], "{end}");
        assert_eq!(life.read().text_at("/plan_id"), b);
    }
    let seats = Life::seats("2026-01-01", ("10.00", "3"));
    seats.change(json!({ "quantity": "9", "effective_at": "2026-03-01T00:00:00Z" }));
    seats.command("cancel", json!({ "effective_at": "period_end" }));
    // More seats meanwhile, up to when there will be 9.
    seats.change(json!({ "quantity": "4", "effective_at": "now", "invoice": "now" }));
    seats.command("uncancel", json!({}));
    seats.advance_to("2026-03-01");
    assert_eq!(totals(&seats), ["30.00", "10.00", "40.00", "90.00"]);
}

#[test]
fn a_ramp_whose_cancellation_is_taken_back_goes_on_as_a_ramp() {
    let life = Life::of("2026-01-01", |seller| {
        let phases = json!([{ "at": "2026-02-01T00:00:00Z", "quantity": "2" }, { "at": "2026-03-01T00:00:00Z", "quantity": "3" }]);
        (seller.plan("month", json!([seat("10.00")])), json!({ "quantity": "1", "phases": phases }))
    });
    life.command("cancel", json!({ "effective_at": "period_end" }));
    life.advance_to("2026-01-20");
    life.command("uncancel", json!({}));
    life.advance_to("2026-04-01");
    assert_eq!(totals(&life), ["10.00", "20.00", "30.00", "30.00"]);
    assert_eq!(changes(&life), ["phase", "phase", "cancel taken back by uncancel", "uncancel"]);
}

#[test]
fn what_is_taken_back_while_it_is_canceled_stays_so() {
    let (life, b, c) = three_plans();
    life.change(json!({ "plan_id": b, "effective_at": "2026-03-01T00:00:00Z" }));
    life.command("cancel", json!({ "effective_at": "2026-02-01T00:00:00Z" }));
    life.change(json!({ "plan_id": c, "effective_at": "2026-01-11T00:00:00Z" }));
    life.command("uncancel", json!({}));
    life.advance_to("2026-04-01");
    assert_eq!(totals(&life), ["31.00", "135.00", "93.00", "93.00"]);
    assert_eq!(changes(&life)[0], "change taken back by cancel");
}

#[test]
fn a_renewal_switched_on_again_brings_back_what_was_planned_for_later_terms() {
    let life = Life::of("2026-01-01", |seller| {
        let more =
            json!({ "quantity": "3", "terms": { "term": { "interval": "month", "interval_count": 2 } } });
        (seller.plan("month", json!([seat("10.00")])), more)
    });
    life.change(json!({ "quantity": "9", "effective_at": "2026-04-01T00:00:00Z" }));
    life.command("renewal", json!({ "auto_renew": false }));
    life.command("cancel", json!({ "effective_at": "2026-02-01T00:00:00Z", "early_termination": "waive" }));
    life.command("uncancel", json!({}));
    assert_eq!(life.read().text_at("/end_at"), "2026-03-01T00:00:00Z");
    life.command("renewal", json!({ "auto_renew": true }));
    life.advance_to("2026-04-01");
    assert_eq!(totals(&life), ["30.00", "30.00", "30.00", "90.00"]);
}

#[test]
fn a_planned_break_comes_after_all_when_a_cancellation_is_taken_back() {
    let credited = ["31.00", "15.50", "6.64", "31.00"].as_slice();
    for (mode, expected) in [("credit", credited), ("extend", &["31.00", "31.00", "31.00"])] {
        let life = Life::monthly("2026-01-01", "31.00");
        let pause = json!({ "mode": mode, "effective_at": "2026-02-15T00:00:00Z", "resumes_at": "2026-02-23T00:00:00Z", "invoice": "now" });
        life.command("pause", pause);
        life.command("cancel", json!({ "effective_at": "period_end" }));
        life.command("uncancel", json!({}));
        assert_eq!(life.read().text_at("/pause/until"), "2026-02-23T00:00:00Z");
        life.advance_to("2026-03-09");
        assert_eq!(totals(&life), expected, "{mode}");
    }
}
