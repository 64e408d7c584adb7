//! Money received outside any gateway: how is it recorded? As a payment that has succeeded, put against its invoice.
//!
//! A transfer of 40.00 for an invoice of 31.00: 31.00 pay it, 9.00 become the customer's credit.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::settle::{self, Settled};
use super::{Declined, OFFLINE, Payment, Refused, State};
use crate::domain::catalog::Metadata;
use crate::domain::ids::{CustomerId, PaymentId};
use crate::domain::invoicing::{self, Invoice, Status};
use crate::domain::money::Money;

/// What came, from whom and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    pub customer_id: CustomerId,
    pub amount: Money,
    pub external_id: Option<String>,
    /// What was taken in cash of the amount; `None`: it is no cash.
    pub in_cash: Option<Money>,
    /// What the bank statement says.
    pub reference: Option<String>,
    /// Left out: now.
    pub received_at: Option<DateTime<Utc>>,
    pub metadata: Metadata,
}

/// Records it, against `invoice` when one is named.
///
/// # Errors
/// The amount, its date, its currency or the invoice does not allow it.
pub fn record(
    receipt: Receipt,
    invoice: Option<Invoice>,
    id: PaymentId,
    now: DateTime<Utc>,
) -> Result<Settled, Refused> {
    let received_at = receipt.received_at.unwrap_or(now);
    if !receipt.amount.is_positive() {
        return Err(Refused::NotPositive);
    }
    if received_at > now {
        return Err(Refused::InTheFuture);
    }
    if let Some(invoice) = &invoice {
        check_invoice(&receipt, invoice)?;
    }
    let payment = Payment {
        id,
        external_id: receipt.external_id,
        customer_id: receipt.customer_id,
        invoice_id: invoice.as_ref().map(|i| i.id),
        payment_method_id: None,
        gateway: Arc::from(OFFLINE),
        gateway_account_id: None,
        amount: receipt.amount,
        amount_applied: Money::zero(receipt.amount.currency()),
        amount_surplus: Money::zero(receipt.amount.currency()),
        cash_rounding: match receipt.in_cash {
            Some(taken) => taken.checked_sub(receipt.amount)?,
            None => Money::zero(receipt.amount.currency()),
        },
        state: State::Succeeded { at: received_at },
        reference: receipt.reference,
        action_url: None,
        metadata: receipt.metadata,
        created_at: now,
        checks: 0,
        reason: None,
        declined: Declined::default(),
    };
    settle::receive(payment, invoice, now)
}

fn check_invoice(receipt: &Receipt, invoice: &Invoice) -> Result<(), Refused> {
    if invoice.customer_id != receipt.customer_id {
        return Err(Refused::InvoiceOfAnotherCustomer);
    }
    let payment = receipt.amount.currency();
    if payment != invoice.currency {
        return Err(Refused::WrongCurrency { invoice: invoice.currency, payment });
    }
    if !matches!(invoice.status, Status::Open | Status::Uncollectible) {
        let possible =
            "only an open or uncollectible invoice can be paid; leave invoice_id out to record it as credit";
        return Err(invoicing::Refused::WrongStatus { status: invoice.status, possible }.into());
    }
    Ok(())
}
