//! What is left to credit of a discounted charge of which a corrected bill gave a part back? What was charged net, and no cent more.
//!
//! 100.00 with 50.00 off; half of it given back by a change of plan, −50.00 with −25.00. Its correction says −25.00 and no discount: 75.00 with
//! 50.00 off are left, 25.00.

use serde_json::{Value, json};

use super::{Seller, base, credit, credit_balance};

/// Somebody who paid 100.00 a month, from 1 February, with a coupon; and half-way changed to 200.00 a month.
struct Change {
    seller: Seller,
    customer: String,
    subscription: String,
    /// Of the first month, and of the change.
    invoices: [String; 2],
}

impl Change {
    /// Both are paid.
    fn with(off: Value, country: Option<&str>) -> Change {
        let change = Change::open(off, country);
        change.paid(&change.invoices[1]);
        change
    }

    /// That of the change is open.
    fn open(off: Value, country: Option<&str>) -> Change {
        let seller = Seller::on("2026-02-01");
        if let Some(country) = country {
            seller.world.patch("/v1/tax/settings", json!({ "country": country })).is(200);
        }
        let mut coupon = json!({ "code": "OFF", "duration": "forever" });
        coupon.as_object_mut().unwrap().extend(off.as_object().unwrap().clone());
        seller.world.post("/v1/coupons", coupon).is(201);
        let [basic, pro] = ["100.00", "200.00"].map(|price| seller.plan("month", json!([base(price)])));
        let mut ada = json!({ "name": "Ada" });
        if let Some(country) = country {
            ada["address"] = json!({ "country": country });
        }
        let customer = seller.customer_like(ada);
        let sent = json!({ "coupon": "OFF", "collection": "send_invoice" });
        let subscription = seller.subscribe(&customer, &basic, sent);
        let mut change = Change { seller, customer, subscription, invoices: Default::default() };
        change.invoices[0] = change.newest_id();
        change.paid(&change.invoices[0]);
        change.seller.advance_to("2026-02-15");
        let body =
            json!({ "plan_id": pro.id, "effective_at": "now", "proration": "by_day", "invoice": "now" });
        change.command("change", body);
        change.invoices[1] = change.newest_id();
        change
    }

    fn command(&self, name: &str, body: Value) {
        self.seller.world.post(&format!("/v1/subscriptions/{}/{name}", self.subscription), body).is(200);
    }

    fn newest(&self) -> Value {
        let listed = self.seller.world.get(&format!("/v1/invoices?customer_id={}", self.customer)).is(200);
        listed.data()[0].clone()
    }

    fn newest_id(&self) -> String {
        self.newest()["id"].as_str().unwrap().to_owned()
    }

    fn paid(&self, invoice: &str) {
        self.seller.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({ "offline": {} })).is(200);
    }

    /// The charge of the new plan is corrected; gives the invoice in its place.
    fn corrected_to(&self, invoice: &str, amount: &str) -> String {
        let body = json!({ "reason": "agreed", "lines": [{ "line_no": 2, "amount": amount }] });
        let done = self.seller.world.post(&format!("/v1/invoices/{invoice}/correct"), body).is(201);
        done.text_at("/invoice/id")
    }

    /// What a note of all that is left of an invoice comes to: subtotal, discount, tax, total.
    fn left_of(&self, invoice: &str) -> String {
        let note = credit(&self.seller, invoice, json!({})).is(201);
        ["subtotal", "discount_total", "tax_total", "total"]
            .map(|name| note.text_at(&format!("/{name}")))
            .join(" ")
    }
}

fn half() -> Value {
    json!({ "percent_off": "50" })
}

fn ten() -> Value {
    json!({ "amount_off": "10.00", "currency": "USD" })
}

