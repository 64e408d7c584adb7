//! What does a range of customers owe by an instant? Loads their facts, decides, and writes invoices, postings, events and
//! cursors: all in the caller's transaction.
//!
//! A customer that cannot be billed is parked with its reason; the others of its range are billed all the same.

mod foresee;
mod parked;

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

pub use foresee::{Spent, foresee, spent, tax_questions};
pub use parked::{park, retry_parked};

use crate::domain::billing::expected::{Cursor, Expected};
use crate::domain::billing::piece::{Key, Readings};
use crate::domain::billing::segments::{self, Window};
use crate::domain::billing::unbillable::Unbillable;
use crate::domain::billing::{Line, commitments, difference};
use crate::domain::ids::{BillRunId, CustomerId, InvoiceId, SubscriptionId};
use crate::domain::invoicing::assemble::{self, Charges, Identity};
use crate::domain::invoicing::discounted::Sold;
use crate::domain::invoicing::finalize::Issue;
use crate::domain::invoicing::{Invoice, WaitsFor, late};
use crate::domain::issuing::{self, Drafted, NotIssued, Sheet};
use crate::domain::money::{Currency, Total};
use crate::domain::refusal::Refusal;
use crate::storage::billing::bill_runs;
use crate::storage::billing::pooled::{self, Pools};
use crate::storage::billing::readings::{self, Look};
use crate::storage::billing::{self, Billable, Due, PriceBook, Range, Since};
use crate::storage::credits::{self, FundsBook};
use crate::storage::customers::accounts;
use crate::storage::customers::{Locked, LockedCustomer};
use crate::storage::discounts::{self, InForce};
use crate::storage::invoicing::earlier_drafts;
use crate::storage::{Tx, fit};
use crate::workflows::invoicing::issue;
use crate::workflows::tax::tax_book::{Invoiced, TaxBook};
use crate::workflows::{Error, Holding, Scope};

/// What to bill.
#[derive(Debug, Clone, Copy)]
pub struct Batch {
    pub range: Range,
    pub as_of: DateTime<Utc>,
    /// Otherwise the invoices stay drafts.
    pub finalize: bool,
    /// When drafts are finalized by themselves; `None`: by somebody.
    pub finalizes_at: Option<DateTime<Utc>>,
    pub run_id: Option<BillRunId>,
    pub locked: Locked,
    /// Bill parked customers again, too.
    pub parked_too: bool,
    /// Bill what this subscription used so far of periods that still run, too.
    pub usage_early: Option<SubscriptionId>,
}

impl Batch {
    /// What is due of one paying account now, issued as the tenant has its invoices issued.
    pub fn alone(scope: &Scope, customer_id: CustomerId) -> Batch {
        Batch {
            range: Range::only(customer_id),
            as_of: scope.now,
            finalize: scope.billing.draft_hours == 0,
            finalizes_at: scope.finalizes_at(),
            run_id: None,
            locked: Locked::Wait,
            parked_too: false,
            usage_early: None,
        }
    }
}

/// What was billed.
#[derive(Debug, Clone, Default)]
pub struct Billed {
    pub customers: i32,
    pub invoices: Vec<InvoiceId>,
    pub lines: i32,
    pub parked: Vec<Parked>,
    /// Sum of invoice totals per currency.
    pub totals: BTreeMap<Currency, Total>,
}

/// A customer that could not be billed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    pub customer_id: CustomerId,
    pub code: &'static str,
    pub reason: String,
}

/// For whom, what, and what is known.
#[derive(Clone, Copy)]
struct Order<'a> {
    scope: &'a Scope,
    batch: &'a Batch,
    facts: &'a Facts,
}

/// All that is read before anything is decided.
struct Facts {
    billables: Vec<Billable>,
    readings: Readings,
    pools: Pools,
    discounts: InForce,
    taxes: TaxBook,
    /// What drafts charge that are not issued yet: what gives it back waits for them, where it is taxed.
    drafted: HashSet<Key>,
    funds: FundsBook,
}

