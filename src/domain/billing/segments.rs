//! What should have been charged by a date? Charge segments: the pieces into which the cycle cuts each item version.
//!
//! 5 seats at 10.00 in advance from 1 January, looked at on 3 February: (1 Jan, 1 Feb, 50.00) and (1 Feb, 1 Mar, 50.00).
//! A segment's key is its version and its start, and neither ever changes: so what is billed can be told from what is not.

mod looking_again;

use chrono::{DateTime, TimeDelta, Utc};

use looking_again::before_all_that_contain;
pub use looking_again::{first_ending_after, reopened};

use super::chains::{self, Chain};
use super::commitments::{self, Known};
use super::expected::{Cursor, Expected};
use super::piece::{Chained, Key, Readings, Segment};
use super::recorded::Recorded;
use super::unbillable::Unbillable;
use super::{Metered, worth};
use crate::domain::calendar::Period;
use crate::domain::catalog::{Billing, PriceKind};
use crate::domain::ids::ItemVersionId;
use crate::domain::money::Money;
use crate::domain::rating::part::UsageTerms;
use crate::domain::rating::summary::Summary;
use crate::domain::subscriptions::breaks::extension::Left;
use crate::domain::subscriptions::{ItemVersion, Timeline, UNKNOWN};

/// The segments that start at or after `from` and are due by `as_of`, and where that leaves billing.
///
/// A segment that is billed already is given even when it is due later than `as_of`, so that a run for a past date does
/// not take back what a later run has billed.
///
/// The charge of a usage price whose period is still running is what was measured so far when usage is billed early. When it
/// is not, what was billed of it early stays as it is: it is among the [`Expected::held`].
pub fn due<'a>(timeline: &'a Timeline, window: Window<'_>) -> Result<Expected<'a>, Unbillable> {
    let mut segments = Vec::with_capacity(timeline.versions.len());
    let mut held = Vec::new();
    let mut settled_to: Option<DateTime<Utc>> = None;
    let mut next_bill_at: Option<DateTime<Utc>> = None;
    let mut waits = false;
    for version in &timeline.versions {
        let mut postponed = Vec::new();
        let first_not_due = match version.terms.kind {
            PriceKind::OneTime => one_time(timeline, version, window, &mut segments)?,
            PriceKind::Recurring => pieces(timeline, version, window, |piece, is_held| {
                let until = piece.postponed_to.filter(|_| is_held);
                let segment = charge(timeline, version, piece)?;
                segments.push(match until.zip(window.billed_otherwise(&segment)) {
                    None => segment,
                    // As it is billed for now: it stays among the segments, for it counts towards commitments.
                    Some((until, amount)) => {
                        held.push(segment.key());
                        postponed.push((segment.period.start, until));
                        Segment { amount, ..segment }
                    }
                });
                Ok(())
            })?,
            PriceKind::Usage => pieces(timeline, version, window, |piece, running| {
                match running && !window.usage_early {
                    true => {
                        let start = piece.part.start;
                        held.push(Key { version: version.id, start });
                        // It is looked at again then: something may have been reported late.
                        let until = piece
                            .postponed_to
                            .filter(|to| piece.due_at <= window.as_of && *to > window.as_of);
                        postponed.extend(until.map(|until| (start, until)));
                    }
                    false => segments.push(metered(timeline, version, piece, window)?),
                }
                Ok(())
            })?,
        };
        postponed.extend(withdrawn_later(version, window, &mut held));
        waits |= !postponed.is_empty();
        for (start, due) in first_not_due.into_iter().chain(postponed) {
            settled_to = Some(settled_to.map_or(start, |s| s.min(start)));
            if due < UNKNOWN {
                next_bill_at = Some(next_bill_at.map_or(due, |n| n.min(due)));
            }
        }
    }
    commitments::settle(&mut segments, Known { timeline, recorded: window.recorded, held: &held })?;
    let settled_to = match settled_to {
        Some(start) if waits => before_all_that_contain(timeline, start)?,
        start => start.unwrap_or(window.from.max(window.as_of)),
    };
    Ok(Expected { segments, held, cursor: Cursor { settled_to, next_bill_at } })
}

