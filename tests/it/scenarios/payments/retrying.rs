//! What follows when a payment fails? The next method, a step of the policy, minutes after an outage, or an end; and each attempt says why it was
//! made when it was.

use billwright::workflows::parked_work::Place;
use billwright::workflows::payments::{collect_invoices, resolve_payments, retries::take_final_actions};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::Shop;

impl Shop {
    /// Attaches a card that is not the one that is charged first, unless it is the only one.
    fn backup(&self, customer: &str, token: &str) -> String {
        let body = json!({ "customer_id": customer, "kind": "card", "token": token });
        self.world.post("/v1/payment_methods", body).is(201).id()
    }

    /// What an invoice has had of attempts, a line each, and what is next.
    fn history(&self, invoice: &str) -> Vec<String> {
        let found = self.world.get(&format!("/v1/invoices/{invoice}/attempts")).is(200).json;
        let mut lines: Vec<String> = found["data"].as_array().unwrap().iter().map(line).collect();
        match &found["next"] {
            Value::Null => lines.push(format!("stopped {}", found["stopped"].as_str().unwrap_or("-"))),
            next => lines.push(format!("next {}", line(next))),
        }
        lines
    }

    fn policy(&self, more: Value) -> String {
        let mut body = json!({ "name": "Cards", "offsets": ["P1D"], "default": true });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.world.post("/v1/retry_policies", body).is(201).id()
    }

    fn events_of(&self, type_: &str) -> Vec<Value> {
        self.world.relay_events();
        self.world.get(&format!("/v1/events?limit=1000&type={type_}")).is(200).data().clone()
    }
}

fn line(attempt: &Value) -> String {
    let at: DateTime<Utc> = attempt["at"].as_str().unwrap().parse().unwrap();
    let mut line = at.format("%m-%dT%H:%M").to_string();
    for name in ["outcome", "class", "code", "reason", "put_off_by"] {
        if let Some(text) = attempt[name].as_str() {
            line = format!("{line} {text}");
        }
    }
    match attempt["step"].as_u64() {
        Some(step) => format!("{line} {step}"),
        None => line,
    }
}

#[test]
fn each_attempt_says_why_it_was_made_then_and_the_next_why_it_will_be() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer_with("tok_decline"), 9_300);
    assert_eq!(shop.history(&invoice), ["next 01-01T00:00 due"]);
    shop.world.advance_to("2026-01-03T00:00:00Z");
    assert_eq!(
        shop.history(&invoice),
        [
            "01-01T00:00 failed insufficient insufficient_funds due",
            "01-02T00:00 failed insufficient insufficient_funds retry_step 1",
            "next 01-05T00:00 retry_step 2",
        ]
    );
    shop.world.advance_to("2026-02-01T00:00:00Z");
    assert_eq!(shop.history(&invoice).last().unwrap(), "stopped exhausted");
    let stopped = shop.events_of("invoice.retries_stopped");
    assert_eq!(stopped.len(), 1);
    assert_eq!(stopped[0]["data"]["retries_stopped"], json!("exhausted"));
}

#[test]
fn a_hard_decline_ends_the_card_and_the_invoice_goes_on_with_the_next() {
    let shop = Shop::open();
    let customer = shop.customer_with("tok_hard_decline");
    shop.backup(&customer, "tok_success");
    let invoice = shop.invoice(&customer, 9_300);
    shop.wait(TimeDelta::hours(2));
    assert_eq!(
        shop.history(&invoice),
        ["01-01T00:00 failed never stolen_card due", "01-01T00:00 succeeded backup_method", "stopped -",]
    );
    assert_eq!(shop.standing(&invoice), ("paid".to_owned(), "0.00".to_owned()));
    assert_eq!(shop.charges(&invoice), (2, 9_300));
    assert!(shop.events_of("invoice.retries_stopped").is_empty());
}

