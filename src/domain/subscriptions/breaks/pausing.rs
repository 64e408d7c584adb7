//! How does a break begin? Everything in force ends for it; where its end is known, what goes on then is planned at once.
//!
//! 31.00 paid for January, a break from the 17th: with credit −15.00; with extension nothing, and 15 days are had after it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::editing::Edge;
use super::super::when::{Bill, Effective, Moment};
use super::super::{ItemVersion, Subscription};
use super::pause::{Found, Left, Pause, PauseMode, Refused};
use super::resume::Break;
use crate::domain::catalog::Billing;
use crate::domain::proration::Basis;

/// What a caller wants of a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PauseRequest {
    pub effective_at: Effective,
    pub mode: PauseMode,
    pub resumes_at: Option<DateTime<Utc>>,
    pub bill: Bill,
}

impl PauseRequest {
    /// The subscription with the pause, and with its resumption when that is known.
    ///
    /// # Errors
    /// [`Refused`]: that it is paused, then the instants, then that something later contradicts.
    pub fn pause(self, found: Found<'_>, mint: impl FnMut() -> Uuid) -> Result<Left, Refused> {
        let Found { subscription, phases, timeline, today, .. } = found;
        let now = today.now;
        if let Some(Pause { from, until, .. }) = subscription.pause.filter(|pause| pause.is_ahead(now)) {
            return Err(Refused::AlreadyPaused { from, until });
        }
        let moment = self.effective_at.moment(subscription, phases, today)?;
        if self.resumes_at.is_some_and(|at| at <= moment.at) {
            return Err(Refused::ResumesBeforeItPauses { from: moment.at });
        }
        if let Some(Pause { from, until: Some(until), .. }) =
            subscription.pause.filter(|p| p.is_ahead(moment.at))
        {
            return Err(Refused::WasPaused { from, until });
        }
        if let Some(&at) = timeline.changes_after(moment.at, subscription.end_at).first() {
            return Err(Refused::LaterChanges { at });
        }
        if let Some(at) = found.undo.and_then(|undo| undo.plans_after(timeline, moment.at)) {
            return Err(Refused::PutAside { at });
        }
        let cycle = subscription.phase_at(phases, moment.at).cycle;
        let edge = moment.edge(&cycle, (Basis::ByDay, self.bill), false)?;
        let mut timeline = timeline.clone();
        let held: Vec<ItemVersion> = timeline.recurring_at(moment.at).cloned().collect();
        for version in &held {
            timeline.hold(version, Edge { basis: self.mode.ends_by(version), ..edge })?;
        }
        if edge.due_from <= now {
            timeline.postpone_no_longer_than(now);
        }
        if self.mode == PauseMode::Extend && self.resumes_at.is_none() {
            timeline.wait_for_resumption(&held);
        }
        let pause = Pause { from: moment.at, until: self.resumes_at, mode: self.mode, moves_end: true };
        let mut left = Left {
            subscription: Subscription { pause: Some(pause), ..subscription.clone() },
            timeline,
            phase: None,
            edge,
            replaces_after: moment.at,
            looks_from: moment.at,
        };
        if let Some(at) = self.resumes_at {
            let moment = Moment { at, now };
            // What is to come is billed on its day; what was reported late, with the pause.
            let bill = if at > now { Bill::Now } else { self.bill };
            left = Break { found, pause }.over(left, (moment, bill), mint)?;
            left.edge = edge;
        } else if self.mode == PauseMode::Extend {
            left.subscription = left.subscription.with_steps_after_a_break(pause.from)?;
        }
        Ok(left)
    }
}

impl PauseMode {
    /// How a version ends for the break: what was paid ahead is kept for later, what is paid behind is due for its days.
    pub(super) fn ends_by(self, version: &ItemVersion) -> Basis {
        match (self, version.terms.billing) {
            (PauseMode::Extend, Billing::InAdvance) => Basis::None,
            _ => Basis::ByDay,
        }
    }
}