/// Whose facts are needed. A subscription whose usage is billed early need not be due for anything else.
fn due(scope: &Scope, batch: &Batch) -> Due {
    let as_of = batch.usage_early.map_or(batch.as_of, |_| batch.as_of + TimeDelta::days(366 * 100));
    Due { tenant_id: scope.tenant_id, range: batch.range, as_of, trials_to: batch.as_of }
}

impl Facts {
    /// What an invoice waits for before it is issued by itself.
    fn waits_for(&self, sheet: &Sheet) -> Option<WaitsFor> {
        let Invoice { customer_id, entity_id, .. } = sheet.invoice;
        if self.taxes.waits_for_number(customer_id, entity_id) {
            return Some(WaitsFor::TaxId);
        }
        let gives_back = |line: &Line| {
            line.amount.is_negative() && line.changed_key().is_some_and(|key| self.drafted.contains(&key))
        };
        if sheet.lines.iter().any(gives_back) {
            return Some(WaitsFor::EarlierDraft);
        }
        sheet.question.is_some().then_some(WaitsFor::TaxProvider)
    }
}

fn load(
    tx: &mut Tx<'_>,
    (scope, batch): (&Scope, &Batch),
    locked: &[LockedCustomer],
    book: &mut PriceBook,
) -> Result<Facts, Error> {
    let due = due(scope, batch);
    let mut billables = billing::load(tx, due, locked, book)?;
    for of_payer in billables.chunk_by_mut(|a, b| a.customer_id == b.customer_id) {
        catch_up(of_payer, batch.as_of);
    }
    let look = Look {
        tenant_id: scope.tenant_id,
        as_of: batch.as_of,
        now: scope.now,
        usage_early: batch.usage_early.into(),
    };
    let readings = readings::read(tx, look, &billables, book)?;
    let pools = pooled::load(tx, scope.tenant_id, &billables)?;
    let since: Vec<Since> = billables.iter().map(since).collect();
    let discounts = discounts::load(tx, due, &since)?;
    let mut funds = credits::load(tx, scope.tenant_id, batch.range)?;
    if batch.finalize {
        let billed = billables.iter().flat_map(|billable| &billable.recorded);
        let keys: Vec<Key> = billed.filter(|r| r.metered.is_some()).map(|r| r.key).collect();
        credits::taken_back::attach(tx, scope.tenant_id, &mut funds, &keys)?;
    }
    let taxes = TaxBook::load(tx, scope, || invoiced(locked, &billables))?;
    let drafted = match batch.finalize && taxes.is_taxing() {
        true => earlier_drafts::charged(tx, scope.tenant_id, &drafted(&billables))?,
        false => HashSet::new(),
    };
    Ok(Facts { billables, readings, pools, discounts, taxes, drafted, funds })
}

/// What is on drafts.
fn drafted(billables: &[Billable]) -> Vec<Key> {
    let recorded = billables.iter().flat_map(|billable| &billable.recorded);
    recorded.filter(|recorded| recorded.drafted).map(|recorded| recorded.key).collect()
}

/// From when on its discounts are looked at: a commitment is looked at from its start on, however far billing has come since.
fn since(billable: &Billable) -> Since {
    let first = billable.recorded.iter().map(|recorded| recorded.key.start).min();
    let since = first.map_or(billable.settled_to, |first| first.min(billable.settled_to));
    (billable.timeline.subscription_id, since)
}

/// Who may be invoiced for what, and what may be taken back.
fn invoiced(locked: &[LockedCustomer], billables: &[Billable]) -> Invoiced {
    let versions = billables.iter().flat_map(|billable| &billable.timeline.versions);
    let recorded = billables.iter().flat_map(|billable| &billable.recorded);
    Invoiced {
        customers: locked.iter().map(|customer| customer.id).collect(),
        entities: locked.iter().map(|customer| customer.entity_id).collect(),
        versions: versions.map(|version| version.id).collect(),
        keys: recorded.map(|recorded| recorded.key).collect(),
        drafted: None,
    }
}

