//! A gateway has told something: how do things stand? That is read at the gateway itself, so events may come late, twice and in any order. What is
//! about no payment of ours is put aside; what the gateway does not answer for is postponed.

use uuid::Uuid;

use super::disputes::follow;
use super::gateways::Silent;
use super::payouts::follow as follow_payouts;
use super::{book_refunds, follow_mandate, make_refunds, resolve_payments};
use crate::adapters::gateway::Gateways;
use crate::domain::credits::notes::RefundState;
use crate::domain::ids::{InboundEventId, RefundId};
use crate::domain::payments::inbound::{InboundEvent, Topic};
use crate::domain::payments::{Payment, State};
use crate::storage::credits::refunds;
use crate::storage::payments::inbound;
use crate::storage::{Session, StorageError, Tx, payments};
use crate::workflows::Error;
use crate::workflows::parked_work::Place;

/// What an event is about.
struct About {
    /// The payment, when its money has not come yet as far as we know.
    payment: Option<Payment>,
    /// Refunds of ours that are still on their way.
    refunds: Vec<RefundId>,
    /// The payment, when something of it was given back.
    given_back: Option<Payment>,
    /// The payment, when it is disputed, or was.
    disputed: Option<Payment>,
    /// The gateway's name of a mandate.
    mandate: Option<String>,
}

/// Processes one; a second time does nothing.
///
/// # Errors
/// `gateway_silent`; what keeps it from being recorded.
pub fn one(session: &mut Session, gateways: &Gateways, place: Place, id: Uuid) -> Result<(), Error> {
    let whose = (place.tenant_id, InboundEventId::from_uuid(id));
    let event = session.read(|tx| inbound::find_due(tx, whose))?;
    let Some(event) = event else { return Ok(()) };
    if event.topic() == Topic::Payout {
        if let Some(reference) = &event.reference {
            follow_payouts::run(session, gateways, place, (event.account_id, reference))?;
        }
        return session
            .transaction("process_inbound_event", |tx| Ok(inbound::processed(tx, whose, place.now)?));
    }
    let mut about = session.read(|tx| about(tx, place, &event))?;
    if let Some(payment) = &about.payment {
        if !resolve_payments::look(session, gateways, place, payment)? {
            return Err(Silent::Gateway.into());
        }
        // Its money may have come by now: then what else it is about is read, too.
        about = session.read(|tx| self::about(tx, place, &event))?;
    }
    for refund in about.refunds {
        let due = (place.tenant_id, refund);
        session
            .transaction("ask_about_refund", |tx| Ok::<_, Error>(refunds::refund_due(tx, due, place.now)?))?;
        make_refunds::one(session, gateways, place, refund)?;
    }
    if let Some(payment) = about.given_back
        && !book_refunds::run(session, gateways, place, &payment)?
    {
        return Err(Silent::Gateway.into());
    }
    if let Some(payment) = about.disputed
        && !follow::look(session, gateways, place, &payment)?
    {
        return Err(Silent::Gateway.into());
    }
    if let Some(mandate) = about.mandate
        && !follow_mandate::run(session, gateways, place, (event.account_id, &mandate))?
    {
        return Err(Silent::Gateway.into());
    }
    session.transaction("process_inbound_event", |tx| Ok(inbound::processed(tx, whose, place.now)?))
}

/// Finds what it is about, at the account that it came for and nowhere else.
fn about(tx: &mut Tx<'_>, place: Place, event: &InboundEvent) -> Result<About, StorageError> {
    let tenant_id = place.tenant_id;
    let by_id = |tx: &mut Tx<'_>, id| match payments::find(tx, tenant_id, id) {
        Ok(payment) => Ok(Some(payment)),
        Err(StorageError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    };
    let named = match (event.payment_id, &event.reference) {
        (Some(id), _) => by_id(tx, id)?,
        // Of a refund its own name alone may be told.
        (None, Some(reference)) if event.topic() == Topic::Refunds => {
            match refunds::payment_of_reference(tx, tenant_id, reference)? {
                Some(id) => by_id(tx, id)?,
                None => None,
            }
        }
        (None, _) => None,
    };
    let found = match (named, &event.reference) {
        (Some(payment), _) => Some(payment),
        (None, Some(reference)) => payments::find_by_reference(tx, (tenant_id, event.account_id), reference)?,
        (None, None) => None,
    };
    let ours = found.filter(|payment| payment.gateway_account_id == Some(event.account_id));
    let has_come = |payment: &Payment| matches!(payment.state, State::Succeeded { .. });
    let (come, open): (Option<Payment>, Option<Payment>) = match ours {
        Some(payment) if has_come(&payment) => (Some(payment), None),
        open => (None, open),
    };
    let (given_back, disputed) = match event.topic() {
        Topic::Refunds => (come, None),
        Topic::Disputes => (None, come),
        Topic::Charge | Topic::Mandates | Topic::Payout => (None, None),
    };
    let mandate = event.reference.clone().filter(|_| event.topic() == Topic::Mandates);
    let mut pending = Vec::new();
    match event.refund_id.map(|id| refunds::find_refund(tx, tenant_id, id)) {
        Some(Ok(refund)) if matches!(refund.state, RefundState::Pending { .. }) => pending.push(refund.id),
        Some(Err(error)) if !matches!(error, StorageError::NotFound { .. }) => return Err(error),
        _ => {}
    }
    // Ours first: one that the other leaves nothing for is declined, and put on the balance that the other is taken off.
    if let Some(payment) = &given_back {
        let on_their_way = refunds::of_payment(tx, tenant_id, payment.id)?.into_iter().map(|one| one.0);
        pending.extend(
            on_their_way.filter(|r| matches!(r.state, RefundState::Pending { .. })).map(|refund| refund.id),
        );
        pending.dedup();
    }
    Ok(About { payment: open, refunds: pending, given_back, disputed, mandate })
}
