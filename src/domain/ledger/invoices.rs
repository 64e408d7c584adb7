//! What does an issued invoice do to the books? The receivable rises by its total, against what it is made of.
//!
//! A seat in advance at 31.00, a set-up fee of 20.00 and 3.57 tax: receivable → deferred revenue 31.00, → revenue 20.00,
//! → tax payable 3.57. A credit goes the other way, and what it owes the customer is the customer's credit: nothing is
//! receivable on an invoice of −10.00.

use super::posting::{self, Source};
use super::{Account, SourceKind, Transfer};
use crate::domain::billing::Line;
use crate::domain::invoicing::Invoice;
use crate::domain::invoicing::finalize::Issue;
use crate::domain::money::{Money, MoneyError};

/// The postings of a finalized invoice: what is earned over time is deferred, the rest is revenue, tax is owed onward.
pub fn finalized(invoice: &Invoice, lines: &[Line], issue: &Issue) -> Result<Vec<Transfer>, MoneyError> {
    let net = |deferred: bool| {
        lines
            .iter()
            .filter(|l| l.deferred == deferred)
            .try_fold(Money::zero(invoice.currency), |sum, line| sum.checked_add(line.earned()?))
    };
    let source = Source {
        kind: SourceKind::InvoiceFinalized,
        id: invoice.id.uuid(),
        customer_id: invoice.customer_id,
        entity_id: Some(invoice.entity_id),
        invoice_id: None,
        effective_on: issue.zone.local_date(issue.now),
        recorded_at: issue.now,
    };
    let charged = invoice.charged()?;
    let owed_back = if charged.is_negative() { charged.negated()? } else { Money::zero(invoice.currency) };
    posting::post(
        source,
        &[
            (Account::AccountsReceivable, Account::DeferredRevenue, net(true)?),
            (Account::AccountsReceivable, Account::Revenue, net(false)?),
            (Account::AccountsReceivable, Account::TaxPayable, invoice.totals.all_tax()?),
            (Account::AccountsReceivable, Account::CustomerCredit, owed_back),
        ],
    )
}
