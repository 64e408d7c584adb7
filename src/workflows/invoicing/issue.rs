//! What does an invoice become when it is issued? Credits pay what they can of it, it is dated and due, and it is posted: the pure part,
//! for billing runs, drafts and sales of credits alike.

use std::collections::HashMap;

use crate::domain::billing::Line;
use crate::domain::billing::piece::Key;
use crate::domain::billing::unbillable::Unbillable;
use crate::domain::credits::draw::{self, Draw, Put};
use crate::domain::credits::purchase::{self, Low};
use crate::domain::credits::take_back::TakenBack;
use crate::domain::credits::usage::{At, Usage};
use crate::domain::credits::{Funds, Grant};
use crate::domain::events::{Event, EventType};
use crate::domain::ids::{CreditGrantId, CustomerId, InvoiceId, ItemVersionId};
use crate::domain::invoicing::assemble::Identity;
use crate::domain::invoicing::finalize::{self, Issue};
use crate::domain::invoicing::{Invoice, Status};
use crate::domain::ledger::posting::Source;
use crate::domain::ledger::{self, SourceKind, Transfer};
use crate::domain::money::MoneyError;
use crate::domain::payments::Refused;
use crate::domain::subscriptions::{Collection, ItemVersion, Timeline};
use crate::storage::{Tx, credits, events, invoicing, ledger as transfers};
use crate::workflows::credits::take_back_usage;
use crate::workflows::{Error, Scope};

/// An invoice with all that issuing it writes, but its number.
#[derive(Debug, Clone)]
pub struct Issued {
    pub invoice: Invoice,
    pub lines: Vec<Line>,
    pub transfers: Vec<Transfer>,
    pub draws: Vec<Draw>,
    pub taken: Vec<TakenBack>,
}

impl Issued {
    /// A draft, as it is.
    #[must_use]
    pub fn not_yet(invoice: Invoice, lines: Vec<Line>) -> Issued {
        Issued { invoice, lines, transfers: Vec::new(), draws: Vec::new(), taken: Vec::new() }
    }
}

/// Issues a draft, paying what the funds can.
///
/// # Errors
/// It is no draft; sums that do not fit.
pub fn issue(
    (mut invoice, lines): (Invoice, Vec<Line>),
    usage: &[Usage],
    funds: &mut Funds,
    issue: &Issue,
) -> Result<Issued, Refused> {
    let Put { draws, taken } = draw::apply(&mut invoice, usage, funds, issue.now)?;
    let invoice = finalize::finalize(invoice, issue)?;
    let mut transfers = ledger::invoices::finalized(&invoice, &lines, issue)?;
    let of = |kind| source(&invoice, kind, issue);
    transfers.extend(ledger::credits::applied(&invoice, &draws, of(SourceKind::CreditsApplied))?);
    transfers.extend(ledger::credits::returned(&taken, of(SourceKind::CreditsReturned))?);
    Ok(Issued { invoice, lines, transfers, draws, taken })
}

/// What the transfers of an invoice about to be issued have in common.
#[must_use]
pub fn source(invoice: &Invoice, kind: SourceKind, issue: &Issue) -> Source {
    Source {
        kind,
        id: invoice.id.uuid(),
        customer_id: invoice.customer_id,
        effective_on: issue.zone.local_date(issue.now),
        recorded_at: issue.now,
    }
}

