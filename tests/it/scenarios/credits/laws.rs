//! Does a balance add up, whatever happens to it? A plain reckoning in cents of random histories: money that comes in, invoices, credit notes,
//! applications and pay-outs both ways, with and without balances that pay by themselves.

use billwright::workflows::verify_books;
use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::harness::{Reply, World};

#[derive(Debug, Clone)]
enum Step {
    /// Money comes that is for no invoice.
    Receive(i64),
    /// An invoice that waits to be paid.
    Send(i64),
    /// An invoice that is charged to the card.
    Charge(i64),
    /// Of one of those, so much is credited to the balance.
    Credit(usize, i64),
    Apply,
    /// `None`: all of it.
    PayOut(Option<i64>, bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (1_i64..9_000).prop_map(Step::Receive),
        3 => (1_i64..9_000).prop_map(Step::Send),
        2 => (1_i64..9_000).prop_map(Step::Charge),
        2 => (0_usize..4, 1_i64..5_000).prop_map(|(which, cents)| Step::Credit(which, cents)),
        1 => Just(Step::Apply),
        4 => (prop::option::weighted(0.7, 1_i64..6_000), any::<bool>()).prop_map(|(cents, card)| Step::PayOut(cents, card)),
    ];
    prop::collection::vec(step, 4..14)
}

