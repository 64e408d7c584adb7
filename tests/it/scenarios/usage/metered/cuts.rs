//! A cut is no new period: pauses, changes and new versions cut a month, and its usage is rated once all the same. And what is used at
//! the very instant at which the clock stands is seen at once.

use serde_json::{Value, json};

use super::{Seller, lines, per_unit};

/// 1.00 a call above 100.
fn above_100() -> Value {
    json!({ "included_units": "100" })
}

impl Seller {
    pub(super) fn command(&self, subscription: &str, name: &str, body: Value) {
        self.world.post(&format!("/v1/subscriptions/{subscription}/{name}"), body).is(200);
    }

    /// The amounts of all lines together.
    pub(super) fn total(&self) -> String {
        let listed = self.world.get("/v1/invoices?limit=100").is(200);
        let amounts =
            listed.data().iter().map(|i| i["total"].as_str().unwrap().parse::<rust_decimal::Decimal>());
        amounts.map(Result::unwrap).sum::<rust_decimal::Decimal>().to_string()
    }

    /// Paused with this mode from an instant to another.
    pub(super) fn pause(&self, subscription: &str, mode: &str, from: &str, until: &str) {
        self.world.advance_to(from);
        self.command(subscription, "pause", json!({ "mode": mode, "resumes_at": until }));
        self.world.advance_to(until);
    }

    fn price(&self, meter: &str, unit_amount: &str, fields: Value) -> Value {
        let mut price = json!({ "code": "calls", "description": "Calls", "kind": "usage", "meter_id": meter,
                                "model": per_unit(unit_amount) });
        price.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        price
    }

    /// Another plan of these prices.
    fn plan(&self, code: &str, prices: Value) -> String {
        let body = json!({ "code": code, "name": code, "product_id": self.product, "currency": "USD",
                           "interval": "month", "prices": prices });
        self.world.post("/v1/plans", body).is(201).id()
    }

    /// `100 of 2026-01-01T00:00:00Z`, and whether more is allowed.
    fn entitled(&self) -> String {
        let found = self.world.get(&format!("/v1/customers/{}/entitlements", self.customer)).is(200);
        let one = &found.data()[0];
        format!("{} since {}", one["used"].as_str().unwrap(), one["period"]["start"].as_str().unwrap())
    }
}

#[test]
fn a_break_of_a_minute_does_not_give_the_included_units_anew() {
    let seller = Seller::open();
    let subscription = seller.sell_calls(per_unit("1.00"), above_100());
    seller.world.advance_to("2026-01-05T00:00:00Z");
    seller.calls("2026-01-05T00:00:00Z", "100");
    seller.pause(&subscription, "credit", "2026-01-06T00:00:00Z", "2026-01-06T00:01:00Z");
    seller.world.advance_to("2026-01-20T00:00:00Z");
    seller.calls("2026-01-06T00:00:30Z", "7");
    seller.calls("2026-01-20T00:00:00Z", "100");
    let upcoming = seller.world.get(&format!("/v1/subscriptions/{subscription}/upcoming_invoice")).is(200);
    seller.world.advance_to("2026-02-10T00:00:00Z");
    let found = seller.invoices();
    let pieces = ["  01-01 01-06 Calls (100 units): 0 x 1 = 0.00", "  01-06 02-01 Calls: 100 x 1 = 100.00"];
    assert_eq!(found[found.len() - 3..], ["2026-02-01 100.00", pieces[0], pieces[1]]);
    assert_eq!(
        (seller.total(), lines(&upcoming.json)),
        ("100.00".to_owned(), pieces.map(String::from).to_vec())
    );
}

