//! Which tax stands on invoices? Sold, changed, credited, corrected and voided: each line has the tax of its law, and gives back what it had.

use serde_json::{Value, json};

use crate::harness::World;

/// A seller in France, registered at home, and a plan of 31.00 EUR a month.
pub(super) struct Shop {
    pub(super) world: World,
    product: String,
    pub(super) plan: String,
}

impl Shop {
    pub(super) fn open() -> Shop {
        let world = World::new();
        world.patch("/v1/tax/settings", json!({ "country": "FR" })).is(200);
        let product = world.post("/v1/products", json!({ "name": "Engine" })).is(201).id();
        let mut shop = Shop { world, product, plan: String::new() };
        shop.plan = shop.sell("basic", "31.00");
        shop
    }

    fn sell(&self, code: &str, amount: &str) -> String {
        let price = json!({ "code": "base", "kind": "recurring", "billing": "in_advance",
                            "model": { "type": "flat", "amount": amount } });
        let body = json!({ "code": code, "name": code, "product_id": self.product, "currency": "EUR", "interval": "month",
                           "prices": [price] });
        self.world.post("/v1/plans", body).is(201).id()
    }

    pub(super) fn customer(&self, fields: Value) -> String {
        let mut body = json!({ "name": "Ada", "currency": "EUR" });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.world.post("/v1/customers", body).is(201).id()
    }

    pub(super) fn subscribe(&self, customer: &str, plan: &str) -> String {
        let body = json!({ "customer_id": customer, "plan_id": plan, "collection": "send_invoice" });
        self.world.post("/v1/subscriptions", body).is(201).id()
    }

    /// The ids of a customer's invoices, the oldest first.
    pub(super) fn ids(&self, customer: &str) -> Vec<String> {
        let listed = self.world.get(&format!("/v1/invoices?customer_id={customer}")).is(200);
        listed.data().iter().rev().map(|invoice| invoice["id"].as_str().unwrap().to_owned()).collect()
    }

    /// What a customer was taxed on and with, less what credit notes took back: subtotal and tax, in cents.
    fn stays(&self, customer: &str) -> (i64, i64) {
        let cents = |thing: &Value, name: &str| -> i64 {
            thing[name].as_str().unwrap().replace('.', "").parse().unwrap()
        };
        let sum = |path: &str, skip: &str| {
            let listed = self.world.get(&format!("{path}?customer_id={customer}")).is(200);
            listed.data().iter().filter(|thing| thing["status"] != skip).fold((0, 0), |(net, tax), thing| {
                (net + cents(thing, "subtotal"), tax + cents(thing, "tax_total"))
            })
        };
        let (invoiced, credited) = (sum("/v1/invoices", "void"), sum("/v1/credit_notes", "void"));
        (invoiced.0 - credited.0, invoiced.1 - credited.1)
    }

    /// `INV-000001 31.00 + 6.20 = 37.20 | FR S 20 6.20`, the oldest first.
    fn invoices(&self, customer: &str) -> Vec<String> {
        let mut shown: Vec<String> = Vec::new();
        for id in self.ids(customer) {
            let whole = self.world.get(&format!("/v1/invoices/{id}")).is(200).json;
            let text = |name: &str| whole[name].as_str().unwrap_or("draft").to_owned();
            let taxes =
                whole["lines"].as_array().unwrap().iter().flat_map(|line| line["taxes"].as_array().unwrap());
            let tax = |tax: &Value| {
                ["jurisdiction", "category", "rate", "amount"]
                    .map(|name| tax[name].as_str().unwrap())
                    .join(" ")
            };
            let taxes: Vec<String> = taxes.map(tax).collect();
            shown.push(format!(
                "{} + {} = {} | {}",
                text("subtotal"),
                text("tax_total"),
                text("total"),
                taxes.join(", ")
            ));
        }
        shown
    }
}

pub(super) fn in_country(country: &str) -> Value {
    json!({ "address": { "country": country } })
}

