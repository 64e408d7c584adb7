//! What do packages cost? A package begun is paid whole: 1,250 units in packages of 100 at 5.00 → 13 × 5.00 = 65.00.

use rust_decimal::Decimal;

use super::Rated;
use crate::domain::money::MoneyError;

pub(super) fn rate(amount: Decimal, size: Decimal, quantity: Decimal) -> Result<Rated, MoneyError> {
    Rated::each(amount, packages(quantity, size)?)
}

/// How many packages hold a quantity. Counted in integers: a quotient rounded to 28 digits could lose a package begun.
fn packages(quantity: Decimal, size: Decimal) -> Result<Decimal, MoneyError> {
    if size <= Decimal::ZERO {
        return Err(MoneyError::BadDenominator { denominator: 0 });
    }
    let (quantity, size) = (quantity.normalize(), size.normalize());
    let scale = quantity.scale().max(size.scale());
    let steps = |number: Decimal| {
        let up = 10_i128.checked_pow(scale - number.scale())?;
        number.mantissa().checked_mul(up)
    };
    let (units, one) = steps(quantity).zip(steps(size)).ok_or(MoneyError::Overflow)?;
    let begun = i128::from(units.rem_euclid(one) != 0);
    Decimal::try_from_i128_with_scale(units.div_euclid(one) + begun, 0).map_err(|_| MoneyError::Overflow)
}