#[test]
fn a_break_that_extends_the_period_moves_it_whole() {
    let seller = Seller::open();
    let subscription = seller.sell_calls(per_unit("1.00"), above_100());
    seller.world.advance_to("2026-01-05T00:00:00Z");
    seller.calls("2026-01-05T00:00:00Z", "100");
    seller.pause(&subscription, "extend", "2026-01-06T00:00:00Z", "2026-01-16T00:00:00Z");
    seller.pause(&subscription, "extend", "2026-01-26T00:00:00Z", "2026-01-31T00:00:00Z");
    seller.world.advance_to("2026-02-10T00:00:00Z");
    seller.calls("2026-01-20T00:00:00Z", "30");
    seller.calls("2026-02-09T00:00:00Z", "20");
    seller.world.advance_to("2026-02-20T00:00:00Z");
    assert_eq!(seller.total(), "50.00");
    // The next period includes 100 again.
    seller.calls("2026-02-18T00:00:00Z", "110");
    seller.world.advance_to("2026-03-20T00:00:00Z");
    assert_eq!(seller.total(), "60.00");
}

#[test]
fn usage_recorded_late_of_one_piece_corrects_every_piece_after_it() {
    let seller = Seller::open();
    let subscription = seller.sell_calls(per_unit("1.00"), above_100());
    seller.pause(&subscription, "credit", "2026-01-06T00:00:00Z", "2026-01-06T12:00:00Z");
    seller.pause(&subscription, "credit", "2026-01-16T00:00:00Z", "2026-01-16T12:00:00Z");
    seller.world.advance_to("2026-01-31T00:00:00Z");
    seller.calls("2026-01-10T00:00:00Z", "90");
    seller.calls("2026-01-20T00:00:00Z", "30");
    seller.world.advance_to("2026-02-10T00:00:00Z");
    assert_eq!(seller.total(), "20.00");
    seller.calls("2026-01-05T00:00:00Z", "60");
    seller.world.advance_to("2026-03-10T00:00:00Z");
    // 60 + 90 + 30 are 80 above 100: 0.00, 50.00 and 30.00.
    assert_eq!(seller.total(), "80.00");
    seller.world.post("/v1/usage/events/void", json!({ "source": "test", "id": "call-1" })).is(200);
    seller.world.advance_to("2026-04-10T00:00:00Z");
    assert_eq!(seller.total(), "0.00");
}

#[test]
fn a_new_version_with_the_same_price_and_a_change_of_plan_and_back_go_on_with_it() {
    let seller = Seller::open();
    let meter = seller.meter("call");
    let same = || seller.price(&meter, "1.00", above_100());
    let plan = seller.plan("first", json!([same()]));
    let other = seller.plan("other", json!([seller.price(&meter, "3.00", json!({}))]));
    let body = json!({ "customer_id": seller.customer, "plan_id": plan, "collection": "send_invoice" });
    let subscription = seller.world.post("/v1/subscriptions", body).is(201).id();
    let version = json!({ "currency": "USD", "interval": "month", "prices": [same()] });
    seller.world.post(&format!("/v1/plans/{plan}/versions"), version).is(201);
    seller.world.advance_to("2026-01-05T00:00:00Z");
    seller.calls("2026-01-05T00:00:00Z", "60");
    for (at, plan) in [("06", &plan), ("10", &other), ("12", &plan)] {
        seller.world.advance_to(&format!("2026-01-{at}T00:00:00Z"));
        seller.command(&subscription, "change", json!({ "plan_id": plan }));
    }
    seller.world.advance_to("2026-01-20T00:00:00Z");
    seller.calls("2026-01-07T00:00:00Z", "40");
    seller.calls("2026-01-11T00:00:00Z", "2");
    seller.calls("2026-01-13T00:00:00Z", "10");
    seller.world.advance_to("2026-02-10T00:00:00Z");
    // 110 at the one price are 10.00, and 2 at the other 6.00.
    assert_eq!(seller.total(), "16.00");
}

