//! What is a figure of the one-stop shop in euros? At the rate the European Central Bank published for the last day of the period, or if it
//! published none that day, on the next on which it did (article 369h of Directive 2006/112/EC).
//!
//! The first quarter of 2024 ended on Easter Sunday, 31 March: 100.00 USD at the 1.0749 of Tuesday, 2 April, are 93.03 EUR.

use chrono::{Months, NaiveDate};

use super::{Figure, Heading};
use crate::domain::fx::book::{Book, Day, NoRate, Pair, Prefer};
use crate::domain::fx::{EURO, Rate};
use crate::domain::money::{Currency, MoneyError, Total};

/// A figure in euros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InEuros {
    pub taxable: Total,
    pub tax: Total,
    /// `None`: it is in euros.
    pub rate: Option<Rate>,
}

/// What figures come to in euros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EuroSums {
    /// `None`: a figure has no rate, so there is no sum.
    pub sums: Option<(Total, Total)>,
    /// How many have none.
    pub without_rate: usize,
}

/// Of which day a figure's rate is: of the last of the period, or of the quarter that it corrects, so that what is taken back is worth what was
/// declared of it.
#[must_use]
pub fn rate_day(heading: &Heading, last_day: NaiveDate) -> NaiveDate {
    heading.corrects.as_deref().and_then(last_day_of_quarter).unwrap_or(last_day)
}

/// `2026-Q1` ended on 31 March 2026.
fn last_day_of_quarter(quarter: &str) -> Option<NaiveDate> {
    let (year, number) = quarter.split_once("-Q")?;
    let number: u32 = number.parse().ok().filter(|number| (1..=4).contains(number))?;
    let first = NaiveDate::from_ymd_opt(year.parse().ok()?, number * 3 - 2, 1)?;
    first.checked_add_months(Months::new(3))?.pred_opt()
}

/// A figure in euros.
///
/// # Errors
/// [`NoRate`]: none is known yet, or ever.
pub fn in_euros(figure: &Figure, last_day: NaiveDate, rates: &Book) -> Result<InEuros, NoRate> {
    let from = figure.heading.currency;
    let euro = Currency::parse(EURO).ok().filter(|euro| *euro != from);
    let Some(to) = euro else { return Ok(InEuros { taxable: figure.taxable, tax: figure.tax, rate: None }) };
    let pair = Pair { from, to };
    let day = Day::From(rate_day(&figure.heading, last_day));
    let found = rates.find(pair, day, Prefer::Published)?;
    let digits = |error: MoneyError| NoRate::Digits { pair, error };
    let converted = |sum: Total| found.ratio.convert_total(sum, to).map_err(digits);
    let (taxable, tax) = (converted(figure.taxable)?, converted(figure.tax)?);
    Ok(InEuros { taxable, tax, rate: found.legs.into_iter().next().map(|leg| leg.rate) })
}

/// What they come to; `None` of a figure: it has no rate.
#[must_use]
pub fn euro_sums<'a>(figures: impl IntoIterator<Item = Option<&'a InEuros>>) -> EuroSums {
    let mut sums = Currency::parse(EURO).ok().map(|euro| (Total::zero(euro), Total::zero(euro)));
    let mut without_rate = 0;
    for figure in figures {
        match figure {
            Some(figure) => {
                sums = sums.map(|(taxable, tax)| (taxable.and(figure.taxable), tax.and(figure.tax)))
            }
            None => without_rate += 1,
        }
    }
    EuroSums { sums: sums.filter(|_| without_rate == 0), without_rate }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fx::Quote;
    use crate::domain::ids::ExchangeRateId;
    use crate::domain::tax::category::{Category, Reason};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn figure(code: &str, corrects: Option<&str>, taxable: i128) -> Figure {
        let currency = Currency::parse(code).unwrap();
        let heading = Heading {
            currency,
            jurisdiction: "DE".to_owned(),
            name: "VAT".to_owned(),
            category: Category::S,
            rate: 19.into(),
            portion: 100.into(),
            reason: Reason::StandardRated,
            buyer_number: None,
            corrects: corrects.map(str::to_owned),
        };
        let total = |minor| Total::from_minor(minor, currency);
        Figure { heading, taxable: total(taxable), tax: total(taxable * 19 / 100), lines: 1 }
    }

    fn book() -> Book {
        let days = [("2023-12-29", "1.1050"), ("2024-03-28", "1.0811"), ("2024-04-02", "1.0749")];
        Book::new((1..).zip(days).map(|(n, (date, value))| Rate {
            id: ExchangeRateId::from_uuid(uuid::Uuid::from_u128(n)),
            quote: Quote::published("USD", day(date), value).unwrap(),
            is_own: false,
            recorded_at: chrono::DateTime::UNIX_EPOCH,
        }))
    }

    #[test]
    fn the_next_day_of_publication_gives_the_rate_and_a_correction_has_that_of_its_quarter() {
        let last = day("2024-03-31");
        let sold = in_euros(&figure("USD", None, 10_000), last, &book()).unwrap();
        assert_eq!(
            (sold.taxable.to_major_string(), sold.tax.to_major_string()),
            ("93.03".into(), "17.68".into())
        );
        assert_eq!(sold.rate.unwrap().quote.date, day("2024-04-02"));
        let corrects = figure("USD", Some("2023-Q4"), -10_000);
        assert_eq!(rate_day(&corrects.heading, last), day("2023-12-31"));
        assert!(
            in_euros(&corrects, last, &book()).is_err(),
            "the next after 29 December is more than two weeks away"
        );
        let in_euro = in_euros(&figure("EUR", None, 10_000), last, &Book::default()).unwrap();
        assert_eq!((in_euro.taxable.to_major_string(), in_euro.rate), ("100.00".into(), None));
    }

    #[test]
    fn without_a_rate_there_is_no_sum() {
        let last = day("2024-03-31");
        let dollars = in_euros(&figure("USD", None, 10_000), last, &book()).unwrap();
        let euros = in_euros(&figure("EUR", None, 10_000), last, &book()).unwrap();
        let sums = euro_sums([Some(&dollars), Some(&euros)]);
        assert_eq!(sums.sums.unwrap().0.to_string(), "193.03 EUR");
        assert_eq!(euro_sums([Some(&dollars), None]), EuroSums { sums: None, without_rate: 1 });
        assert_eq!(euro_sums([]).sums.unwrap().1.to_string(), "0.00 EUR");
    }

    #[test]
    fn quarters_end() {
        let ends =
            ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"].map(|quarter| last_day_of_quarter(quarter).unwrap());
        assert_eq!(ends.map(|end| end.to_string()), ["2026-03-31", "2026-06-30", "2026-09-30", "2026-12-31"]);
        assert_eq!(last_day_of_quarter("2026-Q5"), None);
    }
}