/// The periods of usage prices that [`due`] will charge in this window: what must be measured first.
pub fn usage_periods<'a>(
    timeline: &'a Timeline,
    window: Window<'_>,
) -> Result<Vec<ToMeasure<'a>>, Unbillable> {
    let mut periods = Vec::new();
    for version in timeline.versions.iter().filter(|v| v.terms.kind == PriceKind::Usage) {
        pieces(timeline, version, window, |piece, running| {
            if !running || window.usage_early {
                let key = Key { version: version.id, start: piece.part.start };
                let chain = chains::before(timeline, version, (piece.part, piece.whole))?;
                let earlier = chain.earlier.into_iter().map(|(_, part)| part).collect();
                periods.push(ToMeasure { key, part: piece.part, earlier, version });
            }
            Ok(())
        })?;
    }
    Ok(periods)
}

/// A piece of a usage price that must be measured.
#[derive(Debug, Clone)]
pub struct ToMeasure<'a> {
    pub key: Key,
    pub part: Period,
    /// The pieces of the same price before it, which are measured with it.
    pub earlier: Vec<Period>,
    pub version: &'a ItemVersion,
}

/// Which segments are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Window<'r> {
    /// Segments that start earlier are settled.
    pub from: DateTime<Utc>,
    /// Segments due later are not charged yet.
    pub as_of: DateTime<Utc>,
    /// What is billed of the segments from `from` on.
    pub recorded: &'r [Recorded],
    /// What was measured; needs to hold what [`usage_periods`] gives.
    pub readings: &'r Readings,
    /// Charge what was used so far of periods that still run, too.
    pub usage_early: bool,
}

impl Window<'_> {
    /// The last start of a version's segments that is billed.
    fn billed_to(&self, version: ItemVersionId) -> Option<DateTime<Utc>> {
        self.recorded.iter().filter(|r| r.key.version == version).map(|r| r.key.start).max()
    }

    /// What is billed of a segment, where that is another amount than it is worth.
    fn billed_otherwise(&self, segment: &Segment<'_>) -> Option<Money> {
        let key = segment.key();
        let billed = self.recorded.iter().find(|r| r.key == key)?;
        (billed.amount != segment.amount).then_some(billed.amount)
    }

    fn is_billed(&self, key: Key) -> bool {
        self.recorded.iter().any(|r| r.key == key)
    }
}

/// Periods of an item that are billed at once: what began long ago is billed for so many, and then for the next, in a transaction of their own.
/// A daily plan since 1970, 20,458 periods by 2026: in 52 steps.
pub const AT_ONCE: i64 = 400;

/// Lines of invoices that one change may have billing look at again: canceled as of 1970, that daily plan would take back 20,458.
pub const LOOKED_AT_AGAIN: i64 = 5_000;

/// Up to where a timeline is billed at once, where that is not up to an instant: where the first item has had [`AT_ONCE`] periods that are not
/// billed.
///
/// # Errors
/// [`CalendarError::OutOfRange`](crate::domain::calendar::CalendarError::OutOfRange) outside the calendar's years.
pub fn caught_up_to(
    timeline: &Timeline,
    (from, as_of): (DateTime<Utc>, DateTime<Utc>),
    recorded: &[Recorded],
) -> Result<Option<DateTime<Utc>>, Unbillable> {
    // No period is shorter than a day.
    if as_of.signed_duration_since(from) <= TimeDelta::days(AT_ONCE) {
        return Ok(None);
    }
    let mut bound: Option<DateTime<Utc>> = None;
    for version in timeline.versions.iter().filter(|v| v.terms.kind != PriceKind::OneTime && !v.is_empty()) {
        let billed = recorded.iter().filter(|r| r.key.version == version.id).map(|r| r.key.start).max();
        let start = version.valid_from.max(from).max(billed.unwrap_or(from));
        if start >= as_of || version.valid_to.is_some_and(|to| to <= start) {
            continue;
        }
        let (n, _) = timeline.period_at(version, start)?;
        // Where the calendar ends there are no more.
        let Ok(last) = timeline.cycle_of(version).period(n + AT_ONCE) else { continue };
        bound = bound.into_iter().chain((last.start < as_of).then_some(last.start)).min();
    }
    Ok(bound)
}

