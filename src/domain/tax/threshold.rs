//! How much of the 10,000 EUR have a seller's sales across borders used up? All of them in euros: those in other currencies at the rate of the
//! European Central Bank that was the latest on the day of the sale (article 91 paragraph 2 of Directive 2006/112/EC).
//!
//! 5,000.00 USD on Sunday, 22 March 2026, at Friday's 1.0876: 4,597.28 EUR.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::domain::fx::EURO;
use crate::domain::fx::book::{Book, Day, Pair, Prefer};
use crate::domain::money::{Currency, Money, Total};

/// What was sold, or below zero taken back, of one year in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sold {
    /// In which it counts.
    pub year: i32,
    /// Of the invoice: what is taken back of a sale counts what the sale counted.
    pub day: NaiveDate,
    pub net: Total,
}

/// The rates by which what is sold on a day counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counting {
    pub rates: Book,
    pub day: NaiveDate,
}

impl Counting {
    /// An amount in euros; `None`: no rate is known, and it does not count until one is.
    #[must_use]
    pub fn in_euros(&self, net: Money) -> Option<Decimal> {
        let net = Total::zero(net.currency()).plus(net);
        in_euros(&self.rates, self.day, net)
    }
}

/// The sales of each year in euros. Those of a day and currency without a rate do not count.
#[must_use]
pub fn by_year(sold: &[Sold], rates: &Book) -> BTreeMap<i32, Decimal> {
    let mut years: BTreeMap<i32, Decimal> = BTreeMap::new();
    for Sold { year, day, net } in sold {
        let sum = years.entry(*year).or_default();
        *sum = sum.saturating_add(in_euros(rates, *day, *net).unwrap_or_default());
    }
    years
}

/// The currencies that need rates.
#[must_use]
pub fn foreign(sold: &[Sold]) -> Vec<Currency> {
    let currencies: BTreeSet<Currency> = sold.iter().map(|sold| sold.net.currency()).collect();
    currencies.into_iter().filter(|currency| currency.code() != EURO).collect()
}

fn in_euros(rates: &Book, day: NaiveDate, net: Total) -> Option<Decimal> {
    valued(rates, (net, day), Currency::parse(EURO).ok()?)
}

/// A sum in another currency at the rate of a day; `None`: no rate is known.
pub(super) fn valued(rates: &Book, (net, day): (Total, NaiveDate), to: Currency) -> Option<Decimal> {
    let found = rates.find(Pair { from: net.currency(), to }, Day::By(day), Prefer::Published).ok()?;
    let sum = found.ratio.convert_total(net, to).ok()?;
    Decimal::try_from_i128_with_scale(sum.minor(), to.exponent()).ok().map(|sum| sum.normalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fx::{Quote, Rate};
    use crate::domain::ids::ExchangeRateId;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn dollars(minor: i64) -> Money {
        Money::from_minor(minor, Currency::parse("USD").unwrap())
    }

    fn friday() -> Book {
        let quote = Quote::published("USD", day("2026-03-20"), "1.0876").unwrap();
        let id = ExchangeRateId::from_uuid(uuid::Uuid::nil());
        let recorded_at = chrono::DateTime::UNIX_EPOCH;
        Book::new([Rate { id, quote, is_own: false, recorded_at }])
    }

    #[test]
    fn a_sale_counts_at_the_latest_rate_of_its_day_and_not_without_one() {
        let counting = |date: &str| Counting { rates: friday(), day: day(date) }.in_euros(dollars(500_000));
        assert_eq!(counting("2026-03-22"), Some(Decimal::new(459_728, 2)));
        assert_eq!(counting("2026-03-19"), None);
        let euros = Money::from_minor(100, Currency::parse(EURO).unwrap());
        assert_eq!(Counting::default().in_euros(euros), Some(Decimal::ONE));
    }

    #[test]
    fn what_is_taken_back_counts_what_was_sold() {
        let of_day = |year, date: &str, minor: i64| {
            let net = Total::zero(dollars(0).currency()).plus(dollars(minor));
            Sold { year, day: day(date), net }
        };
        let sold = [
            of_day(2026, "2026-03-20", 500_000),
            of_day(2027, "2026-03-20", -500_000),
            of_day(2026, "2025-01-01", 1),
        ];
        let years = by_year(&sold, &friday());
        assert_eq!(years[&2026] + years[&2027], Decimal::ZERO);
        assert_eq!(foreign(&sold).len(), 1);
    }
}
