//! What do books in several currencies come to in one? Each sum at the rate of the day up to which it is reckoned; one that has no rate is said,
//! and never left out.

use chrono::NaiveDate;

use crate::domain::fx::book::{Book, Day, NoRate, Pair, Prefer};
use crate::domain::money::{Currency, Total};

/// The currency in which books are reported: theirs where it is one, the tenant's otherwise.
#[must_use]
pub fn currency(of_books: impl IntoIterator<Item = Currency>, tenant: Currency) -> Currency {
    let mut books = of_books.into_iter();
    match books.next() {
        Some(first) if books.all(|other| other == first) => first,
        _ => tenant,
    }
}

/// A sum in the reporting currency.
///
/// # Errors
/// [`NoRate`], which says of which pair and day.
pub fn converted(sum: Total, to: Currency, (rates, day): (&Book, NaiveDate)) -> Result<Total, NoRate> {
    let pair = Pair { from: sum.currency(), to };
    let found = rates.find(pair, Day::By(day), Prefer::Own)?;
    found.ratio.convert_total(sum, to).map_err(|error| NoRate::Digits { pair, error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn books_of_one_currency_are_reported_in_it_and_others_in_the_tenants() {
        let code = |code: &str| Currency::parse(code).unwrap();
        assert_eq!(currency([code("GBP"), code("GBP")], code("EUR")), code("GBP"));
        assert_eq!(currency([code("GBP"), code("USD")], code("EUR")), code("EUR"));
        assert_eq!(currency([], code("EUR")), code("EUR"));
    }
}
