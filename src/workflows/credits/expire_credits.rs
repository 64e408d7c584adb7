//! Which prepaid credits are over? Those whose time has come: what was paid for the rest is breakage. A grant a transaction.

use super::void_credit_grant as ending;
use crate::domain::credits::Status;
use crate::domain::credits::grant::Refused;
use crate::domain::events::EventType;
use crate::domain::ids::CreditGrantId;
use crate::domain::ledger::{self, SourceKind};
use crate::storage::{Session, credits};
use crate::workflows::Error;
use crate::workflows::parked_work::Place;

/// Ends a grant whose time is over. Ended by somebody else already, it is nothing.
///
/// # Errors
/// Storage; sums that do not fit.
pub fn run(session: &mut Session, place: Place, id: CreditGrantId) -> Result<(), Error> {
    session.transaction("expire_credits", |tx| {
        let scope = place.scope(tx)?;
        let customer_id = credits::find(tx, place.tenant_id, id)?.customer_id;
        let scope = scope.lock(tx, customer_id)?;
        let grant = credits::find(tx, place.tenant_id, id)?;
        if grant.status != Status::Active || grant.expires_at.is_none_or(|at| at > place.now) {
            return Ok(());
        }
        let (grant, unearned) = grant.close(Status::Expired)?;
        let source = ending::source(&scope, &grant, SourceKind::CreditsExpired);
        let posted = ledger::credits::expired(unearned, source).map_err(Refused::from)?;
        ending::end(tx, &scope, &grant, (posted, EventType::CreditGrantExpired))
    })
}
