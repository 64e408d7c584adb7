//! Whose figures stand on invoices? The provider's, to the cent, with its jurisdictions; and what is taken back takes back exactly those.

use serde_json::json;

use super::{Desk, shown};

#[test]
fn an_invoice_waits_for_its_provider_and_is_issued_with_its_figures_and_committed_once() {
    let desk = Desk::open();
    let ada = desk.austin();
    desk.subscribe(&ada);
    let draft = desk.invoice(&ada);
    assert!(shown(&draft).starts_with("draft tax_provider"), "{draft}");
    let pay = format!("/v1/invoices/{}/pay", draft["id"].as_str().unwrap());
    desk.shop.world.post(&pay, json!({})).is_problem(409, "invoice_status");
    desk.at("00:00:30");
    let invoice = desk.invoice(&ada);
    assert_eq!(shown(&invoice), "open - 8.25");
    let taxes = invoice["lines"][0]["taxes"].as_array().unwrap().iter();
    let taxes: Vec<String> = taxes
        .map(|tax| {
            ["jurisdiction", "name", "rate", "amount"].map(|name| tax[name].as_str().unwrap()).join(" ")
        })
        .collect();
    assert_eq!(taxes, ["US-TX Texas 6.25 6.25", "US-TX Austin 1 1.00", "US-TX Austin Transit 1 1.00"]);
    let id = invoice["id"].as_str().unwrap();
    let explained = desk.shop.world.get(&format!("/v1/invoice_lines/{id}-1/explain")).is(200).json;
    assert_eq!(explained["tax"]["taxes"][1]["provider_id"], desk.id.as_str(), "{explained}");
    assert_eq!(desk.provider.document(id), "committed 8.25 1 0");
    assert_eq!((desk.provider.calls("calculate"), desk.provider.calls("commit")), (1, 1));
    assert!(desk.differences().is_empty());
    // One sale, though three have a tax on it.
    let filed = desk.shop.world.get("/v1/tax/returns/us?from=2026-01-01&until=2026-02-01").is(200);
    let texas =
        ["state", "sales", "taxable", "tax"].map(|name| filed.data()[0][name].as_str().unwrap().to_owned());
    assert_eq!(texas, ["US-TX", "100.00", "100.00", "8.25"]);
    desk.shop.world.settle();
}

#[test]
fn buyers_elsewhere_are_taxed_by_the_built_in_rules_at_once() {
    let desk = Desk::open();
    let berlin = desk.shop.customer(json!({ "currency": "USD", "address": { "country": "DE" } }));
    desk.subscribe(&berlin);
    assert_eq!(shown(&desk.invoice(&berlin)), "open - 0.00");
    desk.shop.world.settle();
    assert_eq!(desk.provider.calls("calculate"), 0);
}

#[test]
fn a_draft_that_changes_is_asked_about_again_and_shows_the_tax_it_will_have() {
    let desk = Desk::open();
    let world = &desk.shop.world;
    let ada = desk.austin();
    let line = |amount: &str| json!({ "description": "Setup", "amount": amount });
    let draft = json!({ "customer_id": ada, "collection": "send_invoice", "lines": [line("100.00")] });
    let id = world.post("/v1/invoices", draft).is(201).id();
    desk.at("00:00:10");
    let at = format!("/v1/invoices/{id}");
    assert_eq!(shown(&world.get(&at).json), "draft - 8.25");
    world.patch(&format!("{at}/lines/1"), json!({ "amount": "120.00" })).is(200);
    desk.at("00:00:20");
    assert_eq!(shown(&world.get(&at).json), "draft - 9.90");
    assert_eq!(desk.provider.calls("calculate"), 2);
    // Known already: nothing is asked, and nothing waits.
    world.post(&format!("{at}/finalize"), json!({})).is(200);
    assert_eq!(shown(&world.get(&at).json), "open - 9.90");
    desk.at("00:00:40");
    assert_eq!(desk.provider.document(&id), "committed 9.90 1 0");
    assert_eq!(desk.provider.calls("calculate"), 2);
    world.settle();
}

