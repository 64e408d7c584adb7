//! Is a payment disputed, and how does that stand? Its gateway is asked when it has told of it, and each day until it is decided, so that nothing is
//! lost with what was never told, and the order in which it is told does not matter.

use super::super::routing::Routes;
use super::record;
use crate::adapters::gateway::{Charged, Gateways};
use crate::domain::ids::PaymentId;
use crate::domain::payments::calls::Call;
use crate::domain::payments::disputes::Shown;
use crate::domain::payments::{Payment, State};
use crate::platform::clock;
use crate::storage::payments::disputes::watches;
use crate::storage::{Session, payments};
use crate::workflows::Error;
use crate::workflows::parked_work::Place;
use crate::workflows::payments::gateways::Silent;

/// Asks about one that is watched, when that is due still.
///
/// # Errors
/// `gateway_silent`; what keeps it from being recorded.
pub fn one(session: &mut Session, gateways: &Gateways, place: Place, id: PaymentId) -> Result<(), Error> {
    let whose = (place.tenant_id, id);
    let due = session.read(|tx| {
        let is_due = watches::is_due(tx, whose, place.now)?;
        if is_due { payments::find(tx, place.tenant_id, id).map(Some) } else { Ok(None) }
    })?;
    match due {
        Some(payment) if !look(session, gateways, place, &payment)? => Err(Silent::Gateway.into()),
        _ => Ok(()),
    }
}

/// Asks about a payment, and records how it stands; gives whether the gateway answered.
///
/// # Errors
/// What keeps it from being recorded.
pub fn look(
    session: &mut Session,
    gateways: &Gateways,
    place: Place,
    payment: &Payment,
) -> Result<bool, Error> {
    if !matches!(payment.state, State::Succeeded { .. }) {
        return Ok(true);
    }
    let Some(shown) = ask(session, gateways, place, payment)? else { return Ok(false) };
    session.transaction("record_disputes", |tx| {
        let scope = place.scope(tx)?;
        record::run(tx, &scope, payment, &shown)
    })?;
    Ok(true)
}

/// `None`: the gateway does not tell.
fn ask(
    session: &mut Session,
    gateways: &Gateways,
    place: Place,
    payment: &Payment,
) -> Result<Option<Shown>, Error> {
    let routes = Routes::open(session, gateways, place.tenant_id, std::iter::once(payment))?;
    session.rest();
    let charged = Charged {
        idempotency_key: payment.gateway_key(),
        reference: payment.reference.clone(),
        amount: payment.amount,
        at: place.now,
    };
    let answers = routes.call(
        std::slice::from_ref(payment),
        |payment| payment,
        |gateway, _| {
            let deadline = Call::begun(clock::now()).deadline;
            vec![gateway.ok().and_then(|gateway| gateway.disputes_of(&charged, deadline))]
        },
    );
    Ok(answers.into_iter().next().and_then(|(_, shown)| shown))
}
