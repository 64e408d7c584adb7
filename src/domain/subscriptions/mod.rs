//! What has a customer subscribed to, from when to when? A timeline of item versions, and the cycle that cuts it into periods.
//!
//! **Owns**: What was agreed, from when to when: timelines of item versions, changes, breaks, trials, terms, ramps, and the cycle.
//!
//! **Not its own**: What it costs ([`billing`](super::billing)). A change only moves the timeline, and what is billed is the
//! difference.
//!
//! **Laws**: Nothing is ever taken out of a timeline. Versions of an item never overlap. A change that is taken back leaves no trace
//! in the bill.

pub mod breaks;
pub mod cancel;
pub mod change;
pub mod charge;
pub mod editing;
pub mod import;
pub mod in_force;
pub mod items;
pub mod phase;
pub mod ramp;
pub mod renewal;
pub mod start;
pub mod steps;
pub mod terms;
pub mod timeline;
pub mod trial;
pub mod undo;
mod wanted;
pub mod when;

use chrono::{DateTime, TimeDelta, Utc};

use breaks::pause::Pause;
use phase::Phase;
use strum::{EnumString, IntoStaticStr};
pub use timeline::{Bounds, ItemVersion, PriceTerms, Timeline, UNKNOWN};

use super::calendar::{CalendarError, Cycle, Period};
use super::catalog::Metadata;
use super::ids::{CustomerId, PlanId, SubscriptionId};
use super::money::Currency;
use terms::Terms;
use trial::Trial;

/// An agreement to be billed, as recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscription {
    pub id: SubscriptionId,
    pub external_id: Option<String>,
    pub customer_id: CustomerId,
    pub plan_id: PlanId,
    pub plan_version: i32,
    pub currency: Currency,
    pub collection: Collection,
    /// Gets invoices of its own instead of sharing its customer's.
    pub invoice_separately: bool,
    pub start_at: DateTime<Utc>,
    /// Nothing after it is billed.
    pub end_at: Option<DateTime<Utc>>,
    /// The end there was before it was canceled.
    pub agreed_end_at: Option<DateTime<Utc>>,
    /// When its cancellation was requested.
    pub canceled_at: Option<DateTime<Utc>>,
    /// Nothing is charged before its end.
    pub trial: Option<Trial>,
    /// What was agreed beyond the prices; `None`: it can end at any time.
    pub terms: Option<Terms>,
    /// When an event is to be emitted or something done of it next.
    pub step_at: Option<DateTime<Utc>>,
    /// The last break, past or to come.
    pub pause: Option<Pause>,
    pub cycle: Cycle,
    pub metadata: Metadata,
    pub created_at: DateTime<Utc>,
}

/// Where a subscription stands at an instant: derived, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Status {
    /// Starts later.
    Pending,
    /// Is had, and nothing is charged yet.
    Trialing,
    /// Being billed.
    Active,
    /// Has a break.
    Paused,
    /// Has ended as agreed.
    Ended,
    /// Has been ended.
    Canceled,
}

impl Subscription {
    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "subscription",
            "id": self.id,
            "external_id": self.external_id,
            "customer_id": self.customer_id,
            "plan_id": self.plan_id,
            "plan_version": self.plan_version,
            "currency": self.currency.code(),
            "collection": self.collection.into_str(),
            "start_at": self.start_at,
            "trial_end": self.trial.map(|trial| trial.end),
            "end_at": self.end_at,
        })
    }

    /// When its items begin.
    #[must_use]
    pub fn begins_at(&self) -> DateTime<Utc> {
        self.trial.map_or(self.start_at, |trial| trial.end)
    }

    /// The period it is in at `now`: its first one before it starts, its last one after it has ended.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn current_period(&self, later: &[Phase], now: DateTime<Utc>) -> Result<Period, CalendarError> {
        // The last period is the one before the instant of the end, which belongs to the next.
        let last = self.end_at.map_or(now, |end| now.min(end - TimeDelta::microseconds(1)));
        let last = last.max(self.start_at);
        // A trial is a period of its own.
        if let Some(trial) = self.trial.filter(|trial| last < trial.end) {
            return Period::new(self.start_at, self.end_at.map_or(trial.end, |end| end.min(trial.end)));
        }
        let (cycle, span) = self.cycle_at(later, last);
        let begun = cycle.boundary(cycle.index_at(last)?)?;
        let ends = [self.end_at, span.1].into_iter().flatten();
        Period::new(begun.max(span.0), ends.fold(when::next_boundary(&cycle, last)?, DateTime::min))
    }

    /// The status at `now`.
    pub fn status(&self, now: DateTime<Utc>) -> Status {
        if self.end_at.is_some_and(|end| end <= now) {
            return if self.canceled_at.is_some() { Status::Canceled } else { Status::Ended };
        }
        if now < self.start_at {
            Status::Pending
        } else if self.trial.is_some_and(|trial| now < trial.end) {
            Status::Trialing
        } else if self.pause.is_some_and(|pause| pause.is_on(now)) {
            Status::Paused
        } else {
            Status::Active
        }
    }
}

/// How an invoice is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Collection {
    /// We charge the customer's payment method.
    Automatic,
    /// The customer pays the invoice when it is due.
    SendInvoice,
}
