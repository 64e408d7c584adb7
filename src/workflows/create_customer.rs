//! Who is to be billed from now on? Registers a customer with version 1 of the buyer's details.

use super::{Error, Scope};
use crate::domain::customers::{Customer, NewCustomer, Registration};
use crate::domain::events::EventType;
use crate::domain::ids::CustomerId;
use crate::storage::{Tx, customers, events};

/// Registers the customer.
///
/// # Errors
/// [`Invalid`](crate::domain::refusal::Invalid) values; `external_id_taken`.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, new: NewCustomer) -> Result<Customer, Error> {
    let id = CustomerId::from_uuid(scope.mint());
    let customer = new.register(Registration { id, currency: scope.currency, at: scope.now })?;
    customers::insert(tx, scope.tenant_id, &customer)?;
    let told = scope.event(EventType::CustomerCreated, customer.id.uuid(), customer.event_data());
    events::record(tx, scope.tenant_id, &[told])?;
    Ok(customer)
}
