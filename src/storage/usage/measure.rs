//! What did meters measure of customers in periods? From whole days, whole hours at the ends, and the events of what is left: a few
//! statements for thousands of questions.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Numeric, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::numeric::Number;
use super::raw::{self, Wanted};
use super::rebuild::RollupRow;
use super::tally::{Tally, unreadable};
use crate::domain::calendar::Period;
use crate::domain::ids::{CustomerId, TenantId};
use crate::domain::money::MoneyError;
use crate::domain::usage::buckets::{Bucket, Holding, Sample};
use crate::domain::usage::slices::{Grain, Slices, before, slices};
use crate::domain::usage::{Aggregation, Exact, Meter, Usage};
use crate::storage::{StorageError, Tx, fit};

/// What did this meter measure of this customer in these stretches of time, taken as one?
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    pub customer_id: CustomerId,
    pub meter: &'a Meter,
    /// In order of time, and apart.
    pub stretches: &'a [Period],
}

impl Ask<'_> {
    fn start(&self) -> DateTime<Utc> {
        self.stretches.first().map_or(DateTime::UNIX_EPOCH, |first| first.start)
    }
}

/// What is held is weighed stretch by stretch, so each of them is a question of its own; of everything else, events of all stretches
/// make up one answer.
fn apart<'a>(asks: &[Ask<'a>]) -> Vec<(usize, Ask<'a>)> {
    let mut apart = Vec::with_capacity(asks.len());
    for (n, ask) in asks.iter().enumerate() {
        match ask.meter.aggregation {
            Aggregation::WeightedSum => {
                apart.extend(ask.stretches.chunks(1).map(|stretches| (n, Ask { stretches, ..*ask })));
            }
            _ => apart.push((n, *ask)),
        }
    }
    apart
}

/// By ask, then dimensions.
type Tallies = BTreeMap<(usize, String), Tally>;

/// What was measured, in the order of the asks.
///
/// # Errors
/// A quantity beyond 28 digits.
pub fn measure(tx: &mut Tx<'_>, tenant_id: TenantId, asks: &[Ask<'_>]) -> Result<Vec<Usage>, StorageError> {
    let (owners, single): (Vec<usize>, Vec<Ask<'_>>) = apart(asks).into_iter().unzip();
    let mut whole = Tallies::new();
    for ((n, dimensions), mut tally) in tally(tx, tenant_id, &single)? {
        tally.weigh(single[n].meter, single[n].stretches).map_err(unreadable)?;
        whole.entry((owners[n], dimensions)).or_default().add(tally)?;
    }
    let mut usages = vec![Usage::default(); asks.len()];
    for ((n, dimensions), tally) in whole {
        usages[n].groups.extend(tally.group(asks[n].meter, &dimensions).map_err(unreadable)?);
    }
    usages.iter_mut().for_each(|usage| usage.groups.sort_by(|a, b| a.dimensions.cmp(&b.dimensions)));
    Ok(usages)
}

fn tally(tx: &mut Tx<'_>, tenant_id: TenantId, asks: &[Ask<'_>]) -> Result<Tallies, StorageError> {
    let mut tallies = Tallies::new();
    let cut: Vec<Vec<Slices>> =
        asks.iter().map(|ask| ask.stretches.iter().map(|stretch| slices(*stretch)).collect()).collect();
    let single =
        |n: usize| matches!(asks[n].meter.aggregation, Aggregation::Latest | Aggregation::WeightedSum);
    let held = |n: usize| asks[n].meter.aggregation == Aggregation::WeightedSum;
    let all: Vec<Part> = asks.iter().enumerate().flat_map(|(n, _)| parts(n, &cut[n])).collect();
    let (rows, sums): (Vec<Part>, Vec<Part>) = all.iter().partition(|part| single(part.n));
    add_carried(tx, tenant_id, (asks, &mut tallies))?;
    add_sums(tx, tenant_id, asks, &sums, &mut tallies)?;
    for row in load_rows(tx, tenant_id, (asks, &rows))? {
        let n: usize = fit("asks", row.n)?;
        let (bucket, end) = (row.to_bucket(), row.end());
        let tally = tallies.entry((n, row.dimensions)).or_default();
        tally.merge(bucket)?;
        tally.holdings.push(bucket.holding(end));
    }
    add_different(tx, tenant_id, asks, &cut, &all, &mut tallies)?;
    let wanted = asks.iter().enumerate().flat_map(|(n, ask)| {
        let early = if held(n) { before(ask.start()).raw } else { Vec::new() };
        let raw = cut[n].iter().flat_map(|cut| cut.raw.iter().copied());
        early.into_iter().chain(raw).map(move |period| wanted(n, ask, period))
    });
    let wanted: Vec<Wanted<'_>> = wanted.collect();
    add_events(tx, tenant_id, asks, &wanted, &mut tallies)?;
    Ok(tallies)
}

