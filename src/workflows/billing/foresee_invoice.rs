//! What would a subscription's next invoice be, were it billed with what is known now? The bill itself, unwritten.
//!
//! 31.00 due in advance on 1 February and 4,200 calls so far in January at 0.01: 42.00 + 31.00 = 73.00, on 1 February.

use super::bill_customers;
use crate::domain::ids::SubscriptionId;
use crate::domain::issuing::Sheet;
use crate::storage::customers::LockedCustomer;
use crate::storage::{StorageError, Thing, Tx, billing, customers, subscriptions};
use crate::workflows::{Error, Scope};

/// The invoice, with what else is on it when the customer's subscriptions share one.
///
/// # Errors
/// Not found, also when nothing is to come; what cannot be billed.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, id: SubscriptionId) -> Result<Sheet, Error> {
    let none = || StorageError::not_found(Thing::UpcomingInvoice, id);
    let subscription = subscriptions::find(tx, scope.tenant_id, id)?;
    let customer = customers::find(tx, scope.tenant_id, subscription.customer_id)?;
    let next_bill_at = billing::next_bill_at(tx, scope.tenant_id, (customer.id, id))?.ok_or_else(none)?;
    let payer = customers::find(tx, scope.tenant_id, customer.payer())?;
    let known = LockedCustomer::of(&payer);
    let invoices = bill_customers::foresee(tx, scope, (known, next_bill_at.max(scope.now)))?;
    let has_it = |sheet: &Sheet| sheet.lines.iter().any(|line| line.subscription_id == Some(id));
    Ok(invoices.into_iter().find(has_it).ok_or_else(none)?)
}
