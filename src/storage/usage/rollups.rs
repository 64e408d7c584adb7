//! How are the sums of an hour and a day kept? One upsert a batch, a row for each customer, meter and bucket it touched.
//!
//! 10,000 events of 1,000 customers in one hour are 2,000 rows: an hour and a day each.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Numeric, SmallInt, Text, Timestamptz, Uuid as SqlUuid};

use super::numeric::Number;
use crate::domain::ids::{CustomerId, MeterId, TenantId};
use crate::domain::usage::Exact;
use crate::domain::usage::buckets::Bucket;
use crate::domain::usage::slices::Grain;
use crate::storage::{StorageError, Tx};

/// Which row: in the order in which rows are locked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub customer_id: CustomerId,
    pub meter_id: MeterId,
    pub grain: Grain,
    pub bucket: DateTime<Utc>,
    pub dimensions: String,
}

/// What is added to a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    pub place: Place,
    pub bucket: Bucket,
}

const ADD: &str = "
    INSERT INTO usage_rollups AS r (tenant_id, customer_id, meter_id, grain, bucket, dimensions,
        events, total, largest, latest, latest_at, latest_key, priced, first_at, held)
    SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::smallint[], $5::timestamptz[], $6::text[], $7::bigint[], $8::numeric[],
        $9::numeric[], $10::numeric[], $11::timestamptz[], $12::uuid[], $13::numeric[], $14::timestamptz[], $15::numeric[])
    ON CONFLICT (tenant_id, customer_id, meter_id, grain, bucket, dimensions) DO UPDATE SET
        events = r.events + EXCLUDED.events,
        total = r.total + EXCLUDED.total,
        largest = greatest(r.largest, EXCLUDED.largest),
        latest = CASE WHEN (EXCLUDED.latest_at, EXCLUDED.latest_key) > (r.latest_at, r.latest_key) THEN EXCLUDED.latest ELSE r.latest END,
        latest_key = CASE WHEN (EXCLUDED.latest_at, EXCLUDED.latest_key) > (r.latest_at, r.latest_key) THEN EXCLUDED.latest_key ELSE r.latest_key END,
        latest_at = greatest(r.latest_at, EXCLUDED.latest_at),
        priced = r.priced + EXCLUDED.priced,
        first_at = least(r.first_at, EXCLUDED.first_at),
        held = EXCLUDED.held";

/// Adds to the rows, in their order, so that two transactions that touch the same ones wait for each other in one direction.
pub fn add(tx: &mut Tx<'_>, tenant_id: TenantId, added: &mut [Added]) -> Result<(), StorageError> {
    if added.is_empty() {
        return Ok(());
    }
    added.sort_unstable_by(|a, b| a.place.cmp(&b.place));
    let numbers =
        |value_of: fn(&Added) -> Exact| added.iter().map(|a| Number(value_of(a))).collect::<Vec<_>>();
    let instants = |value_of: fn(&Added) -> DateTime<Utc>| added.iter().map(value_of).collect::<Vec<_>>();
    diesel::sql_query(ADD)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<Array<SqlUuid>, _>(added.iter().map(|a| a.place.customer_id).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(added.iter().map(|a| a.place.meter_id).collect::<Vec<_>>())
        .bind::<Array<SmallInt>, _>(added.iter().map(|a| a.place.grain.hours()).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(instants(|a| a.place.bucket))
        .bind::<Array<Text>, _>(added.iter().map(|a| a.place.dimensions.as_str()).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(added.iter().map(|a| a.bucket.events).collect::<Vec<_>>())
        .bind::<Array<Numeric>, _>(numbers(|a| a.bucket.total))
        .bind::<Array<Numeric>, _>(numbers(|a| a.bucket.largest))
        .bind::<Array<Numeric>, _>(numbers(|a| a.bucket.latest))
        .bind::<Array<Timestamptz>, _>(instants(|a| a.bucket.latest_at))
        .bind::<Array<SqlUuid>, _>(added.iter().map(|a| a.bucket.latest_key).collect::<Vec<_>>())
        .bind::<Array<Numeric>, _>(numbers(|a| a.bucket.priced))
        .bind::<Array<Timestamptz>, _>(instants(|a| a.bucket.first_at))
        .bind::<Array<Numeric>, _>(numbers(|a| a.bucket.held))
        .execute(tx.conn)?;
    Ok(())
}

/// Adds different values to the buckets that have not seen them.
pub fn add_uniques(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    uniques: &mut [(Place, String)],
) -> Result<(), StorageError> {
    if uniques.is_empty() {
        return Ok(());
    }
    uniques.sort_unstable();
    diesel::sql_query(
        "INSERT INTO usage_uniques (tenant_id, customer_id, meter_id, grain, bucket, dimensions, value) \
         SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::smallint[], $5::timestamptz[], $6::text[], $7::text[]) \
         ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(uniques.iter().map(|u| u.0.customer_id).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(uniques.iter().map(|u| u.0.meter_id).collect::<Vec<_>>())
    .bind::<Array<SmallInt>, _>(uniques.iter().map(|u| u.0.grain.hours()).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(uniques.iter().map(|u| u.0.bucket).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(uniques.iter().map(|u| u.0.dimensions.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(uniques.iter().map(|u| u.1.as_str()).collect::<Vec<_>>())
    .execute(tx.conn)?;
    Ok(())
}
