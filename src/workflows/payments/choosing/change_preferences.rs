//! What is charged for a subscription or an invoice from now on, and by which policy is it tried again? With something else to charge, what failed
//! is tried at once; a policy holds for what is finalized afterwards.

use crate::domain::events::EventType;
use crate::domain::ids::CustomerId;
use crate::domain::payments::Refused;
use crate::domain::payments::preferences::{Change, Owner, OwnerId, Preferences};
use crate::domain::payments::retries::reason::{Cause, Reason};
use crate::storage::payments::retries::policies;
use crate::storage::payments::{payment_methods, preferences};
use crate::storage::{Tx, events, invoicing, subscriptions};
use crate::workflows::error::Referenced;
use crate::workflows::{Error, Holding, Scope};

/// Changes what one of them says, and gives it as it is then.
///
/// # Errors
/// Not found; `unknown_payment_method`, `unknown_retry_policy`; a method that is not of who pays, or was detached.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, owner: OwnerId, change: Change) -> Result<Preferences, Error> {
    let customer_id = match owner {
        OwnerId::Customer(id) => id,
        OwnerId::Subscription(id) => subscriptions::find(tx, scope.tenant_id, id)?.customer_id,
        OwnerId::Invoice(id) => invoicing::find(tx, scope.tenant_id, id)?.customer_id,
    };
    let scope = &scope.lock(tx, customer_id)?;
    set(tx, scope, (owner, customer_id), change)
}

/// The same for a customer that is locked.
///
/// # Errors
/// As [`run`].
pub fn set(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (owner, customer_id): (OwnerId, CustomerId),
    change: Change,
) -> Result<Preferences, Error> {
    let before = preferences::find(tx, scope.tenant_id, owner)?;
    let after = before.with(change);
    if after == before {
        return Ok(after);
    }
    check(tx, scope, (owner, customer_id), change)?;
    preferences::set(tx, &scope.held, (owner, after), scope.now)?;
    let is_something_else = after.payment_method_id.is_some();
    if is_something_else && after.payment_method_id != before.payment_method_id {
        let reason = Reason::of(Cause::NewMethod).to_string();
        preferences::try_anew(tx, &scope.held, (owner, &reason), scope.now)?;
    }
    let type_ = match owner.owner() {
        Owner::Customer => EventType::CustomerPaymentPreferencesUpdated,
        Owner::Subscription => EventType::SubscriptionPaymentPreferencesUpdated,
        Owner::Invoice => EventType::InvoicePaymentPreferencesUpdated,
    };
    let event = scope.event(type_, owner.uuid(), after.event_data(owner.owner()));
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(after)
}

fn check(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (owner, customer_id): (OwnerId, CustomerId),
    change: Change,
) -> Result<(), Error> {
    if let Some(Some(id)) = change.payment_method_id {
        let method = payment_methods::find(tx, scope.tenant_id, id).or_unknown("/payment_method_id")?;
        // Who is held is the customer, and who pays for it.
        let pays = match owner {
            OwnerId::Invoice(_) => method.customer_id == customer_id,
            OwnerId::Customer(_) | OwnerId::Subscription(_) => scope.held.get(method.customer_id).is_some(),
        };
        if !pays {
            return Err(Refused::MethodOfAnotherCustomer.into());
        }
        if method.detached_at.is_some() {
            return Err(Refused::Detached.into());
        }
    }
    if let Some(Some(id)) = change.retry_policy_id {
        policies::find(tx, scope.tenant_id, id).or_unknown("/retry_policy_id")?;
    }
    Ok(())
}
