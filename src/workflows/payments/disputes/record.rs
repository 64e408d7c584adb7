//! A gateway shows how disputes of a payment stand: what follows, in the books and by what the tenant has said? The difference to how they stood is
//! posted; the invoice of what is lost is owed again, its subscriptions end or pause when it is disputed first.
//!
//! 31.00 lost, `reopen`: receivable ← disputed cash 31.00, the invoice is open, and nothing charges it by itself.

use super::super::retries::{plan, take_final_actions};
use crate::domain::credits::note::{To, Wanted};
use crate::domain::events::{Event, EventType};
use crate::domain::ids::{CustomerId, DisputeId, FraudWarningId, SubscriptionId};
use crate::domain::invoicing::{Invoice, Status as InvoiceStatus};
use crate::domain::ledger::posting::Source;
use crate::domain::ledger::{SourceKind, disputes as postings};
use crate::domain::money::Money;
use crate::domain::payments::disputes::policy::{self, OnWarning, Policy};
use crate::domain::payments::disputes::{
    Action, Dispute, FraudWarning, Kind, Place, Seen, Shown, Status, WarningSeen,
};
use crate::domain::payments::method::SIMULATOR;
use crate::domain::payments::retries::policy::FinalAction;
use crate::domain::payments::{Payment, Refused};
use crate::storage::credits::{balances, credit_notes};
use crate::storage::customers::locks::{self, Locked};
use crate::storage::payments::disputes::{self, watches};
use crate::storage::payments::retries;
use crate::storage::{Tx, credits, events, invoicing, ledger, subscriptions};
use crate::workflows::credits::issue_credit_note::{self, Order};
use crate::workflows::{Error, Holding, Scope};

/// For how many days the simulator's charges are asked about before they are disputed.
const SIMULATED_DAYS: i64 = 3;

/// Records it, and whether it is asked about again.
///
/// # Errors
/// What keeps it from being recorded.
pub(super) fn run(tx: &mut Tx<'_>, scope: &Scope, payment: &Payment, shown: &Shown) -> Result<(), Error> {
    let tenant_id = scope.tenant_id;
    let billed = match payment.invoice_id {
        Some(id) => retries::subscriptions_of(tx, tenant_id, id)?,
        None => Vec::new(),
    };
    let mut customers: Vec<CustomerId> = vec![payment.customer_id];
    for subscription in &billed {
        customers.push(subscriptions::find(tx, tenant_id, *subscription)?.customer_id);
    }
    customers.sort_unstable();
    customers.dedup();
    let scope = &scope.holding(locks::each(tx, tenant_id, &customers, Locked::Wait)?);
    let policy = disputes::policy(tx, tenant_id)?;
    let known = disputes::of_payment(tx, tenant_id, payment.id)?;
    let mut is_released = false;
    for seen in &shown.disputes {
        let before = known.iter().find(|dispute| dispute.reference == seen.reference);
        dispute(tx, scope, (payment, policy), (before, seen), &billed)?;
        is_released |= !seen.status.is_open() && before.is_some_and(|before| before.status.is_open());
    }
    if let Some(method) = payment.payment_method_id {
        disputes::mark_method(tx, &scope.held, method)?;
    }
    if is_released {
        // What waited for the method goes on.
        disputes::go_on(tx, &scope.held, (payment.customer_id, scope.now))?;
    }
    for seen in &shown.warnings {
        warning(tx, scope, (payment, policy), seen)?;
    }
    watch(tx, scope, payment, shown)
}

/// What is open is asked about each day; and what the simulator is to dispute, until it has.
fn watch(tx: &mut Tx<'_>, scope: &Scope, payment: &Payment, shown: &Shown) -> Result<(), Error> {
    let whose = (scope.tenant_id, payment.id);
    let is_empty = shown.disputes.is_empty() && shown.warnings.is_empty();
    let is_new = (scope.now - payment.created_at).num_days() <= SIMULATED_DAYS;
    let to_come = &*payment.gateway == SIMULATOR && is_empty && is_new;
    if to_come || shown.disputes.iter().any(|seen| !seen.status.is_over()) {
        watches::go_on(tx, whose, scope.now)?;
    } else {
        watches::end(tx, whose)?;
    }
    Ok(())
}

