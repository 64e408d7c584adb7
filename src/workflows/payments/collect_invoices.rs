//! Which invoices are charged now? Those due for an attempt, in batches of 500: recorded, charged, settled.
//!
//! 1,200 due: three batches, each committed before the gateway hears of it and once more with its answers. Two collectors at
//! once share the work: each skips the customers that the other holds.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::attempts::{self, Attempt};
use super::choosing::candidates::Choices;
use super::retries::{failures, plan};
use crate::adapters::gateway::Gateways;
use crate::domain::credits::ApplyBalance;
use crate::domain::ids::{CustomerId, GatewayAccountId, InvoiceId, PaymentId, PaymentMethodId};
use crate::domain::invoicing::{Invoice, Status};
use crate::domain::payments::accounts::GatewayAccount;
use crate::domain::payments::at_account::{self, Venue};
use crate::domain::payments::networks::{Card, Failure};
use crate::domain::payments::retries::Tried;
use crate::domain::payments::retries::ended::Ended;
use crate::domain::payments::retries::policy::Version;
use crate::domain::payments::retries::reason::{Cause, PutOffBy, Reason};
use crate::domain::payments::{PaymentMethod, State, attempt};
use crate::domain::work::Tally;
use crate::storage::customers::locks::{self, Locked};
use crate::storage::payments::accounts;
use crate::storage::payments::collection::{self, Claimed};
use crate::storage::payments::retries::{self, policies};
use crate::storage::payments::{cards, payment_methods};
use crate::storage::tenants::{Mode, clock_advances};
use crate::storage::{Session, Tx, credits, due, invoicing};
use crate::workflows::credits::apply_balance;
use crate::workflows::parked_work::{self, Owned, Place};
use crate::workflows::{Error, Holding, Scope};

/// Invoices of one batch.
const BATCH: usize = 500;

/// What was collected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Collected {
    pub attempted: u64,
    pub succeeded: u64,
    pub failed: u64,
    /// Without an outcome yet.
    pub processing: u64,
    /// Put off because they could not be charged for.
    pub parked: u64,
}

/// A part of a plan.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    pub due: &'a [Owned],
    /// What to do about customers that another transaction holds.
    pub locked: Locked,
}

/// Collects everything due by then.
///
/// # Errors
/// The database cannot be reached.
pub fn run(session: &mut Session, gateways: &Gateways, place: Place) -> Result<Collected, Error> {
    let mut collected = Collected::default();
    let attempted =
        parked_work::batches_under_locks(session, &due::COLLECTION, place, BATCH, |session, due, locked| {
            collect(session, gateways, (place, Batch { due, locked }), &mut collected)
        })?;
    collected.parked = attempted.parked;
    Ok(collected)
}

/// Collects one that was parked.
///
/// # Errors
/// What keeps it from being charged for.
pub fn one(
    session: &mut Session,
    gateways: &Gateways,
    place: Place,
    id: InvoiceId,
) -> Result<Collected, Error> {
    let invoice = session.transaction("find_due_invoice", |tx| invoicing::find(tx, place.tenant_id, id))?;
    let mut collected = Collected::default();
    let batch = Batch { due: &[(invoice.customer_id, id.uuid())], locked: Locked::Wait };
    collect(session, gateways, (place, batch), &mut collected)?;
    Ok(collected)
}

