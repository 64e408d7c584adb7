//! Which currencies exist, and how many decimals has each? ISO 4217: JPY 0, USD 2, BHD 3, CLF 4.
//!
//! The list comes from a currency library and is compared with the standard's own list, row by row, in the tests.
//! Locale data is no substitute: it prints IQD without decimals, while the standard gives it 3.

use super::MoneyError;
use super::notation::shortened;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Codes that the library still knows and ISO 4217 list one of 1 January 2026 no longer has. The library's own
/// "superseded" mark is not used: it also marks VES, which is on the list.
const WITHDRAWN: [(&str, &str); 5] =
    [("BGN", "EUR"), ("CUC", "CUP"), ("HRK", "EUR"), ("SLL", "SLE"), ("ZWL", "ZWG")];

/// A currency money can be billed in: on ISO 4217 list one, with a minor unit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency {
    iso: iso_currency::Currency,
    exponent: u8,
}

impl Currency {
    /// Reads an upper-case ISO 4217 code: `"EUR"`.
    ///
    /// # Errors
    /// [`MoneyError::UnknownCurrency`], also for lower case; [`MoneyError::WithdrawnCurrency`] (`HRK`);
    /// [`MoneyError::NoMinorUnit`] for gold (`XAU`), "no currency" (`XXX`) and their like.
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        if let Some((code, successor)) = WITHDRAWN.into_iter().find(|(withdrawn, _)| *withdrawn == code) {
            return Err(MoneyError::WithdrawnCurrency { code, successor });
        }
        let iso = iso_currency::Currency::from_code(code)
            .filter(|iso| iso.code() == code)
            .ok_or_else(|| MoneyError::UnknownCurrency { code: shortened(code) })?;
        match iso.exponent().map(u8::try_from) {
            Some(Ok(exponent)) => Ok(Self { iso, exponent }),
            _ => Err(MoneyError::NoMinorUnit { code: shortened(code) }),
        }
    }

    /// The codes of all that have so many decimals.
    #[must_use]
    pub fn codes_with(exponent: u32) -> Vec<&'static str> {
        let letters = || 'A'..='Z';
        let codes = letters()
            .flat_map(|a| letters().flat_map(move |b| letters().map(move |c| String::from_iter([a, b, c]))));
        let known = codes.filter_map(|code| Self::parse(&code).ok());
        known.filter(|currency| currency.exponent() == exponent).map(Self::code).collect()
    }

    /// The ISO 4217 code: `"EUR"`.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.iso.code()
    }

    /// How many decimals the currency has: 2 for EUR.
    #[must_use]
    pub fn exponent(self) -> u32 {
        u32::from(self.exponent)
    }

    /// The same, as wide as they are written.
    pub(super) fn places(self) -> usize {
        usize::from(self.exponent)
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        Self::parse(code)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).map_err(serde::de::Error::custom)
    }
}
