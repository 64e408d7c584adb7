//! What is due of subscriptions that nobody requests? The end of a trial is announced ahead; when it comes, a customer without a
//! payment method is billed, canceled or paused, as was agreed at the start. The end of a term is announced ahead, and its renewal.
//!
//! A trial to 15 January: announced on the 12th; on the 15th, without a card and with `cancel`, it ends and nothing is billed.
//! This runs before the bills of the same instant.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::edit_subscription::Origin;
use super::{end_subscription, pause_subscription};
use crate::domain::events::EventType;
use crate::domain::ids::SubscriptionId;
use crate::domain::proration::Basis;
use crate::domain::subscriptions::Subscription;
use crate::domain::subscriptions::breaks::pause::PauseMode;
use crate::domain::subscriptions::breaks::pausing::PauseRequest;
use crate::domain::subscriptions::cancel::{CancelRequest, Early};
use crate::domain::subscriptions::steps::Step;
use crate::domain::subscriptions::terms::Term;
use crate::domain::subscriptions::trial::{Trial, WithoutMethod};
use crate::domain::subscriptions::when::{Bill, Effective};
use crate::storage::subscriptions::steps;
use crate::storage::{Session, StorageError, Tx, customers, events, subscriptions};
use crate::workflows::parked_work::Place;
use crate::workflows::{Error, Scope};

/// Steps of a subscription that one look takes at most.
const STEPS: u32 = 1_000;

/// Takes every step of a subscription that is due, one transaction each.
///
/// # Errors
/// Not found; what keeps a step from being taken.
pub fn run(session: &mut Session, place: Place, id: SubscriptionId) -> Result<(), Error> {
    for _ in 0..STEPS {
        let next = session.transaction("step_subscription", |tx| {
            let scope = place.scope(tx)?;
            step(tx, &scope, id)?;
            Ok::<_, Error>(steps::next_of(tx, place.tenant_id, id)?)
        })?;
        if next.is_none_or(|next| next > place.now) {
            return Ok(());
        }
    }
    Err(Error::Fault(format!("the steps of {id} do not come to an end")))
}

/// One step of one subscription. Taken by another process already, or of a subscription that is over, it is nothing.
fn step(tx: &mut Tx<'_>, scope: &Scope, id: SubscriptionId) -> Result<(), Error> {
    let customer_id = subscriptions::find(tx, scope.tenant_id, id)?.customer_id;
    let (customer, held) = customers::lock(tx, scope.tenant_id, customer_id)?;
    let scope = &scope.holding(held);
    let subscription = subscriptions::find(tx, scope.tenant_id, id)?;
    // Taken by whoever was faster: the next one is not due yet.
    if subscription.step_at.is_none_or(|at| at > scope.now) {
        return Ok(());
    }
    let step = subscription.step(scope.now).map_err(|e| StorageError::unreadable("subscription terms", e))?;
    let Some((step, next)) = step else {
        return Ok(steps::save(tx, &scope.held, (id, None))?);
    };
    let next = next.filter(|_| subscription.end_at.is_none_or(|end| end > scope.now));
    steps::save(tx, &scope.held, (id, next))?;
    let Some((event, data)) = event_of(&subscription, step) else { return Ok(()) };
    events::record(tx, scope.tenant_id, &[scope.event(event, id.uuid(), data)])?;
    // It is the method of whoever pays that is charged.
    let payer = customers::find(tx, scope.tenant_id, customer.payer())?;
    match subscription.trial {
        // What is over already has nothing to pause or to cancel.
        Some(_) if subscription.end_at.is_some_and(|end| end <= scope.now) => Ok(()),
        Some(trial) if step == Step::TrialEnd && payer.default_payment_method_id.is_none() => {
            without_method(tx, scope, (&subscription, trial))
        }
        _ => Ok(()),
    }
}

/// The event that a step emits; none for a step that an agreed or requested end makes void.
fn event_of(subscription: &Subscription, step: Step) -> Option<(EventType, Value)> {
    let ends_by = |at: DateTime<Utc>| subscription.end_at.is_some_and(|end| end <= at);
    let mut data = subscription.event_data();
    let mut of_term = |term: Term, renews: bool| {
        data["term"] =
            json!({ "number": term.number, "start": term.start, "end": term.end, "renews": renews });
        data.clone()
    };
    match (step, subscription.trial) {
        (Step::TrialNotice | Step::TrialEnd, Some(trial))
            if subscription.canceled_at.is_some() && ends_by(trial.end) =>
        {
            None
        }
        (Step::TrialNotice, _) => Some((EventType::SubscriptionTrialWillEnd, data)),
        (Step::TrialEnd, _) => Some((EventType::SubscriptionTrialEnded, data)),
        // Who has canceled knows.
        (Step::TermNotice(term), _) if subscription.canceled_at.is_some() && ends_by(term.end) => None,
        (Step::TermNotice(term), _) => {
            Some((EventType::SubscriptionTermWillEnd, of_term(term, !ends_by(term.end))))
        }
        (Step::Renewal(term), _) if ends_by(term.start) => None,
        (Step::Renewal(term), _) => Some((EventType::SubscriptionRenewed, of_term(term, true))),
    }
}

fn without_method(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (subscription, trial): (&Subscription, Trial),
) -> Result<(), Error> {
    let request = json!({ "reason": "the trial ended and the customer has no payment method" });
    let origin = Origin { by: None, request };
    let effective_at = Effective::At(trial.end);
    match trial.without_method {
        WithoutMethod::Bill => {}
        WithoutMethod::Cancel => {
            let request = CancelRequest {
                effective_at,
                proration: Basis::ByDay,
                bill: Bill::Now,
                early: Early::Charge,
            };
            end_subscription::cancel(tx, scope, subscription.id, request, origin)?;
        }
        WithoutMethod::Pause => {
            let mode = PauseMode::Credit;
            let request = PauseRequest { effective_at, mode, resumes_at: None, bill: Bill::Now };
            pause_subscription::pause(tx, scope, subscription.id, request, origin)?;
        }
    }
    Ok(())
}
