//! What becomes of lines until they are owed? One page of steps, whoever wrote the lines: a billing run, a person, a correction, a sale of
//! credits.
//!
//! Lines of 93.00: discount 9.30, tax 0.00, total 83.70; credits pay 40.00 and the balance 5.00, so 38.70 is due; numbered, posted, emitted.

use std::collections::HashMap;
use std::sync::Arc;

use strum::IntoStaticStr;

use super::billing::Line;
use super::billing::piece::Key;
use super::billing::unbillable::Unbillable;
use super::credits::draw::{self, Draw};
use super::credits::purchase;
use super::credits::take_back::TakenBack;
use super::credits::usage::{At, Usage};
use super::credits::{Funds, Grant};
use super::ids::{EntityId, InvoiceId, ItemVersionId};
use super::invoicing::assemble::{Draft, Identity};
use super::invoicing::discounted::{self, Known, LineShare, Sold};
use super::invoicing::finalize::{self, Issue};
use super::invoicing::{Invoice, Status, Totals};
use super::ledger::posting::Source;
use super::ledger::{self, SourceKind, Transfer};
use super::money::{Money, MoneyError};
use super::payments::Refused;
use super::refusal::{Refusal, RefusalKind};
use super::subscriptions::{Collection, ItemVersion, Timeline};
use super::tax::calculate::Refused as Untaxable;
use super::tax::on_lines::{LineTax, TaxedCharges, Taxing};
use super::tax::provided::Question;

/// A step from lines to what is owed. Its name is what an explanation calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    /// Discounts come off the lines, and come back with what is taken back.
    Discount,
    /// Each line has its tax.
    Tax,
    /// Lines are added up.
    Totals,
    /// Prepaid credits pay usage, and come back with usage that is taken back.
    Credits,
    /// The credit balance pays, or receives what the invoice is below zero.
    Balance,
    /// It is dated and due, and has its parties; its number is taken last of all, because its counter is the last lock.
    Number,
    /// It is posted to the ledger.
    Postings,
    /// Its event is emitted.
    Events,
}

