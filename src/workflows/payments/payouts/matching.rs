//! Of what is a part of a payout? Of the payment, refund or dispute that the gateway names, at this account and nowhere else. What nobody here knows of it
//! is read at the gateway first.

use crate::adapters::gateway::Gateways;
use crate::domain::credits::notes::{Refund, RefundState};
use crate::domain::ids::{GatewayAccountId, TenantId};
use crate::domain::money::Money;
use crate::domain::payments::disputes::{Dispute, Place as Funds, Status};
use crate::domain::payments::payouts::{ItemSeen, Kind, Known};
use crate::domain::payments::{Payment, Refused, State};
use crate::storage::credits::refunds;
use crate::storage::payments::payouts;
use crate::storage::{Session, StorageError, Tx, ledger, payments};
use crate::workflows::Error;
use crate::workflows::parked_work::Place;
use crate::workflows::payments::disputes::follow;
use crate::workflows::payments::gateways::Silent;
use crate::workflows::payments::{book_refunds, make_refunds, resolve_payments};

/// What a part of a payout is of, as far as it is known.
struct Found {
    payment: Option<Payment>,
    refund: Option<Refund>,
    dispute: Option<Dispute>,
}

fn found<T>(result: Result<T, StorageError>) -> Result<Option<T>, StorageError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(StorageError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn find(
    tx: &mut Tx<'_>,
    (tenant_id, account_id): (TenantId, GatewayAccountId),
    item: &ItemSeen,
) -> Result<Found, StorageError> {
    let whose = (tenant_id, account_id);
    let mut payment = match item.names.payment_id {
        Some(id) => found(payments::find(tx, tenant_id, id))?,
        None => None,
    };
    if let (None, Some(charge)) = (&payment, &item.names.charge) {
        payment = payments::find_by_reference(tx, whose, charge)?;
    }
    let payment = payment.filter(|payment| payment.gateway_account_id == Some(account_id));
    let mut refund = match item.names.refund_id {
        Some(id) => found(refunds::find_refund(tx, tenant_id, id))?,
        None => None,
    };
    if let (None, Some(name), Some(payment)) = (&refund, &item.names.refund, &payment) {
        let all = refunds::of_payment(tx, tenant_id, payment.id)?;
        refund = all.into_iter().find(|(_, given)| given.as_ref() == Some(name)).map(|(refund, _)| refund);
    }
    let refund = refund.filter(|refund| payment.as_ref().is_some_and(|p| p.id == refund.payment_id));
    let dispute = match &item.names.dispute {
        Some(name) => payouts::dispute_named(tx, whose, name)?,
        None => None,
    };
    Ok(Found { payment, refund, dispute })
}

/// Has read at the gateway what nobody here knows of a part.
///
/// # Errors
/// `gateway_silent`, also where it is not decided there yet; what keeps it from being recorded.
pub(super) fn learn(
    session: &mut Session,
    gateways: &Gateways,
    place: Place,
    (account_id, item): (GatewayAccountId, &ItemSeen),
) -> Result<(), Error> {
    let whose = (place.tenant_id, account_id);
    let mut known = session.read(|tx| find(tx, whose, item))?;
    let has_come = |payment: &Payment| matches!(payment.state, State::Succeeded { .. });
    if let Some(payment) = known.payment.as_ref().filter(|payment| !has_come(payment)) {
        if !resolve_payments::look(session, gateways, place, payment)? {
            return Err(Silent::Gateway.into());
        }
        known = session.read(|tx| find(tx, whose, item))?;
        if known.payment.as_ref().is_some_and(Payment::is_processing) {
            return Err(Silent::Gateway.into());
        }
    }
    let Some(payment) = known.payment else { return Ok(()) };
    let answered = match item.kind {
        Kind::Refund | Kind::RefundFailure => match known.refund {
            Some(refund) if matches!(refund.state, RefundState::Pending { .. }) => {
                let due = (place.tenant_id, refund.id);
                session.transaction("ask_about_refund", |tx| {
                    Ok::<_, Error>(refunds::refund_due(tx, due, place.now)?)
                })?;
                make_refunds::one(session, gateways, place, refund.id)?;
                let refund = session.read(|tx| refunds::find_refund(tx, place.tenant_id, refund.id))?;
                !matches!(refund.state, RefundState::Pending { .. })
            }
            Some(_) => true,
            None => book_refunds::run(session, gateways, place, &payment)?,
        },
        Kind::Dispute | Kind::DisputeReversal if !is_as_told(known.dispute.as_ref(), item.kind) => {
            follow::look(session, gateways, place, &payment)?
        }
        _ => true,
    };
    if answered { Ok(()) } else { Err(Silent::Gateway.into()) }
}

/// Whether a dispute stands so that its money was taken, or has come back.
fn is_as_told(dispute: Option<&Dispute>, kind: Kind) -> bool {
    dispute.is_some_and(|dispute| match kind {
        Kind::DisputeReversal => dispute.status == Status::Won,
        _ => dispute.place != Funds::Ours || dispute.status == Status::Won,
    })
}

/// What is known of a part now.
///
/// # Errors
/// Storage; sums that do not fit.
pub(super) fn known(
    tx: &mut Tx<'_>,
    (tenant_id, account_id): (TenantId, GatewayAccountId),
    item: &ItemSeen,
) -> Result<Known, Error> {
    if item.kind == Kind::PayoutFailure {
        let failed = match &item.names.payout {
            Some(name) => payouts::find_by_reference(tx, (tenant_id, account_id), name)?,
            None => None,
        };
        let (failed_payout_id, held) = (failed.as_ref().map(|p| p.id), failed.as_ref().map(|p| p.amount));
        let entity_id = failed.map(|payout| payout.entity_id);
        return Ok(Known { failed_payout_id, held, entity_id, ..Known::default() });
    }
    let mut found = find(tx, (tenant_id, account_id), item)?;
    found.refund = found.refund.filter(|refund| !matches!(refund.state, RefundState::Pending { .. }));
    let payment = found.payment.as_ref().filter(|payment| matches!(payment.state, State::Succeeded { .. }));
    let Some(payment) = payment else { return Ok(Known::default()) };
    let (held, fee_is_booked) = held(item, payment, &found)?;
    Ok(Known {
        customer_id: Some(payment.customer_id),
        payment_id: Some(payment.id),
        refund_id: found.refund.as_ref().map(|refund| refund.id),
        dispute_id: found.dispute.as_ref().map(|dispute| dispute.id),
        failed_payout_id: None,
        entity_id: ledger::entity_of(tx, tenant_id, payment.id.uuid())?,
        held,
        fee_is_booked,
    })
}

/// What of it the gateway has by our books, and whether its fee is booked.
fn held(item: &ItemSeen, payment: &Payment, found: &Found) -> Result<(Option<Money>, bool), Error> {
    let held = match (item.kind, &found.refund, &found.dispute) {
        (Kind::Charge, ..) => Some(payment.amount),
        (Kind::Refund, Some(refund), _) => Some(refund.amount.negated().map_err(Refused::from)?),
        (Kind::RefundFailure, Some(refund), _) => Some(refund.amount),
        (Kind::Dispute | Kind::DisputeReversal, _, Some(dispute)) => {
            let is_taken = item.kind == Kind::Dispute;
            let amount = dispute.amount;
            let amount = if is_taken { amount.negated().map_err(Refused::from)? } else { amount };
            // Of the same currency each part brings its own; of another, the dispute says what it booked.
            let fee = match item.fee.currency() == amount.currency() {
                true => item.fee,
                false if is_taken => dispute.fee,
                false => Money::zero(amount.currency()),
            };
            let is_booked = item.fee.currency() == amount.currency() || !dispute.fee.is_zero();
            return Ok((Some(amount.checked_sub(fee).map_err(Refused::from)?), is_booked));
        }
        _ => None,
    };
    Ok((held, false))
}
