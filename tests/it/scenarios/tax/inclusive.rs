//! What if the price contains its tax? It is charged as it stands, the tax is taken out of it, and goes back with it.
//!
//! 31.00 in France, 20 %: 5.17 of tax within, 25.83 earned; 16 of 31 days given back: 16.00 with 2.67.

use serde_json::{Value, json};

use super::invoices::{Shop, flat, in_country};

/// Subtotal, tax on top, tax within and total of each document of a customer, the oldest first.
fn documents(shop: &Shop, path: &str, customer: &str) -> Vec<[String; 4]> {
    let listed = shop.world.get(&format!("{path}?customer_id={customer}")).is(200);
    let text = |document: &Value, name: &str| document[name].as_str().unwrap().to_owned();
    let shown = |document: &Value| {
        ["subtotal", "tax_total", "tax_included_total", "total"].map(|name| text(document, name))
    };
    listed.data().iter().rev().map(shown).collect()
}

fn invoices(shop: &Shop, customer: &str) -> Vec<[String; 4]> {
    documents(shop, "/v1/invoices", customer)
}

fn balance(shop: &Shop, account: &str) -> Value {
    let balances = shop.world.get("/v1/ledger/balances").is(200).json;
    let rows = balances["data"].as_array().unwrap();
    rows.iter().find(|row| row["account"] == account).unwrap()["balance"].clone()
}

/// A plan of 31.00 with its tax, and a subscriber in France.
fn story() -> (Shop, String, String) {
    let shop = Shop::open();
    let plan = shop.sell_at("gross", json!([flat("31.00", "inclusive")]));
    let customer = shop.customer(in_country("FR"));
    let subscription = shop.subscribe(&customer, &plan);
    (shop, customer, subscription)
}

#[test]
fn the_price_stays_what_it_is_and_the_tax_is_within_it() {
    let (shop, paris, _) = story();
    assert_eq!(invoices(&shop, &paris), [["31.00", "0.00", "5.17", "31.00"]]);
    assert_eq!((shop.tax_payable(), balance(&shop, "deferred_revenue")), (json!("5.17"), json!("25.83")));
    assert_eq!(balance(&shop, "accounts_receivable"), json!("31.00"));
    let line =
        shop.world.get(&format!("/v1/invoices/{}", shop.ids(&paris)[0])).is(200).json["lines"][0].clone();
    assert_eq!((&line["tax"], &line["tax_included"]), (&json!("0.00"), &json!("5.17")));
    assert_eq!((&line["taxes"][0]["inclusive"], &line["taxes"][0]["amount"]), (&json!(true), &json!("5.17")));
}

#[test]
fn where_there_is_no_tax_all_of_the_price_is_earned() {
    let shop = Shop::open();
    let plan = shop.sell_at("gross", json!([flat("31.00", "inclusive")]));
    let new_york = shop.customer(json!({ "address": { "country": "US", "state": "NY" } }));
    shop.subscribe(&new_york, &plan);
    assert_eq!(invoices(&shop, &new_york), [["31.00", "0.00", "0.00", "31.00"]]);
    assert_eq!(balance(&shop, "deferred_revenue"), json!("31.00"));
}

#[test]
fn what_is_given_back_takes_its_tax_out_of_what_was_within() {
    let (shop, paris, subscription) = story();
    shop.world.advance_to("2026-01-16T00:00:00Z");
    let rate = json!({ "country": "FR", "kind": "standard", "rate": "22", "valid_from": "2026-01-10", "source": "a law to come" });
    shop.world.post("/v1/tax/rates", rate).is(201);
    let cancel = json!({ "effective_at": "now", "invoice": "now" });
    shop.world.post(&format!("/v1/subscriptions/{subscription}/cancel"), cancel).is(200);
    let cancelled = [["31.00", "0.00", "5.17", "31.00"], ["-16.00", "0.00", "-2.67", "-16.00"]];
    assert_eq!(invoices(&shop, &paris), cancelled);
    // 15.00 stay, with 2.50.
    let note = json!({ "invoice_id": shop.ids(&paris)[0], "reason": "goodwill" });
    let note = shop.world.post("/v1/credit_notes", note).is(201).json;
    let shown = ["total", "tax_total", "tax_included_total"].map(|name| note[name].clone());
    assert_eq!(shown, [json!("15.00"), json!("0.00"), json!("2.50")]);
    assert_eq!((shop.stays(&paris), shop.tax_payable()), ((0, 0), json!("0.00")));
}