/// The usage lines among the lines of these subscriptions.
///
/// # Errors
/// Sums that do not fit.
pub fn usage<'a>(
    lines: &[Line],
    timelines: impl Iterator<Item = &'a Timeline>,
) -> Result<Vec<Usage>, MoneyError> {
    let mut usage = Vec::new();
    // By id: an invoice may have as many lines as its customer has subscriptions.
    let metered: HashMap<ItemVersionId, &ItemVersion> = timelines
        .flat_map(|timeline| &timeline.versions)
        .filter(|version| version.terms.metering.is_some())
        .map(|version| (version.id, version))
        .collect();
    for line in lines {
        let version = line.item_version_id.and_then(|id| metered.get(&id));
        if let Some((version, metering)) = version.and_then(|v| Some((v, v.terms.metering.as_ref()?))) {
            usage.push(Usage {
                price_id: version.terms.price_id,
                meter_id: Some(metering.meter_id),
                net: line.net()?,
                at: Some(At {
                    line_no: line.line_no,
                    key: Key { version: version.id, start: line.period.start },
                }),
            });
        }
    }
    Ok(usage)
}

/// A sale of credits: the grant with its invoice, issued.
///
/// # Errors
/// Sums that do not fit; a date out of range.
pub fn sell(
    mut grant: Grant,
    (id, collection): (InvoiceId, Collection),
    funds: &mut Funds,
    issue_with: &Issue,
) -> Result<(Grant, Issued), Unbillable> {
    let now = issue_with.now;
    let draft = purchase::draft(&grant, (issue_with.zone.local_date(now), now), collection)?;
    let identity =
        Identity { id, customer_id: grant.customer_id, bill_run_id: None, now, finalizes_at: None };
    let draft = draft.identified(identity);
    let mut issued = issue(draft, &[], funds, issue_with).map_err(|_| MoneyError::Overflow)?;
    let source = source(&issued.invoice, SourceKind::CreditsSold, issue_with);
    issued.transfers.extend(ledger::credits::sold(grant.price, source)?);
    grant.invoice_id = Some(id);
    if issued.invoice.status == Status::Paid {
        grant = grant.activated();
    }
    Ok((grant, issued))
}

/// What invoices change of their customers' credits.
#[derive(Debug, Default)]
pub struct CreditBooks {
    pub taken: Vec<(InvoiceId, TakenBack)>,
    pub draws: Vec<(InvoiceId, Draw)>,
    pub grants: Vec<Grant>,
    pub told: Vec<Event>,
}

impl CreditBooks {
    /// Writes it; the invoices are written by the caller, and their transfers are posted before: what is taken back may pay from the
    /// balance what they put there.
    ///
    /// # Errors
    /// Storage.
    pub fn save(&self, tx: &mut Tx<'_>, scope: &Scope) -> Result<(), Error> {
        credits::insert(tx, scope.tenant_id, &self.grants)?;
        take_back_usage::save(tx, scope, &self.taken)?;
        credits::draw(tx, scope.tenant_id, &self.draws, scope.now)?;
        Ok(events::record(tx, scope.tenant_id, &self.told)?)
    }

    /// Takes over what was decided elsewhere.
    pub fn add(&mut self, other: CreditBooks) {
        self.taken.extend(other.taken);
        self.draws.extend(other.draws);
        self.grants.extend(other.grants);
        self.told.extend(other.told);
    }

    /// Tells of a new grant.
    pub fn granted(&mut self, scope: &Scope, grant: Grant) {
        self.told.push(scope.event(EventType::CreditGrantCreated, grant.id.uuid(), grant.event_data()));
        self.grants.push(grant);
    }

    /// Tells which credits run low, and buys what was agreed: the invoices of the sales.
    ///
    /// # Errors
    /// Sums that do not fit; a date out of range.
    pub fn top_up(
        &mut self,
        scope: &Scope,
        (before, funds): (&Funds, &mut Funds),
        issue: &Issue,
    ) -> Result<Vec<Issued>, Unbillable> {
        let mut sold = Vec::new();
        for low in purchase::low(before, funds, scope.now)? {
            if low.crossed {
                self.told.push(told_low(scope, &low));
            }
            let Some(draft) = low.buys else { continue };
            let id = CreditGrantId::from_uuid(scope.mint());
            // Its terms were checked when the rule was set.
            let Ok(grant) = draft.create(id, scope.now) else { continue };
            let on = (InvoiceId::from_uuid(scope.mint()), Collection::Automatic);
            let (grant, mut issued) = sell(grant, on, funds, issue)?;
            scope.sign("credits.topped_up", &mut issued.lines);
            funds.grants.push(grant.clone());
            self.granted(scope, grant);
            sold.push(issued);
        }
        Ok(sold)
    }
}

