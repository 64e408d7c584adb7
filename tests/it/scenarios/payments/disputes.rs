//! What if a payer's bank takes a payment back? Cards of the simulator that are disputed an hour after they are charged, and decided ten days later.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::Shop;

impl Shop {
    /// A customer whose card does what its token says, and an invoice of 31.00 that it has paid.
    fn charged_by(&self, token: &str) -> (String, String) {
        let customer = self.customer_with(token);
        let invoice = self.invoice(&customer, 3_100);
        self.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({})).is(200);
        (customer, invoice)
    }

    /// The dispute of a customer: status, where its money is, what is owed again.
    fn disputed(&self, customer: &str) -> Vec<String> {
        let disputes = self.world.get(&format!("/v1/disputes?customer_id={customer}")).is(200);
        let line = |dispute: &Value| {
            let text = |name: &str| dispute[name].as_str().unwrap().to_owned();
            format!("{} {} {}", text("status"), text("funds"), text("amount_reopened"))
        };
        disputes.data().iter().map(line).collect()
    }

    fn settings(&self, settings: Value) {
        self.world.patch("/v1/dispute_settings", settings).is(200);
    }

    /// What was told of disputes, in its order.
    fn dispute_events(&self) -> Vec<String> {
        self.world.relay_events();
        let events = self.world.get("/v1/events?limit=1000").is(200);
        let types = events.data().iter().map(|event| event["type"].as_str().unwrap().to_owned());
        types
            .filter(|t| ["dispute.", "fraud_", "invoice.reopened"].iter().any(|s| t.starts_with(s)))
            .collect()
    }
}

#[test]
fn what_is_disputed_is_held_by_the_gateway_until_it_is_lost_and_then_an_expense() {
    let shop = Shop::open();
    let (customer, invoice) = shop.charged_by("tok_dispute_lost");
    assert!(shop.disputed(&customer).is_empty());
    shop.wait(TimeDelta::hours(2));
    assert_eq!(shop.disputed(&customer), ["needs_response held 0.00"]);
    let balances = shop.balances();
    assert_eq!(
        (&*balances["cash_clearing"], &*balances["disputed_cash"], &*balances["gateway_fees"]),
        ("-15.00", "31.00", "15.00")
    );
    shop.wait(TimeDelta::days(8));
    assert_eq!(shop.disputed(&customer), ["under_review held 0.00"]);
    shop.wait(TimeDelta::days(4));
    assert_eq!(shop.disputed(&customer), ["lost gone 0.00"]);
    let balances = shop.balances();
    assert_eq!((&*balances["cash_clearing"], &*balances["dispute_losses"]), ("-15.00", "31.00"));
    assert_eq!(balances.get("disputed_cash"), None);
    assert_eq!(shop.standing(&invoice), ("paid".to_owned(), "0.00".to_owned()));
    assert_eq!(shop.dispute_events(), ["dispute.opened", "dispute.updated", "dispute.lost"]);
}

#[test]
fn what_is_won_comes_back_and_the_fee_stays() {
    let shop = Shop::open();
    let (customer, _) = shop.charged_by("tok_dispute_won");
    shop.wait(TimeDelta::days(20));
    assert_eq!(shop.disputed(&customer), ["won ours 0.00"]);
    let balances = shop.balances();
    assert_eq!((&*balances["cash_clearing"], &*balances["gateway_fees"]), ("16.00", "15.00"));
    assert_eq!((balances.get("disputed_cash"), balances.get("dispute_losses")), (None, None));
}

#[test]
fn an_inquiry_takes_nothing() {
    let shop = Shop::open();
    let (customer, _) = shop.charged_by("tok_dispute_inquiry");
    shop.wait(TimeDelta::days(1));
    assert_eq!(shop.disputed(&customer), ["inquiry ours 0.00"]);
    shop.wait(TimeDelta::days(20));
    assert_eq!(shop.disputed(&customer), ["inquiry_closed ours 0.00"]);
    assert_eq!(shop.balances()["cash_clearing"], "31.00");
    assert_eq!(shop.dispute_events(), ["dispute.inquired", "dispute.closed"]);
}

