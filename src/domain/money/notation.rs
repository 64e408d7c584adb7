//! Which texts are numbers? Plain decimals only: `-19.99`, `0.0025`, `500`.
//!
//! Not `+5`, `1e5`, `.5`, `5.`, `1,000`, `٣` or `NaN`: whoever writes them may mean something else than we would read.

use super::{MoneyError, rounding};
use rust_decimal::Decimal;

/// Digits before the point that a price, quantity or rate may have.
const MAX_INTEGER_DIGITS: usize = 15;
/// Digits after it. 27 digits in all stay exact in a 96-bit decimal, which holds 28.
const MAX_DECIMALS: usize = 12;
/// How much of a refused text is shown back.
const SHOWN: usize = 40;

/// Reads a price, quantity or rate: `"0.0025"`.
///
/// # Errors
/// [`MoneyError::NotANumber`] unless in plain decimal notation; [`MoneyError::TooManyDigits`] above 15 digits before
/// the point (leading zeros aside) or 12 after it.
pub fn parse_decimal(text: &str) -> Result<Decimal, MoneyError> {
    let plain = PlainDecimal::read(text)?;
    let too_many = || MoneyError::TooManyDigits { input: shortened(text) };
    if plain.integer.len() > MAX_INTEGER_DIGITS || plain.fraction.len() > MAX_DECIMALS {
        return Err(too_many());
    }
    let mantissa = plain.mantissa().ok_or_else(too_many)?;
    let decimals = plain.decimals().ok_or_else(too_many)?;
    Decimal::try_from_i128_with_scale(mantissa, decimals).map_err(|_| too_many())
}

/// A text known to be `-?digits[.digits]`, taken apart. Leading zeros are dropped.
pub(super) struct PlainDecimal<'a> {
    negative: bool,
    integer: &'a str,
    fraction: &'a str,
}

impl<'a> PlainDecimal<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, MoneyError> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (integer, fraction) = match unsigned.split_once('.') {
            Some((integer, fraction)) => (integer, Some(fraction)),
            None => (unsigned, None),
        };
        if !is_digits(integer) || !fraction.is_none_or(is_digits) {
            return Err(MoneyError::NotANumber { input: shortened(text) });
        }
        Ok(Self {
            negative,
            integer: integer.trim_start_matches('0'),
            fraction: fraction.unwrap_or_default(),
        })
    }

    /// How many digits are written after the point; none when they are more than can be counted.
    pub(super) fn decimals(&self) -> Option<u32> {
        u32::try_from(self.fraction.len()).ok()
    }

    /// All digits as one signed integer: `-19.99` gives -1999. `None` beyond 128 bits.
    pub(super) fn mantissa(&self) -> Option<i128> {
        let mut value = 0_i128;
        for digit in self.integer.bytes().chain(self.fraction.bytes()) {
            value = value.checked_mul(rounding::TEN)?.checked_add(i128::from(digit - b'0'))?;
        }
        Some(if self.negative { -value } else { value })
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The text for an error message, cut so that a huge body is not echoed back.
pub(super) fn shortened(text: &str) -> String {
    if text.chars().nth(SHOWN).is_none() {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}
