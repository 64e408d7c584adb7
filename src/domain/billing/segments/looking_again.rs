//! From where on does billing look again? From the first segment that contains or follows what is another now.
//!
//! 16 units of 12 January are voided on 22 February: the segment of usage that began on 1 January is looked at again.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::billing::expected::Cursor;
use crate::domain::billing::unbillable::Unbillable;
use crate::domain::catalog::PriceKind;
use crate::domain::subscriptions::{ItemVersion, Timeline};

/// Where billing has to look again once something about an instant or later is another: the start of the first segment
/// that contains or follows it; `None` when there is none.
pub fn first_ending_after(
    timeline: &Timeline,
    instant: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Unbillable> {
    let mut first: Option<DateTime<Utc>> = None;
    // What ended where it went on after a break is worth something where it was paid.
    let is_charged = |v: &&ItemVersion| !v.is_empty() || timeline.paid_by(v).is_some();
    for v in timeline.versions.iter().filter(is_charged) {
        let start = match v.terms.kind {
            PriceKind::OneTime if v.valid_from < instant => continue,
            PriceKind::OneTime => v.valid_from,
            _ if v.valid_to.is_some_and(|to| to <= instant) => continue,
            _ => timeline.charged_from(v, instant)?,
        };
        first = Some(first.map_or(start, |f| f.min(start)));
    }
    Ok(first)
}

/// An instant that no segment contains, at or before another: what waits may begin in the middle of other items' segments, and what comes late for
/// those would be taken for something that is still looked at.
pub(super) fn before_all_that_contain(
    timeline: &Timeline,
    instant: DateTime<Utc>,
) -> Result<DateTime<Utc>, Unbillable> {
    let mut settled_to = instant;
    while let Some(start) = first_ending_after(timeline, settled_to)?.filter(|start| *start < settled_to) {
        settled_to = start;
    }
    Ok(settled_to)
}

/// Where billing stands once a timeline is changed at an instant by what falls due at another: it looks again from the
/// segment of `before` on that the change cuts, or that ends there and may be cut by another basis now; not later than when
/// the change falls due.
pub fn reopened(
    before: &Timeline,
    cursor: Cursor,
    (at, due_from): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Cursor, Unbillable> {
    let first = first_ending_after(before, at - TimeDelta::microseconds(1))?.unwrap_or(at);
    Ok(Cursor {
        settled_to: cursor.settled_to.min(first).min(at),
        next_bill_at: Some(cursor.next_bill_at.map_or(due_from, |next| next.min(due_from))),
    })
}
