//! When does a subscription end, and what is given back? Every item ends with it: 31.00 for January, canceled on the 17th
//! with credit, gives 15.00 back.

use chrono::{DateTime, Utc};

use super::editing::Edge;
use super::phase::Phase;
use super::when::{self, Bill, Effective, Moment};
use super::{Subscription, Timeline};
use crate::domain::calendar::CalendarError;
use crate::domain::ids::ItemId;
use crate::domain::proration::Basis;
use crate::domain::refusal::{Refusal, RefusalKind};

/// What a caller wants to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CancelRequest {
    pub effective_at: Effective,
    /// How the last period is cut: `none` gives nothing back.
    pub proration: Basis,
    pub bill: Bill,
}

/// A subscription after its end was set or taken back.
#[derive(Debug, Clone)]
pub struct Ended {
    pub subscription: Subscription,
    pub timeline: Timeline,
    pub edge: Edge,
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
            Refused::NotCanceled => "not_canceled",
            Refused::When(refused) => refused.code(),
            Refused::Calendar(_) => "date_out_of_range",
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Refused::When(refused) => refused.pointer(),
            Refused::Calendar(_) => Some("/effective_at".to_owned()),
            Refused::AlreadyCanceled { .. } | Refused::NotCanceled => None,
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::AlreadyCanceled { .. } | Refused::NotCanceled => RefusalKind::State,
            Refused::When(refused) => refused.kind(),
            Refused::Calendar(_) => RefusalKind::Rule,
        }
    }
}

impl CancelRequest {
    /// The subscription as it ends. What was planned for later never happens.
    ///
    /// # Errors
    /// [`Refused`]: that it is canceled already, then the rules of [`Effective::moment`].
    pub fn cancel(
        self,
        (subscription, phases): (&Subscription, &[Phase]),
        timeline: &Timeline,
        now: DateTime<Utc>,
    ) -> Result<Ended, Refused> {
        if let (Some(asked), Some(end)) = (subscription.canceled_at, subscription.end_at) {
            return Err(Refused::AlreadyCanceled { asked, end });
        }
        let moment = self.effective_at.moment_of_end(subscription, phases, now)?;
        let cycle = subscription.phase_at(phases, moment.at).cycle;
        let edge = moment.edge(&cycle, (self.proration, self.bill), false)?;
        let mut timeline = timeline.clone();
        for item in items(&timeline) {
            timeline.end_item(item, edge)?;
        }
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
        Ok(Ended { subscription, timeline, edge })
    }
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
    let mut timeline = timeline.clone();
    let agreed = subscription.agreed_end_at;
    for version in timeline.versions.iter_mut().filter(|v| v.valid_to == Some(end) && !v.is_empty()) {
        version.valid_to = agreed;
        version.bounds.ends_by = Basis::ByDay;
        version.bounds.end_due_from = None;
    }
    let cycle = subscription.phase_at(phases, end).cycle;
    let edge = Moment { at: end, now }.edge(&cycle, (Basis::ByDay, bill), false)?;
    // Nothing has changed until then: what is to be charged falls due with the period that goes on, or at once.
    let edge = Edge { due_from: if bill == Bill::Now { now } else { edge.due_from }, ..edge };
    let mut subscription = subscription.clone();
    subscription.end_at = agreed;
    subscription.agreed_end_at = None;
    subscription.canceled_at = None;
    Ok(Ended { subscription, timeline, edge })
}

/// The items there are or will be.
fn items(timeline: &Timeline) -> Vec<ItemId> {
    let mut items: Vec<ItemId> = timeline.versions.iter().map(|v| v.item_id).collect();
    items.sort_unstable();
    items.dedup();
    items
}