#[test]
fn a_subscription_is_invoiced_with_the_tax_of_its_buyer() {
    let shop = Shop::open();
    let paris = shop.customer(in_country("FR"));
    let berlin = shop.customer(json!({ "address": { "country": "DE" },
        "tax_ids": [{ "type": "eu_vat", "value": "DE136695976", "status": "valid" }] }));
    let nowhere = shop.customer(json!({}));
    let new_york = shop.customer(json!({ "address": { "country": "US", "state": "NY" } }));
    for customer in [&paris, &berlin, &nowhere, &new_york] {
        shop.subscribe(customer, &shop.plan);
    }
    assert_eq!(shop.invoices(&paris), ["31.00 + 6.20 = 37.20 | FR S 20 6.20"]);
    assert_eq!(shop.invoices(&berlin), ["31.00 + 0.00 = 31.00 | DE AE 0 0.00"]);
    assert_eq!(shop.invoices(&nowhere), ["31.00 + 6.20 = 37.20 | FR S 20 6.20"]);
    assert_eq!(shop.invoices(&new_york), ["31.00 + 0.00 = 31.00 | US-NY O 0 0.00"]);
}

#[test]
fn what_is_given_back_takes_back_the_tax_it_had_though_rate_and_place_have_changed_since() {
    let shop = Shop::open();
    let paris = shop.customer(in_country("FR"));
    let subscription = shop.subscribe(&paris, &shop.plan);
    let rate = json!({ "country": "FR", "kind": "standard", "rate": "22", "valid_from": "2026-01-10", "source": "a law to come" });
    shop.world.post("/v1/tax/rates", rate).is(201);
    shop.world.advance_to("2026-01-16T00:00:00Z");
    shop.world.patch(&format!("/v1/customers/{paris}"), in_country("BE")).is(200);
    let bigger = shop.sell("bigger", "62.00");
    let change = json!({ "plan_id": bigger, "effective_at": "now", "proration": "by_day", "invoice": "now" });
    shop.world.post(&format!("/v1/subscriptions/{subscription}/change"), change).is(200);
    // 16 of 31 days: 16.00 back at the 20 % it was charged with, 32.00 for the bigger plan at today's rate of the seller, 22 %.
    assert_eq!(
        shop.invoices(&paris),
        ["31.00 + 6.20 = 37.20 | FR S 20 6.20", "16.00 + 3.84 = 19.84 | FR S 20 -3.20, FR S 22 7.04"]
    );
}

#[test]
fn a_credit_note_and_a_correction_keep_to_the_tax_of_their_invoice() {
    let shop = Shop::open();
    let paris = shop.customer(in_country("FR"));
    shop.subscribe(&paris, &shop.plan);
    let id = shop.world.get(&format!("/v1/invoices?customer_id={paris}")).is(200).data()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let part =
        json!({ "invoice_id": id, "reason": "order_change", "lines": [{ "line_no": 1, "amount": "10.00" }] });
    let note = shop.world.post("/v1/credit_notes", part).is(201).json;
    assert_eq!((&note["tax_total"], &note["total"]), (&json!("2.00"), &json!("12.00")));
    shop.world.patch("/v1/tax/settings", json!({ "country": "DE" })).is(200);
    let correction = json!({ "reason": "wrong price", "lines": [{ "line_no": 1, "amount": "11.00" }] });
    shop.world.post(&format!("/v1/invoices/{id}/correct"), correction).is(201);
    assert_eq!(
        shop.invoices(&paris),
        ["31.00 + 6.20 = 37.20 | FR S 20 6.20", "11.00 + 2.20 = 13.20 | FR S 20 2.20"]
    );
    let balances = shop.world.get("/v1/ledger/balances").is(200).json;
    let balance_of = |account: &str| {
        let rows = balances["data"].as_array().unwrap();
        rows.iter().find(|row| row["account"] == account).map(|row| row["balance"].clone())
    };
    assert_eq!(balance_of("tax_payable"), Some(json!("2.20")));
}