#[test]
fn other_terms_begin_whole_or_with_shares_by_days() {
    let total = |usage_terms: Value| {
        let seller = Seller::open();
        let meter = seller.meter("call");
        let plan = seller.plan("first", json!([seller.price(&meter, "1.00", above_100())]));
        let terms = json!({ "included_units": "310", "maximum_amount": "62.00" });
        let other = seller.plan("other", json!([seller.price(&meter, "2.00", terms)]));
        let body = json!({ "customer_id": seller.customer, "plan_id": plan, "collection": "send_invoice" });
        let subscription = seller.world.post("/v1/subscriptions", body).is(201).id();
        seller.world.advance_to("2026-01-17T00:00:00Z");
        let mut change = json!({ "plan_id": other });
        change.as_object_mut().unwrap().extend(usage_terms.as_object().unwrap().clone());
        seller.command(&subscription, "change", change);
        seller.pause(&subscription, "credit", "2026-01-20T00:00:00Z", "2026-01-20T00:01:00Z");
        seller.world.advance_to("2026-01-25T00:00:00Z");
        seller.calls("2026-01-16T00:00:00Z", "103");
        seller.calls("2026-01-18T00:00:00Z", "140");
        seller.calls("2026-01-24T00:00:00Z", "20");
        seller.world.advance_to("2026-02-25T00:00:00Z");
        let january = seller.total();
        seller.calls("2026-02-10T00:00:00Z", "311");
        seller.world.advance_to("2026-03-25T00:00:00Z");
        (january, seller.total())
    };
    // 160 of 310 included. By days, 150 of 310 are left of the 17th on, so 10 cost 2.00 each.
    assert_eq!(total(json!({})), ("3.00".to_owned(), "5.00".to_owned()));
    assert_eq!(total(json!({ "usage_terms": "restart" })), ("3.00".to_owned(), "5.00".to_owned()));
    assert_eq!(total(json!({ "usage_terms": "prorate" })), ("23.00".to_owned(), "25.00".to_owned()));
}

#[test]
fn a_minimum_that_a_break_cuts_is_one_minimum_for_the_days_that_were_had() {
    let seller = Seller::open();
    let subscription = seller.sell_calls(per_unit("1.00"), json!({ "minimum_amount": "31.00" }));
    seller.pause(&subscription, "credit", "2026-01-06T00:00:00Z", "2026-01-06T00:01:00Z");
    seller.world.advance_to("2026-01-25T00:00:00Z");
    seller.calls("2026-01-20T00:00:00Z", "30");
    seller.world.advance_to("2026-02-10T00:00:00Z");
    assert_eq!(seller.total(), "31.00");
}

/// Every aggregation, of the same events, in graduated tiers.
#[test]
fn no_aggregation_begins_anew_where_a_new_version_cuts_the_month() {
    let seller = Seller::open();
    let kinds = ["sum", "count", "max", "latest", "unique_count", "weighted_sum", "average"];
    let tiers = json!([{ "up_to": "3", "unit_amount": "10", "flat_amount": "2" }, { "up_to": null, "unit_amount": "0.5" }]);
    let price = |kind: &&str| {
        let value = if *kind == "count" { Value::Null } else { json!("units") };
        let body = json!({ "code": kind, "name": kind, "event_type": "call", "aggregation": kind, "value_property": value });
        let meter = seller.world.post("/v1/meters", body).is(201).id();
        json!({ "code": kind, "description": kind, "kind": "usage", "meter_id": meter,
                "model": { "type": "graduated", "tiers": tiers } })
    };
    let prices: Vec<Value> = kinds.iter().map(price).collect();
    let plan = seller.plan("all", json!(prices));
    let other =
        seller.world.post("/v1/customers", json!({ "name": "Other", "external_id": "other" })).is(201).id();
    let start = |customer: &str| {
        let body = json!({ "customer_id": customer, "plan_id": plan, "collection": "send_invoice" });
        seller.world.post("/v1/subscriptions", body).is(201).id()
    };
    let (_, cut) = (start(&seller.customer), start(&other));
    for version in ["2026-01-11T10:20:30Z", "2026-01-21T00:00:00Z"] {
        let body = json!({ "currency": "USD", "interval": "month", "prices": prices });
        seller.world.post(&format!("/v1/plans/{plan}/versions"), body).is(201);
        seller.world.advance_to(version);
        seller.command(&cut, "change", json!({ "plan_id": plan, "invoice": "now" }));
    }
    let readings =
        [("03T05:06:07", 4), ("11T10:10:00", 9), ("11T10:20:30", 2), ("15T00:00:00", 9), ("28T23:59:59", 1)];
    for (n, (at, units)) in readings.iter().enumerate() {
        for subject in ["acme", "other"] {
            let event = json!({ "id": format!("{subject}-{n}"), "source": "t", "type": "call", "subject": subject,
                                "time": format!("2026-01-{at}Z"), "data": { "units": units.to_string() } });
            seller.world.advance_to("2026-01-29T00:00:00Z");
            assert_eq!(seller.world.post("/v1/usage/events", json!([event])).is(200).json["accepted"], 1);
        }
    }
    seller.world.advance_to("2026-02-10T00:00:00Z");
    let totals = |customer: &str| {
        let listed = seller.world.get(&format!("/v1/invoices?customer_id={customer}&limit=100")).is(200);
        let mut by_kind = std::collections::BTreeMap::new();
        for invoice in listed.data() {
            let id = invoice["id"].as_str().unwrap();
            let whole = seller.world.get(&format!("/v1/invoices/{id}")).is(200);
            for line in whole.json["lines"].as_array().unwrap() {
                let said = line["description"].as_str().unwrap();
                let kind =
                    kinds.iter().find(|kind| said.trim_start_matches("Adjustment: ").starts_with(**kind));
                let amount: rust_decimal::Decimal = line["amount"].as_str().unwrap().parse().unwrap();
                *by_kind.entry(*kind.unwrap()).or_insert(rust_decimal::Decimal::ZERO) += amount;
            }
        }
        by_kind
    };
    let whole = totals(&seller.customer);
    assert_eq!((whole.len(), &totals(&other)), (7, &whole));
}

