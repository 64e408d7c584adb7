//! Which plan and which cycle does a subscription have at an instant? Monthly Team from 1 January, yearly Team from 1 July.
//!
//! Phase 0 is what the subscription was started with; a change of plan, interval or anchor makes the next one.

use chrono::{DateTime, Utc};

use super::Subscription;
use crate::domain::calendar::Cycle;
use crate::domain::ids::PlanId;

/// A plan and a cycle, from an instant on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phase {
    pub no: i16,
    pub valid_from: DateTime<Utc>,
    /// Taken back by a later change.
    pub replaced: bool,
    pub plan_id: PlanId,
    pub plan_version: i32,
    pub cycle: Cycle,
}

impl Subscription {
    /// The phase it was started with.
    #[must_use]
    pub fn first_phase(&self) -> Phase {
        Phase {
            no: 0,
            valid_from: self.start_at,
            replaced: false,
            plan_id: self.plan_id,
            plan_version: self.plan_version,
            cycle: self.cycle,
        }
    }

    /// The phase at an instant, among its later ones.
    #[must_use]
    pub fn phase_at(&self, later: &[Phase], at: DateTime<Utc>) -> Phase {
        let begun = later.iter().filter(|phase| !phase.replaced && phase.valid_from <= at);
        begun.max_by_key(|phase| (phase.valid_from, phase.no)).copied().unwrap_or(self.first_phase())
    }

    /// The cycle at an instant, since when it goes on and until when it is known to: a change of plan alone does not end it.
    pub(super) fn cycle_at(
        &self,
        later: &[Phase],
        at: DateTime<Utc>,
    ) -> (Cycle, (DateTime<Utc>, Option<DateTime<Utc>>)) {
        let mut known: Vec<Phase> = later.iter().filter(|phase| !phase.replaced).copied().collect();
        known.sort_by_key(|phase| (phase.valid_from, phase.no));
        let (mut cycle, mut since, mut until) = (self.cycle, self.begins_at(), None);
        for phase in known {
            if phase.cycle == cycle {
                continue;
            }
            if phase.valid_from > at {
                until = Some(phase.valid_from);
                break;
            }
            (cycle, since) = (phase.cycle, phase.valid_from);
        }
        (cycle, (since, until))
    }

    /// The same subscription with the plan and cycle of its phase at an instant, as it is shown then.
    #[must_use]
    pub fn as_at(mut self, later: &[Phase], at: DateTime<Utc>) -> Subscription {
        let phase = self.phase_at(later, at);
        self.plan_id = phase.plan_id;
        self.plan_version = phase.plan_version;
        self.cycle = phase.cycle;
        self
    }
}
