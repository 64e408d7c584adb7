//! The gateway has answered: how do the books follow? Customers locked, payments still processing, their invoices, then what
//! the answers change, in one transaction. An answer that comes twice changes nothing; money for an attempt that was given up goes
//! through [`settle_late`].

use std::collections::HashMap;

use chrono::NaiveDate;

use super::{retries::plan, settle_late};
use crate::domain::events::{Event, EventType};
use crate::domain::ids::{CustomerId, InvoiceId, PaymentId};
use crate::domain::invoicing::{Invoice, Status};
use crate::domain::ledger::receipts::{self, Booking, Restored};
use crate::domain::payments::method::SIMULATOR;
use crate::domain::payments::settle::{self, Facts, Settled};
use crate::domain::payments::{Outcome, Payment, Refused, State};
use crate::domain::work::Tally;
use crate::storage::customers::locks::{self, Locked};
use crate::storage::payments::collection;
use crate::storage::payments::disputes::watches;
use crate::storage::tenants::{Mode, clock_advances};
use crate::storage::{Tx, events, invoicing, ledger, payments};
use crate::workflows::billing::take_back;
use crate::workflows::invoicing::issue;
use crate::workflows::revenue::schedule;
use crate::workflows::{Error, Holding, Scope};

/// An answer for one attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub payment_id: PaymentId,
    pub customer_id: CustomerId,
    pub invoice_id: Option<InvoiceId>,
    pub outcome: Outcome,
}

impl Answer {
    /// The answer for this payment.
    pub fn to(payment: &Payment, outcome: Outcome) -> Answer {
        Answer {
            payment_id: payment.id,
            customer_id: payment.customer_id,
            invoice_id: payment.invoice_id,
            outcome,
        }
    }
}

/// Records answers, and gives what they changed.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, answers: &[Answer]) -> Result<Vec<Settled>, Error> {
    if answers.is_empty() {
        return Ok(Vec::new());
    }
    let customers: Vec<CustomerId> = answers.iter().map(|a| a.customer_id).collect();
    let scope = &scope.holding(locks::each(tx, scope.tenant_id, &customers, Locked::Wait)?);
    let ids: Vec<PaymentId> = answers.iter().map(|a| a.payment_id).collect();
    let (processing, given_up): (Vec<Payment>, Vec<Payment>) =
        payments::without_money_locked(tx, scope.tenant_id, &ids)?
            .into_iter()
            .partition(Payment::is_processing);
    let ids: Vec<InvoiceId> = answers.iter().filter_map(|a| a.invoice_id).collect();
    let mut invoices: HashMap<InvoiceId, Invoice> =
        invoicing::find_all_locked(tx, scope.tenant_id, &ids)?.into_iter().map(|i| (i.id, i)).collect();
    let outcomes: HashMap<PaymentId, &Outcome> = answers.iter().map(|a| (a.payment_id, &a.outcome)).collect();
    let mut settled = Vec::with_capacity(processing.len());
    for payment in processing {
        let Some(outcome) = outcomes.get(&payment.id) else { continue };
        let facts = Facts { invoice: payment.invoice_id.and_then(|id| invoices.remove(&id)), now: scope.now };
        settled.extend(settle::settle(payment, outcome, facts)?);
    }
    let changed: Vec<Payment> = settled.iter().map(|s| s.payment.clone()).collect();
    payments::save_outcomes(tx, &scope.held, &changed)?;
    plan::run(tx, scope, &mut settled)?;
    post(tx, scope, &settled)?;
    // After them: what is under way may pay an invoice for which money came late as well.
    for payment in given_up {
        if let Some(outcome) = outcomes.get(&payment.id) {
            settled.extend(settle_late::run(tx, scope, payment, outcome)?);
        }
    }
    let mut done = Tally::default();
    for one in &settled {
        match one.payment.state {
            State::Succeeded { .. } => done.payments_succeeded += 1,
            State::Failed { .. } => done.payments_failed += 1,
            State::Processing { .. } => {}
        }
    }
    clock_advances::count(tx, done)?;
    Ok(settled)
}

