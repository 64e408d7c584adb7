//! Who schedules what becomes of an invoice? Whoever writes it, in the same transaction: credited, voided, given up, paid after all.
//!
//! An invoice of three lines, one credited in part: three schedules, then one more. Those that it begins with: [`issued`](super::issued).

use chrono::NaiveDate;

use crate::domain::credits::note::{NoteLine, Taken};
use crate::domain::credits::notes::CreditNote;
use crate::domain::ids::InvoiceId;
use crate::domain::invoicing::Invoice;
use crate::domain::ledger::SourceKind;
use crate::domain::ledger::receipts::Restored;
use crate::domain::money::{Money, MoneyError};
use crate::domain::payments::Refused;
use crate::domain::revenue::{Entry, Schedule, documents, fulfilment, given_up};
use crate::storage::credits::credit_notes;
use crate::storage::revenue::periods;
use crate::storage::{Tx, ledger, revenue};
use crate::workflows::revenue::{contracts, fulfil, paths};
use crate::workflows::{Error, Holding};

/// What a credit note takes back, as its lines are deferred: what waits to be fulfilled is, though it says no period.
///
/// # Errors
/// Storage.
pub fn as_deferred(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (id, taken): (InvoiceId, &[NoteLine]),
) -> Result<Vec<NoteLine>, Error> {
    let known = of_lines(revenue::of_invoice(tx, scope.tenant_id, id)?);
    let waits = |line_no| {
        known.iter().any(|schedule| schedule.line.line_no == line_no && schedule.rule.is_on_fulfilment())
    };
    let deferred = |line: &NoteLine| line.deferred || waits(line.invoice_line_no);
    Ok(taken.iter().map(|line| NoteLine { deferred: deferred(line), ..line.clone() }).collect())
}

/// Schedules what a credit note takes back, over the days of the lines that it takes from.
///
/// # Errors
/// Sums that do not fit; storage.
pub fn credited(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (note, taken): (&CreditNote, &[NoteLine]),
) -> Result<(), Error> {
    let known = revenue::of_invoice(tx, scope.tenant_id, note.invoice_id)?;
    let numbers = known.iter().map(|schedule| schedule.entry.number());
    let number = numbers.max().unwrap_or(0).max(0).checked_add(1);
    let number = number.ok_or(MoneyError::Overflow).map_err(Refused::from)?;
    let booked_on = scope.zone.local_date(note.issued_at);
    let schedules = documents::of_note((note.id, number), taken, &of_lines(known), booked_on);
    revenue::insert(tx, &scope.held, &schedules.map_err(Refused::from)?)?;
    contracts::changed(tx, scope, note.invoice_id)?;
    paths::of_invoice(tx, scope, note.invoice_id)?;
    fulfil::of_invoice(tx, scope, (note.invoice_id, note.entity_id), booked_on)
}

/// Schedules that an invoice is void.
///
/// # Errors
/// Sums that do not fit; storage.
pub fn voided(tx: &mut Tx<'_>, scope: &Holding<'_>, invoice: &Invoice) -> Result<(), Error> {
    let known = revenue::of_invoice(tx, scope.tenant_id, invoice.id)?;
    let booked_on = scope.zone.local_date(scope.now);
    let schedules = documents::of_void(&of_lines(known), booked_on).map_err(Refused::from)?;
    revenue::insert(tx, &scope.held, &schedules)?;
    contracts::changed(tx, scope, invoice.id)?;
    paths::of_invoice(tx, scope, invoice.id)?;
    fulfil::of_invoice(tx, scope, (invoice.id, invoice.entity_id), booked_on)
}

/// Refuses to replace what waits to be fulfilled: what was fulfilled of it would not be of what takes its place.
///
/// # Errors
/// [`fulfilment::Refused::Replaced`]; storage.
pub fn check_replaceable(tx: &mut Tx<'_>, scope: &Holding<'_>, id: InvoiceId) -> Result<(), Error> {
    let known = revenue::of_invoice(tx, scope.tenant_id, id)?;
    let waits = |one: &Schedule| one.rule.is_on_fulfilment() && one.waits().is_none();
    match known.iter().any(waits) {
        true => Err(fulfilment::Refused::Replaced.into()),
        false => Ok(()),
    }
}

/// Schedules that what is due of an invoice is given up, and gives what of it was not earned.
///
/// # Errors
/// Sums that do not fit; storage.
pub fn given_up(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (invoice, due): (&Invoice, Money),
) -> Result<Money, Error> {
    let ended = paths::ended(tx, scope, invoice.id)?;
    let known = revenue::of_invoice(tx, scope.tenant_id, invoice.id)?;
    let credited = credit_notes::before(tx, scope.tenant_id, (invoice.id, invoice.currency))?.by_line;
    let decide = || {
        let notes = credited.values().map(Taken::total).collect::<Result<Vec<_>, _>>()?;
        let left = invoice.totals.total.checked_sub(Money::sum(invoice.currency, notes)?)?;
        given_up::given_up(&known, (due, left), (scope.zone.local_date(scope.now), &ended))
    };
    let schedules = decide().map_err(Refused::from)?;
    revenue::insert(tx, &scope.held, &schedules)?;
    let taken = given_up::sum(&schedules, invoice.currency).and_then(Money::negated);
    Ok(taken.map_err(Refused::from)?)
}

/// Schedules that so much of what was given up of an invoice, of so much in all, is not any more from a day on, and not before it was given up.
///
/// # Errors
/// Sums that do not fit; storage.
pub fn restored(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    invoice: &Invoice,
    (share, day): ((Money, Money), NaiveDate),
) -> Result<Restored, Error> {
    let known = revenue::of_invoice(tx, scope.tenant_id, invoice.id)?;
    let posted = ledger::of_source(tx, scope.tenant_id, invoice.id.uuid())?;
    let given_up = posted.iter().filter(|transfer| transfer.source_kind == SourceKind::InvoiceWrittenOff);
    let counts_on = given_up.map(|transfer| transfer.effective_on).fold(day, NaiveDate::max);
    // As the ledger: what belongs to a closed period counts on the first day that is open.
    let open_from = periods::books(tx, scope.tenant_id, invoice.entity_id)?.open_from;
    let booked_on = open_from.map_or(counts_on, |from| counts_on.max(from));
    let schedules = given_up::restored(&known, share, booked_on).map_err(Refused::from)?;
    revenue::insert(tx, &scope.held, &schedules)?;
    // A break that began since is of it again.
    paths::of_invoice(tx, scope, invoice.id)?;
    if !schedules.is_empty() {
        periods::look_again(tx, (scope.tenant_id, invoice.entity_id), (booked_on, scope.now))?;
    }
    let deferred = given_up::sum(&schedules, invoice.currency).map_err(Refused::from)?;
    Ok(Restored { deferred, rated_on: ledger::rate_day(tx, scope.tenant_id, invoice.id)?, counts_on })
}

/// The lines' own.
fn of_lines(mut known: Vec<Schedule>) -> Vec<Schedule> {
    known.retain(|schedule| schedule.entry == Entry::Line);
    known
}
