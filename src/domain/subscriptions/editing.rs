//! How is a timeline changed? At an edge, versions end and others begin; nothing is ever taken out of it.
//!
//! 5 seats from 1 January, 8 from the 16th: the version of 5 ends there, one of 8 of the same item begins. Changed again at
//! the same instant, the version of 8 becomes empty: it stays as history and is worth nothing.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::timeline::{Bounds, ItemVersion, PriceTerms, Timeline, UNKNOWN};
use crate::domain::calendar::CalendarError;
use crate::domain::catalog::{PriceKind, PriceModel};
use crate::domain::ids::{ItemId, ItemVersionId};
use crate::domain::proration::{self, Basis};

/// An instant at which versions end and begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    pub at: DateTime<Utc>,
    /// How the period is cut there.
    pub basis: Basis,
    /// Nothing that follows from it falls due before.
    pub due_from: DateTime<Utc>,
}

/// What an item is from an edge on.
#[derive(Debug, Clone, PartialEq)]
pub struct Next {
    pub item_id: ItemId,
    pub quantity: Decimal,
    pub terms: Arc<PriceTerms>,
    pub price_override: Option<PriceModel>,
    pub phase_no: i16,
    pub until: Option<DateTime<Utc>>,
}

impl Edge {
    /// When it postpones what falls due, if it does.
    #[must_use]
    pub fn postpones_to(&self) -> Option<DateTime<Utc>> {
        (self.due_from > self.at).then_some(self.due_from)
    }
}

impl ItemVersion {
    /// Takes it back: it is empty, and what was billed of it is given back when that falls due.
    pub fn withdraw(&mut self, postponed: Option<DateTime<Utc>>) {
        self.valid_to = Some(self.valid_from);
        self.postpone(postponed);
    }

    /// Takes it back before it begins. That no time is counted at its end tells it from what began with a break and goes on after it.
    pub(super) fn withdraw_ahead(&mut self, postponed: Option<DateTime<Utc>>) {
        self.withdraw(postponed);
        self.bounds.ends_by = Basis::None;
    }

    /// Says how time is counted where it ends at its first instant: not at all is as a whole period, which is as much there.
    fn ends_where_it_begins_by(&mut self, basis: Basis) {
        self.bounds.ends_by = if basis == Basis::None { Basis::FullPeriod } else { basis };
    }

    /// Whether it was taken back before it began.
    #[must_use]
    pub fn is_withdrawn(&self) -> bool {
        self.is_empty() && self.bounds.ends_by == Basis::None
    }

    /// Lets what its moved end makes of it fall due at an instant: what is billed already, and, where that end lies in the past,
    /// all that was not.
    pub(super) fn settle_again(&mut self, due_from: DateTime<Utc>, is_past: bool) {
        self.postpone(Some(due_from));
        if is_past {
            self.bounds.due_from = self.bounds.due_from.max(Some(due_from));
        }
    }

    /// What waits already waits on.
    fn postpone(&mut self, to: Option<DateTime<Utc>>) {
        self.bounds.end_due_from = self.bounds.end_due_from.max(to);
    }

    /// Ends it at another instant than it did, by whole periods.
    pub fn end_anew(&mut self, until: Option<DateTime<Utc>>) {
        self.valid_to = until.map(|until| until.max(self.valid_from));
        self.bounds.ends_by = Basis::ByDay;
        self.bounds.held = None;
    }
}

impl Timeline {
    /// The recurring versions in force at an instant, in the order of lines.
    pub fn recurring_at(&self, at: DateTime<Utc>) -> impl Iterator<Item = &ItemVersion> {
        self.versions.iter().filter(move |v| v.terms.kind != PriceKind::OneTime && v.is_in_force(at))
    }

