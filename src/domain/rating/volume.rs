//! What does every unit cost at the price of the tier reached? 1,001 units at 0.10 up to 100, 0.08 up to 1,000 and 0.05
//! above: 1,001 × 0.05 = 50.05, less than the 80.00 of 1,000 units.

use rust_decimal::Decimal;

use super::{Rated, plus, reached};
use crate::domain::catalog::Tier;
use crate::domain::money::MoneyError;

pub(super) fn rate(tiers: &[Tier], quantity: Decimal) -> Result<Rated, MoneyError> {
    let Some(tier) = reached(tiers, quantity) else { return Ok(Rated::whole(Decimal::ZERO)) };
    let each = Rated::each(tier.unit_amount, quantity)?;
    if tier.flat_amount.is_zero() {
        return Ok(each);
    }
    Ok(Rated::whole(plus(each.amount, tier.flat_amount)?))
}
