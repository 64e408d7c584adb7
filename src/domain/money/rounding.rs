//! Where do fractions of a cent go? Half away from zero, once, here and nowhere else.
//!
//! `2.675` USD rounds to 2.68 and `-0.125` USD to -0.13 (EN 16931 rounds absolute values the same way); `2.5` JPY to 3.

use super::{Currency, Money, MoneyError};
use rust_decimal::{Decimal, RoundingStrategy};

pub(super) const TEN: i128 = 10;

/// Rounds an exact amount in major units to the minor unit of its currency: `0.125` USD gives 0.13.
///
/// # Errors
/// [`MoneyError::OutOfRange`] beyond [`LARGEST`](super::LARGEST).
pub fn round_to_minor(value: Decimal, currency: Currency) -> Result<Money, MoneyError> {
    round_share_to_minor(value, (1, 1), currency)
}

/// Rounds `value × numerator ÷ denominator`, multiplied first and divided once: a third of `10` USD gives 3.33.
///
/// # Errors
/// [`MoneyError::BadDenominator`] unless the denominator is above zero; [`MoneyError::OutOfRange`] when the result
/// is beyond [`LARGEST`](super::LARGEST) or the product 128 bits (a price of 27 digits times every second of 400 years still fits).
pub fn round_share_to_minor(
    value: Decimal,
    (numerator, denominator): (i64, i64),
    currency: Currency,
) -> Result<Money, MoneyError> {
    if denominator <= 0 {
        return Err(MoneyError::BadDenominator { denominator });
    }
    let minor = wide_share(value, (numerator, denominator), currency.exponent());
    Money::from_wide_minor(minor.ok_or(MoneyError::OutOfRange { currency })?, currency)?.within_bounds()
}

/// `value × 10^exponent × numerator ÷ denominator` rounded, or `None` on overflow of 128 bits.
fn wide_share(value: Decimal, (numerator, denominator): (i64, i64), exponent: u32) -> Option<i128> {
    let value = value.normalize();
    let mut dividend = value.mantissa().checked_mul(i128::from(numerator))?;
    let mut divisor = i128::from(denominator);
    match exponent.checked_sub(value.scale()) {
        Some(up) => dividend = dividend.checked_mul(power_of_ten(up)?)?,
        None => divisor = divisor.checked_mul(power_of_ten(value.scale() - exponent)?)?,
    }
    Some(divide_half_away(dividend, divisor))
}

/// Division to the nearest integer, a half away from zero. The divisor is positive.
pub(super) fn divide_half_away(dividend: i128, divisor: i128) -> i128 {
    let (quotient, remainder) = (dividend / divisor, dividend % divisor);
    let left = remainder.unsigned_abs();
    if left >= divisor.unsigned_abs() - left { quotient + remainder.signum() } else { quotient }
}

/// 10^n in 128 bits.
pub(super) const fn power_of_ten(n: u32) -> Option<i128> {
    TEN.checked_pow(n)
}

/// A price to so many decimals, half away from zero: `0.37353` to two are 0.37. For prices, which may be finer than their currency.
#[must_use]
pub fn round_to_digits(value: Decimal, decimals: u32) -> Decimal {
    value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
}

/// A price to so many significant digits, half away from zero: `0.00038271602` to four are 0.0003827.
#[must_use]
pub fn round_to_significant(value: Decimal, digits: u32) -> Decimal {
    value.round_sf_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero).unwrap_or(value)
}

/// An amount to a multiple of a step, half away from zero: 10.03 by steps of 0.05 are 10.05. By no step it stays as it is.
///
/// # Errors
/// Beyond what an amount can be.
pub fn round_to_step(amount: Money, step: Money) -> Result<Money, MoneyError> {
    let (minor, step) = (i128::from(amount.minor()), i128::from(step.minor()));
    let steps = share_half_away(minor, (1, step));
    Money::from_wide_minor(steps.map_or(minor, |steps| steps * step), amount.currency())
}

/// So much of a whole as a part has of another, `worth × part ÷ whole`, in minor units: half away from zero. `None` where 128 bits do not hold it,
/// or the whole is not above zero.
#[must_use]
pub fn share_half_away(worth: i128, (part, whole): (i128, i128)) -> Option<i128> {
    let product = worth.checked_mul(part)?;
    (whole > 0).then(|| divide_half_away(product, whole))
}
