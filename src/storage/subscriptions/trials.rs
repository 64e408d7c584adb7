//! Which trials have a step due? Found by `trial_step_at`, oldest first; those that are over or canceled have none.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::domain::ids::{SubscriptionId, TenantId};
use crate::domain::subscriptions::Subscription;
use crate::storage::schema::subscriptions as s;
use crate::storage::{StorageError, Tx};

/// When the next trial of a tenant has its next step.
pub fn next_step(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Option<DateTime<Utc>>, StorageError> {
    let next: Option<Option<DateTime<Utc>>> = s::table
        .filter(s::tenant_id.eq(tenant_id.uuid()).and(s::trial_step_at.is_not_null()))
        .order(s::trial_step_at)
        .select(s::trial_step_at)
        .first(tx.conn)
        .optional()?;
    Ok(next.flatten())
}

/// At most so many trials with a step due by an instant, those due first before others.
pub fn due(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (now, limit): (DateTime<Utc>, i64),
) -> Result<Vec<SubscriptionId>, StorageError> {
    let ids: Vec<Uuid> = s::table
        .filter(s::tenant_id.eq(tenant_id.uuid()).and(s::trial_step_at.le(now)))
        .order((s::trial_step_at, s::id))
        .limit(limit)
        .select(s::id)
        .load(tx.conn)?;
    Ok(ids.into_iter().map(SubscriptionId::from_uuid).collect())
}

/// Writes when its trial has its next step. The customer is locked.
pub fn save_step(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    subscription: &Subscription,
) -> Result<(), StorageError> {
    diesel::update(s::table.find((tenant_id.uuid(), subscription.id.uuid())))
        .set(s::trial_step_at.eq(subscription.trial.and_then(|trial| trial.step_at)))
        .execute(tx.conn)?;
    Ok(())
}
