//! What tax goes back of a void bill that took back of two periods with two rates? Of each period's charge its own, so that nothing is left.
//!
//! January in Germany at 19 %, February in Hungary at 27 %; a change back to 17 January, void; canceled to the start: no tax stays.

use serde_json::{Value, json};

use super::invoices::{Shop, in_country};

struct Moved {
    shop: Shop,
    customer: String,
    subscription: String,
}

impl Moved {
    /// January and February billed, then a change of both to `price`, backdated to the 17th of January; and that is void.
    fn void(price: &str) -> Moved {
        let shop = Shop::open();
        shop.world.post("/v1/tax/registrations", json!({ "country": "FR", "scheme": "oss" })).is(201);
        let customer = shop.customer(in_country("DE"));
        let subscription = shop.subscribe(&customer, &shop.plan);
        shop.world.advance_to("2026-01-20T00:00:00Z");
        shop.world.patch(&format!("/v1/customers/{customer}"), in_country("HU")).is(200);
        shop.world.advance_to("2026-02-10T00:00:00Z");
        let plan = shop.sell("other", price);
        let moved = Moved { shop, customer, subscription };
        let change = json!({ "plan_id": plan, "effective_at": "2026-01-17T00:00:00Z", "proration": "by_day", "invoice": "now" });
        moved.command("change", change);
        let ids = moved.shop.ids(&moved.customer);
        assert_eq!(ids.len(), 3);
        moved.shop.world.post(&format!("/v1/invoices/{}/void", ids[2]), json!({})).is(200);
        moved
    }

    fn command(&self, command: &str, body: Value) {
        self.shop.world.post(&format!("/v1/subscriptions/{}/{command}", self.subscription), body).is(200);
    }

    fn ends(&self, day: &str) {
        self.command("cancel", json!({ "effective_at": format!("2026-{day}T00:00:00Z"), "invoice": "now" }));
    }
}

#[test]
fn canceled_to_its_start_nothing_of_net_and_tax_is_left() {
    for price in ["62.00", "45.00", "310.00"] {
        let moved = Moved::void(price);
        moved.ends("01-01");
        assert_eq!(moved.shop.stays(&moved.customer), (0, 0), "{:#?}", moved.shop.invoices(&moved.customer));
    }
}

#[test]
fn canceled_step_by_step_nothing_of_net_and_tax_is_left() {
    for path in [&["02-05", "02-01", "01-01"][..], &["02-01", "01-17", "01-01"], &["01-25", "01-10", "01-01"]]
    {
        for price in ["62.00", "45.00"] {
            let moved = Moved::void(price);
            for day in path {
                moved.ends(day);
            }
            assert_eq!(
                moved.shop.stays(&moved.customer),
                (0, 0),
                "{path:?} {:#?}",
                moved.shop.invoices(&moved.customer)
            );
        }
    }
}
