//! Does what is taken back whole leave any tax? By whatever way it went back: bills, notes, voids, breaks and what was planned.
//!
//! Of 0.06 with 0.01 tax, half is given back by a bill, with 0.01, and half by a note, with nothing more.

use serde_json::json;

use super::invoices::{Shop, in_country};

/// A subscription of an odd amount, from 1 January 2026.
struct Story {
    shop: Shop,
    customer: String,
    subscription: String,
    odd: String,
}

impl Story {
    fn of(price: &str, coupon: Option<&str>) -> Story {
        let shop = Shop::open();
        let customer = shop.customer(in_country("FR"));
        let odd = shop.sell("odd", price);
        let third = json!({ "code": "THIRD", "percent_off": "33", "duration": "forever" });
        shop.world.post("/v1/coupons", third).is(201);
        let body = json!({ "customer_id": customer, "plan_id": odd, "collection": "send_invoice", "coupon": coupon });
        let subscription = shop.world.post("/v1/subscriptions", body).is(201).id();
        shop.world.advance_to("2026-01-11T00:00:00Z");
        Story { shop, customer, subscription, odd }
    }

    fn command(&self, command: &str, body: serde_json::Value) {
        self.shop.world.post(&format!("/v1/subscriptions/{}/{command}", self.subscription), body).is(200);
    }

    fn change(&self, plan: &str) {
        self.command(
            "change",
            json!({ "plan_id": plan, "effective_at": "now", "proration": "by_day", "invoice": "now" }),
        );
    }

    fn on(&self, day: &str) -> &Story {
        self.shop.world.advance_to(&format!("2026-{day}T00:00:00Z"));
        self
    }

    fn first(&self) -> String {
        self.shop.ids(&self.customer).remove(0)
    }

    fn note(&self, fields: serde_json::Value) {
        let mut body = json!({ "invoice_id": self.first(), "reason": "outage" });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.shop.world.post("/v1/credit_notes", body).is(201);
    }

    fn rate(&self, rate: &str) {
        let rate = json!({ "country": "FR", "kind": "standard", "rate": rate, "valid_from": "2026-01-11", "source": "a law to come" });
        self.shop.world.post("/v1/tax/rates", rate).is(201);
    }

    /// It never was: nothing stays, neither of it nor of its tax.
    fn cancelled_to_its_start(&self) {
        self.command("cancel", json!({ "effective_at": "2026-01-01T00:00:00Z", "invoice": "now" }));
        self.leaves_nothing();
    }

    fn leaves_nothing(&self) {
        assert_eq!(self.shop.stays(&self.customer), (0, 0), "{:#?}", self.shop.invoices(&self.customer));
    }
}

#[test]
fn a_cancellation_to_the_start() {
    Story::of("9.97", None).cancelled_to_its_start();
}

#[test]
fn a_note_of_a_part_and_a_cancellation_of_the_rest() {
    let story = Story::of("9.97", None);
    story.note(json!({ "lines": [{ "line_no": 1, "amount": "3.33" }] }));
    story.cancelled_to_its_start();
}

#[test]
fn a_cancellation_of_a_part_and_a_note_of_the_rest() {
    // 0.06 with 0.01 tax: 0.03 goes back with the bill of the 16th, and 0.01; 0.03 with the note, and nothing.
    for (price, day) in [("0.06", "01-16"), ("9.97", "01-11"), ("0.11", "01-12")] {
        let story = Story::of(price, None);
        story.on(day).command("cancel", json!({ "effective_at": "now", "invoice": "now" }));
        story.note(json!({}));
        story.leaves_nothing();
    }
}

#[test]
fn notes_and_bills_in_turn() {
    let story = Story::of("0.29", None);
    story.note(json!({ "lines": [{ "line_no": 1, "amount": "0.03" }] }));
    story.command("cancel", json!({ "effective_at": "now", "invoice": "now" }));
    story.note(json!({ "lines": [{ "line_no": 1, "amount": "0.02" }] }));
    story.note(json!({}));
    story.leaves_nothing();
}

#[test]
fn changes_of_plan_with_and_without_a_change_of_the_rate() {
    for rate in [None, Some("22"), Some("0")] {
        let story = Story::of("9.97", None);
        rate.into_iter().for_each(|rate| story.rate(rate));
        story.change(&story.shop.plan);
        story.on("01-20").change(&story.odd);
        story.cancelled_to_its_start();
    }
}

#[test]
fn a_void_before_a_change() {
    let story = Story::of("9.97", None);
    story.shop.world.post(&format!("/v1/invoices/{}/void", story.first()), json!({})).is(200);
    story.change(&story.shop.plan);
    story.cancelled_to_its_start();
}

#[test]
fn a_void_after_a_change() {
    let story = Story::of("9.97", None);
    story.change(&story.shop.plan);
    story.shop.world.post(&format!("/v1/invoices/{}/void", story.first()), json!({})).is(200);
    story.cancelled_to_its_start();
}

