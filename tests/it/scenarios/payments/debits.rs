//! How is a bank account debited? It takes days, the bank may say no when the money seemed to be there, and the payer may have it given back. Each story
//! has an account at a stand-in of GoCardless that keeps its own books.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::Shop;
use crate::harness::{Fault, Gocardless, Reply, debit_signature};

const SECRET: &str = "a_secret_of_the_stories";

/// A shop with an account at GoCardless.
pub(super) struct Desk {
    pub(super) shop: Shop,
    pub(super) bank: Gocardless,
    account: String,
}

impl Desk {
    pub(super) fn open() -> Desk {
        let (shop, bank) = (Shop::open(), Gocardless::open());
        let account = json!({ "gateway": "gocardless", "name": "GoCardless", "base_url": bank.url,
            "credentials": { "secret_key": "token_of_the_stories", "webhook_secrets": [SECRET] } });
        let account = shop.world.post("/v1/gateway_accounts", account).is(201).id();
        Desk { shop, bank, account }
    }

    pub(super) fn attach(&self, customer: &str, mandate: &str) -> String {
        let body = json!({ "customer_id": customer, "kind": "bank_transfer", "gateway_account_id": self.account,
            "token": mandate });
        self.shop.world.post("/v1/payment_methods", body).is(201).id()
    }

    pub(super) fn customer(&self, mandate: &str) -> String {
        let customer = self.shop.customer();
        self.attach(&customer, mandate);
        customer
    }

    pub(super) fn pay(&self, invoice: &str) -> Reply {
        self.shop.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({}))
    }

    pub(super) fn wait(&self, span: TimeDelta) {
        self.shop.calls_die();
        self.shop.wait(span);
    }

    fn tell_signed(&self, body: &str, signature: &str) -> Reply {
        let path = format!("/v1/inbound/gocardless/{}", self.account);
        let request = self.shop.world.with_key(None).request("POST", &path);
        let request =
            request.header("Webhook-Signature", signature).header("Content-Type", "application/json");
        Reply::of(request.body(body.to_owned()))
    }

    /// Tells it, and has it processed.
    pub(super) fn tell(&self, body: &str) {
        self.tell_signed(body, &debit_signature(SECRET, body)).is(200);
        self.wait(TimeDelta::seconds(4));
        let path = format!("/v1/gateway_accounts/{}/events", self.account);
        let events = self.shop.world.get(&path).is(200);
        assert!(events.data().iter().all(|event| !event["processed_at"].is_null()), "{}", events.text);
    }

    /// A debit of 50.00 that is with the bank.
    fn under_way(&self) -> (String, String) {
        let customer = self.customer("MD1");
        let invoice = self.shop.invoice(&customer, 5_000);
        self.pay(&invoice).is(200);
        (customer, invoice)
    }

    /// A debit of 50.00 that has come.
    pub(super) fn come(&self) -> (String, String) {
        let (customer, invoice) = self.under_way();
        self.tell(&self.bank.turn("confirmed", ("confirmed", "payment_confirmed")));
        assert_eq!(self.shop.standing(&invoice).0, "paid");
        (customer, invoice)
    }

    fn next(&self, invoice: &str) -> Value {
        self.shop.world.get(&format!("/v1/invoices/{invoice}/attempts")).is(200).json["next"].clone()
    }

    pub(super) fn taken_back(&self) -> Vec<String> {
        let listed = self.shop.world.get("/v1/disputes").is(200);
        let line = |dispute: &Value| {
            let text = |name: &str| dispute[name].as_str().unwrap().to_owned();
            format!("{} {} {} {}", text("kind"), text("reason"), text("status"), text("amount_reopened"))
        };
        listed.data().iter().map(line).collect()
    }

    fn events_told(&self, type_: &str) -> usize {
        self.shop.world.relay_events();
        self.shop.world.get(&format!("/v1/events?limit=1000&type={type_}")).is(200).data().len()
    }
}