/// Writes what settled payments change around them: invoices, postings and events. The payments themselves are written already.
pub fn post(tx: &mut Tx<'_>, scope: &Holding<'_>, settled: &[Settled]) -> Result<(), Error> {
    let invoices: Vec<Invoice> = settled.iter().filter_map(|s| s.invoice.clone()).collect();
    collection::save_invoices(tx, &scope.held, &invoices)?;
    let paid: Vec<InvoiceId> = invoices.iter().filter(|i| i.status == Status::Paid).map(|i| i.id).collect();
    issue::activate(tx, scope, &paid)?;
    let mut transfers = Vec::with_capacity(settled.len());
    let mut emitted = Vec::with_capacity(2 * settled.len());
    for one in settled {
        let at = match one.payment.state {
            State::Succeeded { at } => at,
            State::Processing { .. } | State::Failed { .. } => scope.now,
        };
        let booking = Booking { effective_on: scope.zone.local_date(at), recorded_at: scope.now };
        let restored = restore(tx, scope, (one, booking.effective_on))?;
        transfers.extend(receipts::postings(one, booking, restored).map_err(Refused::from)?);
        emit(scope, one, &mut emitted);
    }
    ledger::post(tx, &scope.held, &transfers)?;
    if scope.mode == Mode::Test {
        let come = settled.iter().map(|one| &one.payment).filter(|payment| &*payment.gateway == SIMULATOR);
        let come: Vec<PaymentId> =
            come.filter(|p| matches!(p.state, State::Succeeded { .. })).map(|payment| payment.id).collect();
        watches::begin_simulated(tx, &scope.held, (&come, scope.now))?;
    }
    Ok(events::record(tx, scope.tenant_id, &emitted)?)
}

/// What had been given up and is paid after all is owed again, and earned as if it always had been.
fn restore(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (one, day): (&Settled, NaiveDate),
) -> Result<Option<Restored>, Error> {
    let Some(invoice) = one.invoice.as_ref().filter(|_| one.recovered.is_positive()) else {
        return Ok(None);
    };
    take_back::recovered(tx, scope, invoice)?;
    let due = invoice.amount_due().and_then(|due| due.checked_add(one.recovered)).map_err(Refused::from)?;
    schedule::restored(tx, scope, invoice, ((one.recovered, due), day)).map(Some)
}

fn emit(scope: &Scope, settled: &Settled, events: &mut Vec<Event>) {
    let payment = &settled.payment;
    let type_ = match payment.state {
        State::Succeeded { .. } => EventType::PaymentSucceeded,
        State::Failed { .. } => EventType::PaymentFailed,
        // Emitted once, when the gateway says that it takes its time; later questions are no news.
        State::Processing { .. } if payment.checks == 1 && payment.reference.is_some() => {
            EventType::PaymentProcessing
        }
        State::Processing { .. } => return,
    };
    events.push(scope.event(type_, payment.id.uuid(), payment.event_data()));
    if payment.is_unknown_decline() {
        events.push(scope.event(EventType::PaymentDeclineUnknown, payment.id.uuid(), payment.event_data()));
    }
    if payment.amount_surplus.is_positive() {
        let type_ = EventType::PaymentSurplusReceived;
        events.push(scope.event(type_, payment.id.uuid(), payment.event_data()));
    }
    let Some(invoice) = &settled.invoice else { return };
    let type_ = match (&payment.state, invoice.status) {
        (State::Succeeded { .. }, Status::Paid) => EventType::InvoicePaid,
        (State::Failed { .. }, _) => EventType::InvoicePaymentFailed,
        _ => return,
    };
    events.push(scope.event(type_, invoice.id.uuid(), invoice.event_data()));
    let follows = settled.follows;
    events.extend(follows.and_then(|decision| plan::stopped(scope, invoice, (decision, payment.class()))));
}
