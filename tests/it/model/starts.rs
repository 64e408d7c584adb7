//! How does a history begin? With a plan, perhaps in a trial, for a term, as a ramp, paid by a parent, with credits to use up: a ramp
//! of 2 seats, 5 from the second month on, is two versions from the first day.

use serde_json::{Value, json};

use super::history::{History, Stage};
use super::parts::{Cents, Free};
use super::places::{NEVER, written};
use super::shop::{AT_FIRST, COMMITTED, PLANS, latest, major, versions};
use super::taxes::Taxed;
use crate::harness::Client;

/// More than any history uses.
const GRANT: Cents = 50_000;

/// What they cost when they are sold.
const PRICE: Cents = 20_000;

/// Kinds that are drawn with the start.
pub const WITH_THE_START: &[&str] = &[
    "start",
    "trial",
    "terms",
    "phases",
    "parent",
    "grant",
    "by_card",
    "next_version",
    "coupon",
    "sold_credits",
    "early_usage",
    "commitment",
];

impl History {
    /// Subscribes someone new.
    pub fn start(&mut self, stage: &Stage<'_>) {
        self.kinds.insert("start");
        self.kinds.extend(self.taxed.kinds());
        self.arrive(stage);
        let plan = usize::try_from(self.chance.below(i64::try_from(AT_FIRST).unwrap())).unwrap();
        let plan = latest(plan, stage.plans.len());
        let counts = PLANS[plan].iter().any(|sold| sold.counted);
        let quantity = self.chance.below(5) + 1;
        let trial = self.chance.one_in(6).then(|| self.chance.between(5, 14));
        let mut body = json!({ "customer_id": self.customer, "plan_id": stage.plans[plan].id,
            "collection": if self.kinds.contains("by_card") { "automatic" } else { "send_invoice" } });
        if counts {
            body["quantity"] = json!(quantity.to_string());
        }
        if let Some(days) = trial {
            body["trial_days"] = json!(days);
            self.kinds.insert("trial");
        }
        self.reckoning.begin = self.reckoning.place.later(stage.now, trial.unwrap_or(0));
        let begin = self.reckoning.begin;
        for sold in PLANS[plan].iter().filter(|sold| !sold.add_on) {
            self.begin(sold.code, (plan, sold.price), (if sold.counted { quantity } else { 1 }, begin));
        }
        if self.chance.one_in(8) {
            self.agree(&mut body);
        } else if counts && self.chance.one_in(4) {
            self.ramp(&mut body);
        }
        if PLANS[plan][0].code == "base" && self.chance.one_in(5) {
            self.redeem(plan, &mut body);
        }
        let reply = stage.client.post("/v1/subscriptions", body.clone()).is(201);
        self.subscription = reply.id();
        self.log.push(format!("{} start plan_{plan} {body}", written(stage.now)));
        if trial.is_some() && reply.json["trial_end"] != written(begin) {
            self.wrong.push(format!(
                "the trial ends at {}, should end at {}",
                reply.json["trial_end"],
                written(begin)
            ));
        }
        self.due(0, (0, 0));
        self.watch(stage);
        self.commit(stage, plan);
    }

    fn arrive(&mut self, stage: &Stage<'_>) {
        let client = stage.client;
        let zone = self.reckoning.place.zone.name();
        let mut body = json!({ "name": "Ada", "external_id": format!("h{}", self.seed), "time_zone": zone });
        if self.chance.one_in(8) {
            self.payer =
                client.post("/v1/customers", json!({ "name": "Parent", "time_zone": zone })).is(201).id();
            body["parent_id"] = json!(self.payer);
            self.kinds.insert("parent");
        }
        self.customer = client.post("/v1/customers", body).is(201).id();
        if self.payer.is_empty() {
            self.payer = self.customer.clone();
        }
        if self.chance.one_in(2) {
            let card = json!({ "customer_id": self.payer, "kind": "card", "token": "tok_success" });
            client.post("/v1/payment_methods", card).is(201);
            self.kinds.insert("by_card");
        }
        // Credits pay what is used with its tax, on top of what is reckoned here.
        let is_paid_alike = self.taxed != Taxed::OnTop;
        if !self.kinds.contains("parent") && self.chance.one_in(4) && is_paid_alike {
            self.give_credits(client);
        }
    }

