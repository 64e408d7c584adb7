//! Who pays for a customer that is put elsewhere among the others? Finds out, checks the place, and lets the new payer be billed for it
//! and for all who are paid for with it.
//!
//! A region of 40 branches leaves its group: 41 customers are paid for by the region from now on, whatever was billed stays the group's.

use crate::domain::customers::hierarchy::{self, Pays, Refused};
use crate::domain::customers::{Customer, CustomerChange};
use crate::domain::entities;
use crate::domain::ids::CustomerId;
use crate::storage::customers::accounts::{self, Move};
use crate::storage::customers::{Held, locks};
use crate::storage::{Tx, customers};
use crate::workflows::error::Referenced;
use crate::workflows::{Error, Scope};

/// Moves the customer's account; gives who pays for it from now on, `None` being itself. Its row is left to the caller; it is locked,
/// with all others that matter.
pub(super) fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: CustomerId,
    change: &CustomerChange,
) -> Result<Option<CustomerId>, Error> {
    let tenant_id = scope.tenant_id;
    // Before any row: what is read of the tree from here on stays so.
    accounts::hold_tree(tx, tenant_id)?;
    let before = customers::find(tx, tenant_id, id)?;
    let (parent_id, pays) = change.place(&before);
    let upwards = match parent_id {
        Some(parent) => {
            customers::find(tx, tenant_id, parent).or_unknown("/parent_id")?;
            accounts::upwards(tx, tenant_id, parent)?
        }
        None => Vec::new(),
    };
    let below = accounts::below(tx, tenant_id, id)?;
    hierarchy::check_place(id, &upwards, below.levels)?;
    let payer = match (pays, parent_id) {
        (Pays::ByParent, Some(parent)) => accounts::payer_of(tx, tenant_id, parent)?,
        _ => id,
    };
    let (from, to) = (before.payer(), payer);
    if from == to {
        return Ok(Some(payer).filter(|payer| *payer != id));
    }
    let mut paid_alike = vec![id];
    paid_alike.extend(below.paid_alike);
    let mut locked = paid_alike.clone();
    locked.extend([from, to]);
    locked.sort_unstable();
    locked.dedup();
    let held = locks::accounts(tx, tenant_id, &locked)?;
    check_entities(&held, to)?;
    let count = accounts::due_subscriptions(tx, tenant_id, from, &paid_alike, scope.now)?;
    if count > 0 {
        return Err(Refused::Unbilled { count }.into());
    }
    accounts::repoint(tx, &held, Move { from, to, customers: &paid_alike, now: scope.now })?;
    Ok(Some(payer).filter(|payer| *payer != id))
}

/// Lets an account pay only for customers that buy from the same entity as it does.
fn check_entities(held: &Held, payer: CustomerId) -> Result<(), Error> {
    let Some(entity_id) = held.get(payer).map(|payer| payer.entity_id) else { return Ok(()) };
    let moved = held.customers().iter().filter(|customer| customer.id != payer);
    match moved.into_iter().all(|customer| customer.entity_id == entity_id) {
        true => Ok(()),
        false => {
            let how = "let the customer buy from the entity of whoever is to pay first";
            Err(entities::moves::Refused::Payer { payer: payer.to_string(), how }.into())
        }
    }
}

/// Who pays for a new customer, should it have a parent; the tree is kept as it is until the customer is written.
pub(super) fn for_new(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, parent): (CustomerId, CustomerId),
) -> Result<CustomerId, Error> {
    accounts::share_tree(tx, scope.tenant_id)?;
    let found: Customer = customers::find(tx, scope.tenant_id, parent).or_unknown("/parent_id")?;
    let upwards = accounts::upwards(tx, scope.tenant_id, parent)?;
    hierarchy::check_place(id, &upwards, 0)?;
    Ok(found.payer())
}
