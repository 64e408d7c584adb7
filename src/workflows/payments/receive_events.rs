//! A gateway tells something: is it the gateway, and is it new? The signature is checked over the body as it came, by the account's secrets; then the
//! event is stored once, and a job reads at the gateway how things stand.

use chrono::{DateTime, Utc};

use crate::adapters::gateway::notices::{Notice, Wrong};
use crate::adapters::gateway::{Gateways, Trouble, gocardless, simulator_server, stripe};
use crate::domain::ids::{GatewayAccountId, InboundEventId, TenantId};
use crate::domain::payments::accounts::GatewayKind;
use crate::domain::payments::inbound::InboundEvent;
use crate::storage::Tx;
use crate::storage::payments::accounts::SealedAccount;
use crate::storage::payments::inbound;
use crate::workflows::{Error, Scope};

/// Why it is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Wrong(#[from] Wrong),
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// Checks who has told it, without the database: what is not of the account's gateway costs no more than that.
///
/// # Errors
/// [`Refused`].
pub fn check(
    gateways: &Gateways,
    sealed: &SealedAccount,
    (signature, body): (Option<&str>, &[u8]),
    now: DateTime<Utc>,
) -> Result<Vec<Notice>, Refused> {
    let whose = (sealed.tenant_id, sealed.account.id);
    let credentials = gateways.accounts.unseal(whose, &sealed.credentials)?;
    let (signed, secrets) = ((signature, body), credentials.webhook_secrets());
    Ok(match sealed.account.gateway {
        GatewayKind::Stripe => vec![stripe::events::read(signed, secrets, now)?],
        GatewayKind::Gocardless => gocardless::events::read(signed, secrets)?,
        GatewayKind::Simulator => vec![simulator_server::events::read(signed, secrets, now)?],
    })
}

/// Stores each, to be processed; told again, nothing is written.
///
/// # Errors
/// Storage.
pub fn store(
    tx: &mut Tx<'_>,
    (tenant_id, account_id): (TenantId, GatewayAccountId),
    notices: Vec<Notice>,
) -> Result<(), Error> {
    let scope = Scope::load(tx, tenant_id)?;
    let event = |notice: Notice| InboundEvent {
        id: InboundEventId::from_uuid(scope.mint()),
        account_id,
        event_id: notice.event_id,
        type_: notice.type_,
        payment_id: notice.payment_id,
        refund_id: notice.refund_id,
        reference: notice.reference,
        received_at: scope.now,
        processed_at: None,
    };
    for notice in notices {
        inbound::insert(tx, tenant_id, event(notice))?;
    }
    Ok(())
}
