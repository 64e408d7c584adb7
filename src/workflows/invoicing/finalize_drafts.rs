//! Which drafts become invoices now? Those whose `finalizes_at` has come, 500 a transaction, numbered in the order of their times;
//! usage that was told late is put on them first.
//!
//! Held for 24 hours, 3,000 drafts of 1 February are 3,000 invoices of 2 February: six transactions.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::issue::{self, CreditBooks, Issued};
use super::late_usage;
use crate::domain::billing::piece::Key;
use crate::domain::credits::Funds;
use crate::domain::events::{Event, EventType};
use crate::domain::ids::{CustomerId, InvoiceId, TenantId};
use crate::domain::invoicing::drafts::Whole;
use crate::domain::invoicing::finalize::{self, Issue};
use crate::domain::invoicing::{Invoice, Status};
use crate::domain::ledger::Transfer;
use crate::storage::billing::Locked;
use crate::storage::invoicing::{Buyer, drafts};
use crate::storage::{Session, StorageError, Tx, credits, events, invoicing, ledger as transfers};
use crate::workflows::{Error, Scope};

/// Drafts of one batch.
const BATCH: usize = 500;
/// Due drafts a plan reads at once: their ids only.
const PLAN: i64 = 20_000;
/// Hours until a draft that could not be finalized is tried again.
const PUT_OFF: i64 = 24;

/// What was finalized.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Finalized {
    pub finalized: u64,
    /// Put off, each told by an event.
    pub failed: u64,
}

/// Finalizes every draft whose time has come.
pub fn run(session: &mut Session, tenant_id: TenantId) -> Result<Finalized, Error> {
    let mut done = Finalized::default();
    let mut locked = Locked::Skip;
    loop {
        let due = session.transaction("find_due_drafts", |tx| {
            let now = Scope::load(tx, tenant_id)?.now;
            drafts::due(tx, tenant_id, now, PLAN)
        })?;
        let mut claimed = 0;
        for due in due.chunks(BATCH) {
            claimed += batch(session, tenant_id, (due, locked), &mut done)?;
        }
        // What is left is in other hands: wait for them once, so that nothing due is left behind.
        locked = match (claimed, locked) {
            _ if due.is_empty() => return Ok(done),
            (0, Locked::Wait) => return Ok(done),
            (0, Locked::Skip) => Locked::Wait,
            _ => Locked::Skip,
        };
    }
}

