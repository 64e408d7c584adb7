//! What does a customer have from now on, from a past day on, or from a later day on? Changes a subscription's plan, items,
//! quantity or anchor, and bills the difference.
//!
//! 10.00 a month from 1 April, 20.00 from the 16th, invoiced now: −5.00 and +10.00 on one invoice.

use super::edit_subscription::{self, Edited, Found, Origin, Outcome};
use super::plan_phases;
use crate::domain::catalog::PlanVersion;
use crate::domain::events::EventType;
use crate::domain::ids::{PlanId, SubscriptionId};
use crate::domain::money::round_to_minor;
use crate::domain::proration::Basis;
use crate::domain::rating;
use crate::domain::refusal::Invalid;
use crate::domain::subscriptions::change::{self, ChangeRequest, Plans};
use crate::domain::subscriptions::ramp::PhaseRequest;
use crate::domain::subscriptions::undo::TakesBack;
use crate::domain::subscriptions::{ItemVersion, Subscription, Timeline};
use crate::storage::subscriptions::taken_back;
use crate::storage::{Tx, catalog};
use crate::workflows::catalog::check_plan_meters;
use crate::workflows::error::Referenced;
use crate::workflows::{Error, Scope};

/// What is to be changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub subscription_id: SubscriptionId,
    /// In its latest version, unless one is named; `None`: the plan there is, in the version there is.
    pub plan: Option<(PlanId, Option<i32>)>,
    pub request: ChangeRequest,
    /// What it becomes after that.
    pub phases: Vec<PhaseRequest>,
}

/// Changes the subscription.
///
/// # Errors
/// Not found; the rules of [`when`](crate::domain::subscriptions::when) and [`change`];
/// [`Invalid`] values.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, (order, origin): (&Order, Origin)) -> Result<Outcome, Error> {
    let (found, edited) = decide(tx, scope, (order, "change"))?;
    let edge = edited.edge;
    forget_plans(tx, scope, order, &found, &edited)?;
    let mut is_due = edge.due_from <= scope.now;
    let change = edit_subscription::record(tx, scope, (&found, origin.clone()), edited)?;
    if !order.phases.is_empty() {
        let since = (edge.at, found.subscription.cycle.zone());
        let start = (order.subscription_id, since);
        is_due |= plan_phases::run(tx, scope, start, (&order.phases, &origin))?;
    }
    edit_subscription::bill(tx, scope, (found.subscription.customer_id, change), is_due)
}

/// Records a change that was planned from the beginning. Nothing is billed.
///
/// # Errors
/// As [`run`].
pub fn plan(tx: &mut Tx<'_>, scope: &Scope, (order, origin): (&Order, Origin)) -> Result<(), Error> {
    let (found, edited) = decide(tx, scope, (order, "phase"))?;
    edit_subscription::record(tx, scope, (&found, origin), edited)?;
    Ok(())
}

fn decide(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (order, kind): (&Order, &'static str),
) -> Result<(Found, Edited), Error> {
    let found = edit_subscription::find(tx, scope, order.subscription_id)?;
    let moment = order.request.effective_at.moment(&found.subscription, &found.phases, scope.today())?;
    let phase = found.subscription.phase_at(&found.phases, moment.at);
    let old = catalog::find_version(tx, scope.tenant_id, (phase.plan_id, phase.plan_version))?;
    let new = match order.plan {
        None => old.clone(),
        Some(plan) => version(tx, scope, plan)?,
    };
    let with = change::Found {
        subscription: &found.subscription,
        timeline: &found.timeline,
        phase,
        next_phase: found.next_phase(),
        plans: Plans { old: &old, new: &new },
        moment,
        ends_by: ends_by(tx, scope, &found.subscription)?,
    };
    let bill = edit_subscription::bill_of(tx, scope, &found, (order.request.bill, moment.at))?;
    let request = ChangeRequest { bill, ..order.request.clone() };
    let changed = request.apply(with, || scope.mint())??;
    check_amounts(&found, &changed.timeline)?;
    check_plan_meters::overrides(tx, scope, begun(&found, &changed.timeline))?;
    let after = Some(moment.at).filter(|_| order.request.replace_scheduled);
    let edited = Edited {
        kind,
        event: EventType::SubscriptionChanged,
        subscription: found.subscription.clone(),
        timeline: changed.timeline,
        phase: changed.phase,
        edge: changed.edge,
        replaces_after: moment.at,
        takes_back: TakesBack { after, ..TakesBack::default() },
        undo: None,
        looks_from: moment.at,
    };
    Ok((found, edited))
}

/// How what begins now ends with a subscription that is canceled; an agreed end is counted by the day.
fn ends_by(tx: &mut Tx<'_>, scope: &Scope, subscription: &Subscription) -> Result<Basis, Error> {
    if subscription.canceled_at.is_none() {
        return Ok(Basis::default());
    }
    let set = taken_back::set_end(tx, scope.tenant_id, (subscription.id, "cancel"))?;
    Ok(set.and_then(|set| set.undo).map(|undo| undo.ends_later_by()).unwrap_or_default())
}

/// A change of plan, or one that takes back what is planned, means also what an end put aside: should that end be taken back,
/// it is not planned again.
fn forget_plans(
    tx: &mut Tx<'_>,
    _scope: &Scope,
    order: &Order,
    found: &Found,
    edited: &Edited,
) -> Result<(), Error> {
    if found.subscription.end_at.is_some() && (order.request.replace_scheduled || edited.phase.is_some()) {
        taken_back::forget_plans(tx, &found.held, order.subscription_id)?;
    }
    Ok(())
}

fn version(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (plan, version): (PlanId, Option<i32>),
) -> Result<PlanVersion, Error> {
    let plan = catalog::find_plan(tx, scope.tenant_id, plan).or_unknown("/plan_id")?;
    let version = version.unwrap_or(plan.latest_version);
    Ok(catalog::find_version(tx, scope.tenant_id, (plan.id, version))?)
}

/// The versions that a change begins.
fn begun<'t>(before: &'t Found, after: &'t Timeline) -> impl Iterator<Item = &'t ItemVersion> {
    after.versions.iter().filter(|v| !before.timeline.versions.iter().any(|was| was.id == v.id))
}

/// Refuses a quantity whose price no invoice line could hold: better now than at the next bill.
fn check_amounts(before: &Found, after: &Timeline) -> Result<(), Invalid> {
    for version in begun(before, after) {
        rating::rate(version.model(), version.quantity)
            .and_then(|rated| round_to_minor(rated.amount, after.currency))
            .map_err(|error| Invalid::one("/quantity", "amount_out_of_range", error))?;
    }
    Ok(())
}
