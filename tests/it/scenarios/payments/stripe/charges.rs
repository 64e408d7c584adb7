//! Is each invoice charged once at Stripe, whatever is lost on the way? Its own books are counted, not only ours.

use std::net::TcpListener;

use chrono::TimeDelta;
use serde_json::json;

use super::{Till, account_at};
use crate::harness::Fault;

#[test]
fn a_charge_names_our_payment_under_its_own_key_in_the_gateways_unit() {
    let till = Till::open();
    let invoice = till.owed("pm_ok", 1_234);
    till.pay(&invoice).is(200);
    let payment = till.payment(&invoice);
    assert_eq!((&payment["status"], &payment["reference"]), (&json!("succeeded"), &json!("pi_1")));
    let heard = till.stripe.heard();
    let charge = &heard[0];
    assert_eq!((heard.len(), charge.line.as_str()), (1, "POST /v1/payment_intents"));
    let form = |name: &str| charge.form[name].as_str();
    assert_eq!(
        (form("amount"), form("currency"), form("off_session"), form("confirm")),
        ("1234", "usd", "true", "true")
    );
    assert_eq!(form("metadata[billwright_payment_id]"), payment["id"].as_str().unwrap());
    assert_eq!(charge.headers["authorization"], "Bearer sk_test_of_the_stories");
    assert_eq!(charge.headers["stripe-version"], "2025-03-31.basil");
    assert_eq!(charge.headers["idempotency-key"].len(), 36);
    assert_eq!(till.shop.balances()["cash_clearing"], "12.34");
}

#[test]
fn a_decline_is_told_by_its_code_and_a_stolen_card_is_not_tried_again() {
    let till = Till::open();
    let (soft, hard) = (till.owed("pm_empty", 5_000), till.owed("pm_stolen", 5_000));
    let refused = till.pay(&soft).is_problem(402, "payment_declined");
    assert_eq!(refused.text_at("/decline_code"), "insufficient_funds");
    let refused = till.pay(&hard).is_problem(402, "payment_declined");
    assert_eq!(refused.text_at("/decline_code"), "stolen_card");
    till.wait(TimeDelta::days(2));
    assert_eq!((till.shop.attempts(&soft).len(), till.shop.attempts(&hard).len()), (2, 1));
}

#[test]
fn an_answer_that_is_lost_is_found_in_the_list_and_nobody_is_charged_twice() {
    let till = Till::open();
    let customer = till.customer("pm_ok");
    // More than a page of earlier ones.
    for _ in 0..3 {
        till.pay(&till.shop.invoice(&customer, 100)).is(200);
    }
    till.stripe.fail(&[Fault::CutAfter]);
    let invoice = till.shop.invoice(&customer, 5_000);
    till.pay(&invoice).is(200);
    assert_eq!(till.payment(&invoice)["status"], "processing");
    for _ in 0..3 {
        till.pay(&invoice).is_problem(409, "payment_in_progress");
    }
    till.wait(TimeDelta::minutes(2));
    assert_eq!(till.shop.standing(&invoice).0, "paid");
    let taken: i64 = till.stripe.intents().iter().map(|intent| intent.1).sum();
    assert_eq!((taken, till.shop.statuses(&invoice)), (5_300, vec!["succeeded".to_owned()]));
}

#[test]
fn a_charge_that_never_came_is_made_again_once_the_list_has_shown_that_it_is_not_there() {
    let till = Till::open();
    till.stripe.fail(&[Fault::CutBefore]);
    let invoice = till.owed("pm_ok", 5_000);
    till.pay(&invoice).is(200);
    assert_eq!(till.stripe.intents(), []);
    till.wait(TimeDelta::minutes(5));
    assert_eq!(till.shop.statuses(&invoice), ["failed", "succeeded"]);
    assert_eq!(till.stripe.intents(), [("succeeded".to_owned(), 5_000)]);
}

#[test]
fn after_faults_too_many_calls_and_a_key_in_use_nobody_concludes_anything() {
    for status in [500, 503, 429, 409] {
        let till = Till::open();
        // The charge, and the first question about it.
        till.stripe.fail(&[Fault::Status(status), Fault::Status(status)]);
        let invoice = till.owed("pm_ok", 5_000);
        till.pay(&invoice).is(200);
        till.wait(TimeDelta::minutes(1));
        assert_eq!(till.shop.statuses(&invoice), ["processing"], "{status}");
        till.wait(TimeDelta::hours(1));
        assert_eq!(till.shop.standing(&invoice).0, "paid", "{status}");
        assert_eq!(till.stripe.intents().len(), 1, "{status}");
    }
}

