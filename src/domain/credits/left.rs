//! What of an invoice's lines is left to credit? What was billed, less what notes, later bills and the lines beside it took back.
//!
//! 31.00 for January, 10.00 of it credited and 6.00 given back by a cancellation: 15.00. Of 119.00, changed to 19.00 in the draft, 19.00.

use std::collections::HashMap;

use super::gone::Gone;
use super::taken::Taken;
use crate::domain::billing::{ByHand, Line};
use crate::domain::invoicing::Invoice;
use crate::domain::money::{Money, MoneyError};
use crate::domain::tax::on_lines::TaxLeft;

/// What is known of an invoice to be credited.
#[derive(Debug, Clone, Copy)]
pub struct Credited<'a> {
    pub invoice: &'a Invoice,
    pub lines: &'a [Line],
    /// What earlier notes took back, by line.
    pub before: &'a HashMap<i32, Taken>,
    /// What later bills gave back of its lines, as [`given_back`](super::gone::given_back) tells.
    pub given_back: &'a HashMap<i32, Gone>,
    /// What is left of the tax of lines that were taxed: after notes, and after what later bills gave back.
    pub tax_left: &'a HashMap<i32, TaxLeft>,
    /// Whether an invoice was issued in its place: then all that was left of it is credited, though a later bill may charge again.
    pub is_replaced: bool,
    /// What earlier notes took back and put on the balance or refunded.
    pub money_back: Money,
    /// What can still go back by its payments: what neither notes nor pay-outs of the balance gave back.
    pub refundable: Money,
}

impl Credited<'_> {
    /// What is left of a line.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn left(&self, line: &Line) -> Result<Taken, MoneyError> {
        if self.is_replaced {
            return Ok(Taken::nothing(self.invoice.currency));
        }
        let before = self.before.get(&line.line_no).copied();
        let before = before.unwrap_or_else(|| Taken::nothing(self.invoice.currency));
        let left = Taken::whole(line).less(&before)?;
        let left = match self.given_back.get(&line.line_no) {
            None => left,
            Some(gone) => gone.taken_from(&left)?,
        };
        if left.amount.is_zero() {
            return Ok(left);
        }
        // What later bills gave back of the tax was rounded there: the rest is what they left.
        Ok(match self.tax_left.get(&line.line_no) {
            Some(TaxLeft { on_top, within }) => Taken { tax: *on_top, tax_included: *within, ..left },
            None => left,
        })
    }

    /// What is left of a line together with the lines of the same invoice that take it back: of 119.00, changed to 19.00 by a line of −100.00,
    /// 19.00.
    pub(super) fn left_after_changes(&self, line: &Line) -> Result<Taken, MoneyError> {
        let mut left = self.left(line)?;
        for other in self.lines.iter().filter(|other| takes_back(other, line)) {
            left = left.plus(&self.left(other)?)?;
        }
        Ok(left)
    }

    /// Whether a line is there only to take back another of this invoice.
    pub(super) fn only_takes_back(&self, line: &Line) -> bool {
        self.lines.iter().any(|other| takes_back(line, other))
    }

    /// What is left of all lines.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn left_in_all(&self) -> Result<Money, MoneyError> {
        let mut left = Money::zero(self.invoice.currency);
        for line in self.lines {
            left = left.checked_add(self.left(line)?.total()?)?;
        }
        Ok(left)
    }
}

/// Whether a line takes back another of its invoice, in whole or in part.
fn takes_back(line: &Line, other: &Line) -> bool {
    line.by_hand == Some(ByHand::Counters(other.line_no))
        && line.amount.is_negative() != other.amount.is_negative()
}
