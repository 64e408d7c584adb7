//! How is a shortfall paid? As any charge of the plan: less what coupons take off, in money, and back as money. Credits pay what was used.

use serde_json::{Value, json};

use super::{Committed, calls, commitment, instant, merged};

/// Committed for January, with these further fields.
fn january(more: Value) -> Committed {
    let prices = |meter: &str| json!([calls(meter), commitment("31.00")]);
    Committed::with(prices, merged(json!({ "end_at": instant("02-01") }), more))
}

impl Committed {
    /// The newest invoice as `31.00 credits 8.00 due 23.00`.
    fn drawn(&self) -> String {
        let invoice = self.seller.world.get(&format!("/v1/invoices/{}", self.last())).is(200);
        let [total, credits, due] =
            ["/total", "/credits_applied", "/amount_due"].map(|at| invoice.text_at(at));
        format!("{total} credits {credits} due {due}")
    }

    fn coupon(&self, code: &str, more: Value) {
        let body = merged(json!({ "code": code, "percent_off": "50", "duration": "forever" }), more);
        self.seller.world.post("/v1/coupons", body).is(201);
    }

    /// Credits of 20.00, of this source.
    fn credits(&self, more: Value) {
        let body = json!({ "customer_id": self.seller.customer, "amount": "20.00", "currency": "USD" });
        self.seller.world.post("/v1/credit_grants", merged(body, more)).is(201);
    }
}

#[test]
fn a_coupon_of_the_subscription_takes_its_part_off_usage_and_shortfall_alike() {
    let acme = january(json!({}));
    acme.coupon("HALF", json!({}));
    let redeemed = json!({ "coupon": "HALF", "subscription_id": acme.subscription });
    acme.seller.world.post("/v1/discounts", redeemed).is(201);
    acme.on("01-20").called("01-05", "8").on("02-02");
    // 8.00 and 23.00 of 31.00, half of both off.
    assert_eq!(acme.charges(), ["01-01 02-01 Calls 8.00", "01-01 02-01 Commitment 23.00"]);
    assert_eq!(acme.total(), "15.50");
}

#[test]
fn a_coupon_of_the_usage_price_does_not_raise_the_shortfall() {
    let acme = january(json!({}));
    acme.coupon("HALF", json!({}));
    let redeemed =
        json!({ "coupon": "HALF", "subscription_id": acme.subscription, "price_id": acme.plan.prices[0] });
    acme.seller.world.post("/v1/discounts", redeemed).is(201);
    acme.on("01-20").called("01-05", "8").on("02-02");
    // What was used is worth 8.00 and 23.00 short, whoever pays for it: 4.00 of it are off.
    assert_eq!(acme.total(), "27.00");
}

#[test]
fn credits_that_were_given_pay_what_was_used_and_the_shortfall_is_due_in_money() {
    let acme = january(json!({}));
    acme.credits(json!({ "source": "promotional" }));
    acme.on("01-20").called("01-05", "8").on("02-02");
    // 8.00 used, paid by credits, and counted; 23.00 short.
    assert_eq!(acme.drawn(), "31.00 credits 8.00 due 23.00");
}

#[test]
fn the_price_of_credits_that_were_sold_counts_towards_no_commitment_and_what_they_pay_does() {
    let acme = january(json!({}));
    acme.credits(
        json!({ "source": "purchased", "price": "18.00", "activates": "now", "collection": "send_invoice" }),
    );
    assert_eq!(acme.total(), "18.00");
    acme.on("01-20").called("01-05", "25").on("02-02");
    // 25.00 used, 20.00 of it paid by credits; 6.00 short of 31.00.
    assert_eq!(acme.drawn(), "31.00 credits 20.00 due 11.00");
    assert_eq!(acme.total(), "49.00");
}

/// January's 8.00 and 23.00, paid; so much of a line refunded.
fn refunded(line_no: u32, amount: &str) -> Committed {
    let acme = january(json!({}));
    acme.on("01-20").called("01-05", "8").on("02-02");
    let invoice = acme.last();
    acme.seller.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({ "offline": {} })).is(200);
    let body = json!({ "invoice_id": invoice, "reason": "goodwill", "to": "refund", "lines": [{ "line_no": line_no, "amount": amount }] });
    let note = acme.seller.world.post("/v1/credit_notes", body).is(201);
    assert_eq!(note.text_at("/to_refund"), amount);
    acme
}

#[test]
fn a_refunded_shortfall_stays_refunded_when_late_usage_takes_its_place() {
    let acme = refunded(2, "23.00");
    acme.called("01-30", "10").on("02-04");
    // 18.00 used: 10.00 of them in place of what was refunded. 31.00 billed less 23.00, and nothing new.
    assert_eq!(acme.total(), "31.00");
    acme.called("01-31", "20").on("02-06");
    // 38.00 used, 7.00 above what was committed.
    assert_eq!(acme.total(), "38.00");
}

#[test]
fn refunded_usage_stays_refunded_when_the_shortfall_takes_its_place() {
    let acme = refunded(1, "8.00");
    acme.without(1).on("02-04");
    // Nothing used, 31.00 short, of which 8.00 were refunded as usage already.
    assert_eq!(acme.total(), "31.00");
}