/// Bounds what is caught up at once of one payer: its commitments are for all of its subscriptions up to the same instant.
fn catch_up(of_payer: &mut [Billable], as_of: DateTime<Utc>) {
    let bound = |b: &Billable| segments::caught_up_to(&b.timeline, (b.settled_to, as_of), &b.recorded);
    // What cannot be cut into periods is found again, and reported, when it is billed.
    let bounds = of_payer.iter().filter_map(|billable| bound(billable).ok().flatten());
    let at_most_to = bounds.min();
    of_payer.iter_mut().for_each(|billable| billable.at_most_to = at_most_to);
}

/// Everything that a batch writes.
#[derive(Default)]
struct Books {
    invoices: issue::Books,
    cursors: Vec<(CustomerId, SubscriptionId, Cursor)>,
}

/// Bills the due subscriptions of a range of customers.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, batch: &Batch, book: &mut PriceBook) -> Result<Billed, Error> {
    let scope =
        &scope.holding(billing::lock_customers(tx, due(scope, batch), batch.locked, batch.parked_too)?);
    let locked = scope.held.customers();
    if locked.is_empty() {
        return Ok(Billed::default());
    }
    let facts = load(tx, (scope, batch), locked, book)?;
    let again = match batch.run_id {
        // Who is caught up in steps is met again, as one customer of the run.
        Some(run_id) if batch.locked == Locked::Wait => bill_runs::met(tx, &scope.held, run_id)?,
        _ => 0,
    };
    let customers: i32 = fit("customers", locked.len())?;
    let mut billed = Billed { customers: customers.saturating_sub(again), ..Billed::default() };
    let mut books = Books::default();
    let order = Order { scope, batch, facts: &facts };
    for of_customer in facts.billables.chunk_by(|a, b| a.customer_id == b.customer_id) {
        let customer_id = of_customer[0].customer_id;
        let Some(customer) = scope.held.get(customer_id).copied() else { continue };
        let terms = scope.issue(&customer, customer.entity_id)?;
        if let Err(refused) = decide(&order, (customer, &terms), of_customer, &mut books) {
            billed.parked.push(Parked { customer_id, code: refused.code(), reason: refused.to_string() });
        }
    }
    save(tx, (scope, batch), books, &mut billed)?;
    Ok(billed)
}

/// The pure part, for one customer: adds to the books all or nothing.
fn decide(
    order: &Order<'_>,
    (customer, terms): (LockedCustomer, &Issue),
    billables: &[Billable],
    books: &mut Books,
) -> Result<(), NotIssued> {
    let Order { scope, batch, facts } = *order;
    let expected = expected(order, customer, billables)?;
    let mut charges = Vec::with_capacity(billables.len());
    let mut cursors = Vec::with_capacity(billables.len());
    for (billable, mut expected) in billables.iter().zip(expected) {
        late::leave_to_drafts(&mut expected, &billable.recorded);
        let subscription_id = billable.timeline.subscription_id;
        charges.push(Charges {
            subscription_id,
            currency: billable.timeline.currency,
            collection: billable.collection,
            invoice_separately: billable.invoice_separately,
            apart: (billable.separate || customer.separate).then_some(billable.consumer),
            zone: billable.timeline.cycle.zone(),
            missing: difference::missing(subscription_id, &expected, &billable.recorded, batch.as_of)?,
        });
        cursors.push((billable.customer_id, subscription_id, expected.cursor));
    }
    let LockedCustomer { id: customer_id, entity_id, .. } = customer;
    let mut funds = facts.funds.of_customer(customer_id);
    let before = funds.clone();
    let mut drafts = assemble::assemble(charges)?;
    let sold: Vec<Sold<'_>> = billables.iter().map(Billable::sold).collect();
    let taxing = facts.taxes.between(customer_id, entity_id);
    let drafted = issuing::draft(&mut drafts, &sold, facts.discounts.of_customer(customer_id), taxing)?;
    let mut invoices = issue::Books::default();
    for (draft, Drafted { shares, taxes, question }) in drafts.into_iter().zip(drafted) {
        let id = InvoiceId::from_uuid(scope.mint());
        let Batch { run_id: bill_run_id, finalizes_at, .. } = *batch;
        let now = scope.now;
        let identity = Identity { id, customer_id, entity_id, bill_run_id, now, finalizes_at };
        if let Some(question) = &question {
            scope.unanswered.note(question);
        }
        let mut sheet = Sheet { shares, taxes, question, ..Sheet::of(draft.identified(identity)) };
        if let Some(reason) = facts.waits_for(&sheet).filter(|_| batch.finalize) {
            sheet.invoice.wait(reason, scope.now);
        } else if batch.finalize {
            if !funds.grants.is_empty() {
                sheet.usage = issuing::usage(&sheet.lines, billables.iter().map(|b| &b.timeline))?;
            }
            sheet = issuing::issue(sheet, &mut funds, terms)?;
        }
        invoices.sheets.push(sheet);
    }
    let sold = invoices.top_up(scope, (&before, &mut funds), terms)?;
    invoices.sheets.extend(sold);
    let taxes = invoices.sheets.iter().filter_map(|sheet| sheet.taxes.as_deref());
    facts.taxes.count(entity_id, taxes)?;
    books.invoices.add(invoices);
    books.cursors.extend(cursors);
    Ok(())
}