/// Where billing stands before anything of a new timeline is billed.
pub fn first_look(timeline: &Timeline) -> Result<Cursor, Unbillable> {
    let from = timeline.versions.iter().map(|v| v.valid_from).min().unwrap_or(DateTime::<Utc>::MAX_UTC);
    let before_all = DateTime::<Utc>::MIN_UTC;
    let readings = Readings::new();
    let window = Window { from, as_of: before_all, recorded: &[], readings: &readings, usage_early: false };
    Ok(due(timeline, window)?.cursor)
}

/// Whether a charge in a window, other than of usage, is due and not billed at all: its run is still to come, or could not bill it.
pub fn is_overdue(timeline: &Timeline, window: Window<'_>) -> Result<bool, Unbillable> {
    let mut overdue = false;
    for version in timeline.versions.iter().filter(|v| v.terms.kind == PriceKind::Recurring) {
        pieces(timeline, version, window, |piece, _| {
            let key = Key { version: version.id, start: piece.part.start };
            if piece.due_at <= window.as_of && !window.is_billed(key) {
                // What is worth nothing is billed by no line.
                overdue |= !charge(timeline, version, piece)?.amount.is_zero();
            }
            Ok(())
        })?;
    }
    Ok(overdue)
}

/// Start and due instant of the first segment that is neither due nor billed.
type NotDue = Option<(DateTime<Utc>, DateTime<Utc>)>;

fn one_time<'a>(
    t: &Timeline,
    v: &'a ItemVersion,
    window: Window<'_>,
    out: &mut Vec<Segment<'a>>,
) -> Result<NotDue, Unbillable> {
    let at = v.valid_from;
    if at < window.from || v.valid_to.is_some_and(|end| end <= at) {
        return Ok(None);
    }
    let period = Period::new(at, at)?;
    let due_at = v.bounds.due_from.map_or(at, |from| from.max(at));
    if due_at > window.as_of && !window.is_billed(Key { version: v.id, start: at }) {
        return Ok(Some((at, due_at)));
    }
    let worth = worth::once(t, v)?;
    out.push(Segment::of(v, (period, due_at), worth));
    Ok(None)
}

/// Holds what is billed of a version beyond its end, where giving it back waits for a later invoice. Gives the first of it.
fn withdrawn_later(v: &ItemVersion, window: Window<'_>, held: &mut Vec<Key>) -> NotDue {
    let end = v.valid_to?;
    let due =
        v.bounds.end_due_from.max(v.bounds.due_from).max(Some(end)).filter(|due| *due > window.as_of)?;
    let beyond = window.recorded.iter().map(|r| r.key).filter(|key| key.version == v.id && key.start >= end);
    let first = beyond.clone().map(|key| key.start).min()?;
    held.extend(beyond);
    Some((first, due))
}

