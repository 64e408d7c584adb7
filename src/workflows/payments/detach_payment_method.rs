//! A payment method is taken away: it is never charged again. A charge under way is not stopped. Payments keep naming it, so it
//! stays readable.

use crate::domain::events::EventType;
use crate::domain::ids::PaymentMethodId;
use crate::domain::payments::PaymentMethod;
use crate::storage::payments::{collection, payment_methods};
use crate::storage::{Tx, events};
use crate::workflows::{Done, Error, Scope};

/// Detaches it; a second time changes nothing. When it was its customer's default, the one attached last of those that are left is; with none left there is no default
/// until another is attached.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, id: PaymentMethodId) -> Result<Done<PaymentMethod>, Error> {
    let customer_id = payment_methods::find(tx, scope.tenant_id, id)?.customer_id;
    let scope = &scope.lock(tx, customer_id)?;
    let default = scope.held.default_method(customer_id);
    let mut method = payment_methods::find(tx, scope.tenant_id, id)?;
    if method.detached_at.is_some() {
        return Ok(Done::AlreadyDone(method));
    }
    method.detached_at = Some(scope.now);
    payment_methods::detach(tx, &scope.held, &method)?;
    if default == Some(id) {
        let next = payment_methods::newest_attached(tx, scope.tenant_id, customer_id)?;
        payment_methods::set_default(tx, &scope.held, customer_id, next)?;
        if next.is_some() {
            // What is charged now is not what was declined.
            collection::make_due(tx, &scope.held, customer_id, scope.now)?;
        }
    }
    let event = scope.event(EventType::PaymentMethodDetached, id.uuid(), method.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(Done::Done(method))
}
