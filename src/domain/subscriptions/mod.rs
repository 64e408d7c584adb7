//! What has a customer subscribed to, from when to when? A timeline of item versions, and the cycle that cuts it into periods.

pub mod change;
pub mod editing;
pub mod import;
pub mod phase;
pub mod start;
pub mod timeline;
pub mod when;

use chrono::{DateTime, TimeDelta, Utc};

use phase::Phase;
pub use timeline::{Bounds, ItemVersion, PriceTerms, Timeline};

use super::calendar::{CalendarError, Cycle, Period};
use super::catalog::Metadata;
use super::ids::{CustomerId, PlanId, SubscriptionId};
use super::money::Currency;

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
    /// When its cancellation was asked for.
    pub canceled_at: Option<DateTime<Utc>>,
    pub cycle: Cycle,
    pub metadata: Metadata,
    pub created_at: DateTime<Utc>,
}

/// Where a subscription stands at an instant: derived, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Starts later.
    Pending,
    /// Being billed.
    Active,
    /// Has ended.
    Ended,
}

impl Status {
    /// Reads what [`Status::as_str`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Status> {
        [Status::Pending, Status::Active, Status::Ended].into_iter().find(|s| s.as_str() == text)
    }

    /// As written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Active => "active",
            Status::Ended => "ended",
        }
    }
}

impl Subscription {
    /// What an event tells of it.
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
            "collection": self.collection.as_str(),
            "start_at": self.start_at,
            "end_at": self.end_at,
        })
    }

    /// When its items begin.
    #[must_use]
    pub fn begins_at(&self) -> DateTime<Utc> {
        self.start_at
    }

    /// The period it is in at `now`: its first one before it starts, its last one after it has ended.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn current_period(&self, later: &[Phase], now: DateTime<Utc>) -> Result<Period, CalendarError> {
        // The last period is the one before the instant of the end, which belongs to the next.
        let last = self.end_at.map_or(now, |end| now.min(end - TimeDelta::microseconds(1)));
        let last = last.max(self.begins_at());
        let (cycle, span) = self.cycle_at(later, last);
        let whole = cycle.period(cycle.index_at(last)?)?;
        let ends = [self.end_at, span.1].into_iter().flatten();
        Period::new(whole.start.max(span.0), ends.fold(whole.end, DateTime::min))
    }

    /// The status at `now`.
    pub fn status(&self, now: DateTime<Utc>) -> Status {
        if self.end_at.is_some_and(|end| end <= now) {
            Status::Ended
        } else if now < self.start_at {
            Status::Pending
        } else {
            Status::Active
        }
    }
}

/// How an invoice is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Collection {
    /// We charge the customer's payment method.
    Automatic,
    /// The customer pays the invoice when it is due.
    SendInvoice,
}

impl Collection {
    /// As stored and as written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Collection::Automatic => "automatic",
            Collection::SendInvoice => "send_invoice",
        }
    }

    /// Reads what [`Collection::as_str`] writes.
    pub fn parse(text: &str) -> Option<Collection> {
        [Collection::Automatic, Collection::SendInvoice].into_iter().find(|c| c.as_str() == text)
    }
}