fn major(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn cents(value: &Value) -> i64 {
    value.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// One customer, and what it should have.
struct Story<'a> {
    world: &'a World,
    customer: String,
    by_itself: bool,
    balance: i64,
    /// What is due of each invoice, oldest first.
    due: Vec<(String, i64)>,
    /// Invoices charged to the card: what is left to credit of each.
    charged: Vec<(String, i64)>,
    /// What the card can get back.
    by_card: i64,
    came: i64,
    went: i64,
}

impl<'a> Story<'a> {
    fn begin(world: &'a World, by_itself: bool) -> Story<'a> {
        let when = if by_itself { "oldest_first" } else { "manual" };
        world.patch("/v1/billing_settings", json!({ "apply_balance": when })).is(200);
        let customer = world.post("/v1/customers", json!({ "name": "Ada" })).is(201).id();
        let card = json!({ "customer_id": customer, "kind": "card", "token": "tok_success" });
        world.post("/v1/payment_methods", card).is(201);
        let (due, charged) = (Vec::new(), Vec::new());
        Story { world, customer, by_itself, balance: 0, due, charged, by_card: 0, came: 0, went: 0 }
    }

    fn call(&self, name: &str, body: Value) -> Reply {
        self.world.post(&format!("/v1/customers/{}/credit_balance/{name}", self.customer), body)
    }

    fn apply(&mut self) {
        for (_, due) in &mut self.due {
            let paid = (*due).min(self.balance);
            *due -= paid;
            self.balance -= paid;
        }
    }

    fn come(&mut self, amount: i64) {
        self.came += amount;
        self.balance += amount;
        if self.by_itself {
            self.apply();
        }
    }

    /// Issues an invoice: the balance pays of it what it can. Gives what is due then.
    fn issue(&mut self, amount: i64) -> (String, i64) {
        let lines = json!([{ "description": "Training", "amount": major(amount) }]);
        let body = json!({ "customer_id": self.customer, "collection": "send_invoice", "lines": lines });
        let id = self.world.post("/v1/invoices", body).is(201).id();
        self.world.post(&format!("/v1/invoices/{id}/finalize"), json!({})).is(200);
        // So that none is as old as another.
        self.world.advance_to(&(self.world.now() + TimeDelta::minutes(1)).to_rfc3339());
        let paid = amount.min(self.balance);
        self.balance -= paid;
        (id, amount - paid)
    }

    fn happen(&mut self, step: &Step) {
        match step {
            Step::Receive(amount) => {
                let body =
                    json!({ "customer_id": self.customer, "amount": major(*amount), "currency": "USD" });
                self.world.post("/v1/payments", body).is(201);
                self.come(*amount);
            }
            Step::Send(amount) => {
                let sent = self.issue(*amount);
                self.due.push(sent);
            }
            Step::Charge(amount) => {
                let (id, due) = self.issue(*amount);
                if due > 0 {
                    self.world.post(&format!("/v1/invoices/{id}/pay"), json!({})).is(200);
                }
                self.by_card += due;
                self.charged.push((id, *amount));
            }
            Step::Credit(which, amount) => self.credit(*which, *amount),
            Step::Apply => {
                self.call("apply", json!({})).is(200);
                self.apply();
            }
            Step::PayOut(amount, card) => self.pay_out(*amount, *card),
        }
    }

    fn credit(&mut self, which: usize, amount: i64) {
        let Some((id, left)) = self.charged.get_mut(which) else { return };
        let note =
            json!({ "invoice_id": id, "amount": major(amount), "reason": "outage", "to": "credit_balance" });
        let reply = self.world.post("/v1/credit_notes", note);
        if amount > *left {
            reply.is_problem(422, if *left == 0 { "nothing_to_credit" } else { "more_than_left" });
            return;
        }
        reply.is(201);
        *left -= amount;
        self.come(amount);
    }

    fn pay_out(&mut self, wanted: Option<i64>, card: bool) {
        if self.by_itself {
            self.apply();
        }
        let mut body = json!({ "currency": "USD", "to": if card { "payment_methods" } else { "outside" } });
        if !card {
            body["reference"] = json!("SEPA");
        }
        if let Some(wanted) = wanted {
            body["amount"] = json!(major(wanted));
        }
        let reply = self.call("pay_out", body);
        let amount = wanted.unwrap_or(self.balance);
        if self.balance == 0 {
            reply.is_problem(422, "nothing_on_balance");
        } else if amount > self.balance {
            reply.is_problem(422, "more_than_balance");
        } else if card && amount > self.by_card {
            reply.is_problem(422, "more_than_refundable");
        } else {
            assert_eq!(cents(&reply.is(201).json["amount"]), amount);
            self.balance -= amount;
            self.went += amount;
            self.by_card -= if card { amount } else { 0 };
        }
    }

    /// What the server says is what the reckoning says.
    fn agrees(&self) {
        let reply = self.world.get(&format!("/v1/customers/{}/credit_balance", self.customer)).is(200);
        let balance = reply.data().first().map_or(0, |row| cents(&row["balance"]));
        assert_eq!(balance, self.balance, "the balance");
        for (id, due) in &self.due {
            let invoice = self.world.get(&format!("/v1/invoices/{id}")).is(200);
            assert_eq!(cents(&invoice.json["amount_due"]), *due, "{id}");
        }
    }

    /// What came onto the balance is on it, applied, or paid out.
    fn adds_up(&self) {
        let list = |path: &str| self.world.get(path).is(200);
        let invoices = list(&format!("/v1/invoices?customer_id={}&limit=100", self.customer));
        let applied: i64 = invoices.data().iter().map(|i| cents(&i["balance_applied"])).sum();
        let outs = list(&format!("/v1/customers/{}/credit_balance/pay_outs?limit=100", self.customer));
        let out: i64 = outs.data().iter().map(|o| cents(&o["amount"])).sum();
        assert_eq!((out, self.balance + applied + out), (self.went, self.came));
        for one in outs.data().iter().filter(|o| o["to"] == "payment_methods") {
            let back: i64 = one["refunds"].as_array().unwrap().iter().map(|r| cents(&r["amount"])).sum();
            assert_eq!(back, cents(&one["amount"]));
        }
    }
}

#[test]
fn balance_applied_and_paid_out_add_up_to_what_came_whatever_happens() {
    let world = World::new();
    let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&(steps(), any::<bool>()), |(steps, by_itself)| {
        let mut story = Story::begin(&world, by_itself);
        for step in &steps {
            story.happen(step);
            story.agrees();
        }
        story.adds_up();
        Ok(())
    });
    outcome.unwrap_or_else(|why| panic!("{why}"));
    world.settle();
    let report = verify_books::run(&mut world.session(), world.tenant.id).unwrap();
    assert!(report.is_right(), "{:#?}", report.differences);
}
