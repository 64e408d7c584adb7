//! An invoice is not tried again any more: what becomes of it, and of what it bills? What the policy says that it began with: written off, or
//! its subscriptions paused or canceled.
//!
//! Failed for the last time on 17 January, `cancel_now`: on the 17th its subscription ends, nothing is given back, and it stays open.

use serde_json::json;

use super::super::super::subscriptions::edit_subscription::Origin;
use crate::domain::ids::{CustomerId, InvoiceId, SubscriptionId};
use crate::domain::invoicing::Status;
use crate::domain::payments::retries::policy::FinalAction;
use crate::domain::proration::Basis;
use crate::domain::subscriptions::breaks::pause::PauseMode;
use crate::domain::subscriptions::breaks::pausing::PauseRequest;
use crate::domain::subscriptions::cancel::{CancelRequest, Early};
use crate::domain::subscriptions::when::{Bill, Effective};
use crate::storage::customers::locks::{self, Locked};
use crate::storage::payments::retries::{self, policies};
use crate::storage::{Session, Tx, invoicing, payments, subscriptions};
use crate::workflows::invoicing::mark_uncollectible;
use crate::workflows::parked_work::Place;
use crate::workflows::subscriptions::{end_subscription, pause_subscription};
use crate::workflows::{Error, Scope};

/// Takes the last action for an invoice, when it is due still.
///
/// # Errors
/// What keeps it from being taken.
pub fn one(session: &mut Session, place: Place, id: InvoiceId) -> Result<(), Error> {
    session.transaction("take_final_action", |tx| {
        let scope = place.scope(tx)?;
        take(tx, &scope, id)
    })
}

fn take(tx: &mut Tx<'_>, scope: &Scope, id: InvoiceId) -> Result<(), Error> {
    let tenant_id = scope.tenant_id;
    let of_invoice = retries::subscriptions_of(tx, tenant_id, id)?;
    let mut customers = vec![invoicing::find(tx, tenant_id, id)?.customer_id];
    for subscription in &of_invoice {
        customers.push(subscriptions::find(tx, tenant_id, *subscription)?.customer_id);
    }
    let scope = &scope.holding(locks::each(tx, tenant_id, &sorted(customers), Locked::Wait)?);
    let Some(planned) = retries::planned(tx, tenant_id, &[id])?.remove(&id) else { return Ok(()) };
    if planned.final_action_at.is_none_or(|at| at > scope.now) {
        return Ok(());
    }
    let invoice = invoicing::find_locked(tx, tenant_id, id)?;
    let waits = invoice.next_attempt_at.is_none() && !payments::is_under_way(tx, tenant_id, id)?;
    if invoice.status != Status::Open || !waits {
        // Paid or void, or something new is tried: when that fails, it is decided again.
        return Ok(retries::end(tx, &scope.held, (id, None))?);
    }
    let action = match planned.version {
        Some(version) => policies::terms_of(tx, tenant_id, &[version])?
            .remove(&version)
            .map_or(FinalAction::LeaveOpen, |terms| terms.final_action),
        None => FinalAction::LeaveOpen,
    };
    retries::end(tx, &scope.held, (id, Some(scope.now)))?;
    if action == FinalAction::Uncollectible {
        mark_uncollectible::run(tx, scope, id)?;
    }
    let why = "the retries of an invoice are over and it is not paid";
    end_subscriptions(tx, scope, (&of_invoice, action), why)
}

/// Pauses or cancels subscriptions, by an action that says so; their customers are locked.
///
/// # Errors
/// What keeps it from being done.
pub(in crate::workflows::payments) fn end_subscriptions(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (ids, action): (&[SubscriptionId], FinalAction),
    why: &'static str,
) -> Result<(), Error> {
    match action {
        FinalAction::LeaveOpen | FinalAction::Uncollectible => {}
        FinalAction::Pause => {
            for subscription in ids {
                pause(tx, scope, *subscription, why)?;
            }
        }
        FinalAction::CancelNow => cancel(tx, scope, (ids, Effective::Now), why)?,
        FinalAction::CancelAtPeriodEnd => cancel(tx, scope, (ids, Effective::PeriodEnd), why)?,
    }
    Ok(())
}

fn sorted(mut customers: Vec<CustomerId>) -> Vec<CustomerId> {
    customers.sort_unstable();
    customers.dedup();
    customers
}

fn origin(why: &str) -> Origin {
    Origin { by: None, request: json!({ "reason": why }) }
}

/// Neither what is over already nor what has a break.
fn pause(tx: &mut Tx<'_>, scope: &Scope, id: SubscriptionId, why: &str) -> Result<(), Error> {
    let subscription = subscriptions::find(tx, scope.tenant_id, id)?;
    let is_over = subscription.end_at.is_some_and(|end| end <= scope.now);
    if is_over || subscription.pause.is_some_and(|pause| pause.is_ahead(scope.now)) {
        return Ok(());
    }
    // What is not paid is not given back: it is had after the break.
    let request = PauseRequest {
        effective_at: Effective::Now,
        mode: PauseMode::Extend,
        resumes_at: None,
        bill: Bill::Next,
    };
    pause_subscription::pause(tx, scope, id, request, origin(why))?;
    Ok(())
}

/// What has an end set keeps it, unless it is to end now.
fn cancel(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (ids, effective_at): (&[SubscriptionId], Effective),
    why: &str,
) -> Result<(), Error> {
    for id in ids {
        let subscription = subscriptions::find(tx, scope.tenant_id, *id)?;
        let is_over = subscription.end_at.is_some_and(|end| end <= scope.now);
        if is_over || subscription.canceled_at.is_some() {
            continue;
        }
        let request =
            CancelRequest { effective_at, proration: Basis::None, bill: Bill::Now, early: Early::Waive };
        end_subscription::cancel(tx, scope, *id, request, origin(why))?;
    }
    Ok(())
}