#[test]
fn the_invoice_of_what_is_lost_is_owed_again_where_that_is_wanted_and_nothing_charges_it_by_itself() {
    let shop = Shop::open();
    shop.settings(json!({ "invoice": "reopen" }));
    let (customer, invoice) = shop.charged_by("tok_dispute_lost");
    shop.wait(TimeDelta::days(12));
    assert_eq!(shop.disputed(&customer), ["lost gone 31.00"]);
    assert_eq!(shop.standing(&invoice), ("open".to_owned(), "31.00".to_owned()));
    assert_eq!(shop.balances()["accounts_receivable"], "31.00");
    shop.wait(TimeDelta::days(60));
    assert_eq!(shop.attempts(&invoice).len(), 1);
    shop.books_are_right();
    let offline = json!({ "offline": { "reference": "SEPA 1" } });
    shop.world.post(&format!("/v1/invoices/{invoice}/pay"), offline).is(200);
    assert_eq!(shop.standing(&invoice), ("paid".to_owned(), "0.00".to_owned()));
    assert_eq!(shop.balances()["cash_clearing"], "16.00");
}

#[test]
fn what_is_owed_again_may_be_voided_written_off_or_paid_by_a_balance() {
    for ending in ["void", "mark_uncollectible", "balance"] {
        let shop = Shop::open();
        shop.settings(json!({ "invoice": "reopen" }));
        let (customer, invoice) = shop.charged_by("tok_dispute_lost");
        shop.wait(TimeDelta::days(12));
        if ending == "balance" {
            let ahead = json!({ "customer_id": customer, "amount": "40.00", "currency": "USD" });
            shop.world.post("/v1/payments", ahead).is(201);
            shop.world.patch("/v1/billing_settings", json!({ "apply_balance": "oldest_first" })).is(200);
            shop.wait(TimeDelta::hours(2));
            assert_eq!(shop.standing(&invoice).0, "paid");
            assert_eq!(shop.balances()["customer_credit"], "9.00");
        } else {
            shop.world.post(&format!("/v1/invoices/{invoice}/{ending}"), json!({})).is(200);
            assert_eq!(shop.balances().get("accounts_receivable"), None);
        }
        shop.wait(TimeDelta::days(30));
        shop.books_are_right();
    }
}

#[test]
fn what_was_given_up_then_paid_and_lost_may_be_given_up_again_and_void() {
    for ending in ["mark_uncollectible", "void"] {
        let shop = Shop::open();
        shop.settings(json!({ "invoice": "reopen" }));
        let customer = shop.customer_with("tok_dispute_lost");
        let invoice = shop.invoice(&customer, 9_300);
        let act = |name: &str| {
            shop.world.post(&format!("/v1/invoices/{invoice}/{name}"), json!({})).is(200);
        };
        act("mark_uncollectible");
        act("pay");
        assert_eq!(shop.balances().get("write_offs"), None);
        shop.wait(TimeDelta::days(12));
        assert_eq!(shop.standing(&invoice), ("open".to_owned(), "93.00".to_owned()));
        act("mark_uncollectible");
        if ending == "void" {
            act("void");
            assert_eq!(shop.balances().get("write_offs"), None);
            assert_eq!(shop.balances().get("accounts_receivable"), None);
        }
        shop.wait(TimeDelta::days(40));
        shop.books_are_right();
    }
}

#[test]
fn an_invoice_that_was_credited_is_not_owed_again_and_the_loss_is_an_expense() {
    let shop = Shop::open();
    shop.settings(json!({ "invoice": "reopen" }));
    let (customer, invoice) = shop.charged_by("tok_dispute_lost");
    let note =
        json!({ "invoice_id": invoice, "amount": "11.00", "to": "credit_balance", "reason": "outage" });
    shop.world.post("/v1/credit_notes", note).is(201);
    shop.wait(TimeDelta::days(12));
    assert_eq!(shop.disputed(&customer), ["lost gone 0.00"]);
    assert_eq!(shop.standing(&invoice).0, "paid");
    assert_eq!(shop.balances()["dispute_losses"], "31.00");
}