/// When a draft is to be finalized next.
pub fn next_due(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Option<DateTime<Utc>>, StorageError> {
    drafts::next_due(tx, tenant_id)
}

/// One transaction; when it fails, each draft in one of its own, so that only the one at fault is put off.
fn batch(
    session: &mut Session,
    tenant_id: TenantId,
    (due, locked): (&[(CustomerId, InvoiceId)], Locked),
    done: &mut Finalized,
) -> Result<usize, Error> {
    let all = session.transaction("finalize_drafts", |tx| finalize_due(tx, tenant_id, (due, locked)));
    let error = match all {
        Ok(count) => {
            done.finalized += count as u64;
            return Ok(count);
        }
        Err(error) if error.is_outage() => return Err(error),
        Err(error) => error,
    };
    tracing::warn!(%error, "a batch of drafts could not be finalized; they are finalized one by one");
    let mut claimed = 0;
    for one in due {
        let outcome = session.transaction("finalize_draft", |tx| {
            finalize_due(tx, tenant_id, (std::slice::from_ref(one), Locked::Wait))
        });
        match outcome {
            Ok(count) => {
                done.finalized += count as u64;
                claimed += count;
            }
            Err(error) if error.is_outage() => return Err(error),
            Err(error) => {
                let reason = error.to_string();
                session.transaction("put_off_draft", |tx| put_off(tx, tenant_id, *one, &reason))?;
                done.failed += 1;
                claimed += 1;
            }
        }
    }
    Ok(claimed)
}

fn finalize_due(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (due, locked): (&[(CustomerId, InvoiceId)], Locked),
) -> Result<usize, Error> {
    let scope = Scope::load(tx, tenant_id)?;
    let mut customers: Vec<CustomerId> = due.iter().map(|d| d.0).collect();
    customers.sort_unstable();
    customers.dedup();
    let ids: Vec<InvoiceId> = due.iter().map(|d| d.1).collect();
    let buyers = drafts::lock_buyers(tx, tenant_id, &customers, locked)?;
    let claimed = drafts::claim(tx, tenant_id, &ids, (&buyers, scope.now))?;
    Ok(issue(tx, &scope, claimed, &buyers)?.len())
}

/// A draft that cannot be issued is looked at again later, and told of.
fn put_off(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (customer_id, id): (CustomerId, InvoiceId),
    reason: &str,
) -> Result<(), Error> {
    let scope = Scope::load(tx, tenant_id)?;
    invoicing::lock_buyer(tx, tenant_id, customer_id)?;
    let mut draft = invoicing::find_locked(tx, tenant_id, id)?;
    if draft.status != Status::Draft {
        return Ok(());
    }
    draft.finalizes_at = scope.now.checked_add_signed(TimeDelta::hours(PUT_OFF));
    invoicing::update(tx, tenant_id, &draft)?;
    let mut data = draft.event_data();
    data["reason"] = reason.into();
    let told = scope.event(EventType::InvoiceFinalizationFailed, id.uuid(), data);
    Ok(events::record(tx, tenant_id, &[told])?)
}

/// Issues drafts: late usage, dates and parties, postings, numbers last. Customers and drafts are locked.
pub(in crate::workflows) fn issue(
    tx: &mut Tx<'_>,
    scope: &Scope,
    claimed: Vec<Invoice>,
    buyers: &HashMap<CustomerId, Buyer>,
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
    let Paid { mut issued, posted, books, sold } = pay(tx, scope, whole, buyers)?;
    transfers::post(tx, scope.tenant_id, &posted)?;
    books.save(tx, scope)?;
    let count = i64::try_from(issued.len()).unwrap_or(i64::MAX);
    let first = invoicing::take_numbers(tx, scope.tenant_id, &scope.invoice_series, count)?;
    for (invoice, number) in issued.iter_mut().zip(first..) {
        finalize::number(invoice, &scope.invoice_series, number);
    }
    drafts::save_issued(tx, scope.tenant_id, &issued)?;
    let told = |i: &Invoice| scope.event(EventType::InvoiceFinalized, i.id.uuid(), i.event_data());
    let told: Vec<Event> = issued.iter().map(told).collect();
    events::record(tx, scope.tenant_id, &told)?;
    issue::save(tx, scope, sold)?;
    Ok(issued)
}

/// Drafts issued, and what of them credits paid.
struct Paid {
    issued: Vec<Invoice>,
    posted: Vec<Transfer>,
    books: CreditBooks,
    /// Invoices of credits bought because they ran low.
    sold: Vec<Issued>,
}

/// Issues each draft, in order, with what its customer can pay with.
fn pay(
    tx: &mut Tx<'_>,
    scope: &Scope,
    whole: Vec<Whole>,
    buyers: &HashMap<CustomerId, Buyer>,
) -> Result<Paid, Error> {
    let customers: BTreeSet<CustomerId> = whole.iter().map(|draft| draft.invoice.customer_id).collect();
    let mut book = credits::load_each(tx, scope.tenant_id, &customers)?;
    let below_zero = whole.iter().flat_map(|draft| &draft.lines).filter(|line| line.amount.is_negative());
    let keys: Vec<Key> = below_zero
        .filter_map(|line| Some(Key { version: line.item_version_id?, start: line.period.start }))
        .collect();
    credits::taken_back::attach(tx, scope.tenant_id, &mut book, &keys)?;
    let mut funds: HashMap<CustomerId, Funds> = HashMap::new();
    let (issued, posted) = (Vec::with_capacity(whole.len()), Vec::new());
    let mut paid = Paid { issued, posted, books: CreditBooks::default(), sold: Vec::new() };
    for Whole { invoice, lines, .. } in whole {
        let (id, customer) = (invoice.id, invoice.customer_id);
        let terms = issue_to(scope, buyers.get(&customer));
        let theirs = funds.entry(customer).or_insert_with(|| book.of(customer));
        let usage = match theirs.grants.is_empty() {
            true => Vec::new(),
            false => {
                let usage = credits::usage_of(tx, scope.tenant_id, (id, &lines))?;
                usage.into_iter().map(|(_, usage)| usage).collect()
            }
        };
        let before = theirs.clone();
        let one = issue::issue((invoice, lines), &usage, theirs, &terms)?;
        paid.books.taken.extend(one.taken.into_iter().map(|back| (id, back)));
        paid.books.draws.extend(one.draws.iter().map(|draw| (id, *draw)));
        paid.posted.extend(one.transfers);
        paid.issued.push(one.invoice);
        paid.sold.extend(paid.books.top_up(scope, (&before, theirs), &terms)?);
    }
    Ok(paid)
}

fn issue_to(scope: &Scope, buyer: Option<&Buyer>) -> Issue {
    Issue {
        now: scope.now,
        zone: scope.zone,
        series: Arc::clone(&scope.invoice_series),
        seller_version: scope.seller_version,
        buyer_version: buyer.map_or(1, |b| b.version),
        payment_terms_days: buyer.and_then(|b| b.payment_terms_days).unwrap_or(scope.payment_terms_days),
    }
}
