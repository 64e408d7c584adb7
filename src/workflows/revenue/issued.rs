//! Who schedules what an invoice brings? Whoever issues it, in the same transaction, by the rules of the day; what gives back of a charge, as that is
//! earned.
//!
//! A set-up of 100.00 that is earned as it is fulfilled, half of it by now, is given back: of the line of −100.00, −50.00 are earned at once, and
//! the other half waits as that of the set-up does.

use std::collections::{BTreeSet, HashMap};

use crate::domain::billing::piece::Key;
use crate::domain::billing::{ByHand, Line};
use crate::domain::ids::{ItemVersionId, LineId, ProductId};
use crate::domain::invoicing::{Invoice, Status};
use crate::domain::issuing::Sheet;
use crate::domain::ledger::posting::Source;
use crate::domain::ledger::{SourceKind, invoices};
use crate::domain::money::Money;
use crate::domain::payments::Refused;
use crate::domain::revenue::Schedule;
use crate::domain::revenue::documents::{self, Booked, Said};
use crate::domain::revenue::fulfilment::AsCharged;
use crate::domain::revenue::rules::{RevenueRule, chosen};
use crate::storage::Tx;
use crate::storage::revenue::fulfilments;
use crate::storage::revenue::rules::{self, Charged};
use crate::workflows::revenue::fulfil;
use crate::workflows::{Error, Holding, Scope};

/// What is scheduled of what is issued.
#[derive(Debug, Default)]
pub struct Scheduled {
    pub all: Vec<Schedule>,
    /// The lines that give back of what is earned as it is fulfilled.
    pub given_back: Vec<AsCharged>,
}

/// How the lines that are issued together are earned.
struct Grounds {
    rules: Vec<RevenueRule>,
    sold: HashMap<ItemVersionId, (ProductId, String)>,
    charged: HashMap<Key, Charged>,
    /// What they charge themselves that waits to be fulfilled.
    waiting: Vec<Waiting>,
}

/// A charge that waits to be fulfilled, after so many differences of the same.
struct Waiting {
    key: Key,
    revision: i16,
    charged: Charged,
}

/// The schedules of the invoices among these that are issued, by the rules of the day.
///
/// # Errors
/// Sums that do not fit; storage.
pub fn of_sheets(tx: &mut Tx<'_>, scope: &Holding<'_>, sheets: &[Sheet]) -> Result<Scheduled, Error> {
    let rules = rules::of_tenant(tx, scope.tenant_id)?;
    let (sold, charged) = match rules.is_empty() {
        true => (HashMap::new(), HashMap::new()),
        false => (sold_by(tx, scope, sheets)?, charged_by(tx, scope, sheets)?),
    };
    let mut grounds = Grounds { rules, sold, charged, waiting: Vec::new() };
    let lines = sheets.iter().map(|sheet| sheet.lines.len()).sum();
    let mut scheduled = Scheduled { all: Vec::with_capacity(lines), given_back: Vec::new() };
    // What gives back comes after what it gives back of.
    for gives_back in [false, true] {
        for sheet in sheets.iter().filter(|sheet| sheet.invoice.status != Status::Draft) {
            let booked = booked(scope, sheet);
            for line in sheet.lines.iter().filter(|line| gives_back_of_another(line) == gives_back) {
                grounds.schedule(line, &booked, &mut scheduled)?;
            }
        }
    }
    Ok(scheduled)
}

fn booked(scope: &Holding<'_>, sheet: &Sheet) -> Booked {
    let buyer = scope.held.get(sheet.invoice.customer_id);
    Booked {
        invoice_id: sheet.invoice.id,
        booked_on: scope.zone.local_date(sheet.invoice.issued_at.unwrap_or(scope.now)),
        zone: buyer.and_then(|buyer| buyer.zone).unwrap_or(scope.zone),
        sells_credits: sheet.transfers.iter().any(|t| t.source_kind == SourceKind::CreditsSold),
    }
}

