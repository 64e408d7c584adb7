//! When is a break over, and what goes on then? What it ended, as it was, up to where it was to become another, or up to the end of all.
//!
//! A break from 10 January to the 20th, and 5 seats planned for the 25th: resumed on the 15th, there are 5 seats from the 25th all the same.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::editing::{Edge, Next};
use super::super::phase::Phase;
use super::super::terms::Terms;
use super::super::when::{Bill, Effective, Moment};
use super::super::{ItemVersion, Subscription, Timeline};
use super::extension::extended;
use super::pause::{Found, Left, Pause, PauseMode, Refused};
use crate::domain::calendar::{CalendarError, Cycle};
use crate::domain::catalog::PriceKind;
use crate::domain::ids::{ItemId, ItemVersionId};
use crate::domain::proration::Basis;

/// What a caller wants of a resumption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResumeRequest {
    pub effective_at: Effective,
    pub bill: Bill,
}

impl Subscription {
    /// How what a break held ends with the subscription: as its cancellation said, or by the days of an agreed end.
    fn ends_by(&self, held: &ItemVersion) -> Basis {
        held.bounds.held.filter(|_| self.canceled_at.is_some()).unwrap_or_default()
    }
}

impl ResumeRequest {
    /// The subscription as it goes on after the break; or, before that has begun, as if it had never been meant.
    ///
    /// # Errors
    /// [`Refused`]: that it is not paused, then the instant.
    pub fn resume(self, found: Found<'_>, mint: impl FnMut() -> Uuid) -> Result<Left, Refused> {
        let Found { subscription, timeline, today, .. } = found;
        let now = today.now;
        let Some(pause) = subscription.pause.filter(|pause| pause.is_ahead(now)) else {
            return Err(Refused::NotPaused);
        };
        let at = match self.effective_at.in_zone_of(subscription)? {
            Effective::Now => now.max(pause.from),
            Effective::At(at) | Effective::Planned(at) => at.max(pause.from),
            Effective::On(_) | Effective::PeriodEnd | Effective::TermEnd => return Err(Refused::NoPeriod),
        };
        let moment = Effective::At(at).moment(subscription, found.phases, today)?;
        let mut timeline = timeline.clone();
        let planned = found.planned_after(pause);
        // What is left of a paid period moves with the break, and what is planned does not.
        let meets = |change: &DateTime<Utc>| pause.mode == PauseMode::Extend || *change < at;
        if let Some(at) = planned.changes.first().copied().filter(meets) {
            return Err(Refused::LaterChanges { at });
        }
        // What was to begin with the end of the break never does; what ended for it ends as it did.
        for version in timeline.versions.iter_mut().filter(|v| planned.resumed.contains(&v.id)) {
            version.withdraw_ahead(None);
        }
        let end_at = match pause.moves_end {
            true => found.before_the_break(subscription.end_at, pause),
            false => subscription.end_at,
        };
        let subscription = Subscription {
            end_at,
            agreed_end_at: found.before_the_break(subscription.agreed_end_at, pause),
            terms: found.agreed_terms(pause)?,
            ..subscription.clone()
        };
        let edge = Edge { at, basis: Basis::ByDay, due_from: at.max(now) };
        let replaces_after = if planned.changes.is_empty() { pause.from } else { DateTime::<Utc>::MAX_UTC };
        let left = Left {
            subscription,
            timeline,
            phase: None,
            edge,
            replaces_after,
            looks_from: at.min(pause.from),
        };
        Break { found, pause }.over(left, (moment, self.bill), mint)
    }
}

/// What was to come after a break when its end was planned.
struct Planned {
    /// What was to go on then.
    resumed: Vec<ItemVersionId>,
    /// When anything was to become another, the first first.
    changes: Vec<DateTime<Utc>>,
}

