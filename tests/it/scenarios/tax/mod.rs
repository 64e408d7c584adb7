//! What is a sale taxed with? Each story asks before anything is sold.
//!
//! What is on this shelf, what is not, and its laws: [`domain::tax`](billwright::domain::tax).

mod abroad;
mod below_zero;
mod certificates;
mod earlier_drafts;
mod edited;
mod euros;
mod histories;
mod inclusive;
mod invoices;
mod nexus;
mod numbers;
mod providers;
mod reports;
mod returns;
mod supplied;
mod taken_back;
mod two_periods;
mod undone;
mod wrong_books;

use serde_json::{Value, json};

use crate::harness::World;

/// `DE S 19 % 19.00 standard_rated` of each tax of each line, then the total tax.
fn taxes(world: &World, body: Value) -> Vec<String> {
    let answer = world.post("/v1/tax/calculate", body).is(200).json;
    let mut shown = Vec::new();
    for line in answer["lines"].as_array().unwrap() {
        for tax in line["taxes"].as_array().unwrap() {
            let text = |name: &str| tax[name].as_str().unwrap().to_owned();
            shown.push(format!(
                "{} {} {} % {} {}",
                text("jurisdiction"),
                text("category"),
                text("rate"),
                text("amount"),
                text("reason")
            ));
        }
    }
    shown.push(answer["tax_total"].as_str().unwrap().to_owned());
    shown
}

fn sale(country: &str, seller: Value) -> Value {
    json!({ "currency": "EUR", "date": "2026-06-01", "seller": seller, "customer": { "address": { "country": country } },
            "lines": [{ "amount": "100.00" }] })
}

#[test]
fn a_what_if_says_rate_category_reason_and_why_and_creates_nothing() {
    let world = World::new();
    let before = world.rows_of(world.tenant.id);
    let mut to_berlin =
        sale("DE", json!({ "country": "FR", "registrations": [{ "country": "FR", "scheme": "oss" }] }));
    assert_eq!(taxes(&world, to_berlin.clone()), ["DE S 19 % 19.00 standard_rated", "19.00"]);
    to_berlin["customer"]["tax_ids"] =
        json!([{ "type": "eu_vat", "value": "DE136695976", "status": "valid" }]);
    assert_eq!(taxes(&world, to_berlin.clone()), ["DE AE 0 % 0.00 reverse_charge", "0.00"]);
    let answer = world.post("/v1/tax/calculate", to_berlin.clone()).is(200).json;
    let tax = &answer["lines"][0]["taxes"][0];
    assert_eq!((&tax["mention"], &tax["exemption_code"]), (&json!("Reverse charge"), &json!("VATEX-EU-AE")));
    assert!(
        answer["explanation"]
            .as_str()
            .unwrap()
            .starts_with("Reverse charge: the buyer is a business in Germany")
    );
    to_berlin["customer"]["tax_ids"][0]["status"] = json!("unknown");
    assert_eq!(taxes(&world, to_berlin.clone()), ["DE S 19 % 19.00 standard_rated", "19.00"]);
    to_berlin["seller"]["unknown_tax_ids"] = json!("reverse_charge");
    assert_eq!(taxes(&world, to_berlin), ["DE AE 0 % 0.00 reverse_charge", "0.00"]);
    assert_eq!(world.rows_of(world.tenant.id), before);
}

#[test]
fn inclusive_and_exclusive_lines_stand_on_one_document_and_are_rounded_once() {
    let world = World::new();
    let mut body = sale("FR", json!({ "country": "FR" }));
    body["lines"] = json!([{ "amount": "0.33" }, { "amount": "0.33" }, { "amount": "0.33" }]);
    let answer = world.post("/v1/tax/calculate", body.clone()).is(200).json;
    assert_eq!((&answer["tax_total"], &answer["total"]), (&json!("0.20"), &json!("1.19")));
    body["rounding"] = json!("line");
    let answer = world.post("/v1/tax/calculate", body.clone()).is(200).json;
    assert_eq!((&answer["tax_total"], &answer["total"]), (&json!("0.21"), &json!("1.20")));
    body["rounding"] = json!("document");
    body["lines"] =
        json!([{ "amount": "120.00", "inclusive": true }, { "amount": "50.00" }, { "amount": "-10.00" }]);
    let answer = world.post("/v1/tax/calculate", body).is(200).json;
    let parts =
        |n: usize| ["net", "tax", "gross"].map(|part| answer["lines"][n][part].as_str().unwrap().to_owned());
    assert_eq!(parts(0), ["100.00", "20.00", "120.00"]);
    assert_eq!(parts(1), ["50.00", "10.00", "60.00"]);
    assert_eq!(parts(2), ["-10.00", "-2.00", "-12.00"]);
    assert_eq!((&answer["tax_total"], &answer["total"]), (&json!("28.00"), &json!("168.00")));
}

