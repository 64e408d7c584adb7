//! Is what was charged at the bank in the end, and nothing left with the gateway? Each payout is held against what is known of its parts.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::Counter;
use crate::harness::World;
use crate::scenarios::payments::Shop;

fn text(value: &str) -> String {
    value.to_owned()
}

#[test]
fn what_was_charged_less_what_is_kept_is_at_the_bank_however_often_it_is_told() {
    let counter = Counter::open();
    counter.paid(3_100);
    counter.paid(5_000);
    let payout = counter.paid_out();
    counter.tell_of(&payout, "payout.updated");
    // 2.9 % and 0.30 of each: 1.20 and 1.75.
    assert_eq!(
        (counter.on("bank"), counter.on("gateway_fees"), counter.on("cash_clearing")),
        (text("78.05"), text("2.95"), String::new())
    );
    let shown = counter.payout();
    let fields = ["status", "amount", "gross", "fees", "difference", "reference"];
    let fields = fields.map(|field| shown[field].as_str().unwrap());
    assert_eq!(fields, ["paid", "78.05", "81.00", "2.95", "0.00", payout.as_str()]);
    assert_eq!((&shown["items"], &shown["unmatched"]), (&json!(2), &json!(0)));
    let path = format!("/v1/payouts/{}/items", shown["id"].as_str().unwrap());
    let items = counter.shop.world.get(&path).is(200);
    let entries =
        counter.shop.world.get(&format!("/v1/ledger/entries?source_id={}", items.text_at("/data/0/id")));
    assert_eq!(entries.is(200).data().len(), 2);
}

#[test]
fn a_refund_after_the_payout_comes_off_the_next() {
    let counter = Counter::open();
    let invoice = counter.paid(3_100);
    counter.paid_out();
    let note = json!({ "invoice_id": invoice, "amount": "10.00", "to": "refund", "reason": "outage" });
    counter.shop.world.post("/v1/credit_notes", note).is(201);
    counter.wait(TimeDelta::hours(2));
    assert_eq!(counter.on("cash_clearing"), "-10.00");
    counter.paid_out();
    assert_eq!(counter.items(), ["refund -10.00 0.00 -"]);
    assert_eq!((counter.on("cash_clearing"), counter.on("bank")), (String::new(), text("19.80")));
}

#[test]
fn what_somebody_gave_back_there_comes_off_the_payout_and_is_booked_first() {
    let counter = Counter::open();
    let invoice = counter.paid(3_100);
    let key = counter.simulated.books()["charges"][0]["key"].clone();
    let refund =
        json!({ "charge_key": key, "amount": "10.00", "currency": "USD", "at": counter.shop.world.now() });
    let request =
        counter.simulated.client.request("POST", "/v1/refunds").header("Idempotency-Key", "by_hand");
    assert!(request.json(&refund).send().unwrap().status().is_success());
    counter.paid_out();
    assert_eq!((counter.on("refunds"), counter.on("bank")), (text("10.00"), text("19.80")));
    assert_eq!(
        (counter.on("cash_clearing"), counter.shop.standing(&invoice).0),
        (String::new(), text("paid"))
    );
}

#[test]
fn what_is_disputed_comes_off_one_payout_and_what_is_won_comes_with_another() {
    for (token, bank) in [("tok_dispute_won", "14.80"), ("tok_dispute_lost", "-16.20")] {
        let counter = Counter::open();
        let invoice = counter.owed(token, 3_100);
        counter.pay(&invoice).is(200);
        counter.paid_out();
        counter.wait(TimeDelta::hours(2));
        counter.paid_out();
        assert_eq!(counter.items(), ["dispute -31.00 15.00 -"], "{token}");
        assert_eq!((counter.on("cash_clearing"), counter.on("bank")), (String::new(), text("-16.20")));
        counter.wait(TimeDelta::days(12));
        if token == "tok_dispute_won" {
            counter.paid_out();
            assert_eq!(counter.items(), ["dispute_reversal 31.00 0.00 -"]);
        }
        assert_eq!((counter.on("cash_clearing"), counter.on("bank")), (String::new(), text(bank)), "{token}");
        assert_eq!((counter.on("disputed_cash"), counter.on("gateway_fees")), (String::new(), text("16.20")));
    }
}

#[test]
fn a_payout_that_fails_is_with_the_gateway_again_and_comes_with_the_next() {
    let counter = Counter::open();
    counter.paid(3_100);
    let first = counter.paid_out();
    let failed = json!({ "at": counter.shop.world.now() });
    counter.simulated.client.post(&format!("/control/payouts/{first}/fail"), failed).is(200);
    counter.tell_of(&first, "payout.failed");
    assert_eq!((counter.on("cash_clearing"), counter.on("bank")), (text("29.80"), String::new()));
    assert_eq!(counter.payout()["status"], "failed");
    counter.paid_out();
    assert_eq!(counter.items(), ["payout_failure 29.80 0.00 -"]);
    assert_eq!((counter.on("cash_clearing"), counter.on("bank")), (String::new(), text("29.80")));
}