#[test]
fn while_a_payment_is_disputed_its_card_is_not_charged_by_itself_and_nothing_of_it_is_refunded() {
    let shop = Shop::open();
    let (customer, invoice) = shop.charged_by("tok_dispute_won");
    shop.wait(TimeDelta::hours(2));
    let methods = shop.world.get(&format!("/v1/payment_methods?customer_id={customer}")).is(200);
    assert_eq!(methods.data()[0]["disputed"], true);
    let next = shop.invoice(&customer, 2_000);
    shop.wait(TimeDelta::days(5));
    assert!(shop.attempts(&next).is_empty());
    let note = json!({ "invoice_id": invoice, "amount": "10.00", "to": "refund", "reason": "outage" });
    let note = shop.world.post("/v1/credit_notes", note).is(201);
    assert_eq!(
        (note.text_at("/to_refund"), note.text_at("/to_balance")),
        ("0.00".to_owned(), "10.00".to_owned())
    );
    // Won: the card is charged again, for what waited for it.
    shop.wait(TimeDelta::days(7));
    assert_eq!(shop.standing(&next).0, "paid");
}

#[test]
fn of_what_was_refunded_in_part_the_rest_is_lost_and_no_more() {
    let shop = Shop::open();
    let (customer, invoice) = shop.charged_by("tok_fraud_warning");
    shop.wait(TimeDelta::hours(2));
    let warnings = shop.world.get("/v1/fraud_warnings").is(200);
    assert_eq!(warnings.text_at("/data/0/action"), "task");
    assert_eq!(shop.dispute_events(), ["fraud_warning.received"]);
    assert!(shop.disputed(&customer).is_empty());
    assert_eq!(shop.standing(&invoice).0, "paid");
}

#[test]
fn what_an_issuer_takes_for_fraud_is_refunded_once_where_that_is_wanted() {
    let shop = Shop::open();
    shop.settings(json!({ "fraud_warning": "refund" }));
    let (_, invoice) = shop.charged_by("tok_fraud_warning");
    shop.wait(TimeDelta::days(3));
    let warnings = shop.world.get("/v1/fraud_warnings").is(200);
    assert_eq!((warnings.data().len(), warnings.text_at("/data/0/action")), (1, "refunded".to_owned()));
    assert_eq!(shop.balances().get("cash_clearing"), None);
    let notes = shop.world.get(&format!("/v1/credit_notes?invoice_id={invoice}")).is(200);
    assert_eq!((notes.data().len(), notes.text_at("/data/0/to_refund")), (1, "31.00".to_owned()));
    assert_eq!(shop.taken(), 0);
}

#[test]
fn a_subscription_ends_or_pauses_when_a_payment_of_it_is_disputed_as_it_was_said() {
    for (policy, expected) in [("none", "active"), ("pause", "paused"), ("cancel_now", "canceled")] {
        let shop = Shop::open();
        shop.settings(json!({ "subscription": policy }));
        let world = &shop.world;
        let product = world.post("/v1/products", json!({ "name": "Engine" })).is(201).id();
        let plan = json!({ "code": "base", "name": "Base", "product_id": product, "currency": "USD", "interval": "month", "prices": [
            { "code": "base", "kind": "recurring", "model": { "type": "flat", "amount": "31.00" } }] });
        let plan = world.post("/v1/plans", plan).is(201).id();
        let customer =
            world.post("/v1/customers", json!({ "name": "Ada", "email": "ada@example.com" })).is(201).id();
        shop.attach(&customer, "tok_dispute_lost");
        let order = json!({ "customer_id": customer, "plan_id": plan, "collection": "automatic" });
        let subscription = world.post("/v1/subscriptions", order).is(201).id();
        shop.wait(TimeDelta::days(2));
        let path = format!("/v1/subscriptions/{subscription}");
        assert_eq!(world.get(&path).is(200).text_at("/status"), expected);
        let dispute =
            world.get(&format!("/v1/disputes?customer_id={customer}")).is(200).text_at("/data/0/id");
        let evidence = world.get(&format!("/v1/disputes/{dispute}/evidence")).is(200);
        assert_eq!(evidence.text_at("/customer/email"), "ada@example.com");
        assert_eq!(evidence.text_at("/invoice/lines/0/amount"), "31.00");
        assert_eq!(evidence.text_at("/subscriptions/0/subscription/id"), subscription);
        assert_eq!(evidence.text_at("/payment/status"), "succeeded");
        let changes = evidence.json["subscriptions"][0]["changes"].as_array().unwrap().len();
        assert_eq!(changes, usize::from(policy != "none"));
    }
}

