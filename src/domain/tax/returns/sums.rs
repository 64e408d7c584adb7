//! What do the figures of a currency come to? Taxed, left to buyers, untaxed, and the tax.
//!
//! 100.00 at 20 %, 50.00 by reverse charge, 80.00 exported: taxable 100.00, reverse charge 50.00, exempt 80.00, tax 20.00.

use std::collections::BTreeMap;

use super::{Class, Figure};
use crate::domain::money::{Currency, Total};

/// What figures of one currency come to. What has two taxes counts for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrencySums {
    pub taxable: Total,
    pub reverse_charge: Total,
    pub exempt: Total,
    pub tax: Total,
    pub lines: i64,
}

impl CurrencySums {
    /// Of nothing.
    #[must_use]
    pub fn zero(currency: Currency) -> CurrencySums {
        let zero = Total::zero(currency);
        CurrencySums { taxable: zero, reverse_charge: zero, exempt: zero, tax: zero, lines: 0 }
    }
}

/// The sums of each currency.
#[must_use]
pub fn sums(figures: &[Figure]) -> BTreeMap<Currency, CurrencySums> {
    let mut sums = BTreeMap::new();
    for figure in figures {
        let currency = figure.heading.currency;
        let sum = sums.entry(currency).or_insert_with(|| CurrencySums::zero(currency));
        let part = match Class::of(figure.heading.category) {
            Class::Taxed => &mut sum.taxable,
            Class::LeftToBuyer => &mut sum.reverse_charge,
            Class::Untaxed => &mut sum.exempt,
        };
        *part = part.and(figure.taxable);
        sum.tax = sum.tax.and(figure.tax);
        sum.lines += figure.lines;
    }
    sums
}
