//! In which stretches of time does usage count towards a subscription's period? In those in which the subscription ran: not in a break,
//! and after a break that extended the period, in what was had of it before, too.
//!
//! January, with a break from the 6th to the 8th: 1 to 6 January and 8 January to 1 February.

use std::collections::BTreeMap;

use crate::domain::calendar::Period;
use crate::domain::ids::SubscriptionId;
use crate::domain::refusal::Invalid;
use crate::domain::subscriptions::Subscription;
use crate::storage::subscriptions::phases;
use crate::storage::{Tx, billing};
use crate::workflows::{Error, Scope};

/// A subscription's current period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CountedPeriod {
    pub period: Period,
    /// Those of its stretches in which usage counts, in order of time.
    pub stretches: Vec<Period>,
}

/// The current periods of subscriptions. Most had no break: of those, nothing more is read.
pub(crate) fn current_periods(
    tx: &mut Tx<'_>,
    scope: &Scope,
    subscriptions: &[&Subscription],
) -> Result<BTreeMap<SubscriptionId, CountedPeriod>, Error> {
    let out_of_range = |e| Invalid::one("/start_at", "date_out_of_range", e);
    let mut phases = phases::of_all(tx, scope.tenant_id, subscriptions)?;
    let mut periods = BTreeMap::new();
    for subscription in subscriptions {
        let phases = phases.remove(&subscription.id).unwrap_or_default();
        let period = subscription.current_period(&phases, scope.now).map_err(out_of_range)?;
        periods.insert(subscription.id, CountedPeriod { period, stretches: vec![period] });
    }
    let broken: Vec<SubscriptionId> =
        subscriptions.iter().filter(|one| one.pause.is_some()).map(|one| one.id).collect();
    if broken.is_empty() {
        return Ok(periods);
    }
    for standing in billing::standing(tx, scope.tenant_id, &broken)? {
        let timeline = &standing.billable.timeline;
        let Some(counted) = periods.get_mut(&timeline.subscription_id) else { continue };
        let stretches = timeline.running_at(scope.now).map_err(out_of_range)?;
        if let Some(first) = stretches.first() {
            counted.period.start = counted.period.start.min(first.start);
            counted.stretches = stretches;
        }
    }
    Ok(periods)
}
