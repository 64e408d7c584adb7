//! What is used, told late, voided, or replaced? 150 units of 100 included are 50 to pay for; void, they never were.

use serde_json::{Value, json};

use super::history::{History, Stage};
use super::parts::{Cents, Key, Piece, Price, Used};
use super::places::{HOUR, Moment, written};
use super::shop::cents;
use crate::harness::Client;

impl History {
    /// Whether anything that is used at a moment is sold.
    pub fn sells_calls(&self, at: Moment) -> bool {
        let counts = |n: &usize| self.reckoning.versions[*n].code == "calls";
        self.reckoning.is_had(at) && self.reckoning.in_force(at).iter().any(counts)
    }

    /// Whether anything was used in the last ten days: a short break cuts its period in two.
    pub fn uses_lately(&self, now: Moment) -> bool {
        let [yesterday, lately] = [-1, -9].map(|days| self.reckoning.place.later(now, days));
        self.sells_calls(yesterday) && self.reckoning.used.iter().any(|used| used.at >= lately)
    }

    fn event(&mut self, at: Moment) -> (Used, Value) {
        let units = self.chance.below(150) + 1;
        // Some of it flows back.
        let units = if self.chance.one_in(6) { -units } else { units };
        let id = format!("{}-{}", self.seed, self.reckoning.used.len());
        let event = json!({ "specversion": "1.0", "id": id, "source": "model", "type": "call", "subject": format!("h{}", self.seed),
            "time": written(at), "data": { "units": units.to_string() } });
        (Used { id, at, units, voided: false }, event)
    }

    /// At noon, or at some other time where things happen within days.
    fn on_the_day(&mut self, at: Moment) -> Moment {
        let place = self.reckoning.place;
        if place.any_hour { place.within(at, &mut self.chance) } else { at + 12 * HOUR }
    }

    pub fn use_some(&mut self, stage: &Stage<'_>, kind: &'static str) {
        if kind == "usage" && self.reckoning.place.is_elsewhere() && self.chance.one_in(2) {
            self.use_now(stage);
            return;
        }
        let back = if kind == "usage" { self.chance.between(1, 5) } else { self.chance.between(6, 35) };
        let at = self.on_the_day(self.reckoning.place.later(stage.now, -back));
        if !self.sells_calls(at) {
            return;
        }
        let (used, event) = self.event(at);
        if self.send(stage, kind, ("/v1/usage/events", event)).is_some() {
            self.reckoning.used.push(used);
            self.due_of_usage(stage.now);
        }
    }

    /// What the clock shows is when it is used, said or not; it counts at once.
    fn use_now(&mut self, stage: &Stage<'_>) {
        if !self.sells_calls(stage.now) {
            return;
        }
        let (used, mut event) = self.event(stage.now);
        if self.chance.one_in(2) {
            event.as_object_mut().unwrap().remove("time");
        }
        if self.send(stage, "usage", ("/v1/usage/events", event)).is_some() {
            self.reckoning.used.push(used);
            self.due_of_usage(stage.now);
            self.uses_now = self.kinds.contains("early_usage");
            self.judge_upcoming(stage);
        }
    }

    /// Whether the invoice to come has all that was used so far, where that is due with it.
    fn judge_upcoming(&mut self, stage: &Stage<'_>) {
        let path = format!("/v1/subscriptions/{}/upcoming_invoice", self.subscription);
        let upcoming = stage.client.get(&path);
        if upcoming.status != 200 || self.kinds.contains("early_usage") {
            return;
        }
        let place = self.reckoning.place;
        for Piece { key, due, amount, .. } in self.usage_so_far(stage.now) {
            let is_on_it = upcoming.json["billing_date"] == place.date(due).to_string();
            // At the end of a period, and not within a day on which other things are due before.
            if !is_on_it || due != place.begun(due) || self.charges.contains_key(&key) {
                continue;
            }
            let is_its = |line: &&Value| {
                let said = line["description"].as_str().unwrap();
                said.split(" (").next() == Some("calls") && line["period"]["start"] == written(key.start)
            };
            let lines = upcoming.json["lines"].as_array().unwrap().iter().filter(is_its);
            let found: Cents = lines.map(|line| cents(&line["amount"])).sum();
            if found != amount {
                let now = written(stage.now);
                self.wrong.push(format!(
                    "at {now} the upcoming invoice has {found} of usage, should have {amount}"
                ));
            }
        }
    }

    /// What is used of what is not over.
    fn usage_so_far(&self, now: Moment) -> Vec<Piece> {
        let is_usage = |key: Key| matches!(self.reckoning.versions[key.version].price, Price::Usage(_));
        let mut pieces = self.reckoning.pieces();
        pieces.retain(|piece| is_usage(piece.key) && piece.key.start <= now && now < piece.due);
        pieces
    }

    /// Whether a budget that was looked at again has what was used since.
    pub fn judge_budget(&mut self, client: &Client, now: Moment) {
        if !std::mem::take(&mut self.uses_now) {
            return;
        }
        let begun = self.reckoning.boundaries().into_iter().rfind(|start| *start <= now);
        let is_usage = |key: Key| matches!(self.reckoning.versions[key.version].price, Price::Usage(_));
        let of_period =
            |piece: &Piece| is_usage(piece.key) && begun <= Some(piece.key.start) && piece.key.start <= now;
        let should: Cents =
            self.reckoning.pieces().into_iter().filter(of_period).map(|piece| piece.amount).sum();
        let budgets = client.get(&format!("/v1/budgets?subscription_id={}", self.subscription)).is(200);
        let used = &budgets.data()[0]["used"];
        let found: rust_decimal::Decimal = used.as_str().unwrap().parse().unwrap();
        if found != rust_decimal::Decimal::new(should, 2) {
            self.wrong.push(format!(
                "at {} the budget has {found} of usage, should have {should} cents",
                written(now)
            ));
        }
    }

    pub fn void_usage(&mut self, stage: &Stage<'_>) {
        if self.reckoning.used.is_empty() {
            return;
        }
        let n =
            usize::try_from(self.chance.below(i64::try_from(self.reckoning.used.len()).unwrap())).unwrap();
        let body = json!({ "source": "model", "id": self.reckoning.used[n].id });
        if self.send(stage, "void_usage", ("/v1/usage/events/void", body)).is_some() {
            self.reckoning.used[n].voided = true;
            self.due_of_usage(stage.now);
        }
    }

    /// What was sent of a few days is replaced by something else.
    pub fn backfill(&mut self, stage: &Stage<'_>) {
        let (back, days) = (self.chance.between(2, 30), self.chance.between(1, 2));
        let place = self.reckoning.place;
        let from = place.begun(place.later(stage.now, -back));
        let to = place.later(from, days);
        let at = self.on_the_day(from);
        if !self.sells_calls(at) {
            return;
        }
        let range = json!({ "meter_id": stage.meter, "customer_id": self.customer, "from": written(from), "to": written(to) });
        let Some(opened) = self.send(stage, "backfill", ("/v1/usage/backfills", range)) else { return };
        let path = format!("/v1/usage/backfills/{}", opened.id());
        let (used, event) = self.event(at);
        let staged = self.send(stage, "backfill", (&format!("{path}/events"), json!([event]))).is_some();
        if staged && self.send(stage, "backfill", (&format!("{path}/close"), json!({}))).is_some() {
            for old in self.reckoning.used.iter_mut().filter(|u| from <= u.at && u.at < to) {
                old.voided = true;
            }
            self.reckoning.used.push(used);
            self.due_of_usage(stage.now);
        }
    }
}
