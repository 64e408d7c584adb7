//! A credit note is issued: what it takes back, where that goes, its number, its postings. Customer locked first, then the invoice: so no
//! two notes together take back more than there is.

use std::collections::{BTreeSet, HashMap};

use super::{apply_balance, return_credits};
use crate::domain::billing::piece::Key;
use crate::domain::billing::{ByHand, Line};
use crate::domain::credits::grant;
use crate::domain::credits::note::{self, Credited, NoteLine, To, Wanted};
use crate::domain::credits::notes::{
    self as notes_of, CreditNote, Refund, RefundOrigin, RefundState, Refundable, spread,
};
use crate::domain::entities::Kind;
use crate::domain::events::EventType;
use crate::domain::ids::{CreditNoteId, InvoiceId, RefundId, TenantId};
use crate::domain::invoicing::{Invoice, Number, Status, Totals};
use crate::domain::ledger::posting::Source;
use crate::domain::ledger::{self, SourceKind};
use crate::domain::money::{Money, MoneyError};
use crate::domain::payments::{OFFLINE, Refused};
use crate::domain::tax::on_lines::{self, LineTax, TaxLeft};
use crate::storage::credits::credit_notes::{self as notes, Before};
use crate::storage::credits::refunds;
use crate::storage::tax::{self, NoteTax};
use crate::storage::{Tx, credits, events, invoicing, ledger as transfers};
use crate::workflows::billing::take_back;
use crate::workflows::error::Referenced;
use crate::workflows::revenue::schedule;
use crate::workflows::{Error, Holding, Scope};

/// What is requested.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub invoice_id: InvoiceId,
    pub wanted: Wanted,
    pub to: To,
    pub reason: String,
}

/// An invoice, locked, with all that crediting it needs to know.
pub struct Locked {
    pub invoice: Invoice,
    pub lines: Vec<Line>,
    /// The charges on it.
    pub charges: take_back::Known,
    before: Before,
    /// What of its payments can go back.
    refundable: Vec<Refundable>,
    refundable_in_all: Money,
    given_back: HashMap<i32, note::Gone>,
    tax_left: HashMap<i32, TaxLeft>,
}

/// Issues it.
///
/// # Errors
/// `unknown_invoice`; the rules of [`note`]; the invoice sells credits.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, order: &Order) -> Result<CreditNote, Error> {
    let scope = &scope.lock_owner(tx, order.invoice_id).or_unknown("/invoice_id")?;
    let locked = lock(tx, scope, order.invoice_id)?;
    let note = issue(tx, scope, (&locked, order), None)?;
    let taken = locked.known().note(&order.wanted)?;
    take_back::credited(tx, scope, (&locked.charges, &locked.lines), (note.id.uuid(), &taken))?;
    apply_balance::by_itself(tx, scope, note.customer_id)?;
    Ok(note)
}

/// Locks the customer, then the invoice, and reads the rest.
///
/// # Errors
/// There is no such invoice; it sells credits.
pub fn lock(tx: &mut Tx<'_>, scope: &Holding<'_>, id: InvoiceId) -> Result<Locked, Error> {
    let locked = lock_sale(tx, scope, id)?;
    match credits::sold_by(tx, scope.tenant_id, &[id])?.first() {
        Some(sold) => Err(grant::Refused::SellsCredits { grant_id: sold.id }.into()),
        None => Ok(locked),
    }
}

/// The same of an invoice that sells credits, which only the voiding of these may credit.
///
/// # Errors
/// There is no such invoice.
pub fn lock_sale(tx: &mut Tx<'_>, scope: &Holding<'_>, id: InvoiceId) -> Result<Locked, Error> {
    let tenant_id = scope.tenant_id;
    let invoice = invoicing::find_locked(tx, tenant_id, id)?;
    let lines = invoicing::lines(tx, tenant_id, id)?;
    let before = notes::before(tx, tenant_id, (id, invoice.currency))?;
    let charges = take_back::known(tx, scope, (&invoice, &lines))?;
    let refundable = credits::refundable::of_invoice(tx, tenant_id, (id, invoice.currency))?;
    let refundable_in_all = notes_of::refundable(&refundable, invoice.currency).map_err(Refused::from)?;
    let given_back =
        note::given_back(&lines, &before.by_line, &charges.stays()).map_err(note::Refused::from)?;
    let tax_left = tax_left(tx, tenant_id, (id, &lines), &charges, (&before.by_line, &given_back))?;
    Ok(Locked { invoice, lines, charges, before, refundable, refundable_in_all, given_back, tax_left })
}

