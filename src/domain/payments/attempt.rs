//! Is this invoice charged now, and how is the attempt recorded? As processing, before the gateway hears of it.
//!
//! Due 31.00, default card → payment of 31.00 in processing, to be queried in a minute; the invoice waits for it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::retries::reason::Reason;
use super::{Declined, Payment, PaymentMethod, Refused, State, checks};
use crate::domain::catalog::Metadata;
use crate::domain::ids::PaymentId;
use crate::domain::invoicing::{self, Invoice, Status};
use crate::domain::money::Money;

/// Starts an attempt to collect all that is due, with this method: the invoice as it waits, the payment as it starts.
///
/// # Errors
/// The invoice is not owed any more, or the method may not be charged for it.
pub fn begin(
    mut invoice: Invoice,
    method: &PaymentMethod,
    (id, reason): (PaymentId, Reason),
    now: DateTime<Utc>,
) -> Result<(Invoice, Payment), Refused> {
    check_payable(&invoice)?;
    if method.customer_id != invoice.customer_id {
        return Err(Refused::MethodOfAnotherCustomer);
    }
    if method.detached_at.is_some() {
        return Err(Refused::Detached);
    }
    let payment = Payment {
        id,
        external_id: None,
        customer_id: invoice.customer_id,
        invoice_id: Some(invoice.id),
        payment_method_id: Some(method.id),
        gateway: Arc::clone(&method.gateway),
        gateway_account_id: method.gateway_account_id,
        amount: invoice.amount_due()?,
        amount_applied: Money::zero(invoice.currency),
        amount_surplus: Money::zero(invoice.currency),
        cash_rounding: Money::zero(invoice.currency),
        state: State::Processing { next_check_at: checks::next_check_at(0, now) },
        reference: None,
        action_url: None,
        metadata: Metadata::new(),
        created_at: now,
        checks: 0,
        reason: Some(reason),
        declined: Declined::default(),
    };
    // The outcome decides whether there is another attempt.
    invoice.next_attempt_at = None;
    invoice.attempt_count = invoice.attempt_count.saturating_add(1);
    Ok((invoice, payment))
}

/// Whether an invoice can be paid at all.
///
/// # Errors
/// It is a draft, paid or void.
pub fn check_payable(invoice: &Invoice) -> Result<(), Refused> {
    if matches!(invoice.status, Status::Open | Status::Uncollectible) {
        return Ok(());
    }
    let possible = "only an open or uncollectible invoice can be paid";
    Err(invoicing::Refused::WrongStatus { status: invoice.status, possible }.into())
}

/// An invoice that was due for an attempt and cannot have one now: it waits until something changes for it.
pub fn postpone(mut invoice: Invoice) -> Invoice {
    invoice.next_attempt_at = None;
    invoice
}
