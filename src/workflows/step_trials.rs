//! Which trials are about to end, and which have ended? The first are told of; of the second, those of customers without a
//! payment method are billed, canceled or paused, as was agreed at the start.
//!
//! A trial to 15 January: told on the 12th; on the 15th, without a card and with `cancel`, it ends and nothing is billed.
//! This runs before the bills of the same instant.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::edit_subscription::Asked;
use super::{Error, Scope, end_subscription, pause_subscription};
use crate::domain::events::EventType;
use crate::domain::ids::{SubscriptionId, TenantId};
use crate::domain::proration::Basis;
use crate::domain::subscriptions::Subscription;
use crate::domain::subscriptions::cancel::CancelRequest;
use crate::domain::subscriptions::pause::{PauseMode, PauseRequest};
use crate::domain::subscriptions::trial::{Step, Trial, WithoutMethod};
use crate::domain::subscriptions::when::{Bill, Effective};
use crate::storage::subscriptions::trials;
use crate::storage::{Session, Tx, customers, events, subscriptions};

/// Trials of one look.
const BATCH: i64 = 500;

/// When the next trial of a tenant has its next step.
pub fn next_due(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Option<DateTime<Utc>>, Error> {
    Ok(trials::next_step(tx, tenant_id)?)
}

/// Takes every step due by `now`, one transaction each, and gives how many there were.
pub fn run(session: &mut Session, tenant_id: TenantId, now: DateTime<Utc>) -> Result<u64, Error> {
    let mut steps = 0;
    loop {
        let due = session.transaction("find_trial_steps", |tx| trials::due(tx, tenant_id, (now, BATCH)))?;
        if due.is_empty() {
            return Ok(steps);
        }
        for id in due {
            session.transaction("step_trial", |tx| {
                let scope = Scope { now, ..Scope::load(tx, tenant_id)? };
                step(tx, &scope, id)
            })?;
            steps += 1;
        }
    }
}

/// One step of one trial. Taken by another process already, or of a subscription that is over, it is nothing.
fn step(tx: &mut Tx<'_>, scope: &Scope, id: SubscriptionId) -> Result<(), Error> {
    let customer_id = subscriptions::find(tx, scope.tenant_id, id)?.customer_id;
    let customer = customers::lock(tx, scope.tenant_id, customer_id)?;
    let mut subscription = subscriptions::find(tx, scope.tenant_id, id)?;
    let Some((step, later)) = subscription.trial.and_then(|trial| trial.step(scope.now)) else {
        return Ok(());
    };
    let over = subscription.end_at.is_some_and(|end| end <= later.end && subscription.canceled_at.is_some());
    subscription.trial = Some(if over { Trial { step_at: None, ..later } } else { later });
    trials::save_step(tx, scope.tenant_id, &subscription)?;
    if over {
        return Ok(());
    }
    let event = match step {
        Step::Notice => EventType::SubscriptionTrialWillEnd,
        Step::End => EventType::SubscriptionTrialEnded,
    };
    let told = scope.event(event, id.uuid(), subscription.event_data());
    events::record(tx, scope.tenant_id, &[told])?;
    // It is the method of whoever pays that is charged.
    let payer = customers::find(tx, scope.tenant_id, customer.payer())?;
    if step == Step::End && payer.default_payment_method_id.is_none() {
        without_method(tx, scope, (&subscription, later))?;
    }
    Ok(())
}

fn without_method(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (subscription, trial): (&Subscription, Trial),
) -> Result<(), Error> {
    let request = json!({ "reason": "the trial ended and the customer has no payment method" });
    let asked = Asked { by: None, request };
    let effective_at = Effective::At(trial.end);
    match trial.without_method {
        WithoutMethod::Bill => {}
        WithoutMethod::Cancel => {
            let request = CancelRequest { effective_at, proration: Basis::ByDay, bill: Bill::Now };
            end_subscription::cancel(tx, scope, (subscription.id, request, asked))?;
        }
        WithoutMethod::Pause => {
            let mode = PauseMode::Credit;
            let request = PauseRequest { effective_at, mode, resumes_at: None, bill: Bill::Now };
            pause_subscription::pause(tx, scope, (subscription.id, request, asked))?;
        }
    }
    Ok(())
}
