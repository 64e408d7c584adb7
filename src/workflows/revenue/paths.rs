//! When is had what was charged, and what is given back of it? On other days than those of the line, where a break that extends moves them, or where
//! what was credited or given up of a service is known to end with it: its schedules are moved, from today on.
//!
//! 31.00 for January, a break from the 17th to the 27th: told on the 17th, 15.00 wait; on the 27th they are earned until 10 February.

use std::collections::hash_map::Entry as Known;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use super::fulfil::open_day;
use crate::domain::billing::Line;
use crate::domain::billing::piece::Key;
use crate::domain::calendar::{Period, Zone};
use crate::domain::ids::{InvoiceId, SubscriptionId};
use crate::domain::invoicing::Status;
use crate::domain::issuing::Sheet;
use crate::domain::payments::Refused as Sums;
use crate::domain::revenue::moved::{Path, moved};
use crate::domain::revenue::{Days, Entry, Schedule};
use crate::domain::subscriptions::breaks::had::{Had, Paid};
use crate::domain::subscriptions::breaks::pause::{Pause, PauseMode, Refused};
use crate::domain::subscriptions::{Subscription, Timeline};
use crate::storage::customers::Held;
use crate::storage::revenue::charges::{self, Charged};
use crate::storage::{Tx, billing, invoicing, revenue, subscriptions};
use crate::workflows::{Error, Holding, Scope};

/// Lines that are about to be issued, as far as their schedules may move.
#[derive(Debug, Default)]
pub struct Issued {
    charges: Vec<(SubscriptionId, Key)>,
    given_back: Vec<Key>,
}

impl Issued {
    /// Of these invoices, those that are issued.
    #[must_use]
    pub fn of(sheets: &[Sheet]) -> Issued {
        let mut issued = Issued::default();
        for sheet in sheets.iter().filter(|sheet| sheet.invoice.status != Status::Draft) {
            for line in sheet.lines.iter().filter(|line| line.deferred) {
                let (Some(key), Some(subscription)) = (key_of(line), line.subscription_id) else { continue };
                issued.charges.push((subscription, key));
                if line.revision > 0 {
                    issued.given_back.push(key);
                }
            }
        }
        issued
    }

    /// Moves their schedules, which are written.
    ///
    /// # Errors
    /// Sums that do not fit; storage.
    pub fn move_schedules(self, tx: &mut Tx<'_>, scope: &Holding<'_>) -> Result<(), Error> {
        let named: BTreeSet<SubscriptionId> = self.charges.iter().map(|(id, _)| *id).collect();
        let named: Vec<SubscriptionId> = named.into_iter().collect();
        let interrupted = charges::interrupted(tx, scope.tenant_id, &named)?;
        let mut keys = charges::changed(tx, scope.tenant_id, &self.given_back)?;
        keys.extend(self.charges.iter().filter(|(id, _)| interrupted.contains(id)).map(|(_, key)| *key));
        follow(tx, scope, &scope.held, &keys)
    }
}

/// Moves what was charged for a subscription whose timeline was another before.
///
/// # Errors
/// Sums that do not fit; storage.
pub fn of_subscription(
    tx: &mut Tx<'_>,
    (scope, held): (&Scope, &Held),
    (before, after): ((&Subscription, &Timeline), (&Subscription, &Timeline)),
) -> Result<(), Error> {
    let extends = |pause: Option<Pause>| pause.is_some_and(|pause| pause.mode == PauseMode::Extend);
    let all = [before, after];
    let is_it = |(subscription, timeline): &(&Subscription, &Timeline)| {
        extends(subscription.pause) || !timeline.later_cycles.is_empty()
    };
    if !all.iter().any(is_it) {
        return Ok(());
    }
    let versions: BTreeSet<_> =
        all.iter().flat_map(|(_, timeline)| timeline.versions.iter().map(|version| version.id)).collect();
    let keys = charges::keys(tx, scope.tenant_id, &versions.into_iter().collect::<Vec<_>>())?;
    follow(tx, scope, held, &keys)
}

