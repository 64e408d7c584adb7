//! Which pieces of a period are one price? What is the same price, cut by a pause, a change or a new version, is rated once over the
//! whole period, and each piece gets the difference of two cumulative amounts.
//!
//! 100 units included, 1.00 each above them: 100 used on 5 January, a break of a minute on the 6th, 100 used on the 20th. The piece up
//! to the 6th comes to 0.00; both together come to 100.00, so the second piece is worth 100.00.
//!
//! The same price is: of the same kind and code, with the same model, meter and terms. Other terms begin a price of their own.

use chrono::{DateTime, Utc};

use crate::domain::calendar::{CalendarError, Period};
use crate::domain::catalog::{Metering, PriceKind, PriceModel};
use crate::domain::ids::ItemVersionId;
use crate::domain::money::Currency;
use crate::domain::proration::Share;
use crate::domain::subscriptions::{ItemVersion, Timeline};

/// What was had of the same price before a piece, in the same period.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chain {
    /// In order of time.
    pub earlier: Vec<(ItemVersionId, Period)>,
    /// What of a whole period its terms are for; `None`: all of it.
    pub share: Option<Share>,
}

/// Whether a version's pieces are rated together: those of usage, and the commitments that usage counts towards.
#[must_use]
pub fn is_chained(version: &ItemVersion) -> bool {
    version.terms.kind == PriceKind::Usage || matches!(version.model(), PriceModel::Commitment { .. })
}

/// Whether both are the same price.
fn is_same_price(a: &ItemVersion, b: &ItemVersion, currency: Currency) -> bool {
    let terms = |v: &ItemVersion| v.terms.metering.clone();
    let same_terms = match (terms(a).as_deref(), terms(b).as_deref()) {
        (None, None) => true,
        (Some(a), Some(b)) => is_same_metering(a, b, currency),
        _ => false,
    };
    a.terms.kind == b.terms.kind && a.terms.code == b.terms.code && same_terms && a.model() == b.model()
}

/// Maximums in other currencies are no terms of this subscription.
fn is_same_metering(a: &Metering, b: &Metering, currency: Currency) -> bool {
    let plain = |m: &Metering| Metering { maximum: Default::default(), ..m.clone() };
    a == b || (a.maximum.get(&currency) == b.maximum.get(&currency) && plain(a) == plain(b))
}

/// What comes before a piece of a version, which is a part of a period of its cycle.
///
/// # Errors
/// [`CalendarError::OutOfRange`] outside the calendar's years.
pub fn before(
    timeline: &Timeline,
    version: &ItemVersion,
    (part, whole): (Period, Period),
) -> Result<Chain, CalendarError> {
    let others = || {
        let may_precede = |u: &&ItemVersion| {
            u.id != version.id && is_chained(u) && !u.is_empty() && u.valid_from < part.start
        };
        let same = |u: &&ItemVersion| is_same_price(u, version, timeline.currency);
        timeline.versions.iter().filter(may_precede).filter(same)
    };
    let mut chain = Chain { earlier: Vec::new(), share: share(timeline, version, (part, whole)) };
    if others().next().is_none() {
        return Ok(chain);
    }
    let mut first: Option<(DateTime<Utc>, Option<Share>)> = None;
    for span in timeline.spans(timeline.cycle_of(version), whole)? {
        for other in others() {
            let Some(earlier) = timeline.part_in(other, &span)?.filter(|earlier| earlier.end <= part.start)
            else {
                continue;
            };
            if first.is_none_or(|(start, _)| earlier.start < start) {
                first = Some((earlier.start, share(timeline, other, (earlier, span.whole))));
            }
            chain.earlier.push((other.id, earlier));
        }
    }
    chain.earlier.sort_unstable_by_key(|(id, earlier)| (earlier.start, *id));
    if let Some((_, share)) = first {
        chain.share = share;
    }
    Ok(chain)
}

/// What of a whole period is left where a price that counts by days begins within it.
fn share(timeline: &Timeline, version: &ItemVersion, (part, whole): (Period, Period)) -> Option<Share> {
    if !version.bounds.usage_by_days || part.start <= whole.start || version.valid_from != part.start {
        return None;
    }
    let zone = timeline.cycle_of(version).zone();
    let (numerator, denominator) =
        (zone.days_between(part.start, whole.end), zone.days_between(whole.start, whole.end));
    (numerator < denominator).then_some(Share { numerator, denominator })
}

/// Where billing has to look from so that each period which a piece from `from` on belongs to is looked at whole: `None` when no
/// piece of usage comes before `from` in such a period.
///
/// # Errors
/// [`CalendarError::OutOfRange`] outside the calendar's years.
pub fn looks_from(timeline: &Timeline, from: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, CalendarError> {
    let chained = || timeline.versions.iter().filter(|v| is_chained(v) && !v.is_empty());
    // Only what is cut has an end: most is not.
    if !chained().any(|v| v.valid_from < from && v.valid_to.is_some()) {
        return Ok(None);
    }
    let mut first = from;
    for version in chained().filter(|v| v.valid_to.is_none_or(|to| to > from)) {
        let (_, whole) = timeline.period_at(version, version.valid_from.max(from))?;
        for span in timeline.spans(timeline.cycle_of(version), whole)? {
            for other in chained() {
                let part = timeline.part_in(other, &span)?;
                first = part.map_or(first, |part| part.start.min(first));
            }
        }
    }
    Ok((first < from).then_some(first))
}
