//! How is money charged at a simulator that is a server of its own, and how does it come to the bank? Its own books are the judge.

mod charges;
mod payouts;
mod proof;
mod wrong_payouts;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::Shop;
use crate::harness::{Reply, Simulated};

/// A shop with an account at the simulator.
struct Counter {
    shop: Shop,
    simulated: Simulated,
    account: String,
}

impl Counter {
    fn open() -> Counter {
        Counter::of(Shop::open())
    }

    fn of(shop: Shop) -> Counter {
        let simulated = Simulated::open();
        let account = shop.world.post("/v1/gateway_accounts", simulated.account()).is(201).id();
        Counter { shop, simulated, account }
    }

    /// A customer with a card that does what its token says.
    fn customer(&self, token: &str) -> String {
        let customer = self.shop.customer();
        let body = json!({ "customer_id": customer, "kind": "card", "gateway_account_id": self.account,
            "token": token, "make_default": true });
        self.shop.world.post("/v1/payment_methods", body).is(201);
        customer
    }

    /// An invoice of so many cents to a customer with such a card.
    fn owed(&self, token: &str, cents: i64) -> String {
        self.shop.invoice(&self.customer(token), cents)
    }

    fn pay(&self, invoice: &str) -> Reply {
        self.shop.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({}))
    }

    /// An invoice that was paid there.
    fn paid(&self, cents: i64) -> String {
        let invoice = self.owed("tok_success", cents);
        self.pay(&invoice).is(200);
        invoice
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

    /// Tells of a payout, and what it tells is processed.
    fn tell_of(&self, payout: &str, type_: &str) {
        let id = format!("simevt_{type_}_{payout}").replace('.', "_");
        let event = json!({ "id": id, "type": type_, "payout": payout });
        self.simulated.tell(&self.shop.world, &self.account, &event).is(200);
        self.wait(TimeDelta::seconds(4));
    }

    /// All that is on the balance goes to the bank, and is told.
    fn paid_out(&self) -> String {
        let payout = self.simulated.pay_out(json!({ "at": self.shop.world.now() }));
        self.tell_of(&payout, "payout.paid");
        payout
    }

    /// The newest payout as it is shown.
    fn payout(&self) -> Value {
        self.shop.world.get("/v1/payouts").is(200).data().first().unwrap().clone()
    }

    /// The parts of the newest payout, oldest first: kind, amount, fee and reason.
    fn items(&self) -> Vec<String> {
        let path = format!("/v1/payouts/{}/items?limit=100", self.payout()["id"].as_str().unwrap());
        let text = |item: &Value, name: &str| item[name].as_str().unwrap_or("-").to_owned();
        let shown = |item: &Value| ["kind", "amount", "fee", "reason"].map(|name| text(item, name)).join(" ");
        self.shop.world.get(&path).is(200).data().iter().rev().map(shown).collect()
    }

    /// The balance of an account in USD; nothing where it has not moved, or is zero.
    fn on(&self, account: &str) -> String {
        self.shop.balances().remove(account).unwrap_or_default()
    }
}