#[test]
fn settings_that_cannot_be_are_refused_and_nothing_is_written() {
    let shop = Shop::open();
    let world = &shop.world;
    let before = world.rows_of(world.tenant.id);
    world.patch("/v1/dispute_settings", json!({ "invoice": "tear_up" })).is(422);
    world.patch("/v1/dispute_settings", json!({ "invoice": null })).is(422);
    world.get("/v1/disputes?status=forgotten").is(422);
    world.get("/v1/disputes/dp_01jgejp8g0e3q9k0v6z4t1x2y3").is_problem(404, "not_found");
    assert_eq!(world.rows_of(world.tenant.id), before);
    let settings = world.get("/v1/dispute_settings").is(200);
    assert_eq!(
        settings.json,
        json!({ "invoice": "leave_paid", "subscription": "none", "fraud_warning": "task" })
    );
}

/// What is planted, and which checks must name it.
const PLANTED: &[(&str, &[&str])] = &[
    (
        "UPDATE disputes SET place = 'ours' WHERE tenant_id = $t AND status = 'needs_response'",
        &["cash_clearing_is_what_gateways_have", "disputes_are_posted"],
    ),
    (
        "UPDATE disputes SET fee = 0 WHERE tenant_id = $t",
        &["cash_clearing_is_what_gateways_have", "disputes_are_posted"],
    ),
    (
        "UPDATE disputes SET amount = amount + 1 WHERE tenant_id = $t",
        &[
            "cash_clearing_is_what_gateways_have",
            "disputes_are_posted",
            "disputes_have_their_payment",
            "no_more_is_disputed_than_came",
        ],
    ),
    ("DELETE FROM dispute_watches WHERE tenant_id = $t", &["open_disputes_are_asked_about"]),
    (
        "UPDATE payment_methods SET disputed = false WHERE tenant_id = $t",
        &["what_is_disputed_is_not_charged"],
    ),
    (
        "DELETE FROM ledger_transfers WHERE tenant_id = $t AND source_kind = 'dispute_moved' AND debit = 'gateway_fees'",
        &["cash_clearing_is_what_gateways_have", "disputes_are_posted"],
    ),
    (
        "UPDATE disputes SET status = 'lost', place = 'gone', closed_at = opened_at WHERE tenant_id = $t",
        &[
            "disputes_are_posted",
            "what_is_disputed_is_not_charged",
            "what_is_lost_is_an_expense_or_owed_again",
        ],
    ),
    (
        "INSERT INTO refunds (tenant_id, id, customer_id, payment_id, gateway, amount, currency, status, reference, created_at, resolved_at, elsewhere) \
         SELECT tenant_id, gen_random_uuid(), customer_id, id, gateway, amount, currency, 'succeeded', 're_1', created_at, created_at, true \
         FROM payments WHERE tenant_id = $t",
        &["cash_clearing_is_what_gateways_have", "refunds_are_posted", "simulator_refunds_are_refunds"],
    ),
];

