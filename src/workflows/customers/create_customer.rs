//! Who is to be billed from now on? Registers a customer with version 1 of the buyer's details.

use super::{choose_entity, place_account, watch_tax_numbers};
use crate::domain::customers::{Customer, NewCustomer, Registration};
use crate::domain::events::EventType;
use crate::domain::ids::CustomerId;
use crate::storage::customers::accounts;
use crate::storage::{Tx, customers, events};
use crate::workflows::{Error, Scope};

/// Registers the customer.
///
/// # Errors
/// [`Invalid`](crate::domain::refusal::Invalid) values; `external_id_taken`; `unknown_parent`, too many levels;
/// `unknown_entity`, `entity_of_payer`.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, new: NewCustomer) -> Result<Customer, Error> {
    let id = CustomerId::from_uuid(scope.mint());
    let parents_payer = match new.parent_id {
        Some(parent) => Some(place_account::for_new(tx, scope, (id, parent))?),
        None => None,
    };
    let today = scope.zone.local_date(scope.now);
    let entity_id = choose_entity::run(tx, scope, &new, parents_payer)?;
    let registration =
        Registration { id, currency: scope.currency, at: scope.now, today, entity_id, parents_payer };
    let customer = new.register(registration)?;
    let held = customers::insert(tx, scope.tenant_id, &customer)?;
    if let Some(payer) = customer.payer_id {
        accounts::record_payer(tx, scope.tenant_id, &[id], payer, scope.now)?;
    }
    let event = scope.event(EventType::CustomerCreated, customer.id.uuid(), customer.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    watch_tax_numbers::run(tx, &scope.holding(held), customer)
}
