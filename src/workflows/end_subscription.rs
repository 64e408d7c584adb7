//! Does a subscription end, and when? Cancels it, or takes that back before it takes effect; lets its term renew or not.
//!
//! 31.00 paid for January, canceled on the 17th with credit: −15.00 on an invoice of the same day.

use super::edit_subscription::{self, Asked, Edited, Outcome};
use super::{Error, Scope};
use crate::domain::events::EventType;
use crate::domain::ids::SubscriptionId;
use crate::domain::invoicing::early_termination;
use crate::domain::refusal::Invalid;
use crate::domain::subscriptions::cancel::{self, CancelRequest, Ended};
use crate::domain::subscriptions::renewal::RenewalRequest;
use crate::domain::subscriptions::when::Bill;
use crate::storage::Tx;

/// Cancels the subscription.
///
/// # Errors
/// Not found; the rules of [`mod@cancel`].
pub fn cancel(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, request, asked): (SubscriptionId, CancelRequest, Asked),
) -> Result<Outcome, Error> {
    let found = edit_subscription::find(tx, scope, id)?;
    let of = (&found.subscription, found.phases.as_slice());
    let mut ended = request.cancel(of, &found.timeline, scope.today())?;
    if let Some(owed) = ended.owed {
        let fee = early_termination::fee(&found.timeline, &ended.timeline, owed)
            .map_err(|error| Invalid::one("/effective_at", "amount_out_of_range", error))?;
        if fee.amount.is_positive() {
            let said = (fee.description.as_str(), fee.amount.to_decimal());
            ended.charge_fee(&found.phases, said, || scope.mint());
        }
    }
    let edited = edited(("cancel", EventType::SubscriptionCanceled), ended);
    edit_subscription::save(tx, scope, (&found, asked), edited)
}

/// Takes a cancellation back.
///
/// # Errors
/// Not found; the rules of [`mod@cancel`].
pub fn uncancel(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, bill, asked): (SubscriptionId, Bill, Asked),
) -> Result<Outcome, Error> {
    let found = edit_subscription::find(tx, scope, id)?;
    let of = (&found.subscription, found.phases.as_slice());
    let ended = cancel::uncancel(of, &found.timeline, (bill, scope.now))?;
    let edited = edited(("uncancel", EventType::SubscriptionUncanceled), ended);
    edit_subscription::save(tx, scope, (&found, asked), edited)
}

/// Lets its fixed term renew, or end with it.
///
/// # Errors
/// Not found; the rules of [`renewal`](crate::domain::subscriptions::renewal).
pub fn set_renewal(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, request, asked): (SubscriptionId, RenewalRequest, Asked),
) -> Result<Outcome, Error> {
    let found = edit_subscription::find(tx, scope, id)?;
    let of = (&found.subscription, found.phases.as_slice());
    let set = request.apply(of, &found.timeline, scope.today())?;
    let edited = edited(("renewal", EventType::SubscriptionChanged), set);
    edit_subscription::save(tx, scope, (&found, asked), edited)
}

fn edited((kind, event): (&'static str, EventType), ended: Ended) -> Edited {
    let Ended { subscription, timeline, edge, owed: _ } = ended;
    Edited { kind, event, subscription, timeline, phase: None, edge, replaces_after: edge.at }
}