/// When a step is taken.
enum Does {
    /// When lines become a draft.
    Draft(fn(&mut Drafting<'_>) -> Result<(), NotIssued>),
    /// When a draft is issued.
    Issue(fn(&mut Issuing<'_>) -> Result<(), Refused>),
    /// When it is written: by who numbers it.
    Write,
}

/// The page.
const PAGE: [(Step, Does); 8] = [
    (Step::Discount, Does::Draft(discount)),
    (Step::Tax, Does::Draft(tax)),
    (Step::Totals, Does::Draft(totals)),
    (Step::Credits, Does::Issue(credits)),
    (Step::Balance, Does::Issue(balance)),
    (Step::Number, Does::Issue(date)),
    (Step::Postings, Does::Issue(post)),
    (Step::Events, Does::Write),
];

/// An invoice on the page, with all that comes of it.
#[derive(Debug, Clone)]
pub struct Sheet {
    pub invoice: Invoice,
    pub lines: Vec<Line>,
    /// What each discount took off its lines.
    pub shares: Vec<LineShare>,
    /// The taxes of its lines; `None`: nothing is taxed.
    pub taxes: Option<Vec<LineTax>>,
    /// What a provider is to be asked before its tax is known.
    pub question: Option<Box<Question>>,
    /// Its usage, which credits may pay.
    pub usage: Vec<Usage>,
    pub draws: Vec<Draw>,
    pub taken: Vec<TakenBack>,
    pub transfers: Vec<Transfer>,
    /// Whether the draft and its lines are written already.
    pub is_written: bool,
}

impl Sheet {
    /// A draft as it is.
    #[must_use]
    pub fn of((invoice, lines): (Invoice, Vec<Line>)) -> Sheet {
        let (shares, usage) = (Vec::new(), Vec::new());
        let (draws, taken, transfers) = (Vec::new(), Vec::new(), Vec::new());
        Sheet {
            invoice,
            lines,
            shares,
            taxes: None,
            question: None,
            usage,
            draws,
            taken,
            transfers,
            is_written: false,
        }
    }
}

/// Why an invoice is not issued.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NotIssued {
    /// Its lines cannot be what they should be.
    #[error(transparent)]
    Unbillable(#[from] Unbillable),
    /// Their tax is not known.
    #[error(transparent)]
    Untaxable(#[from] Untaxable),
    /// It is no draft, or a sum does not fit.
    #[error(transparent)]
    Refused(#[from] Refused),
}

impl Refusal for NotIssued {
    fn code(&self) -> &'static str {
        match self {
            NotIssued::Unbillable(refused) => refused.code(),
            NotIssued::Untaxable(refused) => refused.code(),
            NotIssued::Refused(refused) => refused.code(),
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            NotIssued::Unbillable(refused) => refused.kind(),
            NotIssued::Untaxable(refused) => refused.kind(),
            NotIssued::Refused(refused) => refused.kind(),
        }
    }
}

impl From<MoneyError> for NotIssued {
    fn from(error: MoneyError) -> NotIssued {
        NotIssued::Unbillable(error.into())
    }
}

/// The drafts of one customer, in the order in which they are issued, and what is known of its discounts.
struct Drafting<'a> {
    drafts: &'a mut [Draft],
    shares: Vec<Vec<LineShare>>,
    taxes: Vec<Option<Vec<LineTax>>>,
    questions: Vec<Option<Box<Question>>>,
    sold: &'a [Sold<'a>],
    known: &'a Known,
    taxing: Option<Taxing<'a>>,
}

/// What was taken off the lines of a draft, and how they are taxed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drafted {
    pub shares: Vec<LineShare>,
    /// `None`: nothing is taxed.
    pub taxes: Option<Vec<LineTax>>,
    /// What a provider is to be asked before their tax is known.
    pub question: Option<Box<Question>>,
}

/// The first half of the page: what drafts charge. Gives what each discount took off the lines of each draft, and their taxes.
///
/// # Errors
/// Sums that do not fit; a period outside the calendar; no rate of tax is known.
pub fn draft(
    drafts: &mut [Draft],
    sold: &[Sold<'_>],
    known: &Known,
    taxing: Option<Taxing<'_>>,
) -> Result<Vec<Drafted>, NotIssued> {
    let (shares, taxes) = (vec![Vec::new(); drafts.len()], vec![None; drafts.len()]);
    let questions = vec![None; drafts.len()];
    let mut drafting = Drafting { drafts, shares, taxes, questions, sold, known, taxing };
    for (_, does) in &PAGE {
        if let Does::Draft(step) = does {
            step(&mut drafting)?;
        }
    }
    let drafted = drafting.shares.into_iter().zip(drafting.taxes).zip(drafting.questions);
    Ok(drafted.map(|((shares, taxes), question)| Drafted { shares, taxes, question }).collect())
}

fn discount(drafting: &mut Drafting<'_>) -> Result<(), NotIssued> {
    drafting.shares = discounted::apply(drafting.drafts, drafting.sold, drafting.known)?;
    Ok(())
}

fn tax(drafting: &mut Drafting<'_>) -> Result<(), NotIssued> {
    let Some(taxing) = drafting.taxing else { return Ok(()) };
    let mut known = TaxedCharges::default();
    let found = drafting.taxes.iter_mut().zip(&mut drafting.questions);
    for (draft, (taxes, question)) in drafting.drafts.iter_mut().zip(found) {
        *taxes = Some(taxing.tax(draft.currency, &mut draft.lines, &mut known)?);
        *question = known.question.take().map(Box::new);
    }
    Ok(())
}

fn totals(drafting: &mut Drafting<'_>) -> Result<(), NotIssued> {
    for draft in drafting.drafts.iter_mut() {
        draft.totals = Totals::of(draft.currency, &draft.lines)?;
    }
    Ok(())
}

/// A draft about to be issued, what its customer can pay with, and what it is issued with.
struct Issuing<'a> {
    sheet: Sheet,
    funds: &'a mut Funds,
    issue: &'a Issue,
}

/// The second half of the page: what an issued invoice owes, but its number. The funds are less what they paid.
///
/// # Errors
/// It is no draft; sums that do not fit.
pub fn issue(sheet: Sheet, funds: &mut Funds, issue: &Issue) -> Result<Sheet, Refused> {
    let mut issuing = Issuing { sheet, funds, issue };
    for (_, does) in &PAGE {
        if let Does::Issue(step) = does {
            step(&mut issuing)?;
        }
    }
    Ok(issuing.sheet)
}

fn credits(Issuing { sheet, funds, issue }: &mut Issuing<'_>) -> Result<(), Refused> {
    let put = draw::credits(&mut sheet.invoice, &sheet.usage, funds, issue.now)?;
    (sheet.draws, sheet.taken) = (put.draws, put.taken);
    Ok(())
}

fn balance(Issuing { sheet, funds, .. }: &mut Issuing<'_>) -> Result<(), Refused> {
    Ok(draw::balance(&mut sheet.invoice, funds)?)
}

fn date(Issuing { sheet, issue, .. }: &mut Issuing<'_>) -> Result<(), Refused> {
    Ok(finalize::finalize(&mut sheet.invoice, issue)?)
}

fn post(Issuing { sheet, issue, .. }: &mut Issuing<'_>) -> Result<(), Refused> {
    let source_of = |kind| source(&sheet.invoice, kind, issue);
    let mut transfers = ledger::invoices::finalized(&sheet.invoice, &sheet.lines, issue)?;
    let applied =
        ledger::credits::applied(&sheet.invoice, &sheet.draws, source_of(SourceKind::CreditsApplied))?;
    transfers.extend(applied);
    transfers.extend(ledger::credits::returned(&sheet.taken, source_of(SourceKind::CreditsReturned))?);
    sheet.transfers = transfers;
    Ok(())
}

/// Numbers the invoices that an entity issued from `first` on, in their order; drafts have none.
pub fn number(sheets: &mut [Sheet], entity_id: EntityId, (series, first): (&Arc<str>, i64)) {
    let is_issued = |invoice: &Invoice| invoice.status != Status::Draft && invoice.entity_id == entity_id;
    let issued = sheets.iter_mut().filter(|sheet| is_issued(&sheet.invoice));
    for (sheet, number) in issued.zip(first..) {
        finalize::number(&mut sheet.invoice, series, number);
    }
}

/// What the transfers of an invoice about to be issued have in common.
fn source(invoice: &Invoice, kind: SourceKind, issue: &Issue) -> Source {
    Source {
        kind,
        id: invoice.id.uuid(),
        customer_id: invoice.customer_id,
        entity_id: Some(invoice.entity_id),
        invoice_id: None,
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
            let key = Key { version: version.id, start: line.period.start };
            usage.push(Usage {
                price_id: version.terms.price_id,
                meter_id: Some(metering.meter_id),
                net: line.net()?,
                at: Some(At::of(line, key)),
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
) -> Result<(Grant, Sheet), NotIssued> {
    let Issue { now, entity_id, .. } = *issue_with;
    let date = issue_with.zone.local_date(now);
    let draft = purchase::draft(&grant, (date, now), collection).map_err(Unbillable::from)?;
    let identity = Identity {
        id,
        customer_id: grant.customer_id,
        entity_id,
        bill_run_id: None,
        now,
        finalizes_at: None,
    };
    let mut sheet = issue(Sheet::of(draft.identified(identity)), funds, issue_with)?;
    let source = source(&sheet.invoice, SourceKind::CreditsSold, issue_with);
    sheet.transfers.extend(ledger::credits::sold(grant.price, source)?);
    grant.invoice_id = Some(id);
    if sheet.invoice.status == Status::Paid {
        grant = grant.activated();
    }
    Ok((grant, sheet))
}

/// What the steps of the page made of a line, and of its invoice: each step's name, and what it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub step: &'static str,
    /// Of the line's own amount, where the step is about lines.
    pub of_line: Option<Money>,
    /// Of the whole invoice; `None` where the step changes no amount.
    pub of_invoice: Option<Money>,
}

/// What each step taken so far made of a line and of its invoice. A draft has been through the first half.
///
/// # Errors
/// Sums that do not fit.
pub fn steps_taken(invoice: &Invoice, line: &Line) -> Result<Vec<Made>, MoneyError> {
    let totals = &invoice.totals;
    let mut made = Vec::with_capacity(PAGE.len());
    for (step, does) in &PAGE {
        if invoice.status == Status::Draft && !matches!(does, Does::Draft(_)) {
            break;
        }
        let (of_line, of_invoice) = match step {
            Step::Discount => (Some(line.discount.negated()?), Some(totals.discount_total.negated()?)),
            Step::Tax => (Some(line.tax), Some(totals.tax_total)),
            Step::Totals => (Some(line.net()?), Some(totals.total)),
            Step::Credits => (None, Some(invoice.applied.credits.negated()?)),
            Step::Balance => (None, Some(invoice.applied.balance.negated()?)),
            Step::Number | Step::Postings | Step::Events => (None, None),
        };
        made.push(Made { step: (*step).into(), of_line, of_invoice });
    }
    Ok(made)
}