#[test]
fn one_that_is_told_as_failed_before_it_was_told_as_paid_comes_out_the_same() {
    let counter = Counter::open();
    counter.paid(3_100);
    let at = json!({ "at": counter.shop.world.now() });
    let first = counter.simulated.pay_out(at.clone());
    counter.simulated.client.post(&format!("/control/payouts/{first}/fail"), at).is(200);
    counter.tell_of(&first, "payout.failed");
    counter.tell_of(&first, "payout.paid");
    assert_eq!(counter.payout()["status"], "failed");
    assert_eq!((counter.on("cash_clearing"), counter.on("gateway_fees")), (text("29.80"), text("1.20")));
}

#[test]
fn what_nobody_here_charged_has_a_reason_and_an_account_of_its_own() {
    let counter = Counter::open();
    counter.paid(3_100);
    let charge = json!({ "token": "tok_success", "amount": "10.00", "currency": "USD", "at": counter.shop.world.now() });
    let request =
        counter.simulated.client.request("POST", "/v1/charges").header("Idempotency-Key", "by_hand");
    assert!(request.json(&charge).send().unwrap().status().is_success());
    counter.simulated.client.post("/control/fees", json!({ "amount": "5.00", "currency": "USD" })).is(201);
    counter.paid_out();
    let mut items = counter.items();
    items.sort();
    assert_eq!(items, ["charge 10.00 0.59 no_such_payment", "charge 31.00 1.20 -", "fee 0.00 5.00 -"]);
    let shown = counter.payout();
    assert_eq!((&shown["unmatched"], &shown["difference"]), (&json!(1), &json!("-10.00")));
    let path = format!("/v1/payouts/{}/items?unmatched=true", shown["id"].as_str().unwrap());
    assert_eq!(counter.shop.world.get(&path).is(200).data().len(), 1);
    assert_eq!(
        (counter.on("payout_differences"), counter.on("gateway_fees"), counter.on("bank")),
        (text("-10.00"), text("6.79"), text("34.21"))
    );
    assert_eq!(counter.on("cash_clearing"), "");
}

#[test]
fn a_payout_that_is_told_before_its_payments_outcome_is_known_has_that_asked_first() {
    let counter = Counter::open();
    counter.simulated.fail("charge", "cut_after", 1);
    let invoice = counter.owed("tok_success", 3_100);
    counter.pay(&invoice).is(200);
    assert_eq!(counter.shop.statuses(&invoice), ["processing"]);
    counter.shop.calls_die();
    counter.paid_out();
    assert_eq!(counter.shop.standing(&invoice).0, "paid");
    assert_eq!((counter.on("cash_clearing"), counter.on("bank")), (String::new(), text("29.80")));
}

#[test]
fn while_the_gateway_does_not_answer_a_payout_waits_and_nothing_of_it_is_half_done() {
    let counter = Counter::open();
    counter.paid(3_100);
    counter.simulated.fail("payouts", "error", 3);
    let payout = counter.paid_out();
    assert!(counter.shop.world.get("/v1/payouts").is(200).data().is_empty());
    let parked = counter.shop.world.get("/v1/parked_work").is(200);
    assert_eq!(parked.text_at("/data/0/code"), "gateway_silent");
    counter.simulated.client.patch("/control", json!({ "faults": [] })).is(200);
    counter.wait(TimeDelta::hours(3));
    assert_eq!((counter.payout()["reference"].as_str(), counter.on("bank")), (Some(&*payout), text("29.80")));
}

#[test]
fn what_is_paid_out_in_another_currency_is_exchanged_and_nothing_is_left() {
    let counter = Counter::open();
    counter.paid(10_000);
    let body = json!({ "at": counter.shop.world.now(), "currency": "EUR", "rate": "0.9" });
    let payout = counter.simulated.pay_out(body);
    counter.tell_of(&payout, "payout.paid");
    let balances = counter.shop.world.get("/v1/ledger/balances").is(200);
    let balance = |account: &str, currency: &str| {
        let is_it = |row: &&Value| row["account"] == account && row["currency"] == currency;
        balances.data().iter().find(is_it).map(|row| row["balance"].as_str().unwrap().to_owned())
    };
    assert_eq!(balance("cash_clearing", "USD").as_deref(), Some("0.00"));
    // 3.20 USD of 100.00 are kept: 2.88 EUR of 90.00.
    assert_eq!(balance("bank", "EUR").as_deref(), Some("87.12"));
    assert_eq!(balance("gateway_fees", "EUR").as_deref(), Some("2.88"));
    assert_eq!(balance("currency_conversion", "USD").as_deref(), Some("100.00"));
    assert_eq!(balance("currency_conversion", "EUR").as_deref(), Some("-90.00"));
    let rate = json!({ "base": "EUR", "quote": "USD", "rate": "1.10", "date": "2026-01-01" });
    counter.shop.world.post("/v1/exchange_rates", rate).is(201);
    counter.wait(TimeDelta::days(1));
}

