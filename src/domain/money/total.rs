//! What do many amounts come to? A sum that has no end: 10,000 invoices of 10^15 minor units are 10^19, which no 64 bits hold.

use std::fmt;

use super::{Currency, Money};

/// A sum of amounts of one currency, to be shown and not to be charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    minor: i128,
    currency: Currency,
}

impl Total {
    /// Of nothing.
    #[must_use]
    pub const fn zero(currency: Currency) -> Total {
        Total { minor: 0, currency }
    }

    /// From minor units.
    #[must_use]
    pub const fn from_minor(minor: i128, currency: Currency) -> Total {
        Total { minor, currency }
    }

    /// In minor units.
    #[must_use]
    pub const fn minor(self) -> i128 {
        self.minor
    }

    /// Its currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// With one amount more, of the same currency.
    #[must_use]
    pub fn plus(self, amount: Money) -> Total {
        Total { minor: self.minor.saturating_add(i128::from(amount.minor())), ..self }
    }

    /// With all of another, of the same currency.
    #[must_use]
    pub fn and(self, other: Total) -> Total {
        Total { minor: self.minor.saturating_add(other.minor), ..self }
    }

    /// Without all of another, of the same currency.
    #[must_use]
    pub fn less(self, other: Total) -> Total {
        Total { minor: self.minor.saturating_sub(other.minor), ..self }
    }

    /// In major units with all the decimals of its currency: `-19.99`, `500`, `1.234`.
    #[must_use]
    pub fn to_major_string(self) -> String {
        let sign = if self.minor < 0 { "-" } else { "" };
        let (exponent, width) = (self.currency.exponent(), self.currency.places());
        let scale = 10_u128.pow(exponent);
        let (major, rest) = (self.minor.unsigned_abs() / scale, self.minor.unsigned_abs() % scale);
        if exponent == 0 {
            return format!("{sign}{major}");
        }
        format!("{sign}{major}.{rest:0width$}")
    }
}

/// `-19.99 USD`.
impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_major_string(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::LARGEST;

    #[test]
    fn ten_thousand_of_the_largest_amounts_have_a_total() {
        let usd = Currency::parse("USD").unwrap();
        let most = Money::from_minor(LARGEST, usd);
        let total = (0..10_000).fold(Total::zero(usd), |total, _| total.plus(most));
        assert_eq!(total.to_string(), "100000000000000000.00 USD");
        let rest = Total::zero(usd).less(total).and(Total::from_minor(5, usd));
        assert_eq!(rest.to_major_string(), "-99999999999999999.95");
    }
}