#[test]
fn a_pause_and_what_is_charged_again_after_it() {
    let story = Story::of("9.97", None);
    story.command("pause", json!({ "mode": "credit", "invoice": "now" }));
    story.on("01-19").command("resume", json!({ "invoice": "now" }));
    story.cancelled_to_its_start();
}

#[test]
fn a_pause_that_extends() {
    let story = Story::of("9.97", None);
    story.command("pause", json!({ "mode": "extend", "invoice": "now" }));
    story.on("01-19").command("resume", json!({ "invoice": "now" }));
    story.on("02-20").cancelled_to_its_start();
}

#[test]
fn a_cancellation_that_is_taken_back() {
    let story = Story::of("9.97", None);
    story.command("cancel", json!({ "effective_at": "now", "invoice": "now" }));
    story.command("uncancel", json!({ "invoice": "now" }));
    story.cancelled_to_its_start();
}

#[test]
fn two_months_and_a_change_in_the_second() {
    let story = Story::of("9.97", None);
    story.on("02-07").change(&story.shop.plan);
    story.cancelled_to_its_start();
}

#[test]
fn a_discount_that_comes_back() {
    let story = Story::of("9.97", Some("THIRD"));
    story.change(&story.shop.plan);
    story.cancelled_to_its_start();
}

#[test]
fn a_backdated_change_and_one_that_was_planned() {
    let story = Story::of("9.97", None);
    let plan = &story.shop.plan;
    story.command("change", json!({ "plan_id": plan, "effective_at": "2026-01-05T00:00:00Z", "proration": "by_day", "invoice": "now" }));
    let back = json!({ "plan_id": story.odd, "effective_at": "2026-01-25T00:00:00Z", "proration": "by_day" });
    story.command("change", back);
    story.on("02-02").cancelled_to_its_start();
}

#[test]
fn a_quantity_that_falls_and_a_correction() {
    let story = Story::of("9.97", None);
    let correction = json!({ "reason": "wrong price", "lines": [{ "line_no": 1, "amount": "7.77" }] });
    story.shop.world.post(&format!("/v1/invoices/{}/correct", story.first()), correction).is(201);
    // What takes its place is a charge of its own: 7.77 and 1.55.
    assert_eq!(story.shop.stays(&story.customer), (777, 155));
    let note = json!({ "invoice_id": story.shop.ids(&story.customer)[1], "reason": "outage" });
    story.shop.world.post("/v1/credit_notes", note).is(201);
    story.leaves_nothing();
}

#[test]
fn a_note_of_a_bill_that_took_something_back() {
    let story = Story::of("9.97", None);
    story.rate("22");
    story.change(&story.shop.plan);
    // It charged 21 of 31 days of 31.00 and took 21 of 31 of 9.97 back: both go, and are billed again.
    let note = json!({ "invoice_id": story.shop.ids(&story.customer)[1], "reason": "outage" });
    story.shop.world.post("/v1/credit_notes", note).is(201);
    story.on("01-20").change(&story.odd);
    story.cancelled_to_its_start();
}

#[test]
fn a_void_of_a_bill_that_took_something_back() {
    for rate in [None, Some("22"), Some("0")] {
        let story = Story::of("9.97", None);
        rate.into_iter().for_each(|rate| story.rate(rate));
        story.change(&story.shop.plan);
        let second = story.shop.ids(&story.customer).remove(1);
        story.shop.world.post(&format!("/v1/invoices/{second}/void"), json!({})).is(200);
        // 6.75 of the 21.00 that the void bill charged were paid by what it gave back: they go with the tax that had, by and by.
        story.on("01-20").change(&story.odd);
        story.on("01-22").change(&story.shop.plan);
        story.cancelled_to_its_start();
    }
}

#[test]
fn bills_that_wait_as_drafts_and_are_taxed_again_when_they_are_issued() {
    let story = Story::of("9.97", None);
    story.shop.world.patch("/v1/billing_settings", json!({ "draft_hours": 24 })).is(200);
    story.change(&story.shop.plan);
    story.on("01-20").change(&story.odd);
    story.command("cancel", json!({ "effective_at": "2026-01-01T00:00:00Z", "invoice": "now" }));
    story.on("01-25").leaves_nothing();
}

#[test]
fn tax_that_was_not_charged_is_not_given_back() {
    let shop = Shop::open();
    shop.world.patch("/v1/tax/settings", json!({ "country": null })).is(200);
    let ada = shop.customer(in_country("FR"));
    let subscription = shop.subscribe(&ada, &shop.plan);
    shop.world.patch("/v1/tax/settings", json!({ "country": "FR" })).is(200);
    let end = json!({ "effective_at": "2026-01-01T00:00:00Z", "invoice": "now" });
    shop.world.post(&format!("/v1/subscriptions/{subscription}/cancel"), end).is(200);
    assert_eq!(shop.invoices(&ada), ["31.00 + 0.00 = 31.00 | ", "-31.00 + 0.00 = -31.00 | "]);
}