#[test]
fn a_debit_names_our_payment_and_days_with_the_bank_are_no_failure() {
    let desk = Desk::open();
    let (_, invoice) = desk.under_way();
    let heard = desk.bank.heard();
    let (line, headers, body) = &heard[0];
    assert_eq!((heard.len(), line.as_str()), (1, "POST /payments"));
    assert_eq!(headers["authorization"], "Bearer token_of_the_stories");
    assert_eq!(
        (headers["gocardless-version"].as_str(), headers["idempotency-key"].len()),
        ("2015-07-06", 36)
    );
    let sent = &body["payments"];
    assert_eq!((&sent["amount"], &sent["currency"]), (&json!(5_000), &json!("USD")));
    assert_eq!((&sent["links"]["mandate"], &sent["retry_if_possible"]), (&json!("MD1"), &json!(false)));
    let payment = desk.shop.world.get(&format!("/v1/payments?invoice_id={invoice}")).is(200);
    assert_eq!(sent["metadata"]["billwright_payment_id"], payment.data()[0]["id"]);
    desk.wait(TimeDelta::days(4));
    desk.bank.turn("submitted", ("submitted", "payment_submitted"));
    desk.wait(TimeDelta::days(2));
    desk.pay(&invoice).is_problem(409, "payment_in_progress");
    assert_eq!((desk.shop.statuses(&invoice), desk.bank.debits().len()), (vec!["processing".to_owned()], 1));
    desk.tell(&desk.bank.turn("confirmed", ("confirmed", "payment_confirmed")));
    assert_eq!(desk.shop.standing(&invoice), ("paid".to_owned(), "0.00".to_owned()));
    assert_eq!(desk.shop.balances()["cash_clearing"], "50.00");
}

#[test]
fn who_pays_otherwise_while_a_debit_is_with_the_bank_has_the_second_fifty_as_credit() {
    let desk = Desk::open();
    let (customer, invoice) = desk.under_way();
    let transfer =
        json!({ "customer_id": customer, "invoice_id": invoice, "amount": "50.00", "currency": "USD" });
    desk.shop.world.post("/v1/payments", transfer).is(201);
    assert_eq!(desk.shop.standing(&invoice).0, "paid");
    desk.tell(&desk.bank.turn("confirmed", ("confirmed", "payment_confirmed")));
    let balances = desk.shop.balances();
    assert_eq!((&*balances["cash_clearing"], &*balances["customer_credit"]), ("100.00", "50.00"));
    // When the bank is late with its no, that credit goes, and nothing is owed.
    desk.tell(&desk.bank.turn("failed", ("failed", "insufficient_funds")));
    let balances = desk.shop.balances();
    assert_eq!((&*balances["cash_clearing"], balances.get("customer_credit")), ("50.00", None));
    assert_eq!((balances.get("dispute_losses"), desk.shop.standing(&invoice).0.as_str()), (None, "paid"));
}

#[test]
fn what_the_bank_refuses_is_tried_again_by_its_cause_and_a_closed_account_is_not() {
    let desk = Desk::open();
    let (_, soft) = desk.under_way();
    desk.tell(&desk.bank.turn("failed", ("failed", "insufficient_funds")));
    assert_eq!(desk.shop.attempts(&soft)[0].1, "insufficient_funds");
    assert_eq!(desk.next(&soft)["reason"], "retry_step");
    desk.wait(TimeDelta::days(2));
    assert_eq!(desk.bank.debits().len(), 2);
    desk.tell(&desk.bank.turn("failed", ("failed", "bank_account_closed")));
    desk.wait(TimeDelta::days(30));
    assert_eq!((desk.bank.debits().len(), desk.next(&soft)), (2, Value::Null));
    let dead = desk.shop.invoice(&desk.customer("MDdead"), 700);
    let refused = desk.pay(&dead).is_problem(402, "payment_declined");
    assert_eq!(refused.text_at("/decline_code"), "mandate_is_inactive");
}

