//! Which subscriptions have a step due? Found by `step_at`, oldest first; those that are over have none.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::domain::ids::{SubscriptionId, TenantId};
use crate::storage::schema::subscriptions as s;
use crate::storage::{StorageError, Tx};

/// When the next step of a tenant's subscriptions is due.
pub fn next(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Option<DateTime<Utc>>, StorageError> {
    let next: Option<Option<DateTime<Utc>>> = s::table
        .filter(s::tenant_id.eq(tenant_id.uuid()).and(s::step_at.is_not_null()))
        .order(s::step_at)
        .select(s::step_at)
        .first(tx.conn)
        .optional()?;
    Ok(next.flatten())
}

/// At most so many subscriptions with a step due by an instant, those due first before others.
pub fn due(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (now, limit): (DateTime<Utc>, i64),
) -> Result<Vec<SubscriptionId>, StorageError> {
    let ids: Vec<Uuid> = s::table
        .filter(s::tenant_id.eq(tenant_id.uuid()).and(s::step_at.le(now)))
        .order((s::step_at, s::id))
        .limit(limit)
        .select(s::id)
        .load(tx.conn)?;
    Ok(ids.into_iter().map(SubscriptionId::from_uuid).collect())
}

/// Writes when a subscription has its next step. The customer is locked.
pub fn save(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (id, step_at): (SubscriptionId, Option<DateTime<Utc>>),
) -> Result<(), StorageError> {
    diesel::update(s::table.find((tenant_id.uuid(), id.uuid())))
        .set(s::step_at.eq(step_at))
        .execute(tx.conn)?;
    Ok(())
}