/// The values of the single events of stretches, in order of time, for each ask.
pub fn values(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    asks: &[Ask<'_>],
) -> Result<Vec<Vec<Decimal>>, StorageError> {
    let stretches = |(n, ask)| {
        let ask: &Ask<'_> = ask;
        ask.stretches.iter().map(move |stretch| wanted(n, ask, *stretch))
    };
    let wanted: Vec<Wanted<'_>> = asks.iter().enumerate().flat_map(stretches).collect();
    let mut values = vec![Vec::new(); asks.len()];
    for found in raw::read(tx, tenant_id, &wanted)? {
        if let Ok(Some(reading)) = asks[found.n].meter.read(&found.data) {
            let value = reading.value.to_decimal().ok_or(MoneyError::Overflow).map_err(unreadable)?;
            values[found.n].push(value);
        }
    }
    Ok(values)
}

fn wanted<'a>(n: usize, ask: &Ask<'a>, period: Period) -> Wanted<'a> {
    Wanted { n, customer_id: ask.customer_id, type_: &ask.meter.event_type, period }
}

/// Roll-ups to read for an ask.
#[derive(Clone, Copy)]
struct Part {
    n: usize,
    grain: Grain,
    period: Period,
}

fn parts(n: usize, cut: &[Slices]) -> Vec<Part> {
    let days = cut.iter().flat_map(|cut| cut.days).map(|period| Part { n, grain: Grain::Day, period });
    let hours = cut.iter().flat_map(|cut| cut.hours.iter().copied());
    days.chain(hours.map(|period| Part { n, grain: Grain::Hour, period })).collect()
}

/// The roll-ups of parts, as a table `w (n, customer_id, meter_id, grain, start, stop)`.
const PARTS: &str = "unnest($2::bigint[], $3::uuid[], $4::uuid[], $5::smallint[], $6::timestamptz[], $7::timestamptz[]) \
    AS w (n, customer_id, meter_id, grain, start, stop)";

/// Joined to `w`, by the primary key.
fn joined(table: &str) -> String {
    format!(
        "JOIN {table} r ON r.tenant_id = $1 AND r.customer_id = w.customer_id AND r.meter_id = w.meter_id \
         AND r.grain = w.grain AND r.bucket >= w.start AND r.bucket < w.stop"
    )
}

macro_rules! with_parts {
    ($sql:expr, $tenant_id:expr, $asks:expr, $parts:expr) => {
        diesel::sql_query($sql)
            .bind::<SqlUuid, _>($tenant_id)
            .bind::<Array<BigInt>, _>(
                $parts.iter().map(|p| fit("asks", p.n)).collect::<Result<Vec<i64>, StorageError>>()?,
            )
            .bind::<Array<SqlUuid>, _>($parts.iter().map(|p| $asks[p.n].customer_id).collect::<Vec<_>>())
            .bind::<Array<SqlUuid>, _>($parts.iter().map(|p| $asks[p.n].meter.id).collect::<Vec<_>>())
            .bind::<Array<SmallInt>, _>($parts.iter().map(|p| p.grain.hours()).collect::<Vec<_>>())
            .bind::<Array<Timestamptz>, _>($parts.iter().map(|p| p.period.start).collect::<Vec<_>>())
            .bind::<Array<Timestamptz>, _>($parts.iter().map(|p| p.period.end).collect::<Vec<_>>())
    };
}

