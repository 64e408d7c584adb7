//! How is money charged at Stripe? Each story has an account at a stand-in that keeps its own books.

mod accounts;
mod charges;
mod disputes;
mod given_back;
mod given_back_crossed;
mod notices;
mod routed;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::Shop;
use crate::harness::{Reply, Stripe, signature};

/// What events are signed with.
const SECRET: &str = "whsec_of_the_stories";

/// A shop with an account at Stripe.
struct Till {
    shop: Shop,
    stripe: Stripe,
    account: String,
}

/// A payment of 50.00 that has come.
fn paid() -> (Till, String, String) {
    let till = Till::open();
    let customer = till.customer("pm_ok");
    let invoice = till.shop.invoice(&customer, 5_000);
    till.pay(&invoice).is(200);
    (till, customer, invoice)
}

impl Till {
    fn open() -> Till {
        let (shop, stripe) = (Shop::open(), Stripe::open());
        let account = shop.world.post("/v1/gateway_accounts", account_at(&stripe)).is(201).id();
        Till { shop, stripe, account }
    }

    /// A customer with a method that does what its name says.
    fn customer(&self, method: &str) -> String {
        let customer = self.shop.customer();
        self.attach(&customer, method);
        customer
    }

    fn attach(&self, customer: &str, method: &str) -> String {
        let body = json!({ "customer_id": customer, "kind": "card", "gateway_account_id": self.account,
            "token": format!("cus_{}/{method}", &customer[4..]), "make_default": true });
        self.shop.world.post("/v1/payment_methods", body).is(201).id()
    }

    /// An invoice of so many cents to a customer with such a method.
    fn owed(&self, method: &str, cents: i64) -> String {
        self.shop.invoice(&self.customer(method), cents)
    }

    fn pay(&self, invoice: &str) -> Reply {
        self.shop.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({}))
    }

    /// The newest payment of an invoice.
    fn payment(&self, invoice: &str) -> Value {
        let reply = self.shop.world.get(&format!("/v1/payments?invoice_id={invoice}")).is(200);
        reply.data().first().unwrap().clone()
    }

    /// Time passes for everybody, and what is due is done.
    fn wait(&self, span: TimeDelta) {
        self.shop.calls_die();
        self.shop.wait(span);
    }

    /// Sends an event with a signature of now.
    fn tell(&self, body: &str) -> Reply {
        let now = billwright::platform::clock::now().timestamp();
        self.tell_signed(body, &signature(SECRET, now, body))
    }

    fn tell_signed(&self, body: &str, signature: &str) -> Reply {
        let path = format!("/v1/inbound/stripe/{}", self.account);
        let request = self.shop.world.with_key(None).request("POST", &path);
        let request =
            request.header("Stripe-Signature", signature).header("Content-Type", "application/json");
        Reply::of(request.body(body.to_owned()))
    }

    /// The events of the account: type, and whether each is processed.
    fn notices(&self) -> Vec<(String, bool)> {
        let reply = self.shop.world.get(&format!("/v1/gateway_accounts/{}/events", self.account)).is(200);
        let shown =
            |event: &Value| (event["type"].as_str().unwrap().to_owned(), !event["processed_at"].is_null());
        reply.data().iter().map(shown).collect()
    }
}

fn account_at(stripe: &Stripe) -> Value {
    json!({ "gateway": "stripe", "name": "Stripe", "base_url": stripe.url,
        "credentials": { "secret_key": "sk_test_of_the_stories", "webhook_secrets": [SECRET] } })
}
