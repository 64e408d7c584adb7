//! How much of what an invoice billed for usage is left to be taken back, now that it drew on grants? What it charged, less what later
//! invoices and credit notes took.
//!
//! A usage line of 100.00 of which a note took 30.00 and a later invoice 20.00: 50.00 of it are left.

use super::drew::{Drew, DrewLine};
use super::{Grant, draw};
use crate::domain::billing::piece::Key;
use crate::domain::ids::{MeterId, PriceId};
use crate::domain::invoicing::{Invoice, Status};
use crate::domain::money::{Money, MoneyError};

/// A usage line of an invoice with all that was taken back of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageLine {
    /// Its number, or that of the line it counters.
    pub line_no: i32,
    pub key: Key,
    pub price_id: PriceId,
    pub meter_id: Option<MeterId>,
    pub amount: Money,
    pub discount: Money,
    pub tax: Money,
    /// What later invoices took back of it, with discount and tax.
    pub taken_back: Money,
    /// What credit notes took of it, the same.
    pub noted: Money,
}

impl UsageLine {
    /// What is left of it; below zero as it is.
    fn left(&self) -> Result<Money, MoneyError> {
        let charged = self.amount.checked_sub(self.discount)?.checked_add(self.tax)?;
        charged.checked_sub(self.taken_back)?.checked_sub(self.noted)
    }
}

impl Drew {
    /// Whether the usage of an invoice can be taken back by a later one: it is issued, and not void.
    #[must_use]
    pub fn may_be(invoice: &Invoice) -> bool {
        matches!(invoice.status, Status::Open | Status::Paid | Status::Uncollectible)
    }

    /// Of an invoice, with the grants it drew on and what it has not given back of each. While it is busy, an attempt to collect it being
    /// under way, nothing is due of it.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn of(
        (invoice, is_busy): (&Invoice, bool),
        drawn: &[(Grant, Money)],
        usage: impl Iterator<Item = UsageLine>,
    ) -> Result<Drew, MoneyError> {
        let mut grants: Vec<Grant> = drawn.iter().map(|(grant, _)| grant.clone()).collect();
        draw::sort(&mut grants);
        let left_of =
            |grant: &Grant| drawn.iter().find(|(known, _)| known.id == grant.id).map(|(_, left)| *left);
        let draws = grants.iter().rev().filter_map(|grant| Some((grant.id, left_of(grant)?))).collect();
        let (mut usage_left, mut lines) = (invoice.applied.given_back, Vec::<DrewLine>::new());
        for line in usage {
            let left = line.left()?;
            usage_left = usage_left.checked_add(left)?;
            if let Some(countered) = lines.iter_mut().find(|known| known.line_no == line.line_no) {
                countered.left = countered.left.checked_add(left)?;
                continue;
            }
            let UsageLine { line_no, key, price_id, meter_id, .. } = line;
            lines.push(DrewLine { line_no, key, price_id, meter_id, left });
        }
        let open = match invoice.status {
            Status::Open if !is_busy => invoice.amount_due()?,
            _ => Money::zero(invoice.currency),
        };
        Ok(Drew { invoice_id: invoice.id, open, usage_left, lines, draws })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ItemVersionId;
    use uuid::Uuid;

    fn usd(minor: i64) -> Money {
        Money::from_minor(minor, "USD".parse().unwrap())
    }

    #[test]
    fn of_a_usage_line_is_left_what_neither_invoices_nor_notes_took() {
        let line = UsageLine {
            line_no: 1,
            key: Key { version: ItemVersionId::from_uuid(Uuid::nil()), start: chrono::DateTime::UNIX_EPOCH },
            price_id: PriceId::from_uuid(Uuid::nil()),
            meter_id: None,
            amount: usd(10_000),
            discount: usd(1_000),
            tax: usd(900),
            taken_back: usd(2_000),
            noted: usd(3_000),
        };
        assert_eq!(line.left().unwrap(), usd(10_000 - 1_000 + 900 - 2_000 - 3_000));
    }
}