#[test]
fn entitlements_and_budgets_count_the_period_whole_and_breaks_not_at_all() {
    let seller = Seller::open();
    let meter = seller.meter("call");
    let feature = json!({ "code": "calls", "type": "metered", "meter_id": meter, "limit": "1000" });
    let subscription = seller.sell_with(json!([seller.price(&meter, "1.00", above_100())]), json!([feature]));
    let budget = |fields: Value| {
        let mut body = json!({ "subscription_id": subscription, "limit": "500" });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        seller.world.post("/v1/budgets", body).is(201).id()
    };
    let (cost, units) = (budget(json!({})), budget(json!({ "meter_id": meter })));
    let used = |budget: &str| seller.world.get(&format!("/v1/budgets/{budget}")).is(200).text_at("/used");
    seller.world.advance_to("2026-01-05T00:00:00Z");
    seller.calls("2026-01-05T00:00:00Z", "120");
    seller.pause(&subscription, "credit", "2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z");
    seller.calls("2026-01-06T12:00:00Z", "999");
    seller.pause(&subscription, "extend", "2026-01-10T00:00:00Z", "2026-01-20T00:00:00Z");
    seller.world.advance_to("2026-01-21T00:00:00Z");
    seller.calls("2026-01-20T12:00:00Z", "30");
    seller.world.advance_to("2026-01-22T00:00:00Z");
    assert_eq!(seller.entitled(), "150 since 2026-01-01T00:00:00Z");
    assert_eq!((used(&cost), used(&units)), ("50".to_owned(), "150".to_owned()));
    seller.world.advance_to("2026-02-12T00:00:00Z");
    assert_eq!(seller.entitled(), "0 since 2026-02-11T00:00:00Z");
    assert_eq!((used(&cost), used(&units)), ("0".to_owned(), "0".to_owned()));
    assert_eq!(seller.total(), "50.00");
}

#[test]
fn a_sum_below_zero_is_worth_nothing_unless_the_price_says_otherwise() {
    let total = |model: Value, fields: Value| {
        let seller = Seller::open();
        seller.sell_calls(model, fields);
        seller.world.advance_to("2026-01-20T00:00:00Z");
        seller.calls("2026-01-10T00:00:00Z", "50");
        seller.calls("2026-01-11T00:00:00Z", "-80");
        seller.world.advance_to("2026-02-10T00:00:00Z");
        seller.total()
    };
    let tiers = json!([{ "up_to": "10", "unit_amount": "2" }, { "up_to": null, "unit_amount": "1" }]);
    let back = json!({ "allow_negative": true, "included_units": "20" });
    for (model, given_back) in [
        (per_unit("1.00"), "-30.00"),
        (json!({ "type": "package", "amount": "5", "size": "20" }), "-5.00"),
        (json!({ "type": "graduated", "tiers": tiers }), "-60.00"),
        (json!({ "type": "volume", "tiers": tiers }), "-60.00"),
        (json!({ "type": "percentage", "percent": "10" }), "-3.00"),
    ] {
        assert_eq!(total(model.clone(), json!({ "included_units": "20" })), "0.00", "{model}");
        assert_eq!(total(model.clone(), back.clone()), given_back, "{model}");
    }
    let matrix =
        json!({ "type": "matrix", "dimensions": ["model"], "cells": [], "default_unit_amount": "1" });
    assert_eq!(total(matrix.clone(), json!({})), "0.00");
    assert_eq!(total(matrix, json!({ "allow_negative": true })), "-30.00");
}