impl Grounds {
    fn schedule(&mut self, line: &Line, booked: &Booked, scheduled: &mut Scheduled) -> Result<(), Error> {
        let charge = self.charge_of(line, booked, scheduled);
        let sold = line.item_version_id.and_then(|version| self.sold.get(&version));
        // What is given back is given back as it is earned, whatever is said by now.
        let said = match charge {
            Some(charged) => Some(Said::AsCharged(charged.rule)),
            None => chosen(&self.rules, sold, booked.booked_on).map(Said::ByRule),
        };
        let schedule = documents::of_line(line, booked, said).map_err(Refused::from)?;
        if schedule.rule.is_on_fulfilment() {
            let own = Charged { line: schedule.line, rule: schedule.rule };
            match (charge, own_key(line)) {
                (Some(charged), _) => {
                    scheduled.given_back.push(AsCharged { line: schedule.line, charge: charged.line });
                }
                (None, Some(key)) => {
                    self.waiting.push(Waiting { key, revision: line.revision, charged: own })
                }
                (None, None) => {}
            }
        }
        scheduled.all.push(schedule);
        Ok(())
    }

    /// The charge of which a line gives back: what it counters of its own invoice, what is issued with it, or what was before.
    fn charge_of(&self, line: &Line, booked: &Booked, scheduled: &Scheduled) -> Option<Charged> {
        if let Some(ByHand::Counters(line_no)) = line.by_hand {
            let countered = LineId { invoice_id: booked.invoice_id, line_no };
            let given_back = scheduled.given_back.iter().find(|one| one.line == countered);
            let waits = |one: &&Schedule| one.line == countered && one.rule.is_on_fulfilment();
            let charge = |one: &Schedule| Charged {
                line: given_back.map_or(countered, |given| given.charge),
                rule: one.rule,
            };
            return scheduled.all.iter().find(waits).map(charge);
        }
        let issued_with = |key: &Key| {
            let before = self.waiting.iter().filter(|one| one.key == *key && one.revision < line.revision);
            before.max_by_key(|one| one.revision).map(|one| one.charged)
        };
        let found =
            charges(line).find_map(|key| issued_with(&key).or_else(|| self.charged.get(&key).copied()));
        found.filter(|charged| line.deferred || charged.rule.is_on_fulfilment())
    }
}

/// What is earned as it is fulfilled is deferred until then, though its line says no period.
///
/// # Errors
/// Sums that do not fit.
pub fn defer(scope: &Scope, sheets: &mut [Sheet], schedules: &[Schedule]) -> Result<(), Error> {
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
            let source = issue_of(scope, &sheet.invoice);
            invoices::defer(&mut sheet.transfers, sum, source).map_err(Refused::from)?;
        }
    }
    Ok(())
}

fn issue_of(scope: &Scope, invoice: &Invoice) -> Source {
    Source {
        kind: SourceKind::InvoiceFinalized,
        id: invoice.id.uuid(),
        customer_id: invoice.customer_id,
        entity_id: Some(invoice.entity_id),
        invoice_id: None,
        effective_on: scope.zone.local_date(invoice.issued_at.unwrap_or(scope.now)),
        recorded_at: scope.now,
    }
}

/// Of what gives back, earns as much as is fulfilled of what it gives back of. The invoices are written.
///
/// # Errors
/// Sums that do not fit; storage.
pub fn fulfil_given_back(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (given_back, issued): (&[AsCharged], &[Invoice]),
) -> Result<(), Error> {
    fulfilments::insert_given_back(tx, &scope.held, given_back)?;
    for invoice in issued {
        if given_back.iter().any(|one| one.line.invoice_id == invoice.id) {
            let booked_on = scope.zone.local_date(invoice.issued_at.unwrap_or(scope.now));
            fulfil::of_invoice(tx, scope, (invoice.id, invoice.entity_id), booked_on)?;
        }
    }
    Ok(())
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

/// Below zero, or a line by hand that says of which line of its invoice it is.
fn gives_back_of_another(line: &Line) -> bool {
    line.amount.is_negative() || matches!(line.by_hand, Some(ByHand::Counters(_)))
}

fn own_key(line: &Line) -> Option<Key> {
    line.item_version_id.map(|version| Key { version, start: line.period.start })
}

/// The charges of which a line below zero gives back, the last first.
fn charges(line: &Line) -> impl Iterator<Item = Key> {
    let all = line.earlier_pieces().into_iter().chain(own_key(line));
    all.filter(|_| line.amount.is_negative() && (line.deferred || line.measured.is_none()))
}

/// By which rules the charges are earned of which lines give back.
fn charged_by(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    sheets: &[Sheet],
) -> Result<HashMap<Key, Charged>, Error> {
    let keys: BTreeSet<Key> = sheets.iter().flat_map(|sheet| &sheet.lines).flat_map(charges).collect();
    Ok(rules::of_charges(tx, scope.tenant_id, &keys.into_iter().collect::<Vec<_>>())?)
}
