//! What if a customer takes a break? From the pause to the resumption nothing is in force; the rest of the paid period is
//! either credited, or had after the break: paid until 1 February, paused from 17 January for 10 days, paid until the 11th.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::editing::{Edge, Next};
use super::extension::extended;
use super::phase::Phase;
use super::terms::Terms;
use super::when::{self, Bill, Effective, Moment, Today};
use super::{ItemVersion, Subscription, Timeline};
use crate::domain::calendar::CalendarError;
use crate::domain::catalog::{Billing, PriceKind};
use crate::domain::ids::{ItemId, ItemVersionId};
use crate::domain::proration::Basis;
use crate::domain::refusal::{Refusal, RefusalKind};

/// A break of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    pub from: DateTime<Utc>,
    /// `None`: until it is resumed.
    pub until: Option<DateTime<Utc>>,
    pub mode: PauseMode,
}

/// What becomes of the rest of the period that is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PauseMode {
    /// It is credited; after the break, the rest of the period it falls in is charged.
    Credit,
    /// It is had after the break: the end of the paid period moves by the days of the break, and so does an agreed end.
    Extend,
}

impl PauseMode {
    /// As stored and as written on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            PauseMode::Credit => "credit",
            PauseMode::Extend => "extend",
        }
    }

    /// Reads what [`PauseMode::as_str`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<PauseMode> {
        [PauseMode::Credit, PauseMode::Extend].into_iter().find(|mode| mode.as_str() == text)
    }
}

impl Pause {
    /// Whether it is on at an instant.
    #[must_use]
    pub fn is_on(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }

    /// Whether it is on then or later. What was taken back before it began never is.
    #[must_use]
    pub fn is_ahead(&self, at: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| at < until && self.from < until)
    }
}

/// What a caller wants of a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PauseRequest {
    pub effective_at: Effective,
    pub mode: PauseMode,
    pub resumes_at: Option<DateTime<Utc>>,
    pub bill: Bill,
}

/// What a caller wants of a resumption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResumeRequest {
    pub effective_at: Effective,
    pub bill: Bill,
}

/// A subscription as a pause or resumption finds it.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    pub subscription: &'a Subscription,
    pub phases: &'a [Phase],
    pub timeline: &'a Timeline,
    /// The number of the next phase.
    pub next_phase: i16,
    pub today: Today,
}

/// And as it leaves it.
#[derive(Debug, Clone)]
pub struct Left {
    pub subscription: Subscription,
    pub timeline: Timeline,
    pub phase: Option<Phase>,
    pub edge: Edge,
    /// Phases that would have begun later than this are taken back.
    pub replaces_after: DateTime<Utc>,
}

/// Why there can be no pause or resumption like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is a pause already.
    #[error("this subscription is paused from {from}{}; resume it first", until_text(.until))]
    AlreadyPaused {
        /// Since when.
        from: DateTime<Utc>,
        /// Until when, if that is known.
        until: Option<DateTime<Utc>>,
    },
    /// There is none.
    #[error("this subscription is not paused, so there is nothing to resume; pause it first")]
    NotPaused,
    /// The break would be over before it begins.
    #[error("resumes_at must be later than the pause, {from}")]
    ResumesBeforeItPauses {
        /// When it begins.
        from: DateTime<Utc>,
    },
    /// Something else is to happen later.
    #[error("a change at {at} comes later; take it back first, by a change with replace_scheduled")]
    LaterChanges {
        /// The first of them.
        at: DateTime<Utc>,
    },
    /// There was another break since.
    #[error("this subscription was paused from {from} to {until}; choose that or a later effective_at")]
    WasPaused {
        /// Since when.
        from: DateTime<Utc>,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// A break has no period to end.
    #[error("a pause has no period; resume now, or give an instant")]
    NoPeriod,
    /// The instant is not possible.
    #[error(transparent)]
    When(#[from] when::Refused),
    /// The date leaves the calendar.
    #[error("{0}")]
    Calendar(#[from] CalendarError),
}

fn until_text(until: &Option<DateTime<Utc>>) -> String {
    until.map(|until| format!(" to {until}")).unwrap_or_default()
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::AlreadyPaused { .. } => "already_paused",
            Refused::NotPaused => "not_paused",
            Refused::ResumesBeforeItPauses { .. } => "resumes_before_it_pauses",
            Refused::LaterChanges { .. } => "later_changes",
            Refused::WasPaused { .. } => "subscription_paused",
            Refused::NoPeriod => "no_period",
            Refused::When(refused) => refused.code(),
            Refused::Calendar(_) => "date_out_of_range",
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Refused::AlreadyPaused { .. } | Refused::NotPaused => None,
            Refused::ResumesBeforeItPauses { .. } => Some("/resumes_at".to_owned()),
            Refused::When(refused) => refused.pointer(),
            _ => Some("/effective_at".to_owned()),
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::AlreadyPaused { .. }
            | Refused::NotPaused
            | Refused::LaterChanges { .. }
            | Refused::WasPaused { .. } => RefusalKind::State,
            Refused::When(refused) => refused.kind(),
            _ => RefusalKind::Rule,
        }
    }
}

