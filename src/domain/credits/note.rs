//! What does a credit note take back? A whole invoice, some of its lines, or an amount; never more than is left of it.
//!
//! A line of 100.00 with 10.00 off and 18.00 tax: credited 33.33 of it takes back 3.33 of the discount and 6.00 of the tax, 36.00
//! in all; the rest, 66.67 with 6.67 and 12.00, is 72.00: together 108.00, exactly what was billed.

use rust_decimal::Decimal;

use crate::domain::billing::Line;
use crate::domain::invoicing::{self, Invoice, Status};
use crate::domain::money::{Money, MoneyError, allocate, round_to_minor};
use crate::domain::refusal::{Refusal, RefusalKind};

pub use super::gone::{Gone, Stays, given_back};
pub use super::left::Credited;
pub use super::taken::Taken;

/// What is to be credited.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// All that is left.
    Whole,
    /// So much in all, discounts and tax included, spread over the lines.
    Amount(Money),
    /// Of these lines.
    Lines(Vec<(i32, Part)>),
}

/// How much of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All that is left.
    Rest,
    /// So much of its amount, before discount and tax.
    Amount(Money),
    /// So many of its quantity.
    Quantity(Decimal),
}

/// Where what was paid goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum To {
    /// Nowhere: it must all be due still.
    Invoice,
    /// To the customer's credit balance.
    #[default]
    CreditBalance,
    /// Back to who paid.
    Refund,
}

/// A line of a credit note.
#[derive(Debug, Clone, PartialEq)]
pub struct NoteLine {
    pub invoice_line_no: i32,
    pub taken: Taken,
    pub deferred: bool,
    pub description: std::sync::Arc<str>,
}

/// Where a credit note's total goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Destination {
    pub invoice: Money,
    pub credits: Money,
    pub balance: Money,
    pub refund: Money,
}

/// Why nothing can be credited like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not issued, void or given up.
    #[error("this invoice is {}; only an open or paid invoice can be credited", .status.into_str())]
    WrongStatus {
        /// Where it stands.
        status: Status,
    },
    /// More than there is.
    #[error("{wanted} is more than the {left} that is left to credit")]
    MoreThanLeft {
        /// What was requested.
        wanted: Money,
        /// What is left.
        left: Money,
        /// The value at fault.
        pointer: String,
    },
    /// Nothing, or less.
    #[error("a credit is above zero, and nothing of this is left: read the invoice and its credit notes")]
    Nothing {
        /// The value at fault.
        pointer: String,
    },
    /// There is no such line.
    #[error("this invoice has no line {line_no} that charges something")]
    NoSuchLine {
        /// As requested.
        line_no: i32,
        /// The value at fault.
        pointer: String,
    },
    /// Named twice.
    #[error("line {line_no} is named twice: name it once, with the amounts added up")]
    Twice {
        /// As requested.
        line_no: i32,
        /// The value at fault.
        pointer: String,
    },
    /// It would go to the balance or back.
    #[error("only {due} of this invoice is still due; say to credit_balance or refund for the rest")]
    MoreThanDue {
        /// What is due.
        due: Money,
    },
    /// It would go to the balance of a customer that buys from another entity by now, and pay what that one invoices.
    #[error(
        "this customer buys from another entity since: what is paid cannot go to its credit balance, which would pay what that one \
         invoices; credit the invoice with to: refund"
    )]
    OfEntityBefore,
    /// Prepaid credits would be there again for a customer that buys from another entity by now.
    #[error(
        "this customer buys from another entity since: the prepaid credits that paid this would pay what that one invoices; let the \
         customer buy from the one before again, or credit what credits did not pay"
    )]
    CreditsOfEntityBefore,
    /// Sums that do not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The invoice says no.
    #[error(transparent)]
    Invoice(#[from] invoicing::Refused),
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::WrongStatus { .. } => "invoice_status",
            Refused::MoreThanLeft { .. } => "more_than_left",
            Refused::Nothing { .. } => "nothing_to_credit",
            Refused::NoSuchLine { .. } => "unknown_line",
            Refused::Twice { .. } => "line_repeated",
            Refused::MoreThanDue { .. } => "more_than_due",
            Refused::OfEntityBefore | Refused::CreditsOfEntityBefore => "entity_moved",
            Refused::Money(_) => "amount_out_of_range",
            Refused::Invoice(error) => error.code(),
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Refused::MoreThanLeft { pointer, .. }
            | Refused::Nothing { pointer }
            | Refused::NoSuchLine { pointer, .. }
            | Refused::Twice { pointer, .. } => Some(pointer.clone()),
            Refused::MoreThanDue { .. } | Refused::OfEntityBefore => Some("/to".to_owned()),
            Refused::WrongStatus { .. }
            | Refused::CreditsOfEntityBefore
            | Refused::Money(_)
            | Refused::Invoice(_) => None,
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::WrongStatus { .. } | Refused::CreditsOfEntityBefore => RefusalKind::State,
            _ => RefusalKind::Rule,
        }
    }
}

