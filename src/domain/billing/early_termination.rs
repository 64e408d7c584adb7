//! What does it cost to leave before what was agreed? So much, or a share of what the recurring prices would have charged.
//!
//! 100.00 a month agreed to December, left at the end of September, 50 % of what remains: half of 3 × 100.00 = 150.00.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::piece::Readings;
use super::segments::{self, Window};
use super::unbillable::Unbillable;
use crate::domain::catalog::{PriceKind, PriceModel};
use crate::domain::money::{Money, MoneyError, rounding};
use crate::domain::proration::Basis;
use crate::domain::subscriptions::Timeline;
use crate::domain::subscriptions::cancel::{FEE, Owed, ended_at};
use crate::domain::subscriptions::editing::Edge;
use crate::domain::subscriptions::terms::Fee;

/// A fee, and what its line says: enough to compute it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charged {
    pub amount: Money,
    /// `Early termination fee: 50% of 300.00 to 2027-01-01`.
    pub description: String,
}

/// The fee, from the timelines before and after the cancellation. What remains is priced as it would have been charged,
/// before discounts; usage and commitments are not part of it.
///
/// # Errors
/// [`Unbillable`] when numbers or dates do not fit.
pub fn fee(before: &Timeline, after: &Timeline, owed: Owed) -> Result<Charged, Unbillable> {
    let to = before.cycle.zone().local_date(owed.until);
    let percent = match owed.fee {
        Fee::Fixed { amount } => {
            let amount = rounding::round_to_minor(amount, after.currency)?;
            return Ok(Charged { amount, description: format!("{FEE}: agreed to {to}") });
        }
        Fee::Remaining { percent } => percent,
    };
    let edge = Edge { at: owed.until, basis: Basis::ByDay, due_from: owed.until };
    let agreed = ended_at(before, edge)?;
    let remaining = worth(agreed, owed.until)? - worth(after.clone(), owed.until)?;
    let share = remaining.checked_mul(percent).ok_or(MoneyError::Overflow)? / Decimal::ONE_HUNDRED;
    let amount = rounding::round_to_minor(share.max(Decimal::ZERO), after.currency)?;
    let description = format!("{FEE}: {}% of {remaining} to {to}", percent.normalize());
    Ok(Charged { amount, description })
}

/// What recurring prices charge in all, to an instant by which everything has ended.
fn worth(mut timeline: Timeline, until: DateTime<Utc>) -> Result<Decimal, Unbillable> {
    timeline.versions.retain(|v| {
        v.terms.kind == PriceKind::Recurring && !matches!(v.model(), PriceModel::Commitment { .. })
    });
    let readings = Readings::new();
    // What is postponed falls due with a later period.
    let as_of = until + TimeDelta::days(366 * 20);
    let window = Window {
        from: DateTime::<Utc>::MIN_UTC,
        as_of,
        recorded: &[],
        readings: &readings,
        usage_early: false,
    };
    let expected = segments::due(&timeline, window)?;
    Ok(expected.segments.iter().map(|segment| segment.amount.to_decimal()).sum())
}