/// One batch; gives how many invoices were claimed, charged or not.
fn collect(
    session: &mut Session,
    gateways: &Gateways,
    (place, batch): (Place, Batch<'_>),
    collected: &mut Collected,
) -> Result<usize, Error> {
    let mut claimed = 0;
    let made = attempts::make(session, gateways, (place.tenant_id, Some(place.now)), |tx, scope| {
        let begun = begin(tx, scope, batch)?;
        claimed = begun.claimed;
        let payments_attempted = begun.attempts.len() as u64;
        clock_advances::count(tx, Tally { payments_attempted, ..Tally::default() })?;
        Ok(begun.attempts)
    })?;
    collected.attempted += made.attempts.len() as u64;
    for settled in &made.settled {
        match settled.payment.state {
            State::Succeeded { .. } => collected.succeeded += 1,
            State::Failed { .. } => collected.failed += 1,
            State::Processing { .. } => {}
        }
    }
    collected.processing = collected.attempted - collected.succeeded - collected.failed;
    Ok(claimed)
}

/// What the first transaction of a batch began.
#[derive(Debug, Clone, Default)]
pub struct Begun {
    /// Invoices that were due and are not any more.
    pub claimed: usize,
    pub attempts: Vec<Attempt>,
}

/// In the first transaction: claims what is still due of a batch and begins an attempt for each invoice that can be charged.
pub fn begin(tx: &mut Tx<'_>, scope: &Scope, batch: Batch<'_>) -> Result<Begun, Error> {
    let mut customers: Vec<CustomerId> = batch.due.iter().map(|d| d.0).collect();
    customers.sort_unstable();
    customers.dedup();
    let invoices: Vec<InvoiceId> = batch.due.iter().map(|d| InvoiceId::from_uuid(d.1)).collect();
    let scope = &scope.holding(locks::each(tx, scope.tenant_id, &customers, batch.locked)?);
    if scope.held.is_empty() {
        return Ok(Begun::default());
    }
    // What a balance pays no card is charged for.
    if scope.billing.apply_balance == ApplyBalance::OldestFirst {
        for customer in credits::balances::of_these_with_money(tx, &scope.held)? {
            apply_balance::by_itself(tx, scope, customer)?;
        }
    }
    let due = collection::claim(tx, &scope.held, &invoices, scope.now)?;
    let methods = due.iter().filter_map(|claimed| claimed.method.as_ref());
    let ids: Vec<GatewayAccountId> = methods.filter_map(|method| method.gateway_account_id).collect();
    let accounts = accounts::of_ids(tx, scope.tenant_id, &ids)?;
    let mut begun = Begun { claimed: due.len(), attempts: Vec::with_capacity(due.len()) };
    let mut changed: Vec<Invoice> = Vec::with_capacity(due.len());
    let methods = due.iter().filter_map(|claimed| claimed.method.as_ref());
    let cards = cards::find(tx, scope.tenant_id, (methods, scope.now))?;
    let ended = ended(tx, scope, &due)?;
    let mut known = Known { accounts, cards, ended, choices: None, methods: HashMap::new() };
    known.load_choices(tx, scope, &due)?;
    let (mut put_off, mut stranded) = (Vec::new(), Vec::new());
    for claimed in due {
        let decided = decide(tx, scope, (claimed, &mut known))?;
        put_off.extend(decided.put_off.map(|reason| (decided.invoice.id, reason)));
        if decided.is_stranded {
            stranded.push(decided.invoice.clone());
        }
        changed.push(decided.invoice);
        begun.attempts.extend(decided.attempt);
    }
    if !put_off.is_empty() {
        let policy = policies::default_of(tx, scope.tenant_id)?;
        let version = policy.map(|policy| Version { policy_id: policy.id, version: policy.version });
        retries::put_off(tx, &scope.held, (&put_off, version))?;
    }
    plan::stop(tx, scope, &stranded)?;
    collection::save_invoices(tx, &scope.held, &changed)?;
    Ok(begun)
}

/// What was declined for good for invoices that were tried before.
fn ended(tx: &mut Tx<'_>, scope: &Scope, due: &[Claimed]) -> Result<HashMap<InvoiceId, Ended>, Error> {
    let ids: Vec<InvoiceId> =
        due.iter().filter(|claimed| claimed.has_failed).map(|claimed| claimed.invoice.id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let failures = failures::load(tx, scope.tenant_id, &ids)?.into_iter();
    let tried = failures.map(|(id, failures)| (id, failures.into_iter().map(|failure| failure.tried)));
    let tried: HashMap<InvoiceId, Vec<Tried>> = tried.map(|(id, tried)| (id, tried.collect())).collect();
    Ok(failures::ended(tx, scope.tenant_id, &tried)?)
}

/// What becomes of a claimed invoice.
struct Decided {
    invoice: Invoice,
    attempt: Option<Attempt>,
    /// Why it is charged later, when it is.
    put_off: Option<Reason>,
    /// Whether it is due, and nothing is left that may be charged for it.
    is_stranded: bool,
}

/// What is known of what is charged: where, and how often it was declined.
struct Known {
    accounts: HashMap<GatewayAccountId, GatewayAccount>,
    cards: BTreeMap<PaymentMethodId, Card>,
    /// What was declined for good, by invoice.
    ended: HashMap<InvoiceId, Ended>,
    /// What was said of what is charged; `None`: nothing.
    choices: Option<Choices>,
    /// All that may be charged of the customers, where something was said.
    methods: HashMap<CustomerId, Vec<PaymentMethod>>,
}

/// What is charged for an invoice, when and why.
struct Picked {
    method: PaymentMethod,
    at: DateTime<Utc>,
    reason: Reason,
}

impl Known {
    /// Whether a method was declined for good for an invoice: it is never charged for it again.
    fn is_ended(&self, invoice: &Invoice, method: &PaymentMethod) -> bool {
        self.ended.get(&invoice.id).is_some_and(|ended| ended.has(method))
    }

    /// When an invoice may be charged to a method, from now on; `None`: never, as things are.
    fn allowed_at(
        &self,
        scope: &Scope,
        (invoice, method): (&Invoice, &PaymentMethod),
    ) -> Option<DateTime<Utc>> {
        if self.is_ended(invoice, method) || method.is_disputed {
            return None;
        }
        let amount = invoice.amount_due().ok()?;
        let account = method.gateway_account_id.and_then(|id| self.accounts.get(&id));
        let venue = Venue { account, is_live: scope.mode == Mode::Live };
        at_account::check(method, venue, invoice, amount).ok()?;
        self.cards.get(&method.id).map_or(Some(scope.now), |card| card.allowed(amount, scope.now))
    }

    fn load_choices(&mut self, tx: &mut Tx<'_>, scope: &Holding<'_>, due: &[Claimed]) -> Result<(), Error> {
        let invoices: Vec<&Invoice> = due.iter().map(|claimed| &claimed.invoice).collect();
        self.choices = Choices::load(tx, scope, &invoices)?;
        if self.choices.is_none() {
            return Ok(());
        }
        let customers: Vec<CustomerId> = invoices.iter().map(|invoice| invoice.customer_id).collect();
        self.methods = payment_methods::chargeable(tx, &scope.held, &customers)?;
        let named = self.methods.values().flatten().filter_map(|method| method.gateway_account_id);
        self.accounts.extend(accounts::of_ids(tx, scope.tenant_id, &named.collect::<Vec<_>>())?);
        let methods = self.methods.values().flatten();
        self.cards.extend(cards::find(tx, scope.tenant_id, (methods, scope.now))?);
        Ok(())
    }

    /// What is charged: what was decided when an attempt failed, else the first that is chosen; when that may not be charged, the next that may.
    fn pick(
        &mut self,
        tx: &mut Tx<'_>,
        scope: &Holding<'_>,
        claimed: &Claimed,
    ) -> Result<Option<Picked>, Error> {
        let (invoice, reason) = (&claimed.invoice, claimed.reason);
        if let Some(choices) = &self.choices {
            let methods = self.methods.get(&invoice.customer_id).map_or(&[][..], Vec::as_slice);
            let mut candidates = choices.order(scope, invoice, methods).candidates;
            if let Some(decided) = claimed.method.as_ref().filter(|_| claimed.is_planned) {
                candidates.sort_by_key(|candidate| candidate.method.id != decided.id);
            }
            let first = candidates.first().map(|candidate| candidate.method.id);
            return Ok(candidates.into_iter().find_map(|candidate| {
                let at = self.allowed_at(scope, (invoice, &candidate.method))?;
                let is_first = first == Some(candidate.method.id);
                let reason = if is_first { reason } else { Reason::of(Cause::BackupMethod) };
                Some(Picked {
                    at,
                    reason: Reason { chosen: candidate.chosen, ..reason },
                    method: candidate.method,
                })
            }));
        }
        let method = claimed.method.clone();
        let chargeable = method.filter(|m| m.detached_at.is_none() && m.customer_id == invoice.customer_id);
        let allowed = chargeable.and_then(|m| Some((self.allowed_at(scope, (invoice, &m))?, m)));
        if let Some((at, method)) = allowed {
            return Ok(Some(Picked { method, at, reason }));
        }
        // Not this one, neither now nor later: the next that may be charged.
        let other = self.other(tx, scope, invoice)?;
        Ok(other.map(|(method, at)| Picked { method, at, reason: Reason::of(Cause::BackupMethod) }))
    }

    /// Another of the customer that may be charged.
    fn other(
        &mut self,
        tx: &mut Tx<'_>,
        scope: &Holding<'_>,
        invoice: &Invoice,
    ) -> Result<Option<(PaymentMethod, DateTime<Utc>)>, Error> {
        let mut of_customer = payment_methods::chargeable(tx, &scope.held, &[invoice.customer_id])?;
        let others = of_customer.remove(&invoice.customer_id).unwrap_or_default();
        let ids: Vec<GatewayAccountId> = others.iter().filter_map(|other| other.gateway_account_id).collect();
        self.accounts.extend(accounts::of_ids(tx, scope.tenant_id, &ids)?);
        self.cards.extend(cards::find(tx, scope.tenant_id, (others.iter(), scope.now))?);
        let allowed = |other: PaymentMethod| Some((self.allowed_at(scope, (invoice, &other))?, other));
        Ok(others.into_iter().find_map(allowed).map(|(at, other)| (other, at)))
    }
}

/// An attempt, when there is something to charge and something to charge it to; otherwise the invoice waits, for the instant at which its
/// card's network allows another attempt or for something new.
fn decide(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (claimed, known): (Claimed, &mut Known),
) -> Result<Decided, Error> {
    let is_open = claimed.invoice.status == Status::Open && claimed.invoice.totals.total.is_positive();
    let is_due = is_open && !claimed.under_way;
    let picked = if is_due { known.pick(tx, scope, &claimed)? } else { None };
    let invoice = claimed.invoice;
    let waits = |invoice, is_stranded| Decided {
        invoice: attempt::postpone(invoice),
        attempt: None,
        put_off: None,
        is_stranded,
    };
    let Some(Picked { method, at, reason }) = picked else { return Ok(waits(invoice, is_due)) };
    if at > scope.now {
        let invoice = Invoice { next_attempt_at: Some(at), ..invoice };
        let reason = Reason { put_off_by: Some(PutOffBy::NetworkLimit), ..reason };
        return Ok(Decided { invoice, attempt: None, put_off: Some(reason), is_stranded: false });
    }
    let id = PaymentId::from_uuid(scope.mint());
    let (invoice, payment) = attempt::begin(invoice, &method, (id, reason), scope.now)?;
    if let Some(card) = known.cards.get_mut(&method.id) {
        // It counts for the next of this batch, whatever comes of it.
        card.failures.push(Failure {
            at: scope.now,
            class: None,
            network_code: None,
            amount: payment.amount,
        });
    }
    let attempt = Some(Attempt { payment, token: method.token });
    Ok(Decided { invoice, attempt, put_off: None, is_stranded: false })
}
