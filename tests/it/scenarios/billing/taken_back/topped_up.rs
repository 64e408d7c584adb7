//! What was taken back of usage that a minimum or a commitment tops up to a fixed sum? Worth moves between usage and shortfall, and what
//! was taken back of either is not charged again under the other's name: 8.00 used of 20.00 committed, void, the event void: nothing is due.

use serde_json::{Value, json};

use crate::scenarios::usage::metered::{Seller, per_unit};

/// January's usage of one customer, billed on 1 February; the subscription ends then.
struct January {
    seller: Seller,
    subscription: String,
    invoice: String,
}

impl January {
    /// Calls at 1.00 each with a minimum.
    fn with_minimum(minimum: &str, calls: &[&str]) -> January {
        January::sold(calls, |meter| json!([calls_at_1(meter, json!({ "minimum_amount": minimum }))]))
    }

    /// Calls at 1.00 each, and a commitment that counts all usage.
    fn committed(amount: &str, calls: &[&str]) -> January {
        January::sold(calls, |meter| json!([calls_at_1(meter, json!({})), commitment(amount)]))
    }

    fn sold(calls: &[&str], prices: impl FnOnce(&str) -> Value) -> January {
        January::sold_with(calls, prices, json!({ "end_at": "2026-02-01T00:00:00Z" }))
    }

