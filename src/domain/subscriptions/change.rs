//! What does a subscription consist of from an instant on? A change ends the versions it touches and begins the next ones.
//!
//! 1 seat at 10.00 from 1 April, 2 seats from the 16th: the version of 1 ends, one of 2 begins; billing then finds 5.00 too
//! much and 10.00 too little. Nothing is computed here but the timeline.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::editing::{Edge, Next};
use super::items::{ItemRequest, Selection};
use super::phase::Phase;
use super::start;
use super::wanted::Wanted;
use super::when::{Bill, Effective, Moment};
use super::{Subscription, Timeline};
use crate::domain::calendar::{CalendarError, Cycle, Unit};
use crate::domain::catalog::PlanVersion;
use crate::domain::ids::{ItemId, ItemVersionId, PriceId};
use crate::domain::proration::Basis;
use crate::domain::refusal::{Invalid, Refusal};

/// What a caller wants to be otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeRequest {
    /// Without items: those there are, with the quantity where one is counted. With items: the whole new set.
    pub selection: Selection,
    /// Beside the items there are: those with a price there is take the place of what it was.
    pub add: Vec<ItemRequest>,
    /// What ends of the items there are.
    pub remove: Vec<PriceId>,
    /// Day of the month on which periods begin from then on.
    pub anchor_day: Option<u32>,
    pub effective_at: Effective,
    pub proration: Basis,
    pub bill: Bill,
    /// Take back what is planned or was changed later than that.
    pub replace_scheduled: bool,
    /// Whether usage at terms that begin within a period has shares of what they say of a whole one.
    pub usage_by_days: bool,
}

/// The plans a change leads from and to: the same one unless another was requested.
#[derive(Debug, Clone, Copy)]
pub struct Plans<'a> {
    pub old: &'a PlanVersion,
    pub new: &'a PlanVersion,
}

/// A subscription as a change finds it.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    pub subscription: &'a Subscription,
    pub timeline: &'a Timeline,
    /// In force when the change takes effect.
    pub phase: Phase,
    /// The number of the next phase.
    pub next_phase: i16,
    pub plans: Plans<'a>,
    pub moment: Moment,
    /// How time is counted where the subscription ends, if it does.
    pub ends_by: Basis,
}

impl Found<'_> {
    /// When the subscription ends, if it does, and how time is counted there.
    fn end(&self) -> Option<(DateTime<Utc>, Basis)> {
        self.subscription.end_at.map(|end| (end, self.ends_by))
    }
}

/// A subscription as a change leaves it.
#[derive(Debug, Clone)]
pub struct Changed {
    pub timeline: Timeline,
    /// The phase it begins, if it does.
    pub phase: Option<Phase>,
    pub edge: Edge,
}

/// Why a change cannot be made like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It would leave everything as it is.
    #[error(
        "this changes nothing: the subscription is like this already at {at}; name another plan_id, quantity, items or anchor"
    )]
    NothingToChange {
        /// When it would have taken effect.
        at: DateTime<Utc>,
    },
    /// Another change takes effect later.
    #[error(
        "{} takes effect later than {at}: give a later effective_at, or set replace_scheduled to true to take that back",
        instants(.later)
    )]
    LaterChanges {
        /// When it would have taken effect.
        at: DateTime<Utc>,
        /// When the others do.
        later: Vec<DateTime<Utc>>,
    },
    /// Nothing is in force that could change, or will not be.
    #[error("this subscription is paused from {from}; resume it first, or change it from its resumption on")]
    Paused {
        /// Since when.
        from: DateTime<Utc>,
    },
    /// Nothing was in force for a while since.
    #[error("this subscription was paused from {from} to {until}; choose that or a later effective_at")]
    WasPaused {
        /// Since when.
        from: DateTime<Utc>,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// A rule of starting said no.
    #[error(transparent)]
    Start(#[from] start::Refused),
    /// The date leaves the calendar.
    #[error("{0}")]
    Calendar(#[from] CalendarError),
}

fn instants(later: &[DateTime<Utc>]) -> String {
    let at: Vec<String> = later.iter().map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string()).collect();
    format!("a change at {}", at.join(" and "))
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::NothingToChange { .. } => "nothing_to_change",
            Refused::LaterChanges { .. } => "later_changes",
            Refused::Paused { .. } | Refused::WasPaused { .. } => "subscription_paused",
            Refused::Start(refused) => refused.code(),
            Refused::Calendar(_) => "date_out_of_range",
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Refused::NothingToChange { .. } => None,
            Refused::LaterChanges { .. }
            | Refused::Paused { .. }
            | Refused::WasPaused { .. }
            | Refused::Calendar(_) => Some("/effective_at".to_owned()),
            Refused::Start(start::Refused::CurrencyNotPriced { .. }) => Some("/plan_id".to_owned()),
            Refused::Start(refused) => refused.pointer(),
        }
    }

    fn kind(&self) -> crate::domain::refusal::RefusalKind {
        use crate::domain::refusal::RefusalKind;
        match self {
            Refused::LaterChanges { .. } | Refused::Paused { .. } | Refused::WasPaused { .. } => {
                RefusalKind::State
            }
            _ => RefusalKind::Rule,
        }
    }
}