#[test]
fn a_backup_that_is_declined_softly_has_the_steps_and_the_dead_card_is_never_charged_again() {
    let shop = Shop::open();
    let customer = shop.customer_with("tok_expired_card");
    let backup = shop.backup(&customer, "tok_decline");
    let invoice = shop.invoice(&customer, 9_300);
    shop.wait(TimeDelta::days(60));
    assert_eq!(
        shop.history(&invoice),
        [
            "01-01T00:00 failed fix_data expired_card due",
            "01-01T00:00 failed insufficient insufficient_funds backup_method",
            "01-02T00:00 failed insufficient insufficient_funds retry_step 1",
            "01-05T00:00 failed insufficient insufficient_funds retry_step 2",
            "01-10T00:00 failed insufficient insufficient_funds retry_step 3",
            "01-17T00:00 failed insufficient insufficient_funds retry_step 4",
            "stopped exhausted",
        ]
    );
    let found = shop.world.get(&format!("/v1/invoices/{invoice}/attempts")).is(200).json;
    let methods = found["data"].as_array().unwrap().iter().skip(1).map(|a| a["payment_method_id"].clone());
    assert!(methods.into_iter().all(|method| method == json!(backup)));
}

#[test]
fn where_nothing_is_left_to_charge_it_stops_and_tells_what_the_customer_has_to_do() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer_with("tok_decline/authentication_required"), 9_300);
    shop.wait(TimeDelta::days(60));
    assert_eq!(
        shop.history(&invoice),
        ["01-01T00:00 failed authenticate authentication_required due", "stopped no_method"]
    );
    let stopped = shop.events_of("invoice.retries_stopped");
    assert_eq!(stopped[0]["data"]["next_action"], json!("authenticate"));
    let failed = shop.events_of("payment.failed");
    assert_eq!(failed[0]["data"]["decline_class"], json!("authenticate"));
    assert!(failed[0]["data"]["customer_message"].as_str().unwrap().contains("confirm"));
}

#[test]
fn what_fell_due_without_anything_to_charge_says_so_and_is_charged_when_there_is() {
    let shop = Shop::open();
    let customer = shop.customer();
    let invoice = shop.invoice(&customer, 9_300);
    shop.wait(TimeDelta::hours(1));
    assert_eq!(shop.history(&invoice), ["stopped no_method"]);
    shop.attach(&customer, "tok_success");
    shop.wait(TimeDelta::minutes(1));
    assert_eq!(shop.standing(&invoice).0, "paid");
}

#[test]
fn the_networks_code_and_advice_decide_with_the_gateways_code() {
    let shop = Shop::open();
    let outlook = |token: &str| {
        let invoice = shop.invoice(&shop.customer_with(token), 9_300);
        shop.wait(TimeDelta::minutes(1));
        shop.history(&invoice).pop().unwrap()
    };
    assert_eq!(outlook("tok_decline/do_not_honor/05/03"), "stopped no_method");
    assert_eq!(outlook("tok_decline/do_not_honor/05/26"), "next 01-03T00:01 retry_step advice 1");
    assert_eq!(outlook("tok_decline/generic_decline/43"), "stopped no_method");
}

#[test]
fn an_unknown_code_is_tried_again_later_and_somebody_is_told() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer_with("tok_decline/a_code_of_tomorrow"), 9_300);
    shop.wait(TimeDelta::hours(1));
    assert_eq!(
        shop.history(&invoice),
        ["01-01T00:00 failed later a_code_of_tomorrow due", "next 01-02T00:00 retry_step 1"]
    );
    let unknown = shop.events_of("payment.decline_unknown");
    assert_eq!(unknown.len(), 1);
    assert_eq!(unknown[0]["data"]["decline_code"], json!("a_code_of_tomorrow"));
}

#[test]
fn after_an_outage_it_is_tried_within_minutes_and_no_step_is_used_up() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer_with("tok_decline/issuer_not_available"), 9_300);
    shop.wait(TimeDelta::hours(3));
    let lines = shop.history(&invoice);
    let reasons: Vec<&str> = lines
        .iter()
        .map(|line| line.rsplit_once("issuer_not_available ").map_or(line.as_str(), |l| l.1))
        .collect();
    assert_eq!(
        reasons,
        ["due", "outage_retry 1", "outage_retry 2", "outage_retry 3", "next 01-02T02:35 retry_step 1"]
    );
}

