//! What may happen to a subscription, its usage and its prices?

use serde_json::json;

use super::market::{COUNTRIES, NUMBERS, SUBJECTS};
use super::{History, Subscribed, major};

impl History {
    /// Someone subscribes, perhaps in a trial, for a term or as a ramp, with a coupon, by card; the child's parent pays.
    pub(super) fn start(&mut self) {
        let who = usize::try_from(self.chance.below(3)).unwrap();
        let plan = usize::try_from(self.chance.below(3)).unwrap();
        let collection = if who > 0 && self.chance.one_in(2) { "automatic" } else { "send_invoice" };
        let mut body = json!({ "customer_id": self.market.customers[who], "plan_id": self.market.plans[plan].id,
                               "quantity": self.chance.between(1, 5).to_string(), "collection": collection });
        let mut kinds = vec!["start"];
        if who == 2 {
            kinds.push("parent");
        }
        if collection == "automatic" {
            kinds.push("by_card");
        }
        if self.chance.one_in(2) {
            body["coupon"] = json!(*self.chance.pick(&["A", "B", "C"]));
            kinds.push("coupon");
        }
        let mut start = self.now;
        match self.chance.below(8) {
            0 => {
                let days = self.chance.between(5, 14);
                body["trial_days"] = json!(days);
                start += chrono::TimeDelta::days(days);
                kinds.push("trial");
            }
            1 => {
                let fee = json!({ "type": "fixed", "amount": "7.00" });
                body["terms"] = json!({ "term": { "interval": "year" }, "early_termination_fee": fee });
                kinds.push("terms");
            }
            2 => {
                let (at, later) = (self.chance.between(5, 20), self.chance.between(21, 60));
                let phase =
                    |days, quantity: i64| json!({ "at": self.at(days), "quantity": quantity.to_string() });
                body["phases"] = json!([phase(at, 7), phase(later, 3)]);
                kinds.push("phases");
            }
            _ => {}
        }
        if let Some(subscription) = self.call("POST", "subscriptions", &body) {
            let id = subscription["id"].as_str().unwrap().to_owned();
            self.subscriptions.push(Subscribed { id, start, plan });
            self.taken.kinds.extend(kinds);
        }
    }

    fn some_subscription(&mut self) -> Subscribed {
        self.chance.pick(&self.subscriptions).clone()
    }

    pub(super) fn command(&mut self, kind: &'static str) {
        let Subscribed { id, plan, .. } = self.some_subscription();
        let path = |name: &str| format!("subscriptions/{id}/{name}");
        let invoice = self.when();
        let mut body = json!({ "invoice": invoice });
        match kind {
            "pause_credit" | "pause_extend" => {
                body["mode"] = json!(kind.trim_start_matches("pause_"));
                if self.act(kind, &path("pause"), &body).is_some() {
                    let days = self.chance.between(1, 9);
                    self.advance(days);
                    self.act("resume", &path("resume"), &json!({}));
                }
            }
            "resume" => drop(self.act(kind, &path("resume"), &json!({}))),
            "cancel" | "cancel_kept" => {
                let days = self.chance.between(-12, 25);
                body["effective_at"] =
                    if self.chance.one_in(3) { json!("period_end") } else { json!(self.at(days)) };
                if kind == "cancel_kept" {
                    body["proration"] = json!("none");
                }
                if self.act(kind, &path("cancel"), &body).is_some() && self.chance.one_in(3) {
                    self.act("uncancel", &path("uncancel"), &json!({ "invoice": invoice }));
                }
            }
            "uncancel" => drop(self.act(kind, &path("uncancel"), &body)),
            "migrate" => {
                let body = json!({ "subscription_ids": [id], "effective_at": "period_end" });
                self.act(kind, &format!("plans/{}/migrations", self.market.plans[plan].id), &body);
            }
            "add_on" => {
                let extra = self.market.plans[plan].extra.clone();
                body["add_items"] = json!([{ "price_id": extra }]);
                if self.act(kind, &path("change"), &body).is_some() && self.chance.one_in(3) {
                    self.advance(3);
                    let body = json!({ "invoice": invoice, "remove_items": [extra] });
                    self.act("remove_add_on", &path("change"), &body);
                }
            }
            "commitment" => {
                body["add_items"] = json!([{ "price_id": self.market.plans[plan].committed }]);
                self.act(kind, &path("change"), &body);
            }
            "remove_add_on" => {
                body["remove_items"] = json!([self.market.plans[plan].extra]);
                self.act(kind, &path("change"), &body);
            }
            _ => self.change(kind, &id),
        }
    }

