//! What do these hours add up to, by their events alone? The rows of the hours are made anew from the events, then those of their days
//! from the hours.
//!
//! Only for a customer that is locked alone: an event on its way into the same hour would be missed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Numeric, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::numeric::Number;
use super::raw::{self, Wanted};
use super::rollups::{self, Added, Place};
use crate::domain::calendar::Period;
use crate::domain::ids::{CustomerId, MeterId, TenantId};
use crate::domain::usage::buckets::{Bucket, Sample};
use crate::domain::usage::slices::Grain;
use crate::domain::usage::{Aggregation, Exact, Meter};
use crate::storage::{StorageError, Tx, fit};

/// An hour of a customer, by its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Touched {
    pub customer_id: CustomerId,
    pub hour: DateTime<Utc>,
}

/// Hours rebuilt by one round of statements: it bounds the memory.
const ROUND: usize = 500;

/// Makes the rows of these hours, and of their days, anew.
pub fn rebuild(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (meter, touched): (&Meter, &BTreeSet<Touched>),
) -> Result<(), StorageError> {
    let touched: Vec<Touched> = touched.iter().copied().collect();
    for round in touched.chunks(ROUND) {
        let hours: Vec<Touched> = round.to_vec();
        forget(tx, tenant_id, meter.id, Grain::Hour, &hours)?;
        rebuild_hours(tx, tenant_id, (meter, &hours))?;
        let mut days: Vec<Touched> =
            hours.iter().map(|t| Touched { hour: Grain::Day.bucket(t.hour), ..*t }).collect();
        days.dedup();
        forget(tx, tenant_id, meter.id, Grain::Day, &days)?;
        rebuild_days(tx, tenant_id, (meter, &days))?;
    }
    Ok(())
}

/// Makes all rows of a meter anew, or those of a range of time.
pub fn rebuild_meter(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (meter, range): (&Meter, Option<Period>),
) -> Result<u64, StorageError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        customer_id: CustomerId,
        #[diesel(sql_type = Timestamptz)]
        hour: DateTime<Utc>,
    }
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT customer_id, date_trunc('hour', occurred_at, 'UTC') AS hour FROM usage_events \
         WHERE tenant_id = $1 AND type = $2 AND ($4 IS NULL OR occurred_at >= $4) AND ($5 IS NULL OR occurred_at < $5) \
         UNION SELECT customer_id, bucket FROM usage_rollups \
         WHERE tenant_id = $1 AND meter_id = $3 AND grain = 1 AND ($4 IS NULL OR bucket >= $4) AND ($5 IS NULL OR bucket < $5)",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Text, _>(&meter.event_type)
    .bind::<SqlUuid, _>(meter.id)
    .bind::<Nullable<Timestamptz>, _>(range.map(|r| Grain::Hour.bucket(r.start)))
    .bind::<Nullable<Timestamptz>, _>(range.map(|r| r.end))
    .load(tx.conn)?;
    let touched: BTreeSet<Touched> =
        rows.into_iter().map(|row| Touched { customer_id: row.customer_id, hour: row.hour }).collect();
    rebuild(tx, tenant_id, (meter, &touched))?;
    fit("hours", touched.len())
}

