//! What does each unit cost at the price of its own tier? 2,500 units at 0.10 up to 100, 0.08 up to 1,000 and 0.05 above:
//! 100 × 0.10 + 900 × 0.08 + 1,500 × 0.05 = 157.00.
//!
//! The flat amount of a tier is added once, when the quantity enters the tier; every quantity, 0 too, enters the first.

use rust_decimal::Decimal;

use super::{Rated, plus, times};
use crate::domain::catalog::Tier;
use crate::domain::money::MoneyError;

pub(super) fn rate(tiers: &[Tier], quantity: Decimal) -> Result<Rated, MoneyError> {
    let mut amount = Decimal::ZERO;
    entered(tiers, quantity, |tier, _, units| {
        let charged = times(tier.unit_amount, units)?;
        amount = plus(plus(amount, charged)?, tier.flat_amount)?;
        Ok(())
    })?;
    Ok(Rated::whole(amount))
}

/// Visits the tiers that a quantity enters: each, what lies below it, and the units in it.
pub(super) fn entered<'t>(
    tiers: &'t [Tier],
    quantity: Decimal,
    mut visit: impl FnMut(&'t Tier, Decimal, Decimal) -> Result<(), MoneyError>,
) -> Result<(), MoneyError> {
    // Where the tier begins: above this, and in the first tier at it.
    let mut floor = Decimal::ZERO;
    for (n, tier) in tiers.iter().enumerate() {
        if n > 0 && quantity <= floor {
            break;
        }
        let is_last = n + 1 == tiers.len();
        let bound = tier.up_to.filter(|_| !is_last).unwrap_or(quantity);
        // What flowed back is given back at the price of the first tier.
        let units = bound.min(quantity).checked_sub(floor).ok_or(MoneyError::Overflow)?;
        visit(tier, floor, units)?;
        floor = bound;
    }
    Ok(())
}
