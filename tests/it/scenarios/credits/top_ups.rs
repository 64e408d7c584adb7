//! What happens when credits run low? The customer is told once, and exactly one purchase is made.

use serde_json::json;

use super::Calls;

#[test]
fn a_draw_below_the_threshold_buys_once_and_the_next_invoice_finds_it_paid() {
    let shop = Calls::on("2026-01-01");
    let ada = shop.customer("ada");
    shop.grant(&ada, json!({ "amount": "30.00", "source": "promotional" }));
    let rule = json!({ "currency": "USD", "threshold": "20.00", "amount": "50.00", "price": "45.00", "expires_after_days": 365 });
    let path = format!("/v1/customers/{ada}/credits/top_up");
    shop.seller.world.call("PUT", &path, Some(&rule)).is(200);
    shop.call("ada", "2026-01-10T00:00:00Z", 2_000);
    shop.seller.advance_to("2026-02-02");
    assert_eq!(
        shop.bills(&ada),
        [
            "2026-01-01 paid 20.00 paid 20.00",
            "2026-02-01 paid 40.00 credits 20.00 paid 20.00",
            "2026-02-01 paid 45.00 paid 45.00",
        ]
    );
    assert_eq!(shop.left(&ada), "60.00");
    assert_eq!(shop.count_events("credits.low_balance"), 1);
    // A run again buys nothing more; nor does a draw that leaves enough.
    shop.seller.world.post("/v1/bill_runs", json!({})).is(201);
    shop.call("ada", "2026-02-10T00:00:00Z", 100);
    shop.seller.advance_to("2026-03-02");
    assert_eq!((shop.left(&ada).as_str(), shop.count_events("credits.low_balance")), ("59.00", 1));
    let grants = shop.seller.world.get(&format!("/v1/credit_grants?customer_id={ada}")).is(200);
    assert_eq!(grants.data().iter().filter(|g| g["top_up"] == true).count(), 1);
}

#[test]
fn while_a_top_up_is_not_paid_no_other_is_made() {
    let shop = Calls::on("2026-01-01");
    let ada = shop.seller.customer_like(json!({ "name": "Ada", "external_id": "ada" }));
    shop.seller.subscribe(&ada, &shop.plan, json!({}));
    shop.grant(&ada, json!({ "amount": "30.00", "source": "promotional" }));
    let rule = json!({ "currency": "USD", "threshold": "29.50", "amount": "50.00" });
    let path = format!("/v1/customers/{ada}/credits/top_up");
    shop.seller.world.call("PUT", &path, Some(&rule)).is(200);
    for month in ["01", "02", "03"] {
        shop.call("ada", &format!("2026-{month}-10T00:00:00Z"), 100);
    }
    shop.seller.advance_to("2026-04-02");
    let grants =
        shop.seller.world.get(&format!("/v1/credit_grants?customer_id={ada}&status=pending")).is(200);
    assert_eq!(grants.data().len(), 1);
    assert_eq!((shop.left(&ada).as_str(), shop.count_events("credits.low_balance")), ("27.00", 1));
    let gone = shop.seller.world.call("DELETE", &path, None).is(200);
    assert_eq!(gone.json["top_ups"], json!([]));
}
