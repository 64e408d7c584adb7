//! What gives back of a draft that is not issued yet waits for it: what goes back has the tax that was charged in the end.
//!
//! January is drafted for 31.00 with 6.20 in France; canceled on the 17th, 15.00 go back; then the buyer turns out to be a business in Berlin.

use serde_json::json;

use super::invoices::{Shop, in_country};

/// A customer in France whose January is a draft that somebody has to issue, and its subscription.
fn drafted(shop: &Shop) -> (String, String) {
    shop.world.patch("/v1/billing_settings", json!({ "draft_hours": 720 })).is(200);
    let customer = shop.customer(in_country("FR"));
    let subscription = shop.subscribe(&customer, &shop.plan);
    shop.world.patch("/v1/billing_settings", json!({ "draft_hours": 0 })).is(200);
    (customer, subscription)
}

/// Ends it on the 17th.
fn cancel(shop: &Shop, subscription: &str) {
    shop.world.advance_to("2026-01-17T00:00:00Z");
    let now = json!({ "effective_at": "2026-01-17T00:00:00Z", "invoice": "now" });
    shop.world.post(&format!("/v1/subscriptions/{subscription}/cancel"), now).is(200);
}

/// `draft earlier_draft -15.00 -3.00` of each invoice, the oldest first.
fn states(shop: &Shop, customer: &str) -> Vec<String> {
    let shown = |id: &String| {
        let invoice = shop.world.get(&format!("/v1/invoices/{id}")).is(200).json;
        let text = |name: &str| invoice[name].as_str().unwrap_or("-").to_owned();
        format!("{} {} {} {}", text("status"), text("waits_for"), text("subtotal"), text("tax_total"))
    };
    shop.ids(customer).iter().map(shown).collect()
}

#[test]
fn a_bill_that_gives_back_of_a_draft_is_issued_after_it_with_the_tax_it_has_then() {
    let shop = Shop::open();
    let (customer, subscription) = drafted(&shop);
    cancel(&shop, &subscription);
    assert_eq!(states(&shop, &customer), ["draft - 31.00 6.20", "draft earlier_draft -15.00 -3.00"]);
    let business = json!({ "address": { "country": "DE" },
        "tax_ids": [{ "type": "eu_vat", "value": "DE136695976", "status": "valid" }] });
    shop.world.patch(&format!("/v1/customers/{customer}"), business).is(200);
    let [first, second] = [0, 1].map(|n| shop.ids(&customer).remove(n));
    let refused = shop.world.post(&format!("/v1/invoices/{second}/finalize"), json!({}));
    let refused = refused.is_problem(409, "earlier_draft");
    assert!(refused.text_at("/detail").contains(&first), "{}", refused.text);
    // The first at its time, the other at once after it.
    shop.world.advance_to("2026-01-31T00:01:00Z");
    assert_eq!(states(&shop, &customer), ["open - 31.00 0.00", "paid - -15.00 0.00"]);
}

#[test]
fn issued_by_hand_the_earlier_one_lets_the_other_go() {
    let shop = Shop::open();
    let (customer, subscription) = drafted(&shop);
    cancel(&shop, &subscription);
    let first = shop.ids(&customer).remove(0);
    shop.world.post(&format!("/v1/invoices/{first}/finalize"), json!({})).is(200);
    shop.world.advance_to("2026-01-17T00:01:00Z");
    assert_eq!(states(&shop, &customer), ["open - 31.00 6.20", "paid - -15.00 -3.00"]);
}

#[test]
fn what_is_taken_off_the_earlier_one_after_it_was_given_back_is_not_given_back_twice() {
    let shop = Shop::open();
    let (customer, subscription) = drafted(&shop);
    cancel(&shop, &subscription);
    let first = shop.ids(&customer).remove(0);
    shop.world.delete(&format!("/v1/invoices/{first}/lines/1")).is(200);
    shop.world.advance_to("2026-03-01T00:00:00Z");
    assert_eq!(shop.stays(&customer), (0, 0), "{:#?}", states(&shop, &customer));
}
