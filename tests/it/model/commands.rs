//! What may happen to a subscription next? Each command is drawn, sent, and, when it was taken, reckoned with.

use serde_json::{Value, json};

use super::history::{History, Stage, instant};
use super::reckoning::{Break, Day, Key, NEVER, Price};
use super::shop::{AT_FIRST, PLANS, latest, major};

/// All kinds that a history may draw after its start, each as often as it is named.
pub const DRAWN: &[&str] = &[
    "quantity",
    "quantity",
    "plan",
    "plan",
    "replace",
    "planned",
    "backdated",
    "add_on",
    "remove_add_on",
    "pause_credit",
    "pause_credit",
    "pause_extend",
    "resume",
    "resume",
    "cancel",
    "cancel_kept",
    "uncancel",
    "uncancel",
    "charge",
    "usage",
    "usage",
    "usage",
    "late_usage",
    "void_usage",
    "void",
    "void",
    "note",
    "note",
    "note_refund",
    "correct",
    "write_off",
    "pay",
    "pay_ahead",
    "draft_edit",
    "draft_edit",
    "backfill",
    "migrate",
    "migrate",
];

/// What is charged for leaving early.
const FEE: &str = "fee for leaving";

/// When something is to count, as said and as a day.
type When = (Value, Day);

impl History {
    /// One command, drawn.
    pub fn act(&mut self, stage: &Stage<'_>) {
        let kind = self.kind(stage);
        match kind {
            "quantity" => self.change_quantity(stage, kind, None),
            "plan" => self.change_plan(stage, kind, None),
            "replace" => self.replace(stage),
            "planned" => self.planned(stage),
            "backdated" => self.backdated(stage),
            "add_on" | "remove_add_on" => self.add_on(stage, kind),
            "pause_credit" | "pause_extend" => self.pause(stage, kind),
            "resume" => self.resume(stage),
            "cancel" | "cancel_kept" => self.cancel(stage, kind),
            "uncancel" => self.uncancel(stage),
            "charge" => self.charge(stage),
            "usage" | "late_usage" => self.use_some(stage, kind),
            "void_usage" => self.void_usage(stage),
            "backfill" => self.backfill(stage),
            "migrate" => self.migrate(stage),
            "pay_ahead" => self.pay_ahead(stage),
            _ => self.take_back(stage, kind),
        }
    }

