//! Which card is charged, at which account, and what is tried when a gateway was not there? Each story has two accounts at Stripe, a stand-in each,
//! and counts the books of both.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Till, account_at};
use crate::harness::{Fault, Stripe};

/// A till, and a second account elsewhere.
struct Two {
    till: Till,
    second: Stripe,
    other: String,
}

impl Two {
    fn open() -> Two {
        let (till, second) = (Till::open(), Stripe::open());
        let other = till.shop.world.post("/v1/gateway_accounts", account_at(&second)).is(201).id();
        Two { till, second, other }
    }

    /// Attaches a card to a customer at an account.
    fn card(&self, customer: &str, (account, token): (&str, &str), last4: &str) -> String {
        let body = json!({ "customer_id": customer, "kind": "card", "gateway_account_id": account,
            "token": format!("cus_{}/{token}", &customer[4..]), "brand": "visa", "last4": last4 });
        self.till.shop.world.post("/v1/payment_methods", body).is(201).id()
    }

    /// A customer with the same card at both accounts, that of the first its default; what each does.
    fn customer(&self, first: &str, second: &str) -> String {
        let customer = self.till.shop.customer();
        self.card(&customer, (&self.till.account, first), "4242");
        self.card(&customer, (&self.other, second), "4242");
        customer
    }

    /// So much of a hundred is charged at the first account, the rest at the other.
    fn route(&self, share: u32) {
        let rules = json!({ "rules": [{ "currencies": ["USD"], "accounts": [
            { "gateway_account_id": self.till.account, "weight": share },
            { "gateway_account_id": self.other, "weight": 100 - share }] }] });
        self.till.shop.world.post("/v1/routing_rules", rules).is(201);
    }

    /// Outcome, reason, who chose it and at which account, of each attempt.
    fn attempts(&self, invoice: &str) -> Vec<String> {
        let reply = self.till.shop.world.get(&format!("/v1/invoices/{invoice}/attempts")).is(200);
        let line = |attempt: &Value| {
            let at = if attempt["gateway_account_id"] == self.other.as_str() { "second" } else { "first" };
            let text = |name: &str| attempt[name].as_str().unwrap_or("-").to_owned();
            format!("{} {} {} {at}", text("outcome"), text("reason"), text("chosen_by"))
        };
        reply.json["data"].as_array().unwrap().iter().map(line).collect()
    }

    fn collect(&self) {
        self.till.wait(TimeDelta::minutes(2));
    }

    /// What each took, in cents.
    fn taken(&self) -> (i64, i64) {
        let sum = |stripe: &Stripe| {
            let intents = stripe.intents();
            intents.iter().filter(|(status, _)| status == "succeeded").map(|(_, amount)| amount).sum()
        };
        (sum(&self.till.stripe), sum(&self.second))
    }
}

#[test]
fn a_rule_spreads_invoices_over_the_accounts_at_which_the_same_card_is_and_attempts_name_it() {
    let two = Two::open();
    let customer = two.customer("pm_ok", "pm_ok");
    two.route(0);
    let invoice = two.till.shop.invoice(&customer, 5_000);
    two.collect();
    assert_eq!(two.attempts(&invoice), ["succeeded due routing second"]);
    let found = two.till.shop.world.get(&format!("/v1/invoices/{invoice}/attempts")).is(200).json;
    assert_eq!(found["data"][0]["route"], json!({ "version": 1, "rule": 1 }));
    two.route(50);
    for _ in 0..12 {
        two.till.shop.invoice(&customer, 100);
    }
    two.collect();
    let (first, second) = two.taken();
    assert_eq!(first + second, 5_000 + 1_200);
    assert!(first > 0 && second > 5_000, "{first} {second}");
    assert_eq!(two.till.shop.world.get("/v1/routing_rules").is(200).json["version"], 2);
    assert_eq!(two.till.shop.world.get("/v1/routing_rules?version=1").is(200).json["version"], 1);
}

