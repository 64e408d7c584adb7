//! When does a subscription have its next step? Kept in `step_at`; one that is over has none.

use crate::domain::ids::{SubscriptionId, TenantId};
use crate::storage::customers::Held;
use crate::storage::schema::subscriptions as s;
use crate::storage::{StorageError, Tx};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// When a subscription has its next step.
pub fn next_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: SubscriptionId,
) -> Result<Option<DateTime<Utc>>, StorageError> {
    Ok(s::table.find((tenant_id, id)).select(s::step_at).first(tx.conn)?)
}

/// Writes when a subscription has its next step. The customer is locked.
pub fn save(
    tx: &mut Tx<'_>,
    held: &Held,
    (id, step_at): (SubscriptionId, Option<DateTime<Utc>>),
) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    diesel::update(s::table.find((tenant_id, id))).set(s::step_at.eq(step_at)).execute(tx.conn)?;
    Ok(())
}
