//! When is a subscription not had any more, for a while or for good? Breaks and ends, and the taking back of both: canceled on the 17th,
//! uncanceled on the 20th, it goes on as if nothing had been.

use serde_json::json;

use super::commands::When;
use super::history::{History, Stage};
use super::parts::{Break, By, Price};
use super::places::{NEVER, written};

/// What is charged for leaving early.
const FEE: &str = "fee for leaving";

impl History {
    pub(super) fn pause(&mut self, stage: &Stage<'_>, kind: &'static str) {
        let (said, at) = self.some_time(stage);
        let extends = kind == "pause_extend";
        let arrears = |n: &usize| !matches!(self.reckoning.versions[*n].price, Price::Advance(_));
        let behind = self.reckoning.in_force(at).iter().any(arrears);
        if self.in_extension(at) || (extends && (behind || self.reckoning.end.is_some())) {
            return;
        }
        let most = if self.uses_lately(stage.now) { 5 } else { 25 };
        let days = (!self.chance.one_in(3)).then(|| self.chance.between(1, most));
        let until = days.map(|days| self.days_from(at, days));
        let (invoice, due) = self.billed(stage, at);
        let mode = if extends { "extend" } else { "credit" };
        let mut body = json!({ "effective_at": said, "mode": mode, "invoice": invoice });
        if let Some(until) = until {
            body["resumes_at"] = json!(written(until));
        }
        if self.command(stage, kind, ("pause", body)) {
            self.reckoning.breaks.push(Break { from: at, until: until.unwrap_or(NEVER), extends });
            self.due(stage.now, (at, due));
            if let Some(until) = until.filter(|until| *until > stage.now) {
                self.due_on_its_day(until);
            }
        }
    }

    pub(super) fn resume(&mut self, stage: &Stage<'_>) {
        let Some(last) = self.reckoning.breaks.last().copied().filter(|b| b.until > stage.now) else {
            return;
        };
        if !self.command(stage, "resume", ("resume", json!({ "invoice": "now" }))) {
            return;
        }
        // A period's end is told of breaks with a planned end alone.
        let ends_a_period = self.reckoning.ends_a_period && last.until < NEVER;
        let until = stage.now.max(last.from);
        self.reckoning.breaks.last_mut().unwrap().until = until;
        if let Some((end, _)) = self.reckoning.end.as_mut().filter(|_| last.extends && ends_a_period) {
            let place = self.reckoning.place;
            *end = place.later(*end, place.day(until) - place.day(last.until));
        }
        self.due(stage.now, (stage.now, stage.now));
    }

    /// When it is to end: some time, or as of a day that is past; after it has ended, as of an earlier one.
    fn end_of_it(&mut self, stage: &Stage<'_>) -> Option<When> {
        let ended = self.reckoning.end.map(|(end, _)| end).filter(|end| *end <= stage.now);
        if ended.is_none() && !self.chance.one_in(4) {
            return Some(self.some_time(stage));
        }
        let days = self.chance.between(1, 35);
        let at = self.days_from(ended.unwrap_or(stage.now), -days);
        let broken = self.reckoning.breaks.iter().any(|b| b.from < b.until && b.until > at);
        (at >= self.reckoning.begin && !broken).then(|| (json!(written(at)), at))
    }

    pub(super) fn cancel(&mut self, stage: &Stage<'_>, kind: &'static str) {
        let Some((said, at)) = self.end_of_it(stage) else { return };
        let corrects = self.reckoning.end.is_some_and(|(end, _)| end <= stage.now && at < end);
        let credit = kind == "cancel";
        let arrears = |n: &usize| matches!(self.reckoning.versions[*n].price, Price::Arrears(_));
        // When a period ends that a break without an end interrupts is not known.
        let open = self.reckoning.breaks.iter().any(|b| b.extends && b.until == NEVER);
        if (said == "period_end" && open) || (!credit && self.reckoning.in_force(at).iter().any(arrears)) {
            return;
        }
        // One may leave within a trial.
        let at = if said == "now" { stage.now } else { at };
        let (invoice, due) = self.billed(stage, at);
        let mut body = json!({ "effective_at": said, "credit": credit, "invoice": invoice });
        let by = if credit { self.counted(&mut body) } else { By::Day };
        if self.command(stage, kind, ("cancel", body)) {
            // An end that was told wrongly, and its fee, never were.
            self.drop_fee();
            self.reckoning.end = Some((at, credit));
            self.reckoning.ends_by = by;
            self.reckoning.before_end = self.reckoning.versions.len();
            self.reckoning.ends_a_period = said == "period_end";
            // Leaving within the term, but not within the trial or at its end.
            let is_tried = at <= self.reckoning.begin && self.kinds.contains("trial");
            if let Some(fee) = self.fee.filter(|_| !is_tried) {
                self.begin(FEE, (usize::MAX, Price::Once(fee)), (1, at));
            }
            self.due(stage.now, (at, due));
        } else if corrects && self.log.last().is_some_and(|entry| entry.ends_with("already_canceled")) {
            self.wrong.push("an end that was told wrongly was not corrected".to_owned());
        }
    }

    fn drop_fee(&mut self) {
        for version in self.reckoning.versions.iter_mut().filter(|v| v.code == FEE) {
            version.to = version.from;
        }
    }

    pub(super) fn uncancel(&mut self, stage: &Stage<'_>) {
        let Some((end, _)) = self.reckoning.end else { return };
        if end <= self.reckoning.place.later(stage.now, -30) {
            return;
        }
        let (invoice, due) = self.billed(stage, end);
        if self.command(stage, "uncancel", ("uncancel", json!({ "invoice": invoice }))) {
            // What is paid at the end of a period was billed before it.
            self.is_exact &= end > stage.now;
            self.reckoning.end = None;
            self.drop_fee();
            self.due(stage.now, (end, if invoice == "now" { stage.now } else { due }));
        }
    }
}
