//! Is a charge covered by a discount, and in which of its periods? Decided by the period the charge is for.
//!
//! Three months off, redeemed on 20 January, of a seat charged in advance from the 1st: February is its period 0, April its
//! period 2, May is not covered.

use chrono::{DateTime, Utc};

use super::{Discount, Duration};
use crate::domain::calendar::{CalendarError, Cycle};
use crate::domain::catalog::{Billing, PriceKind};
use crate::domain::ids::{CustomerId, PriceId, SubscriptionId};
use crate::domain::subscriptions::{ItemVersion, Timeline};

/// Where a charge stands in the periods of its subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub subscription_id: SubscriptionId,
    pub price_id: PriceId,
    /// Whose subscription it is, and who pays for it; `None`: the discount's customer is both.
    pub whose: Option<(CustomerId, CustomerId)>,
    cycle: Cycle,
    /// The cycle's period it is for.
    index: i64,
    /// When the whole of that period falls due, however it was cut by changes.
    due: DateTime<Utc>,
    falls: Falls,
    /// When the subscription began.
    first: DateTime<Utc>,
}

/// When a charge of a period falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Falls {
    AtStart,
    AtEnd,
    /// Once, on some day in it.
    Within,
}

impl Place {
    /// Of a charge of `version` for a period that starts at `start`.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`].
    pub fn of(
        timeline: &Timeline,
        version: &ItemVersion,
        start: DateTime<Utc>,
    ) -> Result<Place, CalendarError> {
        let (cycle, first) =
            (*timeline.cycle_of(version), timeline.versions.iter().map(|v| v.valid_from).min());
        let first = first.unwrap_or(start);
        let index = cycle.index_at(start)?;
        let falls = match (version.terms.kind == PriceKind::OneTime, version.terms.billing) {
            (true, _) => Falls::Within,
            (false, Billing::InAdvance) => Falls::AtStart,
            (false, Billing::InArrears) => Falls::AtEnd,
        };
        let due = match falls {
            Falls::AtStart => cycle.boundary(index)?.max(first),
            Falls::AtEnd => cycle.boundary(index + 1)?,
            Falls::Within => start,
        };
        let subscription_id = timeline.subscription_id;
        let price_id = version.terms.price_id;
        Ok(Place { subscription_id, price_id, whose: None, cycle, index, due, falls, first })
    }

    /// The first period whose charge falls due at or after `from`, as if the subscription had been running then.
    fn first_of_all(&self, from: DateTime<Utc>) -> Result<i64, CalendarError> {
        let (first, begun) = (self.first_from(from)?, self.cycle.index_at(self.first)?);
        Ok(if self.cycle.index_at(from)? < begun { first } else { first.max(begun) })
    }

    /// The first period of its cycle whose charge falls due at or after `from`.
    fn first_from(&self, from: DateTime<Utc>) -> Result<i64, CalendarError> {
        let at = self.cycle.index_at(from)?;
        let on_boundary = self.cycle.boundary(at)? == from;
        Ok(match self.falls {
            Falls::AtStart if !on_boundary => at + 1,
            Falls::AtEnd if on_boundary => at - 1,
            Falls::AtStart | Falls::AtEnd | Falls::Within => at,
        })
    }

    /// The same, among those the subscription has: its first one, if that was still to come.
    fn first_of_subscription(&self, from: DateTime<Utc>) -> Result<i64, CalendarError> {
        let first = self.cycle.index_at(self.first)?;
        Ok(if from <= self.first { first } else { self.first_from(from)?.max(first) })
    }
}

impl Discount {
    /// In which of its periods it covers a charge; `None`: it does not.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`].
    pub fn covers(&self, place: &Place) -> Result<Option<i32>, CalendarError> {
        // A payer's discount is for all it pays for, another's for what is its own.
        let theirs = place
            .whose
            .is_none_or(|(consumer, payer)| self.customer_id == consumer || self.customer_id == payer);
        let of_it = theirs
            && self.subscription_id.is_none_or(|id| id == place.subscription_id)
            && self.price_id.is_none_or(|id| id == place.price_id)
            && self.prices.as_ref().is_none_or(|prices| prices.contains(&place.price_id));
        let in_time = place.due >= self.starts_at && self.ended_at.is_none_or(|end| place.due < end);
        if !of_it || !in_time {
            return Ok(None);
        }
        let (first, periods) = match (self.subscription_id, self.duration) {
            (Some(_), duration) => (place.first_of_subscription(self.starts_at)?, duration.periods()),
            // One invoice: which one is not a matter of periods.
            (None, Duration::Once) => (place.first_of_all(self.starts_at)?, None),
            (None, duration) => (place.first_of_all(self.starts_at)?, duration.periods()),
        };
        let Ok(period_no) = i32::try_from(place.index - first) else { return Ok(None) };
        Ok(periods.is_none_or(|periods| period_no < periods).then_some(period_no))
    }

    /// Whether it is for one invoice of its customer.
    #[must_use]
    pub fn is_for_one_invoice(&self) -> bool {
        self.subscription_id.is_none() && self.duration == Duration::Once
    }
}