fn forget(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    meter: MeterId,
    grain: Grain,
    touched: &[Touched],
) -> Result<(), StorageError> {
    for table in ["usage_rollups", "usage_uniques"] {
        diesel::sql_query(format!(
            "DELETE FROM {table} r USING unnest($4::uuid[], $5::timestamptz[]) AS t (customer_id, bucket) \
             WHERE r.tenant_id = $1 AND r.meter_id = $2 AND r.grain = $3 AND r.customer_id = t.customer_id AND r.bucket = t.bucket"
        ))
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<SqlUuid, _>(meter)
        .bind::<SmallInt, _>(grain.hours())
        .bind::<Array<SqlUuid>, _>(touched.iter().map(|t| t.customer_id).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(touched.iter().map(|t| t.hour).collect::<Vec<_>>())
        .execute(tx.conn)?;
    }
    Ok(())
}

fn rebuild_hours(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (meter, hours): (&Meter, &[Touched]),
) -> Result<(), StorageError> {
    let wanted: Vec<Wanted<'_>> = hours
        .iter()
        .enumerate()
        .map(|(n, touched)| Wanted {
            n,
            customer_id: touched.customer_id,
            type_: &meter.event_type,
            period: Period { start: touched.hour, end: Grain::Hour.end(touched.hour) },
        })
        .collect();
    let mut samples: BTreeMap<Place, Vec<Sample>> = BTreeMap::new();
    let mut uniques: Vec<(Place, String)> = Vec::new();
    for found in raw::read(tx, tenant_id, &wanted)? {
        // An event taken before there was this meter may hold what the meter cannot read: it does not count for it.
        let Ok(Some(reading)) = meter.read(&found.data) else { continue };
        let Some(touched) = hours.get(found.n) else { continue };
        let place = Place {
            customer_id: touched.customer_id,
            meter_id: meter.id,
            grain: Grain::Hour,
            bucket: touched.hour,
            dimensions: reading.dimensions,
        };
        if let Some(value) = reading.unique {
            uniques.push((place.clone(), value));
        }
        let sample = Sample { at: found.at, key: found.key, value: reading.value, priced: reading.priced };
        samples.entry(place).or_default().push(sample);
    }
    let mut added = Vec::with_capacity(samples.len());
    for (place, mut of_place) in samples {
        let end = Grain::Hour.end(place.bucket);
        let bucket = Bucket::gather(&mut of_place, end).map_err(|e| StorageError::unreadable("usage", e))?;
        added.extend(bucket.map(|bucket| Added { place, bucket: kept_of(meter, bucket) }));
    }
    rollups::add(tx, tenant_id, &mut added)?;
    rollups::add_uniques(tx, tenant_id, &mut uniques)
}

/// What is held is kept only where it is asked for: elsewhere it could not be added to.
fn kept_of(meter: &Meter, bucket: Bucket) -> Bucket {
    match meter.aggregation {
        Aggregation::WeightedSum => bucket,
        _ => Bucket { held: Exact::ZERO, ..bucket },
    }
}

/// A row of the roll-ups.
#[derive(QueryableByName)]
pub(super) struct RollupRow {
    #[diesel(sql_type = BigInt)]
    pub n: i64,
    #[diesel(sql_type = Timestamptz)]
    pub bucket: DateTime<Utc>,
    #[diesel(sql_type = SmallInt)]
    pub grain: i16,
    #[diesel(sql_type = Text)]
    pub dimensions: String,
    #[diesel(sql_type = BigInt)]
    events: i64,
    #[diesel(sql_type = Numeric)]
    total: Number,
    #[diesel(sql_type = Numeric)]
    largest: Number,
    #[diesel(sql_type = Numeric)]
    latest: Number,
    #[diesel(sql_type = Timestamptz)]
    latest_at: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    latest_key: Uuid,
    #[diesel(sql_type = Numeric)]
    priced: Number,
    #[diesel(sql_type = Timestamptz)]
    first_at: DateTime<Utc>,
    #[diesel(sql_type = Numeric)]
    held: Number,
}

impl RollupRow {
    pub(super) fn to_bucket(&self) -> Bucket {
        Bucket {
            events: self.events,
            total: self.total.0,
            largest: self.largest.0,
            latest: self.latest.0,
            latest_at: self.latest_at,
            latest_key: self.latest_key,
            priced: self.priced.0,
            first_at: self.first_at,
            held: self.held.0,
        }
    }

    pub(super) fn end(&self) -> DateTime<Utc> {
        let grain = if self.grain == Grain::Day.hours() { Grain::Day } else { Grain::Hour };
        grain.end(self.bucket)
    }
}

fn rebuild_days(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (meter, days): (&Meter, &[Touched]),
) -> Result<(), StorageError> {
    let mut rows: Vec<RollupRow> = diesel::sql_query(
        "SELECT t.n, r.* FROM unnest($3::uuid[], $4::timestamptz[]) WITH ORDINALITY AS t (customer_id, day, n) \
         JOIN usage_rollups r ON r.tenant_id = $1 AND r.customer_id = t.customer_id AND r.meter_id = $2 AND r.grain = 1 \
         AND r.bucket >= t.day AND r.bucket < t.day + interval '24 hours'",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(meter.id)
    .bind::<Array<SqlUuid>, _>(days.iter().map(|t| t.customer_id).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(days.iter().map(|t| t.hour).collect::<Vec<_>>())
    .load(tx.conn)?;
    rows.sort_unstable_by(|a, b| (a.n, &a.dimensions, a.bucket).cmp(&(b.n, &b.dimensions, b.bucket)));
    let mut added = Vec::new();
    for of_day in rows.chunk_by(|a, b| (a.n, &a.dimensions) == (b.n, &b.dimensions)) {
        // WITH ORDINALITY counts from one.
        let place = usize::try_from(of_day[0].n - 1).ok().and_then(|n| days.get(n));
        let Some(day) = place else { continue };
        let parts: Vec<(DateTime<Utc>, Bucket)> =
            of_day.iter().map(|row| (row.bucket, row.to_bucket())).collect();
        let wide = Bucket::widen(&parts, (Grain::Hour, Grain::Day.end(day.hour)))
            .map_err(|e| StorageError::unreadable("usage", e))?;
        let place = Place {
            customer_id: day.customer_id,
            meter_id: meter.id,
            grain: Grain::Day,
            bucket: day.hour,
            dimensions: of_day[0].dimensions.clone(),
        };
        added.extend(wide.map(|bucket| Added { place, bucket: kept_of(meter, bucket) }));
    }
    rollups::add(tx, tenant_id, &mut added)?;
    if meter.aggregation != Aggregation::UniqueCount {
        return Ok(());
    }
    diesel::sql_query(
        "INSERT INTO usage_uniques (tenant_id, customer_id, meter_id, grain, bucket, dimensions, value) \
         SELECT DISTINCT $1, u.customer_id, u.meter_id, 24::smallint, t.day, u.dimensions, u.value \
         FROM unnest($3::uuid[], $4::timestamptz[]) AS t (customer_id, day) \
         JOIN usage_uniques u ON u.tenant_id = $1 AND u.customer_id = t.customer_id AND u.meter_id = $2 AND u.grain = 1 \
         AND u.bucket >= t.day AND u.bucket < t.day + interval '24 hours'",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(meter.id)
    .bind::<Array<SqlUuid>, _>(days.iter().map(|t| t.customer_id).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(days.iter().map(|t| t.hour).collect::<Vec<_>>())
    .execute(tx.conn)?;
    Ok(())
}
