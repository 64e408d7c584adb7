//! When does a subscription end, and what is given back? Every item ends with it: 31.00 for January, canceled on the 17th
//! with credit, gives 15.00 back.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::breaks::pause::Pause;
use super::editing::{Edge, Next};
use super::phase::Phase;
use super::terms::Fee;
use super::undo::{GoesOn, SetEnd, Undo};
use super::when::{self, Bill, Effective, Moment, Today};
use super::{ItemVersion, PriceTerms, Subscription, Timeline};
use crate::domain::calendar::CalendarError;
use crate::domain::catalog::PriceKind;
use crate::domain::ids::{ItemId, ItemVersionId};
use crate::domain::proration::Basis;
use crate::domain::refusal::{Refusal, RefusalKind};

/// What a caller wants to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CancelRequest {
    pub effective_at: Effective,
    /// How the last period is cut: `none` gives nothing back.
    pub proration: Basis,
    pub bill: Bill,
    /// Where it is agreed for longer.
    pub early: Early,
}

/// What is charged to a customer who leaves before the agreed end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Early {
    /// The fee that was agreed; without one, it is refused.
    #[default]
    Charge,
    /// Nothing.
    Waive,
}

/// What leaving early costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owed {
    pub fee: Fee,
    /// To when it was agreed.
    pub until: DateTime<Utc>,
}

/// What the line of an early termination fee begins with.
pub const FEE: &str = "Early termination fee";

/// A subscription after its end was set or taken back.
#[derive(Debug, Clone)]
pub struct Ended {
    pub subscription: Subscription,
    pub timeline: Timeline,
    pub edge: Edge,
    /// A fee for leaving early, not charged yet.
    pub owed: Option<Owed>,
    /// What it would be without this end; or, where one was taken back, with it.
    pub before: (Subscription, Timeline),
    /// The first instant from which on anything may be another.
    pub looks_from: DateTime<Utc>,
}

/// Why it cannot be canceled, or that not taken back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is canceled.
    #[error(
        "this subscription was canceled at {canceled_at} and ends at {end}; uncancel it first to choose another end, or, once it has ended, give the instant at which it should have"
    )]
    AlreadyCanceled {
        /// When that was requested.
        canceled_at: DateTime<Utc>,
        /// When it ends.
        end: DateTime<Utc>,
    },
    /// It is agreed for longer.
    #[error(
        "this subscription is agreed until {until}: choose that effective_at or a later one, or give early_termination \"waive\" to let it go"
    )]
    Bound {
        /// When it may end.
        until: DateTime<Utc>,
    },
    /// Its terms renew.
    #[error("this subscription renews already; there is nothing to change")]
    RenewsAlready,
    /// Its terms do not.
    #[error("this subscription ends with its term already; there is nothing to change")]
    EndsAlready,
    /// It never ends by itself.
    #[error("this subscription is evergreen: it has no term to renew or to end with; cancel it to end it")]
    NoTerm,
    /// Books of long ago stay closed.
    #[error(
        "this subscription ended at {end}, and an end is corrected up to {days} days later: raise backdate_days of your billing settings, or start a new one"
    )]
    TooLate {
        /// When it ended.
        end: DateTime<Utc>,
        /// What is set.
        days: i64,
    },
    /// There is nothing to take back.
    #[error("this subscription is not canceled; cancel it to end it")]
    NotCanceled,
    /// The instant is not possible.
    #[error(transparent)]
    When(#[from] when::Refused),
    /// The date leaves the calendar.
    #[error("{0}")]
    Calendar(#[from] CalendarError),
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::AlreadyCanceled { .. } => "already_canceled",
            Refused::Bound { .. } => "bound_by_terms",
            Refused::RenewsAlready | Refused::EndsAlready => "nothing_to_change",
            Refused::NoTerm => "no_term",
            Refused::TooLate { .. } => "too_far_back",
            Refused::NotCanceled => "not_canceled",
            Refused::When(refused) => refused.code(),
            Refused::Calendar(_) => "date_out_of_range",
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Refused::When(refused) => refused.pointer(),
            Refused::Bound { .. } | Refused::Calendar(_) => Some("/effective_at".to_owned()),
            Refused::RenewsAlready | Refused::EndsAlready | Refused::NoTerm => Some("/auto_renew".to_owned()),
            Refused::AlreadyCanceled { .. } | Refused::NotCanceled | Refused::TooLate { .. } => None,
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::AlreadyCanceled { .. } | Refused::NotCanceled => RefusalKind::State,
            Refused::When(refused) => refused.kind(),
            _ => RefusalKind::Rule,
        }
    }
}

/// A subscription as the end of it finds it.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    pub subscription: &'a Subscription,
    pub phases: &'a [Phase],
    pub timeline: &'a Timeline,
    /// What the end that was set last took away; `None`: nothing is known of it, or there is none.
    pub undo: Option<&'a Undo>,
    pub today: Today,
}

