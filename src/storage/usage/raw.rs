//! What happened, event by event? Written by COPY as it came, read by customer and time.

use chrono::{DateTime, Utc};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Array, Integer, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use std::io::Write;
use uuid::Uuid;

use crate::domain::calendar::Period;
use crate::domain::ids::{CustomerId, TenantId};
use crate::domain::usage::{Data, Event};
use crate::storage::schema::usage_events as table;
use crate::storage::{StorageError, Tx, fit};

/// An event to keep, and where.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a> {
    pub key: Uuid,
    pub customer_id: CustomerId,
    pub at: DateTime<Utc>,
    pub event: &'a Event,
}

/// JSON as it came: it is not read and written anew on its way to the database.
#[derive(Debug, Clone, Copy, AsExpression)]
#[diesel(sql_type = Jsonb)]
pub(in crate::storage) struct RawJson<'a>(pub &'a str);

impl ToSql<Jsonb, Pg> for RawJson<'_> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&[1])?;
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

#[derive(Insertable)]
#[diesel(table_name = table)]
#[diesel(treat_none_as_default_value = false)]
struct Row<'a> {
    tenant_id: TenantId,
    customer_id: CustomerId,
    occurred_at: DateTime<Utc>,
    key: Uuid,
    type_: &'a str,
    source: &'a str,
    id: &'a str,
    data: RawJson<'a>,
    recorded_at: DateTime<Utc>,
}

/// Writes events whose keys were claimed and whose months have a partition.
pub fn copy_in<'a>(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (events, now): (&[Stored<'a>], DateTime<Utc>),
) -> Result<(), StorageError> {
    if events.is_empty() {
        return Ok(());
    }
    let row = |stored: &Stored<'a>| Row {
        tenant_id,
        customer_id: stored.customer_id,
        occurred_at: stored.at,
        key: stored.key,
        type_: &stored.event.type_,
        source: &stored.event.source,
        id: &stored.event.id,
        data: RawJson(stored.event.data.text()),
        recorded_at: now,
    };
    let rows: Vec<Row<'a>> = events.iter().map(row).collect();
    diesel::copy_from(table::table).from_insertable(&rows).execute(tx.conn)?;
    Ok(())
}

/// Which events to read: a number to know them by, whose, of which type, when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub n: usize,
    pub customer_id: CustomerId,
    pub type_: &'a str,
    pub period: Period,
}

/// An event read back, with the number it was wanted by.
pub(super) struct Found {
    pub n: usize,
    pub key: Uuid,
    pub at: DateTime<Utc>,
    pub data: Data,
}

#[derive(QueryableByName)]
struct FoundRow {
    #[diesel(sql_type = Integer)]
    n: i32,
    #[diesel(sql_type = SqlUuid)]
    key: Uuid,
    #[diesel(sql_type = Timestamptz)]
    occurred_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    data: String,
}

/// Reads events, in the order of their wanted numbers, then time, then key: one statement.
pub(super) fn read(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    wanted: &[Wanted<'_>],
) -> Result<Vec<Found>, StorageError> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let numbers = wanted.iter().map(|w| fit("asks", w.n)).collect::<Result<Vec<i32>, StorageError>>()?;
    let rows: Vec<FoundRow> = diesel::sql_query(
        "SELECT w.n, e.key, e.occurred_at, e.data::text AS data \
         FROM unnest($2::int[], $3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[]) AS w (n, customer_id, type, start, stop) \
         CROSS JOIN LATERAL (SELECT * FROM usage_events e WHERE e.tenant_id = $1 AND e.customer_id = w.customer_id \
             AND e.occurred_at >= w.start AND e.occurred_at < w.stop AND e.type = w.type OFFSET 0) e \
         ORDER BY w.n, e.occurred_at, e.key",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<Integer>, _>(numbers)
    .bind::<Array<SqlUuid>, _>(wanted.iter().map(|w| w.customer_id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(wanted.iter().map(|w| w.type_).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(wanted.iter().map(|w| w.period.start).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(wanted.iter().map(|w| w.period.end).collect::<Vec<_>>())
    .load(tx.conn)?;
    rows.into_iter()
        .map(|row| {
            Ok(Found {
                n: fit("asks", row.n)?,
                key: row.key,
                at: row.occurred_at,
                data: Data::read(&row.data).map_err(|e| StorageError::unreadable("event", e))?,
            })
        })
        .collect()
}
