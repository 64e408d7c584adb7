//! What does a quantity cost under a price model? 7 seats at 12.50 → 87.50, exact and not yet rounded.
//!
//! The order of steps, whatever the model:
//!
//! 1. **Quantity**: what the item holds for a whole period. It may be fractional and is never rounded.
//! 2. **Packages**: a [`package`] price rounds up to whole packages, and those are its quantity from here on.
//! 3. **Tiers**: the tiers the quantity enters ([`graduated`]), or the one it reaches ([`volume`], [`stairstep`]), by the
//!    one convention of [`Tier`]: `up_to` inclusive, the last one open, 0 in the first.
//!    Units included in the price are a first tier at 0; overage is the price of the tier after it.
//! 4. **Amount**: quantity × unit amount + flat amount, of each tier that counts. Prices are never rounded.
//! 5. **Part of a period**: the share of the whole period's amount ([`proration`](crate::domain::proration)). Tiers are
//!    meant for a whole period: in half of one they have the same bounds, and the amount is halved.
//! 6. **Rounding** to the currency, once, for the line ([`rounding`](crate::domain::money::rounding)).
//!
//! These are the steps of quantities that are sold. What is measured has its own: see [`usage`].
//!
//! 2,500 calls a month at 0.10 up to 100, 0.08 up to 1,000 and 0.05 above, graduated: 10.00 + 72.00 + 75.00 = 157.00.
//! For the 10 of 30 days after a start on the 21st: 157.00 × 10 ÷ 30 = 52.33.
//!
//! **Owns**: What a quantity costs under a price model, exact and not rounded.
//!
//! **Not its own**: How much was used ([`usage`](super::usage)); which part of a period is owed ([`billing`](super::billing)).
//!
//! **Laws**: More never costs less, but where a tier of `volume` or `stairstep` says so. The parts of a breakdown add up to the
//! whole.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::as_conversions))]

pub mod breakdown;
mod flat;
mod graduated;
mod matrix;
mod package;
pub mod part;
mod per_unit;
mod percentage;
mod stairstep;
pub mod summary;
pub mod usage;
mod volume;

use rust_decimal::Decimal;

use super::catalog::{PriceModel, Tier};
use super::money::MoneyError;

/// What a whole period costs, before the one rounding of its line.
///
/// `quantity × unit_amount` is `amount`, always: that is what a line says, what its reader checks, and what e-invoices
/// demand (EN 16931, BT-131). A model in which units have different prices has no unit amount of which that is true, so
/// its line is 1 at the amount: an average such as 157.00 ÷ 2,500 is the price of no unit, and often has no last digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rated {
    /// Major units, exact to 28 digits.
    pub amount: Decimal,
    /// What one of `quantity` costs, as printed on the line.
    pub unit_amount: Decimal,
    /// The quantity printed on the line: units, packages, or 1.
    pub quantity: Decimal,
}

impl Rated {
    /// Priced as one thing.
    fn whole(amount: Decimal) -> Rated {
        Rated { amount, unit_amount: amount, quantity: Decimal::ONE }
    }

    /// Priced alike for each.
    fn each(unit_amount: Decimal, quantity: Decimal) -> Result<Rated, MoneyError> {
        Ok(Rated { amount: times(unit_amount, quantity)?, unit_amount, quantity })
    }
}

/// Rates a quantity of 0 or more.
///
/// # Errors
/// [`MoneyError::Overflow`] when the numbers are too large to be multiplied.
pub fn rate(model: &PriceModel, quantity: Decimal) -> Result<Rated, MoneyError> {
    match model {
        PriceModel::Flat { amount } => Ok(flat::rate(*amount)),
        PriceModel::PerUnit { unit_amount } => per_unit::rate(*unit_amount, quantity),
        PriceModel::Package { amount, size } => package::rate(*amount, *size, quantity),
        PriceModel::Graduated { tiers } => graduated::rate(tiers, quantity),
        PriceModel::Volume { tiers } => volume::rate(tiers, quantity),
        PriceModel::Stairstep { tiers } => Ok(stairstep::rate(tiers, quantity)),
        // What falls short of it is known when its prices are: see `invoicing::commitments`.
        PriceModel::Commitment { amount, .. } => Ok(flat::rate(*amount)),
        // The models of usage prices, for a quantity that is not known apart by event or dimension.
        PriceModel::Percentage { .. } => {
            usage::percentage(model).map_or(Ok(Rated::whole(Decimal::ZERO)), |price| price.rate(quantity, 1))
        }
        PriceModel::Matrix { default_unit_amount, .. } => {
            per_unit::rate(default_unit_amount.unwrap_or(Decimal::ZERO), quantity)
        }
        PriceModel::Dynamic { .. } => Ok(Rated::whole(Decimal::ZERO)),
    }
}

/// The tier a quantity reaches: the first whose bound is not below it. The last one has no end.
fn reached(tiers: &[Tier], quantity: Decimal) -> Option<&Tier> {
    let holds = |tier: &&Tier| tier.up_to.is_none_or(|bound| quantity <= bound);
    tiers.iter().find(holds).or(tiers.last())
}

fn times(price: Decimal, quantity: Decimal) -> Result<Decimal, MoneyError> {
    price.checked_mul(quantity).ok_or(MoneyError::Overflow)
}

fn plus(left: Decimal, right: Decimal) -> Result<Decimal, MoneyError> {
    left.checked_add(right).ok_or(MoneyError::Overflow)
}

#[cfg(test)]
mod tests;