#[test]
fn the_default_policy_says_the_days_and_the_hour_and_an_invoice_keeps_the_version_it_began_with() {
    let shop = Shop::open();
    let policy = shop.policy(json!({ "offsets": ["P2D", "P2D"], "local_hour": 9 }));
    let first = shop.invoice(&shop.customer_with("tok_decline"), 9_300);
    shop.wait(TimeDelta::hours(1));
    assert_eq!(shop.history(&first).last().unwrap(), "next 01-03T09:00 retry_step 1");
    let changed =
        shop.world.patch(&format!("/v1/retry_policies/{policy}"), json!({ "offsets": ["P10D"] })).is(200);
    assert_eq!(changed.json["version"], json!(2));
    let second = shop.invoice(&shop.customer_with("tok_decline"), 9_300);
    shop.wait(TimeDelta::days(4));
    assert_eq!(shop.history(&first).last().unwrap(), "next 01-05T09:00 retry_step 2");
    assert_eq!(shop.history(&second).last().unwrap(), "next 01-11T09:00 retry_step 1");
    let version = |invoice: &str| {
        shop.world.get(&format!("/v1/invoices/{invoice}/attempts")).is(200).json["policy"]["version"].clone()
    };
    assert_eq!([version(&first), version(&second)], [json!(1), json!(2)]);
}

#[test]
fn after_the_last_try_the_invoice_is_written_off_where_the_policy_says_so() {
    let shop = Shop::open();
    shop.policy(json!({ "final_action": "uncollectible" }));
    let invoice = shop.invoice(&shop.customer_with("tok_decline"), 9_300);
    shop.wait(TimeDelta::days(3));
    assert_eq!(shop.standing(&invoice).0, "uncollectible");
    assert_eq!(shop.attempts(&invoice).iter().map(|a| a.2).collect::<Vec<_>>(), [0, 1]);
    shop.wait(TimeDelta::days(30));
    assert_eq!(shop.events_of("invoice.marked_uncollectible").len(), 1);
}

#[test]
fn a_dead_card_leaves_the_time_of_the_steps_for_a_new_one_before_the_last_action() {
    let shop = Shop::open();
    shop.policy(json!({ "offsets": ["P3D", "P4D"], "final_action": "uncollectible" }));
    let customer = shop.customer_with("tok_hard_decline");
    let [saved, lost] = [(); 2].map(|()| shop.invoice(&customer, 9_300));
    let other = shop.invoice(&shop.customer_with("tok_hard_decline"), 9_300);
    shop.wait(TimeDelta::days(6));
    assert_eq!(shop.standing(&other).0, "open");
    shop.attach(&customer, "tok_success");
    shop.wait(TimeDelta::days(2));
    assert_eq!([&saved, &lost].map(|id| shop.standing(id).0), ["paid", "paid"]);
    assert_eq!(shop.standing(&other).0, "uncollectible");
}

#[test]
fn a_subscription_is_canceled_or_paused_after_the_last_try_and_nothing_is_given_back() {
    for (action, status) in [("cancel_now", "canceled"), ("pause", "paused")] {
        let shop = Shop::open();
        shop.policy(json!({ "final_action": action }));
        let customer = shop.customer_with("tok_decline");
        let product = shop.world.post("/v1/products", json!({ "name": "Power" })).is(201).id();
        let plan = json!({ "code": "base", "name": "Base", "product_id": product, "currency": "USD", "interval": "month",
            "prices": [{ "code": "base", "description": "Base", "kind": "recurring", "model": { "type": "flat", "amount": "31.00" } }] });
        let plan = shop.world.post("/v1/plans", plan).is(201).id();
        let body = json!({ "customer_id": customer, "plan_id": plan, "collection": "automatic" });
        let subscription = shop.world.post("/v1/subscriptions", body).is(201).id();
        shop.wait(TimeDelta::days(3));
        let found = shop.world.get(&format!("/v1/subscriptions/{subscription}")).is(200).json;
        assert_eq!(found["status"], json!(status), "{action}: {found}");
        let invoices = shop.world.get(&format!("/v1/invoices?customer_id={customer}")).is(200);
        assert_eq!(invoices.data().len(), 1, "{action}");
        assert_eq!(invoices.data()[0]["amount_due"], json!("31.00"));
    }
}

