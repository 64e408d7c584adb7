//! Was this event counted before? Its key is claimed once for ever; a second claim finds the first one's fingerprint.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::ids::{CustomerId, TenantId};
use crate::storage::{StorageError, Tx};

/// A key to claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    pub key: Uuid,
    pub fingerprint: i64,
    /// `None` while the event waits for its customer.
    pub customer_id: Option<CustomerId>,
    pub at: DateTime<Utc>,
}

/// What became of the claims.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// Claimed now.
    pub new: HashSet<Uuid>,
    /// Claimed before, with the fingerprint of then.
    pub before: HashMap<Uuid, i64>,
}

#[derive(QueryableByName)]
struct Inserted {
    #[diesel(sql_type = SqlUuid)]
    key: Uuid,
}

#[derive(QueryableByName)]
struct Known {
    #[diesel(sql_type = SqlUuid)]
    key: Uuid,
    #[diesel(sql_type = BigInt)]
    fingerprint: i64,
}

/// Keys of a batch that are looked for first: one of them known, and the whole batch has likely been sent before.
const PROBED: usize = 8;

/// Claims keys. They are claimed in their order, so that two transactions that claim the same ones wait for each other in one direction.
///
/// A batch sent again costs one look at its keys: those known are not claimed in vain.
pub fn claim(tx: &mut Tx<'_>, tenant_id: TenantId, keys: &mut [Key]) -> Result<Taken, StorageError> {
    keys.sort_unstable_by_key(|key| key.key);
    let mut taken = Taken::default();
    if keys.len() > PROBED * PROBED {
        let probed: Vec<Uuid> = keys.iter().step_by(keys.len() / PROBED).map(|key| key.key).collect();
        if !known(tx, tenant_id, &probed)?.is_empty() {
            let all: Vec<Uuid> = keys.iter().map(|key| key.key).collect();
            taken.before = known(tx, tenant_id, &all)?;
        }
    }
    let rest: Vec<Key> = keys.iter().filter(|key| !taken.before.contains_key(&key.key)).copied().collect();
    if rest.is_empty() {
        return Ok(taken);
    }
    taken.new = insert(tx, tenant_id, &rest)?;
    if taken.new.len() < rest.len() {
        let lost: Vec<Uuid> = rest.iter().map(|key| key.key).filter(|key| !taken.new.contains(key)).collect();
        taken.before.extend(known(tx, tenant_id, &lost)?);
    }
    Ok(taken)
}

/// Claims those that nobody has; gives them.
fn insert(tx: &mut Tx<'_>, tenant_id: TenantId, keys: &[Key]) -> Result<HashSet<Uuid>, StorageError> {
    let inserted: Vec<Inserted> = diesel::sql_query(
        "INSERT INTO usage_event_keys (tenant_id, key, fingerprint, customer_id, occurred_at) \
         SELECT $1, * FROM unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::timestamptz[]) \
         ON CONFLICT DO NOTHING RETURNING key",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(keys.iter().map(|key| key.key).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(keys.iter().map(|key| key.fingerprint).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(keys.iter().map(|key| key.customer_id).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(keys.iter().map(|key| key.at).collect::<Vec<_>>())
    .load(tx.conn)?;
    Ok(inserted.into_iter().map(|row| row.key).collect())
}

/// Which of these keys were claimed, with their fingerprints.
pub fn known(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    keys: &[Uuid],
) -> Result<HashMap<Uuid, i64>, StorageError> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Known> = diesel::sql_query(
        // One look by the primary key for each, whatever the planner thinks of thousands: never a walk through all of a tenant's.
        "SELECT k.key, k.fingerprint FROM unnest($2::uuid[]) AS w (key) \
         CROSS JOIN LATERAL (SELECT * FROM usage_event_keys k WHERE k.tenant_id = $1 AND k.key = w.key OFFSET 0) k",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(keys)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| (row.key, row.fingerprint)).collect())
}
