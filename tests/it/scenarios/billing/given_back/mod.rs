//! Is what was waived, credited or given up given back again? Each story bills 31.00 a month in advance from 1 January, takes it back in
//! one way, and then does what gives back once more: 31.00 void and canceled on the 17th leaves a balance of 0.00, not of 15.00.

use serde_json::{Value, json};

use super::{Seller, base, per_unit};
use crate::scenarios::subscriptions::Life;

/// A subscription with the invoice of its first period.
struct First {
    life: Life,
    invoice: String,
}

impl First {
    /// Paid by card.
    fn paid(interval: &str, amount: &str) -> First {
        let life = Life::of("2026-01-01", |seller| (seller.plan(interval, json!([base(amount)])), json!({})));
        life.advance_to("2026-01-02");
        First::of(life)
    }

    /// Not paid.
    fn open() -> First {
        let sent = json!({ "collection": "send_invoice" });
        First::of(Life::of("2026-01-01", |seller| (seller.plan("month", json!([base("31.00")])), sent)))
    }

    fn of(life: Life) -> First {
        let listed = life.world.get(&format!("/v1/invoices?customer_id={}", life.customer)).is(200);
        let invoice = listed.text_at("/data/0/id");
        First { life, invoice }
    }

    fn void(self) -> First {
        self.life.world.post(&format!("/v1/invoices/{}/void", self.invoice), json!({})).is(200);
        self
    }

