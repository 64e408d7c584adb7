//! How much, in which currency? An exact amount that never drifts, mixes or wraps.
//!
//! `19.99` USD is 1999 minor units; `1.234` BHD is 1234; `500` JPY is 500. Prices and quantities are decimals
//! ([`parse_decimal`]); they become [`Money`] once, in [`rounding`], and [`allocate()`] splits it without losing a cent.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::as_conversions))]

mod allocate;
mod compared;
mod convert;
mod currency;
mod notation;
pub mod rounding;
#[cfg(test)]
mod tests;
mod total;

pub use allocate::allocate;
pub use compared::Compared;
pub use convert::Ratio;
pub use currency::Currency;
pub use notation::parse_decimal;
pub use rounding::{
    round_share_to_minor, round_to_digits, round_to_minor, round_to_significant, round_to_step,
};
pub use total::Total;

use rust_decimal::Decimal;
use std::fmt;
use thiserror::Error;

/// The most that one amount can be, in minor units: 10^15, ten trillion dollars. A price, a line, a document and a
/// payment keep to it, so 9,000 of them still add up in 64 bits, and any number of them in a [`Total`].
pub const LARGEST: i64 = 1_000_000_000_000_000;

/// Why an amount, price or currency was refused. Every message is a sentence for the person who sent it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// Not on ISO 4217 list one.
    #[error("\"{code}\" is not an ISO 4217 currency code: use three upper-case letters, such as EUR")]
    UnknownCurrency {
        /// The code as sent, shortened.
        code: String,
    },
    /// Gold, special drawing rights, test codes: nothing can be invoiced in them.
    #[error("{code} has no minor unit in ISO 4217, so no amount can be billed in it")]
    NoMinorUnit {
        /// The code as sent.
        code: String,
    },
    /// Once on the list, no longer legal tender.
    #[error("{code} was withdrawn from ISO 4217: use {successor}")]
    WithdrawnCurrency {
        /// The code as sent.
        code: &'static str,
        /// The currency that replaced it.
        successor: &'static str,
    },
    /// Blank, a plus sign, an exponent, a separator, NaN, ….
    #[error(
        "\"{input}\" is not a plain decimal number: write digits with at most one point, such as 19.99 or -5"
    )]
    NotANumber {
        /// The text as sent, shortened.
        input: String,
    },
    /// `19.999` USD: cutting it would be rounding in secret.
    #[error("\"{input}\" has more decimals than {currency} has: at most {}", .currency.exponent())]
    TooPrecise {
        /// The text as sent, shortened.
        input: String,
        /// The currency whose exponent it exceeds.
        currency: Currency,
    },
    /// A price, quantity or rate outside what is kept exactly.
    #[error("\"{input}\" is too long: at most 15 digits before the point and 12 after it")]
    TooManyDigits {
        /// The text as sent, shortened.
        input: String,
    },
    /// Two currencies met in one sum.
    #[error("{left} and {right} cannot be added: convert one of them first")]
    MixedCurrencies {
        /// The currency of the amount on the left.
        left: Currency,
        /// The currency of the amount on the right.
        right: Currency,
    },
    /// The amount is more than [`LARGEST`] (or a sum more than 64-bit minor units, or its computation more than 128 bits).
    #[error("the amount is out of range: one amount is at most {}", Money::from_minor(LARGEST, *.currency))]
    OutOfRange {
        /// The currency of the amount.
        currency: Currency,
    },
    /// A computation before there is an amount: a price times a quantity, a count.
    #[error("the numbers are too large to be computed exactly")]
    Overflow,
    /// A share with a zero or negative denominator.
    #[error("an amount cannot be divided by {denominator}: the denominator must be above zero")]
    BadDenominator {
        /// What was given.
        denominator: i64,
    },
    /// A negative weight would move money from one part to another.
    #[error("the weight {weight} is negative: an amount is spread by weights of zero or more")]
    NegativeWeight {
        /// What was given.
        weight: Decimal,
    },
    /// Nobody to give a non-zero amount to.
    #[error("{total} cannot be spread: there is no part with a weight above zero")]
    NothingToSpreadOver {
        /// The amount that would be lost.
        total: Money,
    },
    /// Weights whose exact sum does not fit in 128 bits.
    #[error("the weights differ too much in size to be compared exactly")]
    WeightsOutOfRange,
}

