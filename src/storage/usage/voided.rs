//! Which events no longer count? Moved out of those that do, kept with the instant and the reason; their keys stay used.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::ids::{CustomerId, TenantId};
use crate::storage::customers::locks::Held;
use crate::storage::schema::{usage_event_keys as keys, usage_voided as table};
use crate::storage::{StorageError, Tx};

/// Whose an event is, once that is known, and when it was.
pub(super) type Whereabouts = (Option<CustomerId>, DateTime<Utc>);

/// Where an event is, by its key: with its customer, and when it was.
pub fn place_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    key: Uuid,
) -> Result<Option<Whereabouts>, StorageError> {
    Ok(keys::table
        .find((tenant_id, key))
        .select((keys::customer_id, keys::occurred_at))
        .first(tx.conn)
        .optional()?)
}

/// An event that no longer counts.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Voided {
    pub customer: CustomerId,
    pub at: DateTime<Utc>,
    pub type_: String,
    pub recorded_at: DateTime<Utc>,
    pub voided_at: DateTime<Utc>,
}

/// The voided event with this key.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, key: Uuid) -> Result<Option<Voided>, StorageError> {
    let row = table::table
        .find((tenant_id, key))
        .select((table::customer_id, table::occurred_at, table::type_, table::recorded_at, table::voided_at))
        .first(tx.conn)
        .optional()?;
    Ok(row)
}

/// Moves one event to those that do not count; `false` when it is not among those that do.
pub fn void(
    tx: &mut Tx<'_>,
    held: &Held,
    customer: CustomerId,
    at: DateTime<Utc>,
    key: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let tenant_id = held.tenant_id();
    let moved = diesel::sql_query(
        "WITH gone AS (DELETE FROM usage_events WHERE tenant_id = $1 AND customer_id = $2 AND occurred_at = $3 AND key = $4 RETURNING *) \
         INSERT INTO usage_voided (tenant_id, key, customer_id, occurred_at, type, source, id, data, recorded_at, voided_at) \
         SELECT tenant_id, key, customer_id, occurred_at, type, source, id, data, recorded_at, $5 FROM gone",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(customer)
    .bind::<Timestamptz, _>(at)
    .bind::<SqlUuid, _>(key)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn)?;
    Ok(moved == 1)
}