/// Visits the pieces into which the cycle cuts a version, those that are due or billed; and, of a usage price, the one that
/// is running. Says whether a piece runs still or, billed already, waits for a later invoice.
fn pieces(
    t: &Timeline,
    v: &ItemVersion,
    window: Window<'_>,
    mut visit: impl FnMut(Piece, bool) -> Result<(), Unbillable>,
) -> Result<NotDue, Unbillable> {
    let mut not_due = None;
    let cycle = t.cycle_of(v);
    let (mut n, mut period) = t.period_at(v, v.valid_from.max(window.from))?;
    let left = t.left_of(v)?;
    loop {
        let whole = period;
        n += 1;
        period = cycle.period(n)?;
        // A daily cycle has an empty period where its zone skipped a date: Apia never had 30 December 2011.
        if whole.is_empty() {
            continue;
        }
        let start = whole.start.max(v.valid_from);
        let end = v.valid_to.map_or(whole.end, |to| to.min(whole.end));
        if end <= start {
            return Ok(not_due);
        }
        if start < window.from {
            continue;
        }
        let part = Period::new(start, end)?;
        let due_at = v.due_at(part);
        let left = left.filter(|_| v.valid_to == Some(end) && end < whole.end);
        // What went on after a break and was cut then waits for that: the break itself changed nothing of it.
        let postponed_to =
            left.map_or_else(|| v.is_postponed_to(part, whole), |left| Some(left.postponed_to));
        let postponed = postponed_to.is_some_and(|to| to > window.as_of);
        let piece = Piece { part, whole, due_at, postponed_to, left };
        let is_billed = window.is_billed(Key { version: v.id, start });
        if due_at > window.as_of && v.terms.kind == PriceKind::Usage {
            if is_billed || (start <= window.as_of && window.usage_early) {
                visit(piece, true)?;
            }
            not_due = not_due.or(Some((start, due_at)));
            if window.billed_to(v.id).is_none_or(|billed| start >= billed) {
                return Ok(not_due);
            }
            continue;
        }
        if due_at > window.as_of && !is_billed {
            not_due = not_due.or(Some((start, due_at)));
            if window.billed_to(v.id).is_none_or(|billed| start > billed) {
                return Ok(not_due);
            }
            continue;
        }
        visit(piece, postponed && is_billed)?;
    }
}

/// A piece of a cycle's period.
struct Piece {
    part: Period,
    whole: Period,
    due_at: DateTime<Utc>,
    /// Until when what is billed of it stays as it is.
    postponed_to: Option<DateTime<Utc>>,
    /// Where its period, which went on after a break, was cut then.
    left: Option<Left>,
}

fn charge<'a>(t: &Timeline, v: &'a ItemVersion, piece: Piece) -> Result<Segment<'a>, Unbillable> {
    let (part, ends_by) = match piece.left {
        Some(left) => (Period::new(piece.part.start, left.at)?, left.basis),
        None => (piece.part, v.bounds.ends_by),
    };
    let worth = worth::part(t, v, (part, piece.whole), ends_by)?;
    let deferred = v.terms.billing == Billing::InAdvance;
    let chained = match chains::is_chained(v) {
        true => chained(chains::before(t, v, (piece.part, piece.whole))?, None),
        false => None,
    };
    let segment = Segment { deferred, chained, ..Segment::of(v, (part, piece.due_at), worth) };
    Ok(Segment { ends_by: piece.left.map(|left| left.basis).or(segment.ends_by), ..segment })
}

/// What a piece rests on beside its own, where there is any.
fn chained(chain: Chain, summary: Option<Summary>) -> Option<Box<Chained>> {
    let earlier = chain.earlier.iter().map(|(version, part)| Key { version: *version, start: part.start });
    let chained = Chained { earlier: earlier.collect(), summary, share: chain.share, counted: None };
    (chained != Chained::default()).then(|| Box::new(chained))
}

/// The charge of what was measured: what it adds to the pieces of the same price before it in the period.
fn metered<'a>(
    t: &Timeline,
    v: &'a ItemVersion,
    piece: Piece,
    window: Window<'_>,
) -> Result<Segment<'a>, Unbillable> {
    let key = Key { version: v.id, start: piece.part.start };
    let (Some(metering), Some(reading)) = (v.terms.metering.as_deref(), window.readings.get(&key)) else {
        return Err(Unbillable::NotMeasured);
    };
    let chain = chains::before(t, v, (piece.part, piece.whole))?;
    let terms = UsageTerms::of(v.model(), metering, chain.share)?;
    let price = terms.price(&reading.meter, t.currency);
    let through = price.summary(&reading.measured)?;
    let before = reading.before.as_ref().map(|before| price.summary(before)).transpose()?;
    let worth = worth::used(&price, (before.as_ref(), &through))?;
    let due_at = piece.due_at.min(window.as_of.max(piece.part.start));
    let (quantity, events) = through.beyond(before.as_ref())?;
    let metered = Some(Metered { quantity, events, recorded_to: reading.recorded_to });
    let (detail, chained) = (through.detail, chained(chain, before));
    Ok(Segment { metered, detail, chained, ..Segment::of(v, (piece.part, due_at), worth) })
}