#[test]
fn the_first_invoice_has_left_what_was_charged_net_of_it() {
    // Of 90.00 with 10.00 off, 45.00 went back; 30.00 in place of 95.00 are less than that.
    for (off, left) in [(half(), "75.00 50.00 0.00 25.00"), (ten(), "55.00 10.00 0.00 45.00")] {
        let change = Change::with(off.clone(), None);
        let replacement = change.corrected_to(&change.invoices[1], "30.00");
        assert_eq!(change.left_of(&change.invoices[0]), left);
        let whole = json!({ "invoice_id": change.invoices[0], "reason": "twice" });
        change.seller.world.post("/v1/credit_notes", whole).is_problem(422, "nothing_to_credit");
        if off == half() {
            assert_eq!(change.left_of(&replacement), "5.00 0.00 0.00 5.00");
            // 50.00 and 25.00 were paid. The 25.00 that the old plan gave back pay for what stays of the new one, until that goes, too.
            assert_eq!(credit_balance(&change.seller, &change.customer), "50.00");
            change.command("cancel", json!({ "effective_at": "2026-02-01T00:00:00Z", "invoice": "now" }));
            assert_eq!(credit_balance(&change.seller, &change.customer), "75.00");
        }
    }
}

#[test]
fn the_first_invoice_has_left_what_was_charged_net_of_it_with_tax() {
    let change = Change::with(half(), Some("FR"));
    // 25.00 with 5.00; in its place 30.00 less 25.00, with 1.00.
    let replacement = change.corrected_to(&change.invoices[1], "30.00");
    let shown = change.seller.world.get(&format!("/v1/invoices/{replacement}")).is(200);
    assert_eq!((shown.text_at("/tax_total"), shown.text_at("/total")), ("1.00".into(), "6.00".into()));
    assert_eq!(change.left_of(&change.invoices[0]), "75.00 50.00 5.00 30.00");
    assert_eq!(change.left_of(&replacement), "5.00 0.00 1.00 6.00");
    assert_eq!(credit_balance(&change.seller, &change.customer), "60.00");
    change.command("cancel", json!({ "effective_at": "2026-02-01T00:00:00Z", "invoice": "now" }));
    assert_eq!(credit_balance(&change.seller, &change.customer), "90.00");
}

#[test]
fn a_second_correction_changes_nothing_of_it() {
    for country in [None, Some("FR")] {
        let change = Change::with(half(), country);
        let replacement = change.corrected_to(&change.invoices[1], "30.00");
        let second = change.corrected_to(&replacement, "40.00");
        let (first, then) = match country {
            None => ("75.00 50.00 0.00 25.00", "15.00 0.00 0.00 15.00"),
            Some(_) => ("75.00 50.00 5.00 30.00", "15.00 0.00 3.00 18.00"),
        };
        assert_eq!(change.left_of(&change.invoices[0]), first);
        assert_eq!(change.left_of(&second), then);
    }
}

#[test]
fn a_void_replacement_leaves_the_first_invoice_what_stays_of_it() {
    for (country, left) in [(None, "75.00 50.00 0.00 25.00"), (Some("FR"), "75.00 50.00 5.00 30.00")] {
        let change = Change::open(half(), country);
        let replacement = change.corrected_to(&change.invoices[1], "30.00");
        change.seller.world.post(&format!("/v1/invoices/{replacement}/void"), json!({})).is(200);
        assert_eq!(change.left_of(&change.invoices[0]), left);
        // The other half paid for what stays of the new plan.
        change.command("cancel", json!({ "effective_at": "2026-02-01T00:00:00Z", "invoice": "now" }));
        let back = if country.is_none() { "-25.00" } else { "-30.00" };
        assert_eq!(change.newest()["total"], back);
    }
}

#[test]
fn a_cancellation_after_the_correction_gives_back_what_was_charged_net() {
    let change = Change::with(half(), None);
    change.corrected_to(&change.invoices[1], "30.00");
    change.command("cancel", json!({ "effective_at": "2026-02-01T00:00:00Z", "invoice": "now" }));
    let last = change.newest();
    // 25.00 of the first plan and 30.00 of the second.
    assert_eq!(last["total"], "-55.00", "{last:#}");
}
