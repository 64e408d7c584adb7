//! What is an amount of one currency in another? The amount by a ratio of rates, exactly, and rounded once at the end.
//!
//! 10.00 USD over 1.0876 (USD for a euro) are 9.1945… EUR: 9.19. 10.00 USD over 1.0876 times 162.5 (JPY for a euro) are 1494.11… JPY: 1494;
//! by way of 9.19 EUR they would be 1493.

use rust_decimal::{Decimal, RoundingStrategy};

use super::rounding::{TEN, divide_half_away, power_of_ten};
use super::{Currency, Money, MoneyError, Total};

/// Digits of a ratio that is shown as one number.
const SHOWN_DIGITS: u32 = 12;

/// How much of one currency one unit of another is: the product of some rates over the product of others, each above zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ratio {
    numerator: i128,
    denominator: i128,
    /// By how many powers of ten the quotient of the two is larger than the ratio; below zero: smaller.
    scale: i64,
}

impl Ratio {
    /// One to one.
    pub const ONE: Ratio = Ratio { numerator: 1, denominator: 1, scale: 0 };

    /// Times a rate.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`]: together with the rates before it has more digits than are computed with.
    pub fn times(self, rate: Decimal) -> Result<Ratio, MoneyError> {
        let rate = rate.normalize();
        let numerator = self.numerator.checked_mul(rate.mantissa()).ok_or(MoneyError::Overflow)?;
        Ok(Ratio { numerator, scale: self.scale + i64::from(rate.scale()), ..self })
    }

    /// Over a rate.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`], as above; [`MoneyError::BadDenominator`] unless the rate is above zero.
    pub fn over(self, rate: Decimal) -> Result<Ratio, MoneyError> {
        let rate = rate.normalize();
        if rate.mantissa() <= 0 {
            return Err(MoneyError::BadDenominator { denominator: 0 });
        }
        let denominator = self.denominator.checked_mul(rate.mantissa()).ok_or(MoneyError::Overflow)?;
        // Ten times as much must still fit where digits are written one by one.
        denominator.checked_mul(2 * TEN).ok_or(MoneyError::Overflow)?;
        Ok(Ratio { denominator, scale: self.scale - i64::from(rate.scale()), ..self })
    }

    /// An amount in another currency, rounded to its minor unit, half away from zero.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`]: it is more than an amount can be, or has more digits on the way than are computed with.
    pub fn convert(&self, amount: Money, to: Currency) -> Result<Money, MoneyError> {
        let total = self.convert_total(Total::zero(amount.currency()).plus(amount), to)?;
        Money::from_wide_minor(total.minor(), to)?.within_bounds()
    }

    /// A sum in another currency, rounded the same way.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`]: more digits than are computed with.
    pub fn convert_total(&self, sum: Total, to: Currency) -> Result<Total, MoneyError> {
        let shift = i64::from(to.exponent()) - i64::from(sum.currency().exponent()) - self.scale;
        let dividend = sum.minor().checked_mul(self.numerator);
        let minor = dividend.and_then(|dividend| shifted_quotient(dividend, self.denominator, shift));
        Ok(Total::from_minor(minor.ok_or(MoneyError::OutOfRange { currency: to })?, to))
    }

    /// The ratio as one number of at most twelve digits, to be shown and not to be computed with.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`]: it is too large or too small to be written.
    pub fn shown(&self) -> Result<Decimal, MoneyError> {
        let exact = |integer: i128| Decimal::try_from_i128_with_scale(integer, 0).ok();
        let quotient = exact(self.numerator).zip(exact(self.denominator));
        let quotient = quotient.and_then(|(above, below)| above.checked_div(below));
        let scaled = quotient.and_then(|quotient| match u32::try_from(self.scale) {
            Ok(down) => quotient.checked_div(ten_to_the(down)?),
            Err(_) => quotient.checked_mul(ten_to_the(u32::try_from(-self.scale).ok()?)?),
        });
        let shown = scaled.and_then(|ratio| {
            ratio.round_sf_with_strategy(SHOWN_DIGITS, RoundingStrategy::MidpointAwayFromZero)
        });
        shown.filter(|ratio| !ratio.is_zero()).map(|ratio| ratio.normalize()).ok_or(MoneyError::Overflow)
    }
}

fn ten_to_the(power: u32) -> Option<Decimal> {
    Decimal::try_from_i128_with_scale(power_of_ten(power)?, 0).ok()
}

/// `dividend ÷ divisor × 10^shift`, rounded half away from zero; `None` where 128 bits do not hold it.
fn shifted_quotient(dividend: i128, divisor: i128, shift: i64) -> Option<i128> {
    let Ok(up) = u32::try_from(shift) else { return shifted_down(dividend, divisor, shift) };
    // Digit by digit, as it is done on paper: the remainder stays below the divisor.
    let (mut quotient, mut remainder) = (dividend / divisor, dividend % divisor);
    for _ in 0..up {
        remainder *= TEN;
        quotient = quotient.checked_mul(TEN)?.checked_add(remainder / divisor)?;
        remainder %= divisor;
    }
    quotient.checked_add(divide_half_away(remainder, divisor))
}

