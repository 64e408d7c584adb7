//! Does a subscription end, and when? Cancels it, takes that back or corrects it; lets its term renew or not.
//!
//! 31.00 paid for January, canceled on the 17th with credit: −15.00 on an invoice of the same day.

use chrono::{DateTime, TimeDelta, Utc};

use super::edit_subscription::{self, Edited, Found, Origin, Outcome};
use crate::domain::billing::early_termination;
use crate::domain::catalog::TaxTerms;
use crate::domain::events::EventType;
use crate::domain::ids::SubscriptionId;
use crate::domain::refusal::Invalid;
use crate::domain::subscriptions::cancel::{self, CancelRequest, Ended};
use crate::domain::subscriptions::charge;
use crate::domain::subscriptions::phase::Phase;
use crate::domain::subscriptions::renewal::RenewalRequest;
use crate::domain::subscriptions::undo::TakesBack;
use crate::domain::subscriptions::when::Bill;
use crate::storage::subscriptions::taken_back::{self, SetEnd};
use crate::storage::{Tx, tax};
use crate::workflows::{Error, Scope};

/// Cancels the subscription, or corrects when it has ended.
///
/// # Errors
/// Not found; the rules of [`mod@cancel`].
pub fn cancel(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: SubscriptionId,
    request: CancelRequest,
    origin: Origin,
) -> Result<Outcome, Error> {
    let found = edit_subscription::find(tx, scope, id)?;
    let set = Set::of(tx, scope, (&found, "cancel"))?;
    let mut ended = request.cancel(set.found(&found, scope))?;
    if let Some(owed) = ended.owed {
        let fee = early_termination::fee(&ended.before.1, &ended.timeline, owed)
            .map_err(|error| Invalid::one("/effective_at", "amount_out_of_range", error))?;
        if fee.amount.is_positive() {
            let ends = ended.ends();
            let known = tax::tax_terms(tx, scope.tenant_id, &ends)?;
            let taxed = TaxTerms::shared(ends.iter().map(|id| known.get(id).copied().unwrap_or_default()));
            let fee = charge::own_terms(&fee.description, fee.amount.to_decimal(), taxed);
            ended.charge_fee(&set.phases, fee, || scope.mint());
        }
    }
    let undo = ended.undo(&set.phases);
    let takes_back =
        TakesBack { after: Some(ended.edge.at - TimeDelta::microseconds(1)), ..set.takes_back() };
    let edited = Edited { undo, takes_back, ..edited(("cancel", EventType::SubscriptionCanceled), ended) };
    edit_subscription::save(tx, scope, (&found, origin), edited)
}

/// Takes a cancellation back.
///
/// # Errors
/// Not found; the rules of [`mod@cancel`].
pub fn uncancel(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: SubscriptionId,
    bill: Bill,
    origin: Origin,
) -> Result<Outcome, Error> {
    let found = edit_subscription::find(tx, scope, id)?;
    let bill = edit_subscription::bill_of(tx, scope, &found, (bill, scope.now))?;
    let set = Set::of(tx, scope, (&found, "cancel"))?;
    let ended = cancel::uncancel(set.found(&found, scope), bill)?;
    let edited = edited(("uncancel", EventType::SubscriptionUncanceled), ended);
    let edited = Edited { takes_back: set.takes_back(), replaces_after: DateTime::<Utc>::MAX_UTC, ..edited };
    edit_subscription::save(tx, scope, (&found, origin), edited)
}

/// Lets its fixed term renew, or end with it.
///
/// # Errors
/// Not found; the rules of [`renewal`](crate::domain::subscriptions::renewal).
pub fn set_renewal(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: SubscriptionId,
    request: RenewalRequest,
    origin: Origin,
) -> Result<Outcome, Error> {
    let found = edit_subscription::find(tx, scope, id)?;
    let set = Set::of(tx, scope, (&found, "renewal"))?;
    let ended = request.apply(set.found(&found, scope))?;
    let undo = ended.undo(&set.phases).filter(|_| !request.renews);
    let (takes_back, replaces_after) = match request.renews {
        true => (set.takes_back(), DateTime::<Utc>::MAX_UTC),
        false => {
            let after = Some(ended.edge.at - TimeDelta::microseconds(1));
            (TakesBack { after, ..TakesBack::default() }, ended.edge.at)
        }
    };
    let edited = edited(("renewal", EventType::SubscriptionChanged), ended);
    let edited = Edited { undo, takes_back, replaces_after, ..edited };
    edit_subscription::save(tx, scope, (&found, origin), edited)
}

/// The end that is set, and the phases there are without it.
struct Set {
    end: Option<SetEnd>,
    phases: Vec<Phase>,
}

impl Set {
    /// The end that a kind of change has set; nothing where none is.
    fn of(tx: &mut Tx<'_>, scope: &Scope, (found, kind): (&Found, &str)) -> Result<Set, Error> {
        let subscription = &found.subscription;
        let is_set = match kind {
            "cancel" => subscription.canceled_at.is_some(),
            _ => subscription.end_at.is_some(),
        };
        let end = match is_set {
            true => taken_back::set_end(tx, scope.tenant_id, (subscription.id, kind))?,
            false => None,
        };
        let mut phases = found.phases.clone();
        if let Some(undo) = end.as_ref().and_then(|end| end.undo.as_ref()).filter(|undo| undo.plans) {
            for phase in phases.iter_mut().filter(|phase| undo.phases.contains(&phase.no)) {
                phase.replaced = false;
            }
        }
        Ok(Set { end, phases })
    }

    fn found<'a>(&'a self, found: &'a Found, scope: &Scope) -> cancel::Found<'a> {
        cancel::Found {
            subscription: &found.subscription,
            phases: &self.phases,
            timeline: &found.timeline,
            undo: self.end.as_ref().and_then(|end| end.undo.as_ref()),
            today: scope.today(),
        }
    }

    /// What taking the end back makes void, and gives back.
    fn takes_back(&self) -> TakesBack {
        let Some(end) = &self.end else { return TakesBack::default() };
        let undo = end.undo.as_ref().filter(|undo| undo.plans);
        let phases = undo.map(|undo| undo.phases.clone()).unwrap_or_default();
        TakesBack { change: Some(end.change), phases, plans: undo.is_some(), ..TakesBack::default() }
    }
}

fn edited((kind, event): (&'static str, EventType), ended: Ended) -> Edited {
    let Ended { subscription, timeline, edge, looks_from, .. } = ended;
    Edited {
        kind,
        event,
        subscription,
        timeline,
        phase: None,
        edge,
        replaces_after: edge.at,
        takes_back: TakesBack::default(),
        undo: None,
        looks_from,
    }
}
