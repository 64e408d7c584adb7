//! What is used, told late, voided, or replaced? 150 units of 100 included are 50 to pay for; void, they never were.

use serde_json::{Value, json};

use super::history::{History, Stage, instant};
use super::reckoning::{Day, Used};

impl History {
    /// Whether anything that is used on a day is sold.
    pub fn sells_calls(&self, day: Day) -> bool {
        let counts = |n: &usize| self.reckoning.versions[*n].code == "calls";
        day >= 0 && self.reckoning.is_had(day) && self.reckoning.in_force(day).iter().any(counts)
    }

    /// Whether anything was used in the last ten days: a short break cuts its period in two.
    pub fn uses_lately(&self, today: Day) -> bool {
        self.sells_calls(today - 1) && self.reckoning.used.iter().any(|used| used.day + 10 > today)
    }

    fn event(&mut self, day: Day) -> (Used, Value) {
        let units = self.chance.below(150) + 1;
        // Some of it flows back.
        let units = if self.chance.one_in(6) { -units } else { units };
        let id = format!("{}-{}", self.seed, self.reckoning.used.len());
        let event = json!({ "specversion": "1.0", "id": id, "source": "model", "type": "call", "subject": format!("h{}", self.seed),
            "time": instant(day).replace("T00", "T12"), "data": { "units": units.to_string() } });
        (Used { id, day, units, voided: false }, event)
    }

    pub fn use_some(&mut self, stage: &Stage<'_>, kind: &'static str) {
        let back = if kind == "usage" { self.chance.between(1, 5) } else { self.chance.between(6, 35) };
        let day = stage.today - back;
        if !self.sells_calls(day) {
            return;
        }
        let (used, event) = self.event(day);
        if self.send(stage, kind, ("/v1/usage/events", event)).is_some() {
            self.reckoning.used.push(used);
            self.due_of_usage(stage.today);
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
            self.due_of_usage(stage.today);
        }
    }

    /// What was sent of a few days is replaced by something else.
    pub fn backfill(&mut self, stage: &Stage<'_>) {
        let from = stage.today - self.chance.between(2, 30);
        let to = from + self.chance.between(1, 2);
        if !self.sells_calls(from) {
            return;
        }
        let range = json!({ "meter_id": stage.meter, "customer_id": self.customer, "from": instant(from), "to": instant(to) });
        let Some(opened) = self.send(stage, "backfill", ("/v1/usage/backfills", range)) else { return };
        let path = format!("/v1/usage/backfills/{}", opened.id());
        let (used, event) = self.event(from);
        let staged = self.send(stage, "backfill", (&format!("{path}/events"), json!([event]))).is_some();
        if staged && self.send(stage, "backfill", (&format!("{path}/close"), json!({}))).is_some() {
            for old in self.reckoning.used.iter_mut().filter(|u| from <= u.day && u.day < to) {
                old.voided = true;
            }
            self.reckoning.used.push(used);
            self.due_of_usage(stage.today);
        }
    }
}
