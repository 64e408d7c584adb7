//! How is a measured value kept so that nothing is lost? As a whole number of trillionths: `4.25` is 4,250,000,000,000 of them.
//!
//! A value has at most 15 digits before the point and 12 after it, so a hundred billion of them still add up in 128 bits.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

/// Digits after the point.
pub const DECIMALS: u32 = 12;
/// One in trillionths.
const ONE: i128 = 1_000_000_000_000;
/// The largest value an event may tell.
const LARGEST: i128 = 1_000_000_000_000_000 * ONE;

/// A sum, or a single value, in trillionths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exact(i128);

/// Why a text is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotExact {
    /// No plain decimal number.
    #[error("a number such as 4808 or \"0.25\" belongs here: digits, with at most one point and a sign")]
    NotANumber,
    /// Beyond what anything is measured in.
    #[error("a value is at most 1000000000000000 (10^15), with at most 12 digits after the point")]
    Absurd,
}

impl Exact {
    /// Nothing.
    pub const ZERO: Exact = Exact(0);

    /// From trillionths.
    #[must_use]
    pub const fn from_trillionths(trillionths: i128) -> Exact {
        Exact(trillionths)
    }

    /// In trillionths.
    #[must_use]
    pub const fn trillionths(self) -> i128 {
        self.0
    }

    /// Reads a plain decimal number, such as `-12.5`.
    ///
    /// # Errors
    /// [`NotExact`].
    pub fn parse(text: &str) -> Result<Exact, NotExact> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_digits(whole) || !is_digits(fraction) {
            return Err(NotExact::NotANumber);
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        if whole.len() > 16 || fraction.len() > DECIMALS as usize {
            return Err(NotExact::Absurd);
        }
        let shown = |part: &str| part.bytes().fold(0_i128, |sum, b| sum * 10 + i128::from(b - b'0'));
        let missing = DECIMALS - u32::try_from(fraction.len()).unwrap_or(DECIMALS);
        let size = shown(whole) * ONE + shown(fraction) * 10_i128.pow(missing);
        if size > LARGEST {
            return Err(NotExact::Absurd);
        }
        Ok(Exact(if negative { -size } else { size }))
    }

    /// The sum, or `None` beyond 128 bits.
    #[must_use]
    pub fn plus(self, other: Exact) -> Option<Exact> {
        self.0.checked_add(other.0).map(Exact)
    }

    /// So many times as much.
    #[must_use]
    pub fn times(self, factor: i64) -> Option<Exact> {
        self.0.checked_mul(i128::from(factor)).map(Exact)
    }

    /// The nearest part of it, a half away from zero. `parts` is above zero.
    #[must_use]
    pub fn over(self, parts: i64) -> Option<Exact> {
        if parts <= 0 {
            return None;
        }
        let parts = i128::from(parts);
        let (quotient, rest) = (self.0 / parts, self.0 % parts);
        let up = rest.unsigned_abs() >= parts.unsigned_abs() - rest.unsigned_abs();
        Some(Exact(if up { quotient + rest.signum() } else { quotient }))
    }

    /// As a decimal number without trailing zeros. A sum of more than its 28 digits, which is above 10^16, is rounded once to as many
    /// decimals as there is room for: so whatever was measured can be read.
    #[must_use]
    pub fn to_decimal(self) -> Option<Decimal> {
        let (mut digits, mut scale) = (self.0, DECIMALS);
        while scale > 0 && digits % 10 == 0 {
            digits /= 10;
            scale -= 1;
        }
        let whole = Exact(digits);
        let shortened = (0..=scale).find_map(|less| {
            let digits = whole.over(10_i64.pow(less))?.0;
            Decimal::try_from_i128_with_scale(digits, scale - less).ok()
        });
        shortened.map(|decimal| decimal.normalize())
    }
}

/// `7988` or `0.25`.
impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, size) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let (whole, fraction) = (size / ONE.unsigned_abs(), size % ONE.unsigned_abs());
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let fraction = format!("{fraction:012}");
        write!(f, "{sign}{whole}.{}", fraction.trim_end_matches('0'))
    }
}

/// As a decimal string.
impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, NotExact> {
        Exact::parse(text).map(|exact| exact.to_string())
    }

    #[test]
    fn plain_decimals_are_read_exactly() {
        for (text, same) in
            [("0", "0"), ("-0.0", "0"), ("4808", "4808"), ("0.10", "0.1"), ("-12.5", "-12.5"), ("007", "7")]
        {
            assert_eq!(shown(text), Ok(same.to_owned()));
        }
        assert_eq!(shown("1000000000000000"), Ok("1000000000000000".to_owned()));
        assert_eq!(shown("0.000000000001"), Ok("0.000000000001".to_owned()));
        assert_eq!(shown("1.0000000000000000000000"), Ok("1".to_owned()));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "-", ".", "1.", ".5", "1e3", "NaN", " 1", "+1", "1,000", "0x10", "--1", "1.2.3", "١"]
        {
            assert_eq!(shown(text), Err(NotExact::NotANumber), "{text}");
        }
        for text in [
            "1000000000000000.1",
            "-1000000000000001",
            "0.0000000000001",
            "99999999999999999999999999999999999",
        ] {
            assert_eq!(shown(text), Err(NotExact::Absurd), "{text}");
        }
    }

    #[test]
    fn a_third_is_rounded_once_and_halves_go_away_from_zero() {
        assert_eq!(Exact::parse("1").unwrap().over(3).unwrap().to_string(), "0.333333333333");
        assert_eq!(Exact::from_trillionths(-1).over(2), Some(Exact::from_trillionths(-1)));
        assert_eq!(Exact::from_trillionths(5).over(4), Some(Exact::from_trillionths(1)));
        assert_eq!(Exact::ZERO.over(0), None);
    }

    #[test]
    fn a_decimal_has_no_trailing_zeros() {
        assert_eq!(Exact::parse("7988.500").unwrap().to_decimal().unwrap().to_string(), "7988.5");
        assert_eq!(Exact::parse("7000").unwrap().to_decimal().unwrap().to_string(), "7000");
        let long = |trillionths| Exact::from_trillionths(trillionths).to_decimal().unwrap().to_string();
        assert_eq!(long(99_999_999_999_999_912_345_678_901_250), "99999999999999912.34567890125");
        assert_eq!(long(-99_999_999_999_999_912_345_678_901_255), "-99999999999999912.34567890126");
        assert_eq!(long(i128::MAX), "170141183460469231731687303.72");
    }
}
