//! From when on does a change count, and when is what follows from it billed? `period_end` on 16 January of a monthly cycle
//! from the 1st: from 1 February on, billed then. `2026-01-15` is when that day begins for the customer.

use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, TimeZone, Utc};

use super::Subscription;
use super::breaks::pause::{Pause, PauseMode};
use super::editing::Edge;
use super::phase::Phase;
use crate::domain::calendar::{CalendarError, Cycle};
use crate::domain::proration::Basis;
use crate::domain::refusal::{Refusal, RefusalKind};

/// No change takes effect from this year on: as for starts.
const LAST_YEAR: i32 = 2200;

/// From when on a change counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effective {
    /// At once; before the subscription begins, from its beginning.
    Now,
    /// When the period it is in ends.
    PeriodEnd,
    /// When the fixed term it is in ends; when it is too late for that one, the next.
    TermEnd,
    /// Then: past or future.
    At(DateTime<Utc>),
    /// When that day begins for the customer.
    On(NaiveDate),
    /// Then, as was agreed from the beginning: it falls due as if it had been recorded in time.
    Planned(DateTime<Utc>),
}

/// When the difference a change makes is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bill {
    /// When it takes effect, or at once if that is past.
    Now,
    /// With the next period.
    Next,
}

/// The present, and how many days a change may reach back from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Today {
    pub now: DateTime<Utc>,
    pub backdate_days: i64,
}

/// The instant a change counts from, and that at which it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub at: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

/// Why nothing can be changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is over.
    #[error(
        "this subscription has ended at {end}, and what has ended is not changed: start a new one, or, if it was canceled by mistake, uncancel it first"
    )]
    Over {
        /// When it did.
        end: DateTime<Utc>,
    },
    /// It will be over by then.
    #[error("this subscription ends at {end}, so nothing can change at {at}; choose an earlier effective_at")]
    OverByThen {
        /// When it ends.
        end: DateTime<Utc>,
        /// When it should have changed.
        at: DateTime<Utc>,
    },
    /// There was nothing to change yet.
    #[error("this subscription begins at {begin}; choose that or a later effective_at")]
    BeforeBegin {
        /// When its items begin.
        begin: DateTime<Utc>,
    },
    /// Books of long ago stay closed.
    #[error(
        "a change may reach back {days} days, to {earliest}; choose a later effective_at, or raise backdate_days of your billing settings"
    )]
    TooFarBack {
        /// What is set.
        days: i64,
        /// The earliest that is possible.
        earliest: DateTime<Utc>,
    },
    /// It has no terms of a fixed length.
    #[error("this subscription is evergreen, so no term ends; choose period_end or an instant")]
    NoTerm,
    /// Outside the years billing reckons with.
    #[error("a change takes effect before the year {LAST_YEAR}")]
    TooFarAhead,
    /// The date leaves the calendar.
    #[error("{0}")]
    Calendar(#[from] CalendarError),
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::Over { .. } => "subscription_ended",
            Refused::OverByThen { .. } => "after_the_end",
            Refused::BeforeBegin { .. } => "before_the_begin",
            Refused::TooFarBack { .. } => "too_far_back",
            Refused::NoTerm => "no_term",
            Refused::TooFarAhead | Refused::Calendar(_) => "date_out_of_range",
        }
    }

    fn pointer(&self) -> Option<String> {
        (!matches!(self, Refused::Over { .. })).then(|| "/effective_at".to_owned())
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::Over { .. } => RefusalKind::State,
            _ => RefusalKind::Rule,
        }
    }
}

impl Effective {
    /// Reads `now`, `period_end`, `term_end`, a day or an instant.
    #[must_use]
    pub fn parse(text: &str) -> Option<Effective> {
        match text {
            "now" => Some(Effective::Now),
            "period_end" => Some(Effective::PeriodEnd),
            "term_end" => Some(Effective::TermEnd),
            _ => match text.parse::<NaiveDate>() {
                Ok(day) => Some(Effective::On(day)),
                // PostgreSQL keeps microseconds: what is answered must be what is stored.
                Err(_) => text.parse::<DateTime<Utc>>().ok().map(|at| Effective::At(at.trunc_subsecs(6))),
            },
        }
    }

