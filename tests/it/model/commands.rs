//! What may happen to a subscription next? Each command is drawn, sent, and, when it was taken, reckoned with.

use serde_json::{Value, json};

use super::history::{History, Stage};
use super::parts::{Break, By, Key, Price};
use super::places::{Moment, NEVER, written};
use super::shop::{AT_FIRST, PLANS, latest};

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

/// When something is to count, as said and as a moment.
pub(super) type When = (Value, Moment);

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
        let has_ended = self.reckoning.end.map(|(end, _)| end <= stage.now);
        let is_usage = |key: &Key| matches!(self.reckoning.versions[key.version].price, Price::Usage(_));
        let usage_is_taken_back =
            self.charges.iter().any(|(key, charge)| is_usage(key) && !charge.target.is_untouched());
        let counts_periods = self.reckoning.free.as_ref().is_some_and(|free| free.periods.is_some());
        let elsewhere = self.reckoning.place.is_elsewhere();
        match () {
            () if has_ended == Some(true) && self.chance.one_in(3) => "cancel",
            () if has_ended.is_some() && self.chance.one_in(4) => "uncancel",
            () if has_ended.is_none() && self.plans_ahead(stage.now) && self.chance.one_in(6) => "cancel",
            () if self.is_exact && self.waits(stage.now) && self.chance.one_in(4) => "charge",
            () if (usage_is_taken_back || self.granted > 0) && self.chance.one_in(4) => "void_usage",
            () if counts_periods && self.reckoning.breaks.is_empty() && self.chance.one_in(3) => {
                "pause_extend"
            }
            () if self.is_extended(stage.now) && self.chance.one_in(3) => {
                if self.chance.one_in(3) {
                    "cancel"
                } else {
                    "quantity"
                }
            }
            () if elsewhere && self.reckoning.breaks.is_empty() && self.chance.one_in(8) => "pause_extend",
            () if self.uses_lately(stage.now) && self.chance.one_in(4) => "pause_credit",
            () if self.sells_calls(self.reckoning.place.later(stage.now, -1)) && self.chance.one_in(3) => {
                "usage"
            }
            () => drawn,
        }
    }

    /// Whether a period runs, elsewhere, of which a break put a part off: days over a change of the clock are days.
    fn is_extended(&self, now: Moment) -> bool {
        let over = |b: &Break| b.extends && b.until <= now && now < self.reckoning.next_boundary(b.until);
        self.reckoning.place.is_elsewhere() && self.reckoning.breaks.iter().any(over)
    }

    /// Whether something is to be another on a day to come.
    fn plans_ahead(&self, now: Moment) -> bool {
        self.reckoning.versions.iter().any(|v| {
            v.from < v.to && (v.from > now.max(self.reckoning.begin) || (v.to > now && v.to != NEVER))
        })
    }

    pub(super) fn now(&self, stage: &Stage<'_>) -> When {
        (json!("now"), stage.now.max(self.reckoning.begin))
    }

    pub(super) fn period_end(&self, stage: &Stage<'_>) -> When {
        let begin = self.reckoning.begin;
        let at = if stage.now < begin { begin } else { self.reckoning.next_boundary(stage.now) };
        (json!("period_end"), at)
    }

    /// On a day so much later, if not at the same time.
    fn ahead(&mut self, stage: &Stage<'_>, (least, most): (i64, i64)) -> Moment {
        let days = self.chance.between(least, most);
        self.days_from(stage.now.max(self.reckoning.begin), days)
    }

    /// So many days later, if not at the same time.
    pub(super) fn days_from(&mut self, at: Moment, days: i64) -> Moment {
        let place = self.reckoning.place;
        place.within(place.later(at, days), &mut self.chance)
    }

    /// How a change is counted.
    pub(super) fn counted(&mut self, body: &mut Value) -> By {
        if self.by_second && !self.chance.one_in(3) {
            body["proration"] = json!("by_second");
            return By::Second;
        }
        By::Day
    }

    /// Now, at the period's end, or on a day to come; elsewhere, also at the very moment at which something else comes or goes.
    pub(super) fn some_time(&mut self, stage: &Stage<'_>) -> When {
        if self.reckoning.place.is_elsewhere() && self.chance.one_in(5) {
            let others = self.reckoning.moments_after(stage.now);
            if !others.is_empty() {
                let at = *self.chance.pick(&others);
                return (json!(written(at)), at);
            }
        }
        match self.chance.below(4) {
            0 => self.period_end(stage),
            1 => {
                let at = self.ahead(stage, (1, 20));
                (json!(written(at)), at)
            }
            _ => self.now(stage),
        }
    }

    /// `now` or `next`, and the day on which what counts from a day is billed.
    pub(super) fn billed(&mut self, stage: &Stage<'_>, at: Moment) -> (&'static str, Moment) {
        let soonest = at.max(stage.now);
        if self.chance.one_in(2) {
            return ("now", soonest);
        }
        // Which period is the next is not said of a day in a break that moves it.
        self.is_exact &=
            !self.reckoning.breaks.iter().any(|b| b.extends && b.from < b.until && b.until > soonest);
        let is_midnight = self.reckoning.place.begun(at) == at;
        let begins_a_period = at >= stage.now && is_midnight && self.reckoning.boundaries().contains(&at);
        ("next", if begins_a_period { at } else { self.reckoning.next_boundary(soonest) })
    }

    /// Whether a break that extends lies over a day: nothing is changed in it.
    pub(super) fn in_extension(&self, at: Moment) -> bool {
        self.reckoning.breaks.iter().any(|b| b.extends && b.from <= at && at < b.until)
    }

    fn has_break_ahead(&self, at: Moment) -> bool {
        self.reckoning.breaks.iter().any(|b| b.until > at && b.from < b.until)
    }

    pub fn plan_on(&self, at: Moment) -> Option<usize> {
        self.reckoning.in_force(at).first().map(|n| self.reckoning.versions[*n].plan)
    }

    fn counted_on(&self, at: Moment) -> Vec<usize> {
        let mut seats = self.reckoning.in_force(at);
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
        let by = self.counted(&mut body);
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
                self.follow(n, (at, by), Some(next));
            }
        }
        self.due(stage.now, (at, due));
    }

    fn change_plan(&mut self, stage: &Stage<'_>, kind: &'static str, when: Option<(When, bool)>) {
        let ((said, at), replaces) = match when {
            Some(when) => when,
            None => (self.some_time(stage), false),
        };
        let plan = usize::try_from(self.chance.below(i64::try_from(AT_FIRST).unwrap())).unwrap();
        let plan = latest(plan, stage.plans.len());
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
        let by = self.counted(&mut body);
        let named = format!("plan_{plan}");
        if !self.command(stage, kind, ("change", body)) {
            return;
        }
        self.log.push(format!("    that is {named}"));
        if replaces {
            self.drop_later(at);
        }
        self.move_to(plan, (at, by), Some(quantity));
        self.due(stage.now, (at, due));
    }

    /// Everything in force becomes what the other plan has of it. What an end has put aside is planned no longer.
    fn move_to(&mut self, plan: usize, (at, by): (Moment, By), quantity: Option<i64>) {
        if let Some((end, _)) = self.reckoning.end {
            self.drop_later(at.max(end - 1));
        }
        let (mut had, mut until) = (Vec::new(), NEVER);
        for n in self.reckoning.in_force(at) {
            let v = self.reckoning.versions[n].clone();
            until = until.min(v.to);
            let by = self.follow(n, (at, by), None);
            had.push((v.code, v.quantity, by));
        }
        for sold in PLANS[plan] {
            let before = had.iter().find(|(code, ..)| code == sold.code);
            if sold.add_on && before.is_none() {
                continue;
            }
            let counted = quantity.or(before.map(|(_, quantity, _)| *quantity)).unwrap_or(1);
            self.begin(sold.code, (plan, sold.price), (if sold.counted { counted } else { 1 }, at));
            let begun = self.reckoning.versions.last_mut().unwrap();
            (begun.to, begun.starts_by) = (until, before.map_or(by, |(.., by)| *by));
        }
        if plan >= AT_FIRST {
            self.kinds.insert("next_version");
        }
    }

    /// To the latest version of its plan, when its period ends.
    fn migrate(&mut self, stage: &Stage<'_>) {
        let (_, at) = self.period_end(stage);
        let Some(plan) = self.plan_on(at) else { return };
        let newest = latest(plan, stage.plans.len());
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
            self.move_to(newest, (at, By::Day), None);
            self.due(stage.now, (at, at));
        }
    }

    /// A change in place of what was planned.
    fn replace(&mut self, stage: &Stage<'_>) {
        if self.has_break_ahead(stage.now) || self.reckoning.end.is_some() {
            return;
        }
        let when = Some((self.now(stage), true));
        match self.chance.one_in(2) {
            true => self.change_quantity(stage, "replace", when),
            false => self.change_plan(stage, "replace", when),
        }
    }

    fn planned(&mut self, stage: &Stage<'_>) {
        let at = self.ahead(stage, (3, 40));
        let when = Some(((json!(written(at)), at), false));
        match self.chance.one_in(2) {
            true => self.change_quantity(stage, "planned", when),
            false => self.change_plan(stage, "planned", when),
        }
    }

    fn backdated(&mut self, stage: &Stage<'_>) {
        let days = self.chance.between(1, 35);
        let at = self.days_from(stage.now, -days);
        let broken = self.reckoning.breaks.iter().any(|b| b.from < b.until && b.until > at);
        if at < self.reckoning.begin || broken || self.reckoning.end.is_some() {
            return;
        }
        let when = Some(((json!(written(at)), at), self.chance.one_in(3)));
        match self.chance.one_in(2) {
            true => self.change_quantity(stage, "backdated", when),
            false => self.change_plan(stage, "backdated", when),
        }
    }
}