impl CancelRequest {
    /// The subscription as it ends. What was planned for later never happens. An end that has come already and was told
    /// wrongly is corrected by the instant it should have had.
    ///
    /// # Errors
    /// [`Refused`]: that it is canceled already, then the rules of [`Effective::moment`], then that it is bound.
    pub fn cancel(self, found: Found<'_>) -> Result<Ended, Refused> {
        let Found { phases, today, .. } = found;
        let now = today.now;
        let effective_at = self.effective_at.in_zone_of(found.subscription)?;
        let open = match (found.subscription.canceled_at, found.subscription.end_at) {
            (Some(canceled_at), Some(end)) => {
                let Effective::At(_) = effective_at else {
                    return Err(Refused::AlreadyCanceled { canceled_at, end });
                };
                if end > now || effective_at == Effective::At(end) {
                    return Err(Refused::AlreadyCanceled { canceled_at, end });
                }
                found.may_correct(end)?;
                found.open()?
            }
            _ => found.subscription.clone(),
        };
        let corrects = found.subscription.end_at.filter(|_| found.subscription.canceled_at.is_some());
        let moment = self.effective_at.moment_of_end(&open, phases, today)?;
        let owed = self.owed(&open, (moment.at, now))?;
        let cycle = open.phase_at(phases, moment.at).cycle;
        let edge = moment.edge(&cycle, (self.proration, self.bill), false)?;
        let before = match corrects {
            Some(end) => found.given_back((end, open.end_at), found.edge(end, self.bill)?.due_from),
            None => found.timeline.clone(),
        };
        let mut timeline = ended_at(&before, edge)?;
        if let Some(pause) = open.pause.filter(|pause| pause.is_ahead(now)) {
            timeline.held_ends_by(pause.from, self.proration);
        }
        let kept_from = open.keeps_from(moment.at);
        if let Some(from) = kept_from {
            timeline.keep_no_longer(from, edge)?;
        }
        if edge.due_from <= now {
            timeline.postpone_no_longer_than(now);
        }
        let mut subscription = open.clone();
        subscription.agreed_end_at = open.end_at;
        subscription.end_at = Some(moment.at);
        subscription.canceled_at = Some(now);
        // A resumption that was planned for later never comes.
        if let Some(pause) = &mut subscription.pause {
            pause.until = pause.until.filter(|until| *until <= moment.at);
            pause.moves_end = matches!(self.effective_at, Effective::PeriodEnd | Effective::TermEnd);
        }
        let looks_from = edge.at.min(corrects.unwrap_or(edge.at)).min(kept_from.unwrap_or(edge.at));
        Ok(Ended { subscription, timeline, edge, owed, before: (open, before), looks_from })
    }

    fn owed(
        self,
        subscription: &Subscription,
        (at, now): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Option<Owed>, Refused> {
        let Some(terms) = subscription.terms.filter(|_| self.early == Early::Charge) else { return Ok(None) };
        let until = terms.free_to_end(subscription.since(), (at, now))?;
        match terms.fee {
            _ if until <= at => Ok(None),
            None => Err(Refused::Bound { until }),
            Some(fee) => Ok(Some(Owed { fee, until })),
        }
    }
}

impl Ended {
    /// What the end took away; `phases` are those there were. Nothing where there is no end.
    #[must_use]
    pub fn undo(&self, phases: &[Phase]) -> Option<Undo> {
        let end = self.subscription.end_at?;
        let (was, before) = &self.before;
        let replaced = phases.iter().filter(|phase| !phase.replaced && phase.valid_from > end);
        let replaced: Vec<i16> = replaced.map(|phase| phase.no).collect();
        let resumes_at = was.pause.and_then(|pause| pause.until);
        let ends_by = self.edge.basis;
        let set = SetEnd { end, ends_by, agreed: was.end_at, resumes_at, phases: replaced };
        Some(Undo::of(set, before, &self.timeline))
    }

    /// What is charged each period and no longer: whose tax the fee for leaving early has.
    #[must_use]
    pub fn ends(&self) -> Vec<ItemVersionId> {
        let at = self.edge.at;
        let runs = |version: &&ItemVersion| {
            version.terms.kind != PriceKind::OneTime
                && version.valid_from <= at
                && version.valid_to.is_none_or(|to| to > at)
        };
        self.before.1.versions.iter().filter(runs).map(|version| version.id).collect()
    }