    /// The same with the instant at which its day begins: on 15 January in Paris that is 23:00 of the 14th in UTC.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn in_zone_of(self, subscription: &Subscription) -> Result<Effective, CalendarError> {
        match self {
            Effective::On(day) => Ok(Effective::At(subscription.cycle.zone().day_start(day)?)),
            other => Ok(other),
        }
    }

    /// The instant it means for a subscription with these later phases.
    ///
    /// # Errors
    /// [`Refused`]: that it is over, then that the instant lies outside what can be changed.
    pub fn moment(
        self,
        subscription: &Subscription,
        phases: &[Phase],
        today: Today,
    ) -> Result<Moment, Refused> {
        if let Some(end) = subscription.end_at.filter(|end| *end <= today.now) {
            return Err(Refused::Over { end });
        }
        self.moment_since(subscription.begins_at(), (subscription, phases), today)
    }

    /// The same for its end, which may come before its items begin; what is over may have ended at an earlier instant.
    ///
    /// # Errors
    /// As [`Effective::moment`].
    pub fn moment_of_end(
        self,
        subscription: &Subscription,
        phases: &[Phase],
        today: Today,
    ) -> Result<Moment, Refused> {
        let end = subscription.end_at.filter(|end| *end <= today.now);
        match (end, self.in_zone_of(subscription)?) {
            (None, _) => {}
            (Some(end), Effective::At(at)) if at < end => {}
            (Some(end), _) => return Err(Refused::Over { end }),
        }
        self.moment_since(subscription.start_at, (subscription, phases), today)
    }

    fn moment_since(
        self,
        begin: DateTime<Utc>,
        (subscription, phases): (&Subscription, &[Phase]),
        today: Today,
    ) -> Result<Moment, Refused> {
        let now = today.now;
        let at = match self.in_zone_of(subscription)? {
            Effective::Now => now.max(begin),
            // A trial is a period of its own.
            Effective::PeriodEnd if now < subscription.begins_at() => subscription.begins_at(),
            Effective::PeriodEnd => period_end(subscription, phases, now.max(begin))?,
            Effective::TermEnd => {
                let terms = subscription.terms.ok_or(Refused::NoTerm)?;
                terms.next_end(subscription.since(), now)?.ok_or(Refused::NoTerm)?
            }
            Effective::At(at) | Effective::Planned(at) => at,
            Effective::On(day) => subscription.cycle.zone().day_start(day)?,
        };
        if at < begin {
            return Err(Refused::BeforeBegin { begin });
        }
        let earliest = now - TimeDelta::days(today.backdate_days);
        let is_planned = matches!(self, Effective::Planned(_));
        if at < earliest && !is_planned {
            return Err(Refused::TooFarBack { days: today.backdate_days, earliest });
        }
        if let Some(end) = subscription.end_at.filter(|end| *end <= at) {
            return Err(Refused::OverByThen { end, at });
        }
        if Utc.with_ymd_and_hms(LAST_YEAR, 1, 1, 0, 0, 0).single().is_none_or(|last| at >= last) {
            return Err(Refused::TooFarAhead);
        }
        Ok(Moment { at, now: if is_planned { now.min(at) } else { now } })
    }
}

/// The end of the period that runs at an instant. Where a break moves it, the end of what goes on after the break.
pub(super) fn period_end(
    subscription: &Subscription,
    phases: &[Phase],
    at: DateTime<Utc>,
) -> Result<DateTime<Utc>, CalendarError> {
    let end = next_boundary(&subscription.phase_at(phases, at).cycle, at)?;
    let moves = |pause: &Pause| pause.mode == PauseMode::Extend && pause.is_ahead(at) && pause.from < end;
    let Some(until) = subscription.pause.filter(moves).and_then(|pause| pause.until) else { return Ok(end) };
    let cycle = subscription.phase_at(phases, until).cycle;
    match cycle.zone().days_between(cycle.boundary(0)?, until) {
        // It had been had when the break began.
        0 => Ok(until),
        _ => next_boundary(&cycle, until),
    }
}

/// The first boundary of a cycle after an instant. It has none before its own first: what a break kept of a period may be longer than a
/// month, and is had in one.
///
/// # Errors
/// [`CalendarError::OutOfRange`] outside the calendar's years.
pub fn next_boundary(cycle: &Cycle, after: DateTime<Utc>) -> Result<DateTime<Utc>, CalendarError> {
    let mut n = cycle.index_at(after)?.max(-1) + 1;
    // A boundary may be the instant itself where a zone skipped a day.
    loop {
        let boundary = cycle.boundary(n)?;
        if boundary > after {
            return Ok(boundary);
        }
        n += 1;
    }
}

/// Whether a period of a cycle begins at an instant.
pub(super) fn starts_a_period(cycle: &Cycle, at: DateTime<Utc>) -> Result<bool, CalendarError> {
    let n = cycle.index_at(at)?;
    Ok(n >= 0 && cycle.boundary(n)? == at)
}

impl Moment {
    /// The edge it makes in a timeline, cut by a basis. What waits for the next invoice waits for the boundary after it;
    /// where a cycle begins, that is the edge itself: a period begins there, and its invoice is the next.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn edge(
        self,
        cycle: &Cycle,
        (basis, bill): (Basis, Bill),
        begins_a_cycle: bool,
    ) -> Result<Edge, CalendarError> {
        let soonest = self.at.max(self.now);
        let starts_a_period = starts_a_period(cycle, self.at)? && self.at >= self.now;
        let due_from = match bill {
            Bill::Next if !begins_a_cycle && !starts_a_period => next_boundary(cycle, soonest)?,
            Bill::Now | Bill::Next => soonest,
        };
        Ok(Edge { at: self.at, basis, due_from })
    }
}