    fn sold_with(calls: &[&str], prices: impl FnOnce(&str) -> Value, more: Value) -> January {
        let seller = Seller::open();
        let meter = seller.meter("call");
        let plan = seller.offer(prices(&meter), json!([])).is(201).id();
        let mut body =
            json!({ "customer_id": seller.customer, "plan_id": plan, "collection": "send_invoice" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let subscription = seller.world.post("/v1/subscriptions", body).is(201).id();
        seller.world.advance_to("2026-01-20T00:00:00Z");
        for units in calls {
            seller.calls("2026-01-05T00:00:00Z", units);
        }
        seller.world.advance_to("2026-02-02T00:00:00Z");
        let mut january = January { seller, subscription, invoice: String::new() };
        january.invoice = january.last();
        january
    }

    fn last(&self) -> String {
        self.seller.world.get("/v1/invoices").is(200).text_at("/data/0/id")
    }

    fn ask(&self, verb: &str, body: Value) -> &January {
        self.seller.world.post(&format!("/v1/invoices/{}/{verb}", self.invoice), body).is(200);
        self
    }

    fn void(&self) -> &January {
        self.ask("void", json!({}))
    }

    fn paid(&self) -> &January {
        self.ask("pay", json!({ "offline": {} }))
    }

    fn credit(&self, more: Value) -> &January {
        let mut body = json!({ "invoice_id": self.invoice, "reason": "goodwill", "to": "credit_balance" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.seller.world.post("/v1/credit_notes", body).is(201);
        self
    }

    fn credit_line(&self, line_no: i32, amount: &str) -> &January {
        self.credit(json!({ "lines": [{ "line_no": line_no, "amount": amount }] }))
    }

    /// One of the events is void.
    fn without(&self, event: i32) -> &January {
        let body = json!({ "source": "test", "id": format!("call-{event}") });
        self.seller.world.post("/v1/usage/events/void", body).is(200);
        self.a_day_later()
    }

    /// Told when January is billed already.
    fn late(&self, units: &str) -> &January {
        self.seller.calls("2026-01-30T00:00:00Z", units);
        self.a_day_later()
    }

    fn a_day_later(&self) -> &January {
        let later = self.seller.world.now() + chrono::TimeDelta::days(1);
        self.seller.world.advance_to(&later.to_rfc3339());
        self
    }

    /// What all invoices that are not void come to, less what notes took back of them.
    fn net(&self) -> String {
        let sum = |path: &str, counts: fn(&Value) -> bool| -> rust_decimal::Decimal {
            let listed = self.seller.world.get(path).is(200);
            let totals =
                listed.data().iter().filter(|one| counts(one)).map(|one| one["total"].as_str().unwrap());
            totals.map(|total| total.parse::<rust_decimal::Decimal>().unwrap()).sum()
        };
        let billed = sum("/v1/invoices?limit=100", |invoice| invoice["status"] != "void");
        let taken = sum("/v1/credit_notes?limit=100", |_| true);
        format!("{:.2}", billed - taken)
    }

    fn balance(&self) -> String {
        let path = format!("/v1/customers/{}/credit_balance", self.seller.customer);
        let reply = self.seller.world.get(&path).is(200);
        let first = reply.json["data"].as_array().unwrap().first().cloned();
        first.map_or("0.00".to_owned(), |b| b["balance"].as_str().unwrap().to_owned())
    }
}

fn calls_at_1(meter: &str, more: Value) -> Value {
    let mut price = json!({ "code": "calls", "description": "Calls", "kind": "usage", "meter_id": meter, "model": per_unit("1.00") });
    price.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    price
}

fn commitment(amount: &str) -> Value {
    json!({ "code": "least", "description": "Commitment", "kind": "recurring", "billing": "in_arrears",
            "model": { "type": "commitment", "amount": amount } })
}

#[test]
fn of_a_void_minimum_nothing_is_charged_when_its_usage_is_void() {
    let january = January::with_minimum("20.00", &["8"]);
    assert_eq!(january.net(), "20.00");
    january.void().without(1);
    assert_eq!((january.net().as_str(), january.balance().as_str()), ("0.00", "0.00"));
    assert_eq!(january.seller.world.get("/v1/invoices").is(200).data().len(), 1);
}

#[test]
fn of_a_credited_minimum_nothing_is_charged_when_its_usage_is_void() {
    let january = January::with_minimum("20.00", &["8"]);
    january.paid().credit(json!({})).without(1);
    assert_eq!((january.net().as_str(), january.balance().as_str()), ("0.00", "20.00"));
}

#[test]
fn of_a_void_commitment_nothing_is_charged_when_its_usage_is_void() {
    let january = January::committed("50.00", &["20"]);
    assert_eq!(january.net(), "50.00");
    january.void().without(1);
    assert_eq!((january.net().as_str(), january.balance().as_str()), ("0.00", "0.00"));
}

#[test]
fn of_a_void_commitment_late_usage_is_charged_above_it_alone() {
    let january = January::committed("50.00", &["20"]);
    january.void().late("10");
    assert_eq!(january.net(), "0.00");
    january.late("25");
    assert_eq!(january.net(), "5.00");
    january.without(3);
    assert_eq!(january.net(), "0.00");
    january.without(1).without(2);
    assert_eq!((january.net().as_str(), january.balance().as_str()), ("0.00", "5.00"));
}

#[test]
fn late_usage_in_place_of_a_shortfall_tells_what_was_taken_back_of_that() {
    let january = January::committed("50.00", &["20"]);
    january.credit_line(2, "30.00").late("35");
    // 55.00 of usage less the 30.00.
    assert_eq!(january.net(), "25.00");
    let late = january.seller.world.get(&format!("/v1/invoice_lines/{}-1/explain", january.last())).is(200);
    let step = |name: &str| late.text_at(&format!("/steps/staying/{name}"));
    assert_eq!([step("taken_back"), step("of_shortfall"), step("stays")], ["0.00", "30.00", "25.00"]);
    assert_eq!(late.text_at("/steps/worth"), "55.00");
    assert_eq!(late.json["steps"]["recomputed"], true);
    assert!(late.text_at("/sentence").contains("30.00 of it was taken back with the commitment's shortfall"));
}

#[test]
fn what_was_credited_of_usage_stays_credited_when_the_minimum_takes_its_place() {
    let january = January::with_minimum("20.00", &["8"]);
    january.paid().credit_line(1, "5.00").without(1);
    assert_eq!((january.net().as_str(), january.balance().as_str()), ("15.00", "5.00"));
    let rest = January::with_minimum("20.00", &["8"]);
    rest.paid().credit_line(2, "12.00").late("7");
    assert_eq!(rest.net(), "8.00");
}

#[test]
fn what_a_correction_took_off_usage_stays_off_when_the_minimum_takes_its_place() {
    let january = January::with_minimum("20.00", &["8"]);
    january.paid();
    let body = json!({ "reason": "wrong", "lines": [{ "line_no": 1, "amount": "4.00" }] });
    january.seller.world.post(&format!("/v1/invoices/{}/correct", january.invoice), body).is(201);
    assert_eq!(january.net(), "16.00");
    january.without(1);
    assert_eq!(january.net(), "16.00");
}

#[test]
fn of_a_minimum_given_up_nothing_is_charged_when_its_usage_is_void_until_it_is_paid_after_all() {
    let january = January::with_minimum("20.00", &["8"]);
    january.ask("mark_uncollectible", json!({})).without(1);
    assert_eq!((january.net().as_str(), january.balance().as_str()), ("20.00", "0.00"));
    january.paid().a_day_later();
    assert_eq!((january.net().as_str(), january.balance().as_str()), ("20.00", "0.00"));
}

#[test]
fn late_usage_billed_in_place_of_a_shortfall_is_taken_back_with_the_void_invoice() {
    // 8.00 and 12.00; then 7.00 of usage for 7.00 of the shortfall: 0.00. The void invoice was worth 20.00, and so is January.
    let january = January::with_minimum("20.00", &["8"]);
    january.late("7").void().a_day_later();
    assert_eq!((january.net().as_str(), january.balance().as_str()), ("0.00", "0.00"));
    assert_eq!(january.seller.world.get("/v1/invoices").is(200).data().len(), 2);
    january.without(1).without(2);
    assert_eq!((january.net().as_str(), january.balance().as_str()), ("0.00", "0.00"));
}

#[test]
fn usage_that_was_void_before_its_invoice_leaves_nothing_to_charge() {
    // 8.00 and 12.00; then −8.00 and 8.00: 0.00. All 20.00 of the shortfall are waived with the first invoice.
    let january = January::with_minimum("20.00", &["8"]);
    january.without(1).void().a_day_later();
    assert_eq!((january.net().as_str(), january.balance().as_str()), ("0.00", "0.00"));
    january.late("3");
    assert_eq!((january.net().as_str(), january.balance().as_str()), ("0.00", "0.00"));
    assert_eq!(january.seller.world.get("/v1/invoices").is(200).data().len(), 2);
}

#[test]
fn usage_stays_charged_when_a_cancellation_cuts_the_commitment_whose_shortfall_was_credited() {
    let prices = |meter: &str| json!([calls_at_1(meter, json!({})), commitment("31.00")]);
    for (credited, net) in [("23.00", "8.00"), ("20.00", "8.00"), ("10.00", "8.00"), ("5.00", "11.00")] {
        let january = January::sold_with(&["8"], prices, json!({}));
        january.paid().credit_line(2, credited);
        // 16.00 are committed up to the 17th: of the shortfall of 8.00 what was credited is taken off, and no more.
        let body = json!({ "effective_at": "2026-01-17T00:00:00Z", "invoice": "now" });
        let path = format!("/v1/subscriptions/{}/cancel", january.subscription);
        january.seller.world.post(&path, body).is(200);
        january.a_day_later();
        assert_eq!(january.net(), net, "{credited} credited");
    }
}
