//! A subscription with a price of its own: 25.00 flat in the plan, graduated tiers for this customer, 1,000 units for 82.00.

use serde_json::{Value, json};

use super::{Seller, graduated, tiers};

/// A flat plan at 25.00, and an item of it with its own model.
fn own_price(seller: &Seller, model: Value, quantity: &str) -> crate::harness::Reply {
    let plan = seller.offer(json!({ "type": "flat", "amount": "25.00" })).is(201);
    let price = plan.text_at("/prices/0/id");
    let item = json!({ "price_id": price, "quantity": quantity, "price_override": { "model": model } });
    seller.ask(&plan.id(), json!({ "items": [item] }))
}

#[test]
fn a_subscription_may_have_tiers_of_its_own() {
    let seller = Seller::open();
    let subscription = own_price(&seller, graduated(), "1000").is(201);
    assert_eq!(subscription.json["items"][0]["model"], graduated());
    assert_eq!(subscription.json["items"][0]["price_overridden"], true);
    assert_eq!(seller.lines(), ["Calls (1000 units): 1 x 82.00 = 82.00"]);
}

#[test]
fn tiers_of_its_own_are_checked_like_those_of_a_plan() {
    let seller = Seller::open();
    let mut closed = tiers();
    closed[2]["up_to"] = json!("500");
    let refused = own_price(&seller, json!({ "type": "volume", "tiers": closed }), "7").is(422);
    assert_eq!(refused.text_at("/errors/0/pointer"), "/items/0/price_override/model/tiers/2/up_to");
    assert_eq!(refused.text_at("/errors/0/code"), "tiers_not_rising");
    assert_eq!(refused.text_at("/errors/1/code"), "last_tier_not_open");
    assert_eq!(seller.lines(), [""; 0]);
}
