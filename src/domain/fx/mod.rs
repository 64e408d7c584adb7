//! What is one currency in another? Rates as they were published or recorded, and which of them holds on a day.
//!
//! One euro was 1.0876 dollars on Friday, 20 March 2026, by the European Central Bank; so it is on Sunday, and a dollar is 1 / 1.0876 euros.
//!
//! This shelf owns the rates and the look-up; the arithmetic is [`money::Ratio`](crate::domain::money::Ratio)'s. It changes no amount of a
//! document: a document has one currency. Its laws: rates are never interpolated, changed or removed; a correction is recorded beside
//! what it corrects and goes before it from then on; without a rate there is a refusal and never a zero.

pub mod book;
pub mod published;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use crate::domain::fields::{Faults, NAME_LENGTH};
use crate::domain::ids::ExchangeRateId;
use crate::domain::money::{Currency, parse_decimal};
use crate::domain::refusal::Invalid;

/// The European Central Bank, as a source.
pub const ECB: &str = "ecb";
/// A rate recorded by hand, when no other source is named.
pub const MANUAL: &str = "manual";
/// The currency by which two others are compared that no rate compares.
pub const EURO: &str = "EUR";

/// A rate is below this: a billion of one for one of another is a slip of the pen.
const LIMIT: i64 = 1_000_000_000;

/// How much of `quote` one unit of `base` is, on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    pub base: Currency,
    pub quote: Currency,
    pub date: NaiveDate,
    /// Above zero.
    pub value: Decimal,
    /// `ecb`, `manual`, or another name.
    pub source: String,
}

/// A rate as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    pub id: ExchangeRateId,
    pub quote: Quote,
    /// Whether it is a tenant's own, and not published for all.
    pub is_own: bool,
    pub recorded_at: DateTime<Utc>,
}

impl Quote {
    /// Checks a rate that a tenant records, on `today`.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn check(&self, today: NaiveDate) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        if self.base == self.quote {
            faults.add("/quote", "same_currency", "a rate is between two currencies: name another one");
        }
        if self.value <= Decimal::ZERO {
            faults.add("/rate", "not_above_zero", "a rate is above zero, such as 1.0876");
        } else if self.value >= Decimal::from(LIMIT) {
            faults.add(
                "/rate",
                "out_of_range",
                "a rate is below 1000000000: give the rate the other way round",
            );
        }
        if self.date > today {
            let detail = format_args!(
                "a rate is of today or of a day before: today is {today}, by the tenant's clock"
            );
            faults.add("/date", "date_in_future", detail);
        }
        faults.check_text("/source", &self.source, NAME_LENGTH);
        if self.source == ECB {
            let detail =
                "\"ecb\" is for what the European Central Bank published: name your source, or leave it out";
            faults.add("/source", "reserved_source", detail);
        }
        faults.into_result()
    }

    /// Reads a published rate; `None` for currencies that there are no longer, and for what is no rate.
    #[must_use]
    pub fn published(symbol: &str, date: NaiveDate, value: &str) -> Option<Quote> {
        let base = Currency::parse(EURO).ok()?;
        let quote = Currency::parse(symbol).ok().filter(|quote| *quote != base)?;
        let value = parse_decimal(value).ok().map(|value| value.normalize())?;
        let fits = value > Decimal::ZERO && value < Decimal::from(LIMIT);
        fits.then(|| Quote { base, quote, date, value, source: ECB.to_owned() })
    }
}

impl Rate {
    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        let quote = &self.quote;
        serde_json::json!({
            "object": "exchange_rate",
            "id": self.id,
            "base": quote.base,
            "quote": quote.quote,
            "date": quote.date,
            "rate": quote.value.normalize(),
            "source": quote.source,
            "recorded_at": self.recorded_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(base: &str, quote: &str, value: &str, source: &str) -> Vec<String> {
        let currency = |code: &str| Currency::parse(code).unwrap();
        let (date, value) = ("2026-03-20".parse().unwrap(), value.parse().unwrap());
        let (base, quote) = (currency(base), currency(quote));
        let quote = Quote { base, quote, date, value, source: source.to_owned() };
        let checked = quote.check("2026-03-20".parse().unwrap());
        checked.err().map(|e| e.errors.into_iter().map(|e| e.code).collect()).unwrap_or_default()
    }

    #[test]
    fn a_rate_is_above_zero_between_two_currencies_and_not_of_tomorrow() {
        assert_eq!(codes("USD", "EUR", "0.92", "our bank"), [""; 0]);
        assert_eq!(codes("EUR", "EUR", "0", ""), ["same_currency", "not_above_zero", "blank"]);
        assert_eq!(codes("USD", "EUR", "-1", MANUAL), ["not_above_zero"]);
        assert_eq!(codes("USD", "EUR", "1000000000", ECB), ["out_of_range", "reserved_source"]);
    }

    #[test]
    fn what_was_published_is_read_and_what_is_no_rate_is_not() {
        let day = "2026-03-20".parse().unwrap();
        assert_eq!(Quote::published("USD", day, "1.08760").unwrap().value.to_string(), "1.0876");
        for (code, value) in
            [("HRK", "7.5"), ("EUR", "1"), ("USD", "N/A"), ("USD", "0"), ("USD", "-1"), ("ZZZ", "1")]
        {
            assert_eq!(Quote::published(code, day, value), None, "{code} {value}");
        }
    }
}