#[test]
fn what_is_used_at_the_clocks_very_instant_is_seen_at_once() {
    let seller = Seller::open();
    let subscription = seller.sell_calls(per_unit("1.00"), json!({}));
    let body =
        json!({ "subscription_id": subscription, "limit": "40", "hard_cap": true, "invoice_at": "30" });
    let budget = seller.world.post("/v1/budgets", body).is(201).id();
    seller.world.advance_to("2026-01-20T00:00:00Z");
    let event = |id: &str, units: &str| {
        let event =
            json!({ "id": id, "source": "t", "type": "call", "subject": "acme", "data": { "units": units } });
        assert_eq!(seller.world.post("/v1/usage/events", json!([event])).is(200).json["accepted"], 1);
    };
    event("a", "25");
    let upcoming = seller.world.get(&format!("/v1/subscriptions/{subscription}/upcoming_invoice")).is(200);
    assert_eq!(upcoming.text_at("/total"), "25.00");
    event("b", "15");
    seller.world.advance_to("2026-01-20T00:00:00Z");
    let seen = seller.world.get(&format!("/v1/budgets/{budget}")).is(200);
    assert_eq!((seen.text_at("/used"), seen.json["exhausted"].clone()), ("40".to_owned(), json!(true)));
    assert_eq!(seller.total(), "40.00");
    seller.world.advance_to("2026-02-10T00:00:00Z");
    assert_eq!(seller.total(), "40.00");
    let seen = seller.world.get(&format!("/v1/budgets/{budget}")).is(200);
    assert_eq!((seen.text_at("/used"), seen.json["exhausted"].clone()), ("0".to_owned(), json!(false)));
}

#[test]
fn a_budget_of_what_is_held_is_looked_at_when_the_clock_is_moved() {
    let seller = Seller::open();
    let meter = seller.meter_with("call", json!({ "aggregation": "weighted_sum", "dimensions": [] }));
    let subscription = seller.sell(json!([seller.price(&meter, "0.01", json!({}))]));
    seller.world.post("/v1/budgets", json!({ "subscription_id": subscription, "limit": "12" })).is(201);
    seller.world.advance_to("2026-01-02T00:00:00Z");
    seller.calls("2026-01-02T00:00:00Z", "10");
    // 10 held for 120 hours, at 0.01.
    for (at, exhausted) in
        [("2026-01-06T23:00:00Z", 0), ("2026-01-07T00:00:00Z", 1), ("2026-01-08T00:00:00Z", 1)]
    {
        seller.world.advance_to(at);
        seller.world.relay_events();
        let feed = seller.world.get("/v1/events?limit=1000").is(200);
        assert_eq!(feed.data().iter().filter(|e| e["type"] == "budget.exhausted").count(), exhausted, "{at}");
    }
}

#[test]
fn usage_recorded_late_is_not_lost_while_an_end_waits_for_its_invoice() {
    let seller = Seller::open();
    let subscription = seller.sell_calls(per_unit("1.00"), json!({}));
    seller.world.advance_to("2026-02-05T00:00:00Z");
    seller.calls("2026-01-10T00:00:00Z", "10");
    let end = json!({ "effective_at": "2026-03-10T00:00:00Z", "invoice": "next" });
    seller.command(&subscription, "cancel", end);
    seller.world.advance_to("2026-05-01T00:00:00Z");
    assert_eq!(seller.total(), "10.00");
}