#[test]
fn notes_in_parts_and_a_void_leave_nothing() {
    let (shop, paris, _) = story();
    let invoice = shop.ids(&paris).remove(0);
    for (amount, within) in [("10.00", "1.67"), ("10.00", "1.67"), ("11.00", "1.83")] {
        let note = json!({ "invoice_id": invoice, "reason": "goodwill", "amount": amount });
        let note = shop.world.post("/v1/credit_notes", note).is(201).json;
        assert_eq!((&note["total"], &note["tax_included_total"]), (&json!(amount), &json!(within)));
    }
    assert_eq!((shop.stays(&paris), shop.tax_payable()), ((0, 0), json!("0.00")));
    let (shop, paris, _) = story();
    shop.world.post(&format!("/v1/invoices/{}/void", shop.ids(&paris)[0]), json!({})).is(200);
    assert_eq!((shop.tax_payable(), balance(&shop, "deferred_revenue")), (json!("0.00"), json!("0.00")));
}

#[test]
fn a_discount_comes_off_the_price_with_its_tax() {
    let shop = Shop::open();
    let plan = shop.sell_at("gross", json!([flat("31.00", "inclusive")]));
    shop.world
        .post("/v1/coupons", json!({ "code": "TENTH", "percent_off": "10", "duration": "forever" }))
        .is(201);
    let paris = shop.customer(in_country("FR"));
    let body =
        json!({ "customer_id": paris, "plan_id": plan, "collection": "send_invoice", "coupon": "TENTH" });
    shop.world.post("/v1/subscriptions", body).is(201);
    assert_eq!(invoices(&shop, &paris), [["31.00", "0.00", "4.65", "27.90"]]);
}

#[test]
fn prices_with_and_without_their_tax_stand_on_one_invoice_and_take_each_others_place() {
    let shop = Shop::open();
    let mut seat = flat("50.00", "exclusive");
    seat["code"] = json!("seat");
    let both = shop.sell_at("both", json!([flat("120.00", "inclusive"), seat]));
    let paris = shop.customer(in_country("FR"));
    let subscription = shop.subscribe(&paris, &both);
    assert_eq!(invoices(&shop, &paris), [["170.00", "10.00", "20.00", "180.00"]]);
    shop.world.advance_to("2026-01-16T12:00:00Z");
    let net = shop.sell("net", "31.00");
    let change = json!({ "plan_id": net, "effective_at": "2026-01-01T00:00:00Z", "invoice": "now" });
    shop.world.post(&format!("/v1/subscriptions/{subscription}/change"), change).is(200);
    assert_eq!(invoices(&shop, &paris)[1], ["-139.00", "-3.80", "-20.00", "-142.80"]);
    assert_eq!((shop.stays(&paris), shop.tax_payable()), ((3100, 620), json!("6.20")));
}

#[test]
fn a_minimum_contains_its_tax_as_its_price_does_and_a_commitment_must() {
    let shop = Shop::open();
    let meter = json!({ "code": "n", "name": "N", "event_type": "call", "aggregation": "count" });
    let meter = shop.world.post("/v1/meters", meter).is(201).id();
    let mut calls = json!({ "code": "calls", "kind": "usage", "meter_id": meter, "minimum_amount": "60.00", "tax_behavior": "inclusive",
                            "model": { "type": "per_unit", "unit_amount": "0.10" } });
    let paris = shop.customer(in_country("FR"));
    shop.subscribe(&paris, &shop.sell_at("calls", json!([calls])));
    shop.world.advance_to("2026-02-01T00:00:00Z");
    assert_eq!(invoices(&shop, &paris), [["60.00", "0.00", "10.00", "60.00"]]);
    calls.as_object_mut().unwrap().remove("minimum_amount");
    let commitment = json!({ "code": "least", "kind": "recurring", "model": { "type": "commitment", "amount": "60.00", "prices": ["calls"] } });
    let plan = json!({ "code": "other", "name": "Other", "product_id": shop.product, "currency": "EUR", "interval": "month",
                       "prices": [calls, commitment] });
    let refused = shop.world.post("/v1/plans", plan.clone());
    assert_eq!((refused.status, refused.text_at("/errors/0/code").as_str()), (422, "tax_behaviors_differ"));
    // All usage counts where none is named.
    let mut plan = plan;
    plan["prices"][1]["model"].as_object_mut().unwrap().remove("prices");
    let refused = shop.world.post("/v1/plans", plan);
    assert_eq!((refused.status, refused.text_at("/errors/0/code").as_str()), (422, "tax_behaviors_differ"));
}