impl ChangeRequest {
    /// The timeline as the change leaves it. `mint` gives new ids.
    ///
    /// # Errors
    /// [`Invalid`] values; [`Refused`]: later changes, then the currency, then the anchor, then that nothing changes.
    pub fn apply(
        &self,
        found: Found<'_>,
        mut mint: impl FnMut() -> Uuid,
    ) -> Result<Result<Changed, Refused>, Invalid> {
        if let Some(pause) = found.subscription.pause.filter(|pause| pause.is_ahead(found.moment.at)) {
            let from = pause.from;
            return Ok(Err(match pause.until.filter(|until| *until <= found.moment.now) {
                Some(until) => Refused::WasPaused { from, until },
                None => Refused::Paused { from },
            }));
        }
        let wanted = self.wanted(found)?;
        Ok(self.edit(found, wanted, &mut mint))
    }

    fn edit(
        &self,
        found: Found<'_>,
        (wanted, ends): (Vec<Wanted<'_>>, Vec<ItemId>),
        mint: &mut impl FnMut() -> Uuid,
    ) -> Result<Changed, Refused> {
        let Found { plans, moment, .. } = found;
        let later = found.timeline.changes_after(moment.at, found.subscription.end_at);
        if !self.replace_scheduled && !later.is_empty() {
            return Err(Refused::LaterChanges { at: moment.at, later });
        }
        let currency = found.subscription.currency;
        let available = PlanVersion::currencies(wanted.iter().map(|w| w.chosen.price));
        if !wanted.is_empty() && !available.contains(&currency) {
            return Err(start::Refused::CurrencyNotPriced { currency, available }.into());
        }
        let cycle = self.next_cycle(found, plans.new, moment.at)?;
        let edge =
            moment.edge(&cycle.unwrap_or(found.phase.cycle), (self.proration, self.bill), cycle.is_some())?;
        let phase = self.phase(found, cycle);
        let phase_no = phase.map_or(found.phase.no, |phase| phase.no);
        let mut timeline = found.timeline.clone();
        timeline.later_cycles.extend(phase.map(|phase| (phase.no, phase.cycle)));
        let planned = if self.replace_scheduled { timeline.planned_after(moment.at) } else { Vec::new() };
        let mut edited = !ends.is_empty() || !planned.is_empty();
        for item in ends {
            timeline.end_item(item, edge)?;
        }
        timeline.withdraw(&planned, edge);
        for Wanted { chosen, continues, is_cut } in wanted {
            let Some(terms) = chosen.terms(currency) else { continue };
            if let Some(v) = continues.filter(|v| cycle.is_none() && !is_cut && chosen.is_as(v)) {
                // As it is already: it only outlives what was to become of it.
                if !later.is_empty() {
                    timeline.let_go_on(v.item_id, edge, (found.end(), moment.now));
                    edited = true;
                }
                continue;
            }
            let item_id = continues.map_or_else(|| ItemId::from_uuid(mint()), |v| v.item_id);
            let ended_by = timeline.end_item(item_id, edge)?;
            let basis = match cycle {
                None => ended_by,
                Some(_) => self.begins_by(),
            };
            let next = Next {
                item_id,
                quantity: chosen.quantity,
                terms: Arc::new(terms),
                price_override: chosen.price_override,
                phase_no,
                until: found.subscription.end_at,
            };
            let id = ItemVersionId::from_uuid(mint());
            timeline.begin_item(id, next, Edge { basis, ..edge });
            timeline.let_end_by(id, found.ends_by);
            if self.usage_by_days {
                timeline.count_usage_by_days(id);
            }
            edited = true;
        }
        if !edited && phase.is_none() {
            return Err(Refused::NothingToChange { at: moment.at });
        }
        if edge.due_from <= moment.now {
            timeline.postpone_no_longer_than(moment.now);
        }
        Ok(Changed { timeline, phase, edge })
    }

    /// How what it is begins where a cycle does: within a period that the anchor cuts, or as a whole one.
    fn begins_by(&self) -> Basis {
        if self.anchor_day.is_some() { self.proration } else { Basis::ByDay }
    }

    /// The cycle that begins with the change: of another interval, or with another anchor.
    fn next_cycle(
        &self,
        found: Found<'_>,
        new: &PlanVersion,
        at: DateTime<Utc>,
    ) -> Result<Option<Cycle>, Refused> {
        if self.anchor_day.is_none() && new.interval == found.phase.cycle.interval() {
            return Ok(None);
        }
        if self.anchor_day.is_some() && matches!(new.interval.unit, Unit::Day | Unit::Week) {
            return Err(start::Refused::AnchorNeedsMonths.into());
        }
        let zone = found.phase.cycle.zone();
        let cycle = Cycle::starting(at, self.anchor_day, new.interval, zone);
        cycle.map(Some).map_err(|e| start::Refused::Cycle { reason: e.to_string() }.into())
    }

    /// The phase it begins: with another plan, another version of it, or another cycle.
    fn phase(&self, found: Found<'_>, cycle: Option<Cycle>) -> Option<Phase> {
        let plans = found.plans;
        let same_plan = (plans.old.plan_id, plans.old.version) == (plans.new.plan_id, plans.new.version);
        if same_plan && cycle.is_none() {
            return None;
        }
        Some(Phase {
            no: found.next_phase,
            valid_from: found.moment.at,
            replaced: false,
            plan_id: plans.new.plan_id,
            plan_version: plans.new.version,
            cycle: cycle.unwrap_or(found.phase.cycle),
        })
    }
}
