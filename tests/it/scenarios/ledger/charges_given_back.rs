//! What is charged at one rate and given back at another: is nothing left in euros where nothing is left in dollars, whichever way it leaves?
//!
//! 31.00 USD a month with 6.20 of tax, invoiced on 1 January at 0.80 and given back on the 10th at 0.60: deferred revenue 24.80 and tax 4.96 go,
//! the customer gets what is 22.32 EUR by then, and 7.44 are gained.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{House, world};
use crate::harness::World;

/// A month in advance, taxed in France, at 0.80 on the 1st, 0.60 from the 10th and 0.70 from the 20th.
struct Month<'w> {
    house: House<'w>,
    plan: String,
    subscription: String,
}

impl<'w> Month<'w> {
    fn of(world: &'w World) -> Month<'w> {
        let house = House::of(world, &world.tenant);
        for (date, rate) in [("2026-01-01", "0.80"), ("2026-01-10", "0.60"), ("2026-01-20", "0.70")] {
            house.rate(date, rate);
        }
        let client = house.client();
        client.patch("/v1/tax/settings", json!({ "country": "FR" })).is(200);
        let address = json!({ "address": { "country": "FR" } });
        client.patch(&format!("/v1/customers/{}", house.customer), address).is(200);
        let mut month = Month { house, plan: String::new(), subscription: String::new() };
        month.plan = month.plan("month", "31.00");
        month.subscription = month.subscribe(json!({}));
        month.house.advance_to("2026-01-01");
        month
    }

    fn plan(&self, code: &str, amount: &str) -> String {
        let client = self.house.client();
        let product = client.post("/v1/products", json!({ "name": code })).is(201).id();
        let plan = json!({ "code": code, "name": code, "product_id": product, "currency": "USD", "interval": "month",
            "prices": [{ "code": "base", "kind": "recurring", "model": { "type": "flat", "amount": amount } }] });
        client.post("/v1/plans", plan).is(201).id()
    }

    fn subscribe(&self, more: Value) -> String {
        let mut body = json!({ "customer_id": self.house.customer, "plan_id": self.plan, "collection": "send_invoice",
            "start_at": "2026-01-01T00:00:00Z" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.house.client().post("/v1/subscriptions", body).is(201).id()
    }

    fn command(&self, verb: &str, body: Value) {
        let path = format!("/v1/subscriptions/{}/{verb}", self.subscription);
        self.house.client().post(&path, body).is(200);
    }

    fn cancel(&self, at: &str) {
        let body = json!({ "effective_at": format!("2026-01-{at}T00:00:00Z"), "credit": true, "invoice": "now",
            "early_termination": "waive" });
        self.command("cancel", body);
    }

    /// Its invoices, the oldest first.
    fn invoices(&self) -> Vec<String> {
        let listed = self.house.client().get("/v1/invoices?limit=100").is(200);
        listed.data().iter().rev().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    }

    fn first(&self) -> String {
        self.invoices().remove(0)
    }

    fn act(&self, verb: &str, body: Value) {
        self.house.client().post(&format!("/v1/invoices/{}/{verb}", self.first()), body).is(200);
    }

    fn correct(&self, invoice: &str, amount: &str) {
        let body = json!({ "reason": "agreed", "lines": [{ "line_no": 1, "amount": amount }] });
        self.house.client().post(&format!("/v1/invoices/{invoice}/correct"), body).is(201);
    }

    /// What accounts hold, `31.00 USD 24.80 EUR`; credits are below zero.
    fn holds(&self) -> BTreeMap<String, (Decimal, Decimal)> {
        let mut sums: BTreeMap<String, (Decimal, Decimal)> = BTreeMap::new();
        let listed = self.house.client().get("/v1/ledger/entries?limit=1000").is(200);
        for entry in listed.data() {
            let number =
                |name: &str| entry[name].as_str().map_or(Decimal::ZERO, |text| text.parse().unwrap());
            let (amount, worth) = (number("amount"), number("functional_amount"));
            let text = |name: &str| entry[name].as_str().unwrap().to_owned();
            let debit = sums.entry(text("debit")).or_default();
            *debit = (debit.0 + amount, debit.1 + worth);
            let credit = sums.entry(text("credit")).or_default();
            *credit = (credit.0 - amount, credit.1 - worth + number("realised_gain"));
        }
        sums
    }

    fn holds_of(&self, account: &str) -> String {
        let (dollars, euros) = self.holds().get(account).copied().unwrap_or_default();
        format!("{dollars:.2} USD {euros:.2} EUR")
    }

    /// What is nothing in dollars is nothing in euros.
    #[track_caller]
    fn check(&self, path: &str) {
        for (account, (dollars, euros)) in self.holds() {
            let entries = self.house.entries();
            assert!(
                !dollars.is_zero() || euros.is_zero(),
                "{path}: {account} holds {euros} EUR of nothing: {entries:#?}"
            );
        }
        self.house.check();
    }
}

#[test]
fn a_charge_given_back_relieves_what_it_deferred_at_the_rate_it_came_at() {
    let world = world();
    let month = Month::of(&world);
    month.house.advance_to("2026-01-10");
    month.cancel("01");
    assert_eq!(
        month.house.entries_of("invoice_finalized"),
        [
            "31.00 USD accounts_receivable < deferred_revenue 24.80 EUR",
            "6.20 USD accounts_receivable < tax_payable 4.96 EUR",
            "37.20 USD accounts_receivable < customer_credit 22.32 EUR",
            "31.00 USD deferred_revenue < accounts_receivable 24.80 EUR gain 6.20",
            "6.20 USD tax_payable < accounts_receivable 4.96 EUR gain 1.24",
        ]
    );
    month.check("cancel");
    assert_eq!(month.holds_of("deferred_revenue"), "0.00 USD 0.00 EUR");
    assert_eq!(month.holds_of("tax_payable"), "0.00 USD 0.00 EUR");
    world.settle();
}

#[test]
fn what_takes_the_place_of_an_invoice_is_valued_as_that_one() {
    let world = world();
    let month = Month::of(&world);
    month.house.advance_to("2026-01-10");
    month.correct(&month.first(), "50.00");
    assert_eq!(month.holds_of("deferred_revenue"), "-50.00 USD -40.00 EUR");
    assert_eq!(month.holds_of("tax_payable"), "-10.00 USD -8.00 EUR");
    assert_eq!(month.holds_of("fx_gain_loss_realised"), "0.00 USD 0.00 EUR");
    // Corrected once more, it is of the day of the first still.
    month.house.advance_to("2026-01-20");
    month.correct(month.invoices().last().unwrap(), "20.00");
    assert_eq!(month.holds_of("deferred_revenue"), "-20.00 USD -16.00 EUR");
    // And given back at that.
    month.cancel("01");
    assert_eq!(month.holds_of("deferred_revenue"), "0.00 USD 0.00 EUR");
    month.check("correct, correct, cancel");
    world.settle();
}

/// A way out.
type Path = (&'static str, fn(&Month<'_>));

/// Ways in which a charge leaves what is deferred and owed as tax, after the 10th.
const PATHS: &[Path] = &[
    ("cancel from the beginning", |month| month.cancel("01")),
    ("cancel in two steps", |month| {
        month.cancel("16");
        month.house.advance_to("2026-01-20");
        month.cancel("01");
    }),
    ("cancel, take it back, cancel", |month| {
        month.cancel("05");
        month.house.advance_to("2026-01-20");
        month.command("uncancel", json!({ "invoice": "now" }));
        month.house.rate("2026-01-21", "0.90");
        month.house.advance_to("2026-01-21");
        month.cancel("01");
    }),
    ("pause from the beginning", |month| {
        month.command(
            "pause",
            json!({ "mode": "credit", "effective_at": "2026-01-01T00:00:00Z", "invoice": "now" }),
        );
    }),
    ("another plan from the beginning, canceled", |month| {
        let other = month.plan("other", "62.00");
        let body = json!({ "plan_id": other, "effective_at": "2026-01-01T00:00:00Z", "proration": "by_day", "invoice": "now" });
        month.command("change", body);
        month.house.advance_to("2026-01-20");
        month.cancel("01");
    }),
    ("another plan from the middle, the bill of it void, canceled", |month| {
        let other = month.plan("other", "62.00");
        let body = json!({ "plan_id": other, "effective_at": "2026-01-10T00:00:00Z", "proration": "by_day", "invoice": "now" });
        month.command("change", body);
        month.house.advance_to("2026-01-20");
        let bill = month.invoices().remove(1);
        month.house.act(&bill, "void");
        month.cancel("01");
    }),
    ("another plan from the middle, the bill of it credited, canceled", |month| {
        let other = month.plan("other", "62.00");
        let body = json!({ "plan_id": other, "effective_at": "2026-01-10T00:00:00Z", "proration": "by_day", "invoice": "now" });
        month.command("change", body);
        month.house.advance_to("2026-01-20");
        let bill = month.invoices().remove(1);
        let note = json!({ "invoice_id": bill, "reason": "outage" });
        month.house.client().post("/v1/credit_notes", note).is(201);
        month.cancel("01");
    }),
    ("another plan from the middle, the bill of it corrected, canceled", |month| {
        let other = month.plan("other", "62.00");
        let body = json!({ "plan_id": other, "effective_at": "2026-01-10T00:00:00Z", "proration": "by_day", "invoice": "now" });
        month.command("change", body);
        month.house.advance_to("2026-01-20");
        let bill = month.invoices().remove(1);
        let add = json!({ "reason": "agreed", "add": [{ "description": "Work", "amount": "7.00" }] });
        month.house.client().post(&format!("/v1/invoices/{bill}/correct"), add).is(201);
        month.cancel("01");
    }),
    ("credit note", |month| month.house.credit(&month.first(), "37.20", "invoice")),
    ("credit note of a part, canceled", |month| {
        month.house.credit(&month.first(), "12.00", "invoice");
        month.house.advance_to("2026-01-20");
        month.cancel("01");
    }),
    ("canceled in part, the rest credited", |month| {
        month.cancel("16");
        month.house.advance_to("2026-01-20");
        let note = json!({ "invoice_id": month.first(), "reason": "outage" });
        month.house.client().post("/v1/credit_notes", note).is(201);
    }),
    ("canceled in part, then void", |month| {
        month.cancel("16");
        month.house.advance_to("2026-01-20");
        month.act("void", json!({}));
    }),
    ("void", |month| month.act("void", json!({}))),
    ("written off, paid after all, canceled", |month| {
        month.act("mark_uncollectible", json!({}));
        month.house.advance_to("2026-01-20");
        month.house.receive("37.20", Some(&month.first()));
        month.cancel("01");
    }),
    ("written off, void", |month| {
        month.act("mark_uncollectible", json!({}));
        month.house.advance_to("2026-01-20");
        month.act("void", json!({}));
    }),
    ("paid, corrected, canceled, paid out", |month| {
        month.house.receive("37.20", Some(&month.first()));
        month.correct(&month.first(), "10.00");
        month.house.advance_to("2026-01-20");
        month.cancel("01");
        let out = json!({ "amount": "37.20", "currency": "USD", "to": "outside", "reference": "wire" });
        let path = format!("/v1/customers/{}/credit_balance/pay_out", month.house.customer);
        month.house.client().post(&path, out);
    }),
    ("paid, refunded", |month| {
        month.house.receive("37.20", Some(&month.first()));
        month.house.advance_to("2026-01-20");
        month.house.credit(&month.first(), "37.20", "refund");
    }),
    ("more seats, then none", |month| {
        let other = month.plan("other", "93.00");
        let more = |at: &str| json!({ "plan_id": other, "effective_at": at, "proration": "by_day", "invoice": "now" });
        month.command("change", more("2026-01-08T00:00:00Z"));
        month.house.advance_to("2026-01-20");
        month.command("change", json!({ "plan_id": month.plan, "effective_at": "2026-01-12T00:00:00Z", "proration": "by_day", "invoice": "now" }));
        month.cancel("01");
    }),
    ("the next version, canceled", |month| {
        let version = json!({ "currency": "USD", "interval": "month",
            "prices": [{ "code": "base", "kind": "recurring", "model": { "type": "flat", "amount": "62.00" } }] });
        month.house.client().post(&format!("/v1/plans/{}/versions", month.plan), version).is(201);
        let move_to = json!({ "to_version": 2, "effective_at": "2026-01-10T00:00:00Z" });
        month.house.client().post(&format!("/v1/plans/{}/migrations", month.plan), move_to).is(200);
        month.house.advance_to("2026-01-20");
        month.cancel("01");
    }),
    ("an end before its term, with a fee that is credited", |month| {
        let fee = json!({ "type": "fixed", "amount": "12.00" });
        let terms = json!({ "term": { "interval": "year" }, "early_termination_fee": fee });
        let bound = month.subscribe(json!({ "terms": terms, "start_at": "2026-01-10T00:00:00Z" }));
        let end = json!({ "effective_at": "2026-01-10T00:00:00Z", "credit": true, "invoice": "now" });
        month.house.client().post(&format!("/v1/subscriptions/{bound}/cancel"), end).is(200);
        month.house.advance_to("2026-01-20");
        month.cancel("01");
        for invoice in month.invoices() {
            // What is below zero, or nothing, is refused.
            month
                .house
                .client()
                .post("/v1/credit_notes", json!({ "invoice_id": invoice, "reason": "agreed" }));
        }
    }),
    ("credits sold and taken back", |month| {
        let sold = json!({ "customer_id": month.house.customer, "amount": "100.00", "currency": "USD", "source": "purchased", "price": "90.00" });
        let grant = month.house.client().post("/v1/credit_grants", sold).is(201).json;
        let invoice = grant["invoice_id"].as_str().unwrap().to_owned();
        let due = month.house.client().get(&format!("/v1/invoices/{invoice}")).is(200).text_at("/amount_due");
        month.house.receive(&due, Some(&invoice));
        month.house.advance_to("2026-01-20");
        let id = grant["id"].as_str().unwrap();
        month.house.client().post(&format!("/v1/credit_grants/{id}/void"), json!({})).is(200);
        month.cancel("01");
    }),
    ("canceled, the bill of that a draft at first", |month| {
        month.house.client().patch("/v1/billing_settings", json!({ "draft_hours": 48 })).is(200);
        month.cancel("01");
        month.house.advance_to("2026-01-20");
    }),
    ("in advance and for a coupon, canceled", |month| {
        let coupon = json!({ "code": "TENTH", "percent_off": "10", "duration": "forever" });
        month.house.client().post("/v1/coupons", coupon).is(201);
        let other = month.subscribe(json!({ "coupon": "TENTH", "start_at": "2026-01-10T00:00:00Z" }));
        month.house.advance_to("2026-01-20");
        let end = json!({ "effective_at": "2026-01-10T00:00:00Z", "credit": true, "invoice": "now" });
        month.house.client().post(&format!("/v1/subscriptions/{other}/cancel"), end).is(200);
        month.cancel("01");
    }),
    ("given back to a parent that pays by now", |month| {
        let group = json!({ "name": "Group", "currency": "USD", "address": { "country": "FR" } });
        let group = month.house.client().post("/v1/customers", group).is(201).id();
        let child = format!("/v1/customers/{}", month.house.customer);
        month.house.client().patch(&child, json!({ "parent_id": group })).is(200);
        month.house.advance_to("2026-01-20");
        month.cancel("01");
    }),
    ("two of one bill, of which the one is canceled and the bill credited", |month| {
        let other = month.subscribe(json!({ "start_at": "2026-01-10T00:00:00Z" }));
        month.house.advance_to("2026-02-01");
        month.house.rate("2026-02-02", "0.90");
        month.house.advance_to("2026-02-02");
        let end = json!({ "effective_at": "2026-01-10T00:00:00Z", "credit": true, "invoice": "now" });
        month.house.client().post(&format!("/v1/subscriptions/{other}/cancel"), end).is(200);
        month.cancel("01");
        // January was earned: that it was not comes with the end of the month.
        month.house.advance_to("2026-03-02");
    }),
    ("canceled, the bill of that credited back by uncancel, canceled", |month| {
        month.cancel("16");
        month.command("uncancel", json!({ "invoice": "now" }));
        month.house.advance_to("2026-01-20");
        month.cancel("10");
        month.cancel("01");
    }),
];

#[test]
fn whichever_way_a_charge_leaves_what_is_nothing_in_dollars_is_nothing_in_euros() {
    let mut wrong = Vec::new();
    for (path, leave) in PATHS {
        let left = std::panic::catch_unwind(|| {
            let world = world();
            let month = Month::of(&world);
            month.house.advance_to("2026-01-10");
            leave(&month);
            month.check(path);
            world.settle();
            assert_eq!(month.holds_of("deferred_revenue"), "0.00 USD 0.00 EUR", "{path}");
            month.check(path);
        });
        if left.is_err() {
            wrong.push(*path);
        }
    }
    assert_eq!(wrong, [""; 0]);
}

/// 31.00 deferred at 0.80, 16.00 of them given back at 0.60 on the 16th or, when January was recognised, at 0.70 in March.
#[test]
fn what_is_given_back_is_not_earned_and_what_is_left_is_worth_what_it_was_charged_at() {
    for canceled_on in ["2026-01-16", "2026-03-02"] {
        let world = world();
        let month = Month::of(&world);
        month.house.rate("2026-03-01", "2.00");
        month.house.advance_to(canceled_on);
        month.cancel("16");
        month.house.advance_to("2026-04-02");
        month.check(canceled_on);
        assert_eq!(month.holds_of("deferred_revenue"), "0.00 USD 0.00 EUR", "{canceled_on}");
        let entries = month.house.entries();
        assert_eq!(month.holds_of("revenue"), "-15.00 USD -12.00 EUR", "{canceled_on}: {entries:#?}");
        world.settle();
    }
}
