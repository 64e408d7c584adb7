//! What if a customer takes a break? From the pause to the resumption nothing is in force; the rest of the paid period is
//! either credited, or had after the break: paid until 1 February, paused from 17 January for 10 days, paid until the 11th.

use chrono::{DateTime, Utc};
use strum::{EnumString, IntoStaticStr};

use super::super::editing::Edge;
use super::super::phase::Phase;
use super::super::undo::Undo;
use super::super::when::{self, Today};
use super::super::{Subscription, Timeline};
use crate::domain::calendar::CalendarError;
use crate::domain::refusal::{Refusal, RefusalKind};

/// A break of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    pub from: DateTime<Utc>,
    /// `None`: until it is resumed.
    pub until: Option<DateTime<Utc>>,
    pub mode: PauseMode,
    /// Whether the subscription's end moves by the days of a break that extends: not one that was told since, as a date.
    pub moves_end: bool,
}

/// What becomes of the rest of the period that is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum PauseMode {
    /// It is credited; after the break, the rest of the period it falls in is charged.
    Credit,
    /// It is had after the break: the end of the paid period moves by the days of the break, and so does an agreed end.
    Extend,
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

/// A subscription as a pause or resumption finds it.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    pub subscription: &'a Subscription,
    pub phases: &'a [Phase],
    pub timeline: &'a Timeline,
    /// What a cancellation took away; `None`: there is none.
    pub undo: Option<&'a Undo>,
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
    /// The first instant from which on anything may be another.
    pub looks_from: DateTime<Utc>,
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
    /// A cancellation put something else aside, which may come back.
    #[error(
        "a change at {at} was planned before this was canceled, and comes back if that is taken back: uncancel, take the change back by one with replace_scheduled, and cancel again"
    )]
    PutAside {
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
            Refused::LaterChanges { .. } | Refused::PutAside { .. } => "later_changes",
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
            | Refused::PutAside { .. }
            | Refused::WasPaused { .. } => RefusalKind::State,
            Refused::When(refused) => refused.kind(),
            _ => RefusalKind::Rule,
        }
    }
}

impl Subscription {
    /// Since when a break that is on at an instant keeps the rest of what is paid for later.
    pub(in crate::domain::subscriptions) fn keeps_from(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let pause = self.pause.filter(|pause| pause.mode == PauseMode::Extend && pause.is_on(at))?;
        Some(pause.from)
    }
}