#[test]
fn a_payout_of_a_month_that_is_closed_counts_in_the_next() {
    let counter = Counter::open();
    counter.shop.world.advance_to("2026-01-31T20:00:00Z");
    counter.paid(3_100);
    let payout = counter.simulated.pay_out(json!({ "at": "2026-01-31T21:00:00Z" }));
    counter.shop.world.advance_to("2026-02-02T00:00:00Z");
    counter.shop.close("2026-01");
    counter.tell_of(&payout, "payout.paid");
    let counted = counter.shop.counted_on("payout_settled");
    assert_eq!(counted, [(text("2026-02-01"), json!("2026-01-31"))]);
}

#[test]
fn each_entitys_account_pays_out_into_that_entitys_books() {
    let shop = Shop { world: World::new() };
    let entity = {
        let numbering = json!({ "invoice": "R-{seq:6}", "credit_note": "R-c-{seq:6}" });
        json!({ "name": "Ruritania Ltd", "country": "SG", "numbering": numbering })
    };
    let entity = shop.world.post("/v1/entities", entity).is(201);
    let counter = Counter::of(shop);
    let fee_is_paid = || {
        let fee = json!({ "amount": "5.00", "currency": "USD" });
        counter.simulated.client.post("/control/fees", fee).is(201);
        counter.wait(TimeDelta::hours(1));
        counter.paid_out();
        let entries = counter.shop.world.get("/v1/ledger/entries?account=bank").is(200);
        assert_eq!(entries.data()[0]["customer_id"], Value::Null);
        entries.data()[0]["entity_id"].clone()
    };
    assert_ne!(fee_is_paid(), json!(entity.id()), "of every entity: the default one");
    let body = json!({ "entity_id": entity.id() });
    counter.shop.world.patch(&format!("/v1/gateway_accounts/{}", counter.account), body).is(200);
    assert_eq!(fee_is_paid(), json!(entity.id()));
}

#[test]
fn a_balance_that_is_paid_out_by_its_card_comes_off_the_next_payout() {
    let counter = Counter::open();
    let customer = counter.customer("tok_success");
    let invoice = counter.shop.invoice(&customer, 3_100);
    counter.pay(&invoice).is(200);
    counter.paid_out();
    let note =
        json!({ "invoice_id": invoice, "amount": "10.00", "to": "credit_balance", "reason": "outage" });
    counter.shop.world.post("/v1/credit_notes", note).is(201);
    let path = format!("/v1/customers/{customer}/credit_balance/pay_out");
    let body = json!({ "amount": "10.00", "currency": "USD", "to": "payment_methods" });
    counter.shop.world.post(&path, body).is(201);
    counter.wait(TimeDelta::hours(2));
    counter.paid_out();
    assert_eq!(counter.items(), ["refund -10.00 0.00 -"]);
    assert_eq!((counter.on("cash_clearing"), counter.on("bank")), (String::new(), text("19.80")));
}

#[test]
fn in_books_of_another_currency_a_payout_is_worth_what_its_cash_was_carried_at() {
    let counter = Counter::of(Shop { world: World::of("2026-01-01T00:00:00Z", "UTC", "EUR") });
    let rate = |date: &str, rate: &str| {
        let body = json!({ "base": "USD", "quote": "EUR", "date": date, "rate": rate });
        counter.shop.world.post("/v1/exchange_rates", body).is(201);
    };
    rate("2026-01-01", "0.90");
    counter.paid(10_000);
    counter.shop.world.advance_to("2026-01-05T00:00:00Z");
    rate("2026-01-05", "0.95");
    counter.paid_out();
    let balances = counter.shop.world.get("/v1/ledger/balances").is(200);
    let functional = |account: &str| {
        let row = balances.data().iter().find(|row| row["account"] == account).unwrap();
        (row["balance"].clone(), row["functional_balance"].clone())
    };
    // Of 100.00 USD that are carried at 90.00 EUR, 3.20 are kept: 2.88 EUR.
    assert_eq!(functional("bank"), (json!("96.80"), json!("87.12")));
    assert_eq!(functional("gateway_fees"), (json!("3.20"), json!("2.88")));
    assert_eq!(functional("cash_clearing"), (json!("0.00"), json!("0.00")));
}

#[test]
fn what_belongs_to_nobody_waits_for_a_rate_like_everything_else() {
    let counter = Counter::of(Shop { world: World::of("2026-01-01T00:00:00Z", "UTC", "EUR") });
    counter.simulated.client.post("/control/fees", json!({ "amount": "5.00", "currency": "USD" })).is(201);
    counter.paid_out();
    let value = || {
        let entries = counter.shop.world.get("/v1/ledger/entries?account=gateway_fees").is(200);
        entries.data()[0]["functional_amount"].clone()
    };
    assert_eq!(value(), Value::Null);
    let rate = json!({ "base": "USD", "quote": "EUR", "date": "2026-01-01", "rate": "0.90" });
    counter.shop.world.post("/v1/exchange_rates", rate).is(201);
    counter.wait(TimeDelta::days(1));
    assert_eq!(value(), json!("4.50"));
}
