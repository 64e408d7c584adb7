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

/// Defers so much of what an issued invoice posted as revenue: it is earned as it is fulfilled, though it says no period. Where it posted nothing,
/// as its lines come to nothing, it is by its source.
///
/// # Errors
/// Sums that do not fit.
pub fn defer(transfers: &mut Vec<Transfer>, amount: Money, source: Source) -> Result<(), MoneyError> {
    let receivable = Account::AccountsReceivable;
    let is_issued = |t: &Transfer| t.source_kind == SourceKind::InvoiceFinalized;
    let is_revenue = |t: &Transfer| {
        let sides = [(t.debit, t.credit), (t.credit, t.debit)];
        is_issued(t) && t.origin_id.is_none() && sides.contains(&(receivable, Account::Revenue))
    };
    let rated_on = transfers.iter().find(|t| is_issued(t)).and_then(|t| t.rated_on);
    let revenue = transfers.iter().find(|t| is_revenue(t));
    let before = match revenue {
        Some(posted) if posted.debit == receivable => posted.amount,
        Some(posted) => posted.amount.negated()?,
        None => Money::zero(amount.currency()),
    };
    transfers.retain(|t| !is_revenue(t));
    let legs = transfers.iter().filter(|t| is_issued(t)).map(|t| t.leg);
    let mut leg = legs.max().unwrap_or(-1);
    let at = transfers.iter().rposition(is_issued).map_or(0, |at| at.saturating_add(1));
    let revenue = before.checked_sub(amount)?;
    let mut moved = posting::post(
        source,
        &[(receivable, Account::DeferredRevenue, amount), (receivable, Account::Revenue, revenue)],
    )?;
    for transfer in &mut moved {
        leg = leg.checked_add(1).ok_or(MoneyError::Overflow)?;
        (transfer.leg, transfer.rated_on) = (leg, rated_on);
    }
    transfers.splice(at..at, moved);
    Ok(())
}

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
