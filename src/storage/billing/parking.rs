//! Which customers could not be billed, why, and when are they tried again? After 1 hour, then 2, 4, 8 … up to a day.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::ids::{BillRunId, CustomerId, TenantId};
use crate::storage::schema::parked_customers as parked;
use crate::storage::{StorageError, Tx};

/// A customer to set aside.
#[derive(Debug, Clone, Copy)]
pub struct Parking<'a> {
    pub customer_id: CustomerId,
    pub run_id: Option<BillRunId>,
    pub code: &'a str,
    pub reason: &'a str,
    pub now: DateTime<Utc>,
}

/// Sets a customer aside, or again for twice as long.
pub fn park(tx: &mut Tx<'_>, tenant_id: TenantId, parking: Parking<'_>) -> Result<(), StorageError> {
    diesel::sql_query(
        "INSERT INTO parked_customers AS p (tenant_id, customer_id, run_id, code, reason, parked_at, retry_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $6 + interval '1 hour') \
         ON CONFLICT (tenant_id, customer_id) DO UPDATE SET run_id = EXCLUDED.run_id, code = EXCLUDED.code, \
         reason = EXCLUDED.reason, attempts = p.attempts + 1, \
         retry_at = EXCLUDED.parked_at + least(interval '1 hour' * power(2, least(p.attempts, 10)), interval '1 day')",
    )
    .bind::<SqlUuid, _>(tenant_id.uuid())
    .bind::<SqlUuid, _>(parking.customer_id.uuid())
    .bind::<Nullable<SqlUuid>, _>(parking.run_id.map(BillRunId::uuid))
    .bind::<Text, _>(parking.code)
    .bind::<Text, _>(parking.reason)
    .bind::<Timestamptz, _>(parking.now)
    .execute(tx.conn)?;
    Ok(())
}

/// Takes a customer back into the runs.
pub fn unpark(tx: &mut Tx<'_>, tenant_id: TenantId, customer_id: CustomerId) -> Result<(), StorageError> {
    diesel::delete(parked::table.find((tenant_id.uuid(), customer_id.uuid()))).execute(tx.conn)?;
    Ok(())
}

/// The customers whose retry is due.
pub fn due(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    now: DateTime<Utc>,
) -> Result<Vec<CustomerId>, StorageError> {
    let ids: Vec<Uuid> = parked::table
        .filter(parked::tenant_id.eq(tenant_id.uuid()))
        .filter(parked::retry_at.le(now))
        .order((parked::retry_at, parked::customer_id))
        .select(parked::customer_id)
        .load(tx.conn)?;
    Ok(ids.into_iter().map(CustomerId::from_uuid).collect())
}

/// When the next retry is due.
pub fn next_due(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Option<DateTime<Utc>>, StorageError> {
    let at = parked::table
        .filter(parked::tenant_id.eq(tenant_id.uuid()))
        .select(diesel::dsl::min(parked::retry_at))
        .first(tx.conn)?;
    Ok(at)
}

/// A parked customer, as a run tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedCustomer {
    pub customer_id: CustomerId,
    pub code: String,
    pub reason: String,
    pub attempts: i32,
    pub parked_at: DateTime<Utc>,
    pub retry_at: DateTime<Utc>,
}

/// The customers that a run parked and that still are, at most `limit`.
pub fn of_run(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    run: BillRunId,
    limit: i64,
) -> Result<Vec<ParkedCustomer>, StorageError> {
    type Row = (Uuid, String, String, i32, DateTime<Utc>, DateTime<Utc>);
    let rows: Vec<Row> = parked::table
        .filter(parked::tenant_id.eq(tenant_id.uuid()))
        .filter(parked::run_id.eq(run.uuid()))
        .order(parked::customer_id)
        .limit(limit)
        .select((
            parked::customer_id,
            parked::code,
            parked::reason,
            parked::attempts,
            parked::parked_at,
            parked::retry_at,
        ))
        .load(tx.conn)?;
    Ok(rows
        .into_iter()
        .map(|(customer, code, reason, attempts, parked_at, retry_at)| ParkedCustomer {
            customer_id: CustomerId::from_uuid(customer),
            code,
            reason,
            attempts,
            parked_at,
            retry_at,
        })
        .collect())
}