/// The same for a shift below zero: whether the digits cut off are half or more does not depend on the remainder, which is less than one.
fn shifted_down(dividend: i128, divisor: i128, shift: i64) -> Option<i128> {
    let quotient = dividend / divisor;
    match u32::try_from(shift.unsigned_abs()).ok().and_then(power_of_ten) {
        Some(power) => Some(divide_half_away(quotient, power)),
        // More digits are cut off than there are.
        None => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use crate::domain::laws::tried;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn converted(amount: &str, ratio: &Ratio, to: &str) -> String {
        let (digits, code) = amount.split_once(' ').unwrap();
        let amount = Money::parse_major(digits, currency(code)).unwrap();
        ratio.convert(amount, currency(to)).unwrap().to_string()
    }

    #[test]
    fn an_amount_is_rounded_once_to_the_decimals_of_its_new_currency() {
        let from_dollars = Ratio::ONE.over(decimal("1.0876")).unwrap();
        assert_eq!(converted("10.00 USD", &from_dollars, "EUR"), "9.19 EUR");
        assert_eq!(converted("-10.00 USD", &from_dollars, "EUR"), "-9.19 EUR");
        let to_yen = from_dollars.times(decimal("162.50")).unwrap();
        assert_eq!(converted("10.00 USD", &to_yen, "JPY"), "1494 JPY");
        let to_dinars = Ratio::ONE.times(decimal("0.41")).unwrap();
        assert_eq!(converted("10.00 EUR", &to_dinars, "BHD"), "4.100 BHD");
        assert_eq!(converted("1494 JPY", &Ratio::ONE.over(decimal("162.5")).unwrap(), "EUR"), "9.19 EUR");
    }

    #[test]
    fn a_half_goes_away_from_zero() {
        let half = Ratio::ONE.times(decimal("0.5")).unwrap();
        assert_eq!(converted("0.05 EUR", &half, "USD"), "0.03 USD");
        assert_eq!(converted("-0.05 EUR", &half, "USD"), "-0.03 USD");
        assert_eq!(converted("0.05 EUR", &half, "JPY"), "0 JPY");
        assert_eq!(converted("1.00 EUR", &half, "JPY"), "1 JPY");
    }

    #[test]
    fn what_no_bits_hold_is_refused_and_never_wraps() {
        let huge = Ratio::ONE.times(decimal("999999999.999999999999")).unwrap();
        let most = Money::from_minor(crate::domain::money::LARGEST, currency("USD"));
        assert!(huge.convert(most, currency("EUR")).is_err());
        assert!(Ratio::ONE.over(Decimal::ZERO).is_err());
        let twice = huge.times(decimal("999999999.999999999999"));
        assert!(twice.is_err() || twice.unwrap().convert(most, currency("EUR")).is_err());
    }

    #[test]
    fn a_ratio_is_shown_with_twelve_digits() {
        let cross = Ratio::ONE.over(decimal("1.0876")).and_then(|r| r.times(decimal("162.5"))).unwrap();
        assert_eq!(cross.shown().unwrap().to_string(), "149.411548363");
        assert_eq!(Ratio::ONE.times(decimal("1.0876")).unwrap().shown().unwrap().to_string(), "1.0876");
    }

    fn rates() -> impl Strategy<Value = Decimal> {
        (1_i64..10_000_000, 0_u32..7).prop_map(|(digits, scale)| Decimal::new(digits, scale))
    }

    proptest! {
        #![proptest_config(tried())]

        /// Against division of decimals of 28 digits.
        #[test]
        fn it_is_the_exact_quotient_rounded(minor in -1_000_000_000_i64..1_000_000_000, times in rates(), over in rates(),
                                            to in prop::sample::select(vec!["EUR", "JPY", "BHD", "CLF"])) {
            let ratio = Ratio::ONE.times(times).unwrap().over(over).unwrap();
            let converted = ratio.convert_total(Total::from_minor(minor.into(), currency("USD")), currency(to)).unwrap();
            let converted = Decimal::from_i128_with_scale(converted.minor(), currency(to).exponent());
            // The difference to the exact amount, times the divisor: exact itself.
            let off = (converted * over - Decimal::new(minor, 2) * times).abs();
            let half = Decimal::new(5, currency(to).exponent() + 1) * over;
            prop_assert!(off <= half, "{} is off by {}", converted, off);
        }

        #[test]
        fn the_opposite_amount_is_the_opposite(minor in 0_i128..1_000_000_000_000, times in rates(), over in rates()) {
            let ratio = Ratio::ONE.times(times).unwrap().over(over).unwrap();
            let there = |minor| ratio.convert_total(Total::from_minor(minor, currency("EUR")), currency("USD")).unwrap().minor();
            prop_assert_eq!(there(minor), -there(-minor));
        }

        /// There and back it is at most half a minor unit of the way there off, and half of its own.
        #[test]
        fn there_and_back_is_near(minor in 0_i64..1_000_000_000, rate in rates()) {
            let (there, back) = (Ratio::ONE.times(rate).unwrap(), Ratio::ONE.over(rate).unwrap());
            let amount = Money::from_minor(minor, currency("EUR"));
            if let Ok(away) = there.convert(amount, currency("USD")) {
                let home = back.convert(away, currency("EUR")).unwrap();
                let off = Decimal::from((home.minor() - minor).abs());
                let bound = Decimal::new(5, 1) + Decimal::new(5, 1).checked_div(rate).unwrap();
                prop_assert!(off <= bound, "{} came back as {} at {}", amount, home, rate);
            }
        }
    }
}
