//! What is invoiced to a business whose number nobody could verify? As the seller has it: charged, not charged with a warning, or not before
//! somebody knows.

use serde_json::{Value, json};

use super::super::invoices::Shop;
use super::business;
use crate::harness::World;

fn shop(unknown_tax_ids: &str) -> Shop {
    let shop = Shop::open();
    shop.world.patch("/v1/tax/settings", json!({ "unknown_tax_ids": unknown_tax_ids })).is(200);
    shop
}

/// `draft tax_id 6.20` of each invoice, the oldest first.
fn states(shop: &Shop, customer: &str) -> Vec<String> {
    let shown = |id: &String| {
        let invoice = shop.world.get(&format!("/v1/invoices/{id}")).is(200).json;
        let text = |name: &str| invoice[name].as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", text("status"), text("waits_for"), text("tax_total"))
    };
    shop.ids(customer).iter().map(shown).collect()
}

/// The events of an invoice, in order.
fn events(shop: &Shop, invoice: &str) -> Vec<String> {
    shop.world.relay_events();
    let listed = shop.world.get("/v1/events?limit=1000").is(200);
    let its = listed.data().iter().filter(|event| event["object_id"] == invoice);
    its.map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_invoice_waits_until_a_register_knows_the_number() {
    let shop = shop("wait");
    let customer = business(&shop, "DE500000007");
    shop.subscribe(&customer, &shop.plan);
    assert_eq!(states(&shop, &customer), ["draft tax_id 6.20"]);
    shop.world.advance_to("2026-01-01T00:10:00Z");
    assert_eq!(states(&shop, &customer), ["draft tax_id 6.20"]);
    shop.world.advance_to("2026-01-01T00:15:00Z");
    assert_eq!(states(&shop, &customer), ["open - 0.00"]);
    let invoice = shop.ids(&customer).remove(0);
    assert_eq!(events(&shop, &invoice), ["invoice.drafted", "invoice.finalized"]);
    shop.world.advance_to("2026-02-01T01:00:00Z");
    assert_eq!(states(&shop, &customer), ["open - 0.00", "open - 0.00"]);
}

#[test]
fn what_nobody_answers_waits_on_until_the_seller_says_so() {
    let shop = shop("wait");
    let customer = business(&shop, "DE400000000");
    shop.subscribe(&customer, &shop.plan);
    let moved = shop.world.advance_to("2026-02-05T00:00:00Z");
    assert_eq!(moved.json["drafts_finalized"], 0, "looked at each day, and none issued");
    assert_eq!(states(&shop, &customer), ["draft tax_id 6.20", "draft tax_id 6.20"]);
    let [first, second] = [0, 1].map(|n| shop.ids(&customer).remove(n));
    assert_eq!(events(&shop, &first), ["invoice.drafted"]);
    // By hand: as to a consumer. By the caller's word: at once, as it says.
    shop.world.post(&format!("/v1/invoices/{first}/finalize"), json!({})).is(200);
    assert_eq!(states(&shop, &customer), ["open - 6.20", "draft tax_id 6.20"]);
    let word = json!({ "tax_ids": [{ "type": "eu_vat", "value": "DE400000000", "status": "valid" }] });
    shop.world.patch(&format!("/v1/customers/{customer}"), word).is(200);
    shop.world.advance_to("2026-02-05T00:01:00Z");
    assert_eq!(states(&shop, &customer), ["open - 6.20", "open - 0.00"]);
    assert_eq!(events(&shop, &second), ["invoice.drafted", "invoice.finalized"]);
}

#[test]
fn a_draft_that_is_held_waits_at_its_end_and_a_change_of_mind_is_seen_within_a_day() {
    let shop = shop("wait");
    shop.world.patch("/v1/billing_settings", json!({ "draft_hours": 1 })).is(200);
    let customer = business(&shop, "DE300000002");
    shop.subscribe(&customer, &shop.plan);
    assert_eq!(states(&shop, &customer), ["draft - 6.20"]);
    shop.world.advance_to("2026-01-01T02:00:00Z");
    assert_eq!(states(&shop, &customer), ["draft tax_id 6.20"]);
    let invoice = shop.ids(&customer).remove(0);
    assert_eq!(events(&shop, &invoice), ["invoice.drafted", "invoice.updated"]);
    shop.world.patch("/v1/tax/settings", json!({ "unknown_tax_ids": "charge" })).is(200);
    shop.world.advance_to("2026-01-02T02:00:00Z");
    assert_eq!(states(&shop, &customer), ["open - 6.20"]);
}

#[test]
fn only_those_whose_tax_depends_on_it_wait() {
    let shop = shop("wait");
    let fields = [
        json!({ "address": { "country": "DE" } }),
        json!({ "address": { "country": "DE" }, "tax_ids": [{ "type": "eu_vat", "value": "DE200000005", "status": "invalid" }] }),
        json!({ "address": { "country": "FR" }, "tax_ids": [{ "type": "eu_vat", "value": "FR83300000007" }] }),
        json!({ "address": { "country": "US" }, "tax_ids": [{ "type": "us_ein", "value": "12-3456789" }] }),
    ];
    for fields in fields {
        let customer = shop.customer(fields.clone());
        shop.subscribe(&customer, &shop.plan);
        let states = states(&shop, &customer);
        assert!(states[0].starts_with("open - "), "{fields}: {states:?}");
    }
}

#[test]
fn taken_for_valid_each_tax_carries_a_warning() {
    let shop = shop("reverse_charge");
    let customer = business(&shop, "DE400000000");
    shop.subscribe(&customer, &shop.plan);
    let warning = |n: usize| {
        let id = shop.ids(&customer).remove(n);
        let invoice = shop.world.get(&format!("/v1/invoices/{id}")).is(200).json;
        let tax = &invoice["lines"][0]["taxes"][0];
        (tax["reason"].clone(), tax["warning"].clone())
    };
    let doubtful: (Value, Value) = (json!("reverse_charge"), json!("unverified_tax_id"));
    assert_eq!(warning(0), doubtful);
    let word = json!({ "tax_ids": [{ "type": "eu_vat", "value": "DE400000000", "status": "valid" }] });
    shop.world.patch(&format!("/v1/customers/{customer}"), word).is(200);
    shop.world.advance_to("2026-02-01T01:00:00Z");
    assert_eq!(warning(0), doubtful, "an issued invoice stays as it is");
    assert_eq!(warning(1), (json!("reverse_charge"), Value::Null));
}

#[test]
fn whoever_waits_for_an_answer_that_nobody_gives_is_told_so() {
    let wait = json!({ "unknown_tax_ids": "wait" });
    let shop = shop("wait");
    let settings = shop.world.get("/v1/tax/settings").is(200).json;
    assert_eq!((settings["register"].as_str(), settings["warning"].as_str()), (Some("simulator"), None));
    // A live tenant of a server that was not told where VIES is.
    let live = World::live();
    live.patch("/v1/tax/settings", json!({ "country": "FR" })).is(200);
    let charges = live.get("/v1/tax/settings").is(200).json;
    assert_eq!((charges["register"].as_str(), charges["warning"].as_str()), (None, None));
    let waits = live.patch("/v1/tax/settings", wait).is(200);
    assert!(waits.text_at("/warning").contains("--vies"), "{}", waits.text);
}
