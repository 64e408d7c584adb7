//! Who schedules what a document brings? Whoever writes it, in the same transaction: issued, credited or voided.
//!
//! An invoice of three lines, one credited in part: three schedules, then one more.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use crate::domain::billing::Line;
use crate::domain::billing::piece::Key;
use crate::domain::credits::note::{NoteLine, Taken};
use crate::domain::credits::notes::CreditNote;
use crate::domain::ids::{InvoiceId, ItemVersionId, ProductId};
use crate::domain::invoicing::{Invoice, Status};
use crate::domain::issuing::Sheet;
use crate::domain::ledger::receipts::Restored;
use crate::domain::ledger::{SourceKind, invoices};
use crate::domain::money::{Money, MoneyError};
use crate::domain::payments::Refused;
use crate::domain::revenue::documents::{self, Booked};
use crate::domain::revenue::rules::chosen;
use crate::domain::revenue::{Entry, Rule, Schedule, fulfilment, given_up};
use crate::storage::credits::credit_notes;
use crate::storage::revenue::{periods, rules};
use crate::storage::{Tx, ledger, revenue};
use crate::workflows::revenue::{contracts, fulfil};
use crate::workflows::{Error, Holding};

/// The schedules of the invoices among these that are issued, by the rules of the day.
///
/// # Errors
/// Sums that do not fit; storage.
pub fn of_sheets(tx: &mut Tx<'_>, scope: &Holding<'_>, sheets: &[Sheet]) -> Result<Vec<Schedule>, Error> {
    let rules = rules::of_tenant(tx, scope.tenant_id)?;
    let (sold, charged) = match rules.is_empty() {
        true => (HashMap::new(), HashMap::new()),
        false => (sold_by(tx, scope, sheets)?, charged_by(tx, scope, sheets)?),
    };
    let lines = sheets.iter().map(|sheet| sheet.lines.len()).sum();
    let mut schedules = Vec::with_capacity(lines);
    for sheet in sheets.iter().filter(|sheet| sheet.invoice.status != Status::Draft) {
        let buyer = scope.held.get(sheet.invoice.customer_id);
        let booked = Booked {
            invoice_id: sheet.invoice.id,
            booked_on: scope.zone.local_date(sheet.invoice.issued_at.unwrap_or(scope.now)),
            zone: buyer.and_then(|buyer| buyer.zone).unwrap_or(scope.zone),
            sells_credits: sheet.transfers.iter().any(|t| t.source_kind == SourceKind::CreditsSold),
        };
        for line in &sheet.lines {
            let sold = line.item_version_id.and_then(|version| sold.get(&version));
            // What is given back is given back as it is earned, whatever is said by now.
            let as_charged = charges(line).find_map(|key| charged.get(&key).copied());
            let said = as_charged.or_else(|| chosen(&rules, sold, booked.booked_on));
            schedules.push(documents::of_line(line, &booked, said).map_err(Refused::from)?);
        }
    }
    Ok(schedules)
}

/// What is earned as it is fulfilled is deferred until then, though its line says no period.
///
/// # Errors
/// Sums that do not fit.
pub fn defer(sheets: &mut [Sheet], schedules: &[Schedule]) -> Result<(), Error> {
    let waits = |schedule: &&Schedule| schedule.rule.is_on_fulfilment();
    if !schedules.iter().any(|schedule| waits(&schedule)) {
        return Ok(());
    }
    for sheet in sheets {
        let at_once = |line_no| sheet.lines.iter().any(|line| line.line_no == line_no && !line.deferred);
        let of_it = schedules.iter().filter(|schedule| schedule.line.invoice_id == sheet.invoice.id);
        let deferred = of_it.filter(waits).filter(|schedule| at_once(schedule.line.line_no));
        let deferred: Vec<Money> = deferred.map(|schedule| schedule.amount).collect();
        if !deferred.is_empty() {
            let sum = Money::sum(sheet.invoice.currency, deferred).map_err(Refused::from)?;
            invoices::defer(&mut sheet.transfers, sum).map_err(Refused::from)?;
        }
    }
    Ok(())
}

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

/// By which product and price the lines of invoices are sold.
fn sold_by(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    sheets: &[Sheet],
) -> Result<HashMap<ItemVersionId, (ProductId, String)>, Error> {
    let lines = || sheets.iter().flat_map(|sheet| &sheet.lines);
    let subscriptions: BTreeSet<_> = lines().filter_map(|line| line.subscription_id).collect();
    let versions: BTreeSet<_> = lines().filter_map(|line| line.item_version_id).collect();
    let (subscriptions, versions): (Vec<_>, Vec<_>) =
        (subscriptions.into_iter().collect(), versions.into_iter().collect());
    Ok(rules::sold_by(tx, scope.tenant_id, (&subscriptions, &versions))?)
}

/// The charges of which a line below zero gives back, the last first.
fn charges(line: &Line) -> impl Iterator<Item = Key> {
    let own = line.item_version_id.map(|version| Key { version, start: line.period.start });
    let all = line.earlier_pieces().into_iter().chain(own);
    all.filter(|_| line.deferred && line.amount.is_negative())
}

/// By which rules the charges are earned of which lines give back.
fn charged_by(tx: &mut Tx<'_>, scope: &Holding<'_>, sheets: &[Sheet]) -> Result<HashMap<Key, Rule>, Error> {
    let keys: BTreeSet<Key> = sheets.iter().flat_map(|sheet| &sheet.lines).flat_map(charges).collect();
    Ok(rules::of_charges(tx, scope.tenant_id, &keys.into_iter().collect::<Vec<_>>())?)
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
    fulfil::of_invoice(tx, scope, (invoice.id, invoice.entity_id), booked_on)
}

/// Refuses to replace what waits to be fulfilled: what was fulfilled of it would not be of what takes its place.
///
/// # Errors
/// [`fulfilment::Refused::Replaced`]; storage.
pub fn check_replaceable(tx: &mut Tx<'_>, scope: &Holding<'_>, id: InvoiceId) -> Result<(), Error> {
    let known = revenue::of_invoice(tx, scope.tenant_id, id)?;
    match known.iter().any(|schedule| schedule.rule.is_on_fulfilment()) {
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
    let known = revenue::of_invoice(tx, scope.tenant_id, invoice.id)?;
    let credited = credit_notes::before(tx, scope.tenant_id, (invoice.id, invoice.currency))?.by_line;
    let decide = || {
        let notes = credited.values().map(Taken::total).collect::<Result<Vec<_>, _>>()?;
        let left = invoice.totals.total.checked_sub(Money::sum(invoice.currency, notes)?)?;
        given_up::given_up(&known, (due, left), scope.zone.local_date(scope.now))
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