impl Found<'_> {
    /// What is to come after a break as it is planned.
    fn planned_after(&self, pause: Pause) -> Planned {
        let mut planned = Planned { resumed: Vec::new(), changes: Vec::new() };
        let Some(until) = pause.until else { return planned };
        let held = held_at(self.timeline, pause.from);
        let later =
            |v: &&ItemVersion| v.terms.kind != PriceKind::OneTime && v.valid_from >= until && !v.is_empty();
        for version in self.timeline.versions.iter().filter(later) {
            if version.valid_from == until && held.iter().any(|held| held.is_same_as(version)) {
                planned.resumed.push(version.id);
                planned.changes.extend(version.valid_to.filter(|to| Some(*to) != self.subscription.end_at));
            } else {
                planned.changes.push(version.valid_from);
            }
        }
        planned.changes.sort_unstable();
        planned
    }

    /// How what a break held was to end when its end was planned: where it becomes another, or with all.
    fn ending_of(&self, held: &ItemVersion, pause: Pause, all: Option<DateTime<Utc>>) -> Ending {
        let by_all = Ending { at: all, basis: self.subscription.ends_by(held), due_from: None };
        let Some(until) =
            pause.until.filter(|_| self.subscription.pause == Some(pause) && pause.mode == PauseMode::Credit)
        else {
            return by_all;
        };
        let of_item = |v: &&ItemVersion| v.item_id == held.item_id && v.valid_from == until && !v.is_empty();
        let next = self.timeline.versions.iter().find(of_item);
        match next {
            Some(next) if next.is_same_as(held) => {
                Ending { at: next.valid_to, basis: next.bounds.ends_by, due_from: next.bounds.end_due_from }
            }
            _ if all.is_some_and(|end| end <= until) => by_all,
            _ => Ending {
                at: Some(until),
                basis: next.map(|next| next.bounds.starts_by).unwrap_or_default(),
                due_from: None,
            },
        }
    }

    /// An end as it was before a planned resumption moved it.
    fn before_the_break(&self, end: Option<DateTime<Utc>>, pause: Pause) -> Option<DateTime<Utc>> {
        let end = end?;
        match (pause.mode, pause.until) {
            (PauseMode::Extend, Some(until)) => {
                Some(self.subscription.cycle.zone().days_later(end, self.zone_days(until, pause.from)))
            }
            _ => Some(end),
        }
    }

    /// The terms there were before a planned resumption moved them.
    fn agreed_terms(&self, pause: Pause) -> Result<Option<Terms>, CalendarError> {
        let days = match (pause.mode, pause.until) {
            (PauseMode::Extend, Some(until)) => self.zone_days(until, pause.from),
            _ => 0,
        };
        let since = self.subscription.since();
        self.subscription.terms.map(|terms| terms.stretched(since, (pause.from, days))).transpose()
    }

    fn zone_days(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
        self.subscription.cycle.zone().days_between(from, to)
    }
}

/// A break that comes to its end.
pub(super) struct Break<'a> {
    pub found: Found<'a>,
    pub pause: Pause,
}

/// The time after a break.
struct After {
    /// Of a break that moves what is left of the period it lies in.
    cycle: Option<Cycle>,
    /// Where most goes on. What is left of a paid period costs nothing: it is on the invoice of the next.
    edge: Edge,
    /// When what was not paid yet is due.
    soonest: DateTime<Utc>,
    /// Whether the period goes on in which the break began.
    is_same_period: bool,
}

impl After {
    /// Whether what is left of the period is had now.
    fn keeps_the_rest(&self) -> bool {
        self.cycle.is_some() && self.is_same_period
    }

    /// Where a version goes on that a break ended, or that began with the break: that was not paid before it.
    fn edge_of(&self, version: &ItemVersion, timeline: &Timeline) -> Edge {
        let is_new = version.is_empty() && timeline.paid_by(version).is_none();
        let basis = match (self.is_same_period, version.is_empty()) {
            // As it ended: what was kept for after the break is not paid again.
            (true, false) => version.bounds.ends_by,
            // As it came, where all that is left is had later, or the break never was.
            (true, true) if self.cycle.is_some() || version.valid_from == self.edge.at => {
                version.bounds.starts_by
            }
            _ => Basis::ByDay,
        };
        Edge { basis, due_from: if is_new { self.soonest } else { self.edge.due_from }, ..self.edge }
    }
}