/// Moves what is left of the lines of an invoice of which something was taken back.
///
/// # Errors
/// Sums that do not fit; storage.
pub fn of_invoice(tx: &mut Tx<'_>, scope: &Holding<'_>, id: InvoiceId) -> Result<(), Error> {
    let keys = keys_of(tx, scope, id)?;
    follow(tx, scope, &scope.held, &keys)
}

/// The lines of an invoice whose service ended before the end of what was charged: by their numbers, the first day on which nothing of it is had.
///
/// # Errors
/// Storage.
pub fn ended(tx: &mut Tx<'_>, scope: &Holding<'_>, id: InvoiceId) -> Result<BTreeMap<i32, NaiveDate>, Error> {
    let keys = keys_of(tx, scope, id)?;
    let mut ended = BTreeMap::new();
    each(tx, (scope, &scope.held), &keys, |_, sold, group| {
        let on = sold.ended_on(group)?;
        let charges = group.iter().filter(|one| one.id.invoice_id == id && one.line.amount.is_positive());
        ended.extend(charges.filter_map(|one| Some((one.id.line_no, on?))));
        Ok(())
    })?;
    Ok(ended)
}

fn keys_of(tx: &mut Tx<'_>, scope: &Scope, id: InvoiceId) -> Result<Vec<Key>, Error> {
    let lines = invoicing::lines(tx, scope.tenant_id, id)?;
    Ok(lines.iter().filter(|line| line.deferred).filter_map(key_of).collect())
}

fn key_of(line: &Line) -> Option<Key> {
    line.item_version_id.map(|version| Key { version, start: line.period.start })
}

fn follow(tx: &mut Tx<'_>, scope: &Scope, held: &Held, keys: &[Key]) -> Result<(), Error> {
    let mut added = Vec::new();
    each(tx, (scope, held), keys, |tx, sold, group| {
        added.extend(sold.moves(tx, group)?);
        Ok(())
    })?;
    Ok(revenue::insert(tx, held, &added)?)
}

/// Looks at what was charged under each of these keys, beside what was sold.
fn each(
    tx: &mut Tx<'_>,
    (scope, held): (&Scope, &Held),
    keys: &[Key],
    mut look: impl FnMut(&mut Tx<'_>, &Sold<'_>, &[Charged]) -> Result<(), Error>,
) -> Result<(), Error> {
    if keys.is_empty() {
        return Ok(());
    }
    let charged = charges::of_keys(tx, scope.tenant_id, keys)?;
    let mut all_sold: HashMap<SubscriptionId, Sold<'_>> = HashMap::new();
    for group in charged.chunk_by(|a, b| key_of(&a.line) == key_of(&b.line)) {
        let Some(id) = group.iter().find_map(|one| one.line.subscription_id) else { continue };
        let sold = match all_sold.entry(id) {
            Known::Occupied(known) => known.into_mut(),
            Known::Vacant(unknown) => unknown.insert(Sold::read(tx, (scope, held), id)?),
        };
        look(tx, sold, group)?;
    }
    Ok(())
}

/// What was sold, as it is now.
struct Sold<'a> {
    scope: &'a Scope,
    held: &'a Held,
    subscription: Subscription,
    timeline: Timeline,
}