    /// Charges the fee for leaving early, with the last bill. Taken back with the cancellation.
    pub fn charge_fee(&mut self, phases: &[Phase], fee: PriceTerms, mut mint: impl FnMut() -> Uuid) {
        let next = Next {
            item_id: ItemId::from_uuid(mint()),
            quantity: Decimal::ONE,
            terms: Arc::new(fee),
            price_override: None,
            phase_no: self.subscription.phase_at(phases, self.edge.at).no,
            until: None,
        };
        let edge = Edge { basis: Basis::ByDay, ..self.edge };
        self.timeline.begin_item(ItemVersionId::from_uuid(mint()), next, edge);
    }
}

/// A timeline whose every item ends at an edge. What was charged beside the plan before that was told stays charged, and is on the last
/// bill.
///
/// # Errors
/// [`CalendarError::OutOfRange`] outside the calendar's years.
pub fn ended_at(timeline: &Timeline, edge: Edge) -> Result<Timeline, CalendarError> {
    let mut timeline = timeline.clone();
    let stays = |v: &ItemVersion| {
        let in_reach = edge.at <= v.valid_from && v.valid_from <= edge.due_from;
        v.terms.price_id.uuid().is_nil() && in_reach && !v.is_empty()
    };
    for version in timeline.versions.iter_mut().filter(|v| stays(v)) {
        version.bounds.due_from = version.bounds.due_from.map(|due| due.min(edge.due_from));
    }
    let charged: Vec<ItemId> = timeline.versions.iter().filter(|v| stays(v)).map(|v| v.item_id).collect();
    for item in items(&timeline).into_iter().filter(|item| !charged.contains(item)) {
        timeline.end_item(item, edge)?;
    }
    Ok(timeline)
}

/// Takes a cancellation back: everything goes on as had been decided before it, with what was planned for after the end. One
/// that has taken effect, too, for as many days as the past may be changed.
///
/// # Errors
/// [`Refused`]: that it is not canceled, then that it ended too long ago.
pub fn uncancel(found: Found<'_>, bill: Bill) -> Result<Ended, Refused> {
    let now = found.today.now;
    let Some(end) = found.subscription.end_at.filter(|_| found.subscription.canceled_at.is_some()) else {
        return Err(match found.subscription.end_at {
            Some(end) if end <= now => when::Refused::Over { end }.into(),
            _ => Refused::NotCanceled,
        });
    };
    found.may_correct(end)?;
    let subscription = found.open()?;
    let edge = found.edge(end, bill)?;
    let mut timeline = found.given_back((end, subscription.end_at), edge.due_from);
    if bill == Bill::Now {
        timeline.postpone_no_longer_than(now);
    }
    let before = (found.subscription.clone(), found.timeline.clone());
    let looks_from = subscription.keeps_from(end).unwrap_or(end);
    Ok(Ended { subscription, timeline, edge, owed: None, before, looks_from })
}

impl Found<'_> {
    /// Refuses to change an end of long ago.
    fn may_correct(&self, end: DateTime<Utc>) -> Result<(), Refused> {
        let days = self.today.backdate_days;
        match end < self.today.now - TimeDelta::days(days) {
            true => Err(Refused::TooLate { end, days }),
            false => Ok(()),
        }
    }

    /// The edge that taking an end back makes. Nothing has changed until then: what is to be charged falls due with the period
    /// that goes on, or at once.
    fn edge(&self, end: DateTime<Utc>, bill: Bill) -> Result<Edge, CalendarError> {
        let now = self.today.now;
        let cycle = self.subscription.phase_at(self.phases, end).cycle;
        let edge = Moment { at: end, now }.edge(&cycle, (Basis::ByDay, bill), false)?;
        Ok(Edge { due_from: if bill == Bill::Now { now } else { edge.due_from }, ..edge })
    }

    /// The subscription as it was agreed before it was canceled.
    fn open(&self) -> Result<Subscription, CalendarError> {
        let now = self.today.now;
        let mut open = self.subscription.clone();
        open.end_at = open.agreed_end_at.take();
        open.canceled_at = None;
        open.pause = open.pause.map(|pause| Pause { moves_end: true, ..pause });
        if let Some(undo) = self.undo {
            undo.restore_pause(&mut open);
        }
        // What is over has no steps ahead; what goes on after all has those that are to come.
        if open.step_at.is_none() && self.subscription.end_at.is_some_and(|end| end <= now) {
            open.step_at = open.next_step(now)?;
        }
        Ok(open)
    }

    /// The timeline without an end.
    pub(super) fn given_back(
        &self,
        (end, until): (DateTime<Utc>, Option<DateTime<Utc>>),
        due_from: DateTime<Utc>,
    ) -> Timeline {
        let resumes = self.subscription.pause.and_then(|pause| pause.until);
        let goes_on = GoesOn { end, until, due_from, has_ended: end <= self.today.now, resumes };
        let mut timeline = self.timeline.clone();
        match self.undo {
            Some(undo) => undo.restore(&mut timeline, goes_on),
            None => go_on(&mut timeline, goes_on),
        }
        timeline
    }
}

/// Lets the items that end with an end go on, where nothing is known of how they ended before.
fn go_on(timeline: &mut Timeline, goes_on: GoesOn) {
    let GoesOn { end, until, due_from, .. } = goes_on;
    for version in &mut timeline.versions {
        let is_fee = version.valid_from == end
            && version.valid_to.is_none()
            && version.terms.description.starts_with(FEE);
        if is_fee {
            version.withdraw(Some(due_from));
        } else if version.valid_to == Some(end) && !version.is_empty() {
            goes_on.revive(version, until);
        }
    }
}

/// The items there are or will be.
fn items(timeline: &Timeline) -> Vec<ItemId> {
    let mut items: Vec<ItemId> = timeline.versions.iter().map(|v| v.item_id).collect();
    items.sort_unstable();
    items.dedup();
    items
}
