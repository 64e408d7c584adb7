//! When is had what was paid? On the days of its line; and where a break with `extend` interrupts these, the rest after it.
//!
//! Paid for January, a break from the 17th to the 27th: 1 to 16 January, and 27 January to 10 February. Of what a cancellation on 1 February gives
//! back, told in the days that were paid, 22 to 31 January: 1 to 10 February.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::{ItemVersion, Timeline};
use super::extension::extension;
use crate::domain::calendar::{CalendarError, Period};
use crate::domain::ids::ItemVersionId;
use crate::domain::proration::Basis;

/// The time in which something paid is had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Had {
    /// One after the other.
    pub stretches: Vec<Period>,
    /// What is interrupted by a break whose end nobody knows, in the days before it.
    pub waits: Option<Period>,
    /// All that was paid, in the days before any break.
    pub paid: Period,
}

/// What was paid.
#[derive(Debug, Clone, Copy)]
pub struct Paid {
    pub version: ItemVersionId,
    /// In the days in which it was paid.
    pub period: Period,
    /// Whether it is the charge, and no later difference.
    pub is_first: bool,
}

impl Timeline {
    /// When is had what was paid. A break that has no end yet is told by its beginning.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn as_had(&self, paid: Paid, open_since: Option<DateTime<Utc>>) -> Result<Had, CalendarError> {
        let mut had = Had { stretches: Vec::new(), waits: None, paid: paid.period };
        let mut version = self.versions.iter().find(|version| version.id == paid.version);
        let mut rest = match version {
            Some(version) => self.as_it_was_paid(version, paid)?,
            None => paid.period,
        };
        while let Some(interrupted) = version
            && let Some(from) = interrupted.valid_to.filter(|_| interrupted.bounds.ends_by == Basis::None)
        {
            let whole = self.interrupted(interrupted, from)?;
            // A charge of which the break was known reaches up to it, and is for all of its period.
            let end = if rest.end == from { whole.end } else { rest.end };
            if rest.start < whole.start || rest.start >= whole.end || end <= from {
                break;
            }
            if had.stretches.is_empty() {
                had.paid = Period::new(rest.start, end)?;
            }
            let before = (rest.start < from).then(|| Period::new(rest.start, from)).transpose()?;
            let after = rest.start.max(from);
            if let Some(next) = self.became(interrupted, from) {
                version = Some(next);
                continue;
            }
            version = self.resumed(interrupted);
            let Some(next) = version else {
                if open_since == Some(from) {
                    had.stretches.extend(before);
                    had.waits = Some(Period::new(after, end)?);
                    return Ok(had);
                }
                // Over with the break, it was paid for all of its period.
                if interrupted.is_held() {
                    rest = Period::new(rest.start, end)?;
                }
                break;
            };
            let (cycle, cycle_after) = (self.cycle_of(interrupted), self.cycle_of(next));
            let Some(extension) = extension(cycle, from, (cycle_after, next.valid_from))? else { break };
            had.stretches.extend(before);
            let began = if after == from { next.valid_from } else { extension.later(cycle.zone(), after) };
            let ends = extension.later(cycle.zone(), end);
            match Period::new(began, ends) {
                Ok(later) => rest = later,
                // Nothing of it is left after the break.
                Err(_) => return Ok(had),
            }
        }
        had.stretches.push(rest);
        Ok(had)
    }

    /// Where what was paid for a period ends before all of it was had, and the rest is given back: after a break, in the days after it.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn cut_at(&self, id: ItemVersionId, period: Period) -> Result<Option<DateTime<Utc>>, CalendarError> {
        let had = self.as_had(Paid { version: id, period, is_first: false }, None)?;
        let mut last = self.versions.iter().find(|version| version.id == id);
        while let Some(next) = last.and_then(|version| self.resumed(version)) {
            last = Some(next);
        }
        let end = had.stretches.last().map_or(period.end, |last| last.end);
        let Some(version) = last else { return Ok(None) };
        let by_days = match version.is_held() {
            true => version.bounds.held,
            false => Some(version.bounds.ends_by),
        };
        let cut = version.valid_to.filter(|to| *to < end);
        Ok(cut.filter(|_| by_days.is_some_and(|basis| basis != Basis::None)))
    }

    /// What a version became without a difference being charged: what was paid for it is had on.
    fn became(&self, version: &ItemVersion, from: DateTime<Utc>) -> Option<&ItemVersion> {
        let is_it = |next: &&ItemVersion| {
            next.item_id == version.item_id
                && next.id != version.id
                && next.valid_from == from
                && !next.is_empty()
                && next.bounds.starts_by == Basis::None
                && self.cycle_of(next) == self.cycle_of(version)
        };
        self.versions.iter().find(is_it)
    }

    /// The period that was paid: all of it, where a break that was known then was taken back.
    fn as_it_was_paid(&self, version: &ItemVersion, paid: Paid) -> Result<Period, CalendarError> {
        let goes_on = version.valid_to.is_none_or(|to| to > paid.period.end);
        if !paid.is_first || !goes_on {
            return Ok(paid.period);
        }
        let whole = self.period_at(version, paid.period.start)?.1;
        Period::new(paid.period.start, whole.end.max(paid.period.end))
    }

    /// The period in which an end of a version lies.
    fn interrupted(&self, version: &ItemVersion, from: DateTime<Utc>) -> Result<Period, CalendarError> {
        Ok(self.period_at(version, from - TimeDelta::microseconds(1))?.1)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rust_decimal::Decimal;
    use uuid::Uuid;

    use super::super::extension::extended;
    use super::*;
    use crate::domain::calendar::{Cycle, Interval, Unit, Zone};
    use crate::domain::catalog::{PriceKind, TaxTerms};
    use crate::domain::ids::{ItemId, SubscriptionId};
    use crate::domain::money::Currency;
    use crate::domain::subscriptions::{Bounds, charge};

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-{text}T00:00:00Z").parse().unwrap()
    }

    fn id(n: u128) -> ItemVersionId {
        ItemVersionId::from_uuid(Uuid::from_u128(n))
    }

    /// Monthly from 1 January, with breaks that extend.
    fn with_breaks(breaks: &[(&str, Option<&str>)]) -> Timeline {
        let interval = Interval::new(Unit::Month, 1).unwrap();
        let cycle = Cycle::starting(at("01-01"), None, interval, Zone::UTC).unwrap();
        let mut timeline = Timeline {
            subscription_id: SubscriptionId::from_uuid(Uuid::nil()),
            currency: Currency::parse("USD").unwrap(),
            cycle,
            later_cycles: Vec::new(),
            versions: Vec::new(),
        };
        let mut from = Some(at("01-01"));
        let mut last = cycle;
        for (no, (begins, ends)) in (0_i16..).zip(breaks.iter().copied().chain([("12-31", None)])) {
            let Some(valid_from) = from else { break };
            let is_break = usize::try_from(no).unwrap() < breaks.len();
            let mut terms = charge::own_terms("Seat", Decimal::ONE, TaxTerms::default());
            terms.kind = PriceKind::Recurring;
            timeline.versions.push(ItemVersion {
                id: id(no.unsigned_abs().into()),
                item_id: ItemId::from_uuid(Uuid::nil()),
                quantity: Decimal::ONE,
                terms: Arc::new(terms),
                price_override: None,
                valid_from,
                valid_to: is_break.then(|| at(begins)),
                bounds: Bounds {
                    phase_no: no,
                    starts_by: if no == 0 { Basis::ByDay } else { Basis::None },
                    ends_by: if is_break { Basis::None } else { Basis::ByDay },
                    held: is_break.then_some(Basis::ByDay),
                    ..Bounds::default()
                },
            });
            from = ends.map(at);
            if let Some(ends) = from {
                last = extended(&last, at(begins), ends).unwrap();
                timeline.later_cycles.push((no + 1, last));
            }
        }
        timeline
    }

    fn had(timeline: &Timeline, (from, to): (&str, &str), open_since: Option<&str>) -> Vec<String> {
        let period = Period::new(at(from), at(to)).unwrap();
        let paid = Paid { version: id(0), period, is_first: from == "01-01" };
        let had = timeline.as_had(paid, open_since.map(at)).unwrap();
        let shown = |p: &Period| format!("{} {}", p.start.format("%m-%d"), p.end.format("%m-%d"));
        let waits = had.waits.iter().map(|p| format!("waits {}", shown(p)));
        had.stretches.iter().map(shown).chain(waits).collect()
    }

    #[test]
    fn the_rest_of_a_paid_period_is_had_after_the_break() {
        let once = with_breaks(&[("01-17", Some("01-27"))]);
        assert_eq!(had(&once, ("01-01", "02-01"), None), ["01-01 01-17", "01-27 02-11"]);
        assert_eq!(had(&once, ("01-22", "02-01"), None), ["02-01 02-11"], "what is given back of it");
        assert_eq!(
            had(&once, ("01-01", "01-17"), None),
            ["01-01 01-17", "01-27 02-11"],
            "billed when it was known"
        );
        let twice = with_breaks(&[("01-17", Some("01-27")), ("02-01", Some("02-03"))]);
        assert_eq!(had(&twice, ("01-01", "02-01"), None), ["01-01 01-17", "01-27 02-01", "02-03 02-13"]);
    }

    #[test]
    fn nobody_knows_when_the_rest_is_had_of_a_break_without_an_end() {
        let open = with_breaks(&[("01-17", None)]);
        assert_eq!(had(&open, ("01-01", "02-01"), Some("01-17")), ["01-01 01-17", "waits 01-17 02-01"]);
        assert_eq!(had(&open, ("01-01", "02-01"), None), ["01-01 02-01"], "it ended in the break");
        assert_eq!(had(&open, ("01-01", "01-17"), None), ["01-01 02-01"]);
    }

    #[test]
    fn without_a_break_it_is_had_as_it_was_paid() {
        let none = with_breaks(&[]);
        assert_eq!(had(&none, ("01-01", "02-01"), None), ["01-01 02-01"]);
        assert_eq!(
            had(&none, ("01-01", "01-17"), None),
            ["01-01 02-01"],
            "a break that was known then was taken back"
        );
    }
}