    /// Ends an item at an edge, with everything it would have been later, and gives the basis by which the next version
    /// must begin there: the one wanted, unless the period is used up further already ([`proration::ending`]). An item changed
    /// from its first instant on comes in as it did.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn end_item(&mut self, item: ItemId, edge: Edge) -> Result<Basis, CalendarError> {
        let (mut cut_by, mut came_by) = (None, None);
        for n in 0..self.versions.len() {
            let version = &self.versions[n];
            if version.item_id != item
                || version.is_empty()
                || version.valid_to.is_some_and(|to| to < edge.at)
            {
                continue;
            }
            if version.valid_from >= edge.at {
                if version.valid_from == edge.at {
                    let kept = self.ending_of_kept(version, edge)?;
                    came_by = Some(kept.unwrap_or(version.bounds.starts_by));
                    self.versions[n].withdraw(edge.postpones_to());
                    self.versions[n].ends_where_it_begins_by(kept.unwrap_or(edge.basis));
                } else {
                    self.versions[n].withdraw_ahead(edge.postpones_to());
                }
                continue;
            }
            let basis = self.ending(version, edge)?;
            let ended = &mut self.versions[n];
            ended.valid_to = Some(edge.at);
            ended.bounds.ends_by = basis;
            ended.postpone(edge.postpones_to());
            cut_by = Some(basis);
        }
        Ok(cut_by.or(came_by).unwrap_or(edge.basis))
    }

    /// How a version ends at an edge.
    fn ending(&self, version: &ItemVersion, edge: Edge) -> Result<Basis, CalendarError> {
        if let Some(basis) = self.ending_of_kept(version, edge)? {
            return Ok(basis);
        }
        let (_, whole) = self.period_at(version, edge.at)?;
        let came = (version.valid_from, version.bounds.starts_by);
        let zone = self.cycle_of(version).zone();
        Ok(proration::ending(&whole, came, (edge.at, edge.basis), zone))
    }

    /// Ends a version for a break, after which it goes on. One that begins with the break is empty, and leaves what came before as it ended.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn hold(&mut self, version: &ItemVersion, edge: Edge) -> Result<(), CalendarError> {
        if version.valid_from != edge.at {
            self.end_item(version.item_id, edge)?;
        }
        for held in self.versions.iter_mut().filter(|v| v.id == version.id) {
            if version.valid_from == edge.at {
                held.withdraw(edge.postpones_to());
                held.ends_where_it_begins_by(edge.basis);
            }
            held.bounds.held = Some(version.bounds.ends_by);
        }
        Ok(())
    }

    /// Lets what was paid up to an agreed end, in a period that a break interrupts, stay as it is billed until the break is over: nobody knows before
    /// how much of it will be had.
    pub fn wait_for_resumption(&mut self, held: &[ItemVersion]) {
        for version in &mut self.versions {
            let ended = held.iter().any(|was| was.id == version.id && was.valid_to.is_some());
            if ended && version.is_held() {
                version.bounds.end_due_from = Some(UNKNOWN);
            }
        }
    }

    /// Lets what a break from an instant holds end by a basis, when it goes on after it.
    pub fn held_ends_by(&mut self, from: DateTime<Utc>, basis: Basis) {
        let held = |v: &&mut ItemVersion| v.bounds.held.is_some() && v.valid_to == Some(from);
        for version in self.versions.iter_mut().filter(held) {
            version.bounds.held = Some(basis);
        }
    }

    /// Lets what a break kept for later end with the break: it is given back when the edge says, by its basis.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn keep_no_longer(&mut self, from: DateTime<Utc>, edge: Edge) -> Result<(), CalendarError> {
        for n in 0..self.versions.len() {
            let version = &self.versions[n];
            let is_kept = version.terms.kind == PriceKind::Recurring
                && version.valid_to == Some(from)
                && version.is_held()
                && matches!(version.bounds.ends_by, Basis::None | Basis::FullPeriod);
            if is_kept {
                let basis = self.ending(version, Edge { at: from, ..edge })?;
                let kept = &mut self.versions[n];
                match kept.is_empty() {
                    true => kept.ends_where_it_begins_by(basis),
                    false => kept.bounds.ends_by = basis,
                }
                // The break itself changed nothing of it, whenever that is billed.
                kept.bounds.end_due_from = Some(edge.due_from);
            }
        }
        Ok(())
    }

    /// How what goes on after a break, and was paid before it, ends at an edge in its period: what came in free then has nothing to give
    /// back.
    fn ending_of_kept(&self, version: &ItemVersion, edge: Edge) -> Result<Option<Basis>, CalendarError> {
        let Some(paid) = self.paid_by(version) else { return Ok(None) };
        let (n, _) = self.period_at(version, edge.at)?;
        let free = paid.bounds.starts_by == Basis::None;
        Ok((n < 0).then_some(if free { Basis::None } else { edge.basis }))
    }

    /// Lets an item be what it is at an edge up to the end of all, which is counted by a basis, as if nothing later had been planned or
    /// told of it.
    pub fn let_go_on(
        &mut self,
        item: ItemId,
        edge: Edge,
        (end, now): (Option<(DateTime<Utc>, Basis)>, DateTime<Utc>),
    ) {
        let until = end.map(|(until, _)| until);
        for version in self.versions.iter_mut().filter(|v| v.item_id == item && !v.is_empty()) {
            if version.valid_from > edge.at {
                version.withdraw_ahead(edge.postpones_to());
            } else if version.is_in_force(edge.at) && version.valid_to != until {
                version.end_anew(until);
                version.bounds.ends_by = end.map(|(_, basis)| basis).unwrap_or_default();
                version.settle_again(edge.due_from, edge.at <= now);
            }
        }
    }

    /// The items that would begin after an instant and are not there at it, with what a plan charges once then; what is
    /// charged beside the plan is nothing that was planned.
    #[must_use]
    pub fn planned_after(&self, at: DateTime<Utc>) -> Vec<ItemId> {
        let held: Vec<ItemId> = self.recurring_at(at).map(|v| v.item_id).collect();
        let later = self.versions.iter().filter(|v| v.valid_from > at && !v.is_empty());
        let of_plan = later.filter(|v| !v.terms.price_id.uuid().is_nil());
        let mut items: Vec<ItemId> = of_plan.map(|v| v.item_id).filter(|id| !held.contains(id)).collect();
        items.sort_unstable();
        items.dedup();
        items
    }

    /// A version that was in force for some time.
    pub(super) fn held_to(&mut self, id: ItemVersionId) -> Option<&mut ItemVersion> {
        self.versions.iter_mut().find(|v| v.id == id && !v.is_empty())
    }

    /// Takes back what these items were to become after an edge.
    pub fn withdraw(&mut self, planned: &[ItemId], edge: Edge) {
        for version in &mut self.versions {
            if version.valid_from > edge.at && !version.is_empty() && planned.contains(&version.item_id) {
                version.withdraw_ahead(edge.postpones_to());
            }
        }
    }

    /// Begins a version of an item at an edge.
    pub fn begin_item(&mut self, id: ItemVersionId, next: Next, edge: Edge) {
        let bounds = Bounds {
            phase_no: next.phase_no,
            starts_by: edge.basis,
            due_from: edge.postpones_to(),
            ..Bounds::default()
        };
        self.versions.push(ItemVersion {
            id,
            item_id: next.item_id,
            quantity: next.quantity,
            terms: next.terms,
            price_override: next.price_override,
            valid_from: edge.at,
            // What would end before it begins is empty, and worth nothing.
            valid_to: next.until.map(|until| until.max(edge.at)),
            bounds,
        });
        self.versions.sort_by_key(|v| (v.terms.position, v.valid_from, v.id));
    }

    /// Says how time is counted where a version ends.
    pub fn let_end_by(&mut self, id: ItemVersionId, basis: Basis) {
        if let Some(version) = self.held_to(id) {
            version.bounds.ends_by = basis;
        }
    }

    /// Lets a usage price that begins within a period have shares of what its terms say of a whole one.
    pub fn count_usage_by_days(&mut self, id: ItemVersionId) {
        for version in self.versions.iter_mut().filter(|v| v.id == id && v.terms.kind == PriceKind::Usage) {
            version.bounds.usage_by_days = true;
        }
    }

    /// Lets everything that was postponed to a later invoice fall due by an instant: one invoice takes it all.
    pub fn postpone_no_longer_than(&mut self, at: DateTime<Utc>) {
        for version in &mut self.versions {
            let Bounds { due_from, end_due_from, .. } = &mut version.bounds;
            *due_from = due_from.map(|due| due.min(at));
            *end_due_from = end_due_from.map(|due| due.min(at));
        }
    }

    /// The earliest instant at which something of the timeline falls due that was not in force in another; a little early for
    /// what is charged at the end of a period.
    #[must_use]
    pub fn begins_to_be_due(&self, before: &Timeline) -> Option<DateTime<Utc>> {
        let since = |v: &ItemVersion| match before.versions.iter().find(|was| was.id == v.id) {
            Some(was) if was.is_empty() => Some(v.valid_from),
            // What goes on longer than it did.
            Some(was) => was.valid_to.filter(|to| v.valid_to.is_none_or(|end| end > *to)),
            None => Some(v.valid_from),
        };
        let alive = self.versions.iter().filter(|v| !v.is_empty());
        alive.filter_map(|v| since(v).map(|at| v.bounds.due_from.map_or(at, |from| from.max(at)))).min()
    }

    /// When recurring items begin or end after an instant, other than by the end of all: each instant once.
    #[must_use]
    pub fn changes_after(&self, at: DateTime<Utc>, end_of_all: Option<DateTime<Utc>>) -> Vec<DateTime<Utc>> {
        let recurring = self.versions.iter().filter(|v| v.terms.kind != PriceKind::OneTime && !v.is_empty());
        let ends = |v: &ItemVersion| v.valid_to.filter(|to| Some(*to) != end_of_all);
        let mut later: Vec<_> =
            recurring.flat_map(|v| [Some(v.valid_from), ends(v)]).flatten().filter(|t| *t > at).collect();
        later.sort_unstable();
        later.dedup();
        later
    }
}
