//! Which drafts become invoices now? Those whose `finalizes_at` has come, 500 a transaction, numbered in the order of their times;
//! usage that was recorded late is put on them first.
//!
//! Held for 24 hours, 3,000 drafts of 1 February are 3,000 invoices of 2 February: six transactions.

use std::collections::{BTreeSet, HashMap};

use super::issue::Books;
use super::late_usage;
use crate::domain::billing::grounds::About;
use crate::domain::billing::piece::Key;
use crate::domain::credits::Funds;
use crate::domain::events::EventType;
use crate::domain::ids::{CustomerId, InvoiceId};
use crate::domain::invoicing::drafts::Whole;
use crate::domain::invoicing::{Invoice, WaitsFor, finalize};
use crate::domain::issuing::{self, Sheet};
use crate::domain::work::Tally;
use crate::storage::customers::locks::{self, Locked};
use crate::storage::invoicing::{drafts, earlier_drafts};
use crate::storage::tenants::clock_advances;
use crate::storage::{Session, Tx, billing, credits, due, events, invoicing, tax};
use crate::workflows::parked_work::{self, Attempted, Owned, Place};
use crate::workflows::tax::{tax_book, tax_draft};
use crate::workflows::{Error, Holding};

/// Drafts of one batch.
const BATCH: usize = 500;

/// Finalizes every draft whose time has come.
///
/// # Errors
/// The database cannot be reached.
pub fn run(session: &mut Session, place: Place) -> Result<Tally, Error> {
    let mut drafts_finalized = 0;
    let finalization = &due::FINALIZATION;
    let Attempted { parked, .. } =
        parked_work::batches_under_locks(session, finalization, place, BATCH, |session, items, locked| {
            let done =
                session.transaction("finalize_drafts", |tx| finalize_due(tx, place, (items, locked)))?;
            drafts_finalized += done.issued;
            Ok(done.looked_at)
        })?;
    Ok(Tally { drafts_finalized, parked, ..Tally::default() })
}

/// What became of drafts that were due.
struct Done {
    /// Those that wait on, too.
    looked_at: usize,
    issued: u64,
}

/// Finalizes one that was parked.
///
/// # Errors
/// What keeps it from being issued.
pub fn one(session: &mut Session, place: Place, id: InvoiceId) -> Result<Tally, Error> {
    session.transaction("finalize_draft", |tx| {
        let customer_id = invoicing::find(tx, place.tenant_id, id)?.customer_id;
        let done = finalize_due(tx, place, (&[(customer_id, id.uuid())], Locked::Wait))?;
        Ok(Tally { drafts_finalized: done.issued, ..Tally::default() })
    })
}

fn finalize_due(tx: &mut Tx<'_>, place: Place, (due, locked): (&[Owned], Locked)) -> Result<Done, Error> {
    let scope = place.scope(tx)?;
    let tenant_id = place.tenant_id;
    let mut customers: Vec<CustomerId> = due.iter().map(|d| d.0).collect();
    customers.sort_unstable();
    customers.dedup();
    let ids: Vec<InvoiceId> = due.iter().map(|d| InvoiceId::from_uuid(d.1)).collect();
    let scope = scope.holding(locks::each(tx, tenant_id, &customers, locked)?);
    let claimed = drafts::claim(tx, &scope.held, &ids, scope.now)?;
    let (waiting, claimed) = put_off(tx, &scope, claimed)?;
    let looked_at = waiting + claimed.len();
    let issued = issue(tx, &scope, claimed)?.len() as u64;
    clock_advances::count(tx, Tally { drafts_finalized: issued, ..Tally::default() })?;
    Ok(Done { looked_at, issued })
}

/// Lets wait on what waits for something, and says how many drafts that is; gives the others.
fn put_off(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    claimed: Vec<Invoice>,
) -> Result<(usize, Vec<Invoice>), Error> {
    let parties = claimed.iter().map(|draft| (draft.entity_id, draft.customer_id)).collect();
    let waiting = tax_book::waiting_for_numbers(tx, scope, &parties)?;
    let ids: Vec<InvoiceId> = claimed.iter().map(|draft| draft.id).collect();
    let mut of_drafts = given_back_of_drafts(tx, scope, &ids)?;
    let (mut unknown, mut after, mut go) = (Vec::new(), Vec::new(), Vec::new());
    for draft in claimed {
        let earlier = of_drafts.remove(&draft.id).unwrap_or_default();
        if waiting.contains(&(draft.entity_id, draft.customer_id)) {
            unknown.push(draft);
        } else if earlier.iter().any(|earlier| go.iter().all(|going: &Invoice| going.id != *earlier)) {
            after.push(draft);
        } else {
            go.push(draft);
        }
    }
    have_wait(tx, scope, (unknown.iter_mut(), WaitsFor::TaxId))?;
    have_wait(tx, scope, (after.iter_mut(), WaitsFor::EarlierDraft))?;
    Ok((unknown.len() + after.len(), go))
}

/// Has drafts wait, and says so of those that did not.
fn have_wait<'d>(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (drafts, reason): (impl Iterator<Item = &'d mut Invoice>, WaitsFor),
) -> Result<(), Error> {
    let mut emitted = Vec::new();
    for draft in drafts {
        let is_new = draft.waits_for != Some(reason);
        draft.wait(reason, scope.now);
        invoicing::update(tx, &scope.held, draft)?;
        let event = || scope.event(EventType::InvoiceUpdated, draft.id.uuid(), draft.event_data());
        emitted.extend(is_new.then(event));
    }
    Ok(events::record(tx, scope.tenant_id, &emitted)?)
}

