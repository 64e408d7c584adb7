//! A gateway has told of a payout: of what is it made? That is read at the gateway, and so is what its parts are of, as far as nobody here has heard of
//! it: told twice, in another order, or before its payment's own outcome is known, it comes out the same.

use super::{matching, record};
use crate::adapters::gateway::Gateways;
use crate::domain::ids::{GatewayAccountId, TenantId};
use crate::domain::payments::calls::Call;
use crate::domain::payments::payouts::Answer;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::platform::clock;
use crate::storage::payments::accounts;
use crate::storage::tenants::Mode;
use crate::storage::{Session, StorageError};
use crate::workflows::parked_work::Place;
use crate::workflows::payments::gateways::Silent;
use crate::workflows::{Error, Scope};

/// Why a payout cannot be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the gateway shows a payout whose parts are in several currencies, or add up to more than an amount can be"
)]
pub struct Unreadable;

impl Refusal for Unreadable {
    fn code(&self) -> &'static str {
        "payout_unreadable"
    }

    fn kind(&self) -> RefusalKind {
        RefusalKind::State
    }
}

/// Reads a payout at the gateway of an account, and records it; one that is recorded already changes only when it has failed.
///
/// # Errors
/// `gateway_silent`; `payout_unreadable`; what keeps it from being recorded.
pub fn run(
    session: &mut Session,
    gateways: &Gateways,
    place: Place,
    (account_id, reference): (GatewayAccountId, &str),
) -> Result<(), Error> {
    let seen = match ask(session, gateways, (place.tenant_id, account_id), reference)? {
        Answer::Silence => return Err(Silent::Gateway.into()),
        Answer::NotYet => return Ok(()),
        Answer::Seen(seen) => seen,
    };
    let rest = seen.not_itemized().map_err(|_| Unreadable)?;
    for item in &seen.items {
        matching::learn(session, gateways, place, (account_id, item))?;
    }
    record::run(session, place, (account_id, &seen), rest)
}

fn ask(
    session: &mut Session,
    gateways: &Gateways,
    (tenant_id, account_id): (TenantId, GatewayAccountId),
    reference: &str,
) -> Result<Answer, Error> {
    let (mode, sealed) = session.read(|tx| {
        let mode = Scope::load(tx, tenant_id)?.mode;
        Ok::<_, StorageError>((mode, accounts::sealed(tx, tenant_id, &[account_id])?))
    })?;
    session.rest();
    let Some(sealed) = sealed.into_iter().next() else { return Ok(Answer::NotYet) };
    let whose = (tenant_id, mode == Mode::Test);
    let gateway = gateways.accounts.open(whose, &sealed.account, &sealed.credentials)?;
    Ok(gateway.payout(reference, Call::begun(clock::now()).deadline))
}