#[test]
fn where_the_gateway_was_not_there_the_same_card_is_charged_at_the_other_at_once() {
    let two = Two::open();
    let customer = two.customer("pm_down", "pm_ok");
    two.route(100);
    let invoice = two.till.shop.invoice(&customer, 5_000);
    two.collect();
    assert_eq!(
        two.attempts(&invoice),
        ["failed due routing first", "succeeded other_gateway routing second"]
    );
    assert_eq!((two.taken(), two.till.shop.standing(&invoice).0.as_str()), ((0, 5_000), "paid"));
}

#[test]
fn after_a_no_of_the_issuer_no_other_gateway_is_tried() {
    let two = Two::open();
    let customer = two.customer("pm_empty", "pm_ok");
    two.route(100);
    let invoice = two.till.shop.invoice(&customer, 5_000);
    two.till.wait(TimeDelta::hours(12));
    assert_eq!(two.attempts(&invoice), ["failed due routing first"]);
    assert_eq!(two.taken(), (0, 0));
}

#[test]
fn a_stolen_card_is_charged_at_no_other_account_with_rules_or_without() {
    for is_routed in [true, false] {
        let two = Two::open();
        let customer = two.customer("pm_stolen", "pm_ok");
        let chosen = if is_routed { "routing" } else { "-" };
        if is_routed {
            two.route(100);
        }
        let invoice = two.till.shop.invoice(&customer, 5_000);
        two.till.wait(TimeDelta::days(20));
        assert_eq!(two.attempts(&invoice), [format!("failed due {chosen} first")]);
        assert_eq!((two.taken(), two.second.intents().len()), ((0, 0), 0));
        let found = two.till.shop.world.get(&format!("/v1/invoices/{invoice}/attempts")).is(200).json;
        assert_eq!((&found["stopped"], &found["next"]), (&json!("no_method"), &Value::Null));
        // Named as what is charged, it is the same card still.
        let second = two.card(&customer, (&two.other, "pm_ok"), "4242");
        let path = format!("/v1/customers/{customer}");
        two.till.shop.world.patch(&path, json!({ "default_payment_method_id": second })).is(200);
        two.till.wait(TimeDelta::days(1));
        assert_eq!((two.attempts(&invoice).len(), two.taken()), (1, (0, 0)));
        // Another card is charged at once, wherever it is.
        two.card(&customer, (&two.other, "pm_ok"), "1111");
        two.collect();
        assert_eq!((two.attempts(&invoice).len(), two.taken()), (2, (0, 5_000)));
        assert_eq!(two.till.shop.standing(&invoice).0, "paid");
    }
}

