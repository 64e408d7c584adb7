//! Is a charge covered by a discount, and in which of its periods? Decided by the period the charge is for.
//!
//! Three months off, redeemed on 20 January, of a seat charged in advance from the 1st: February is its period 0, April its
//! period 2, May is not covered.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::falls::Falls;
use super::rhythm::Rhythm;
use super::{Discount, Duration};
use crate::domain::calendar::CalendarError;
use crate::domain::ids::{CustomerId, PriceId, SubscriptionId};
use crate::domain::subscriptions::{ItemVersion, Timeline};

/// Where a charge stands in the periods of its subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub subscription_id: SubscriptionId,
    pub price_id: PriceId,
    /// Whose subscription it is, and who pays for it; `None`: the discount's customer is both.
    pub whose: Option<(CustomerId, CustomerId)>,
    /// All periods of its subscription.
    rhythm: Arc<Rhythm>,
    /// Which of them it is for.
    index: i64,
    /// When the whole of that period falls due, however it was cut by changes.
    due: DateTime<Utc>,
    falls: Falls,
}

impl Place {
    /// Of a charge of `version` for a period that starts at `start`, in the rhythm of the version's timeline.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`].
    pub fn of(
        (timeline, rhythm): (&Timeline, &Arc<Rhythm>),
        version: &ItemVersion,
        start: DateTime<Utc>,
    ) -> Result<Place, CalendarError> {
        let falls = Falls::of(version.terms.kind, version.terms.billing);
        let (index, due) = rhythm.place_and_due((timeline.cycle_of(version), start), falls)?;
        let subscription_id = timeline.subscription_id;
        let price_id = version.terms.price_id;
        let rhythm = Arc::clone(rhythm);
        Ok(Place { subscription_id, price_id, whose: None, rhythm, index, due, falls })
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
            && self.is_for(place.price_id);
        let in_time = place.due >= self.starts_at && self.ended_at.is_none_or(|end| place.due < end);
        if !of_it || !in_time {
            return Ok(None);
        }
        let (first, periods) = match (self.subscription_id, self.duration) {
            (Some(_), duration) => {
                (place.rhythm.first_of_subscription(self.starts_at, place.falls)?, duration.periods())
            }
            // One invoice: which one is not a matter of periods.
            (None, Duration::Once) => (place.rhythm.first_of_all(self.starts_at, place.falls)?, None),
            (None, duration) => (place.rhythm.first_of_all(self.starts_at, place.falls)?, duration.periods()),
        };
        let Ok(period_no) = i32::try_from(place.index - first) else { return Ok(None) };
        Ok(periods.is_none_or(|periods| period_no < periods).then_some(period_no))
    }

    /// Whether it is for a price: where that was read, by the prices of all versions; else by the one it names.
    fn is_for(&self, price: PriceId) -> bool {
        match &self.prices {
            Some(prices) => prices.contains(&price),
            None => self.price_id.is_none_or(|id| id == price),
        }
    }

    /// Whether it is for one invoice of its customer.
    #[must_use]
    pub fn is_for_one_invoice(&self) -> bool {
        self.subscription_id.is_none() && self.duration == Duration::Once
    }
}
