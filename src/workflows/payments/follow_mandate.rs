//! A gateway has told something of a mandate: may the bank account be debited still? That is read there; what may not is detached, so that the next
//! payment method is charged. What is under way by it is followed to its end.

use super::detach_payment_method;
use crate::adapters::gateway::Gateways;
use crate::domain::events::EventType;
use crate::domain::ids::GatewayAccountId;
use crate::domain::payments::PaymentMethod;
use crate::domain::payments::calls::Call;
use crate::platform::clock;
use crate::storage::payments::{accounts, payment_methods};
use crate::storage::tenants::Mode;
use crate::storage::{Session, StorageError, events};
use crate::workflows::parked_work::Place;
use crate::workflows::{Error, Scope};

/// Reads how a mandate stands, and records it; gives whether the gateway answered.
///
/// # Errors
/// The account cannot be opened; what keeps it from being recorded.
pub(super) fn run(
    session: &mut Session,
    gateways: &Gateways,
    place: Place,
    (account_id, token): (GatewayAccountId, &str),
) -> Result<bool, Error> {
    let tenant_id = place.tenant_id;
    let (methods, sealed, mode) = session.read(|tx| {
        let methods = payment_methods::of_token(tx, tenant_id, (account_id, token))?;
        let sealed = accounts::sealed(tx, tenant_id, &[account_id])?;
        Ok::<_, StorageError>((methods, sealed, Scope::load(tx, tenant_id)?.mode))
    })?;
    let Some(sealed) = sealed.first().filter(|_| !methods.is_empty()) else { return Ok(true) };
    let whose = (tenant_id, mode == Mode::Test);
    let gateway = gateways.accounts.open(whose, &sealed.account, &sealed.credentials)?;
    session.rest();
    let Some(state) = gateway.mandate(token, Call::begun(clock::now()).deadline) else { return Ok(false) };
    session.transaction("record_mandate", |tx| {
        let scope = place.scope(tx)?;
        for method in methods.iter().filter(|method| method.mandate != Some(state)) {
            let scope = &scope.lock(tx, method.customer_id)?;
            payment_methods::set_mandate(tx, &scope.held, (method.id, state))?;
            let changed = PaymentMethod { mandate: Some(state), ..method.clone() };
            let type_ = EventType::PaymentMethodUpdated;
            let event = scope.event(type_, method.id.uuid(), changed.event_data());
            events::record(tx, tenant_id, &[event])?;
            if state.is_over() {
                detach_payment_method::run(tx, scope, method.id)?;
            }
        }
        Ok::<_, Error>(())
    })?;
    Ok(true)
}
