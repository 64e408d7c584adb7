//! What is one piece of an item version worth? Its price for a whole period, or the part of it, rounded once.
//!
//! 4 seats at 12.50 from the 16th to the end of January: 50.00 less the 24.19 of 15 of 31 days, 25.81.
//!
//! Billing charges it, and a line is explained by it: there is no second formula.

use super::segments::Unbillable;
use crate::domain::calendar::Period;
use crate::domain::money::{Currency, Money, rounding};
use crate::domain::proration::{self, Cut, Spec};
use crate::domain::rating::summary::Summary;
use crate::domain::rating::usage::UsagePrice;
use crate::domain::rating::{self, Rated};
use crate::domain::subscriptions::{Bounds, ItemVersion, Timeline};

/// What a piece is worth, and how that comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worth {
    /// The price of a whole period, or of what was measured; not rounded.
    pub rated: Rated,
    /// How the piece is cut out of its period; `None`: it is all of it.
    pub cut: Option<Cut>,
    /// Rounded.
    pub amount: Money,
}

/// Of the price as it is.
fn whole(rated: Rated, currency: Currency) -> Result<Worth, Unbillable> {
    Ok(Worth { rated, cut: None, amount: rounding::round_to_minor(rated.amount, currency)? })
}

/// Of what is charged once.
///
/// # Errors
/// Numbers that do not fit.
pub fn once(timeline: &Timeline, version: &ItemVersion) -> Result<Worth, Unbillable> {
    whole(rating::rate(version.model(), version.quantity)?, timeline.currency)
}

/// Of a part of a period of the version's cycle.
///
/// # Errors
/// Numbers that do not fit.
pub fn part(
    timeline: &Timeline,
    version: &ItemVersion,
    (part, of): (Period, Period),
) -> Result<Worth, Unbillable> {
    let rated = rating::rate(version.model(), version.quantity)?;
    if part == of {
        return whole(rated, timeline.currency);
    }
    let Bounds { starts_by, ends_by, .. } = version.bounds;
    let spec =
        Spec { starts_by, ends_by, zone: timeline.cycle_of(version).zone(), currency: timeline.currency };
    let cut = proration::cut(rated.amount, &part, &of, spec)?;
    Ok(Worth { rated, cut: Some(cut), amount: cut.amount()? })
}

/// Of what was measured; nothing of it is prorated.
///
/// # Errors
/// Numbers that do not fit.
pub fn used(price: &UsagePrice<'_>, summary: &Summary) -> Result<Worth, Unbillable> {
    whole(price.rate_summary(summary)?, price.currency)
}
