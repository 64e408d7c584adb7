//! What is taken of a line: amount, discount and tax, in proportion. Of 100.00 with 10.00 off and 18.00 tax, with 33.33 go 3.33 and 6.00.

use crate::domain::billing::Line;
use crate::domain::money::{Money, MoneyError};

/// Amount, discount and tax of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    pub amount: Money,
    pub discount: Money,
    pub tax: Money,
}

impl Taken {
    /// Amount less discount, with tax.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn total(&self) -> Result<Money, MoneyError> {
        self.amount.checked_sub(self.discount)?.checked_add(self.tax)
    }

    /// It without another part of it.
    ///
    /// # Errors
    /// A difference does not fit.
    pub fn less(&self, other: &Taken) -> Result<Taken, MoneyError> {
        Ok(Taken {
            amount: self.amount.checked_sub(other.amount)?,
            discount: self.discount.checked_sub(other.discount)?,
            tax: self.tax.checked_sub(other.tax)?,
        })
    }

    /// The share of it that goes with `amount`, discount and tax each rounded once; with all of the amount, all of both.
    pub(super) fn share_of_amount(&self, amount: Money) -> Result<Taken, MoneyError> {
        let share = |part: Money| part.share((amount, self.amount));
        Ok(Taken { amount, discount: share(self.discount)?, tax: share(self.tax)? })
    }

    /// How much of what one tax of a line was computed of goes with it: all taxes of a charge are on the same, those of a line that takes several
    /// charges back each on a part.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn part_of(&self, taxable: Money, line: &Line) -> Result<Money, MoneyError> {
        let net = self.amount.checked_sub(self.discount)?;
        let whole = line.amount.checked_sub(line.discount)?;
        match whole.is_negative() {
            _ if taxable == whole => Ok(net),
            true => taxable.share((net.negated()?, whole.negated()?)),
            false => taxable.share((net, whole)),
        }
    }

    /// The tax that goes with an amount in place of what it comes to without tax, in proportion. Nothing that is positive has none but
    /// all of it.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn tax_of(&self, amount: Money) -> Result<Money, MoneyError> {
        let net = self.amount.checked_sub(self.discount)?;
        match net.is_positive() {
            true => self.tax.share((amount, net)),
            false if amount == net => Ok(self.tax),
            false => Ok(Money::zero(net.currency())),
        }
    }

    /// The share of it that comes to `total`.
    pub(super) fn share_of_total(&self, total: Money) -> Result<Taken, MoneyError> {
        let whole = self.total()?;
        let share = |part: Money| part.share((total, whole));
        let (discount, tax) = (share(self.discount)?, share(self.tax)?);
        Ok(Taken { amount: total.checked_sub(tax)?.checked_add(discount)?, discount, tax })
    }
}