/// What is left of the tax of the lines of an invoice that later bills may have taken back in part.
fn tax_left(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (id, lines): (InvoiceId, &[Line]),
    charges: &take_back::Known,
    (noted, given_back): (&HashMap<i32, note::Taken>, &HashMap<i32, note::Gone>),
) -> Result<HashMap<i32, TaxLeft>, Error> {
    let taxed = lines.iter().filter(|line| !(line.tax.is_zero() && line.tax_included.is_zero()));
    let keys: BTreeSet<Key> = taxed.filter_map(|line| charges.key(line.line_no)).collect();
    let charged = tax::charged(tx, (tenant_id, None), &keys.into_iter().collect::<Vec<_>>())?;
    let countered: BTreeSet<i32> = lines.iter().filter_map(counters).collect();
    let mut left = HashMap::new();
    for charge in charged.by_key.into_values().flat_map(|history| history.charges) {
        let Some((_, line_no)) = charge.line.filter(|(of_invoice, _)| *of_invoice == id) else { continue };
        let net = match lines.iter().find(|line| line.line_no == line_no) {
            Some(line) if !countered.contains(&line_no) => net_left(line, noted, given_back),
            _ => Ok(charge.charged),
        };
        let tax = net.and_then(|net| charge.tax_with(net));
        left.insert(line_no, tax.map_err(Refused::from)?);
    }
    // What lines of this invoice took back of others of it counts as what is left of these lines, not of those.
    for line in lines {
        let Some(line_no) = counters(line) else { continue };
        let Some(of_countered) = left.get_mut(&line_no) else { continue };
        let noted = noted.get(&line.line_no).copied();
        let noted = noted.unwrap_or_else(|| note::Taken::nothing(line.amount.currency()));
        let still = note::Taken::whole(line).less(&noted).map_err(Refused::from)?;
        if still.amount.is_negative() {
            of_countered.on_top = of_countered.on_top.checked_sub(still.tax).map_err(Refused::from)?;
            of_countered.within =
                of_countered.within.checked_sub(still.tax_included).map_err(Refused::from)?;
        }
    }
    Ok(left)
}

/// Which line of its invoice a line changes.
fn counters(line: &Line) -> Option<i32> {
    match line.by_hand {
        Some(ByHand::Counters(line_no)) => Some(line_no),
        _ => None,
    }
}

/// What notes and later bills left of a line, with the tax that is within it.
fn net_left(
    line: &Line,
    noted: &HashMap<i32, note::Taken>,
    given_back: &HashMap<i32, note::Gone>,
) -> Result<Money, MoneyError> {
    let mut net = line.amount.checked_sub(line.discount)?;
    if let Some(noted) = noted.get(&line.line_no) {
        net = net.checked_sub(noted.amount)?.checked_add(noted.discount)?;
    }
    if let Some(gone) = given_back.get(&line.line_no) {
        net = net.checked_sub(gone.amount)?.checked_add(gone.discount)?;
    }
    Ok(net)
}

impl Locked {
    /// What is left of a line.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn left(&self, line: &Line) -> Result<note::Taken, MoneyError> {
        self.known().left(line)
    }

    fn known(&self) -> Credited<'_> {
        Credited {
            invoice: &self.invoice,
            lines: &self.lines,
            before: &self.before.by_line,
            given_back: &self.given_back,
            tax_left: &self.tax_left,
            is_replaced: self.before.is_replaced,
            money_back: self.before.money_back,
            refundable: self.refundable_in_all,
        }
    }
}

/// What is issued in place of a credited invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replacement {
    pub invoice_id: InvoiceId,
    pub total: Money,
}

