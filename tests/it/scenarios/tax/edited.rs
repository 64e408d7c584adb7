//! Which tax has an invoice whose draft was edited, and what goes back of it? That of what its lines come to together.
//!
//! 119.00 and 50.00, the first changed to 19.00 by a line of −100.00: 69.00 with 13.80; credited whole, exactly that.

use serde_json::{Value, json};

use super::invoices::{Shop, flat, in_country};

/// A draft of 119.00 and 50.00 in France.
fn story(behavior: &str) -> (Shop, String, String) {
    let shop = Shop::open();
    shop.world.patch("/v1/billing_settings", json!({ "draft_hours": 24 })).is(200);
    let mut second = flat("50.00", behavior);
    second["code"] = json!("second");
    let plan = shop.sell_at("both", json!([flat("119.00", behavior), second]));
    let paris = shop.customer(in_country("FR"));
    shop.subscribe(&paris, &plan);
    let draft = shop.ids(&paris).remove(0);
    (shop, paris, draft)
}

fn note(shop: &Shop, fields: Value) -> Value {
    let mut body = json!({ "reason": "goodwill" });
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    shop.world.post("/v1/credit_notes", body).is(201).json
}

fn sums(document: &Value) -> [&str; 4] {
    ["subtotal", "tax_total", "tax_included_total", "total"].map(|name| document[name].as_str().unwrap())
}

fn change(shop: &Shop, draft: &str, amount: &str) {
    shop.world.patch(&format!("/v1/invoices/{draft}/lines/1"), json!({ "amount": amount })).is(200);
    shop.world.post(&format!("/v1/invoices/{draft}/finalize"), json!({})).is(200);
}

#[test]
fn credited_whole_all_its_tax_goes_back_and_of_a_changed_line_what_it_comes_to() {
    for (behavior, whole, part) in [
        ("exclusive", ["69.00", "13.80", "0.00", "82.80"], ["19.00", "3.80", "0.00", "22.80"]),
        ("inclusive", ["69.00", "0.00", "11.50", "69.00"], ["19.00", "0.00", "3.17", "19.00"]),
    ] {
        let (shop, paris, draft) = story(behavior);
        change(&shop, &draft, "19.00");
        assert_eq!(sums(&shop.world.get(&format!("/v1/invoices/{draft}")).is(200).json), whole);
        let of_line = json!({ "invoice_id": draft, "lines": [{ "line_no": 1, "amount": "19.00" }] });
        assert_eq!(sums(&note(&shop, of_line)), part);
        note(&shop, json!({ "invoice_id": draft }));
        assert_eq!((shop.stays(&paris), shop.tax_payable()), ((0, 0), json!("0.00")));
        let (shop, paris, draft) = story(behavior);
        change(&shop, &draft, "19.00");
        assert_eq!(sums(&note(&shop, json!({ "invoice_id": draft }))), whole);
        assert_eq!((shop.stays(&paris), shop.tax_payable()), ((0, 0), json!("0.00")));
    }
}

#[test]
fn an_amount_is_credited_of_the_lines_that_stay_and_nothing_of_one_that_was_removed() {
    let (shop, _, draft) = story("exclusive");
    shop.world.delete(&format!("/v1/invoices/{draft}/lines/1")).is(200);
    shop.world.post(&format!("/v1/invoices/{draft}/finalize"), json!({})).is(200);
    let of_amount = note(&shop, json!({ "invoice_id": draft, "amount": "10.00" }));
    assert_eq!(sums(&of_amount), ["8.33", "1.67", "0.00", "10.00"]);
    let removed = json!({ "reason": "x", "invoice_id": draft, "lines": [{ "line_no": 1 }] });
    shop.world.post("/v1/credit_notes", removed).is_problem(422, "nothing_to_credit");
}

#[test]
fn a_line_that_comes_to_more_is_taxed_on_all_of_it() {
    for (behavior, whole) in [
        ("exclusive", ["250.00", "50.00", "0.00", "300.00"]),
        ("inclusive", ["250.00", "0.00", "41.67", "250.00"]),
    ] {
        let (shop, paris, draft) = story(behavior);
        change(&shop, &draft, "200.00");
        assert_eq!(sums(&shop.world.get(&format!("/v1/invoices/{draft}")).is(200).json), whole);
        note(&shop, json!({ "invoice_id": draft }));
        assert_eq!((shop.stays(&paris), shop.tax_payable()), ((0, 0), json!("0.00")));
    }
}

#[test]
fn a_credit_that_is_made_larger_or_turned_into_a_charge_has_the_tax_of_what_it_comes_to() {
    for (amount, tax) in [("-80.00", "-16.00"), ("5.00", "1.00"), ("-10.00", "-2.00")] {
        let shop = Shop::open();
        let paris = shop.customer(in_country("FR"));
        let subscription = shop.subscribe(&paris, &shop.plan);
        shop.world.patch("/v1/billing_settings", json!({ "draft_hours": 24 })).is(200);
        shop.world.advance_to("2026-01-16T00:00:00Z");
        let cancel = json!({ "effective_at": "now", "invoice": "now" });
        shop.world.post(&format!("/v1/subscriptions/{subscription}/cancel"), cancel).is(200);
        let draft = shop.ids(&paris).remove(1);
        change(&shop, &draft, amount);
        let credit = shop.world.get(&format!("/v1/invoices/{draft}")).is(200).json;
        assert_eq!(sums(&credit)[..2], [amount, tax]);
    }
}

#[test]
fn of_an_invoice_with_another_in_its_place_nothing_is_left_to_credit() {
    let shop = Shop::open();
    let paris = shop.customer(in_country("FR"));
    let subscription = shop.subscribe(&paris, &shop.plan);
    let first = shop.ids(&paris).remove(0);
    shop.world.advance_to("2026-01-17T00:00:00Z");
    let cancel = json!({ "effective_at": "now", "invoice": "now" });
    shop.world.post(&format!("/v1/subscriptions/{subscription}/cancel"), cancel).is(200);
    let correction = json!({ "reason": "wrong price", "lines": [{ "line_no": 1, "amount": "20.00" }] });
    shop.world.post(&format!("/v1/invoices/{first}/correct"), correction.clone()).is(201);
    // 31.00: 15.00 went back with the bill of the 17th, 16.00 with the correction.
    let note = json!({ "reason": "x", "invoice_id": first });
    shop.world.post("/v1/credit_notes", note).is_problem(422, "nothing_to_credit");
    shop.world
        .post(&format!("/v1/invoices/{first}/correct"), correction)
        .is_problem(422, "nothing_to_credit");
}