#[test]
fn a_draft_is_taxed_as_it_stands_and_as_the_law_is_when_it_is_issued() {
    let shop = Shop::open();
    let paris = shop.customer(in_country("FR"));
    let lines = json!([{ "description": "Set-up", "amount": "0.33" }, { "description": "Training", "amount": "0.33" }]);
    let draft = shop
        .world
        .post("/v1/invoices", json!({ "customer_id": paris, "collection": "send_invoice", "lines": lines }))
        .is(201)
        .id();
    assert_eq!(shop.invoices(&paris), ["0.66 + 0.13 = 0.79 | FR S 20 0.07, FR S 20 0.06"]);
    shop.world
        .post(&format!("/v1/invoices/{draft}/lines"), json!({ "description": "Travel", "amount": "0.33" }))
        .is(201);
    assert_eq!(shop.invoices(&paris), ["0.99 + 0.20 = 1.19 | FR S 20 0.07, FR S 20 0.07, FR S 20 0.06"]);
    let rate = json!({ "country": "FR", "kind": "standard", "rate": "10", "valid_from": "2026-01-01", "source": "a law to come" });
    shop.world.post("/v1/tax/rates", rate).is(201);
    shop.world.post(&format!("/v1/invoices/{draft}/finalize"), json!({})).is(200);
    assert_eq!(shop.invoices(&paris), ["0.99 + 0.10 = 1.09 | FR S 10 0.04, FR S 10 0.03, FR S 10 0.03"]);
}

#[test]
fn products_are_taxed_by_their_codes_and_what_is_foreseen_is_what_is_billed() {
    let mut shop = Shop::open();
    shop.product =
        shop.world.post("/v1/products", json!({ "name": "Book", "tax_code": "ebook" })).is(201).id();
    let plan = shop.sell("book", "10.00");
    let paris = shop.customer(in_country("FR"));
    let subscription = shop.subscribe(&paris, &plan);
    assert_eq!(shop.invoices(&paris), ["10.00 + 0.55 = 10.55 | FR S 5.5 0.55"]);
    let upcoming = shop.world.get(&format!("/v1/subscriptions/{subscription}/upcoming_invoice")).is(200).json;
    assert_eq!((&upcoming["tax_total"], &upcoming["total"]), (&json!("0.55"), &json!("10.55")));
    shop.world.advance_to("2026-02-01T00:00:00Z");
    assert_eq!(shop.invoices(&paris).len(), 2);
    shop.world
        .post("/v1/products", json!({ "name": "Book", "tax_code": "buch" }))
        .is_problem(422, "unknown_tax_code");
}

#[test]
fn what_is_taken_back_whole_leaves_no_tax_whatever_way_it_went() {
    // Amounts whose parts do not divide, and a rate that changes between the parts.
    for way in ["cancel", "note_first", "changes_first", "void_first", "rate_between"] {
        let shop = Shop::open();
        let paris = shop.customer(in_country("FR"));
        let odd = shop.sell("odd", "9.97");
        let subscription = shop.subscribe(&paris, &odd);
        let path = |command: &str| format!("/v1/subscriptions/{subscription}/{command}");
        shop.world.advance_to("2026-01-11T00:00:00Z");
        let change = |plan: &str| {
            let body =
                json!({ "plan_id": plan, "effective_at": "now", "proration": "by_day", "invoice": "now" });
            shop.world.post(&path("change"), body).is(200);
        };
        match way {
            "note_first" => {
                let id = shop.ids(&paris).remove(0);
                let part = json!({ "invoice_id": id, "reason": "outage", "lines": [{ "line_no": 1, "amount": "3.33" }] });
                shop.world.post("/v1/credit_notes", part).is(201);
            }
            "changes_first" => {
                change(&shop.plan);
                shop.world.advance_to("2026-01-20T00:00:00Z");
                change(&odd);
            }
            "void_first" => {
                let id = shop.ids(&paris).remove(0);
                shop.world.post(&format!("/v1/invoices/{id}/void"), json!({})).is(200);
                change(&shop.plan);
            }
            "rate_between" => {
                let rate = json!({ "country": "FR", "kind": "standard", "rate": "22", "valid_from": "2026-01-11", "source": "a law to come" });
                shop.world.post("/v1/tax/rates", rate).is(201);
                change(&shop.plan);
                shop.world.advance_to("2026-01-20T00:00:00Z");
                change(&odd);
            }
            _ => {}
        }
        let end = json!({ "effective_at": "2026-01-01T00:00:00Z", "invoice": "now" });
        shop.world.post(&path("cancel"), end).is(200);
        assert_eq!(shop.stays(&paris), (0, 0), "{way}: {:#?}", shop.invoices(&paris));
    }
}
