//! What was used of what is due? The readings of all usage segments of a range of customers: one question for all of them.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Billable, PriceBook};
use crate::domain::billing::piece::{Key, Reading, Readings};
use crate::domain::billing::segments::{self, ToMeasure, Window};
use crate::domain::billing::unbillable::Unbillable;
use crate::domain::calendar::{CalendarError, Period};
use crate::domain::ids::{CustomerId, SubscriptionId, TenantId};
use crate::domain::rating::usage::{Measured, needs_single_events};
use crate::domain::subscriptions::PriceTerms;
use crate::domain::usage::{Aggregation, Meter};
use crate::storage::usage::{self, Ask};
use crate::storage::{StorageError, Tx};

/// As of when, and how.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub tenant_id: TenantId,
    pub as_of: DateTime<Utc>,
    /// A period that is not over is measured up to here: what is held is not held longer yet.
    pub now: DateTime<Utc>,
    /// Of which subscriptions periods that still run, too.
    pub usage_early: Early,
}

/// Of which subscriptions usage is read before their periods are over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Early {
    OfNone,
    OfOne(SubscriptionId),
    OfAll,
}

impl Early {
    fn is_of(self, id: SubscriptionId) -> bool {
        match self {
            Early::OfNone => false,
            Early::OfOne(one) => one == id,
            Early::OfAll => true,
        }
    }
}

impl From<Option<SubscriptionId>> for Early {
    fn from(one: Option<SubscriptionId>) -> Early {
        one.map_or(Early::OfNone, Early::OfOne)
    }
}

/// One usage segment to read: up to its end, or up to its start.
struct Wanted {
    key: Key,
    customer_id: CustomerId,
    meter: Arc<Meter>,
    stretches: Vec<Period>,
    /// Only what comes before the segment, of the same price and period.
    is_before: bool,
    single_events: bool,
}

impl Wanted {
    fn ask(&self) -> Ask<'_> {
        Ask { customer_id: self.customer_id, meter: &self.meter, stretches: &self.stretches }
    }
}

/// Reads the meters of every usage segment that these subscriptions owe.
pub fn read(
    tx: &mut Tx<'_>,
    look: Look,
    billables: &[Billable],
    book: &PriceBook,
) -> Result<Readings, StorageError> {
    let mut wanted = Vec::new();
    for billable in billables {
        // What cannot be cut into periods is found again, and reported, when the customer is billed.
        let _ = collect(look, billable, book, &mut wanted);
    }
    if wanted.is_empty() {
        return Ok(Readings::new());
    }
    let asks: Vec<Ask<'_>> = wanted.iter().map(Wanted::ask).collect();
    let measured = usage::measure(tx, look.tenant_id, &asks)?;
    let single: Vec<Ask<'_>> = wanted.iter().filter(|one| one.single_events).map(Wanted::ask).collect();
    let mut values = match single.is_empty() {
        true => Vec::new(),
        false => usage::values(tx, look.tenant_id, &single)?,
    }
    .into_iter();
    let mut readings = Readings::with_capacity(wanted.len());
    for (one, usage) in wanted.iter().zip(measured) {
        let values = if one.single_events { values.next().unwrap_or_default() } else { Vec::new() };
        let measured = Measured { usage, values };
        if one.is_before {
            // It follows the segment's own.
            readings.entry(one.key).and_modify(|reading| reading.before = Some(measured));
            continue;
        }
        let meter = Arc::clone(&one.meter);
        readings.insert(one.key, Reading { meter, measured, before: None, recorded_to: look.now });
    }
    Ok(readings)
}

/// A period that is not over as far as it is known: what happened at this very instant has happened; what is held is not held longer yet.
fn known_of(period: Period, meter: &Meter, now: DateTime<Utc>) -> Result<Period, CalendarError> {
    let known_to = match meter.aggregation {
        Aggregation::WeightedSum => now,
        _ => now + TimeDelta::microseconds(1),
    };
    Period::new(period.start, period.end.min(known_to.max(period.start)))
}

fn collect(
    look: Look,
    billable: &Billable,
    book: &PriceBook,
    wanted: &mut Vec<Wanted>,
) -> Result<(), Unbillable> {
    let none = Readings::new();
    let window = Window {
        from: billable.settled_to,
        as_of: billable.billed_to(look.as_of),
        recorded: &billable.recorded,
        readings: &none,
        usage_early: look.usage_early.is_of(billable.timeline.subscription_id),
    };
    for ToMeasure { key, part, earlier, version } in segments::usage_periods(&billable.timeline, window)? {
        let terms: &PriceTerms = &version.terms;
        let Some(meter) = book.meter(terms) else { continue };
        let single_events = needs_single_events(version.model());
        let known = |part: Period| known_of(part, meter, look.now);
        let mut stretches = vec![known(part)?];
        let before = earlier.into_iter().map(known).collect::<Result<Vec<Period>, _>>()?;
        if !before.is_empty() {
            stretches.extend(&before);
            stretches = Period::joined(stretches);
        }
        let one = |stretches, is_before| Wanted {
            key,
            customer_id: billable.consumer,
            meter: Arc::clone(meter),
            stretches,
            is_before,
            single_events,
        };
        wanted.push(one(stretches, false));
        if !before.is_empty() {
            wanted.push(one(Period::joined(before), true));
        }
    }
    Ok(())
}
