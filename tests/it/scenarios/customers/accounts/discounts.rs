//! What becomes of a payer's coupon when it pays no longer? What was charged with it is given back with it, to whoever pays now; what is new is
//! charged without.
//!
//! 31.00 of a branch with half off, 15.50 paid by its group; the branch pays itself and ends on the 17th: −15.00 with −7.50, −7.50 for the branch.

use serde_json::{Value, json};

use crate::scenarios::billing::Seller;

/// A group with a coupon, and a branch whose January it pays.
struct Moved {
    seller: Seller,
    group: String,
    branch: String,
    subscription: String,
}

impl Moved {
    /// The branch pays itself from the 10th.
    fn with(off: Value) -> Moved {
        let seller = Seller::on("2026-01-01");
        let mut coupon = json!({ "code": "OFF", "duration": "forever" });
        coupon.as_object_mut().unwrap().extend(off.as_object().unwrap().clone());
        seller.world.post("/v1/coupons", coupon).is(201);
        let plan = seller.thirty_one();
        let group = seller.customer_like(json!({ "name": "Group" }));
        seller.world.post("/v1/discounts", json!({ "coupon": "OFF", "customer_id": group })).is(201);
        let branch = seller.child(&group, json!({}));
        let subscription = seller.subscribe(&branch, &plan, json!({ "collection": "send_invoice" }));
        seller.advance_to("2026-01-10");
        seller.world.patch(&format!("/v1/customers/{branch}"), json!({ "pays": "self" })).is(200);
        seller.advance_to("2026-01-28");
        Moved { seller, group, branch, subscription }
    }

    fn command(&self, name: &str, body: Value) {
        self.seller.world.post(&format!("/v1/subscriptions/{}/{name}", self.subscription), body).is(200);
    }

    fn ends(&self, day: &str) {
        self.command(
            "cancel",
            json!({ "effective_at": format!("2026-01-{day}T00:00:00Z"), "invoice": "now" }),
        );
    }

    /// Each invoice as `31.00 - 15.50`, the oldest first.
    fn billed(&self, customer: &str) -> Vec<String> {
        let listed = self.seller.world.get(&format!("/v1/invoices?customer_id={customer}")).is(200);
        let text = |invoice: &Value, name: &str| invoice[name].as_str().unwrap().to_owned();
        let one = |i: &Value| format!("{} - {}", text(i, "subtotal"), text(i, "discount_total"));
        listed.data().iter().rev().map(one).collect()
    }
}

fn half() -> Value {
    json!({ "percent_off": "50" })
}

fn ten() -> Value {
    json!({ "amount_off": "10.00", "currency": "USD" })
}

#[test]
fn an_end_gives_back_what_was_charged_with_the_payers_discount() {
    for (off, first, back) in
        [(half(), "31.00 - 15.50", "-15.00 - -7.50"), (ten(), "31.00 - 10.00", "-15.00 - -4.84")]
    {
        let moved = Moved::with(off);
        moved.ends("17");
        assert_eq!(moved.billed(&moved.group), [first]);
        assert_eq!(moved.billed(&moved.branch), [back]);
    }
}

#[test]
fn what_is_new_is_charged_without_it_and_what_comes_again_with_it() {
    let moved = Moved::with(half());
    moved.ends("17");
    moved.command("uncancel", json!({ "invoice": "now" }));
    assert_eq!(moved.billed(&moved.branch), ["-15.00 - -7.50", "15.00 - 7.50"]);
    let twice = moved.seller.plan("month", json!([crate::scenarios::billing::base("62.00")]));
    let change = json!({ "plan_id": twice.id, "effective_at": "2026-01-17T00:00:00Z", "proration": "by_day", "invoice": "now" });
    moved.command("change", change);
    // 15 of 31 days go back with half off, and 30.00 are the branch's own.
    assert_eq!(moved.billed(&moved.branch)[2], "15.00 - -7.50");
    moved.seller.advance_to("2026-02-02");
    assert_eq!(moved.billed(&moved.branch)[3], "62.00 - 0.00");
}

#[test]
fn a_draft_of_another_payer_gives_it_back_as_well() {
    let moved = Moved::with(half());
    let south = moved.seller.customer_like(json!({ "name": "South" }));
    let under = json!({ "parent_id": south, "pays": "parent" });
    moved.seller.world.patch(&format!("/v1/customers/{}", moved.branch), under).is(200);
    moved.seller.world.patch("/v1/billing_settings", json!({ "draft_hours": 24 })).is(200);
    moved.ends("17");
    moved.seller.advance_to("2026-01-30");
    assert_eq!(moved.billed(&south), ["-15.00 - -7.50"]);
    moved.ends("01");
    moved.seller.advance_to("2026-02-02");
    assert_eq!(moved.billed(&south), ["-15.00 - -7.50", "-16.00 - -8.00"]);
}
