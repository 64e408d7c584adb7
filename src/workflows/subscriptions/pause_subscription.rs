//! Does a subscription take a break, and when is it over? Pauses it, or resumes it.
//!
//! 31.00 paid for January, paused from the 17th with credit: −15.00; resumed on 10 February: 18.82 for the rest of it.

use chrono::TimeDelta;

use super::edit_subscription::{self, Edited, Found, Origin, Outcome};
use crate::domain::events::EventType;
use crate::domain::ids::SubscriptionId;
use crate::domain::subscriptions::breaks::pause::{self, Left, Pause};
use crate::domain::subscriptions::breaks::pausing::PauseRequest;
use crate::domain::subscriptions::breaks::resume::ResumeRequest;
use crate::domain::subscriptions::undo::TakesBack;
use crate::storage::Tx;
use crate::storage::subscriptions::taken_back;
use crate::workflows::{Error, Scope};

/// Pauses the subscription.
///
/// # Errors
/// Not found; the rules of [`mod@pause`].
pub fn pause(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: SubscriptionId,
    request: PauseRequest,
    origin: Origin,
) -> Result<Outcome, Error> {
    let found = edit_subscription::find(tx, scope, id)?;
    let set = match found.subscription.canceled_at {
        Some(_) => taken_back::set_end(tx, scope.tenant_id, (id, "cancel"))?,
        None => None,
    };
    let undo = set.as_ref().and_then(|set| set.undo.as_ref());
    let left = request.pause(pause::Found { undo, ..with(&found, scope) }, || scope.mint())?;
    let edited = edited(("pause", EventType::SubscriptionPaused), left);
    edit_subscription::save(tx, scope, (&found, origin), edited)
}

/// Ends the break.
///
/// # Errors
/// Not found; the rules of [`mod@pause`].
pub fn resume(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: SubscriptionId,
    request: ResumeRequest,
    origin: Origin,
) -> Result<Outcome, Error> {
    let found = edit_subscription::find(tx, scope, id)?;
    let left = request.resume(with(&found, scope), || scope.mint())?;
    let edited = edited(("resume", EventType::SubscriptionResumed), left);
    edit_subscription::save(tx, scope, (&found, origin), edited)
}

fn with<'a>(found: &'a Found, scope: &Scope) -> pause::Found<'a> {
    pause::Found {
        subscription: &found.subscription,
        phases: &found.phases,
        timeline: &found.timeline,
        undo: None,
        next_phase: found.next_phase(),
        today: scope.today(),
    }
}

fn edited((kind, event): (&'static str, EventType), left: Left) -> Edited {
    let Left { subscription, timeline, phase, edge, replaces_after, looks_from } = left;
    // A resumption makes the one void that was to come later; from the break's first instant on, the break itself.
    let after = match subscription.pause {
        Some(Pause { from, until: Some(until), .. }) if kind == "resume" && until == from => {
            Some(from - TimeDelta::microseconds(1))
        }
        _ => (kind == "resume").then_some(edge.at),
    };
    let takes_back = TakesBack { after, breaks_only: kind == "resume", ..TakesBack::default() };
    Edited {
        kind,
        event,
        subscription,
        timeline,
        phase,
        edge,
        replaces_after,
        takes_back,
        undo: None,
        looks_from,
    }
}