#[test]
fn a_payment_that_is_not_to_be_tried_again_is_not() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer_with("tok_decline"), 9_300);
    let path = format!("/v1/invoices/{invoice}/pay");
    shop.world.post(&path, json!({ "retry": "none" })).is_problem(402, "payment_declined");
    shop.wait(TimeDelta::days(60));
    assert_eq!(
        shop.history(&invoice),
        ["01-01T00:00 failed insufficient insufficient_funds by_hand_once", "stopped not_asked"]
    );
    shop.world.post(&path, json!({ "retry": "policy" })).is_problem(402, "payment_declined");
    assert!(shop.history(&invoice).last().unwrap().starts_with("next "));
    let offline = json!({ "offline": {}, "retry": "none" });
    shop.world.post(&path, offline).is(422);
}

#[test]
fn it_does_not_matter_who_told_of_the_failure() {
    let shop = Shop::open();
    // The one is declined by the answer, the other by a question an hour later.
    let answered = shop.invoice(&shop.customer_with("tok_decline"), 9_300);
    let queried = shop.invoice(&shop.customer_with("tok_async_decline"), 9_300);
    shop.wait(TimeDelta::days(60));
    let steps = |invoice: &str| -> Vec<String> {
        let tail = |line: &String| line.split_once(' ').map(|(_, rest)| rest.to_owned()).unwrap();
        shop.history(invoice).iter().map(tail).collect()
    };
    assert_eq!(steps(&answered), steps(&queried));
    assert_eq!(shop.statuses(&queried).len(), 5);
}

#[test]
fn a_visa_card_waits_for_its_network_whatever_invoice_it_was_tried_for_and_however_often_it_was_added() {
    let shop = Shop::open();
    let customer = shop.customer();
    let add = || {
        let body = json!({ "customer_id": customer, "kind": "card", "token": "tok_decline", "brand": "visa", "make_default": true });
        shop.world.post("/v1/payment_methods", body).is(201).id()
    };
    add();
    // A decline and 15 new tries: all that the edition of then allows.
    for _ in 0..4 {
        shop.invoice(&customer, 1_000);
        shop.wait(TimeDelta::hours(1));
        add();
        shop.wait(TimeDelta::hours(1));
    }
    let invoice = shop.invoice(&customer, 1_000);
    shop.wait(TimeDelta::days(1));
    let payments = shop.world.get(&format!("/v1/payments?customer_id={customer}&limit=1000")).is(200);
    assert_eq!(payments.data().len(), 16);
    shop.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({})).is_problem(409, "network_limit");
    // One that was never tried says so, too.
    let fresh = shop.invoice(&customer, 1_000);
    shop.wait(TimeDelta::hours(1));
    assert_eq!(shop.history(&fresh), ["next 01-31T01:00 due network_limit"]);
    shop.wait(TimeDelta::days(25));
    let again = shop.world.get(&format!("/v1/payments?customer_id={customer}&limit=1000")).is(200);
    assert_eq!(again.data().len(), 16, "nothing is tried before the first of them is 30 days old");
}

#[test]
fn a_policy_that_breaks_a_networks_limit_is_refused_and_nothing_is_written() {
    let shop = Shop::open();
    let body = json!({ "name": "Every day", "offsets": vec!["P1D"; 20] });
    let refused = shop.world.post("/v1/retry_policies", body).is(422);
    assert_eq!(refused.json["errors"][0]["code"], json!("breaks_network_limit"));
    let unread = json!({ "name": "Often", "offsets": ["1 day"], "jitter": "P" });
    let refused = shop.world.post("/v1/retry_policies", unread).is(422);
    let pointers: Vec<&str> =
        refused.json["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/offsets/0", "/jitter"]);
    assert!(shop.world.get("/v1/retry_policies").is(200).data().is_empty());
}

