//! What has a customer subscribed to, from when to when? A timeline of item versions, and the cycle that cuts it into periods.

pub mod timeline;

use chrono::{DateTime, Utc};

pub use timeline::{ItemVersion, PriceTerms, Timeline};

use super::calendar::Cycle;
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
    pub end_at: Option<DateTime<Utc>>,
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
