//! What is taken of a line: amount, discount and tax, in proportion. Of 100.00 with 10.00 off and 18.00 tax, with 33.33 go 3.33 and 6.00;
//! of 119.00 that contain 19.00 of tax, with 59.50 go 9.50.

use crate::domain::billing::Line;
use crate::domain::money::{Currency, Money, MoneyError};

/// Amount, discount and tax of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    pub amount: Money,
    pub discount: Money,
    /// On top of the amount.
    pub tax: Money,
    /// Within the amount.
    pub tax_included: Money,
}

impl Taken {
    /// All of a line.
    #[must_use]
    pub fn whole(line: &Line) -> Taken {
        let Line { amount, discount, tax, tax_included, .. } = *line;
        Taken { amount, discount, tax, tax_included }
    }

    /// Nothing.
    #[must_use]
    pub fn nothing(currency: Currency) -> Taken {
        let zero = Money::zero(currency);
        Taken { amount: zero, discount: zero, tax: zero, tax_included: zero }
    }

    /// Whether it is nothing at all.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        [self.amount, self.discount, self.tax, self.tax_included].iter().all(|part| part.is_zero())
    }

    /// What is earned no longer: amount less discount, without any tax.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn earned(&self) -> Result<Money, MoneyError> {
        self.amount.checked_sub(self.discount)?.checked_sub(self.tax_included)
    }

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
            tax_included: self.tax_included.checked_sub(other.tax_included)?,
        })
    }

    /// It with another part.
    ///
    /// # Errors
    /// A sum does not fit.
    pub(super) fn plus(&self, other: &Taken) -> Result<Taken, MoneyError> {
        Ok(Taken {
            amount: self.amount.checked_add(other.amount)?,
            discount: self.discount.checked_add(other.discount)?,
            tax: self.tax.checked_add(other.tax)?,
            tax_included: self.tax_included.checked_add(other.tax_included)?,
        })
    }

    /// The share of it that goes with `amount`, discount and tax each rounded once; with all of the amount, all of both.
    pub(super) fn share_of_amount(&self, amount: Money) -> Result<Taken, MoneyError> {
        let share = |part: Money| part.share((amount, self.amount));
        let (discount, tax) = (share(self.discount)?, share(self.tax)?);
        Ok(Taken { amount, discount, tax, tax_included: share(self.tax_included)? })
    }

    /// How much of what one tax of a line was computed of goes with it: all taxes of a charge are on the same, those of a line that takes several
    /// charges back each on a part.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn part_of(&self, taxable: Money, line: &Line) -> Result<Money, MoneyError> {
        let (net, whole) = (self.earned()?, line.earned()?);
        match whole.is_negative() {
            _ if taxable == whole => Ok(net),
            true => taxable.share((net.negated()?, whole.negated()?)),
            false => taxable.share((net, whole)),
        }
    }

    /// An amount in place of what it comes to without the tax on top, with the tax that goes with it, in proportion. Nothing that is positive
    /// has none but all of it.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn with_tax(&self, amount: Money) -> Result<Taken, MoneyError> {
        let net = self.amount.checked_sub(self.discount)?;
        let share = |tax: Money| match net.is_positive() {
            true => tax.share((amount, net)),
            false if amount == net => Ok(tax),
            false => Ok(Money::zero(net.currency())),
        };
        let (tax, tax_included) = (share(self.tax)?, share(self.tax_included)?);
        Ok(Taken { amount, discount: Money::zero(net.currency()), tax, tax_included })
    }

    /// The share of it that comes to `total`.
    pub(super) fn share_of_total(&self, total: Money) -> Result<Taken, MoneyError> {
        let whole = self.total()?;
        let share = |part: Money| part.share((total, whole));
        let (discount, tax) = (share(self.discount)?, share(self.tax)?);
        let tax_included = share(self.tax_included)?;
        Ok(Taken { amount: total.checked_sub(tax)?.checked_add(discount)?, discount, tax, tax_included })
    }
}
