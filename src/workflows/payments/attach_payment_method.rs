//! A customer can be charged by something new. The first one, or one that is asked to, becomes the default; then what the
//! customer owes is tried at once.

use crate::adapters::gateway::Gateways;
use crate::domain::events::EventType;
use crate::domain::ids::PaymentMethodId;
use crate::domain::payments::PaymentMethod;
use crate::domain::payments::method::NewPaymentMethod;
use crate::domain::refusal::Invalid;
use crate::storage::payments::{collection, payment_methods};
use crate::storage::{Tx, events};
use crate::workflows::error::Referenced;
use crate::workflows::{Error, Scope};

/// A payment method, and whether its customer is charged by it.
#[derive(Debug, Clone, PartialEq)]
pub struct Attached {
    pub method: PaymentMethod,
    pub is_default: bool,
}

/// Attaches it; `make_default`: it is charged from now on, even when there is another.
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    gateways: &Gateways,
    (new, make_default): (NewPaymentMethod, bool),
) -> Result<Attached, Error> {
    check_token(gateways, &new)?;
    let scope = &scope.lock(tx, new.customer_id).or_unknown("/customer_id")?;
    let default = scope.held.default_method(new.customer_id);
    let method = new.attach(PaymentMethodId::from_uuid(scope.mint()), scope.now);
    payment_methods::insert(tx, &scope.held, std::slice::from_ref(&method))?;
    let is_default = default.is_none() || make_default;
    if is_default {
        payment_methods::set_default(tx, &scope.held, method.customer_id, Some(method.id))?;
        collection::make_due(tx, &scope.held, method.customer_id, scope.now)?;
    }
    let event = scope.event(EventType::PaymentMethodAttached, method.id.uuid(), method.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(Attached { method, is_default })
}

fn check_token(gateways: &Gateways, new: &NewPaymentMethod) -> Result<(), Invalid> {
    let Some(gateway) = gateways.get(new.gateway()) else {
        let known: Vec<&str> = gateways.names().collect();
        let detail = format!("there is no such gateway; there is {}", known.join(", "));
        return Err(Invalid::one("/gateway", "unknown_gateway", detail));
    };
    gateway.check_token(&new.token).map_err(|detail| Invalid::one("/token", "unknown_token", detail))
}