impl Break<'_> {
    /// How time goes on where the break is over, in the cycle after it.
    fn after(&self, before: &Phase, (moment, bill): (Moment, Bill)) -> Result<After, Refused> {
        let (from, at) = (self.pause.from, moment.at);
        let cycle = match self.pause.mode {
            // Taken back before it begins, it moves nothing.
            PauseMode::Extend if at > from => Some(extended(&before.cycle, from, at)?),
            _ => None,
        };
        // Unless something is left of the period.
        let begins_a_period = match cycle {
            None => false,
            Some(cycle) => cycle.zone().days_between(cycle.boundary(0)?, at) == 0,
        };
        let edge = |bill| moment.edge(&cycle.unwrap_or(before.cycle), (Basis::ByDay, bill), false);
        let soonest = edge(bill)?.due_from;
        let Some(rest) = cycle.filter(|_| !begins_a_period) else {
            let is_same_period =
                cycle.is_none() && before.cycle.index_at(from)? == before.cycle.index_at(at)?;
            return Ok(After { cycle, edge: edge(bill)?, soonest, is_same_period });
        };
        let waits = edge(Bill::Next)?;
        let edge = Edge { due_from: waits.due_from.max(rest.boundary(0)?), ..waits };
        Ok(After { cycle, edge, soonest, is_same_period: true })
    }

    /// Begins what the break ended.
    pub(super) fn over(
        self,
        mut left: Left,
        (moment, bill): (Moment, Bill),
        mut mint: impl FnMut() -> Uuid,
    ) -> Result<Left, Refused> {
        let Break { found, pause } = self;
        let at = moment.at;
        let before = found.subscription.phase_at(found.phases, pause.from);
        let after = Break { found, pause }.after(&before, (moment, bill))?;
        let (cycle, edge) = (after.cycle, after.edge);
        left.subscription.pause = Some(Pause { until: Some(at), ..pause });
        if pause.mode == PauseMode::Extend {
            let (zone, days) = (before.cycle.zone(), found.zone_days(pause.from, at));
            let agreed = left.subscription.agreed_end_at.map(|end| zone.days_later(end, days));
            left.subscription = left.subscription.moved_by_a_break((pause.from, days))?;
            left.subscription.agreed_end_at = agreed;
        }
        let phase = cycle.map(|cycle| Phase {
            no: found.next_phase,
            valid_from: at,
            replaced: false,
            cycle,
            ..before
        });
        left.timeline.later_cycles.extend(phase.map(|phase| (phase.no, phase.cycle)));
        for version in held_at(&left.timeline, pause.from) {
            let ending = found.ending_of(&version, pause, left.subscription.end_at);
            // Taken back before it begins, it never was.
            if let Some(held) = left.timeline.held_to(version.id).filter(|_| at == pause.from) {
                held.end_anew(ending.at);
                held.settle_again(edge.due_from, at <= moment.now);
                held.ends(ending);
                continue;
            }
            let version = match after.keeps_the_rest() {
                true => left.timeline.hold_by(version, pause.mode),
                false => version,
            };
            let edge = after.edge_of(&version, &left.timeline);
            let next = Next {
                item_id: version.item_id,
                quantity: version.quantity,
                terms: version.terms,
                price_override: version.price_override,
                phase_no: phase.map_or(before.no, |phase| phase.no),
                until: ending.at,
            };
            let id = ItemVersionId::from_uuid(mint());
            left.timeline.begin_item(id, next, edge);
            if let Some(begun) = left.timeline.held_to(id) {
                begun.ends(ending);
            }
        }
        left.phase = phase;
        left.edge = edge;
        if edge.due_from <= moment.now {
            left.timeline.postpone_no_longer_than(moment.now);
        }
        Ok(left)
    }
}

impl Timeline {
    /// Lets what a break held be as the break left it: what was given back of it, for it was to go on no more, is had after all.
    fn hold_by(&mut self, mut version: ItemVersion, mode: PauseMode) -> ItemVersion {
        if let Some(held) = self.held_to(version.id) {
            held.bounds.ends_by = mode.ends_by(&version);
            version.clone_from(held);
        }
        version
    }
}

/// How a version ends.
#[derive(Debug, Clone, Copy)]
struct Ending {
    at: Option<DateTime<Utc>>,
    basis: Basis,
    due_from: Option<DateTime<Utc>>,
}

impl ItemVersion {
    /// Lets it end so, at the instant it ends at.
    fn ends(&mut self, ending: Ending) {
        self.bounds.ends_by = ending.basis;
        self.bounds.end_due_from = self.bounds.end_due_from.max(ending.due_from);
    }
}

/// What the break ended, each item as it was last: one that began with the break is empty, and goes on all the same.
fn held_at(timeline: &Timeline, at: DateTime<Utc>) -> Vec<ItemVersion> {
    let mut last: BTreeMap<ItemId, &ItemVersion> = BTreeMap::new();
    let recurring = timeline.versions.iter().filter(|v| v.terms.kind != PriceKind::OneTime);
    for version in recurring.filter(|v| v.is_held() && v.valid_to == Some(at)) {
        let known = last.entry(version.item_id).or_insert(version);
        if (known.valid_from, known.id) < (version.valid_from, version.id) {
            *known = version;
        }
    }
    last.into_values().cloned().collect()
}