#[test]
fn what_a_network_forbids_of_a_card_it_forbids_at_every_account_and_for_whoever_has_it() {
    let till = Till::open();
    let visa = |more: Value| {
        let customer = till.shop.customer();
        let mut body = json!({ "customer_id": customer, "kind": "card", "brand": "visa", "fingerprint": "Xt5EWLLDS7FJjR1c" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        till.shop.world.post("/v1/payment_methods", body).is(201);
        customer
    };
    let stolen = till.shop.invoice(&visa(json!({ "token": "tok_decline/stolen_card/43" })), 5_000);
    till.wait(TimeDelta::minutes(2));
    assert_eq!(till.payment(&stolen)["decline_code"], "stolen_card");
    let at_stripe = json!({ "gateway_account_id": till.account, "token": "cus_1/pm_ok" });
    let other = till.shop.invoice(&visa(at_stripe), 700);
    till.pay(&other).is_problem(409, "network_limit");
    till.wait(TimeDelta::days(90));
    assert_eq!((till.shop.standing(&other).0.as_str(), till.stripe.intents().len()), ("open", 0));
}

#[test]
fn while_nobody_knows_what_became_of_an_attempt_no_other_gateway_is_tried_whoever_asks() {
    let two = Two::open();
    let customer = two.customer("pm_ok", "pm_ok");
    two.route(100);
    let invoice = two.till.shop.invoice(&customer, 5_000);
    two.till.stripe.fail(&[Fault::CutAfter]);
    two.till.pay(&invoice).is(200);
    two.till.stripe.answer(false);
    two.till.wait(TimeDelta::hours(6));
    assert_eq!(two.attempts(&invoice), ["processing by_hand routing first"]);
    let chosen = two.till.shop.world.get(&format!("/v1/payment_methods?customer_id={customer}")).is(200);
    for method in chosen.data() {
        let path = format!("/v1/invoices/{invoice}/pay");
        let with = json!({ "payment_method_id": method["id"] });
        two.till.shop.world.post(&path, with).is_problem(409, "payment_in_progress");
        let path = format!("/v1/invoices/{invoice}/payment_preferences");
        let with = json!({ "payment_method_id": method["id"] });
        two.till.shop.world.patch(&path, with).is(200);
    }
    two.till.wait(TimeDelta::hours(1));
    assert_eq!(two.attempts(&invoice), ["processing by_hand routing first"]);
    assert_eq!(two.second.intents().len(), 0);
    two.till.stripe.answer(true);
    two.till.wait(TimeDelta::days(1));
    assert_eq!((two.taken(), two.till.shop.standing(&invoice).0.as_str()), ((5_000, 0), "paid"));
}

#[test]
fn what_its_invoice_says_is_charged_before_what_its_customer_says() {
    let two = Two::open();
    let customer = two.customer("pm_ok", "pm_ok");
    let third = two.card(&customer, (&two.other, "pm_ok"), "1111");
    let (said, silent) = (two.till.shop.invoice(&customer, 700), two.till.shop.invoice(&customer, 500));
    let path = format!("/v1/invoices/{said}/payment_preferences");
    let prefer = |id: &str| two.till.shop.world.patch(&path, json!({ "payment_method_id": id }));
    prefer(&two.card(&two.till.shop.customer(), (&two.other, "pm_ok"), "9999"))
        .is_problem(422, "payment_method_of_another_customer");
    prefer("pm_01jgejp8g0e3q9k0v6z4t1x2y3").is_problem(422, "unknown_payment_method");
    prefer(&third).is(200);
    two.collect();
    assert_eq!(two.attempts(&said), ["succeeded due invoice second"]);
    assert_eq!(two.attempts(&silent), ["succeeded due customer first"]);
    assert_eq!(two.taken(), (500, 700));
}

#[test]
fn a_hard_decline_ends_what_the_invoice_says_and_the_customers_is_charged() {
    let two = Two::open();
    let customer = two.customer("pm_ok", "pm_ok");
    let stolen = two.card(&customer, (&two.other, "pm_stolen"), "1111");
    let invoice = two.till.shop.invoice(&customer, 700);
    let path = format!("/v1/invoices/{invoice}/payment_preferences");
    two.till.shop.world.patch(&path, json!({ "payment_method_id": stolen })).is(200);
    two.collect();
    assert_eq!(
        two.attempts(&invoice),
        ["failed due invoice second", "succeeded backup_method customer first"]
    );
    assert_eq!(two.taken(), (700, 0));
}

#[test]
fn rules_that_lead_nowhere_are_refused_and_nothing_is_written() {
    let two = Two::open();
    let world = &two.till.shop.world;
    let before = world.rows_of(world.tenant.id);
    let rules = |rule: Value| world.post("/v1/routing_rules", json!({ "rules": [rule] }));
    let unknown = json!({ "accounts": [{ "gateway_account_id": "ga_01jgejp8g0e3q9k0v6z4t1x2y3" }] });
    rules(unknown).is_problem(422, "unknown_gateway_account");
    rules(json!({ "accounts": [] })).is_problem(422, "accounts_required");
    let account = json!([{ "gateway_account_id": two.other }]);
    rules(json!({ "accounts": account, "currencies": ["XXQ"] })).is_problem(422, "unknown_currency");
    rules(json!({ "accounts": account, "amount_from": "1.00" })).is_problem(422, "currency_needed");
    rules(json!({ "accounts": account, "countries": ["XQ"] })).is_problem(422, "unknown_country");
    assert_eq!(world.rows_of(world.tenant.id), before);
}
