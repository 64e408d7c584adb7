//! What would be counted if it came in today? Events that waited for their customer or meter are counted, and the roll-ups of a range are
//! added up again from its events.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};

use crate::domain::calendar::Period;
use crate::domain::ids::CustomerId;
use crate::storage::Tx;
use crate::storage::usage::{self, Kept, Lock, Stored};
use crate::workflows::{Error, Scope};

/// What a replay did, or would do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Events that waited and count now.
    pub counted: u64,
    /// Events that go on waiting: there is no such customer or meter yet.
    pub still_kept: u64,
    /// Events that go on waiting because a meter cannot read them.
    pub unreadable: u64,
    /// Hours of a meter and customer that were added up again.
    pub hours: u64,
}

/// Replays a range of time. Nothing is ingested for the tenant meanwhile.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, period: Period) -> Result<Report, Error> {
    usage::lock_meters(tx, scope.tenant_id)?;
    let mut report = count_waiting(tx, scope, period)?;
    for meter in usage::with_type(tx, scope.tenant_id, None)? {
        report.hours += usage::rebuild_meter(tx, scope.tenant_id, (&meter, Some(period)))?;
    }
    Ok(report)
}

fn count_waiting(tx: &mut Tx<'_>, scope: &Scope, period: Period) -> Result<Report, Error> {
    let waiting = usage::waiting(tx, scope.tenant_id, period)?;
    let subjects: HashSet<&str> = waiting.iter().map(|kept| kept.event.subject.as_str()).collect();
    let subjects: Vec<&str> = subjects.into_iter().collect();
    let customers = usage::lock_subjects(tx, scope.tenant_id, (&subjects, Lock::Alone))?;
    let meters = usage::with_type(tx, scope.tenant_id, None)?;
    let mut report = Report::default();
    let mut counted: Vec<(CustomerId, &Kept)> = Vec::new();
    for kept in &waiting {
        let mut looking = meters.iter().filter(|meter| meter.event_type == kept.event.type_).peekable();
        let (Some(customer), true) = (customers.get(&kept.event.subject), looking.peek().is_some()) else {
            report.still_kept += 1;
            continue;
        };
        if looking.any(|meter| meter.read(&kept.event.data).is_err()) {
            report.unreadable += 1;
            continue;
        }
        report.counted += 1;
        counted.push((*customer, kept));
    }
    let stored: Vec<Stored<'_>> = counted
        .iter()
        .map(|(customer_id, kept)| Stored {
            key: kept.key,
            customer_id: *customer_id,
            at: kept.at,
            event: &kept.event,
        })
        .collect();
    if stored.is_empty() {
        return Ok(report);
    }
    usage::make_for(tx, stored.iter().map(|stored| stored.at))?;
    usage::copy_in(tx, scope.tenant_id, (&stored, scope.now))?;
    let released: Vec<_> = counted.iter().map(|(customer, kept)| (kept.key, *customer)).collect();
    usage::release(tx, scope.tenant_id, &released)?;
    let mut earliest: BTreeMap<CustomerId, DateTime<Utc>> = BTreeMap::new();
    for (customer, kept) in &counted {
        let first = earliest.entry(*customer).or_insert(kept.at);
        *first = kept.at.min(*first);
    }
    usage::changed_from(tx, scope.tenant_id, &earliest.into_iter().collect::<Vec<_>>())?;
    Ok(report)
}