#[test]
fn there_is_one_default_policy_and_the_table_of_declines_can_be_read() {
    let shop = Shop::open();
    let first = shop.policy(json!({}));
    let second = shop.policy(json!({ "name": "Others" }));
    let default =
        |id: &str| shop.world.get(&format!("/v1/retry_policies/{id}")).is(200).json["default"].clone();
    assert_eq!([default(&first), default(&second)], [json!(false), json!(true)]);
    shop.world.patch(&format!("/v1/retry_policies/{first}"), json!({ "default": true })).is(200);
    assert_eq!([default(&first), default(&second)], [json!(true), json!(false)]);
    let table = shop.world.get("/v1/decline_codes").is(200).json;
    let rows = table["data"].as_array().unwrap();
    let stolen = rows.iter().find(|row| row["code"] == json!("stolen_card")).unwrap();
    assert_eq!(stolen["class"], json!("never"));
    assert_eq!(table["classes"].as_array().unwrap().len(), 7);
}

#[test]
fn a_job_that_runs_again_at_the_same_instant_records_nothing() {
    let shop = Shop::open();
    shop.policy(json!({ "offsets": ["P1D", "P2D"], "final_action": "uncollectible" }));
    let customer = shop.customer_with("tok_hard_decline");
    shop.backup(&customer, "tok_decline");
    let invoices = [shop.invoice(&customer, 9_300), shop.invoice(&shop.customer_with("tok_decline"), 9_300)];
    for days in [1, 1, 3] {
        shop.wait(TimeDelta::days(days));
        let before = shop.world.rows_of(shop.world.tenant.id);
        let place = Place { tenant_id: shop.world.tenant.id, now: shop.world.now() };
        let mut session = shop.world.session();
        collect_invoices::run(&mut session, &shop.gateways(), place).unwrap();
        resolve_payments::run(&mut session, &shop.gateways(), place).unwrap();
        for invoice in &invoices {
            take_final_actions::one(&mut session, place, invoice.parse().unwrap()).unwrap();
        }
        assert_eq!(shop.world.rows_of(shop.world.tenant.id), before);
    }
    assert_eq!(invoices.each_ref().map(|id| shop.standing(id).0), ["uncollectible", "uncollectible"]);
}

#[test]
fn a_card_that_was_denied_is_not_charged_again_when_its_backup_is_gone() {
    let shop = Shop::open();
    let customer = shop.customer_with("tok_hard_decline");
    let backup = shop.backup(&customer, "tok_success");
    let invoice = shop.invoice(&customer, 9_300);
    shop.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({})).is_problem(402, "payment_declined");
    shop.world.delete(&format!("/v1/payment_methods/{backup}")).is(200);
    shop.wait(TimeDelta::days(60));
    let history = shop.history(&invoice);
    assert_eq!(history.len(), 2, "{history:?}");
    assert_eq!(history[1], "stopped no_method");
    assert_eq!(shop.charges(&invoice).0, 1);
    assert_eq!(shop.events_of("invoice.retries_stopped").len(), 1);
    // Another card is charged as soon as it is there, the default or not.
    shop.backup(&customer, "tok_success");
    shop.wait(TimeDelta::hours(2));
    assert_eq!(shop.standing(&invoice), ("paid".to_owned(), "0.00".to_owned()));
    assert_eq!(shop.charges(&invoice), (2, 9_300));
}

#[test]
fn where_the_only_card_goes_between_two_tries_it_stops_and_the_last_action_is_taken() {
    let shop = Shop::open();
    shop.policy(json!({ "offsets": ["P1D", "P1D"], "final_action": "uncollectible" }));
    let customer = shop.customer_with("tok_decline");
    let invoice = shop.invoice(&customer, 9_300);
    shop.wait(TimeDelta::hours(2));
    let methods = shop.world.get(&format!("/v1/payment_methods?customer_id={customer}")).is(200);
    let method = methods.data()[0]["id"].as_str().unwrap().to_owned();
    shop.world.delete(&format!("/v1/payment_methods/{method}")).is(200);
    shop.wait(TimeDelta::days(1));
    assert_eq!(
        shop.history(&invoice),
        ["01-01T00:00 failed insufficient insufficient_funds due", "stopped no_method"]
    );
    assert_eq!(shop.events_of("invoice.retries_stopped").len(), 1);
    shop.wait(TimeDelta::days(5));
    assert_eq!(shop.standing(&invoice).0, "uncollectible");
    assert_eq!(shop.events_of("invoice.retries_stopped").len(), 1);
}
