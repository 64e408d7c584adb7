//! What is a buyer abroad charged, on an invoice as in a what-if? Software of 31.00 from France to somewhere in the United States: no tax.

use serde_json::{Value, json};

use super::invoices::Shop;
use super::{sale, taxes};
use crate::harness::World;

#[test]
fn a_buyer_whose_state_is_unknown_pays_no_tax_of_a_seller_that_charges_none_in_its_country() {
    let shop = Shop::open();
    for state in [json!(null), json!("New York"), json!("ZZ")] {
        let customer = shop.customer(json!({ "address": { "country": "US", "state": state } }));
        shop.subscribe(&customer, &shop.plan);
        let id = shop.ids(&customer).remove(0);
        let invoice = shop.world.get(&format!("/v1/invoices/{id}")).is(200).json;
        assert_eq!(invoice["tax_total"], "0.00", "{state}");
        assert_eq!(invoice["lines"][0]["taxes"][0]["reason"], "not_subject_to_tax", "{state}");
    }
    let french = json!({ "country": "FR" });
    assert_eq!(taxes(&shop.world, sale("US", french)), ["US O 0 % 0.00 not_subject_to_tax", "0.00"]);
}

#[test]
fn what_contradicts_itself_or_is_of_no_use_is_refused_with_what_to_do() {
    let world = World::new();
    let oss = json!({ "country": "FR", "scheme": "oss", "valid_to": "2027-01-01" });
    let id = world.post("/v1/tax/registrations", oss.clone()).is(201).id();
    world.post("/v1/tax/registrations", oss).is_problem(422, "overlapping_registrations");
    let later = json!({ "country": "IE", "scheme": "oss", "valid_from": "2027-01-01" });
    world.post("/v1/tax/registrations", later).is(201);
    let path = format!("/v1/tax/registrations/{id}");
    world.patch(&path, json!({ "valid_to": "2027-01-02" })).is_problem(422, "overlapping_registrations");
    world.patch(&path, json!({ "valid_to": "2026-12-01" })).is(200);
    world
        .patch("/v1/tax/settings", json!({ "country": "FR", "state": "XX" }))
        .is_problem(422, "unknown_subdivision");
    let rate = |from: &str| json!({ "country": "DE", "kind": "standard", "rate": "20", "valid_from": from, "source": "a law" });
    world.post("/v1/tax/rates", rate("27-01-01")).is_problem(422, "date_out_of_range");
    let refused = world.post("/v1/tax/rates", rate("1/1/2027")).is_problem(422, "bad_value");
    assert!(refused.text_at("/errors/0/detail").contains("YYYY-MM-DD"), "{}", refused.text);
    world.get("/v1/tax/rates?country=zz").is_problem(422, "unknown_country");
    let refused = world.get("/v1/tax/rates?state=NY").is_problem(422, "country_required");
    assert_eq!(refused.text_at("/errors/0/pointer"), "/query/country");
    world.get("/v1/tax/rates?country=US&state=NY").is(200);
}

#[test]
fn a_what_if_is_refused_what_contradicts_itself() {
    let world = World::new();
    let refused = |at: &str, value: Value, fault: [&str; 2]| {
        let mut body = sale("DE", json!({ "country": "FR" }));
        *body.pointer_mut(at).unwrap() = value;
        let reply = world.post("/v1/tax/calculate", body).is(422);
        assert_eq!(
            [reply.text_at("/errors/0/pointer"), reply.text_at("/errors/0/code")],
            fault,
            "{}",
            reply.text
        );
    };
    let number = |value: &str, status: &str| json!({ "type": "eu_vat", "value": value, "status": status });
    let both = json!({ "address": { "country": "DE" }, "tax_ids": [number("DE136695976", "valid"), number("de 136 695 976", "invalid")] });
    refused("/customer", both, ["/customer/tax_ids/1/status", "contradicting_status"]);
    let exemption = json!({ "jurisdiction": "DE", "valid_from": "2026-06-02", "valid_to": "2026-06-01" });
    let exempt = json!({ "address": { "country": "DE" }, "exemptions": [exemption] });
    refused("/customer", exempt, ["/customer/exemptions/0/valid_to", "empty_period"]);
    let minus = json!({ "country": "FR", "sales_across_borders": "-5" });
    refused("/seller", minus, ["/seller/sales_across_borders", "out_of_range"]);
    let oss = json!({ "country": "FR", "scheme": "oss" });
    let twice = json!({ "country": "FR", "registrations": [oss, oss] });
    refused("/seller", twice, ["/seller/registrations/1/valid_from", "overlapping_registrations"]);
}
