//! What is had beside the plan? An add-on that comes and goes, and what is charged once.

use serde_json::json;

use super::history::{History, Stage};
use super::parts::Price;
use super::places::NEVER;
use super::shop::{PLANS, major};

impl History {
    pub fn add_on(&mut self, stage: &Stage<'_>, kind: &'static str) {
        let (said, at) = self.some_time(stage);
        let Some(plan) = self.plan_on(at).filter(|_| !self.in_extension(at)) else { return };
        let force = self.reckoning.in_force(at);
        let extra = force.iter().copied().find(|n| self.reckoning.versions[*n].code == "extra");
        if extra.is_some() != (kind == "remove_add_on") {
            return;
        }
        let (invoice, due) = self.billed(stage, at);
        let id = &stage.plans[plan].extra;
        let mut body = match extra {
            Some(_) => json!({ "remove_items": [id], "effective_at": said, "invoice": invoice }),
            None => json!({ "add_items": [{ "price_id": id }], "effective_at": said, "invoice": invoice }),
        };
        let by = self.counted(&mut body);
        if !self.command(stage, kind, ("change", body)) {
            return;
        }
        match extra {
            Some(n) => {
                self.follow(n, (at, by), None);
            }
            None => {
                let price = PLANS[plan].iter().find(|sold| sold.code == "extra").unwrap().price;
                self.begin("extra", (plan, price), (1, at));
                self.reckoning.versions.last_mut().unwrap().starts_by = by;
            }
        }
        self.due(stage.now, (at, due));
    }

    pub fn charge(&mut self, stage: &Stage<'_>) {
        let amount = self.chance.below(3000) - 600;
        if amount == 0 || stage.now < self.reckoning.begin {
            return;
        }
        let (invoice, mut due) = self.billed(stage, stage.now);
        if invoice == "next" {
            let end = self.reckoning.end.map_or(NEVER, |(end, _)| end);
            due = self.reckoning.next_boundary(stage.now).min(end);
        }
        let said = format!("Charge {}", self.reckoning.versions.len());
        let body = json!({ "description": said, "amount": major(amount), "invoice": invoice,
            "tax_behavior": self.taxed.behavior() });
        if self.command(stage, "charge", ("charges", body)) {
            self.begin(&said, (usize::MAX, Price::Once(amount)), (1, stage.now));
            self.due_alone((stage.now, amount), due);
        }
    }
}
