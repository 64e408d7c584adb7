//! Who writes what issuing invoices comes to? One place, for billing runs, drafts, corrections and sales of credits alike: what the steps of
//! [`issuing`] made is written in the order of the locks, and the number's counter is the last.

use std::collections::BTreeMap;

use crate::domain::billing::Line;
use crate::domain::credits::purchase::{self, Low};
use crate::domain::credits::take_back::TakenBack;
use crate::domain::credits::{Funds, Grant};
use crate::domain::entities::Kind;
use crate::domain::events::{Event, EventType};
use crate::domain::ids::{CreditGrantId, EntityId, InvoiceId};
use crate::domain::invoicing::discounted::LineShare;
use crate::domain::invoicing::finalize::Issue;
use crate::domain::invoicing::{Invoice, Status};
use crate::domain::issuing::{self, NotIssued, Sheet};
use crate::domain::ledger::Transfer;
use crate::domain::subscriptions::Collection;
use crate::domain::tax::on_lines::LineTax;
use crate::storage::invoicing::drafts;
use crate::storage::payments::preferences;
use crate::storage::tax::providers;
use crate::storage::{Tx, credits, discounts, events, invoicing, ledger as transfers, revenue, tax};
use crate::workflows::credits::take_back_usage;
use crate::workflows::invoicing::origins;
use crate::workflows::revenue::{issued, paths};
use crate::workflows::{Error, Holding, Scope};

/// Invoices to be written, and what they change of their customers' credits.
#[derive(Debug, Default)]
pub struct Books {
    /// In the order in which they are numbered.
    pub sheets: Vec<Sheet>,
    grants: Vec<Grant>,
    events: Vec<Event>,
}

impl Books {
    /// Takes over what was decided elsewhere.
    pub fn add(&mut self, other: Books) {
        self.sheets.extend(other.sheets);
        self.grants.extend(other.grants);
        self.events.extend(other.events);
    }

    /// Adds a new grant and emits its event.
    pub fn granted(&mut self, scope: &Scope, grant: Grant) {
        self.events.push(scope.event(EventType::CreditGrantCreated, grant.id.uuid(), grant.event_data()));
        self.grants.push(grant);
    }

    /// Emits that credits run low, and buys what was agreed: gives the invoices of the sales.
    ///
    /// # Errors
    /// Sums that do not fit; a date out of range.
    pub fn top_up(
        &mut self,
        scope: &Scope,
        (before, funds): (&Funds, &mut Funds),
        issue: &Issue,
    ) -> Result<Vec<Sheet>, NotIssued> {
        let mut sold = Vec::new();
        for low in purchase::low(before, funds, scope.now)? {
            if low.crossed {
                self.events.push(event_of_low_credits(scope, &low));
            }
            let Some(draft) = low.buys else { continue };
            let id = CreditGrantId::from_uuid(scope.mint());
            // Its terms were checked when the rule was set.
            let Ok(grant) = draft.create(id, scope.now) else { continue };
            let on = (InvoiceId::from_uuid(scope.mint()), Collection::Automatic);
            let (grant, mut sheet) = issuing::sell(grant, on, funds, issue)?;
            scope.sign("credits.topped_up", &mut sheet.lines);
            funds.grants.push(grant.clone());
            self.granted(scope, grant);
            sold.push(sheet);
        }
        Ok(sold)
    }

    /// Writes it all, and gives the invoices. Their customers are locked. Transfers are posted before what is taken back, which may pay from
    /// the balance what they put there.
    ///
    /// # Errors
    /// Storage.
    pub fn save(mut self, tx: &mut Tx<'_>, scope: &Holding<'_>) -> Result<Vec<Invoice>, Error> {
        let tenant_id = scope.tenant_id;
        let provided = self.provided();
        self.save_questions(tx, scope)?;
        self.save_lines(tx, scope)?;
        let scheduled = issued::of_sheets(tx, scope, &self.sheets)?;
        issued::defer(scope, &mut self.sheets, &scheduled.all)?;
        origins::find(tx, scope, &mut self.sheets, &scheduled.given_back)?;
        let posted: Vec<Transfer> =
            self.sheets.iter_mut().flat_map(|sheet| std::mem::take(&mut sheet.transfers)).collect();
        transfers::post(tx, &scope.held, &posted)?;
        let entities = self.sheets.iter().map(|sheet| (sheet.invoice.id, sheet.invoice.entity_id)).collect();
        revenue::insert_issued(tx, &scope.held, (&scheduled.all, &entities))?;
        credits::insert(tx, &scope.held, &self.grants)?;
        let taken: Vec<(InvoiceId, TakenBack)> = self
            .sheets
            .iter_mut()
            .flat_map(|sheet| with_invoice(sheet.invoice.id, std::mem::take(&mut sheet.taken)))
            .collect();
        take_back_usage::save(tx, scope, &taken)?;
        let draws: Vec<_> = self
            .sheets
            .iter_mut()
            .flat_map(|sheet| with_invoice(sheet.invoice.id, std::mem::take(&mut sheet.draws)))
            .collect();
        credits::draw(tx, &scope.held, &draws, scope.now)?;
        events::record(tx, tenant_id, &self.events)?;
        self.number(tx, scope)?;
        let followed = paths::Issued::of(&self.sheets);
        let invoices = self.save_invoices(tx, scope)?;
        issued::fulfil_given_back(tx, scope, (&scheduled.given_back, &invoices))?;
        followed.move_schedules(tx, scope)?;
        if !provided.is_empty() {
            providers::note_invoices(tx, (tenant_id, scope.now), &provided)?;
        }
        Ok(invoices)
    }