impl<'a> Sold<'a> {
    fn read(
        tx: &mut Tx<'_>,
        (scope, held): (&'a Scope, &'a Held),
        id: SubscriptionId,
    ) -> Result<Sold<'a>, Error> {
        let subscription = subscriptions::find(tx, scope.tenant_id, id)?;
        let timeline = billing::timeline(tx, scope.tenant_id, id)?.billable.timeline;
        Ok(Sold { scope, held, subscription, timeline })
    }

    /// Since when it is in a break whose end nobody knows.
    fn open_since(&self) -> Option<DateTime<Utc>> {
        let pause = self.subscription.pause.filter(|_| self.subscription.end_at.is_none())?;
        (pause.mode == PauseMode::Extend && pause.until.is_none()).then_some(pause.from)
    }

    fn had(&self, line: &Line) -> Result<Option<Had>, Error> {
        let Some(version) = line.item_version_id else { return Ok(None) };
        let (period, is_first) = (line.printed_period(), line.revision == 0);
        let had = self.timeline.as_had(Paid { version, period, is_first }, self.open_since());
        Ok(Some(had.map_err(Refused::from)?))
    }

    /// Where the service ends before all that was charged was had, and what is left is given back: the first day on which nothing of it is had,
    /// where that has come.
    fn ended_on(&self, group: &[Charged]) -> Result<Option<NaiveDate>, Error> {
        let gives_back = |one: &Charged| !one.is_void && one.line.amount.is_negative();
        let Some(charge) = group.iter().find(|one| one.line.revision == 0) else { return Ok(None) };
        let Some(version) = charge.line.item_version_id.filter(|_| group.iter().any(gives_back)) else {
            return Ok(None);
        };
        let end = self.timeline.cut_at(version, charge.line.printed_period()).map_err(Refused::from)?;
        let end = end.filter(|end| *end <= self.scope.now);
        Ok(end.map(|end| self.zone(charge).local_date(end)))
    }

    fn zone(&self, one: &Charged) -> Zone {
        let buyer = self.held.get(one.customer_id);
        buyer.and_then(|buyer| buyer.zone).unwrap_or(self.scope.zone)
    }

    /// What moves of a charge and of what was given back of it.
    fn moves(&self, tx: &mut Tx<'_>, group: &[Charged]) -> Result<Vec<Schedule>, Error> {
        let ended_on = if is_changed(group) { self.ended_on(group)? } else { None };
        let mut added = Vec::new();
        for one in group {
            let Some(had) = self.had(&one.line)? else { continue };
            let had = path_of(&had, self.zone(one));
            let path = match ended_on {
                Some(on) if one.line.revision > 0 => Path::over(on),
                Some(on) => had.cut(on),
                None => had,
            };
            if is_as_it_was(one, &path) {
                continue;
            }
            let today = self.scope.zone.local_date(self.scope.now);
            let booked_on = open_day(tx, self.scope, (one.entity_id, today))?;
            added.extend(moved(&one.schedules, &path, booked_on).map_err(Sums::from)?);
        }
        Ok(added)
    }
}

/// Whether something of a charge was credited, or given up. What was credited as a whole has nothing left to end: another document stands in for it.
fn is_changed(group: &[Charged]) -> bool {
    let charges = group.iter().filter(|one| one.line.amount.is_positive());
    let left = charges.flat_map(|one| &one.schedules).map(|schedule| i128::from(schedule.amount.minor()));
    if left.sum::<i128>() == 0 {
        return false;
    }
    let is_it = |schedule: &Schedule| {
        matches!(schedule.entry, Entry::Note(..) | Entry::GivenUp { .. } | Entry::Allocated { .. })
    };
    group.iter().any(|one| one.schedules.iter().any(is_it))
}

/// Whether nothing of a line is to move, and nothing ever did.
fn is_as_it_was(one: &Charged, path: &Path) -> bool {
    let own = one.schedules.iter().find(|schedule| schedule.entry == Entry::Line);
    let was_moved = one.schedules.iter().any(|schedule| matches!(schedule.entry, Entry::Moved { .. }));
    own.is_none_or(|own| !was_moved && *path == Path::of(own.days))
}

fn path_of(had: &Had, zone: Zone) -> Path {
    let days = |period: &Period| Days::new(zone.local_date(period.start), zone.local_date(period.end));
    let stretches: Vec<Days> = had.stretches.iter().map(days).collect();
    let is_interrupted = stretches.len() > 1 || had.waits.is_some();
    let paid = Some(days(&had.paid)).filter(|_| is_interrupted);
    Path { stretches, waits: had.waits.as_ref().map(days), paid }
}