    /// Given or sold, and there at once.
    fn give_credits(&mut self, client: &Client) {
        let mut grant = json!({ "customer_id": self.payer, "amount": major(GRANT), "currency": "USD", "source": "promotional" });
        if self.chance.one_in(2) {
            let collection = if self.kinds.contains("by_card") { "automatic" } else { "send_invoice" };
            let sold = json!({ "source": "purchased", "price": major(PRICE), "activates": "now", "collection": collection });
            grant.as_object_mut().unwrap().extend(sold.as_object().unwrap().clone());
            self.sold = PRICE;
            self.kinds.insert("sold_credits");
        } else {
            self.kinds.insert("grant");
        }
        client.post("/v1/credit_grants", grant).is(201);
        self.granted = GRANT;
    }

    /// Whether usage is invoiced as soon as it comes to 4.00.
    fn watch(&mut self, stage: &Stage<'_>) {
        if self.reckoning.versions.iter().any(|v| v.code == "calls") && self.chance.one_in(4) {
            let budget = json!({ "subscription_id": self.subscription, "invoice_at": "4.00" });
            stage.client.post("/v1/budgets", budget).is(201);
            self.kinds.insert("early_usage");
            self.is_exact = false;
        }
    }

    /// To so much usage in each period, from the first on.
    fn commit(&mut self, stage: &Stage<'_>, plan: usize) {
        let Some(id) = stage.plans[plan].committed.as_ref() else { return };
        if !self.reckoning.place.is_elsewhere() || !self.chance.one_in(4) {
            return;
        }
        let begin = self.reckoning.begin;
        let body =
            json!({ "add_items": [{ "price_id": id }], "effective_at": written(begin), "invoice": "now" });
        if self.command(stage, "commitment", ("change", body)) {
            let price = PLANS[plan].iter().find(|sold| sold.code == COMMITTED).unwrap().price;
            self.begin(COMMITTED, (plan, price), (1, begin));
            self.due(stage.now, (begin, begin));
        }
    }

    /// A coupon for what the base costs: in every plan, or in this one; always, or for two periods.
    fn redeem(&mut self, plan: usize, body: &mut Value) {
        let (same, all) = (versions(plan), (0..PLANS.len()).collect());
        let (coupon, plans, periods) = match self.chance.below(4) {
            0 => ("FREEBASE".to_owned(), all, None),
            1 | 2 => ("FREETWO".to_owned(), all, Some(2)),
            _ => (format!("FREE{}", same[0]), same, None),
        };
        body["coupon"] = json!(coupon);
        self.reckoning.free = Some(Free { code: "base", plans, periods });
        self.kinds.insert("coupon");
    }

    /// A year, and what it costs to leave within it.
    fn agree(&mut self, body: &mut Value) {
        self.fee = Some(700);
        let fee = json!({ "type": "fixed", "amount": "7.00" });
        body["terms"] = json!({ "term": { "interval": "year" }, "early_termination_fee": fee });
        self.kinds.insert("terms");
    }

    /// Other numbers of seats later on.
    fn ramp(&mut self, body: &mut Value) {
        let mut at = self.reckoning.begin;
        let mut phases = Vec::new();
        for _ in 0..=self.chance.below(2) {
            let days = self.chance.between(5, 40);
            at = self.days_from(at, days);
            let quantity = self.chance.below(8) + 1;
            let last =
                self.reckoning.versions.iter().rposition(|v| v.code == "seat" && v.to == NEVER).unwrap();
            let now = self.reckoning.versions[last].clone();
            if now.quantity == quantity {
                continue;
            }
            let mut phase = json!({ "at": written(at), "quantity": quantity.to_string() });
            let by = self.counted(&mut phase);
            phases.push(phase);
            self.follow(last, (at, by), Some((now.plan, now.price, quantity)));
        }
        if !phases.is_empty() {
            body["phases"] = json!(phases);
            self.kinds.insert("phases");
        }
    }
}
