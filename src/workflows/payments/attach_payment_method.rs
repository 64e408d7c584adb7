//! A customer can be charged by something new. The first one, or one that is asked to, becomes the default; then what the
//! customer owes is tried at once.

use strum::VariantNames;

use crate::adapters::gateway::Gateways;
use crate::domain::events::EventType;
use crate::domain::ids::PaymentMethodId;
use crate::domain::payments::accounts::GatewayKind;
use crate::domain::payments::method::{NewPaymentMethod, SIMULATOR};
use crate::domain::payments::{PaymentMethod, Refused};
use crate::domain::refusal::Invalid;
use crate::storage::payments::{accounts, collection, payment_methods};
use crate::storage::tenants::Mode;
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
    let new = check_token(tx, scope, gateways, new)?;
    let scope = &scope.lock(tx, new.customer_id).or_unknown("/customer_id")?;
    let default = scope.held.default_method(new.customer_id);
    let method = new.attach(PaymentMethodId::from_uuid(scope.mint()), scope.now);
    payment_methods::insert(tx, &scope.held, std::slice::from_ref(&method))?;
    let is_default = default.is_none() || make_default;
    if is_default {
        payment_methods::set_default(tx, &scope.held, method.customer_id, Some(method.id))?;
        collection::make_due(tx, &scope.held, method.customer_id, scope.now)?;
    } else {
        collection::go_on(tx, &scope.held, method.customer_id, scope.now)?;
        collection::charge_by(tx, &scope.held, (method.customer_id, method.id), scope.now)?;
    }
    let event = scope.event(EventType::PaymentMethodAttached, method.id.uuid(), method.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(Attached { method, is_default })
}

/// Whose token it is: the account's that is named, else the simulator's, which serves test tenants.
fn check_token(
    tx: &mut Tx<'_>,
    scope: &Scope,
    gateways: &Gateways,
    new: NewPaymentMethod,
) -> Result<NewPaymentMethod, Error> {
    let unknown_token = |detail: String| Invalid::one("/token", "unknown_token", detail);
    if let Some(id) = new.gateway_account_id {
        let account = accounts::find(tx, scope.tenant_id, id).or_unknown("/gateway_account_id")?;
        let name: &'static str = account.gateway.into();
        if new.gateway.as_deref().is_some_and(|named| named != name) {
            let detail = format!("this account is at {name}: leave the gateway out, or name that one");
            return Err(Invalid::one("/gateway", "gateway_of_another_account", detail).into());
        }
        account.gateway.check_token(&new.token).map_err(|detail| unknown_token(detail.to_owned()))?;
        if account.gateway == GatewayKind::Simulator
            && let Some(simulator) = gateways.get(SIMULATOR)
        {
            simulator.check_token(&new.token).map_err(unknown_token)?;
        }
        return Ok(NewPaymentMethod { gateway: Some(name.to_owned()), ..new });
    }
    if new.gateway() != SIMULATOR && new.gateway().parse::<GatewayKind>().is_ok() {
        let detail = "name the gateway account that knows this token; POST /v1/gateway_accounts creates one";
        return Err(Invalid::one("/gateway_account_id", "gateway_account_required", detail).into());
    }
    let Some(gateway) = gateways.get(new.gateway()) else {
        let kinds = GatewayKind::VARIANTS.iter().copied().filter(|kind| *kind != SIMULATOR);
        let known: Vec<&str> = gateways.names().chain(kinds).collect();
        let detail = format!("there is no such gateway; there is {}", known.join(", "));
        return Err(Invalid::one("/gateway", "unknown_gateway", detail).into());
    };
    if scope.mode == Mode::Live && new.gateway() == SIMULATOR {
        return Err(Refused::SimulatorIsForTests.into());
    }
    gateway.check_token(&new.token).map_err(unknown_token)?;
    Ok(new)
}