/// All that the subscriptions of one payer are worth by now, each commitment lowered by what counts towards it.
fn expected<'f>(
    order: &Order<'_>,
    customer: LockedCustomer,
    billables: &'f [Billable],
) -> Result<Vec<Expected<'f>>, Unbillable> {
    let Order { batch, facts, .. } = *order;
    let mut expected = Vec::with_capacity(billables.len());
    for billable in billables {
        let window = Window {
            from: billable.settled_to,
            as_of: billable.billed_to(batch.as_of),
            recorded: &billable.recorded,
            readings: &facts.readings,
            usage_early: batch.usage_early == Some(billable.timeline.subscription_id),
        };
        expected.push(segments::due(&billable.timeline, window)?);
    }
    let pool = facts.pools.get(&customer.id);
    let billed = billables.iter().map(|b| (&b.timeline, b.recorded.as_slice()));
    commitments::pool(&mut expected, pool.map_or(&[], Vec::as_slice), billed)?;
    Ok(expected)
}

/// Writes in the order of the locks: customers are held already, documents next, the number counter last.
fn save(
    tx: &mut Tx<'_>,
    (scope, batch): (&Holding<'_>, &Batch),
    books: Books,
    billed: &mut Billed,
) -> Result<(), Error> {
    billing::save_cursors(tx, &scope.held, &books.cursors)?;
    park(tx, scope, batch.run_id, billed.parked.clone())?;
    let lines = books.invoices.sheets.iter().map(|sheet| sheet.lines.len()).sum::<usize>();
    billed.lines = fit("lines", lines)?;
    let invoices = books.invoices.save(tx, scope)?;
    for invoice in &invoices {
        let total = billed.totals.entry(invoice.currency).or_insert(Total::zero(invoice.currency));
        *total = total.plus(invoice.totals.total);
    }
    billed.invoices = invoices.iter().map(|i| i.id).collect();
    Ok(())
}

fn not_billable(refused: impl Refusal) -> Error {
    Error::from(NotBillable { code: refused.code(), reason: refused.to_string() })
}

/// Bills the account that pays for a customer now: what a command does that makes something due. What cannot be billed is refused,
/// not parked.
pub fn one(tx: &mut Tx<'_>, scope: &Scope, customer_id: CustomerId) -> Result<Vec<InvoiceId>, Error> {
    let payer = accounts::payer_of(tx, scope.tenant_id, customer_id)?;
    let batch = Batch::alone(scope, payer);
    let billed = run(tx, scope, &batch, &mut PriceBook::default())?;
    match billed.parked.into_iter().next() {
        None => Ok(billed.invoices),
        Some(parked) => Err(Error::from(NotBillable { reason: parked.reason, code: parked.code })),
    }
}

/// The command would make a charge that cannot be billed.
#[derive(Debug, thiserror::Error)]
#[error("this cannot be billed: {reason}")]
struct NotBillable {
    code: &'static str,
    reason: String,
}

impl Refusal for NotBillable {
    fn code(&self) -> &'static str {
        self.code
    }
}
