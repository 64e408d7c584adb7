//! What is charged for a subscription, and by which policy is it tried again? What it says, before its customer, before the tenant; also where a
//! parent pays for a child, and after somebody has thought again.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::Shop;

impl Shop {
    fn card(&self, customer: &str, token: &str) -> String {
        let body = json!({ "customer_id": customer, "kind": "card", "token": token });
        self.world.post("/v1/payment_methods", body).is(201).id()
    }

    fn plan_of_31(&self, code: &str) -> String {
        let product = self.world.post("/v1/products", json!({ "name": "Power" })).is(201).id();
        let plan = json!({ "code": code, "name": "Base", "product_id": product, "currency": "USD", "interval": "month",
            "prices": [{ "code": "base", "description": "Base", "kind": "recurring", "model": { "type": "flat", "amount": "31.00" } }] });
        self.world.post("/v1/plans", plan).is(201).id()
    }

    /// Starts a subscription with invoices of its own, and gives it.
    fn subscribe(&self, (customer, plan): (&str, &str), more: Value) -> String {
        let mut body = json!({ "customer_id": customer, "plan_id": plan, "collection": "automatic", "invoice_separately": true });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.world.post("/v1/subscriptions", body).is(201).id()
    }

    fn newest_invoice(&self, customer: &str) -> String {
        self.world.get(&format!("/v1/invoices?customer_id={customer}&limit=1")).is(200).text_at("/data/0/id")
    }

    /// Outcome, method and who chose it, of each attempt.
    fn tried_with(&self, invoice: &str) -> Vec<(String, String, String)> {
        let found = self.world.get(&format!("/v1/invoices/{invoice}/attempts")).is(200).json;
        let text = |attempt: &Value, name: &str| attempt[name].as_str().unwrap_or("-").to_owned();
        let shown = |attempt: &Value| {
            (text(attempt, "outcome"), text(attempt, "payment_method_id"), text(attempt, "chosen_by"))
        };
        found["data"].as_array().unwrap().iter().map(shown).collect()
    }

    fn policy_named(&self, name: &str, default: bool) -> String {
        let body = json!({ "name": name, "offsets": ["P2D"], "default": default });
        self.world.post("/v1/retry_policies", body).is(201).id()
    }

    /// The policy that an invoice follows.
    fn followed(&self, invoice: &str) -> (Value, Value) {
        let found = self.world.get(&format!("/v1/invoices/{invoice}/attempts")).is(200).json;
        (found["policy"]["id"].clone(), found["policy"]["version"].clone())
    }
}

#[test]
fn a_subscription_is_charged_to_its_own_card_from_its_first_invoice_on_and_the_others_to_the_customers() {
    let shop = Shop::open();
    let customer = shop.customer_with("tok_success");
    let own = shop.card(&customer, "tok_success");
    let plan = shop.plan_of_31("base");
    let subscription = shop.subscribe((&customer, &plan), json!({ "payment_method_id": own }));
    let first = shop.newest_invoice(&customer);
    shop.subscribe((&customer, &plan), json!({}));
    let other = shop.newest_invoice(&customer);
    shop.wait(TimeDelta::hours(1));
    assert_eq!(shop.tried_with(&first), [("succeeded".to_owned(), own.clone(), "subscription".to_owned())]);
    assert_eq!(shop.tried_with(&other).len(), 1);
    assert_ne!(shop.tried_with(&other)[0].1, own);
    let path = format!("/v1/subscriptions/{subscription}/payment_preferences");
    assert_eq!(shop.world.get(&path).is(200).text_at("/payment_method_id"), own);
    // Taken away it is the customer's again.
    shop.world.patch(&path, json!({ "payment_method_id": null })).is(200);
    shop.wait(TimeDelta::days(32));
    let invoices = shop.world.get(&format!("/v1/invoices?customer_id={customer}")).is(200);
    let next = invoices.data().iter().find(|i| i["subscription_id"] == subscription.as_str());
    let next = next.unwrap_or(&invoices.data()[0])["id"].as_str().unwrap().to_owned();
    assert_ne!(shop.tried_with(&next)[0].1, own);
}