fn told_low(scope: &Scope, low: &Low) -> Event {
    let data = serde_json::json!({
        "customer_id": low.rule.customer_id,
        "currency": low.rule.threshold.currency().code(),
        "balance": low.balance.to_major_string(),
        "threshold": low.rule.threshold.to_major_string(),
    });
    scope.event(EventType::CreditsLowBalance, low.rule.customer_id.uuid(), data)
}

/// Numbers and writes invoices issued outside a billing run; the number's counter is the last lock.
///
/// # Errors
/// Storage; sums that do not fit.
pub fn save(tx: &mut Tx<'_>, scope: &Scope, issued: Vec<Issued>) -> Result<Vec<Invoice>, Error> {
    let tenant_id = scope.tenant_id;
    let mut invoices = Vec::with_capacity(issued.len());
    let (mut draws, mut taken) = (Vec::new(), Vec::new());
    for one in issued {
        let lines: Vec<(InvoiceId, &Line)> = one.lines.iter().map(|line| (one.invoice.id, line)).collect();
        invoicing::insert_lines(tx, tenant_id, &lines)?;
        transfers::post(tx, tenant_id, &one.transfers)?;
        draws.extend(one.draws.iter().map(|draw| (one.invoice.id, *draw)));
        taken.extend(one.taken.into_iter().map(|back| (one.invoice.id, back)));
        invoices.push(one.invoice);
    }
    take_back_usage::save(tx, scope, &taken)?;
    credits::draw(tx, tenant_id, &draws, scope.now)?;
    let count = i64::try_from(invoices.len()).map_err(|_| MoneyError::Overflow).map_err(Refused::from)?;
    if count > 0 {
        let first = invoicing::take_numbers(tx, tenant_id, &scope.invoice_series, count)?;
        for (invoice, number) in invoices.iter_mut().zip(first..) {
            finalize::number(invoice, &scope.invoice_series, number);
        }
    }
    invoicing::insert(tx, tenant_id, &invoices)?;
    let told: Vec<Event> = invoices
        .iter()
        .map(|i| scope.event(EventType::InvoiceFinalized, i.id.uuid(), i.event_data()))
        .collect();
    events::record(tx, tenant_id, &told)?;
    Ok(invoices)
}

/// What an invoice of this customer is issued with.
///
/// # Errors
/// There is no such customer.
pub fn terms(tx: &mut Tx<'_>, scope: &Scope, customer: CustomerId) -> Result<Issue, Error> {
    let buyer = invoicing::lock_buyer(tx, scope.tenant_id, customer)?;
    Ok(Issue {
        now: scope.now,
        zone: scope.zone,
        series: std::sync::Arc::clone(&scope.invoice_series),
        seller_version: scope.seller_version,
        buyer_version: buyer.version,
        payment_terms_days: buyer.payment_terms_days.unwrap_or(scope.payment_terms_days),
    })
}

/// Makes usable what these invoices sold, now that they are paid.
///
/// # Errors
/// Storage.
pub fn activate(tx: &mut Tx<'_>, scope: &Scope, paid: &[InvoiceId]) -> Result<(), Error> {
    let tenant_id = scope.tenant_id;
    if paid.is_empty() {
        return Ok(());
    }
    for grant in credits::sold_by(tx, tenant_id, paid)? {
        let active = grant.clone().activated();
        if active != grant {
            credits::update(tx, tenant_id, &active)?;
            let told = scope.event(EventType::CreditGrantActivated, active.id.uuid(), active.event_data());
            events::record(tx, tenant_id, &[told])?;
        }
    }
    Ok(())
}