/// Which earlier drafts charge what these give back, where anything is taxed.
fn given_back_of_drafts(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    drafts: &[InvoiceId],
) -> Result<HashMap<InvoiceId, Vec<InvoiceId>>, Error> {
    let mut of_drafts: HashMap<InvoiceId, Vec<InvoiceId>> = HashMap::new();
    if tax::has_taxed(tx, scope.tenant_id)? {
        for found in earlier_drafts::giving_back(tx, scope.tenant_id, drafts)? {
            of_drafts.entry(found.draft).or_default().push(found.of_draft);
        }
    }
    Ok(of_drafts)
}

/// Issues drafts: late usage, dates and parties, postings, numbers last. Customers and drafts are locked. What a provider has not answered yet
/// waits as a draft, and is not among what is given.
pub(in crate::workflows) fn issue(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    claimed: Vec<Invoice>,
) -> Result<Vec<Invoice>, Error> {
    if claimed.is_empty() {
        return Ok(Vec::new());
    }
    let mut lines = drafts::lines_of(tx, scope.tenant_id, &claimed)?;
    let mut whole: Vec<Whole> = Vec::with_capacity(claimed.len());
    for invoice in claimed {
        let lines = lines.remove(&invoice.id).unwrap_or_default();
        whole.push(Whole { invoice, lines, shares: Vec::new() });
    }
    late_usage::add(tx, scope, &mut whole)?;
    for draft in &whole {
        finalize::check(&draft.invoice)?;
    }
    let unanswered = tax_draft::run(tx, scope, &mut whole)?;
    let (mut wait, whole): (Vec<Whole>, Vec<Whole>) =
        whole.into_iter().partition(|draft| unanswered.contains(&draft.invoice.id));
    have_wait(tx, scope, (wait.iter_mut().map(|draft| &mut draft.invoice), WaitsFor::TaxProvider))?;
    let whole = after_unanswered(tx, scope, (whole, &wait))?;
    let drafts = whole.len();
    let mut invoices = pay(tx, scope, whole)?.save(tx, scope)?;
    // After them come the invoices of credits bought because they ran low.
    invoices.truncate(drafts);
    let customers: Vec<CustomerId> = invoices.iter().map(|invoice| invoice.customer_id).collect();
    earlier_drafts::look_again(tx, &scope.held, &customers, scope.now)?;
    Ok(invoices)
}

/// Has those wait that give back of drafts that wait themselves; gives the others.
fn after_unanswered(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (whole, unanswered): (Vec<Whole>, &[Whole]),
) -> Result<Vec<Whole>, Error> {
    if unanswered.is_empty() {
        return Ok(whole);
    }
    let ids: Vec<InvoiceId> = whole.iter().map(|draft| draft.invoice.id).collect();
    let of_drafts = given_back_of_drafts(tx, scope, &ids)?;
    let waits = |draft: &Whole| {
        let of_drafts = of_drafts.get(&draft.invoice.id).into_iter().flatten();
        of_drafts.into_iter().any(|earlier| unanswered.iter().any(|draft| draft.invoice.id == *earlier))
    };
    let (mut after, whole): (Vec<Whole>, Vec<Whole>) = whole.into_iter().partition(waits);
    have_wait(tx, scope, (after.iter_mut().map(|draft| &mut draft.invoice), WaitsFor::EarlierDraft))?;
    Ok(whole)
}

/// Issues each draft, in order, with what its customer can pay with.
fn pay(tx: &mut Tx<'_>, scope: &Holding<'_>, mut whole: Vec<Whole>) -> Result<Books, Error> {
    let customers: BTreeSet<CustomerId> = whole.iter().map(|draft| draft.invoice.customer_id).collect();
    let mut book = credits::load_each(tx, scope.tenant_id, &customers)?;
    for Whole { invoice, lines, .. } in &mut whole {
        // Which earlier pieces usage that flowed back gives back of.
        if lines.iter().any(|line| line.measured.is_some() && line.amount.is_negative()) {
            billing::grounds::attach(tx, scope.tenant_id, (invoice.id, lines))?;
        }
    }
    let below_zero = whole.iter().flat_map(|draft| &draft.lines).filter(|line| line.amount.is_negative());
    let keys = below_zero.flat_map(|line| {
        let own = line.item_version_id.map(|version| Key { version, start: line.period.start });
        let earlier = line.grounds.iter().flat_map(|grounds| &grounds.earlier);
        own.into_iter().chain(earlier.map(About::key))
    });
    let keys: Vec<Key> = keys.collect();
    credits::taken_back::attach(tx, scope.tenant_id, &mut book, &keys)?;
    let mut funds: HashMap<CustomerId, Funds> = HashMap::new();
    let (mut books, mut sold) = (Books::default(), Vec::new());
    for Whole { invoice, lines, .. } in whole {
        let (id, customer) = (invoice.id, invoice.customer_id);
        let terms = scope.terms((customer, invoice.entity_id))?;
        let theirs = funds.entry(customer).or_insert_with(|| book.of_customer(customer));
        let usage = match theirs.grants.is_empty() {
            true => Vec::new(),
            false => {
                let keys = billing::taken_back::keys(tx, scope.tenant_id, (id, &lines))?;
                credits::usage_of(tx, scope.tenant_id, (&lines, &keys))?
            }
        };
        let before = theirs.clone();
        let sheet = Sheet { usage, is_written: true, ..Sheet::of((invoice, lines)) };
        books.sheets.push(issuing::issue(sheet, theirs, &terms)?);
        sold.extend(books.top_up(scope, (&before, theirs), &terms)?);
    }
    books.sheets.extend(sold);
    Ok(books)
}