fn dispute(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (payment, policy): (&Payment, Policy),
    (before, seen): (Option<&Dispute>, &Seen),
    billed: &[SubscriptionId],
) -> Result<(), Error> {
    let fresh = || first(scope, payment, seen);
    let mut after = before.cloned().unwrap_or_else(fresh).as_seen(seen, scope.now);
    if before == Some(&after) {
        return Ok(());
    }
    let mut emitted = Vec::new();
    let is_lost = after.place == Place::Gone && before.is_none_or(|before| before.place != Place::Gone);
    let is_owed_again = seen.kind != Kind::Dispute || policy.invoice == policy::Invoice::Reopen;
    if is_lost && is_owed_again {
        emitted.extend(reopen(tx, scope, payment, &mut after)?);
    }
    if is_lost {
        after.from_balance = still_credited(tx, scope, payment, &after)?;
    }
    post(tx, scope, payment, (before, &after))?;
    disputes::save(tx, &scope.held, &after)?;
    if seen.kind != Kind::Failure {
        let steps = types(before, &after).into_iter();
        emitted.extend(steps.map(|type_| scope.event(type_, after.id.uuid(), after.event_data())));
    }
    if is_lost && seen.kind != Kind::Dispute {
        let mut data = payment.event_data();
        data["reversal"] = after.event_data();
        emitted.push(scope.event(EventType::PaymentReversed, payment.id.uuid(), data));
    }
    events::record(tx, scope.tenant_id, &emitted)?;
    if let (true, Kind::Failure, Some(id)) = (after.reopened.is_positive(), seen.kind, payment.invoice_id) {
        // A no that came late is followed by what follows any no.
        return if is_lost { plan::after_late_failure(tx, scope, id) } else { Ok(()) };
    }
    let is_opened = after.status.is_dispute() && !before.is_some_and(|before| before.status.is_dispute());
    // What was won before anybody here heard of it changes nothing.
    if is_opened && after.status != Status::Won && seen.kind != Kind::Failure {
        act(tx, scope, policy, billed)?;
    }
    Ok(())
}

fn first(scope: &Scope, payment: &Payment, seen: &Seen) -> Dispute {
    Dispute {
        kind: seen.kind,
        id: DisputeId::from_uuid(scope.mint()),
        customer_id: payment.customer_id,
        payment_id: payment.id,
        gateway: payment.gateway.to_string(),
        gateway_account_id: payment.gateway_account_id,
        reference: seen.reference.clone(),
        reason: seen.reason.clone(),
        amount: seen.amount,
        fee: seen.fee,
        reopened: Money::zero(seen.amount.currency()),
        from_balance: Money::zero(seen.amount.currency()),
        status: seen.status,
        place: Place::Ours,
        evidence_due_by: seen.evidence_due_by,
        opened_at: seen.opened_at,
        closed_at: None,
    }
}

/// What is told of a step.
fn types(before: Option<&Dispute>, after: &Dispute) -> Vec<EventType> {
    let was_dispute = before.is_some_and(|before| before.status.is_dispute());
    let is_new = before.is_none_or(|before| before.status != after.status);
    let opened = (after.status.is_dispute() && !was_dispute).then_some(EventType::DisputeOpened);
    let step = match after.status {
        Status::Won if is_new => Some(EventType::DisputeWon),
        Status::Lost if is_new => Some(EventType::DisputeLost),
        Status::InquiryClosed if is_new => Some(EventType::DisputeClosed),
        Status::Inquiry if before.is_none() => Some(EventType::DisputeInquired),
        _ if opened.is_some() => None,
        _ => Some(EventType::DisputeUpdated),
    };
    opened.into_iter().chain(step).collect()
}

/// The difference, after what was posted of it before.
fn post(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    payment: &Payment,
    (before, after): (Option<&Dispute>, &Dispute),
) -> Result<(), Error> {
    let source = Source {
        kind: SourceKind::DisputeMoved,
        id: after.id.uuid(),
        customer_id: after.customer_id,
        entity_id: ledger::entity_of(tx, scope.tenant_id, payment.id.uuid())?,
        invoice_id: payment.invoice_id.filter(|_| after.reopened.is_positive()),
        effective_on: scope.zone.local_date(scope.now),
        recorded_at: scope.now,
    };
    let mut posted = postings::moved(before, after, source).map_err(Refused::from)?;
    let legs = ledger::of_source(tx, scope.tenant_id, after.id.uuid())?.len();
    let legs = i16::try_from(legs).unwrap_or(i16::MAX);
    for transfer in &mut posted {
        transfer.leg = transfer.leg.saturating_add(legs);
    }
    Ok(ledger::post(tx, &scope.held, &posted)?)
}

/// The invoice is owed again, as far as this payment paid it. One of which something was taken back otherwise stays as it is: what is lost of it is
/// an expense.
fn reopen(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    payment: &Payment,
    after: &mut Dispute,
) -> Result<Option<Event>, Error> {
    let Some(id) = payment.invoice_id else { return Ok(None) };
    let invoice = invoicing::find_locked(tx, scope.tenant_id, id)?;
    if invoice.status != InvoiceStatus::Paid || is_credited(tx, scope, &invoice)? {
        return Ok(None);
    }
    let amount = after.amount.smaller(payment.amount_applied).map_err(Refused::from)?;
    let amount = amount.smaller(invoice.amount_paid).map_err(Refused::from)?;
    if !amount.is_positive() {
        return Ok(None);
    }
    let invoice = invoice.reopen(amount)?;
    invoicing::update(tx, &scope.held, &invoice)?;
    after.reopened = amount;
    Ok(Some(scope.event(EventType::InvoiceReopened, id.uuid(), invoice.event_data())))
}

