//! Which period of a subscription is the first, the second, the third? Counted through breaks and changes of its cycle, as a discount counts.
//!
//! A period that has begun counts one, whatever its length and however it ends: of a year that becomes monthly in July, the year is the
//! first period, July the second. A break that extends goes on with the period it fell in: paid from 1 January, paused from the 10th
//! for 10 days, the second period begins on 11 February.

use chrono::{DateTime, TimeDelta, Utc};

use super::falls::Falls;
use crate::domain::calendar::{CalendarError, Cycle};
use crate::domain::catalog::PriceKind;
use crate::domain::subscriptions::{ItemVersion, Timeline};

/// The periods of one subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rhythm {
    /// In order of time; one, unless its cycle was changed or a break moved it.
    runs: Vec<Run>,
    /// When its first period began: what is charged before it counts with it.
    first: DateTime<Utc>,
}

/// A stretch of time with one cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    cycle: Cycle,
    start: DateTime<Utc>,
    /// `None`: until further notice.
    end: Option<DateTime<Utc>>,
    /// What makes the number of a period of the cycle its place among all.
    shift: i64,
    /// When its first period fell due at its start, if that is not as the cycle says: the run begins within it.
    opened: Option<DateTime<Utc>>,
    /// Whether it begins with what a break kept of a period: one period, however long it is.
    rest: bool,
}

impl Rhythm {
    /// Of a timeline.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`].
    pub fn of(timeline: &Timeline) -> Result<Rhythm, CalendarError> {
        let began = |v: &ItemVersion| v.valid_from;
        let first = timeline.versions.iter().filter(lives).map(began).min();
        let first =
            first.or_else(|| timeline.versions.iter().map(began).min()).unwrap_or(DateTime::UNIX_EPOCH);
        let mut runs: Vec<Run> = Vec::with_capacity(1);
        if !timeline.later_cycles.is_empty() {
            for run in stretches(timeline) {
                let run = match runs.last() {
                    Some(before) => before.followed_by(run, first)?,
                    None => run.begun()?,
                };
                runs.push(run);
            }
        }
        if runs.is_empty() {
            runs.push(Run {
                cycle: timeline.cycle,
                start: first,
                end: None,
                shift: 0,
                opened: None,
                rest: false,
            });
        }
        Ok(Rhythm { runs, first })
    }

    /// The place of the period that is cut by this cycle and in which `at` lies, and when the whole of it falls due.
    pub(super) fn place_and_due(
        &self,
        (cycle, at): (&Cycle, DateTime<Utc>),
        falls: Falls,
    ) -> Result<(i64, DateTime<Utc>), CalendarError> {
        let same = self.runs.iter().rev().find(|run| run.cycle == *cycle && run.start <= at);
        let run = same.or_else(|| self.runs.iter().find(|run| run.cycle == *cycle));
        let at = at.max(self.first);
        let index = match run {
            Some(run) => run.index_at(at)?,
            None => cycle.index_at(at)?,
        };
        let due = match falls {
            Falls::AtStart => match run {
                Some(run) => run.due_at_start(index, self.first)?,
                None => cycle.boundary(index)?.max(self.first),
            },
            Falls::AtEnd => cycle.boundary(index + 1)?,
            Falls::Within => at,
        };
        Ok((index + run.map_or(0, |run| run.shift), due))
    }

    /// The place of the first period whose charge falls due at or after `from`, as if the subscription had been running then.
    pub(super) fn first_of_all(&self, from: DateTime<Utc>, falls: Falls) -> Result<i64, CalendarError> {
        let Some(begin) = self.runs.first() else { return Ok(0) };
        let begun = begin.place(self.first)?;
        if from < self.first && begin.cycle.index_at(from)? + begin.shift < begun {
            return begin.first_from(from, from, falls);
        }
        Ok(self.first_from(from, falls)?.max(begun))
    }

    /// The same, among those the subscription has: its first one, if that was still to come.
    pub(super) fn first_of_subscription(
        &self,
        from: DateTime<Utc>,
        falls: Falls,
    ) -> Result<i64, CalendarError> {
        let Some(begin) = self.runs.first() else { return Ok(0) };
        let first = begin.place(self.first)?;
        Ok(if from <= self.first { first } else { self.first_from(from, falls)?.max(first) })
    }

