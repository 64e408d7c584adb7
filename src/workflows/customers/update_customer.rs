//! What is different about a customer? Changes it, and adds a version of the buyer's details when invoices print something else now.

use super::{move_entity, place_account, watch_tax_numbers};
use crate::domain::customers::{Customer, CustomerChange};
use crate::domain::events::EventType;
use crate::domain::ids::CustomerId;
use crate::domain::refusal::Invalid;
use crate::storage::invoicing::drafts;
use crate::storage::payments::collection;
use crate::storage::{Tx, customers, events};
use crate::workflows::{Error, Scope};

/// Changes the customer. Saying what is so already writes nothing.
///
/// # Errors
/// Not found; [`Invalid`] values; `external_id_taken`; `unknown_payment_method` when it is not the customer's own; what
/// [`hierarchy`](crate::domain::customers::hierarchy) and [`moves`](crate::domain::entities::moves) refuse.
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: CustomerId,
    change: CustomerChange,
) -> Result<Customer, Error> {
    let buys_elsewhere = match change.entity_id {
        Some(entity_id) => move_entity::run(tx, scope, id, entity_id)?,
        None => false,
    };
    let payer_id = match change.moves() {
        true => Some(place_account::run(tx, scope, id, &change)?),
        false => None,
    };
    let (before, held) = customers::lock(tx, scope.tenant_id, id)?;
    let scope = &scope.holding(held);
    if let Some(Some(method)) = change.default_payment_method_id
        && !customers::has_payment_method(tx, scope.tenant_id, (id, method))?
    {
        let detail = "this customer has no payment method with this id";
        return Err(Invalid::one("/default_payment_method_id", "unknown_payment_method", detail).into());
    }
    let mut after = before.changed(change, scope.zone.local_date(scope.now))?;
    after.payer_id = payer_id.unwrap_or(before.payer_id);
    if after == before && !buys_elsewhere {
        return Ok(after);
    }
    customers::update(tx, &scope.held, &after, scope.now)?;
    if after.tax_ids != before.tax_ids {
        after = watch_tax_numbers::run(tx, scope, after)?;
    }
    if after.version != before.version {
        drafts::look_again(tx, &scope.held, id, scope.now)?;
    }
    let default = after.default_payment_method_id;
    if default.is_some() && default != before.default_payment_method_id {
        // What the customer owes is tried with the new one at once.
        collection::make_due(tx, &scope.held, id, scope.now)?;
    }
    let event = scope.event(EventType::CustomerUpdated, id.uuid(), after.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(after)
}
