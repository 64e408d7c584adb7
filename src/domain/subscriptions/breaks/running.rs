//! Which stretches of time make up one paid period? The cycle's period; and where a break with `extend` moved it, what had been had
//! of it before the break.
//!
//! Monthly from 1 January, a break with `extend` from the 17th to the 27th: 1 to 17 January and 27 January to 11 February are one period.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::{ItemVersion, Timeline};
use super::extension::extended;
use crate::domain::calendar::{CalendarError, Cycle, Period};
use crate::domain::catalog::PriceKind;

/// A period of a cycle, up to where it ends or another cycle takes over from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    cycle: Cycle,
    pub whole: Period,
    until: DateTime<Utc>,
}

/// What was in force, and nothing that is charged once.
fn recurring(timeline: &Timeline) -> impl Iterator<Item = &ItemVersion> {
    timeline.versions.iter().filter(|v| v.terms.kind != PriceKind::OneTime && !v.is_empty())
}

impl Timeline {
    /// A period of a cycle as the spans that it consists of, the last first.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn spans(&self, cycle: &Cycle, whole: Period) -> Result<Vec<Span>, CalendarError> {
        let mut last = Span { cycle: *cycle, whole, until: whole.end };
        let mut spans = vec![last];
        while let Some(before) = self.moved_from(last)? {
            // A break within one day moves nothing: it is the same period of another cycle.
            if before.whole != last.whole {
                spans.push(before);
            }
            last = before;
        }
        Ok(spans)
    }

    /// What a break with `extend` made this span of, if one did. The break itself is not known here: it is told by the cycle after it,
    /// which is the one that such a break makes of the cycle before it.
    fn moved_from(&self, span: Span) -> Result<Option<Span>, CalendarError> {
        if self.later_cycles.is_empty() {
            return Ok(None);
        }
        let of_it = self.had_or_held().filter(|v| *self.cycle_of(v) == span.cycle);
        let Some(began) = of_it.map(|v| v.valid_from).min() else { return Ok(None) };
        if began < span.whole.start || began >= span.whole.end {
            return Ok(None);
        }
        let mut found: Option<Span> = None;
        for version in self.had_or_held() {
            let cycle = *self.cycle_of(version);
            let Some(until) = version.valid_to.filter(|to| *to <= began && cycle != span.cycle) else {
                continue;
            };
            let (_, whole) = self.period_at(version, until - TimeDelta::microseconds(1))?;
            let is_later = found.is_none_or(|found| found.until < until);
            if is_later && until < whole.end && extended(&cycle, until, began).is_ok_and(|c| c == span.cycle)
            {
                found = Some(Span { cycle, whole, until });
            }
        }
        Ok(found)
    }

    /// The part of a version in a span; `None` where it has none, or is cut by another cycle.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn part_in(&self, version: &ItemVersion, span: &Span) -> Result<Option<Period>, CalendarError> {
        let start = version.valid_from.max(span.whole.start);
        let end = version.valid_to.map_or(span.until, |to| to.min(span.until));
        if start >= end {
            return Ok(None);
        }
        let cycle = self.cycle_of(version);
        if *cycle != span.cycle && cycle.period(cycle.index_at(span.whole.start)?)? != span.whole {
            return Ok(None);
        }
        Ok(Some(Period::new(start, end)?))
    }

    /// The stretches of the period around an instant in which anything was or will be in force, in order of time. Of a break, the period
    /// is the one it falls in.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn running_at(&self, at: DateTime<Utc>) -> Result<Vec<Period>, CalendarError> {
        let last =
            || recurring(self).filter(|v| v.valid_from <= at).max_by_key(|v| (v.valid_to, v.valid_from));
        let Some(now) = self.recurring_at(at).next().or_else(last) else { return Ok(Vec::new()) };
        let cycle = self.cycle_of(now);
        let mut stretches = Vec::new();
        for span in self.spans(cycle, self.period_at(now, at)?.1)? {
            for version in recurring(self) {
                stretches.extend(self.part_in(version, &span)?);
            }
        }
        Ok(Period::joined(stretches))
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::catalog::TaxTerms;
    use std::sync::Arc;

    use rust_decimal::Decimal;
    use uuid::Uuid;

    use super::*;
    use crate::domain::calendar::{Interval, Unit, Zone};
    use crate::domain::ids::{ItemId, ItemVersionId, SubscriptionId};
    use crate::domain::money::Currency;
    use crate::domain::subscriptions::{Bounds, charge};

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-{text}Z").parse().unwrap()
    }

    fn monthly() -> Timeline {
        let interval = Interval::new(Unit::Month, 1).unwrap();
        Timeline {
            subscription_id: SubscriptionId::from_uuid(Uuid::nil()),
            currency: Currency::parse("USD").unwrap(),
            cycle: Cycle::starting(at("01-01T00:00:00"), None, interval, Zone::UTC).unwrap(),
            later_cycles: Vec::new(),
            versions: Vec::new(),
        }
    }

    fn has(timeline: &mut Timeline, phase_no: i16, (from, to): (&str, Option<&str>)) {
        let mut terms = charge::own_terms("Seat", Decimal::ONE, TaxTerms::default());
        terms.kind = PriceKind::Recurring;
        timeline.versions.push(ItemVersion {
            id: ItemVersionId::from_uuid(Uuid::from_u128(timeline.versions.len() as u128)),
            item_id: ItemId::from_uuid(Uuid::nil()),
            quantity: Decimal::ONE,
            terms: Arc::new(terms),
            price_override: None,
            valid_from: at(from),
            valid_to: to.map(at),
            bounds: Bounds { phase_no, ..Bounds::default() },
        });
    }

    fn running(timeline: &Timeline, instant: &str) -> Vec<String> {
        let shown = |at: DateTime<Utc>| at.format("%m-%dT%H:%M").to_string();
        let stretches = timeline.running_at(at(instant)).unwrap();
        stretches.iter().map(|p| format!("{} {}", shown(p.start), shown(p.end))).collect()
    }

    #[test]
    fn a_break_with_credit_leaves_a_gap_in_the_period_and_a_change_leaves_none() {
        let mut timeline = monthly();
        has(&mut timeline, 0, ("01-01T00:00:00", Some("01-06T00:00:00")));
        has(&mut timeline, 0, ("01-06T00:01:00", Some("01-20T00:00:00")));
        has(&mut timeline, 0, ("01-20T00:00:00", None));
        assert_eq!(
            running(&timeline, "01-25T00:00:00"),
            ["01-01T00:00 01-06T00:00", "01-06T00:01 02-01T00:00"]
        );
        assert_eq!(running(&timeline, "01-06T00:00:30"), running(&timeline, "01-25T00:00:00"));
        assert_eq!(running(&timeline, "01-06T00:00:30").len(), 2);
        assert_eq!(running(&timeline, "02-25T00:00:00"), ["02-01T00:00 03-01T00:00"]);
    }

    #[test]
    fn a_period_goes_on_after_each_break_that_extends_it() {
        let mut timeline = monthly();
        has(&mut timeline, 0, ("01-01T00:00:00", Some("01-17T00:00:00")));
        let once = extended(&timeline.cycle, at("01-17T00:00:00"), at("01-27T15:00:00")).unwrap();
        let twice = extended(&once, at("02-01T00:00:00"), at("02-03T00:00:00")).unwrap();
        timeline.later_cycles = vec![(1, once), (2, twice)];
        has(&mut timeline, 1, ("01-27T15:00:00", Some("02-01T00:00:00")));
        has(&mut timeline, 2, ("02-03T00:00:00", None));
        assert_eq!(
            running(&timeline, "02-05T00:00:00"),
            ["01-01T00:00 01-17T00:00", "01-27T15:00 02-01T00:00", "02-03T00:00 02-13T00:00"]
        );
        assert_eq!(running(&timeline, "02-13T00:00:00"), ["02-13T00:00 03-13T00:00"]);
    }

    #[test]
    fn another_anchor_begins_another_period() {
        let mut timeline = monthly();
        has(&mut timeline, 0, ("01-01T00:00:00", Some("01-10T00:00:00")));
        let interval = timeline.cycle.interval();
        let cycle = Cycle::starting(at("01-10T00:00:00"), Some(20), interval, Zone::UTC).unwrap();
        timeline.later_cycles.push((1, cycle));
        has(&mut timeline, 1, ("01-10T00:00:00", None));
        assert_eq!(running(&timeline, "01-12T00:00:00"), ["01-10T00:00 01-20T00:00"]);
    }
}
