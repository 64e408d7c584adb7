//! Money came by itself: a bank transfer, a cheque. It is recorded as a payment that has succeeded, put against its invoice
//! when one is named; what the invoice does not need is the customer's credit.

use super::settle_payments;
use crate::domain::ids::{InvoiceId, PaymentId};
use crate::domain::invoicing::Status;
use crate::domain::payments::offline::{self, Receipt};
use crate::domain::payments::settle::Settled;
use crate::storage::{Tx, invoicing, payments};
use crate::workflows::credits::apply_balance;
use crate::workflows::error::Referenced;
use crate::workflows::{Error, Scope};

/// Records it.
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    receipt: Receipt,
    invoice_id: Option<InvoiceId>,
) -> Result<Settled, Error> {
    let scope = &scope.lock(tx, receipt.customer_id).or_unknown("/customer_id")?;
    let invoice = match invoice_id {
        Some(id) => Some(invoicing::find_locked(tx, scope.tenant_id, id).or_unknown("/invoice_id")?),
        None => None,
    };
    let settled = offline::record(receipt, invoice, PaymentId::from_uuid(scope.mint()), scope.now)?;
    payments::insert(tx, &scope.held, &settled.payment)?;
    settle_payments::post(tx, scope, std::slice::from_ref(&settled))?;
    if let Some(paid) = settled.invoice.as_ref().filter(|invoice| invoice.status == Status::Paid) {
        payments::end_waiting(tx, &scope.held, (paid.id, scope.now))?;
    }
    apply_balance::by_itself(tx, scope, settled.payment.customer_id)?;
    Ok(settled)
}
