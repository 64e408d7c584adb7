//! Which prepaid credits are over? Those whose time has come: what was paid for the rest is breakage. A grant a transaction.

use chrono::{DateTime, Utc};

use super::void_credit_grant as ending;
use crate::domain::credits::Status;
use crate::domain::credits::grant::Refused;
use crate::domain::events::EventType;
use crate::domain::ids::TenantId;
use crate::domain::ledger::{self, SourceKind};
use crate::storage::{Session, StorageError, Tx, credits, customers};
use crate::workflows::{Error, Scope};

/// Ends every grant whose time is over by `now`; gives how many.
///
/// # Errors
/// Storage; sums that do not fit.
pub fn run(session: &mut Session, tenant_id: TenantId, now: DateTime<Utc>) -> Result<u64, Error> {
    let mut expired = 0;
    loop {
        let due =
            session.transaction("find_expiring_credits", |tx| credits::due_to_expire(tx, tenant_id, now))?;
        if due.is_empty() {
            return Ok(expired);
        }
        for (customer_id, id) in due {
            session.transaction("expire_credits", |tx| {
                let scope = Scope { now, ..Scope::load(tx, tenant_id)? };
                customers::lock(tx, tenant_id, customer_id)?;
                let grant = credits::find(tx, tenant_id, id)?;
                // Somebody else was faster.
                if grant.status != Status::Active {
                    return Ok(());
                }
                let (grant, unearned) = grant.close(Status::Expired)?;
                let source = ending::source(&scope, &grant, SourceKind::CreditsExpired);
                let posted = ledger::credits::expired(unearned, source).map_err(Refused::from)?;
                ending::end(tx, &scope, &grant, (posted, EventType::CreditGrantExpired))
            })?;
            expired += 1;
        }
    }
}

/// When the next grant expires.
///
/// # Errors
/// Storage.
pub fn next_due(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Option<DateTime<Utc>>, StorageError> {
    credits::next_expiry(tx, tenant_id)
}