/// What of a payment that is taken back became the customer's credit, is there still, and did not go with another part of it.
fn still_credited(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    payment: &Payment,
    after: &Dispute,
) -> Result<Money, Error> {
    let currency = after.amount.currency();
    let balances = balances::of_customer(tx, scope.tenant_id, payment.customer_id)?;
    let balance = balances.get(&currency).copied().unwrap_or(Money::zero(currency));
    let rest = after.amount.checked_sub(after.reopened).map_err(Refused::from)?;
    let mut credited = payment.amount_credited().map_err(Refused::from)?;
    for other in disputes::of_payment(tx, scope.tenant_id, payment.id)? {
        if other.id != after.id && other.place == Place::Gone {
            credited = credited.checked_sub(other.from_balance).map_err(Refused::from)?;
        }
    }
    let credited = credited.smaller(rest).map_err(Refused::from)?;
    let left = credited.smaller(balance).map_err(Refused::from)?;
    Ok(if left.is_positive() { left } else { Money::zero(currency) })
}

/// Whether a credit note took something back of it, or its usage gave something back.
fn is_credited(tx: &mut Tx<'_>, scope: &Scope, invoice: &Invoice) -> Result<bool, Error> {
    let applied = invoice.applied;
    let given_back = !applied.credited.is_zero() || !applied.given_back.is_zero();
    Ok(given_back || credit_notes::is_credited(tx, scope.tenant_id, invoice.id)?)
}

fn act(tx: &mut Tx<'_>, scope: &Holding<'_>, policy: Policy, billed: &[SubscriptionId]) -> Result<(), Error> {
    let action = match policy.subscription {
        policy::Subscription::None => return Ok(()),
        policy::Subscription::Pause => FinalAction::Pause,
        policy::Subscription::CancelAtPeriodEnd => FinalAction::CancelAtPeriodEnd,
        policy::Subscription::CancelNow => FinalAction::CancelNow,
    };
    take_final_actions::end_subscriptions(tx, scope, (billed, action), "a payment of it is disputed")
}

/// Whether all of what it paid can go back by itself: it is not disputed yet, and nothing was taken back of its invoice, nor sold by it as credits.
fn can_be_refunded(tx: &mut Tx<'_>, scope: &Holding<'_>, payment: &Payment) -> Result<bool, Error> {
    let Some(id) = payment.invoice_id else { return Ok(false) };
    let disputed = disputes::of_payment(tx, scope.tenant_id, payment.id)?;
    let invoice = invoicing::find_locked(tx, scope.tenant_id, id)?;
    let is_whole = invoice.status == InvoiceStatus::Paid && !is_credited(tx, scope, &invoice)?;
    let sold = credits::sold_by(tx, scope.tenant_id, &[id])?;
    Ok(is_whole && sold.is_empty() && !disputed.iter().any(|dispute| dispute.status.is_dispute()))
}

/// Stored once; then refunded, or told.
fn warning(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (payment, policy): (&Payment, Policy),
    seen: &WarningSeen,
) -> Result<(), Error> {
    let action = match policy.fraud_warning {
        OnWarning::Ignore => Action::None,
        OnWarning::Refund if can_be_refunded(tx, scope, payment)? => Action::Refunded,
        OnWarning::Task | OnWarning::Refund => Action::Task,
    };
    let warning = FraudWarning {
        id: FraudWarningId::from_uuid(scope.mint()),
        customer_id: payment.customer_id,
        payment_id: payment.id,
        gateway_account_id: payment.gateway_account_id,
        reference: seen.reference.clone(),
        kind: seen.kind.clone(),
        action,
        warned_at: seen.warned_at,
    };
    if !disputes::insert_warning(tx, &scope.held, &warning)? {
        return Ok(());
    }
    if let (Action::Refunded, Some(invoice_id)) = (action, payment.invoice_id) {
        let reason = "its issuer takes the payment for fraud".to_owned();
        let order = Order { invoice_id, wanted: Wanted::Whole, to: To::Refund, reason };
        issue_credit_note::run(tx, scope, &order)?;
    }
    let event = scope.event(EventType::FraudWarningReceived, warning.id.uuid(), warning.event_data());
    Ok(events::record(tx, scope.tenant_id, &[event])?)
}
