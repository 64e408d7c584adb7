//! What becomes of a paid period that a break with `extend` interrupts? It goes on after the break, later by the days of it, and what is
//! taken of it then is taken of the period that was paid.
//!
//! 31.00 for January, a break from the 17th to the 27th: paid to 11 February. Canceled on 1 February, 21 of its 31 days were had: 10.00
//! come back. They come back of what was charged on 1 January, so that what was taken back of that is not given back again.
//!
//! The break itself is not known here: it is told by the cycle after it, which is the one that such a break makes of the cycle before it.

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use super::super::when::{next_boundary, starts_a_period};
use super::super::{ItemVersion, Timeline};
use crate::domain::calendar::{CalendarError, Cycle, Period, Zone};
use crate::domain::proration::Basis;

/// A period that goes on after a break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extension {
    /// When the break began: from then on the rest is had later.
    from: DateTime<Utc>,
    /// When it was over.
    began: DateTime<Utc>,
    /// The cycle before it.
    cycle: Cycle,
    /// The period it lies in, in the days of that cycle.
    whole: Period,
    /// In the days of the cycle after it: up to where the next period begins.
    after: Period,
}

/// Where what was paid of a period ends, told in the days before the break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    pub at: DateTime<Utc>,
    /// How time is counted there.
    pub basis: Basis,
    /// Until when what is billed of it stays as it is.
    pub postponed_to: DateTime<Utc>,
}

impl Extension {
    /// An instant after the break in the days before it.
    fn earlier(&self, zone: Zone, at: DateTime<Utc>) -> DateTime<Utc> {
        let days = zone.days_between(self.whole.end, self.after.end);
        zone.days_later(at, -days).clamp(self.from, self.whole.end)
    }

    /// An instant before the break in the days after it.
    pub(super) fn later(&self, zone: Zone, at: DateTime<Utc>) -> DateTime<Utc> {
        zone.days_later(at, zone.days_between(self.whole.end, self.after.end))
            .clamp(self.began, self.after.end)
    }
}

impl Timeline {
    /// What a break made of a cycle's first period, if one did.
    fn extension(&self, cycle: &Cycle) -> Result<Option<Extension>, CalendarError> {
        if self.later_cycles.is_empty() {
            return Ok(None);
        }
        let of_it = self.had_or_held().filter(|v| self.cycle_of(v) == cycle);
        let Some(began) = of_it.map(|v| v.valid_from).min() else { return Ok(None) };
        let mut found: Option<Extension> = None;
        for version in self.had_or_held() {
            let before = *self.cycle_of(version);
            let Some(from) = version.valid_to.filter(|to| *to <= began && before != *cycle) else { continue };
            if found.is_none_or(|found| found.from < from)
                && extended(&before, from, began).is_ok_and(|after| after == *cycle)
            {
                found = extension(&before, from, (cycle, began))?.or(found);
            }
        }
        Ok(found)
    }

