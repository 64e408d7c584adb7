//! What was given back of a payment at its gateway itself? It is read there and booked: as far as the customer has a balance, off that; the rest is
//! an expense, `refunds`. The invoice stays paid, so that nobody is charged again for what somebody gave back on purpose.
//!
//! 20.00 refunded at the dashboard, 5.00 on the balance: customer credit → cash 5.00, refunds → cash 15.00.

use super::routing::Routes;
use crate::adapters::gateway::Gateways;
use crate::domain::credits::notes::{Refund, RefundOrigin, RefundState};
use crate::domain::events::EventType;
use crate::domain::ids::RefundId;
use crate::domain::ledger::{Account, SourceKind, corrections, credit_notes, posting};
use crate::domain::money::Money;
use crate::domain::payments::calls::Call;
use crate::domain::payments::given_back::{Change, Seen, changes};
use crate::domain::payments::{Payment, Refused};
use crate::platform::clock;
use crate::storage::credits::{balances, refunds};
use crate::storage::{Session, Tx, events, ledger};
use crate::workflows::parked_work::Place;
use crate::workflows::payments::make_refunds;
use crate::workflows::{Error, Holding};

/// Reads at the gateway what went back of a payment, and books what is not booked; gives whether the gateway told.
///
/// # Errors
/// What keeps it from being recorded.
pub fn run(
    session: &mut Session,
    gateways: &Gateways,
    place: Place,
    payment: &Payment,
) -> Result<bool, Error> {
    let Some(seen) = ask(session, gateways, place, payment)? else { return Ok(false) };
    session.transaction("book_refunds", |tx| {
        let scope = place.scope(tx)?;
        let scope = &scope.lock(tx, payment.customer_id)?;
        let recorded = refunds::of_payment(tx, place.tenant_id, payment.id)?;
        for change in changes(&recorded, &seen) {
            match change {
                Change::Book { reference, amount } => book(tx, scope, payment, (reference, amount))?,
                Change::Undo { refund, code } => undo(tx, scope, refund, code)?,
            }
        }
        Ok(true)
    })
}

/// `None`: the gateway does not tell.
fn ask(
    session: &mut Session,
    gateways: &Gateways,
    place: Place,
    payment: &Payment,
) -> Result<Option<Vec<Seen>>, Error> {
    let Some(reference) = payment.reference.as_deref() else { return Ok(Some(Vec::new())) };
    let routes = Routes::open(session, gateways, place.tenant_id, std::iter::once(payment))?;
    session.rest();
    let currency = payment.amount.currency();
    let answers = routes.call(
        std::slice::from_ref(payment),
        |payment| payment,
        |gateway, _| {
            let deadline = Call::begun(clock::now()).deadline;
            vec![gateway.ok().and_then(|gateway| gateway.refunds_of((reference, currency), deadline))]
        },
    );
    Ok(answers.into_iter().next().and_then(|(_, seen)| seen))
}

fn book(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    payment: &Payment,
    (reference, amount): (String, Money),
) -> Result<(), Error> {
    let refund = Refund {
        id: RefundId::from_uuid(scope.mint()),
        customer_id: payment.customer_id,
        origin: RefundOrigin::Elsewhere,
        payment_id: payment.id,
        gateway: payment.gateway.to_string(),
        amount,
        state: RefundState::Succeeded { reference: Some(reference), at: scope.now },
        created_at: scope.now,
    };
    refunds::insert_refunds(tx, &scope.held, std::slice::from_ref(&refund))?;
    let balances = balances::of_customer(tx, scope.tenant_id, refund.customer_id)?;
    let balance = balances.get(&amount.currency()).copied().unwrap_or(Money::zero(amount.currency()));
    let source = make_refunds::source(tx, scope, (SourceKind::RefundPaid, &refund))?;
    let posted = credit_notes::refunded_late(amount, balance, source).map_err(Refused::from)?;
    ledger::post(tx, &scope.held, &posted)?;
    let event = scope.event(EventType::RefundSucceeded, refund.id.uuid(), refund.event_data());
    Ok(events::record(tx, scope.tenant_id, &[event])?)
}

/// The money is with the gateway again. Where we gave it back it is the customer's; what somebody gave back elsewhere is as it was before.
fn undo(tx: &mut Tx<'_>, scope: &Holding<'_>, refund: Refund, code: String) -> Result<(), Error> {
    let refund = Refund { state: RefundState::Failed { code, at: scope.now }, ..refund };
    refunds::save_refund(tx, scope.tenant_id, &refund)?;
    let source = make_refunds::source(tx, scope, (SourceKind::RefundFailed, &refund))?;
    let posted = if refund.origin == RefundOrigin::Elsewhere {
        corrections::reverse(&ledger::of_source(tx, scope.tenant_id, refund.id.uuid())?, source)
    } else {
        posting::post(source, &[(Account::CashClearing, Account::CustomerCredit, refund.amount)])
    };
    ledger::post(tx, &scope.held, &posted.map_err(Refused::from)?)?;
    let event = scope.event(EventType::RefundFailed, refund.id.uuid(), refund.event_data());
    Ok(events::record(tx, scope.tenant_id, &[event])?)
}