#[test]
fn a_no_that_comes_after_the_money_has_the_invoice_owed_again_and_tried_again() {
    let desk = Desk::open();
    let (_, invoice) = desk.come();
    desk.tell(&desk.bank.turn("failed", ("late_failure_settled", "insufficient_funds")));
    // The event says so, and so does its payment, once, however often it is told.
    let body = desk.bank.turn("failed", ("failed", "insufficient_funds"));
    desk.tell(&body);
    desk.tell(&body);
    assert_eq!(desk.shop.standing(&invoice), ("open".to_owned(), "50.00".to_owned()));
    assert_eq!(desk.taken_back().len(), 1, "{:?}", desk.taken_back());
    assert!(
        desk.taken_back()[0].starts_with("failure insufficient_funds lost 50.00"),
        "{:?}",
        desk.taken_back()
    );
    assert_eq!(desk.next(&invoice)["reason"], "retry_step");
    assert_eq!((desk.events_told("payment.reversed"), desk.events_told("dispute.opened")), (1, 0));
    assert_eq!(desk.shop.balances().get("cash_clearing"), None);
    desk.wait(TimeDelta::days(1));
    assert_eq!(desk.bank.debits().len(), 2);
    desk.tell(&desk.bank.turn("confirmed", ("confirmed", "payment_confirmed")));
    assert_eq!(desk.shop.standing(&invoice), ("paid".to_owned(), "0.00".to_owned()));
    assert_eq!(desk.shop.balances()["cash_clearing"], "50.00");
}

#[test]
fn a_debit_that_its_payer_has_given_back_is_owed_again_and_not_charged_by_itself() {
    let desk = Desk::open();
    let (customer, invoice) = desk.come();
    desk.tell(&desk.bank.turn("charged_back", ("charged_back", "refund_requested")));
    assert_eq!(desk.shop.standing(&invoice), ("open".to_owned(), "50.00".to_owned()));
    assert_eq!(desk.taken_back(), ["chargeback refund_requested lost 50.00"]);
    desk.wait(TimeDelta::days(20));
    assert_eq!((desk.bank.debits().len(), desk.next(&invoice)), (1, Value::Null));
    // The bank takes it back: the money is there again, and the customer's.
    desk.tell(&desk.bank.turn("confirmed", ("chargeback_cancelled", "payment_confirmed")));
    assert!(desk.taken_back()[0].starts_with("chargeback payment_confirmed won"), "{:?}", desk.taken_back());
    let balances = desk.shop.balances();
    assert_eq!((&*balances["cash_clearing"], &*balances["customer_credit"]), ("50.00", "50.00"));
    assert_eq!(desk.shop.world.get(&format!("/v1/customers/{customer}")).is(200).id(), customer);
}

#[test]
fn what_was_credited_stays_as_it_is_when_its_debit_comes_back_and_the_loss_is_an_expense() {
    let desk = Desk::open();
    let (_, invoice) = desk.come();
    let note =
        json!({ "invoice_id": invoice, "amount": "20.00", "to": "credit_balance", "reason": "outage" });
    desk.shop.world.post("/v1/credit_notes", note).is(201);
    desk.tell(&desk.bank.turn("failed", ("failed", "insufficient_funds")));
    assert_eq!(desk.shop.standing(&invoice).0, "paid");
    assert_eq!(desk.shop.balances()["dispute_losses"], "50.00");
    desk.wait(TimeDelta::days(20));
    assert_eq!(desk.bank.debits().len(), 1);
}

#[test]
fn an_answer_that_is_lost_is_found_in_the_list_of_its_mandate_and_nobody_is_debited_twice() {
    let desk = Desk::open();
    let customer = desk.customer("MD1");
    for _ in 0..3 {
        desk.pay(&desk.shop.invoice(&customer, 100)).is(200);
    }
    desk.bank.fail(&[Fault::CutAfter]);
    let invoice = desk.shop.invoice(&customer, 5_000);
    desk.pay(&invoice).is(200);
    desk.pay(&invoice).is_problem(409, "payment_in_progress");
    desk.wait(TimeDelta::minutes(2));
    assert_eq!(desk.bank.debits().iter().filter(|debit| debit.1 == 5_000).count(), 1);
    let payment = desk.shop.world.get(&format!("/v1/payments?invoice_id={invoice}")).is(200);
    assert_eq!(payment.text_at("/data/0/reference"), "PM4");
    desk.bank.fail(&[Fault::CutBefore]);
    let lost = desk.shop.invoice(&customer, 700);
    desk.pay(&lost).is(200);
    desk.wait(TimeDelta::minutes(7));
    assert_eq!(desk.bank.debits().iter().filter(|debit| debit.1 == 700).count(), 1);
}