    /// The period of a version's cycle around an instant, and its number. One that goes on after a break reaches to its end.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn period_at(
        &self,
        version: &ItemVersion,
        at: DateTime<Utc>,
    ) -> Result<(i64, Period), CalendarError> {
        let cycle = self.cycle_of(version);
        let n = cycle.index_at(at)?;
        match self.extension(cycle)?.filter(|_| n < 0) {
            Some(extension) => Ok((-1, extension.after)),
            None => Ok((n, cycle.period(n)?)),
        }
    }

    /// A part of a version's period, and all of that, in the days in which it was paid.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn as_paid(
        &self,
        version: &ItemVersion,
        (mut part, mut whole): (Period, Period),
    ) -> Result<(Period, Period), CalendarError> {
        let mut cycle = *self.cycle_of(version);
        while let Some(extension) = self.extension(&cycle)? {
            if whole.start >= extension.after.end {
                break;
            }
            let earlier = |at| extension.earlier(cycle.zone(), at);
            let start = match part.start == extension.began && self.began_with(version, extension.from) {
                true => extension.from,
                false => earlier(part.start),
            };
            (part, whole) = (Period::new(start, earlier(part.end))?, extension.whole);
            cycle = extension.cycle;
        }
        Ok((part, whole))
    }

    /// Whether its item began, or became another, with a break from an instant: what goes on after it is had from there on.
    fn began_with(&self, version: &ItemVersion, from: DateTime<Utc>) -> bool {
        let held = |v: &ItemVersion| v.is_empty() && v.is_held() && v.valid_from == from;
        self.versions.iter().any(|v| v.item_id == version.item_id && held(v))
    }

    /// What a version is after a break, where its period goes on.
    pub(super) fn resumed(&self, version: &ItemVersion) -> Option<&ItemVersion> {
        let from = version.valid_to.filter(|_| version.bounds.ends_by == Basis::None)?;
        let cycle = self.cycle_of(version);
        let goes_on = |v: &&ItemVersion| {
            v.item_id == version.item_id
                && v.valid_from > from
                && v.bounds.starts_by == Basis::None
                && extended(cycle, from, v.valid_from).is_ok_and(|after| after == *self.cycle_of(v))
        };
        self.versions.iter().filter(goes_on).max_by_key(|v| (!v.is_empty(), v.bounds.phase_no))
    }

    /// What a version was before the break after which its period goes on: that is where it was paid.
    #[must_use]
    pub fn paid_by(&self, version: &ItemVersion) -> Option<&ItemVersion> {
        if self.later_cycles.is_empty() || version.bounds.starts_by != Basis::None {
            return None;
        }
        let before = |v: &&ItemVersion| {
            v.item_id == version.item_id
                && v.valid_to.is_some_and(|to| to < version.valid_from)
                && self.resumed(v).is_some_and(|next| next.id == version.id)
        };
        let last = self.versions.iter().filter(before).max_by_key(|v| (v.valid_from, v.id))?;
        Some(self.paid_by(last).unwrap_or(last))
    }

    /// Where a version's paid period ends that went on after a break and was cut then; `None` where all of it was had, or will be.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn left_of(&self, version: &ItemVersion) -> Result<Option<Left>, CalendarError> {
        if self.later_cycles.is_empty() || self.paid_by(version).is_some() {
            return Ok(None);
        }
        self.cut_after_a_break(version)
    }

    fn cut_after_a_break(&self, version: &ItemVersion) -> Result<Option<Left>, CalendarError> {
        let (Some(next), Some(from)) = (self.resumed(version), version.valid_to) else { return Ok(None) };
        let after = self.cycle_of(next);
        let Some(extension) = extension(self.cycle_of(version), from, (after, next.valid_from))? else {
            return Ok(None);
        };
        let left = match (self.resumed(next), next.valid_to) {
            (Some(_), _) => self.cut_after_a_break(next)?,
            (None, Some(end)) if end < extension.after.end && next.bounds.ends_by != Basis::None => {
                let postponed_to = next.bounds.end_due_from.map_or(end, |due| due.max(end));
                Some(Left { at: end, basis: next.bounds.ends_by, postponed_to })
            }
            _ => None,
        };
        Ok(left.map(|left| Left { at: extension.earlier(after.zone(), left.at), ..left }))
    }

    /// Where the charge begins that has to be looked at when what a version is at an instant changes: of what goes on after a break,
    /// where that was paid.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn charged_from(
        &self,
        version: &ItemVersion,
        at: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, CalendarError> {
        let (n, period) = self.period_at(version, at.max(version.valid_from))?;
        match self.paid_by(version).filter(|_| n < 0).and_then(|paid| Some((paid, paid.valid_to?))) {
            Some((paid, until)) => {
                // The period that its end cuts, or that ends there.
                let (_, last) = self.period_at(paid, until - TimeDelta::microseconds(1))?;
                Ok(last.start.max(paid.valid_from))
            }
            None => Ok(period.start.max(version.valid_from)),
        }
    }
}

/// The period of a cycle that a break interrupts, and how it goes on in the cycle after the break.
pub(super) fn extension(
    cycle: &Cycle,
    from: DateTime<Utc>,
    (after, began): (&Cycle, DateTime<Utc>),
) -> Result<Option<Extension>, CalendarError> {
    let (end, next) = (next_boundary(cycle, from)?, after.boundary(0)?);
    if starts_a_period(cycle, from)? || next <= began {
        return Ok(None);
    }
    let whole = Period::new(cycle.boundary(cycle.index_at(from)?)?, end)?;
    let start = after.boundary(after.index_at(began)?)?;
    Ok(Some(Extension { from, began, cycle: *cycle, whole, after: Period::new(start, next)? }))
}

/// The cycle after a break: its next period begins when the rest of the paid one has been had.
pub(super) fn extended(
    before: &Cycle,
    from: DateTime<Utc>,
    at: DateTime<Utc>,
) -> Result<Cycle, CalendarError> {
    let zone = before.zone();
    let paid_to = next_boundary(before, from)?;
    let rest = if starts_a_period(before, from)? { 0 } else { zone.days_between(from, paid_to) };
    let next =
        zone.local_date(at).checked_add_signed(TimeDelta::days(rest)).ok_or(CalendarError::OutOfRange)?;
    Cycle::from_parts(next, next.day(), before.interval(), zone)
}