#[test]
fn who_sells_is_told_once_and_where_it_is_registered_by_date() {
    let world = World::new();
    let mut to_new_york = json!({ "currency": "USD", "date": "2026-06-01",
        "customer": { "address": { "country": "US", "state": "NY" } }, "lines": [{ "amount": "100.00" }] });
    world.post("/v1/tax/calculate", to_new_york.clone()).is_problem(422, "no_seller");
    world.patch("/v1/tax/settings", json!({ "country": "US", "state": "CA" })).is(200);
    assert_eq!(taxes(&world, to_new_york.clone()), ["US-NY O 0 % 0.00 not_collecting", "0.00"]);
    let registration = json!({ "country": "US", "state": "NY", "valid_from": "2026-06-01" });
    let id = world.post("/v1/tax/registrations", registration).is(201).id();
    assert_eq!(taxes(&world, to_new_york.clone()), ["US-NY S 4 % 4.00 standard_rated", "4.00"]);
    to_new_york["date"] = json!("2026-05-31");
    assert_eq!(taxes(&world, to_new_york.clone()), ["US-NY O 0 % 0.00 not_collecting", "0.00"]);
    world.patch(&format!("/v1/tax/registrations/{id}"), json!({ "valid_to": "2026-07-01" })).is(200);
    to_new_york["date"] = json!("2026-07-01");
    assert_eq!(taxes(&world, to_new_york), ["US-NY O 0 % 0.00 not_collecting", "0.00"]);
}

#[test]
fn a_rate_of_ones_own_goes_before_the_programs_while_it_holds_and_none_overlaps_another() {
    let world = World::new();
    let rate = json!({ "country": "FR", "kind": "standard", "rate": "21.5", "valid_from": "2026-06-01", "valid_to": "2026-07-01",
                       "source": "a law to come" });
    let id = world.post("/v1/tax/rates", rate.clone()).is(201).id();
    let refused = world.post(
        "/v1/tax/rates",
        json!({ "valid_to": null, "valid_from": "2026-06-30", "country": "FR", "kind": "standard",
                                                      "rate": "22", "source": "another" }),
    );
    refused.is_problem(422, "overlapping_rates");
    let mut body = sale("FR", json!({ "country": "FR" }));
    assert_eq!(taxes(&world, body.clone()), ["FR S 21.5 % 21.50 standard_rated", "21.50"]);
    body["date"] = json!("2026-07-01");
    assert_eq!(taxes(&world, body.clone()), ["FR S 20 % 20.00 standard_rated", "20.00"]);
    let listed = world.get("/v1/tax/rates?country=FR&kind=standard&date=2026-06-15").is(200).json;
    let rates: Vec<&str> =
        listed["data"].as_array().unwrap().iter().map(|rate| rate["rate"].as_str().unwrap()).collect();
    assert_eq!(rates, ["21.5", "20"]);
    world.delete(&format!("/v1/tax/rates/{id}")).is(200);
    body["date"] = json!("2026-06-15");
    assert_eq!(taxes(&world, body), ["FR S 20 % 20.00 standard_rated", "20.00"]);
}

#[test]
fn what_no_tax_can_be_told_of_is_refused_with_what_to_do() {
    let world = World::new();
    let refused = |change: &dyn Fn(&mut Value), pointer: &str, code: &str| {
        let mut body = sale("FR", json!({ "country": "FR" }));
        change(&mut body);
        let reply = world.post("/v1/tax/calculate", body);
        assert_eq!(reply.status, 422, "{}", reply.text);
        assert_eq!(
            (reply.text_at("/errors/0/pointer").as_str(), reply.text_at("/errors/0/code").as_str()),
            (pointer, code)
        );
    };
    refused(
        &|body| body["customer"]["address"]["country"] = json!("UK"),
        "/customer/address/country",
        "unknown_country",
    );
    refused(
        &|body| {
            body["customer"]["address"]["country"] = json!("US");
            body["seller"]["registrations"] = json!([{ "country": "US", "state": "NY" }]);
        },
        "/customer/address/state",
        "state_required",
    );
    refused(
        &|body| body["customer"]["address"] = json!({ "country": "US", "state": "ZZ" }),
        "/customer/address/state",
        "unknown_subdivision",
    );
    refused(&|body| body["lines"][0]["tax_code"] = json!("sass"), "/lines/0/tax_code", "unknown_tax_code");
    refused(&|body| body["lines"][0]["amount"] = json!("1.001"), "/lines/0/amount", "bad_amount");
    refused(
        &|body| {
            body["seller"]["registrations"] = json!([{ "country": "US", "scheme": "oss", "state": "NY" }])
        },
        "/seller/registrations/0/scheme",
        "no_one_stop_shop",
    );
    refused(
        &|body| {
            body["customer"]["tax_ids"] =
                json!(vec![json!({ "type": "eu_vat", "value": "DE136695976" }); 501])
        },
        "/customer/tax_ids",
        "too_many",
    );
    refused(
        &|body| body["customer"]["tax_ids"] = json!([{ "type": "eu_vat", "value": "DE136695975" }]),
        "/customer/tax_ids/0/value",
        "malformed_tax_id",
    );
    let mut long_ago = sale("FR", json!({ "country": "FR" }));
    long_ago["date"] = json!("1900-01-01");
    world.post("/v1/tax/calculate", long_ago).is_problem(422, "no_tax_rate");
}
