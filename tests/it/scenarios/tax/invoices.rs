//! Which tax stands on invoices? Sold, changed, credited, corrected and voided: each line has the tax of its law, and gives back what it had.

use serde_json::{Value, json};

use crate::harness::World;

/// A seller in France, registered at home, and a plan of 31.00 EUR a month.
pub(super) struct Shop {
    pub(super) world: World,
    pub(super) product: String,
    pub(super) plan: String,
}

impl Shop {
    pub(super) fn open() -> Shop {
        Shop::open_in(World::new())
    }

    pub(super) fn open_in(world: World) -> Shop {
        world.patch("/v1/tax/settings", json!({ "country": "FR" })).is(200);
        let product = world.post("/v1/products", json!({ "name": "Engine" })).is(201).id();
        let mut shop = Shop { world, product, plan: String::new() };
        shop.plan = shop.sell("basic", "31.00");
        shop
    }

    pub(super) fn sell(&self, code: &str, amount: &str) -> String {
        self.sell_at(code, json!([flat(amount, "exclusive")]))
    }

    pub(super) fn sell_at(&self, code: &str, prices: Value) -> String {
        let body = json!({ "code": code, "name": code, "product_id": self.product, "currency": "EUR", "interval": "month",
                           "prices": prices });
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

    /// What the books owe onward.
    pub(super) fn tax_payable(&self) -> Value {
        let balances = self.world.get("/v1/ledger/balances").is(200).json;
        let rows = balances["data"].as_array().unwrap();
        rows.iter().find(|row| row["account"] == "tax_payable").unwrap()["balance"].clone()
    }

    /// What a customer was taxed on and with, less what credit notes took back: subtotal and tax, in cents.
    pub(super) fn stays(&self, customer: &str) -> (i64, i64) {
        let cents = |thing: &Value, name: &str| -> i64 {
            thing[name].as_str().unwrap().replace('.', "").parse().unwrap()
        };
        let sum = |path: &str, skip: &str| {
            let listed = self.world.get(&format!("{path}?customer_id={customer}&limit=100")).is(200);
            listed.data().iter().filter(|thing| thing["status"] != skip).fold((0, 0), |(net, tax), thing| {
                let within = cents(thing, "tax_included_total");
                let net_of_it = cents(thing, "subtotal") - cents(thing, "discount_total") - within;
                (net + net_of_it, tax + cents(thing, "tax_total") + within)
            })
        };
        let (invoiced, credited) = (sum("/v1/invoices", "void"), sum("/v1/credit_notes", "void"));
        (invoiced.0 - credited.0, invoiced.1 - credited.1)
    }

    /// `INV-000001 31.00 + 6.20 = 37.20 | FR S 20 6.20`, the oldest first.
    pub(super) fn invoices(&self, customer: &str) -> Vec<String> {
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

/// What is charged in advance each month.
pub(super) fn flat(amount: &str, tax_behavior: &str) -> Value {
    json!({ "code": "base", "kind": "recurring", "billing": "in_advance", "tax_behavior": tax_behavior,
            "model": { "type": "flat", "amount": amount } })
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
    assert_eq!(shop.tax_payable(), json!("2.20"));
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
fn usage_is_taxed_with_its_lines_and_credits_pay_it_with_its_tax() {
    let shop = Shop::open();
    let meter = json!({ "code": "calls", "name": "Calls", "event_type": "call", "aggregation": "count" });
    let meter = shop.world.post("/v1/meters", meter).is(201).id();
    let price = json!({ "code": "calls", "kind": "usage", "meter_id": meter, "model": { "type": "per_unit", "unit_amount": "5.00" } });
    let plan = json!({ "code": "metered", "name": "Metered", "product_id": shop.product, "currency": "EUR", "interval": "month",
                       "prices": [price] });
    let plan = shop.world.post("/v1/plans", plan).is(201).id();
    let paris = shop.customer(in_country("FR"));
    let grant =
        json!({ "customer_id": paris, "amount": "50.00", "currency": "EUR", "source": "promotional" });
    shop.world.post("/v1/credit_grants", grant).is(201);
    shop.subscribe(&paris, &plan);
    shop.world.advance_to("2026-01-06T00:00:00Z");
    let event = |id: &str| {
        json!({ "specversion": "1.0", "id": id, "source": "app", "type": "call", "subject": paris,
                                   "time": "2026-01-05T00:00:00Z", "data": {} })
    };
    shop.world.post("/v1/usage/events", json!([event("a"), event("b")])).is(200);
    shop.world.advance_to("2026-02-01T00:00:00Z");
    // 2 calls, 10.00, and 2.00 tax: 12.00 of the 50.00.
    assert_eq!(shop.invoices(&paris), ["10.00 + 2.00 = 12.00 | FR S 20 2.00"]);
    let remaining = |amount: &str| {
        let grants = shop.world.get(&format!("/v1/credit_grants?customer_id={paris}")).is(200);
        assert_eq!(grants.data()[0]["remaining"], amount);
    };
    remaining("38.00");
    // One of them never was: 5.00 and its 1.00 flow back with the next bill.
    shop.world.post("/v1/usage/events/void", json!({ "source": "app", "id": "b" })).is(200);
    shop.world.advance_to("2026-03-01T00:00:00Z");
    assert_eq!(shop.invoices(&paris)[1], "-5.00 + -1.00 = -6.00 | FR S 20 -1.00, FR S 20 0.00");
    remaining("44.00");
}

#[test]
fn a_payer_is_taxed_for_those_it_pays_for_by_its_own_place_and_each_currency_by_its_own_cents() {
    let shop = Shop::open();
    let brussels = shop.customer(in_country("BE"));
    let oss = json!({ "country": "FR", "scheme": "oss" });
    shop.world.post("/v1/tax/registrations", oss).is(201);
    let child = shop.customer(json!({ "address": { "country": "FR" }, "parent_id": brussels }));
    shop.subscribe(&child, &shop.plan);
    // 21 % of Belgium, where who pays is: 6.51.
    assert_eq!(shop.invoices(&brussels), ["31.00 + 6.51 = 37.51 | BE S 21 6.51"]);
    let price = json!({ "code": "base", "kind": "recurring", "billing": "in_advance", "model": { "type": "flat", "amount": "333" } });
    let plan = json!({ "code": "yen", "name": "Yen", "product_id": shop.product, "currency": "JPY", "interval": "month", "prices": [price] });
    let plan = shop.world.post("/v1/plans", plan).is(201).id();
    let tokyo = shop.customer(json!({ "currency": "JPY", "address": { "country": "FR" } }));
    shop.subscribe(&tokyo, &plan);
    // 20 % of 333 is 66.6: yen have no cents.
    assert_eq!(shop.invoices(&tokyo), ["333 + 67 = 400 | FR S 20 67"]);
}

#[test]
fn drafts_that_wait_take_late_usage_with_its_tax_and_none_when_nothing_is_taxed_any_more() {
    let shop = Shop::open();
    shop.world.patch("/v1/billing_settings", json!({ "draft_hours": 24 })).is(200);
    let paris = shop.customer(in_country("FR"));
    shop.subscribe(&paris, &shop.plan);
    assert_eq!(shop.invoices(&paris), ["31.00 + 6.20 = 37.20 | FR S 20 6.20"]);
    let draft = shop.ids(&paris).remove(0);
    // Changed to 20.00: the counter takes 11.00 and 2.20 back, and a preview says so.
    shop.world.patch(&format!("/v1/invoices/{draft}/lines/1"), json!({ "amount": "20.00" })).is(200);
    assert_eq!(shop.invoices(&paris), ["20.00 + 4.00 = 24.00 | FR S 20 6.20, FR S 20 -2.20"]);
    shop.world.patch("/v1/tax/settings", json!({ "country": null })).is(200);
    shop.world.advance_to("2026-01-03T00:00:00Z");
    assert_eq!(shop.invoices(&paris), ["20.00 + 0.00 = 20.00 | "]);
}

#[test]
fn a_bill_run_and_what_is_foreseen_are_taxed_by_the_law_of_their_day_and_explained() {
    let shop = Shop::open();
    let rate = json!({ "country": "FR", "kind": "standard", "rate": "22", "valid_from": "2026-02-01", "source": "a law to come" });
    shop.world.post("/v1/tax/rates", rate).is(201);
    let paris = shop.customer(in_country("FR"));
    let subscription = shop.subscribe(&paris, &shop.plan);
    let upcoming = shop.world.get(&format!("/v1/subscriptions/{subscription}/upcoming_invoice")).is(200).json;
    assert_eq!(
        (&upcoming["total"], &upcoming["lines"][0]["taxes"][0]["rate"]),
        (&json!("37.82"), &json!("22"))
    );
    shop.world.advance_to("2026-02-01T00:00:00Z");
    assert_eq!(
        shop.invoices(&paris),
        ["31.00 + 6.20 = 37.20 | FR S 20 6.20", "31.00 + 6.82 = 37.82 | FR S 22 6.82"]
    );
    let line = format!("{}-1", shop.ids(&paris)[1]);
    let explained = shop.world.get(&format!("/v1/invoice_lines/{line}/explain")).is(200).json;
    assert_eq!(
        (&explained["tax"]["decision"], &explained["tax"]["reason"]),
        (&json!("charged"), &json!("22 % VAT of France"))
    );
    assert!(explained["sentence"].as_str().unwrap().ends_with("; tax 6.82: 22 % VAT of France."));
}

#[test]
fn what_is_written_off_was_taxed_and_stays_so() {
    let shop = Shop::open();
    let paris = shop.customer(in_country("FR"));
    shop.subscribe(&paris, &shop.plan);
    let id = shop.ids(&paris).remove(0);
    shop.world.post(&format!("/v1/invoices/{id}/mark_uncollectible"), json!({})).is(200);
    assert_eq!(shop.invoices(&paris), ["31.00 + 6.20 = 37.20 | FR S 20 6.20"]);
    assert_eq!(shop.tax_payable(), json!("6.20"));
}

#[test]
fn a_plan_that_is_migrated_gives_back_the_old_tax_and_charges_the_new() {
    let shop = Shop::open();
    let paris = shop.customer(in_country("FR"));
    shop.subscribe(&paris, &shop.plan);
    let rate = json!({ "country": "FR", "kind": "standard", "rate": "22", "valid_from": "2026-01-10", "source": "a law to come" });
    shop.world.post("/v1/tax/rates", rate).is(201);
    let price = json!({ "code": "base", "kind": "recurring", "billing": "in_advance", "model": { "type": "flat", "amount": "62.00" } });
    shop.world
        .post(
            &format!("/v1/plans/{}/versions", shop.plan),
            json!({ "currency": "EUR", "interval": "month", "prices": [price] }),
        )
        .is(201);
    shop.world.advance_to("2026-01-16T00:00:00Z");
    let migration = json!({ "to_version": 2, "effective_at": "now", "proration": "by_day" });
    shop.world.post(&format!("/v1/plans/{}/migrations", shop.plan), migration).is(200);
    shop.world.advance_to("2026-02-01T00:00:00Z");
    // 16 days of 31.00 back with 3.20 of 20 %; 32.00 for them and 62.00 for February with 22 %: 20.68.
    assert_eq!(
        shop.invoices(&paris)[1],
        "78.00 + 17.48 = 95.48 | FR S 20 -3.20, FR S 22 7.04, FR S 22 13.64"
    );
}
