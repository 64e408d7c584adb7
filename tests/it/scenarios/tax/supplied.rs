//! A rate changes in the middle of a period: each country's rule for what is supplied over time says which part has which rate.
//!
//! From 15 February on 21 % in France and Germany, 9 % in Switzerland; February is 31.00, in advance.

use serde_json::json;

use super::invoices::{Shop, in_country};
use crate::harness::World;

/// A seller in a country whose standard rate becomes another on 15 February.
fn shop(country: &str, rate: &str) -> Shop {
    let shop = Shop::open_in(World::new());
    shop.world.patch("/v1/tax/settings", json!({ "country": country })).is(200);
    let change = json!({ "country": country, "kind": "standard", "rate": rate, "valid_from": "2026-02-15", "source": "law" });
    shop.world.post("/v1/tax/rates", change).is(201);
    shop
}

#[test]
fn in_france_an_invoice_in_advance_has_its_own_rate_and_one_in_arrears_that_of_the_last_day() {
    let shop = shop("FR", "21");
    let arrears = json!([{ "code": "base", "kind": "recurring", "billing": "in_arrears", "model": { "type": "flat", "amount": "31.00" } }]);
    let later = shop.sell_at("later", arrears);
    let (ahead, behind) = (shop.customer(in_country("FR")), shop.customer(in_country("FR")));
    shop.world.advance_to("2026-01-15T00:00:00Z");
    shop.subscribe(&ahead, &shop.plan);
    shop.subscribe(&behind, &later);
    shop.world.advance_to("2026-02-15T12:00:00Z");
    // The month up to 14 February is invoiced on the 15th: supplied before the change.
    assert_eq!(shop.invoices(&behind), ["31.00 + 6.20 = 37.20 | FR S 20 6.20"]);
    assert_eq!(
        shop.invoices(&ahead),
        ["31.00 + 6.20 = 37.20 | FR S 20 6.20", "31.00 + 6.51 = 37.51 | FR S 21 6.51"]
    );
}

#[test]
fn in_germany_the_whole_month_has_the_rate_of_its_last_day() {
    let shop = shop("DE", "21");
    let berlin = shop.customer(in_country("DE"));
    shop.world.advance_to("2026-02-01T00:00:00Z");
    let subscription = shop.subscribe(&berlin, &shop.plan);
    assert_eq!(shop.invoices(&berlin), ["31.00 + 6.51 = 37.51 | DE S 21 6.51"]);
    // Ended before the change, all of what it gives back has the tax it had.
    shop.world.advance_to("2026-02-08T00:00:00Z");
    let cancel = json!({ "effective_at": "2026-02-08T00:00:00Z", "invoice": "now" });
    shop.world.post(&format!("/v1/subscriptions/{subscription}/cancel"), cancel).is(200);
    assert_eq!(shop.invoices(&berlin)[1], "-23.25 + -4.88 = -28.13 | DE S 21 -4.88");
}

#[test]
fn in_switzerland_each_day_has_its_rate_and_the_last_days_go_back_first() {
    let shop = shop("CH", "9");
    let bern = shop.customer(in_country("CH"));
    shop.world.advance_to("2026-02-01T00:00:00Z");
    let subscription = shop.subscribe(&bern, &shop.plan);
    // 14 days at 8.1 %: 1.2555; 14 at 9 %: 1.395.
    assert_eq!(shop.invoices(&bern), ["31.00 + 2.66 = 33.66 | CH S 8.1 1.26, CH S 9 1.40"]);
    shop.world.advance_to("2026-02-22T00:00:00Z");
    let cancel = |at: &str| {
        let body = json!({ "effective_at": at, "invoice": "now" });
        shop.world.post(&format!("/v1/subscriptions/{subscription}/cancel"), body).is(200);
    };
    // A week: half of what has 9 %.
    cancel("2026-02-22T00:00:00Z");
    assert_eq!(shop.invoices(&bern)[1], "-7.75 + -0.70 = -8.45 | CH S 9 -0.70");
    cancel("2026-02-01T00:00:00Z");
    assert_eq!(shop.stays(&bern), (0, 0));
}

#[test]
fn what_is_sold_at_once_has_the_rate_of_the_day_it_is_invoiced() {
    let shop = shop("CH", "9");
    let bern = shop.customer(in_country("CH"));
    shop.world.advance_to("2026-02-20T00:00:00Z");
    super::reports::sell(&shop.world, &bern, "100.00");
    assert_eq!(shop.invoices(&bern), ["100.00 + 9.00 = 109.00 | CH S 9 9.00"]);
}
