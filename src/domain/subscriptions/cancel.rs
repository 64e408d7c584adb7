//! When does a subscription end, and what is given back? Every item ends with it: 31.00 for January, canceled on the 17th
//! with credit, gives 15.00 back.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::charge::own_terms;
use super::editing::{Edge, Next};
use super::phase::Phase;
use super::terms::Fee;
use super::when::{self, Bill, Effective, Moment, Today};
use super::{ItemVersion, Subscription, Timeline};
use crate::domain::calendar::CalendarError;
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

/// What is asked of who leaves before what was agreed.
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
}

/// Why it cannot be canceled, or that not taken back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is canceled.
    #[error(
        "this subscription was canceled at {asked} and ends at {end}; uncancel it first to choose another end"
    )]
    AlreadyCanceled {
        /// When that was asked for.
        asked: DateTime<Utc>,
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
            Refused::NotCanceled => "not_canceled",
            Refused::When(refused) => refused.code(),
            Refused::Calendar(_) => "date_out_of_range",
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Refused::When(refused) => refused.pointer(),
            Refused::Bound { .. } | Refused::Calendar(_) => Some("/effective_at".to_owned()),
            Refused::RenewsAlready | Refused::EndsAlready => Some("/auto_renew".to_owned()),
            Refused::AlreadyCanceled { .. } | Refused::NotCanceled => None,
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

impl CancelRequest {
    /// The subscription as it ends. What was planned for later never happens.
    ///
    /// # Errors
    /// [`Refused`]: that it is canceled already, then the rules of [`Effective::moment`], then that it is bound.
    pub fn cancel(
        self,
        (subscription, phases): (&Subscription, &[Phase]),
        timeline: &Timeline,
        today: Today,
    ) -> Result<Ended, Refused> {
        let now = today.now;
        if let (Some(asked), Some(end)) = (subscription.canceled_at, subscription.end_at) {
            return Err(Refused::AlreadyCanceled { asked, end });
        }
        let moment = self.effective_at.moment_of_end(subscription, phases, today)?;
        let owed = self.owed(subscription, (moment.at, now))?;
        let cycle = subscription.phase_at(phases, moment.at).cycle;
        let edge = moment.edge(&cycle, (self.proration, self.bill), false)?;
        let mut timeline = ended_at(timeline, edge)?;
        if edge.due_from <= now {
            timeline.put_off_no_longer_than(now);
        }
        let mut subscription = subscription.clone();
        subscription.agreed_end_at = subscription.end_at;
        subscription.end_at = Some(moment.at);
        subscription.canceled_at = Some(now);
        // A resumption that was planned for later never comes.
        if let Some(pause) = &mut subscription.pause {
            pause.until = pause.until.filter(|until| *until <= moment.at);
        }
        Ok(Ended { subscription, timeline, edge, owed })
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
    /// Charges the fee for leaving early, with the last bill. Taken back with the cancellation.
    pub fn charge_fee(
        &mut self,
        phases: &[Phase],
        (description, amount): (&str, Decimal),
        mut mint: impl FnMut() -> Uuid,
    ) {
        let next = Next {
            item_id: ItemId::from_uuid(mint()),
            quantity: Decimal::ONE,
            terms: Arc::new(own_terms(description, amount)),
            price_override: None,
            phase_no: self.subscription.phase_at(phases, self.edge.at).no,
            until: None,
        };
        let edge = Edge { basis: Basis::ByDay, ..self.edge };
        self.timeline.begin_item(ItemVersionId::from_uuid(mint()), next, edge);
    }
}

/// A timeline whose every item ends at an edge.
///
/// # Errors
/// [`CalendarError::OutOfRange`] outside the calendar's years.
pub fn ended_at(timeline: &Timeline, edge: Edge) -> Result<Timeline, CalendarError> {
    let mut timeline = timeline.clone();
    for item in items(&timeline) {
        timeline.end_item(item, edge)?;
    }
    Ok(timeline)
}

/// Takes a cancellation back before it takes effect: the items that would have ended with it go on as had been agreed.
/// What had been planned for after the end stays undone.
///
/// # Errors
/// [`Refused`]: that it is over, then that it is not canceled.
pub fn uncancel(
    (subscription, phases): (&Subscription, &[Phase]),
    timeline: &Timeline,
    (bill, now): (Bill, DateTime<Utc>),
) -> Result<Ended, Refused> {
    let Some(end) = subscription.end_at.filter(|_| subscription.canceled_at.is_some()) else {
        return Err(Refused::NotCanceled);
    };
    if end <= now {
        return Err(when::Refused::Over { end }.into());
    }
    let agreed = subscription.agreed_end_at;
    let mut timeline = going_on(timeline, end, agreed);
    let is_fee = |v: &&mut ItemVersion| {
        v.valid_from == end && v.valid_to.is_none() && v.terms.description.starts_with(FEE)
    };
    for fee in timeline.versions.iter_mut().filter(is_fee) {
        fee.valid_to = Some(fee.valid_from);
    }
    let cycle = subscription.phase_at(phases, end).cycle;
    let edge = Moment { at: end, now }.edge(&cycle, (Basis::ByDay, bill), false)?;
    // Nothing has changed until then: what is to be charged falls due with the period that goes on, or at once.
    let edge = Edge { due_from: if bill == Bill::Now { now } else { edge.due_from }, ..edge };
    let mut subscription = subscription.clone();
    subscription.end_at = agreed;
    subscription.agreed_end_at = None;
    subscription.canceled_at = None;
    Ok(Ended { subscription, timeline, edge, owed: None })
}

/// A timeline whose items go on beyond an end, up to another or without one.
pub(super) fn going_on(timeline: &Timeline, end: DateTime<Utc>, until: Option<DateTime<Utc>>) -> Timeline {
    let mut timeline = timeline.clone();
    for version in timeline.versions.iter_mut().filter(|v| v.valid_to == Some(end) && !v.is_empty()) {
        version.valid_to = until;
        version.bounds.ends_by = Basis::ByDay;
        version.bounds.end_due_from = None;
    }
    timeline
}

/// The items there are or will be.
fn items(timeline: &Timeline) -> Vec<ItemId> {
    let mut items: Vec<ItemId> = timeline.versions.iter().map(|v| v.item_id).collect();
    items.sort_unstable();
    items.dedup();
    items
}