impl Credited<'_> {
    /// The lines of the note.
    ///
    /// # Errors
    /// [`Refused`], the first rule that says no.
    pub fn note(&self, wanted: &Wanted) -> Result<Vec<NoteLine>, Refused> {
        if !matches!(self.invoice.status, Status::Open | Status::Paid) {
            return Err(Refused::WrongStatus { status: self.invoice.status });
        }
        let left = self.left_in_all()?;
        if !left.is_positive() {
            return Err(Refused::Nothing { pointer: "/invoice_id".to_owned() });
        }
        let lines = match wanted {
            Wanted::Whole => self.whole()?,
            Wanted::Amount(amount) => self.of_amount(*amount, left)?,
            Wanted::Lines(parts) => self.of_lines(parts)?,
        };
        let total = total(self.invoice, &lines)?;
        if left.checked_sub(total)?.is_negative() {
            let pointer = "/lines".to_owned();
            return Err(Refused::MoreThanLeft { wanted: total, left, pointer });
        }
        if !total.is_positive() {
            return Err(Refused::Nothing { pointer: "/lines".to_owned() });
        }
        Ok(lines)
    }

    fn whole(&self) -> Result<Vec<NoteLine>, Refused> {
        let mut lines = Vec::with_capacity(self.lines.len());
        for line in self.lines {
            let left = self.left(line)?;
            if !left.is_nothing() {
                lines.push(note_line(line, left));
            }
        }
        Ok(lines)
    }

    fn of_amount(&self, amount: Money, left: Money) -> Result<Vec<NoteLine>, Refused> {
        let pointer = "/amount".to_owned();
        if !amount.is_positive() {
            return Err(Refused::Nothing { pointer });
        }
        if left.checked_sub(amount)?.is_negative() {
            return Err(Refused::MoreThanLeft { wanted: amount, left, pointer });
        }
        let mut charged = Vec::with_capacity(self.lines.len());
        for line in self.lines.iter().filter(|line| !self.only_takes_back(line)) {
            let left = self.left_after_changes(line)?;
            if left.total()?.is_positive() {
                charged.push((line, left));
            }
        }
        let weights: Vec<Decimal> =
            charged.iter().map(|(_, left)| left.total().map(Money::to_decimal)).collect::<Result<_, _>>()?;
        let mut lines = Vec::with_capacity(charged.len());
        for ((line, left), part) in charged.into_iter().zip(allocate(amount, &weights)?) {
            if part.is_positive() {
                lines.push(note_line(line, left.share_of_total(part)?));
            }
        }
        Ok(lines)
    }

    fn of_lines(&self, parts: &[(i32, Part)]) -> Result<Vec<NoteLine>, Refused> {
        let mut lines: Vec<NoteLine> = Vec::with_capacity(parts.len());
        for (n, (line_no, part)) in parts.iter().enumerate() {
            let at = |field: &str| format!("/lines/{n}{field}");
            let line_no = *line_no;
            let charged = self.lines.iter().find(|l| l.line_no == line_no && l.amount.is_positive());
            let line = charged.ok_or_else(|| Refused::NoSuchLine { line_no, pointer: at("/line_no") })?;
            if lines.iter().any(|known| known.invoice_line_no == line_no) {
                return Err(Refused::Twice { line_no, pointer: at("/line_no") });
            }
            let left = self.left_after_changes(line)?;
            let (amount, pointer) = match part {
                Part::Rest => (left.amount, at("")),
                Part::Amount(amount) => (*amount, at("/amount")),
                Part::Quantity(quantity) => (of_quantity(line, *quantity)?, at("/quantity")),
            };
            if !amount.is_positive() {
                return Err(Refused::Nothing { pointer });
            }
            if left.amount.checked_sub(amount)?.is_negative() {
                return Err(Refused::MoreThanLeft { wanted: amount, left: left.amount, pointer });
            }
            lines.push(note_line(line, left.share_of_amount(amount)?));
        }
        Ok(lines)
    }

    /// Where the total of a note goes: first off what is due; then, of what was paid in money, where a refund is requested; the rest
    /// was paid with prepaid credits and goes back to them.
    ///
    /// # Errors
    /// It is to stay on the invoice and is more than is due; sums that do not fit.
    pub fn destination(&self, total: Money, to: To) -> Result<Destination, Refused> {
        let zero = Money::zero(self.invoice.currency);
        let due = self.invoice.amount_due()?;
        let invoice = total.smaller(due)?;
        let rest = total.checked_sub(invoice)?;
        if to == To::Invoice && !rest.is_zero() {
            return Err(Refused::MoreThanDue { due });
        }
        let money = self.invoice.amount_paid.checked_add(self.invoice.applied.balance)?;
        let money = rest.smaller(money.checked_sub(self.money_back)?)?;
        let credits = rest.checked_sub(money)?;
        let refund = match to {
            To::Refund => money.smaller(self.refundable)?,
            To::Invoice | To::CreditBalance => zero,
        };
        Ok(Destination { invoice, credits, balance: money.checked_sub(refund)?, refund })
    }

    /// Where a total goes of which another invoice is to be paid, and no more: the balance gets what that one comes to, and the rest goes back.
    /// 11.90 was paid, 9.52 is invoiced instead: 9.52 to the balance, 2.38 back.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn destination_beside(&self, total: Money, instead: Money) -> Result<Destination, Refused> {
        let back = self.destination(total, To::Refund)?;
        let missing = instead.checked_sub(back.balance)?;
        let kept =
            if missing.is_positive() { back.refund.smaller(missing)? } else { Money::zero(total.currency()) };
        let balance = back.balance.checked_add(kept)?;
        Ok(Destination { balance, refund: back.refund.checked_sub(kept)?, ..back })
    }
}

/// What the lines of a note come to.
///
/// # Errors
/// The sum does not fit.
pub fn total(invoice: &Invoice, lines: &[NoteLine]) -> Result<Money, MoneyError> {
    lines.iter().try_fold(Money::zero(invoice.currency), |sum, line| sum.checked_add(line.taken.total()?))
}

fn of_quantity(line: &Line, quantity: Decimal) -> Result<Money, MoneyError> {
    let whole = line.amount.to_decimal().checked_mul(quantity).ok_or(MoneyError::Overflow)?;
    let share = whole.checked_div(line.quantity).ok_or(MoneyError::Overflow)?;
    round_to_minor(share, line.amount.currency())
}

fn note_line(line: &Line, taken: Taken) -> NoteLine {
    NoteLine {
        invoice_line_no: line.line_no,
        taken,
        deferred: line.deferred,
        description: std::sync::Arc::clone(&line.description),
    }
}
