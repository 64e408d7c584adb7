//! Of which invoices do lines below zero give back what these charged? Looked up once for all that is issued together, and only where the books
//! are in another currency than the invoice: there each charge is carried at the rate it came at.
//!
//! 31.00 USD deferred in books in euros, 15.00 of it given back: that much of the first invoice's deferred revenue is relieved, not a new one.

use std::collections::{BTreeSet, HashMap};

use crate::domain::billing::grounds::{About, Grounds};
use crate::domain::billing::piece::Key;
use crate::domain::billing::{ByHand, Line};
use crate::domain::ids::{EntityId, InvoiceId, LineId};
use crate::domain::invoicing::{Invoice, Status};
use crate::domain::issuing::Sheet;
use crate::domain::ledger::origins::{self, Charge, Charges, GivenBack, Giving, OF_INVOICES};
use crate::domain::ledger::posting::Source;
use crate::domain::ledger::{SourceKind, Transfer};
use crate::domain::money::{Currency, Money, MoneyError};
use crate::domain::payments::Refused;
use crate::domain::revenue::fulfilment::AsCharged;
use crate::storage::ledger::origins as stored;
use crate::storage::{Tx, billing, tax};
use crate::workflows::{Error, Holding, Scope};

/// A line that changes what was charged, and under which keys.
struct Wanted {
    sheet: usize,
    giving: Giving,
    keys: Vec<Key>,
}

/// Posts apart what invoices about to be written give back of others; what waits to be fulfilled is deferred by now.
///
/// # Errors
/// Storage; sums that do not fit.
pub(super) fn find(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    sheets: &mut [Sheet],
    waiting: &[AsCharged],
) -> Result<(), Error> {
    let tenant_id = scope.tenant_id;
    if !sheets.iter().any(gives_back) {
        return Ok(());
    }
    let books = Books { homes: stored::homes(tx, tenant_id)?, waiting };
    let wanted = wanted(tx, scope, (sheets, &books))?;
    let own: BTreeSet<Key> = wanted.iter().flat_map(|one| one.keys.iter().copied()).collect();
    if own.is_empty() {
        return Ok(());
    }
    let stand_in = tax::stand_in(tx, tenant_id, &own.iter().copied().collect::<Vec<_>>())?;
    let all: BTreeSet<Key> = stand_in.values().flatten().copied().chain(own).collect();
    let mut charges = known(tx, scope, &all)?;
    let mut wanted = wanted.into_iter().peekable();
    for (place, sheet) in sheets.iter_mut().enumerate() {
        if sheet.invoice.status == Status::Draft || !books.is_abroad(&sheet.invoice) {
            continue;
        }
        charge(&mut charges, (sheet, &all)).map_err(Refused::from)?;
        let mut given = Vec::new();
        while let Some(one) = wanted.next_if(|one| one.sheet == place) {
            let others = one.keys.iter().flat_map(|key| stand_in.get(key).into_iter().flatten());
            let keys: Vec<Key> = one.keys.iter().chain(others).copied().collect();
            given.extend(charges.give_back(&keys, &one.giving).map_err(Refused::from)?);
        }
        post_apart(scope, sheet, &given).map_err(Refused::from)?;
    }
    Ok(())
}

fn post_apart(scope: &Scope, sheet: &mut Sheet, given: &[GivenBack]) -> Result<(), MoneyError> {
    let source = Source {
        kind: SourceKind::InvoiceFinalized,
        id: sheet.invoice.id.uuid(),
        customer_id: sheet.invoice.customer_id,
        entity_id: Some(sheet.invoice.entity_id),
        invoice_id: None,
        effective_on: scope.zone.local_date(scope.now),
        recorded_at: scope.now,
    };
    let rated_on = sheet.transfers.iter().find_map(|transfer| transfer.rated_on);
    sheet.transfers = origins::apart(std::mem::take(&mut sheet.transfers), source, given)?;
    rated(&mut sheet.transfers, rated_on);
    Ok(())
}

/// Values what an invoice posts at the rate of a day.
pub(in crate::workflows) fn rated(transfers: &mut [Transfer], rated_on: Option<chrono::NaiveDate>) {
    let is_issue = |transfer: &&mut Transfer| transfer.source_kind == SourceKind::InvoiceFinalized;
    transfers.iter_mut().filter(is_issue).for_each(|transfer| transfer.rated_on = rated_on);
}

/// What is known of all that is issued.
struct Books<'a> {
    /// The currency of each entity's.
    homes: HashMap<EntityId, Currency>,
    /// The lines that give back of what waits to be fulfilled: they are deferred, though they say no period.
    waiting: &'a [AsCharged],
}

impl Books<'_> {
    fn is_abroad(&self, invoice: &Invoice) -> bool {
        self.homes.get(&invoice.entity_id) != Some(&invoice.currency)
    }

    fn is_deferred(&self, invoice_id: InvoiceId, line: &Line) -> bool {
        let own = LineId { invoice_id, line_no: line.line_no };
        line.deferred || self.waiting.iter().any(|one| one.line == own)
    }
}

