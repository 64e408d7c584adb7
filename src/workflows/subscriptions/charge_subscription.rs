//! What is charged beside the plan? Adds a one-off charge, or a credit, to the next invoice of a subscription or to one of now.
//!
//! A day of training for 900.00 on 10 January, with the next invoice: on 1 February with the month's 31.00.

use super::edit_subscription::{self, Edited, Origin, Outcome};
use crate::domain::events::EventType;
use crate::domain::ids::SubscriptionId;
use crate::domain::subscriptions::charge::ChargeRequest;
use crate::domain::subscriptions::undo::TakesBack;
use crate::storage::Tx;
use crate::workflows::{Error, Scope};

/// Adds the charge.
///
/// # Errors
/// Not found; invalid values; that the subscription is over.
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: SubscriptionId,
    request: &ChargeRequest,
    origin: Origin,
) -> Result<Outcome, Error> {
    let found = edit_subscription::find(tx, scope, id)?;
    request.check(found.subscription.currency)?;
    let whole = (&found.subscription, found.phases.as_slice());
    let (timeline, edge) = request.add(whole, &found.timeline, (scope.now, || scope.mint()))?;
    let edited = Edited {
        kind: "charge",
        event: EventType::SubscriptionCharged,
        subscription: found.subscription.clone(),
        timeline,
        phase: None,
        edge,
        replaces_after: chrono::DateTime::<chrono::Utc>::MAX_UTC,
        takes_back: TakesBack::default(),
        undo: None,
        looks_from: edge.at,
    };
    edit_subscription::save(tx, scope, (&found, origin), edited)
}