    /// Another plan or quantity: now, on a day to come or gone, in place of what was planned.
    fn change(&mut self, kind: &'static str, id: &str) {
        let mut body = json!({ "invoice": self.when() });
        let days = self.chance.between(1, 35);
        match kind {
            "planned" => body["effective_at"] = json!(self.at(days)),
            "backdated" => body["effective_at"] = json!(self.at(-days)),
            "replace" => body["replace_scheduled"] = json!(true),
            _ => {}
        }
        if self.chance.one_in(2) {
            body["proration"] = json!(*self.chance.pick(&["by_day", "by_second", "none"]));
        }
        let mut next = None;
        if kind == "plan" || (kind != "quantity" && self.chance.one_in(2)) {
            next = usize::try_from(self.chance.below(3)).ok();
            body["plan_id"] = json!(self.market.plans[next.unwrap()].id);
        } else {
            body["quantity"] = json!(self.chance.between(1, 9).to_string());
        }
        if self.act(kind, &format!("subscriptions/{id}/change"), &body).is_some() {
            let changed = self.subscriptions.iter_mut().find(|one| one.id == id).unwrap();
            changed.plan = next.unwrap_or(changed.plan);
        }
    }

    /// What becomes of prices, buyers and rates; and a charge.
    pub(super) fn trade(&mut self, kind: &'static str) {
        let country = *self.chance.pick(COUNTRIES);
        match kind {
            "tax_rate" => {
                let (rate, from) = (self.chance.between(5, 27).to_string(), self.now.date_naive());
                let rate = json!({ "country": country, "kind": "standard", "rate": rate, "valid_from": from, "source": "a law to come" });
                self.act(kind, "tax/rates", &rate);
            }
            "buyer_moves" => {
                let customer = self.chance.pick(&self.market.customers).clone();
                let to = json!({ "address": { "country": country } });
                if self.call("PATCH", &format!("customers/{customer}"), &to).is_some() {
                    self.taken.kinds.insert(kind);
                }
            }
            "tax_number" => {
                let customer = self.chance.pick(&self.market.customers).clone();
                let number = *self.chance.pick(NUMBERS);
                let numbers = json!([{ "type": "eu_vat", "value": number }]);
                let to = json!({ "tax_ids": if self.chance.one_in(4) { json!([]) } else { numbers } });
                if self.call("PATCH", &format!("customers/{customer}"), &to).is_some() {
                    self.taken.kinds.insert(kind);
                }
            }
            "next_version" => {
                let n = usize::try_from(self.chance.below(3)).unwrap();
                let (path, body) = self.market.dearer(n);
                if let Some(version) = self.act(kind, &path, &body) {
                    self.market.published(n, &version);
                }
            }
            _ => {
                let subscription = self.some_subscription().id;
                let amount = major(self.chance.between(1, 2_099));
                let behavior = *self.chance.pick(&["inclusive", "exclusive"]);
                let code = *self.chance.pick(&["ebook", "professional_service"]);
                let charge = json!({ "description": "Extra", "amount": amount, "invoice": self.when(),
                                     "tax_code": code, "tax_behavior": behavior });
                self.act(kind, &format!("subscriptions/{subscription}/charges"), &charge);
            }
        }
    }

    pub(super) fn use_some(&mut self, kind: &'static str) {
        match kind {
            "void_usage" => {
                if !self.events.is_empty() {
                    let event = self.chance.pick(&self.events).clone();
                    self.act(kind, "usage/events/void", &json!({ "source": "a", "id": event }));
                }
            }
            "early_usage" => {
                let subscription = self.some_subscription().id;
                let budget = json!({ "subscription_id": subscription, "invoice_at": "6.00" });
                self.act(kind, "budgets", &budget);
            }
            "backfill" => {
                let customer = self.chance.pick(&self.market.customers).clone();
                let back = self.chance.between(3, 30);
                let range = json!({ "meter_id": self.market.meter, "customer_id": customer, "from": self.at(-back), "to": self.at(2 - back) });
                let Some(opened) = self.call("POST", "usage/backfills", &range) else { return };
                let path = format!("usage/backfills/{}", opened["id"].as_str().unwrap());
                self.act(kind, &format!("{path}/close"), &json!({}));
            }
            _ => {
                let back =
                    if kind == "usage" { self.chance.between(0, 4) } else { self.chance.between(6, 35) };
                let id = format!("e{}", self.log.len());
                let event = json!({ "specversion": "1.0", "id": id, "source": "a", "type": "call",
                    "subject": *self.chance.pick(SUBJECTS), "time": self.at(-back),
                    "data": { "n": self.chance.between(1, 2_000).to_string() } });
                if self.act(kind, "usage/events", &event).is_some() {
                    self.events.push(id);
                }
            }
        }
    }
}