/// Whether an invoice that is issued has a line that may give back of another.
fn gives_back(sheet: &Sheet) -> bool {
    sheet.invoice.status != Status::Draft && sheet.lines.iter().any(changes_another)
}

/// A line below zero, or one that changes what was billed before: it may charge again what more was given back of than was charged, such as by an
/// invoice that is void by now. One that takes another of its invoice off is of that one.
fn changes_another(line: &Line) -> bool {
    let changes = line.amount.is_negative() || line.changed_key().is_some();
    changes && !matches!(line.by_hand, Some(ByHand::Counters(_)))
}

fn wanted(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (sheets, books): (&[Sheet], &Books<'_>),
) -> Result<Vec<Wanted>, Error> {
    let giving = |sheet: &&Sheet| gives_back(sheet) && books.is_abroad(&sheet.invoice);
    let written: Vec<InvoiceId> =
        sheets.iter().filter(giving).filter(|sheet| sheet.is_written).map(|sheet| sheet.invoice.id).collect();
    let grounds = billing::grounds::of_invoices(tx, scope.tenant_id, &written)?;
    let mut wanted = Vec::new();
    for (place, sheet) in sheets.iter().enumerate().filter(|(_, sheet)| giving(sheet)) {
        for line in sheet.lines.iter().filter(|line| changes_another(line)) {
            let stored = grounds.get(&(sheet.invoice.id, line.line_no));
            let keys = keys(line, line.grounds.as_deref().or(stored));
            let giving = gives(sheet, line).map_err(Refused::from)?;
            let giving = Giving { deferred: books.is_deferred(sheet.invoice.id, line), ..giving };
            if !keys.is_empty()
                && !giving.earned.is_zero()
                && giving.earned.is_negative() != line.amount.is_negative()
            {
                wanted.push(Wanted { sheet: place, giving, keys });
            }
        }
    }
    Ok(wanted)
}

/// What a line gives back, less what others of its invoice take off it.
fn gives(sheet: &Sheet, line: &Line) -> Result<Giving, MoneyError> {
    let (mut earned, mut tax) = (line.earned()?, line.tax.checked_add(line.tax_included)?);
    for other in sheet.lines.iter().filter(|other| other.by_hand == Some(ByHand::Counters(line.line_no))) {
        earned = earned.checked_add(other.earned()?)?;
        tax = tax.checked_add(other.tax)?.checked_add(other.tax_included)?;
    }
    let invoice_id = sheet.invoice.id;
    Ok(Giving { invoice_id, deferred: line.deferred, earned: earned.negated()?, tax: tax.negated()? })
}

/// The charges that such a line is about: that which it changes, the pieces before it, or that which it stands for.
fn keys(line: &Line, grounds: Option<&Grounds>) -> Vec<Key> {
    let earlier = grounds.into_iter().flat_map(|grounds| grounds.earlier.iter().rev());
    let about = grounds.and_then(|grounds| grounds.about);
    line.changed_key().into_iter().chain(earlier.chain(about.iter()).map(About::key)).collect()
}

/// What was charged under these keys before, and what is left of it.
fn known(tx: &mut Tx<'_>, scope: &Holding<'_>, keys: &BTreeSet<Key>) -> Result<Charges, Error> {
    let keys: Vec<Key> = keys.iter().copied().collect();
    let mut known = Charges::default();
    let mut invoices = BTreeSet::new();
    for (key, charge) in stored::charges(tx, scope.tenant_id, &keys)? {
        invoices.insert(charge.invoice_id);
        known.charge(key, charge);
    }
    if !invoices.is_empty() {
        known.held = stored::held(tx, scope.tenant_id, &invoices.into_iter().collect::<Vec<_>>())?;
    }
    Ok(known)
}

/// Adds what an invoice that is issued now charges under these keys.
fn charge(charges: &mut Charges, (sheet, keys): (&Sheet, &BTreeSet<Key>)) -> Result<(), MoneyError> {
    let invoice_id = sheet.invoice.id;
    let mut sums: HashMap<_, Money> = HashMap::new();
    for line in &sheet.lines {
        let earned = line.earned()?;
        let about = line.grounds.as_deref().and_then(|grounds| grounds.about);
        let own = line.item_version_id.map(|version| Key { version, start: line.period.start });
        if let Some(key) = own.or(about.map(|about| about.key())).filter(|key| keys.contains(key))
            && earned.is_positive()
        {
            charges.charge(key, Charge { invoice_id, earned });
        }
    }
    for transfer in &sheet.transfers {
        if OF_INVOICES.contains(&transfer.credit) {
            let sum = sums.entry(transfer.credit).or_insert_with(|| Money::zero(transfer.amount.currency()));
            *sum = sum.checked_add(transfer.amount)?;
        }
    }
    charges.held.extend(sums.into_iter().map(|(account, amount)| ((invoice_id, account), amount)));
    Ok(())
}