    /// In the run that `from` is in; in a break, in the one after it.
    fn first_from(&self, from: DateTime<Utc>, falls: Falls) -> Result<i64, CalendarError> {
        let mut runs = self.runs.iter().enumerate();
        let after = runs.find(|(_, run)| run.end.is_none_or(|end| from < end));
        match after.or_else(|| self.runs.iter().enumerate().next_back()) {
            None => Ok(0),
            Some((0, run)) => run.first_from(from, from, falls),
            Some((_, run)) => run.first_from(from, from.max(run.start), falls),
        }
    }
}

impl Run {
    /// The number of the period an instant is in.
    fn index_at(&self, at: DateTime<Utc>) -> Result<i64, CalendarError> {
        let index = self.cycle.index_at(at)?;
        Ok(if self.rest { index.max(-1) } else { index })
    }

    /// The place of the period an instant is in.
    fn place(&self, at: DateTime<Utc>) -> Result<i64, CalendarError> {
        Ok(self.index_at(at)? + self.shift)
    }

    /// When the whole of one of its periods falls due at its start.
    fn due_at_start(&self, index: i64, first: DateTime<Utc>) -> Result<DateTime<Utc>, CalendarError> {
        match self.opened {
            Some(opened) if index == self.index_at(self.start)? => Ok(opened),
            _ => Ok(self.cycle.boundary(index)?.max(first)),
        }
    }

    /// The place of the first period whose charge falls due at or after `from`; `within` is the same, or the run's start if that is later.
    fn first_from(
        &self,
        from: DateTime<Utc>,
        within: DateTime<Utc>,
        falls: Falls,
    ) -> Result<i64, CalendarError> {
        let at = self.index_at(within)?;
        let on_boundary = self.cycle.boundary(at)? == from && !(self.rest && at < 0);
        let opened = self.opened.filter(|_| self.index_at(self.start) == Ok(at));
        let index = match falls {
            Falls::AtStart if opened.is_some_and(|opened| opened >= from) => at,
            Falls::AtStart if !on_boundary || opened.is_some() => at + 1,
            Falls::AtEnd if on_boundary => at - 1,
            Falls::AtStart | Falls::AtEnd | Falls::Within => at,
        };
        Ok(index + self.shift)
    }

    /// The first run. A break may have held its first period from the first instant on: it is one, however long it is.
    fn begun(self) -> Result<Run, CalendarError> {
        let is_held = self.cycle.index_at(self.start)? < -1;
        Ok(if is_held { Run { opened: Some(self.start), rest: true, ..self } } else { self })
    }

    /// The next run: its first period follows the last of this one, or is the rest of it.
    fn followed_by(&self, next: Run, first: DateTime<Utc>) -> Result<Run, CalendarError> {
        let end = self.end.map_or(next.start, |end| end.min(next.start));
        let last = self.place((end - TimeDelta::microseconds(1)).max(self.start))?;
        let index = next.cycle.index_at(next.start)?;
        let begun = next.cycle.boundary(index)?;
        let within = index < 0 || next.cycle.zone().days_between(begun, next.start) > 0;
        // A break: after a change of the cycle nothing is left out.
        let goes_on = end < next.start && within && next.cycle.interval() == self.cycle.interval();
        if goes_on {
            let opened = self.due_at_start(last - self.shift, first)?;
            return Ok(Run { shift: last + 1, opened: Some(opened), rest: true, ..next });
        }
        Ok(Run { shift: last + 1 - index, opened: Some(next.start), ..next })
    }
}

/// Whether a version has periods.
fn lives(version: &&ItemVersion) -> bool {
    !version.is_empty() && version.terms.kind != PriceKind::OneTime
}

/// The stretches of time with one cycle, in order. What a change has replaced before it began is in none; what a break holds from its first instant
/// on lengthens the one before it, and so says in which period the break began.
fn stretches(timeline: &Timeline) -> Vec<Run> {
    let mut spans: Vec<Run> = Vec::new();
    for version in timeline.had_or_held() {
        let cycle = *timeline.cycle_of(version);
        spans.push(Run {
            cycle,
            start: version.valid_from,
            end: version.valid_to,
            shift: 0,
            opened: None,
            rest: false,
        });
    }
    spans.sort_by_key(|span| span.start);
    let mut runs: Vec<Run> = Vec::new();
    for span in spans {
        match runs.last_mut() {
            Some(run) if run.cycle == span.cycle => {
                run.end = run.end.zip(span.end).map(|(a, b)| a.max(b));
            }
            // Of another cycle, or before anything was had: nothing of it has begun.
            _ if span.end.is_some_and(|end| end <= span.start) => {}
            _ => runs.push(span),
        }
    }
    runs
}