#[test]
fn a_new_card_of_a_subscription_is_tried_at_once_for_what_its_old_one_did_not_pay() {
    let shop = Shop::open();
    let customer = shop.customer_with("tok_decline");
    let bad = shop.card(&customer, "tok_decline/insufficient_funds");
    let plan = shop.plan_of_31("base");
    let subscription = shop.subscribe((&customer, &plan), json!({ "payment_method_id": bad }));
    let invoice = shop.newest_invoice(&customer);
    shop.wait(TimeDelta::hours(1));
    assert_eq!(shop.tried_with(&invoice), [("failed".to_owned(), bad, "subscription".to_owned())]);
    let good = shop.card(&customer, "tok_success");
    let path = format!("/v1/subscriptions/{subscription}/payment_preferences");
    shop.world.patch(&path, json!({ "payment_method_id": good })).is(200);
    shop.wait(TimeDelta::minutes(1));
    assert_eq!(shop.standing(&invoice), ("paid".to_owned(), "0.00".to_owned()));
    assert_eq!(shop.charges(&invoice), (2, 3_100));
}

#[test]
fn a_card_that_is_detached_is_not_charged_whoever_said_so() {
    let shop = Shop::open();
    let customer = shop.customer_with("tok_success");
    let own = shop.card(&customer, "tok_success");
    let plan = shop.plan_of_31("base");
    shop.subscribe((&customer, &plan), json!({ "payment_method_id": own }));
    shop.world.delete(&format!("/v1/payment_methods/{own}")).is(200);
    let invoice = shop.newest_invoice(&customer);
    shop.wait(TimeDelta::hours(1));
    assert_eq!(shop.tried_with(&invoice)[0].2, "customer");
    let body = json!({ "customer_id": customer, "plan_id": plan, "collection": "automatic", "payment_method_id": own });
    shop.world.post("/v1/subscriptions", body).is_problem(409, "payment_method_detached");
}

#[test]
fn where_a_parent_pays_its_own_card_may_be_named_for_the_childs_subscription_and_a_strangers_not() {
    let shop = Shop::open();
    let parent = shop.customer_with("tok_success");
    let own = shop.card(&parent, "tok_success");
    let stranger = shop.card(&shop.customer(), "tok_success");
    let child = json!({ "name": "Child", "currency": "USD", "parent_id": parent });
    let child = shop.world.post("/v1/customers", child).is(201).id();
    let plan = shop.plan_of_31("base");
    let body = json!({ "customer_id": child, "plan_id": plan, "collection": "automatic", "payment_method_id": stranger });
    shop.world.post("/v1/subscriptions", body).is_problem(422, "payment_method_of_another_customer");
    shop.subscribe((&child, &plan), json!({ "payment_method_id": own }));
    let invoice = shop.newest_invoice(&parent);
    shop.wait(TimeDelta::hours(1));
    assert_eq!(shop.tried_with(&invoice), [("succeeded".to_owned(), own, "subscription".to_owned())]);
}

#[test]
fn which_policy_holds_is_written_when_the_invoice_is_finalized_its_subscriptions_before_its_customers_before_yours()
 {
    let shop = Shop::open();
    let customer = shop.customer_with("tok_decline");
    let yours = shop.policy_named("Ours", true);
    let [of_customer, of_subscription] =
        ["Customer", "Subscription"].map(|name| shop.policy_named(name, false));
    let tenants = shop.invoice(&customer, 500);
    let path = format!("/v1/customers/{customer}/payment_preferences");
    shop.world.patch(&path, json!({ "retry_policy_id": of_customer })).is(200);
    let customers = shop.invoice(&customer, 500);
    let plan = shop.plan_of_31("base");
    shop.subscribe((&customer, &plan), json!({ "retry_policy_id": of_subscription }));
    let subscriptions = shop.newest_invoice(&customer);
    // What is said afterwards changes none of them.
    for policy in [&yours, &of_customer, &of_subscription] {
        let path = format!("/v1/retry_policies/{policy}");
        shop.world.patch(&path, json!({ "offsets": ["P9D"] })).is(200);
    }
    shop.world.patch(&path, json!({ "retry_policy_id": null })).is(200);
    shop.wait(TimeDelta::days(5));
    let followed = [&tenants, &customers, &subscriptions].map(|invoice| shop.followed(invoice));
    assert_eq!(followed, [yours, of_customer, of_subscription].map(|id| (json!(id), json!(1))));
    assert_eq!(shop.attempts(&customers).iter().map(|attempt| attempt.2).collect::<Vec<_>>(), [0, 2]);
    let later = shop.invoice(&customer, 500);
    assert_eq!(shop.followed(&later).1, json!(2));
    shop.world
        .patch(&path, json!({ "retry_policy_id": "rp_01jgejp8g0e3q9k0v6z4t1x2y3" }))
        .is_problem(422, "unknown_retry_policy");
}
