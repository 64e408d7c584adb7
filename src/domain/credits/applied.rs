//! What becomes of an issued invoice that a credit note or the credit balance pays of? 31.00 open, 20.00 credited: 11.00 are due; the balance
//! pays them, and it is paid.

use chrono::{DateTime, Utc};

use crate::domain::invoicing::{self, Invoice, Status};
use crate::domain::money::Money;

impl Invoice {
    /// Lets the credit balance pay of it after it was issued: settled when nothing is left.
    ///
    /// # Errors
    /// It is not open; more than is due; sums that do not fit.
    pub fn pay_from_balance(
        mut self,
        amount: Money,
        now: DateTime<Utc>,
    ) -> Result<Invoice, invoicing::Refused> {
        if self.status != Status::Open {
            let possible = "only an open invoice can be paid from the credit balance";
            return Err(invoicing::Refused::WrongStatus { status: self.status, possible });
        }
        let due = self.amount_due()?;
        if due.checked_sub(amount)?.is_negative() {
            return Err(invoicing::Refused::MoreThanDue { offered: amount, due });
        }
        self.applied.balance = self.applied.balance.checked_add(amount)?;
        if self.amount_due()?.is_zero() {
            self.status = Status::Paid;
            self.closed_at = Some(now);
            self.next_attempt_at = None;
        }
        Ok(self)
    }

    /// Takes a credited amount off what is due: settled when nothing is left.
    ///
    /// # Errors
    /// More than is due; sums that do not fit.
    pub fn credit(mut self, amount: Money, now: DateTime<Utc>) -> Result<Invoice, invoicing::Refused> {
        let due = self.amount_due()?;
        if due.checked_sub(amount)?.is_negative() {
            return Err(invoicing::Refused::MoreThanDue { offered: amount, due });
        }
        self.applied.credited = self.applied.credited.checked_add(amount)?;
        if self.status == Status::Open && self.amount_due()?.is_zero() {
            self.status = Status::Paid;
            self.closed_at = Some(now);
            self.next_attempt_at = None;
        }
        Ok(self)
    }
}
