//! What decides what a subscription owes? Its timeline, where billing stands in it, and what was billed after that.

use chrono::{DateTime, Utc};

use crate::domain::billing::recorded::Recorded;
use crate::domain::ids::CustomerId;
use crate::domain::invoicing::discounted::Sold;
use crate::domain::subscriptions::{Collection, Timeline};

/// A due subscription with all that decides what it owes.
#[derive(Debug)]
pub struct Billable {
    /// The account that pays.
    pub customer_id: CustomerId,
    /// Whose subscription it is.
    pub consumer: CustomerId,
    /// Whether the consumer is invoiced apart from others that its payer pays for.
    pub separate: bool,
    pub collection: Collection,
    pub invoice_separately: bool,
    pub settled_to: DateTime<Utc>,
    pub timeline: Timeline,
    pub recorded: Vec<Recorded>,
    /// Up to where it is billed at once, where more is due than is caught up at once.
    pub at_most_to: Option<DateTime<Utc>>,
}

impl Billable {
    /// Up to where it is billed now.
    #[must_use]
    pub fn billed_to(&self, as_of: DateTime<Utc>) -> DateTime<Utc> {
        self.at_most_to.map_or(as_of, |most| most.min(as_of))
    }

    /// As discounts see it.
    #[must_use]
    pub fn sold(&self) -> Sold<'_> {
        let whose = (self.consumer, self.customer_id);
        Sold { timeline: &self.timeline, recorded: &self.recorded, whose }
    }
}