impl PauseRequest {
    /// The subscription with the pause, and with its resumption when that is known.
    ///
    /// # Errors
    /// [`Refused`]: that it is paused, then the instants, then that something later contradicts.
    pub fn pause(self, found: Found<'_>, mint: impl FnMut() -> Uuid) -> Result<Left, Refused> {
        let Found { subscription, phases, timeline, today, .. } = found;
        let now = today.now;
        if let Some(Pause { from, until, .. }) = subscription.pause.filter(|pause| pause.is_ahead(now)) {
            return Err(Refused::AlreadyPaused { from, until });
        }
        let moment = self.effective_at.moment(subscription, phases, today)?;
        if self.resumes_at.is_some_and(|at| at <= moment.at) {
            return Err(Refused::ResumesBeforeItPauses { from: moment.at });
        }
        if let Some(Pause { from, until: Some(until), .. }) =
            subscription.pause.filter(|p| p.is_ahead(moment.at))
        {
            return Err(Refused::WasPaused { from, until });
        }
        if let Some(&at) = timeline.changes_after(moment.at, subscription.end_at).first() {
            return Err(Refused::LaterChanges { at });
        }
        let cycle = subscription.phase_at(phases, moment.at).cycle;
        let edge = moment.edge(&cycle, (Basis::ByDay, self.bill), false)?;
        let mut timeline = timeline.clone();
        let held: Vec<ItemVersion> = timeline.recurring_at(moment.at).cloned().collect();
        for version in held {
            timeline.hold(&version, Edge { basis: self.mode.ends_by(&version), ..edge })?;
        }
        if edge.due_from <= now {
            timeline.put_off_no_longer_than(now);
        }
        let pause = Pause { from: moment.at, until: self.resumes_at, mode: self.mode };
        let mut left = Left {
            subscription: Subscription { pause: Some(pause), ..subscription.clone() },
            timeline,
            phase: None,
            edge,
            replaces_after: moment.at,
        };
        if let Some(at) = self.resumes_at {
            let moment = Moment { at, now };
            // What is to come is billed on its day; what was told late, with the pause.
            let bill = if at > now { Bill::Now } else { self.bill };
            left = Break { found, pause }.over(left, (moment, bill), mint)?;
            left.edge = edge;
        } else if self.mode == PauseMode::Extend {
            left.subscription = left.subscription.with_steps_after_a_break(pause.from)?;
        }
        Ok(left)
    }
}

impl Subscription {
    /// Since when a break that is on at an instant keeps the rest of what is paid for later.
    pub(super) fn keeps_from(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let pause = self.pause.filter(|pause| pause.mode == PauseMode::Extend && pause.is_on(at))?;
        Some(pause.from)
    }
}

impl Subscription {
    /// How what a break held ends with the subscription: as its cancellation said, or by the days of an agreed end.
    fn ends_by(&self, held: &ItemVersion) -> Basis {
        held.bounds.held.filter(|_| self.canceled_at.is_some()).unwrap_or_default()
    }
}