    /// Those issued whose taxes a provider may have answered: of drafts that are written, storage knows.
    fn provided(&self) -> Vec<InvoiceId> {
        let by_provider = |sheet: &&Sheet| {
            let taxes = sheet.taxes.iter().flatten();
            sheet.invoice.status != Status::Draft
                && (sheet.is_written || taxes.into_iter().any(|tax| tax.levy.provider_id.is_some()))
        };
        self.sheets.iter().filter(by_provider).map(|sheet| sheet.invoice.id).collect()
    }

    /// Notes what providers are to be asked about new drafts.
    fn save_questions(&self, tx: &mut Tx<'_>, scope: &Holding<'_>) -> Result<(), Error> {
        let questions = self.sheets.iter();
        let questions =
            questions.filter_map(|sheet| Some((Some(sheet.invoice.id), sheet.question.as_deref()?)));
        let questions: Vec<_> = questions.collect();
        Ok(providers::note_questions(tx, (scope.tenant_id, scope.now), &questions)?)
    }

    /// Numbers what is issued, a block for each entity; everybody takes their counters in the same order.
    fn number(&mut self, tx: &mut Tx<'_>, scope: &Holding<'_>) -> Result<(), Error> {
        let mut counts: BTreeMap<EntityId, i64> = BTreeMap::new();
        for sheet in self.sheets.iter().filter(|sheet| sheet.invoice.status != Status::Draft) {
            *counts.entry(sheet.invoice.entity_id).or_default() += 1;
        }
        for (entity_id, count) in counts {
            let series = scope.series(entity_id, Kind::Invoice)?;
            let first = invoicing::take_numbers(tx, scope.tenant_id, &series, count)?;
            issuing::number(&mut self.sheets, entity_id, (&series, first));
        }
        Ok(())
    }

    fn save_lines(&mut self, tx: &mut Tx<'_>, scope: &Holding<'_>) -> Result<(), Error> {
        let new = self.sheets.iter().filter(|sheet| !sheet.is_written);
        let lines: Vec<(InvoiceId, &Line)> =
            new.flat_map(|sheet| sheet.lines.iter().map(|line| (sheet.invoice.id, line))).collect();
        invoicing::insert_lines(tx, &scope.held, &lines)?;
        let new = self.sheets.iter_mut().filter(|sheet| !sheet.is_written);
        let shares: Vec<(InvoiceId, LineShare)> =
            new.flat_map(|sheet| with_invoice(sheet.invoice.id, std::mem::take(&mut sheet.shares))).collect();
        discounts::insert_shares(tx, &scope.held, &shares)?;
        let new = self.sheets.iter_mut().filter(|sheet| !sheet.is_written);
        let taxes: Vec<(InvoiceId, LineTax)> = new
            .flat_map(|sheet| with_invoice(sheet.invoice.id, sheet.taxes.take().unwrap_or_default()))
            .collect();
        Ok(tax::insert_line_taxes(tx, &scope.held, &taxes)?)
    }

    fn save_invoices(self, tx: &mut Tx<'_>, scope: &Holding<'_>) -> Result<Vec<Invoice>, Error> {
        let (written, new): (Vec<Sheet>, Vec<Sheet>) =
            self.sheets.into_iter().partition(|sheet| sheet.is_written);
        let mut invoices: Vec<Invoice> = written.into_iter().map(|sheet| sheet.invoice).collect();
        drafts::save_issued(tx, &scope.held, &invoices)?;
        let new: Vec<Invoice> = new.into_iter().map(|sheet| sheet.invoice).collect();
        invoicing::insert(tx, &scope.held, &new)?;
        invoices.extend(new);
        let is_charged = |invoice: &&Invoice| {
            invoice.status == Status::Open && invoice.collection == Collection::Automatic
        };
        let charged: Vec<InvoiceId> = invoices.iter().filter(is_charged).map(|invoice| invoice.id).collect();
        preferences::freeze_policies(tx, &scope.held, &charged)?;
        let event = |invoice: &Invoice| {
            let is_draft = invoice.status == Status::Draft;
            let type_ = if is_draft { EventType::InvoiceDrafted } else { EventType::InvoiceFinalized };
            scope.event(type_, invoice.id.uuid(), invoice.event_data())
        };
        let emitted: Vec<Event> = invoices.iter().map(event).collect();
        events::record(tx, scope.tenant_id, &emitted)?;
        Ok(invoices)
    }
}

fn with_invoice<T>(id: InvoiceId, things: Vec<T>) -> impl Iterator<Item = (InvoiceId, T)> {
    things.into_iter().map(move |thing| (id, thing))
}

fn event_of_low_credits(scope: &Scope, low: &Low) -> Event {
    let data = serde_json::json!({
        "customer_id": low.rule.customer_id,
        "currency": low.rule.threshold.currency().code(),
        "balance": low.balance.to_major_string(),
        "threshold": low.rule.threshold.to_major_string(),
    });
    scope.event(EventType::CreditsLowBalance, low.rule.customer_id.uuid(), data)
}

/// Makes usable what these invoices sold, now that they are paid.
///
/// # Errors
/// Storage.
pub fn activate(tx: &mut Tx<'_>, scope: &Holding<'_>, paid: &[InvoiceId]) -> Result<(), Error> {
    let tenant_id = scope.tenant_id;
    if paid.is_empty() {
        return Ok(());
    }
    for grant in credits::sold_by(tx, tenant_id, paid)? {
        let active = grant.clone().activated();
        if active != grant {
            credits::update(tx, &scope.held, &active)?;
            let event = scope.event(EventType::CreditGrantActivated, active.id.uuid(), active.event_data());
            events::record(tx, tenant_id, &[event])?;
        }
    }
    Ok(())
}
