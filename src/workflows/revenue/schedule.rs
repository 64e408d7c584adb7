//! Who schedules what a document brings? Whoever writes it, in the same transaction: issued, credited or voided.
//!
//! An invoice of three lines, one credited in part: three schedules, then one more.

use std::collections::{BTreeSet, HashMap};

use crate::domain::billing::Line;
use crate::domain::billing::piece::Key;
use crate::domain::credits::note::NoteLine;
use crate::domain::credits::notes::CreditNote;
use crate::domain::ids::{InvoiceId, ItemVersionId, ProductId};
use crate::domain::invoicing::Status;
use crate::domain::issuing::Sheet;
use crate::domain::ledger::SourceKind;
use crate::domain::money::MoneyError;
use crate::domain::payments::Refused;
use crate::domain::revenue::documents::{self, Booked};
use crate::domain::revenue::rules::chosen;
use crate::domain::revenue::{Entry, Rule, Schedule};
use crate::storage::revenue::rules;
use crate::storage::{Tx, revenue};
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
    Ok(revenue::insert(tx, &scope.held, &schedules.map_err(Refused::from)?)?)
}

/// Schedules that an invoice is void.
///
/// # Errors
/// Sums that do not fit; storage.
pub fn voided(tx: &mut Tx<'_>, scope: &Holding<'_>, id: InvoiceId) -> Result<(), Error> {
    let known = revenue::of_invoice(tx, scope.tenant_id, id)?;
    let booked_on = scope.zone.local_date(scope.now);
    let schedules = documents::of_void(&of_lines(known), booked_on).map_err(Refused::from)?;
    Ok(revenue::insert(tx, &scope.held, &schedules)?)
}

/// The lines' own.
fn of_lines(mut known: Vec<Schedule>) -> Vec<Schedule> {
    known.retain(|schedule| schedule.entry == Entry::Line);
    known
}