/// An exact amount: 64-bit minor units of one currency. `Money::from_minor(-1999, usd)` prints as `-19.99 USD`.
///
/// There are no `+` and `-`: adding can fail, by mixing currencies or by overflow, and says so.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// Nothing, in this currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// From minor units: 1999 is 19.99 USD, and 1999 JPY.
    #[must_use]
    pub const fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// The smaller of two amounts.
    ///
    /// # Errors
    /// They are of two currencies.
    pub fn smaller(self, other: Money) -> Result<Money, MoneyError> {
        Ok(if self.checked_sub(other)?.is_negative() { self } else { other })
    }

    /// From minor units computed in 128 bits.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] beyond 64 bits.
    pub fn from_wide_minor(minor: i128, currency: Currency) -> Result<Self, MoneyError> {
        let minor = i64::try_from(minor).map_err(|_| MoneyError::OutOfRange { currency })?;
        Ok(Self { minor, currency })
    }

    /// Reads `"19.99"` or `"-500"` in major units.
    ///
    /// # Errors
    /// Refuses more decimals than the currency has (even zeros), exponents, plus signs, blanks, words and more than [`LARGEST`].
    pub fn parse_major(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let plain = notation::PlainDecimal::read(text)?;
        let missing = plain.decimals().and_then(|decimals| currency.exponent().checked_sub(decimals));
        let too_precise = || MoneyError::TooPrecise { input: notation::shortened(text), currency };
        let missing = missing.ok_or_else(too_precise)?;
        let out_of_range = MoneyError::OutOfRange { currency };
        let mantissa = plain.mantissa().ok_or_else(|| out_of_range.clone())?;
        let factor = rounding::power_of_ten(missing);
        let minor = factor.and_then(|f| mantissa.checked_mul(f)).ok_or(out_of_range)?;
        Self::from_wide_minor(minor, currency)?.within_bounds()
    }

    /// The amount, if it is one that a single price, line, document or payment can be.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] beyond [`LARGEST`], to either side.
    pub fn within_bounds(self) -> Result<Self, MoneyError> {
        if self.minor.unsigned_abs() <= LARGEST.unsigned_abs() {
            return Ok(self);
        }
        Err(MoneyError::OutOfRange { currency: self.currency })
    }

    /// The amount in minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency of the amount.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The amount in major units with all the decimals of its currency: `-19.99`, `500`, `1.234`.
    #[must_use]
    pub fn to_major_string(self) -> String {
        Total::from_minor(i128::from(self.minor), self.currency).to_major_string()
    }

    /// The amount in major units, exactly.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.minor, self.currency.exponent())
    }

    /// This and another amount of the same currency.
    ///
    /// # Errors
    /// [`MoneyError::MixedCurrencies`], [`MoneyError::OutOfRange`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Self::from_wide_minor(i128::from(self.minor) + i128::from(other.minor), self.currency)
    }

    /// The share of it that a part has of a whole of the same currency, rounded once: of 6.00, with 11.00 of 33.00, 2.00.
    ///
    /// # Errors
    /// [`MoneyError::MixedCurrencies`]; [`MoneyError::BadDenominator`] unless the whole is above zero; [`MoneyError::OutOfRange`].
    pub fn share(self, (part, whole): (Money, Money)) -> Result<Self, MoneyError> {
        part.checked_sub(whole)?;
        round_share_to_minor(self.to_decimal(), (part.minor(), whole.minor()), self.currency)
    }

    /// This without another amount of the same currency.
    ///
    /// # Errors
    /// [`MoneyError::MixedCurrencies`], [`MoneyError::OutOfRange`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Self::from_wide_minor(i128::from(self.minor) - i128::from(other.minor), self.currency)
    }

    /// The same amount the other way: a charge becomes a credit.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] for the one amount without an opposite, `i64::MIN`.
    pub fn negated(self) -> Result<Self, MoneyError> {
        Self::from_wide_minor(-i128::from(self.minor), self.currency)
    }

    /// Exactly nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Below nothing: a credit.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    /// Above nothing: a charge.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// The sum of amounts; of none, zero of `currency`. Only the result has to fit in 64 bits, whatever the order.
    ///
    /// # Errors
    /// [`MoneyError::MixedCurrencies`] if one is of another currency, [`MoneyError::OutOfRange`].
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        let mut total = 0_i128;
        for amount in amounts {
            Self::zero(currency).same_currency(amount)?;
            total += i128::from(amount.minor);
        }
        Self::from_wide_minor(total, currency)
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(MoneyError::MixedCurrencies { left: self.currency, right: other.currency })
    }
}

/// `-19.99 USD`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_major_string(), self.currency)
    }
}

/// As displayed: a failed test shows `19.99 USD`.
impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