#[test]
fn several_events_of_a_body_are_each_stored_once_and_of_a_changed_body_none() {
    let desk = Desk::open();
    desk.under_way();
    let body = desk.bank.turn("submitted", ("submitted", "payment_submitted"));
    let mut webhook: Value = serde_json::from_str(&body).unwrap();
    let mut other = webhook["events"][0].clone();
    other["id"] = json!("EV900");
    webhook["events"].as_array_mut().unwrap().push(other);
    let body = webhook.to_string();
    let before = desk.shop.world.rows_of(desk.shop.world.tenant.id);
    let signature = debit_signature(SECRET, &body);
    desk.tell_signed(&body.replacen("EV900", "EV901", 1), &signature).is_problem(400, "bad_signature");
    desk.tell_signed(&body, &debit_signature("another secret", &body)).is_problem(400, "bad_signature");
    desk.tell_signed(&body, "").is_problem(400, "bad_signature");
    let none = json!({ "happenings": [] }).to_string();
    desk.tell_signed(&none, &debit_signature(SECRET, &none)).is_problem(400, "malformed_event");
    assert_eq!(desk.shop.world.rows_of(desk.shop.world.tenant.id), before);
    for _ in 0..2 {
        desk.tell(&body);
    }
    let path = format!("/v1/gateway_accounts/{}/events", desk.account);
    assert_eq!(desk.shop.world.get(&path).is(200).data().len(), 2);
    let nothing = json!({ "events": [] }).to_string();
    desk.tell_signed(&nothing, &debit_signature(SECRET, &nothing)).is(200);
}

#[test]
fn a_mandate_that_ends_is_detached_the_next_method_is_charged_and_what_was_under_way_still_comes() {
    let desk = Desk::open();
    let (customer, invoice) = desk.under_way();
    desk.attach(&customer, "MD2");
    desk.tell(&desk.bank.end_mandate("MD1", "cancelled"));
    let methods = desk.shop.world.get(&format!("/v1/payment_methods?customer_id={customer}")).is(200);
    let ended = methods.data().iter().find(|method| method["mandate"] == "cancelled").unwrap();
    assert!(!ended["detached_at"].is_null());
    desk.tell(&desk.bank.turn("confirmed", ("confirmed", "payment_confirmed")));
    assert_eq!(desk.shop.standing(&invoice).0, "paid");
    let next = desk.shop.invoice(&customer, 700);
    desk.wait(TimeDelta::hours(1));
    assert_eq!(
        desk.bank.heard().iter().filter(|call| call.2["payments"]["links"]["mandate"] == "MD2").count(),
        1
    );
    assert_eq!(desk.shop.statuses(&next), ["processing"]);
}

#[test]
fn a_refund_confirms_what_went_back_in_all_and_one_that_comes_back_is_the_customers() {
    let desk = Desk::open();
    let (_, invoice) = desk.come();
    for amount in ["20.00", "10.00"] {
        let note = json!({ "invoice_id": invoice, "amount": amount, "to": "refund", "reason": "outage" });
        desk.shop.world.post("/v1/credit_notes", note).is(201);
        desk.wait(TimeDelta::minutes(2));
    }
    assert_eq!(desk.bank.refunds(), [(2_000, 2_000), (1_000, 3_000)]);
    assert_eq!(desk.shop.balances()["cash_clearing"], "20.00");
    desk.tell(&desk.bank.turn_refund("bounced"));
    let balances = desk.shop.balances();
    assert_eq!((&*balances["cash_clearing"], &*balances["customer_credit"]), ("30.00", "10.00"));
}

#[test]
fn what_cannot_be_debited_is_refused_with_what_to_do() {
    let desk = Desk::open();
    let customer = desk.shop.customer();
    let body = json!({ "customer_id": customer, "kind": "bank_transfer", "gateway_account_id": desk.account, "token": "pm_1" });
    desk.shop.world.post("/v1/payment_methods", body).is_problem(422, "unknown_token");
}