#[test]
fn each_fault_in_the_books_of_disputes_is_named_by_its_check() {
    for (plant, expected) in PLANTED {
        let shop = Shop::open();
        shop.charged_by("tok_dispute_lost");
        shop.wait(TimeDelta::hours(2));
        let named = shop.world.named_by_checks(shop.world.tenant.id, plant);
        assert_eq!(&named, expected, "{plant}");
        // The books are wrong on purpose.
        std::mem::forget(shop);
    }
}

#[test]
fn a_month_that_is_closed_stays_as_it_was_when_what_came_in_it_is_disputed() {
    let shop = Shop::open();
    shop.world.advance_to("2026-01-31T23:30:00Z");
    let (customer, _) = shop.charged_by("tok_dispute_lost");
    shop.world.advance_to("2026-02-01T00:10:00Z");
    shop.close("2026-01");
    assert!(shop.disputed(&customer).is_empty());
    shop.world.advance_to("2026-02-20T00:00:00Z");
    assert_eq!(shop.disputed(&customer), ["lost gone 0.00"]);
    let counted = shop.counted_on("dispute_moved");
    assert!(counted.iter().all(|(day, _)| day.starts_with("2026-02-")), "{counted:?}");
    let january = shop.world.get("/v1/ledger/balances?as_of=2026-01-31").is(200);
    let cash = january.data().iter().find(|balance| balance["account"] == "cash_clearing");
    assert_eq!(cash.unwrap()["balance"], "31.00", "{}", january.text);
}

#[test]
fn what_fell_due_while_its_card_was_disputed_is_charged_when_that_is_decided_however_it_ends() {
    for token in ["tok_dispute_lost", "tok_dispute_won", "tok_dispute_inquiry"] {
        let shop = Shop::open();
        let (customer, _) = shop.charged_by(token);
        shop.wait(TimeDelta::hours(2));
        let second = shop.invoice(&customer, 2_000);
        shop.wait(TimeDelta::days(20));
        assert_eq!(shop.standing(&second), ("paid".to_owned(), "0.00".to_owned()), "{token}");
    }
}

#[test]
fn a_new_card_pays_what_is_owed_again_and_what_waited_though_it_is_not_charged_first() {
    let shop = Shop::open();
    shop.settings(json!({ "invoice": "reopen" }));
    let (customer, first) = shop.charged_by("tok_dispute_lost");
    shop.wait(TimeDelta::hours(2));
    let second = shop.invoice(&customer, 2_000);
    shop.wait(TimeDelta::hours(2));
    assert_eq!(shop.standing(&second).0, "open", "its card is disputed");
    let card = json!({ "customer_id": customer, "kind": "card", "token": "tok_success" });
    let new = shop.world.post("/v1/payment_methods", card.clone()).is(201).id();
    shop.wait(TimeDelta::hours(1));
    assert_eq!(shop.standing(&second).0, "paid");
    shop.wait(TimeDelta::days(12));
    assert_eq!(shop.standing(&first), ("open".to_owned(), "31.00".to_owned()));
    let newest = shop.world.post("/v1/payment_methods", card).is(201).id();
    shop.wait(TimeDelta::hours(1));
    assert_eq!(shop.standing(&first).0, "paid");
    let payments = shop.world.get(&format!("/v1/payments?invoice_id={first}")).is(200);
    assert_eq!(payments.data()[0]["payment_method_id"], json!(newest));
    let payments = shop.world.get(&format!("/v1/payments?invoice_id={second}")).is(200);
    assert_eq!(payments.data()[0]["payment_method_id"], json!(new));
}

#[test]
fn all_of_a_payment_may_be_disputed_though_some_of_it_went_back() {
    let shop = Shop::open();
    let (customer, invoice) = shop.charged_by("tok_dispute_lost");
    let note = json!({ "invoice_id": invoice, "amount": "10.00", "to": "refund", "reason": "outage" });
    shop.world.post("/v1/credit_notes", note).is(201);
    shop.wait(TimeDelta::days(20));
    assert_eq!(shop.disputed(&customer), ["lost gone 0.00"]);
}