impl PauseMode {
    /// How a version ends for the break: what was paid ahead is kept for later, what is paid behind is due for its days.
    fn ends_by(self, version: &ItemVersion) -> Basis {
        match (self, version.terms.billing) {
            (PauseMode::Extend, Billing::InAdvance) => Basis::None,
            _ => Basis::ByDay,
        }
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
        let at = match self.effective_at {
            Effective::Now => now.max(pause.from),
            Effective::At(at) | Effective::Planned(at) => at.max(pause.from),
            Effective::PeriodEnd | Effective::TermEnd => return Err(Refused::NoPeriod),
        };
        let moment = Effective::At(at).moment(subscription, found.phases, today)?;
        let mut timeline = timeline.clone();
        // What was to begin after the break never does; what ended for it ends as it did.
        let planned = |v: &&mut ItemVersion| v.terms.kind != PriceKind::OneTime && v.valid_from > pause.from;
        for version in timeline.versions.iter_mut().filter(planned) {
            version.valid_to = Some(version.valid_from);
        }
        let subscription = Subscription {
            end_at: found.before_the_break(subscription.end_at, pause),
            agreed_end_at: found.before_the_break(subscription.agreed_end_at, pause),
            terms: found.agreed_terms(pause)?,
            ..subscription.clone()
        };
        let edge = Edge { at, basis: Basis::ByDay, due_from: at.max(now) };
        let left = Left { subscription, timeline, phase: None, edge, replaces_after: pause.from };
        Break { found, pause }.over(left, (moment, self.bill), mint)
    }
}

impl Found<'_> {
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
struct Break<'a> {
    found: Found<'a>,
    pause: Pause,
}

impl Break<'_> {
    /// Begins what the break ended.
    fn over(
        self,
        mut left: Left,
        (moment, bill): (Moment, Bill),
        mut mint: impl FnMut() -> Uuid,
    ) -> Result<Left, Refused> {
        let Break { found, pause } = self;
        let at = moment.at;
        let before = found.subscription.phase_at(found.phases, pause.from);
        let cycle = match pause.mode {
            // Taken back before it begins, it moves nothing.
            PauseMode::Extend if at > pause.from => Some(extended(&before.cycle, pause.from, at)?),
            _ => None,
        };
        // Unless something is left of the period that is paid.
        let begins_a_period = match cycle {
            None => false,
            Some(cycle) => cycle.zone().days_between(cycle.boundary(0)?, at) == 0,
        };
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
        // The rest of the paid period costs nothing: it is on the invoice of the next.
        let bill = if cycle.is_some() && !begins_a_period { Bill::Next } else { bill };
        let mut edge = moment.edge(&cycle.unwrap_or(before.cycle), (Basis::ByDay, bill), false)?;
        if let Some(cycle) = cycle.filter(|_| !begins_a_period) {
            edge.due_from = edge.due_from.max(cycle.boundary(0)?);
        }
        for version in held_at(&left.timeline, pause.from) {
            let ends_by = left.subscription.ends_by(&version);
            // Taken back before it begins, it never was.
            if let Some(held) = left.timeline.held_to(version.id).filter(|_| at == pause.from) {
                held.end_anew(left.subscription.end_at);
                held.bounds.ends_by = ends_by;
                held.settle_again(edge.due_from, at <= moment.now);
                continue;
            }
            let next = Next {
                item_id: version.item_id,
                quantity: version.quantity,
                terms: version.terms,
                price_override: version.price_override,
                phase_no: phase.map_or(before.no, |phase| phase.no),
                until: left.subscription.end_at,
            };
            // By the basis it ended by: what was kept for after the break is not paid again.
            let is_paid =
                cycle.is_some() || before.cycle.index_at(pause.from)? == before.cycle.index_at(at)?;
            let basis = if begins_a_period || !is_paid { Basis::ByDay } else { version.bounds.ends_by };
            let edge = Edge { basis, ..edge };
            let id = ItemVersionId::from_uuid(mint());
            left.timeline.begin_item(id, next, edge);
            if let Some(begun) = left.timeline.held_to(id) {
                begun.bounds.ends_by = ends_by;
            }
        }
        left.phase = phase;
        left.edge = edge;
        if edge.due_from <= moment.now {
            left.timeline.put_off_no_longer_than(moment.now);
        }
        Ok(left)
    }
}

/// What the break ended, each item as it was last: one that began with the break is empty, and goes on all the same.
fn held_at(timeline: &Timeline, at: DateTime<Utc>) -> Vec<ItemVersion> {
    let mut last: BTreeMap<ItemId, &ItemVersion> = BTreeMap::new();
    let recurring = timeline.versions.iter().filter(|v| v.terms.kind != PriceKind::OneTime);
    for version in recurring.filter(|v| v.bounds.held.is_some() && v.valid_to == Some(at) && !v.is_withdrawn()) {
        let known = last.entry(version.item_id).or_insert(version);
        if (known.valid_from, known.id) < (version.valid_from, version.id) {
            *known = version;
        }
    }
    last.into_values().cloned().collect()
}
