//! What does a whole period of a subscription cost at the quantities it has? 31.00 and 4 × 12.50: 81.00. Usage is not in it.

use chrono::{DateTime, Utc};

use super::unbillable::Unbillable;
use crate::domain::catalog::PriceKind;
use crate::domain::money::{Money, rounding};
use crate::domain::rating;
use crate::domain::subscriptions::Timeline;

/// The recurring prices in force at an instant, each rounded as on a line.
///
/// # Errors
/// [`Unbillable::Money`] when a price or the sum does not fit.
pub fn period_price(timeline: &Timeline, at: DateTime<Utc>) -> Result<Money, Unbillable> {
    let mut sum = Money::zero(timeline.currency);
    for version in timeline.recurring_at(at).filter(|v| v.terms.kind == PriceKind::Recurring) {
        let rated = rating::rate(version.model(), version.quantity)?;
        sum = sum.checked_add(rounding::round_to_minor(rated.amount, timeline.currency)?)?;
    }
    Ok(sum)
}
