//! What is one piece of an item version worth? Its price for a whole period, or the part of it, rounded once.
//!
//! 4 seats at 12.50 from the 16th to the end of January: 50.00 less the 24.19 of 15 of 31 days, 25.81.
//!
//! Billing charges it, and a line is explained by it: there is no second formula.

use rust_decimal::Decimal;

use super::unbillable::Unbillable;
use crate::domain::calendar::Period;
use crate::domain::money::{Currency, Money, rounding};
use crate::domain::proration::{self, Basis, Cut, Spec};
use crate::domain::rating::summary::Summary;
use crate::domain::rating::usage::UsagePrice;
use crate::domain::rating::{self, Rated};
use crate::domain::subscriptions::{ItemVersion, Timeline};

/// What a piece is worth, and how that comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worth {
    /// The price of a whole period, or of what was measured; not rounded.
    pub rated: Rated,
    /// How the piece is cut out of its period; `None`: it is all of it.
    pub cut: Option<Cut>,
    /// What is cut out of what, where a break has moved it.
    pub paid: Option<AsPaid>,
    /// Of usage, what the pieces of the same price before it come to: that is taken off.
    pub before: Option<Before>,
    /// Rounded.
    pub amount: Money,
}

/// A part of a period that goes on after a break, and all of that, in the days before the break: those it is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsPaid {
    pub part: Period,
    pub whole: Period,
    /// It was paid before the break.
    pub is_kept: bool,
}

/// What earlier pieces come to together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    pub rated: Rated,
    /// Rounded.
    pub amount: Money,
}

impl Worth {
    /// What its line prints. Of a later piece of usage, the units it adds at their price, where that comes to its amount; else 1 at it.
    #[must_use]
    pub fn printed(&self) -> Rated {
        let Some(Before { rated: before, .. }) = self.before else { return self.rated };
        let (each, amount) = (self.rated.unit_amount, self.amount.to_decimal());
        let added = self.rated.quantity.checked_sub(before.quantity).filter(|_| each == before.unit_amount);
        let fits = |quantity: Decimal| {
            let exact = each.checked_mul(quantity)?;
            let rounded = rounding::round_to_minor(exact, self.amount.currency()).ok()?;
            (rounded == self.amount).then_some(Rated { amount: exact, unit_amount: each, quantity })
        };
        added.and_then(fits).unwrap_or(Rated { amount, unit_amount: amount, quantity: Decimal::ONE })
    }
}

/// Of the price as it is.
fn whole(rated: Rated, currency: Currency) -> Result<Worth, Unbillable> {
    let amount = rounding::round_to_minor(rated.amount, currency)?;
    Ok(Worth { rated, cut: None, paid: None, before: None, amount })
}

/// Of what is charged once.
///
/// # Errors
/// Numbers that do not fit.
pub fn once(timeline: &Timeline, version: &ItemVersion) -> Result<Worth, Unbillable> {
    whole(rating::rate(version.model(), version.quantity)?, timeline.currency)
}

/// Of a part of a period of the version's cycle, which ends by its basis or another. What goes on after a break was paid before it.
///
/// # Errors
/// Numbers that do not fit.
pub fn part(
    timeline: &Timeline,
    version: &ItemVersion,
    (part, period): (Period, Period),
    ends_by: Basis,
) -> Result<Worth, Unbillable> {
    let (paid, whole) = timeline.as_paid(version, (part, period))?;
    if (paid, whole) == (part, period) {
        return cut(timeline, version, (part, period), (ends_by, part.start == version.valid_from));
    }
    let is_kept = paid != part && timeline.paid_by(version).is_some();
    moved(timeline, version, AsPaid { part: paid, whole, is_kept }, ends_by)
}

/// Of a part of a period that goes on after a break.
///
/// # Errors
/// Numbers that do not fit.
pub fn moved(
    timeline: &Timeline,
    version: &ItemVersion,
    paid: AsPaid,
    ends_by: Basis,
) -> Result<Worth, Unbillable> {
    let AsPaid { part, whole, is_kept } = paid;
    let worth = match is_kept {
        true => cut_out(timeline, version, (part, whole), Basis::None)?,
        false => cut(timeline, version, (part, whole), (ends_by, true))?,
    };
    Ok(Worth { paid: Some(paid), ..worth })
}

/// Of a part of a period, which may begin with the version.
fn cut(
    timeline: &Timeline,
    version: &ItemVersion,
    (part, period): (Period, Period),
    (ends_by, begins): (Basis, bool),
) -> Result<Worth, Unbillable> {
    if part == period {
        return whole(rating::rate(version.model(), version.quantity)?, timeline.currency);
    }
    let (starts_by, zone) = (version.bounds.starts_by, timeline.cycle_of(version).zone());
    let ends_by = match begins {
        true => proration::ending(&period, (part.start, starts_by), (part.end, ends_by), zone),
        false => ends_by,
    };
    cut_out(timeline, version, (part, period), ends_by)
}

fn cut_out(
    timeline: &Timeline,
    version: &ItemVersion,
    (part, period): (Period, Period),
    ends_by: Basis,
) -> Result<Worth, Unbillable> {
    let rated = rating::rate(version.model(), version.quantity)?;
    let (starts_by, currency) = (version.bounds.starts_by, timeline.currency);
    let spec = Spec { starts_by, ends_by, zone: timeline.cycle_of(version).zone(), currency };
    let cut = proration::cut(rated.amount, &part, &period, spec)?;
    Ok(Worth { rated, cut: Some(cut), paid: None, before: None, amount: cut.amount()? })
}

/// Of what was measured up to a piece's end, less what it was worth up to its start: `before` is what was measured in the pieces of
/// the same price before it, and `through` in those and the piece.
///
/// # Errors
/// Numbers that do not fit.
pub fn used(
    price: &UsagePrice<'_>,
    (before, through): (Option<&Summary>, &Summary),
) -> Result<Worth, Unbillable> {
    let worth = whole(price.rate_summary(through)?, price.currency)?;
    let Some(before) = before else { return Ok(worth) };
    let Worth { rated, amount, .. } = whole(price.rate_summary(before)?, price.currency)?;
    let difference = worth.amount.checked_sub(amount)?;
    Ok(Worth { before: Some(Before { rated, amount }), amount: difference, ..worth })
}
