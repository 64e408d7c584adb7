//! Who need not pay tax, and what if a product is something else for tax? Certificates while they hold; a new code from now on.

use serde_json::{Value, json};

use super::invoices::Shop;

/// A seller in New York, a plan of 100.00, and a buyer with these certificates.
fn story(exemptions: Value) -> (Shop, String) {
    let shop = Shop::open();
    shop.world.patch("/v1/tax/settings", json!({ "country": "US", "state": "NY" })).is(200);
    let plan = shop.sell("hundred", "100.00");
    let buyer =
        shop.customer(json!({ "address": { "country": "US", "state": "NY" }, "tax_exemptions": exemptions }));
    shop.subscribe(&buyer, &plan);
    (shop, buyer)
}

#[test]
fn a_certificate_exempts_where_and_while_it_holds_and_the_invoice_prints_it() {
    let certificate =
        json!([{ "jurisdiction": "US-NY", "certificate": "RX-1234", "valid_to": "2026-02-01" }]);
    let (shop, buyer) = story(certificate);
    assert_eq!(shop.invoices(&buyer), ["100.00 + 0.00 = 100.00 | US-NY E 0 0.00"]);
    let line =
        shop.world.get(&format!("/v1/invoices/{}", shop.ids(&buyer)[0])).is(200).json["lines"][0].clone();
    let tax = &line["taxes"][0];
    let shown = (&tax["reason"], &tax["mention"]);
    assert_eq!(shown, (&json!("customer_exempt"), &json!("Exempt: certificate RX-1234")));
    shop.world.advance_to("2026-02-01T00:00:00Z");
    assert_eq!(shop.invoices(&buyer)[1], "100.00 + 4.00 = 104.00 | US-NY S 4 4.00");
    // What was exempt is taken back without tax, though it would be taxed now.
    let note = json!({ "invoice_id": shop.ids(&buyer)[0], "reason": "outage" });
    assert_eq!(shop.world.post("/v1/credit_notes", note).is(201).json["tax_total"], json!("0.00"));
}

#[test]
fn a_certificate_of_another_state_exempts_nothing() {
    let (shop, buyer) = story(json!([{ "jurisdiction": "US-NJ" }]));
    assert_eq!(shop.invoices(&buyer), ["100.00 + 4.00 = 104.00 | US-NY S 4 4.00"]);
}

#[test]
fn a_certificate_that_is_over_is_refused_and_one_that_ran_out_stays_and_does_nothing() {
    let (shop, buyer) = story(json!([{ "jurisdiction": "US-NY", "valid_to": "2026-02-01" }]));
    shop.world.advance_to("2026-03-01T00:00:00Z");
    let path = format!("/v1/customers/{buyer}");
    let kept = shop.world.get(&path).is(200).json["tax_exemptions"].clone();
    assert_eq!(
        kept,
        json!([{ "jurisdiction": "US-NY", "certificate": null, "valid_from": null, "valid_to": "2026-02-01" }])
    );
    shop.world.patch(&path, json!({ "name": "Ada Ltd", "tax_exemptions": kept })).is(200);
    let refused = |exemption: Value, pointer: &str, code: &str| {
        let reply = shop.world.patch(&path, json!({ "tax_exemptions": [exemption] }));
        let first = ["pointer", "code"].map(|name| reply.text_at(&format!("/errors/0/{name}")));
        assert_eq!((reply.status, first), (422, [format!("/tax_exemptions/0{pointer}"), code.to_owned()]));
    };
    refused(json!({ "jurisdiction": "US-NY", "valid_to": "2026-03-01" }), "/valid_to", "expired_exemption");
    refused(json!({ "jurisdiction": "US-ZZ" }), "/jurisdiction", "unknown_subdivision");
    let backwards = json!({ "jurisdiction": "US-NY", "valid_from": "2026-05-01", "valid_to": "2026-05-01" });
    refused(backwards, "/valid_to", "empty_period");
    shop.world
        .patch(&path, json!({ "tax_exemptions": [{ "jurisdiction": "US-NY", "valid_from": "2026-04-01" }] }))
        .is(200);
    shop.world.advance_to("2026-04-01T00:00:00Z");
    assert_eq!(shop.invoices(&buyer)[3], "100.00 + 0.00 = 100.00 | US-NY E 0 0.00");
}

#[test]
fn a_products_new_code_taxes_what_comes_and_leaves_what_was() {
    let shop = Shop::open();
    let paris = shop.customer(json!({ "address": { "country": "FR" } }));
    let subscription = shop.subscribe(&paris, &shop.plan);
    let path = format!("/v1/products/{}", shop.product);
    shop.world.patch(&path, json!({ "tax_code": "sass" })).is_problem(422, "unknown_tax_code");
    let changed =
        shop.world.patch(&path, json!({ "tax_code": "ebook", "description": "Novels" })).is(200).json;
    assert_eq!((&changed["tax_code"], &changed["name"]), (&json!("ebook"), &json!("Engine")));
    shop.world.advance_to("2026-02-01T00:00:00Z");
    let cancel = json!({ "effective_at": "2026-01-01T00:00:00Z", "invoice": "now" });
    shop.world.post(&format!("/v1/subscriptions/{subscription}/cancel"), cancel).is(200);
    let billed = [
        "31.00 + 6.20 = 37.20 | FR S 20 6.20",
        "31.00 + 1.71 = 32.71 | FR S 5.5 1.71",
        "-62.00 + -7.91 = -69.91 | FR S 20 -6.20, FR S 5.5 -1.71",
    ];
    assert_eq!(shop.invoices(&paris), billed);
    let events = shop.world.get("/v1/events?type=product.updated").is(200);
    assert_eq!(events.data().len(), 1);
}