#[test]
fn an_upgrade_takes_back_the_share_of_each_jurisdiction_and_is_committed_with_it() {
    let desk = Desk::open();
    let world = &desk.shop.world;
    let ada = desk.austin();
    let subscription = desk.subscribe(&ada);
    desk.at("00:00:30");
    let dear = desk.sell("dear", "200.00");
    world.advance_to("2026-01-16T00:00:00Z");
    // Meanwhile Texas asks for more: what goes back has the tax it had.
    desk.provider
        .set(json!({ "rates": [{ "country": "US", "state": "TX", "name": "Texas", "rate": "10" }] }));
    let change = json!({ "plan_id": dear, "effective_at": "now", "proration": "by_day", "invoice": "now" });
    world.post(&format!("/v1/subscriptions/{subscription}/change"), change).is(200);
    world.advance_to("2026-01-16T00:00:30Z");
    let invoice = desk.invoice(&ada);
    // 51.61 of 100.00 back with 3.22, 0.52 and 0.52; 103.23 at 10 %.
    let id = invoice["id"].as_str().unwrap();
    let amounts = |line: usize| {
        let taxes = invoice["lines"][line]["taxes"].as_array().unwrap().iter();
        taxes.map(|tax| tax["amount"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!((amounts(0).as_str(), amounts(1).as_str()), ("-3.23 -0.52 -0.52", "10.32"), "{invoice}");
    assert_eq!(shown(&invoice), "open - 6.05");
    assert_eq!(desk.provider.document(id), "committed 6.05 1 0");
    world.settle();
}

#[test]
fn upcoming_invoices_and_previews_show_the_tax_once_it_is_known() {
    let desk = Desk::open();
    let ada = desk.austin();
    let subscription = desk.subscribe(&ada);
    desk.at("00:00:30");
    let upcoming = format!("/v1/subscriptions/{subscription}/upcoming_invoice");
    let foresee = || desk.shop.world.get(&upcoming).is(200).json;
    // Without an answer the built-in rules are shown, 6.25 % of 80.00, and said to be no more than that.
    desk.provider.fail("calculate", "error", 1);
    let foreseen = foresee();
    assert_eq!((&foreseen["tax_total"], &foreseen["waits_for"]), (&json!("5.00"), &json!("tax_provider")));
    assert_eq!(foreseen["lines"][0]["taxes"][0]["provider_id"], json!(null));
    let foreseen = foresee();
    assert_eq!(
        (&foreseen["tax_total"], &foreseen["waits_for"]),
        (&json!("8.25"), &json!(null)),
        "{foreseen}"
    );
    desk.shop.world.settle();
}

#[test]
fn a_certificate_exempts_where_it_holds_and_a_number_that_was_denied_is_not_sent() {
    let desk = Desk::open();
    let austin = json!({ "country": "US", "state": "TX", "city": "Austin", "postal_code": "78701" });
    let with = |jurisdiction: &str| {
        desk.shop.customer(json!({ "currency": "USD", "address": austin,
            "tax_ids": [{ "type": "us_ein", "value": "12-3456789", "status": "invalid" }],
            "tax_exemptions": [{ "jurisdiction": jurisdiction, "certificate": "RX-1234" }] }))
    };
    let (ohio, texas) = (with("US-OH"), with("US-TX"));
    desk.subscribe(&ohio);
    desk.subscribe(&texas);
    desk.at("00:00:30");
    assert_eq!(shown(&desk.invoice(&ohio)), "open - 8.25");
    let exempt = desk.invoice(&texas);
    assert_eq!(shown(&exempt), "open - 0.00");
    assert_eq!(exempt["lines"][0]["taxes"][0]["reason"], "customer_exempt");
    let sent = desk.provider.sent(exempt["id"].as_str().unwrap());
    assert_eq!(sent["exemptions"], json!([{ "jurisdiction": "US-TX", "certificate": "RX-1234" }]));
    assert_eq!(sent["tax_ids"], json!([]));
    desk.shop.world.settle();
}
