//! What do units of one price cost? Quantity × unit amount: 1,001 at 0.0025 → 2.5025.

use rust_decimal::Decimal;

use super::Rated;
use crate::domain::money::MoneyError;

pub(super) fn rate(unit_amount: Decimal, quantity: Decimal) -> Result<Rated, MoneyError> {
    Rated::each(unit_amount, quantity)
}
