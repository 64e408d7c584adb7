//! How do lines become a total? In visible steps: subtotal 93.00, discount 0.00, tax 0.00, total 93.00.

use super::super::billing::Line;
use crate::domain::money::{Currency, Money, MoneyError};

/// The steps from the lines to what is owed: `total = subtotal − discount_total + tax_total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub subtotal: Money,
    pub discount_total: Money,
    /// What comes on top.
    pub tax_total: Money,
    /// What the prices contain: part of the subtotal.
    pub tax_included_total: Money,
    pub total: Money,
}

impl Totals {
    /// Adds up the lines, each rounded already.
    ///
    /// # Errors
    /// A document is one amount: its steps keep to [`LARGEST`](crate::domain::money::LARGEST).
    pub fn of(currency: Currency, lines: &[Line]) -> Result<Totals, MoneyError> {
        let subtotal = Money::sum(currency, lines.iter().map(|l| l.amount))?.within_bounds()?;
        let discount_total = Money::sum(currency, lines.iter().map(|l| l.discount))?;
        let tax_total = Money::sum(currency, lines.iter().map(|l| l.tax))?;
        let tax_included_total = Money::sum(currency, lines.iter().map(|l| l.tax_included))?;
        let total = subtotal.checked_sub(discount_total)?.checked_add(tax_total)?.within_bounds()?;
        Ok(Totals { subtotal, discount_total, tax_total, tax_included_total, total })
    }

    /// Of one amount, from which nothing is taken off, and which is not taxed.
    #[must_use]
    pub fn untaxed(amount: Money) -> Totals {
        let zero = Money::zero(amount.currency());
        Totals {
            subtotal: amount,
            discount_total: zero,
            tax_total: zero,
            tax_included_total: zero,
            total: amount,
        }
    }

    /// All tax, on top and within.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn all_tax(&self) -> Result<Money, MoneyError> {
        self.tax_total.checked_add(self.tax_included_total)
    }

    /// The steps in order, as an invoice prints them.
    pub fn steps(&self) -> [(&'static str, Money); 4] {
        [
            ("subtotal", self.subtotal),
            ("discount_total", self.discount_total),
            ("tax_total", self.tax_total),
            ("total", self.total),
        ]
    }
}