fn load_rows(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (asks, parts): (&[Ask<'_>], &[Part]),
) -> Result<Vec<RollupRow>, StorageError> {
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT w.n, r.* FROM {PARTS} {}", joined("usage_rollups"));
    Ok(with_parts!(sql, tenant_id, asks, parts).load(tx.conn)?)
}

/// The last roll-up before each period whose meter weighs: what is held when it begins.
fn add_carried(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (asks, tallies): (&[Ask<'_>], &mut Tallies),
) -> Result<(), StorageError> {
    let weighing =
        asks.iter().enumerate().filter(|(_, ask)| ask.meter.aggregation == Aggregation::WeightedSum);
    let parts: Vec<Part> = weighing.flat_map(|(n, ask)| parts(n, &[before(ask.start())])).collect();
    if parts.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT DISTINCT ON (w.n, r.dimensions) w.n, r.* FROM {PARTS} {} ORDER BY w.n, r.dimensions, r.bucket DESC, r.grain DESC",
        joined("usage_rollups")
    );
    let rows: Vec<RollupRow> = with_parts!(sql, tenant_id, asks, parts).load(tx.conn)?;
    for row in rows {
        let n: usize = fit("asks", row.n)?;
        let holding = row.to_bucket().holding(row.end());
        tallies.entry((n, row.dimensions)).or_default().holdings.push(holding);
    }
    Ok(())
}

#[derive(QueryableByName)]
struct SumRow {
    #[diesel(sql_type = BigInt)]
    n: i64,
    #[diesel(sql_type = Text)]
    dimensions: String,
    #[diesel(sql_type = BigInt)]
    events: i64,
    #[diesel(sql_type = Numeric)]
    total: Number,
    #[diesel(sql_type = Numeric)]
    largest: Number,
    #[diesel(sql_type = Numeric)]
    priced: Number,
}

fn add_sums(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    asks: &[Ask<'_>],
    parts: &[Part],
    tallies: &mut Tallies,
) -> Result<(), StorageError> {
    if parts.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT w.n, r.dimensions, sum(r.events)::bigint AS events, sum(r.total) AS total, max(r.largest) AS largest, sum(r.priced) AS priced \
         FROM {PARTS} {} GROUP BY w.n, r.dimensions",
        joined("usage_rollups")
    );
    let rows: Vec<SumRow> = with_parts!(sql, tenant_id, asks, parts).load(tx.conn)?;
    for row in rows {
        let n: usize = fit("asks", row.n)?;
        let at: DateTime<Utc> = asks[n].start();
        let bucket = Bucket {
            events: row.events,
            total: row.total.0,
            largest: row.largest.0,
            // Neither is asked for where sums are enough.
            latest: Exact::ZERO,
            latest_at: at,
            latest_key: Uuid::nil(),
            priced: row.priced.0,
            first_at: at,
            held: Exact::ZERO,
        };
        tallies.entry((n, row.dimensions)).or_default().merge(bucket)?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    n: i64,
    #[diesel(sql_type = Text)]
    dimensions: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct ValueRow {
    #[diesel(sql_type = BigInt)]
    n: i64,
    #[diesel(sql_type = Text)]
    dimensions: String,
    #[diesel(sql_type = Text)]
    value: String,
}

/// Different values: counted by the database where buckets are enough, else fetched, because an event at the ends may have one of them.
fn add_different(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    asks: &[Ask<'_>],
    cut: &[Vec<Slices>],
    parts: &[Part],
    tallies: &mut Tallies,
) -> Result<(), StorageError> {
    let unique = parts.iter().filter(|part| asks[part.n].meter.aggregation == Aggregation::UniqueCount);
    let (counted, fetched): (Vec<Part>, Vec<Part>) =
        unique.partition(|part| cut[part.n].iter().all(|cut| cut.raw.is_empty()));
    if !counted.is_empty() {
        let sql = format!(
            "SELECT w.n, r.dimensions, count(DISTINCT r.value) AS count FROM {PARTS} {} GROUP BY w.n, r.dimensions",
            joined("usage_uniques")
        );
        let rows: Vec<CountRow> = with_parts!(sql, tenant_id, asks, counted).load(tx.conn)?;
        for row in rows {
            let n: usize = fit("asks", row.n)?;
            tallies.entry((n, row.dimensions)).or_default().counted = row.count;
        }
    }
    if !fetched.is_empty() {
        let sql =
            format!("SELECT DISTINCT w.n, r.dimensions, r.value FROM {PARTS} {}", joined("usage_uniques"));
        let rows: Vec<ValueRow> = with_parts!(sql, tenant_id, asks, fetched).load(tx.conn)?;
        for row in rows {
            let n: usize = fit("asks", row.n)?;
            tallies.entry((n, row.dimensions)).or_default().different.insert(row.value);
        }
    }
    Ok(())
}

fn add_events(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    asks: &[Ask<'_>],
    wanted: &[Wanted<'_>],
    tallies: &mut Tallies,
) -> Result<(), StorageError> {
    for found in raw::read(tx, tenant_id, wanted)? {
        let ask = &asks[found.n];
        let Ok(Some(reading)) = ask.meter.read(&found.data) else { continue };
        let sample = Sample { at: found.at, key: found.key, value: reading.value, priced: reading.priced };
        let tally = tallies.entry((found.n, reading.dimensions)).or_default();
        tally.holdings.push(Holding::of(&sample));
        if found.at >= ask.start() {
            tally.merge(Bucket::of(&sample))?;
            tally.different.extend(reading.unique);
        }
    }
    Ok(())
}
