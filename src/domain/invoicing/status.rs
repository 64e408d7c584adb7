//! Which step may an invoice take next? An open one can be paid, voided or given up; a paid one can do nothing more.

use chrono::{DateTime, Utc};

use super::Invoice;
use super::state::Status;
use crate::domain::money::{Money, MoneyError};
use crate::domain::refusal::{Refusal, RefusalKind};

/// Why an invoice cannot take a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The step does not start from here.
    #[error("this invoice is {status}; {possible}", status = .status.into_str())]
    WrongStatus {
        /// Where it stands.
        status: Status,
        /// What is possible instead.
        possible: &'static str,
    },
    /// Part of it is paid already.
    #[error("{paid} of this invoice is paid; a partly paid invoice can be marked uncollectible, not voided")]
    PartlyPaid {
        /// What is paid.
        paid: Money,
    },
    /// Part of it is credited already.
    #[error(
        "{credited} of this invoice is credited by credit notes; credit the rest of it instead of voiding it"
    )]
    PartlyCredited {
        /// What is credited.
        credited: Money,
    },
    /// More was offered than is owed.
    #[error("{offered} is more than the {due} still due on this invoice")]
    MoreThanDue {
        /// What was offered.
        offered: Money,
        /// What is due.
        due: Money,
    },
    /// The sums do not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::WrongStatus { .. } => "invoice_status",
            Refused::PartlyPaid { .. } => "invoice_partly_paid",
            Refused::PartlyCredited { .. } => "invoice_partly_credited",
            Refused::MoreThanDue { .. } => "more_than_due",
            Refused::Money(_) => "amount_out_of_range",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::WrongStatus { .. } | Refused::PartlyPaid { .. } | Refused::PartlyCredited { .. } => {
                RefusalKind::State
            }
            Refused::MoreThanDue { .. } | Refused::Money(_) => RefusalKind::Rule,
        }
    }
}

impl Invoice {
    /// open | uncollectible → void, when nothing of it is paid.
    pub fn void(mut self, now: DateTime<Utc>) -> Result<Invoice, Refused> {
        let possible = "only an open or uncollectible invoice can be voided";
        if !matches!(self.status, Status::Open | Status::Uncollectible) {
            return Err(Refused::WrongStatus { status: self.status, possible });
        }
        if !self.amount_paid.is_zero() {
            return Err(Refused::PartlyPaid { paid: self.amount_paid });
        }
        if !self.applied.credited.is_zero() {
            return Err(Refused::PartlyCredited { credited: self.applied.credited });
        }
        self.status = Status::Void;
        self.closed_at = Some(now);
        self.next_attempt_at = None;
        Ok(self)
    }

    /// open → uncollectible.
    pub fn write_off(mut self, now: DateTime<Utc>) -> Result<Invoice, Refused> {
        if self.status != Status::Open {
            let possible = "only an open invoice can be marked uncollectible";
            return Err(Refused::WrongStatus { status: self.status, possible });
        }
        self.status = Status::Uncollectible;
        self.closed_at = Some(now);
        self.next_attempt_at = None;
        Ok(self)
    }

    /// Puts `amount` against it: paid once nothing is due.
    pub fn apply(mut self, amount: Money, now: DateTime<Utc>) -> Result<Invoice, Refused> {
        if !matches!(self.status, Status::Open | Status::Uncollectible) {
            return Err(Refused::WrongStatus {
                status: self.status,
                possible: "only an open or uncollectible invoice can be paid",
            });
        }
        let due = self.amount_due()?;
        if due.checked_sub(amount)?.is_negative() {
            return Err(Refused::MoreThanDue { offered: amount, due });
        }
        self.amount_paid = self.amount_paid.checked_add(amount)?;
        if self.amount_due()?.is_zero() {
            self.status = Status::Paid;
            self.closed_at = Some(now);
            self.next_attempt_at = None;
        }
        Ok(self)
    }

    /// Takes back what was put against it: it is owed again, and nothing charges it by itself.
    ///
    /// # Errors
    /// It is not paid; more than was paid.
    pub fn reopen(mut self, amount: Money) -> Result<Invoice, Refused> {
        if self.status != Status::Paid {
            let possible = "only a paid invoice can be owed again";
            return Err(Refused::WrongStatus { status: self.status, possible });
        }
        self.amount_paid = self.amount_paid.checked_sub(amount)?;
        self.status = Status::Open;
        self.closed_at = None;
        self.next_attempt_at = None;
        Ok(self)
    }
}