/// Decides and writes a note on a locked invoice.
///
/// # Errors
/// The rules of [`note`].
pub fn issue(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (locked, order): (&Locked, &Order),
    replacement: Option<Replacement>,
) -> Result<CreditNote, Error> {
    let (invoice, known) = (&locked.invoice, locked.known());
    let taken = known.note(&order.wanted)?;
    let total = note::total(invoice, &taken).map_err(note::Refused::from)?;
    let to = match replacement.filter(|_| scope.bought_elsewhere(invoice)) {
        Some(replacement) => known.destination_beside(total, replacement.total)?,
        None => known.destination(total, order.to)?,
    };
    if replacement.is_none() && to.balance.is_positive() && scope.bought_elsewhere(invoice) {
        return Err(note::Refused::OfEntityBefore.into());
    }
    let mut note = CreditNote {
        id: CreditNoteId::from_uuid(scope.mint()),
        customer_id: invoice.customer_id,
        entity_id: invoice.entity_id,
        invoice_id: invoice.id,
        number: Number { series: scope.series(invoice.entity_id, Kind::CreditNote)?, number: 0 },
        reason: order.reason.clone(),
        totals: totals(invoice, &taken).map_err(Refused::from)?,
        to,
        replacement_invoice_id: replacement.map(|replacement| replacement.invoice_id),
        issued_at: scope.now,
    };
    let returned = return_credits::run(tx, scope, invoice, to.credits)?;
    let source = source(scope, (SourceKind::CreditNoteIssued, note.id.uuid()), &note);
    let again = match taken.iter().any(|line| line.taken.amount.is_negative()) {
        true => transfers::origins::given_back_by(tx, scope.tenant_id, invoice.id)?,
        false => Vec::new(),
    };
    let as_deferred = schedule::as_deferred(tx, scope, (invoice.id, &taken))?;
    let posted = ledger::credit_notes::issued((&as_deferred, &again), (&to, returned.owed), source)
        .map_err(Refused::from)?;
    transfers::post(tx, &scope.held, &posted)?;
    if to.invoice.is_positive() {
        settle(tx, scope, (invoice.clone(), to.invoice))?;
    }
    refund(tx, scope, (&note, &locked.refundable))?;
    note.number.number = invoicing::take_numbers(tx, scope.tenant_id, &note.number.series, 1)?;
    notes::insert(tx, &scope.held, &note, &taken)?;
    schedule::credited(tx, scope, (&note, &taken))?;
    take_back_taxes(tx, scope, (&note, &taken), &locked.lines)?;
    tax::providers::note_document(tx, (scope.tenant_id, scope.now), (note.id, note.invoice_id))?;
    let event = scope.event(EventType::CreditNoteIssued, note.id.uuid(), note.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(note)
}

/// Notes which taxes go back: of each line, in proportion to what is left of each.
fn take_back_taxes(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (note, taken): (&CreditNote, &[NoteLine]),
    lines: &[Line],
) -> Result<(), Error> {
    let of_invoice = (note.invoice_id, note.totals.total.currency());
    let charged = tax::line_taxes(tx, scope.tenant_id, of_invoice)?;
    if charged.is_empty() {
        return Ok(());
    }
    let before = tax::taken_by_notes(tx, scope.tenant_id, of_invoice)?;
    let mut back = Vec::new();
    for line in taken {
        let Some(billed) = lines.iter().find(|billed| billed.line_no == line.invoice_line_no) else {
            continue;
        };
        let taxes = charged.iter().filter(|tax| tax.line_no == line.invoice_line_no);
        let taxes: Vec<(i16, &LineTax)> = (1_i16..).zip(taxes).collect();
        for (part, within) in [(line.taken.tax, false), (line.taken.tax_included, true)] {
            let taxes: Vec<_> = taxes.iter().filter(|(_, tax)| tax.levy.inclusive == within).collect();
            let mut left = Vec::with_capacity(taxes.len());
            for (tax_no, tax) in &taxes {
                let gone = before.get(&(tax.line_no, *tax_no)).copied();
                let gone = gone.unwrap_or_else(|| Money::zero(tax.amount.currency()));
                left.push(tax.amount.checked_sub(gone).map_err(Refused::from)?);
            }
            let parts = on_lines::split(part, &left).map_err(Refused::from)?;
            for ((tax_no, tax), amount) in taxes.into_iter().zip(parts) {
                let taxable = line.taken.part_of(tax.taxable, billed).map_err(Refused::from)?;
                back.push(NoteTax { line_no: tax.line_no, tax_no: *tax_no, taxable, amount });
            }
        }
    }
    Ok(tax::insert_note_taxes(tx, &scope.held, (note.id, note.invoice_id), &back)?)
}

fn totals(invoice: &Invoice, taken: &[NoteLine]) -> Result<Totals, MoneyError> {
    let sum = |amount_of: fn(&NoteLine) -> Money| Money::sum(invoice.currency, taken.iter().map(amount_of));
    let (subtotal, discount_total) = (sum(|l| l.taken.amount)?, sum(|l| l.taken.discount)?);
    let (tax_total, tax_included_total) = (sum(|l| l.taken.tax)?, sum(|l| l.taken.tax_included)?);
    let total = subtotal.checked_sub(discount_total)?.checked_add(tax_total)?;
    Ok(Totals { subtotal, discount_total, tax_total, tax_included_total, total })
}

/// What the postings of a note and its refunds have in common.
#[must_use]
pub fn source(scope: &Scope, (kind, id): (SourceKind, uuid::Uuid), note: &CreditNote) -> Source {
    Source {
        kind,
        id,
        customer_id: note.customer_id,
        entity_id: Some(note.entity_id),
        invoice_id: Some(note.invoice_id),
        effective_on: scope.zone.local_date(scope.now),
        recorded_at: scope.now,
    }
}

/// Takes it off what is due.
fn settle(tx: &mut Tx<'_>, scope: &Holding<'_>, (invoice, amount): (Invoice, Money)) -> Result<(), Error> {
    let invoice = invoice.credit(amount, scope.now)?;
    invoicing::update(tx, &scope.held, &invoice)?;
    if invoice.status == Status::Paid {
        let event = scope.event(EventType::InvoicePaid, invoice.id.uuid(), invoice.event_data());
        events::record(tx, scope.tenant_id, &[event])?;
    }
    Ok(())
}

/// Sends money back by the payments it came with, the newest first. What came outside any gateway is given back by hand.
fn refund(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (note, from): (&CreditNote, &[Refundable]),
) -> Result<(), Error> {
    let mut refunds = Vec::new();
    let mut posted = Vec::new();
    for part in spread(note.to.refund, from.to_vec()).map_err(Refused::from)? {
        let by_hand = part.gateway == OFFLINE;
        let state = match by_hand {
            true => RefundState::Succeeded { reference: None, at: scope.now },
            false => RefundState::Pending { next_attempt_at: scope.now },
        };
        let id = RefundId::from_uuid(scope.mint());
        if by_hand {
            let source = source(scope, (SourceKind::RefundPaid, id.uuid()), note);
            posted.extend(ledger::credit_notes::refunded(part.most, source).map_err(Refused::from)?);
        }
        refunds.push(Refund {
            id,
            customer_id: note.customer_id,
            origin: RefundOrigin::CreditNote(note.id),
            payment_id: part.payment_id,
            gateway: part.gateway,
            amount: part.most,
            state,
            created_at: scope.now,
        });
    }
    transfers::post(tx, &scope.held, &posted)?;
    add_refunds(tx, scope, &refunds)
}

/// Adds refunds, and emits their events.
///
/// # Errors
/// Storage.
pub fn add_refunds(tx: &mut Tx<'_>, scope: &Holding<'_>, refunds: &[Refund]) -> Result<(), Error> {
    refunds::insert_refunds(tx, &scope.held, refunds)?;
    let emitted: Vec<_> =
        refunds.iter().map(|r| scope.event(EventType::RefundCreated, r.id.uuid(), r.event_data())).collect();
    Ok(events::record(tx, scope.tenant_id, &emitted)?)
}
