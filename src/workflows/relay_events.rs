//! How do committed events get their place in the feed? A batch at a time, 5,000 at most, each batch one transaction.

use super::Error;
use crate::domain::ids::TenantId;
use crate::storage::{Session, StorageError, events};

/// Events of one transaction.
const BATCH: u32 = 5_000;

/// Moves everything one tenant (or, with None, every tenant) has in its outbox to its feed; gives how many events.
/// Where another relay is at work on a tenant, that tenant is left to it.
pub fn run(session: &mut Session, tenant_id: Option<TenantId>) -> Result<u64, Error> {
    let waiting = match tenant_id {
        Some(tenant_id) => vec![tenant_id],
        None => session.read::<_, StorageError>(events::tenants_waiting)?,
    };
    let (mut moved, mut failed) = (0, None);
    for tenant_id in waiting {
        match relay_tenant(session, tenant_id) {
            Ok(count) => moved += count,
            // One tenant's trouble keeps no other's events back.
            Err(error) if !error.is_broken() => {
                tracing::error!(tenant = %tenant_id, %error, "events could not be relayed; they are at the next tick");
                failed = failed.or(Some(error));
            }
            Err(error) => return Err(error),
        }
    }
    failed.map_or(Ok(moved), Err)
}

fn relay_tenant(session: &mut Session, tenant_id: TenantId) -> Result<u64, Error> {
    let mut moved = 0;
    loop {
        let batch = session
            .transaction::<_, StorageError>("relay_events", |tx| {
                events::relay(tx, tenant_id, i64::from(BATCH))
            })?
            .unwrap_or(0);
        moved += batch;
        if batch < u64::from(BATCH) {
            return Ok(moved);
        }
    }
}