#[test]
fn a_payer_who_is_to_agree_gets_a_link_and_one_who_never_comes_is_charged_no_more() {
    let till = Till::open();
    let invoice = till.owed("pm_action", 5_000);
    till.pay(&invoice).is(200);
    let payment = till.payment(&invoice);
    assert_eq!(
        (&payment["status"], &payment["action_url"]),
        (&json!("processing"), &json!("https://stripe.test/3ds/1"))
    );
    till.wait(TimeDelta::hours(71));
    assert_eq!(till.payment(&invoice)["status"], "processing");
    till.wait(TimeDelta::hours(3));
    let payment = till.payment(&invoice);
    assert_eq!(
        (&payment["status"], &payment["decline_code"]),
        (&json!("failed"), &json!("authentication_required"))
    );
    assert_eq!((&payment["action_url"], till.stripe.intents()[0].0.as_str()), (&json!(null), "canceled"));
}

#[test]
fn nobody_is_asked_to_agree_to_what_is_voided_or_paid_elsewhere() {
    for ending in ["void", "offline", "payment"] {
        let till = Till::open();
        let world = &till.shop.world;
        let customer = till.customer("pm_action");
        let invoice = till.shop.invoice(&customer, 5_000);
        till.pay(&invoice).is(200);
        match ending {
            "void" => drop(world.post(&format!("/v1/invoices/{invoice}/void"), json!({})).is(200)),
            "offline" => {
                let offline = json!({ "offline": { "reference": "SEPA 1" } });
                world.post(&format!("/v1/invoices/{invoice}/pay"), offline).is(200);
            }
            _ => {
                let receipt = json!({ "customer_id": customer, "invoice_id": invoice, "amount": "50.00", "currency": "USD" });
                world.post("/v1/payments", receipt).is(201);
            }
        }
        till.wait(TimeDelta::seconds(5));
        assert_eq!(till.stripe.intents(), [("canceled".to_owned(), 5_000)], "{ending}");
        let codes = world.get(&format!("/v1/payments?invoice_id={invoice}&status=failed")).is(200);
        assert_eq!(codes.text_at("/data/0/decline_code"), "canceled_at_gateway", "{ending}");
        till.wait(TimeDelta::days(10));
        assert_eq!(till.stripe.intents().len(), 1, "{ending}");
    }
}

#[test]
fn a_payer_who_agrees_as_the_invoice_is_voided_has_the_money_as_credit() {
    let till = Till::open();
    let invoice = till.owed("pm_action", 5_000);
    till.pay(&invoice).is(200);
    till.stripe.change(json!({ "status": "succeeded" }));
    till.shop.world.post(&format!("/v1/invoices/{invoice}/void"), json!({})).is(200);
    till.wait(TimeDelta::seconds(5));
    assert_eq!(till.payment(&invoice)["amount_credited"], "50.00");
    assert_eq!(till.shop.balances()["customer_credit"], "50.00");
}

#[test]
fn a_gateway_that_answers_nobody_holds_up_no_other_account() {
    let till = Till::open();
    let world = &till.shop.world;
    // Taken by nobody: calls to it hang until they are given up, or are refused.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut dead = account_at(&till.stripe);
    dead["base_url"] = json!(format!("http://{closed}"));
    let dead = world.post("/v1/gateway_accounts", dead).is(201).id();
    let stuck = till.shop.customer();
    let body =
        json!({ "customer_id": stuck, "kind": "card", "gateway_account_id": dead, "token": "cus_9/pm_ok" });
    world.post("/v1/payment_methods", body).is(201);
    let stuck: Vec<String> = (0..8).map(|_| till.shop.invoice(&stuck, 1_000)).collect();
    let well = till.owed("pm_ok", 5_000);
    let simulated = till.shop.invoice(&till.shop.customer_with("tok_success"), 4_000);
    till.shop.wait(TimeDelta::seconds(20));
    assert_eq!(
        (till.shop.standing(&well).0.as_str(), till.shop.standing(&simulated).0.as_str()),
        ("paid", "paid")
    );
    assert!(stuck.iter().all(|invoice| till.shop.statuses(invoice) == ["processing"]));
}

#[test]
fn a_refund_whose_answer_is_lost_is_found_among_those_of_its_charge_and_made_once() {
    let till = Till::open();
    let invoice = till.owed("pm_ok", 5_000);
    till.pay(&invoice).is(200);
    let note = json!({ "invoice_id": invoice, "amount": "20.00", "to": "refund", "reason": "outage" });
    let note = till.shop.world.post("/v1/credit_notes", note).is(201).id();
    let status =
        || till.shop.world.get(&format!("/v1/credit_notes/{note}")).is(200).text_at("/refunds/0/status");
    // The list is read, then the answer to the refund is lost.
    till.stripe.fail(&[Fault::Pass, Fault::CutAfter]);
    till.wait(TimeDelta::minutes(1));
    assert_eq!((status().as_str(), till.stripe.refunds()), ("pending", vec![2_000]));
    till.stripe.forget_keys();
    till.wait(TimeDelta::days(3));
    assert_eq!(status(), "succeeded");
    till.wait(TimeDelta::days(3));
    assert_eq!(till.stripe.refunds(), [2_000]);
    assert_eq!(till.shop.balances()["cash_clearing"], "30.00");
}