    /// What comes next. What is another when it comes after something else comes after that more often: an end is corrected after it has
    /// come, or taken back before; what waits for the next invoice sees others pass; usage that was taken back is told otherwise.
    fn kind(&mut self, stage: &Stage<'_>) -> &'static str {
        let drawn = *self.chance.pick(DRAWN);
        let has_ended = self.reckoning.end.map(|(end, _)| end <= stage.today);
        let is_usage = |key: &Key| matches!(self.reckoning.versions[key.version].price, Price::Usage(_));
        let usage_is_taken_back =
            self.charges.iter().any(|(key, charge)| is_usage(key) && !charge.target.is_untouched());
        let counts_periods = self.reckoning.free.as_ref().is_some_and(|free| free.periods.is_some());
        match () {
            () if has_ended == Some(true) && self.chance.one_in(3) => "cancel",
            () if has_ended.is_some() && self.chance.one_in(4) => "uncancel",
            () if has_ended.is_none() && self.plans_ahead(stage.today) && self.chance.one_in(6) => "cancel",
            () if self.is_exact && self.waits(stage.today) && self.chance.one_in(4) => "charge",
            () if (usage_is_taken_back || self.granted > 0) && self.chance.one_in(4) => "void_usage",
            () if counts_periods && self.reckoning.breaks.is_empty() && self.chance.one_in(3) => {
                "pause_extend"
            }
            () if self.uses_lately(stage.today) && self.chance.one_in(4) => "pause_credit",
            () if self.sells_calls(stage.today - 1) && self.chance.one_in(3) => "usage",
            () => drawn,
        }
    }

    /// Whether something is to be another on a day to come.
    fn plans_ahead(&self, today: Day) -> bool {
        self.reckoning.versions.iter().any(|v| {
            v.from < v.to && (v.from > today.max(self.reckoning.begin) || (v.to > today && v.to != NEVER))
        })
    }

    fn now(&self, stage: &Stage<'_>) -> When {
        (json!("now"), stage.today.max(self.reckoning.begin))
    }

    fn period_end(&self, stage: &Stage<'_>) -> When {
        let begin = self.reckoning.begin;
        let at = if stage.today < begin { begin } else { self.reckoning.next_boundary(stage.today) };
        (json!("period_end"), at)
    }

    /// Now, at the period's end, or on a day to come.
    fn some_time(&mut self, stage: &Stage<'_>) -> When {
        match self.chance.below(4) {
            0 => self.period_end(stage),
            1 => {
                let at = stage.today.max(self.reckoning.begin) + self.chance.between(1, 20);
                (json!(instant(at)), at)
            }
            _ => self.now(stage),
        }
    }

    /// `now` or `next`, and the day on which what counts from a day is billed.
    fn billed(&mut self, stage: &Stage<'_>, at: Day) -> (&'static str, Day) {
        let soonest = at.max(stage.today);
        if self.chance.one_in(2) {
            return ("now", soonest);
        }
        // Which period is the next is not said of a day in a break that moves it.
        self.is_exact &=
            !self.reckoning.breaks.iter().any(|b| b.extends && b.from < b.until && b.until > soonest);
        let begins_a_period = at >= stage.today && self.reckoning.boundaries().contains(&at);
        ("next", if begins_a_period { at } else { self.reckoning.next_boundary(soonest) })
    }

    /// Whether a break that extends lies over a day: nothing is changed in it.
    fn in_extension(&self, day: Day) -> bool {
        self.reckoning.breaks.iter().any(|b| b.extends && b.from <= day && day < b.until)
    }

    fn has_break_ahead(&self, day: Day) -> bool {
        self.reckoning.breaks.iter().any(|b| b.until > day && b.from < b.until)
    }

    fn plan_on(&self, day: Day) -> Option<usize> {
        self.reckoning.in_force(day).first().map(|n| self.reckoning.versions[*n].plan)
    }

    fn counted_on(&self, day: Day) -> Vec<usize> {
        let mut seats = self.reckoning.in_force(day);
        seats.retain(|n| self.reckoning.versions[*n].code == "seat");
        seats
    }

    fn change_quantity(&mut self, stage: &Stage<'_>, kind: &'static str, when: Option<(When, bool)>) {
        let ((said, at), replaces) = match when {
            Some(when) => when,
            None => (self.some_time(stage), false),
        };
        let quantity = self.chance.below(8) + 1;
        if self.in_extension(at) || self.counted_on(at).is_empty() {
            return;
        }
        let (invoice, due) = self.billed(stage, at);
        let mut body = json!({ "quantity": quantity.to_string(), "effective_at": said, "invoice": invoice });
        if replaces {
            body["replace_scheduled"] = json!(true);
        }
        if !self.command(stage, kind, ("change", body)) {
            return;
        }
        if replaces {
            self.drop_later(at);
        }
        for n in self.counted_on(at) {
            let v = &self.reckoning.versions[n];
            let next = (v.plan, v.price, quantity);
            if v.quantity != quantity {
                self.follow(n, at, Some(next));
            }
        }
        self.due(stage.today, (at, due));
    }

    fn change_plan(&mut self, stage: &Stage<'_>, kind: &'static str, when: Option<(When, bool)>) {
        let ((said, at), replaces) = match when {
            Some(when) => when,
            None => (self.some_time(stage), false),
        };
        let plan = usize::try_from(self.chance.below(i64::try_from(AT_FIRST).unwrap())).unwrap();
        let plan = latest(plan, stage.today);
        let quantity = self.chance.below(8) + 1;
        if self.in_extension(at) || self.plan_on(at).is_none_or(|now| now == plan) {
            return;
        }
        let (invoice, due) = self.billed(stage, at);
        let mut body = json!({ "plan_id": stage.plans[plan].id, "effective_at": said, "invoice": invoice });
        if PLANS[plan].iter().any(|sold| sold.counted) {
            body["quantity"] = json!(quantity.to_string());
        }
        if replaces {
            body["replace_scheduled"] = json!(true);
        }
        let named = format!("plan_{plan}");
        if !self.command(stage, kind, ("change", body)) {
            return;
        }
        self.log.push(format!("    that is {named}"));
        if replaces {
            self.drop_later(at);
        }
        self.move_to(plan, at, Some(quantity));
        self.due(stage.today, (at, due));
    }

    /// Everything in force becomes what the other plan has of it. What an end has put aside is planned no longer.
    fn move_to(&mut self, plan: usize, at: Day, quantity: Option<i64>) {
        if let Some((end, _)) = self.reckoning.end {
            self.drop_later(at.max(end - 1));
        }
        let (mut had, mut until) = (Vec::new(), NEVER);
        for n in self.reckoning.in_force(at) {
            let v = self.reckoning.versions[n].clone();
            until = until.min(v.to);
            had.push((v.code, v.quantity));
            self.follow(n, at, None);
        }
        for sold in PLANS[plan] {
            let before = had.iter().find(|(code, _)| code == sold.code);
            if sold.add_on && before.is_none() {
                continue;
            }
            let counted = quantity.or(before.map(|(_, quantity)| *quantity)).unwrap_or(1);
            self.begin(sold.code, (plan, sold.price), (if sold.counted { counted } else { 1 }, at));
            self.reckoning.versions.last_mut().unwrap().to = until;
        }
        if plan >= AT_FIRST {
            self.kinds.insert("next_version");
        }
    }

    /// To the latest version of its plan, when its period ends.
    fn migrate(&mut self, stage: &Stage<'_>) {
        let (_, at) = self.period_end(stage);
        let Some(plan) = self.plan_on(at) else { return };
        let newest = latest(plan, stage.today);
        if newest == plan || self.in_extension(at) {
            return;
        }
        let body = json!({ "subscription_ids": [self.subscription], "effective_at": "period_end" });
        let path = format!("/v1/plans/{}/migrations", stage.plans[plan].id);
        let Some(reply) = self.send(stage, "migrate", (&path, body)) else { return };
        let moved = &reply.json["subscriptions"][0];
        let said = moved["effective_at"].as_str().map(str::to_owned);
        self.log.push(format!("    moved: {said:?}"));
        if moved["refused"].is_null() && said.is_some() {
            self.move_to(newest, at, None);
            self.due(stage.today, (at, at));
        }
    }

    /// A change in place of what was planned.
    fn replace(&mut self, stage: &Stage<'_>) {
        if self.has_break_ahead(stage.today) || self.reckoning.end.is_some() {
            return;
        }
        let when = Some((self.now(stage), true));
        match self.chance.one_in(2) {
            true => self.change_quantity(stage, "replace", when),
            false => self.change_plan(stage, "replace", when),
        }
    }

    fn planned(&mut self, stage: &Stage<'_>) {
        let at = stage.today.max(self.reckoning.begin) + self.chance.between(3, 40);
        let when = Some(((json!(instant(at)), at), false));
        match self.chance.one_in(2) {
            true => self.change_quantity(stage, "planned", when),
            false => self.change_plan(stage, "planned", when),
        }
    }

    fn backdated(&mut self, stage: &Stage<'_>) {
        let at = stage.today - self.chance.between(1, 35);
        let broken = self.reckoning.breaks.iter().any(|b| b.from < b.until && b.until > at);
        if at < self.reckoning.begin || broken || self.reckoning.end.is_some() {
            return;
        }
        let when = Some(((json!(instant(at)), at), self.chance.one_in(3)));
        match self.chance.one_in(2) {
            true => self.change_quantity(stage, "backdated", when),
            false => self.change_plan(stage, "backdated", when),
        }
    }

    fn add_on(&mut self, stage: &Stage<'_>, kind: &'static str) {
        let (said, at) = self.some_time(stage);
        let Some(plan) = self.plan_on(at).filter(|_| !self.in_extension(at)) else { return };
        let force = self.reckoning.in_force(at);
        let extra = force.iter().copied().find(|n| self.reckoning.versions[*n].code == "extra");
        if extra.is_some() != (kind == "remove_add_on") {
            return;
        }
        let (invoice, due) = self.billed(stage, at);
        let id = &stage.plans[plan].extra;
        let body = match extra {
            Some(_) => json!({ "remove_items": [id], "effective_at": said, "invoice": invoice }),
            None => json!({ "add_items": [{ "price_id": id }], "effective_at": said, "invoice": invoice }),
        };
        if !self.command(stage, kind, ("change", body)) {
            return;
        }
        match extra {
            Some(n) => self.follow(n, at, None),
            None => {
                let price = PLANS[plan].iter().find(|sold| sold.code == "extra").unwrap().price;
                self.begin("extra", (plan, price), (1, at));
            }
        }
        self.due(stage.today, (at, due));
    }

    fn pause(&mut self, stage: &Stage<'_>, kind: &'static str) {
        let (said, at) = self.some_time(stage);
        let extends = kind == "pause_extend";
        let arrears = |n: &usize| !matches!(self.reckoning.versions[*n].price, Price::Advance(_));
        let behind = self.reckoning.in_force(at).iter().any(arrears);
        if self.in_extension(at) || (extends && (behind || self.reckoning.end.is_some())) {
            return;
        }
        let most = if self.uses_lately(stage.today) { 5 } else { 25 };
        let until = (!self.chance.one_in(3)).then(|| at + self.chance.between(1, most));
        let (invoice, due) = self.billed(stage, at);
        let mode = if extends { "extend" } else { "credit" };
        let mut body = json!({ "effective_at": said, "mode": mode, "invoice": invoice });
        if let Some(until) = until {
            body["resumes_at"] = json!(instant(until));
        }
        if self.command(stage, kind, ("pause", body)) {
            self.reckoning.breaks.push(Break { from: at, until: until.unwrap_or(NEVER), extends });
            self.due(stage.today, (at, due));
            if let Some(until) = until.filter(|until| *until > stage.today) {
                self.due_on_its_day(until);
            }
        }
    }

    fn resume(&mut self, stage: &Stage<'_>) {
        let Some(last) = self.reckoning.breaks.last().copied().filter(|b| b.until > stage.today) else {
            return;
        };
        if !self.command(stage, "resume", ("resume", json!({ "invoice": "now" }))) {
            return;
        }
        // A period's end is told of breaks with a planned end alone.
        let ends_a_period = self.reckoning.ends_a_period && last.until < NEVER;
        let until = stage.today.max(last.from);
        self.reckoning.breaks.last_mut().unwrap().until = until;
        if let Some((end, _)) = self.reckoning.end.as_mut().filter(|_| last.extends && ends_a_period) {
            *end -= last.until - until;
        }
        self.due(stage.today, (stage.today, stage.today));
    }

    /// When it is to end: some time, or as of a day that is past; after it has ended, as of an earlier one.
    fn end_of_it(&mut self, stage: &Stage<'_>) -> Option<When> {
        let ended = self.reckoning.end.map(|(end, _)| end).filter(|end| *end <= stage.today);
        if ended.is_none() && !self.chance.one_in(4) {
            return Some(self.some_time(stage));
        }
        let at = ended.unwrap_or(stage.today) - self.chance.between(1, 35);
        let broken = self.reckoning.breaks.iter().any(|b| b.from < b.until && b.until > at);
        (at >= self.reckoning.begin && !broken).then(|| (json!(instant(at)), at))
    }

    fn cancel(&mut self, stage: &Stage<'_>, kind: &'static str) {
        let Some((said, at)) = self.end_of_it(stage) else { return };
        let corrects = self.reckoning.end.is_some_and(|(end, _)| end <= stage.today && at < end);
        let credit = kind == "cancel";
        let arrears = |n: &usize| matches!(self.reckoning.versions[*n].price, Price::Arrears(_));
        // When a period ends that a break without an end interrupts is not known.
        let open = self.reckoning.breaks.iter().any(|b| b.extends && b.until == NEVER);
        if (said == "period_end" && open) || (!credit && self.reckoning.in_force(at).iter().any(arrears)) {
            return;
        }
        // One may leave within a trial.
        let at = if said == "now" { stage.today } else { at };
        let (invoice, due) = self.billed(stage, at);
        let body = json!({ "effective_at": said, "credit": credit, "invoice": invoice });
        if self.command(stage, kind, ("cancel", body)) {
            // An end that was told wrongly, and its fee, never were.
            self.drop_fee();
            self.reckoning.end = Some((at, credit));
            self.reckoning.before_end = self.reckoning.versions.len();
            self.reckoning.ends_a_period = said == "period_end";
            // Leaving within the term, but not within the trial or at its end.
            let is_tried = at <= self.reckoning.begin && self.kinds.contains("trial");
            if let Some(fee) = self.fee.filter(|_| !is_tried) {
                self.begin(FEE, (usize::MAX, Price::Once(fee)), (1, at));
            }
            self.due(stage.today, (at, due));
        } else if corrects && self.log.last().is_some_and(|told| told.ends_with("already_canceled")) {
            self.wrong.push("an end that was told wrongly was not corrected".to_owned());
        }
    }

    fn drop_fee(&mut self) {
        for version in self.reckoning.versions.iter_mut().filter(|v| v.code == FEE) {
            version.to = version.from;
        }
    }

    fn uncancel(&mut self, stage: &Stage<'_>) {
        let Some((end, _)) = self.reckoning.end.filter(|(end, _)| *end > stage.today - 30) else { return };
        let (invoice, due) = self.billed(stage, end);
        if self.command(stage, "uncancel", ("uncancel", json!({ "invoice": invoice }))) {
            // What is paid at the end of a period was billed before it.
            self.is_exact &= end > stage.today;
            self.reckoning.end = None;
            self.drop_fee();
            self.due(stage.today, (end, if invoice == "now" { stage.today } else { due }));
        }
    }

    fn charge(&mut self, stage: &Stage<'_>) {
        let amount = self.chance.below(3000) - 600;
        if amount == 0 || stage.today < self.reckoning.begin {
            return;
        }
        let (invoice, mut due) = self.billed(stage, stage.today);
        if invoice == "next" {
            let end = self.reckoning.end.map_or(NEVER, |(end, _)| end);
            due = self.reckoning.next_boundary(stage.today).min(end);
        }
        let said = format!("Charge {}", self.reckoning.versions.len());
        let body = json!({ "description": said, "amount": major(amount), "invoice": invoice });
        if self.command(stage, "charge", ("charges", body)) {
            self.begin(&said, (usize::MAX, Price::Once(amount)), (1, stage.today));
            self.due_alone((stage.today, amount), due);
        }
    }
}
