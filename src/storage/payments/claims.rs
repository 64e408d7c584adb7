//! Who may call a gateway now? Whoever holds the claim that was recorded with the attempts, as long as its number has not been raised.
//!
//! Claimed with number 1; a resolver that concludes makes it 2; the process that wakes afterwards finds 2 and calls nobody. A call under
//! way is alive until the claim's `calls_until`, an instant of real time, so a conclusion waits for that.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::ids::{PaymentId, RefundId, TenantId};
use crate::storage::schema::gateway_claims as claims;
use crate::storage::sql_types::IdRow;
use crate::storage::{StorageError, Tx};

/// A claim as its holder took it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub tenant_id: TenantId,
    pub id: Uuid,
    /// The number it was taken with.
    pub fence: i64,
}

/// The number of a new claim.
const FIRST: i64 = 1;

/// Takes a claim, at an instant of real time.
pub fn take(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: Uuid,
    recorded_at: DateTime<Utc>,
) -> Result<Claim, StorageError> {
    diesel::insert_into(claims::table)
        .values((
            claims::tenant_id.eq(tenant_id),
            claims::id.eq(id),
            claims::fence.eq(FIRST),
            claims::recorded_at.eq(recorded_at),
        ))
        .execute(tx.conn)?;
    Ok(Claim { tenant_id, id, fence: FIRST })
}

/// Reads the claim's number again and, when it is still the one it was taken with, notes until when the call that begins now may be
/// alive. `false`: someone has concluded, and nobody is to be called. To be committed before the call, so outside a transaction.
pub fn begin_call(tx: &mut Tx<'_>, claim: Claim, alive_until: DateTime<Utc>) -> Result<bool, StorageError> {
    let mine = claims::table.find((claim.tenant_id, claim.id)).filter(claims::fence.eq(claim.fence));
    Ok(diesel::update(mine).set(claims::calls_until.eq(alive_until)).execute(tx.conn)? == 1)
}

/// Lets go of a claim whose calls have all come back: no conclusion waits for it any more, and no call is made under it.
pub fn release(tx: &mut Tx<'_>, claim: Claim) -> Result<(), StorageError> {
    diesel::delete(claims::table.find((claim.tenant_id, claim.id))).execute(tx.conn)?;
    Ok(())
}

/// How long a process that took a claim may take to begin its call.
const BEGINS_WITHIN: TimeDelta = TimeDelta::minutes(1);

/// Whether the process that made an attempt has died over it: it holds a claim still, and no call under it is alive at `now`, an instant of
/// real time.
pub fn is_abandoned(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, PaymentId),
    now: DateTime<Utc>,
) -> Result<bool, StorageError> {
    use crate::storage::schema::payments;
    let claim = payments::table.find((tenant_id, id)).select(payments::claim_id);
    let over = claims::calls_until
        .le(now)
        .or(claims::calls_until.is_null().and(claims::recorded_at.le(now - BEGINS_WITHIN)));
    let claim: Option<Uuid> = claim.first(tx.conn).optional()?.flatten();
    let Some(claim) = claim else { return Ok(false) };
    let abandoned = claims::table.find((tenant_id, claim)).filter(over.assume_not_null());
    Ok(diesel::select(diesel::dsl::exists(abandoned)).get_result(tx.conn)?)
}

/// Raises the numbers of the claims of these attempts, so that no call begins under them any more; gives those attempts for which one may
/// be alive at `now`, an instant of real time.
pub fn raise_of_attempts(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[PaymentId],
    now: DateTime<Utc>,
) -> Result<Vec<PaymentId>, StorageError> {
    raise(tx, "payments", (tenant_id, ids), now)
}

/// The same for refunds.
pub fn raise_of_refunds(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[RefundId],
    now: DateTime<Utc>,
) -> Result<Vec<RefundId>, StorageError> {
    raise(tx, "refunds", (tenant_id, ids), now)
}

/// What a holder notes at the same moment is seen: its row is locked by the one or the other first.
fn raise<Id: ToSql<SqlUuid, Pg>>(
    tx: &mut Tx<'_>,
    table: &'static str,
    whose: (TenantId, &[Id]),
    now: DateTime<Utc>,
) -> Result<Vec<Id>, StorageError>
where
    IdRow<Id>: QueryableByName<Pg> + 'static,
{
    let rows: Vec<IdRow<Id>> = diesel::sql_query(format!(
        "WITH raised AS ( \
             UPDATE gateway_claims SET fence = fence + 1 WHERE tenant_id = $1 \
             AND id IN (SELECT claim_id FROM {table} WHERE tenant_id = $1 AND id = ANY($2)) RETURNING id, calls_until) \
         SELECT t.id FROM {table} t JOIN raised r ON r.id = t.claim_id \
         WHERE t.tenant_id = $1 AND t.id = ANY($2) AND r.calls_until > $3"
    ))
    .bind::<SqlUuid, _>(whose.0)
    .bind::<Array<SqlUuid>, _>(whose.1)
    .bind::<Timestamptz, _>(now)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Removes claims taken before an instant of real time, which dead processes left; gives how many. Without its claim nobody calls.
pub fn purge(tx: &mut Tx<'_>, before: DateTime<Utc>) -> Result<usize, StorageError> {
    Ok(diesel::delete(claims::table.filter(claims::recorded_at.lt(before))).execute(tx.conn)?)
}