    fn note(self, more: Value) -> First {
        let mut body = json!({ "invoice_id": self.invoice, "reason": "outage" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.life.world.post("/v1/credit_notes", body).is(201);
        self
    }

    /// On the 17th, unless said otherwise; previewed, and each line explains itself.
    fn then(self, command: &str, body: Value) -> First {
        self.then_on("2026-01-17", command, body)
    }

    fn then_on(self, date: &str, command: &str, body: Value) -> First {
        self.life.advance_to(date);
        self.life.command(command, body);
        self.life.advance_to(&format!("{date}T01:00:00Z"));
        self
    }

    /// Insists on what lies on the customer's credit balance.
    #[track_caller]
    fn leaves(self, balance: &str) {
        assert_eq!(on_balance(&self.life.seller, &self.life.customer), balance);
    }

    /// Insists on what is due in all.
    #[track_caller]
    fn is_due(self, amount: &str) {
        let path = format!("/v1/invoices?customer_id={}&status=open", self.life.customer);
        let open = self.life.world.get(&path).is(200);
        let due: Vec<&str> = open.data().iter().map(|i| i["amount_due"].as_str().unwrap()).collect();
        assert_eq!(due, [amount]);
    }
}

fn on_balance(seller: &Seller, customer: &str) -> String {
    let reply = seller.world.get(&format!("/v1/customers/{customer}/credit_balance")).is(200);
    reply.data().first().map_or("0.00".into(), |b| b["balance"].as_str().unwrap().into())
}

#[test]
fn a_void_month_is_not_given_back_by_a_cancellation() {
    First::open().void().then("cancel", json!({})).leaves("0.00");
}

#[test]
fn a_month_credited_to_the_balance_is_not_credited_again_by_a_cancellation() {
    First::paid("month", "31.00").note(json!({})).then("cancel", json!({})).leaves("31.00");
}

#[test]
fn a_month_refunded_is_not_credited_by_a_cancellation() {
    First::paid("month", "31.00").note(json!({ "to": "refund" })).then("cancel", json!({})).leaves("0.00");
}

#[test]
fn after_a_note_of_a_part_a_cancellation_gives_back_what_is_left() {
    First::paid("month", "31.00")
        .note(json!({ "amount": "20.00" }))
        .then("cancel", json!({}))
        .leaves("31.00");
}

#[test]
fn a_corrected_month_is_given_back_by_its_share_of_what_it_was_corrected_to() {
    let first = First::paid("month", "31.00");
    let body = json!({ "reason": "half price", "lines": [{ "line_no": 1, "amount": "10.00" }] });
    first.life.world.post(&format!("/v1/invoices/{}/correct", first.invoice), body).is(201);
    // 21.00, and 15 of 31 days of 10.00.
    first.then("cancel", json!({})).leaves("25.84");
}

#[test]
fn a_line_removed_from_a_draft_is_worth_nothing_to_a_cancellation() {
    let life = Life::of("2026-01-01", |seller| {
        seller.world.patch("/v1/billing_settings", json!({ "draft_hours": 48 })).is(200);
        (seller.plan("month", json!([base("31.00")])), json!({}))
    });
    let first = First::of(life);
    first.life.world.delete(&format!("/v1/invoices/{}/lines/1", first.invoice)).is(200);
    first.life.advance_to("2026-01-04");
    let first = first.then("cancel", json!({}));
    first.life.advance_to("2026-01-20");
    first.leaves("0.00");
}

#[test]
fn a_line_changed_in_a_draft_is_given_back_by_its_share_of_what_it_was_changed_to() {
    let life = Life::of("2026-01-01", |seller| {
        seller.world.patch("/v1/billing_settings", json!({ "draft_hours": 48 })).is(200);
        (seller.plan("month", json!([base("31.00")])), json!({}))
    });
    let first = First::of(life);
    let path = format!("/v1/invoices/{}/lines/1", first.invoice);
    first.life.world.patch(&path, json!({ "amount": "10.00" })).is(200);
    first.life.advance_to("2026-01-04");
    let first = first.then("cancel", json!({}));
    first.life.advance_to("2026-01-20");
    first.leaves("4.84");
}

#[test]
fn after_a_void_month_another_plan_costs_what_it_costs_from_then_on() {
    let first = First::open().void();
    let dear = first.life.plan("month", json!([base("62.00")]));
    first.then("change", json!({ "plan_id": dear.id, "invoice": "now" })).is_due("30.00");
}

#[test]
fn two_void_months_are_not_given_back_by_a_cancellation_as_of_the_first() {
    let first = First::open().void();
    first.life.world.patch("/v1/billing_settings", json!({ "backdate_days": 366 })).is(200);
    first.life.advance_to("2026-02-01");
    let second = First::of(first.life).void();
    second.then_on("2026-02-17", "cancel", json!({ "effective_at": "2026-01-01T00:00:00Z" })).leaves("0.00");
}

#[test]
fn usage_of_a_void_invoice_is_not_given_back_with_its_event() {
    let life = Life::of("2026-01-01", |seller| {
        let meter = json!({ "code": "calls", "name": "Calls", "event_type": "call", "aggregation": "sum", "value_property": "units" });
        let meter = seller.world.post("/v1/meters", meter).is(201).id();
        let price = json!({ "code": "calls", "description": "Calls", "kind": "usage", "meter_id": meter, "model": per_unit("0.10") });
        (seller.plan("month", json!([price])), json!({ "collection": "send_invoice" }))
    });
    let event = json!({ "specversion": "1.0", "id": "1", "source": "test", "type": "call", "subject": life.customer,
        "time": "2026-01-01T00:00:00Z", "data": { "units": "100" } });
    assert_eq!(life.world.post("/v1/usage/events", event).is(200).json["accepted"], 1);
    life.advance_to("2026-02-01");
    let first = First::of(life).void();
    first.life.world.post("/v1/usage/events/void", json!({ "source": "test", "id": "1" })).is(200);
    first.life.advance_to("2026-03-01");
    first.leaves("0.00");
}

#[test]
fn of_a_year_half_credited_a_cancellation_gives_back_the_other_half_at_most() {
    let first = First::paid("year", "365.00").note(json!({ "amount": "182.50" }));
    first.then_on("2026-01-31", "cancel", json!({})).leaves("365.00");
}

#[test]
fn a_month_written_off_is_not_given_back_by_a_cancellation() {
    let first = First::open();
    let path = format!("/v1/invoices/{}/mark_uncollectible", first.invoice);
    first.life.world.post(&path, json!({})).is(200);
    first.then("cancel", json!({})).leaves("0.00");
}

#[test]
fn a_void_month_is_not_given_back_by_a_pause_nor_charged_by_taking_a_cancellation_back() {
    First::open().void().then("pause", json!({ "mode": "credit", "invoice": "now" })).leaves("0.00");
    let first = First::open().void();
    let planned = json!({ "effective_at": "2026-01-20T00:00:00Z" });
    let first = first.then("cancel", planned);
    first.life.command("uncancel", json!({ "invoice": "now" }));
    first.life.advance_to("2026-01-25");
    let path = format!("/v1/invoices?customer_id={}&status=open", first.life.customer);
    assert!(first.life.world.get(&path).is(200).data().is_empty(), "a void month was charged again");
    first.leaves("0.00");
}