#[test]
fn charges_and_lines_by_hand_say_what_they_are_for_tax() {
    let (shop, paris, subscription) = story();
    let charge = |code: &str, amount: &str, behavior: &str| json!({ "description": code, "amount": amount, "invoice": "now", "tax_code": code, "tax_behavior": behavior });
    let path = format!("/v1/subscriptions/{subscription}/charges");
    shop.world.post(&path, charge("ebook", "10.55", "inclusive")).is(200);
    shop.world.post(&path, charge("ebook", "10.00", "exclusive")).is(200);
    shop.world.post(&path, charge("nontaxable", "10.00", "exclusive")).is(200);
    shop.world.post(&path, charge("sass", "10.00", "exclusive")).is_problem(422, "unknown_tax_code");
    let charged = [
        ["10.55", "0.00", "0.55", "10.55"],
        ["10.00", "0.55", "0.00", "10.55"],
        ["10.00", "0.00", "0.00", "10.00"],
    ];
    assert_eq!(invoices(&shop, &paris)[1..], charged);
    let line = json!({ "description": "Book", "amount": "12.00", "tax_behavior": "inclusive" });
    let body = json!({ "customer_id": paris, "collection": "send_invoice", "lines": [line] });
    let draft = shop.world.post("/v1/invoices", body).is(201).id();
    assert_eq!(invoices(&shop, &paris)[4], ["12.00", "0.00", "2.00", "12.00"]);
    let book = json!({ "tax_code": "ebook" });
    shop.world.patch(&format!("/v1/invoices/{draft}/lines/1"), book).is(200);
    assert_eq!(invoices(&shop, &paris)[4], ["12.00", "0.00", "0.63", "12.00"]);
    shop.world.post(&format!("/v1/invoices/{draft}/finalize"), json!({})).is(200);
    let line = shop.world.get(&format!("/v1/invoices/{draft}")).is(200).json["lines"][0].clone();
    let shown = ["tax_code", "tax_behavior", "tax_included"].map(|name| line[name].clone());
    assert_eq!(shown, [json!("ebook"), json!("inclusive"), json!("0.63")]);
}

#[test]
fn a_correction_takes_the_tax_out_of_what_it_should_have_been() {
    let (shop, paris, _) = story();
    let correction = json!({ "reason": "wrong price", "lines": [{ "line_no": 1, "amount": "12.00" }] });
    shop.world.post(&format!("/v1/invoices/{}/correct", shop.ids(&paris)[0]), correction).is(201);
    assert_eq!(invoices(&shop, &paris)[1], ["12.00", "0.00", "2.00", "12.00"]);
    assert_eq!((shop.stays(&paris), shop.tax_payable()), ((1000, 200), json!("2.00")));
}

#[test]
fn the_report_counts_what_is_without_tax_and_a_preview_says_what_will_be() {
    let (shop, _, subscription) = story();
    let report = shop.world.get("/v1/tax/report?from=2026-01-01&until=2026-02-01&currency=EUR").is(200);
    let row = &report.data()[0];
    assert_eq!((&row["taxable"], &row["tax"]), (&json!("25.83"), &json!("5.17")));
    let next = shop.world.get(&format!("/v1/subscriptions/{subscription}/upcoming_invoice")).is(200).json;
    assert_eq!((&next["tax_included_total"], &next["total"]), (&json!("5.17"), &json!("31.00")));
    shop.world.advance_to("2026-01-16T00:00:00Z");
    let preview = format!("/v1/subscriptions/{subscription}/cancel/preview");
    let foreseen = shop.world.post(&preview, json!({ "effective_at": "now", "invoice": "now" })).is(200).text;
    assert!(foreseen.contains(r#""tax_included":"-2.67""#), "{foreseen}");
}

#[test]
fn a_fee_for_leaving_early_is_taxed_as_what_it_ends() {
    for (second, fee) in [
        ("inclusive", ["60.00", "0.00", "10.00", "60.00"]),
        ("exclusive", ["60.00", "12.00", "0.00", "72.00"]),
    ] {
        let shop = Shop::open();
        let mut more = flat("2.00", second);
        more["code"] = json!("more");
        let plan = shop.sell_at("gross", json!([flat("10.00", "inclusive"), more]));
        let paris = shop.customer(in_country("FR"));
        let fixed = json!({ "type": "fixed", "amount": "60.00" });
        let terms = json!({ "term": { "interval": "year" }, "early_termination_fee": fixed });
        let body =
            json!({ "customer_id": paris, "plan_id": plan, "collection": "send_invoice", "terms": terms });
        let subscription = shop.world.post("/v1/subscriptions", body).is(201).id();
        let cancel = json!({ "effective_at": "2026-02-01T00:00:00Z", "invoice": "now" });
        shop.world.post(&format!("/v1/subscriptions/{subscription}/cancel"), cancel).is(200);
        shop.world.advance_to("2026-02-02T00:00:00Z");
        assert_eq!(invoices(&shop, &paris).last().unwrap(), &fee);
    }
}
