//! What does received money move? 40.00 for an invoice of 31.00: cash ← receivable 31.00, cash ← customer credit 9.00.
//!
//! A surplus of 50.00 that came for an invoice paid already: cash ← refunds payable 50.00. On a written-off invoice the
//! receivable is first taken back from the write-offs and from what was not earned, so that it can be paid.

use chrono::{DateTime, NaiveDate, Utc};

use super::corrections::{self, Loss};
use super::posting::{self, Source};
use super::{Account, SourceKind, Transfer};
use crate::domain::money::{Money, MoneyError};
use crate::domain::payments::State;
use crate::domain::payments::settle::Settled;

/// When a receipt counts, and when it was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booking {
    /// The day in the tenant's zone.
    pub effective_on: NaiveDate,
    pub recorded_at: DateTime<Utc>,
}

/// What of an invoice that was given up is deferred again as it is paid, at the rate of which day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Restored {
    pub deferred: Money,
    pub rated_on: Option<NaiveDate>,
    /// When it counts: what was received before it was given up comes back when it was.
    pub counts_on: NaiveDate,
}

/// The transfers of a settled payment: none unless money came.
pub fn postings(
    settled: &Settled,
    booking: Booking,
    restored: Option<Restored>,
) -> Result<Vec<Transfer>, MoneyError> {
    let payment = &settled.payment;
    if !matches!(payment.state, State::Succeeded { .. }) {
        return Ok(Vec::new());
    }
    let source = |kind| Source {
        kind,
        id: payment.id.uuid(),
        customer_id: payment.customer_id,
        entity_id: settled.invoice.as_ref().map(|invoice| invoice.entity_id),
        invoice_id: payment.invoice_id,
        effective_on: booking.effective_on,
        recorded_at: booking.recorded_at,
    };
    let due = settled.recovered;
    let nothing =
        Restored { deferred: Money::zero(due.currency()), rated_on: None, counts_on: booking.effective_on };
    let Restored { deferred, rated_on, counts_on } = restored.unwrap_or(nothing);
    let recovered = Source { effective_on: counts_on, ..source(SourceKind::WriteOffRecovered) };
    let recovered = (recovered, rated_on);
    let mut transfers = corrections::recovered(Loss { due, deferred }, recovered)?;
    transfers.extend(posting::post(
        source(SourceKind::PaymentReceived),
        &[
            (Account::CashClearing, Account::AccountsReceivable, payment.amount_applied),
            (Account::CashClearing, Account::CustomerCredit, payment.amount_credited()?),
            (Account::CashClearing, Account::RefundsPayable, payment.amount_surplus),
        ],
    )?);
    let rounding = payment.cash_rounding;
    let moved = match rounding.is_negative() {
        true => (Account::CashRounding, Account::CashClearing, rounding.negated()?),
        false => (Account::CashClearing, Account::CashRounding, rounding),
    };
    transfers.extend(posting::post(source(SourceKind::CashRounded), &[moved])?);
    Ok(transfers)
}
