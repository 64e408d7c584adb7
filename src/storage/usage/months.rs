//! Where do events of a month go? Into that month's partition, made ahead by a job, or by whoever is first to have an event of it.
//!
//! January 2026 is `usage_months.y2026m01`. A partition is made apart and then attached, which waits for no reader or writer.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid};

use crate::domain::ids::TenantId;
use crate::storage::{StorageError, Tx};

/// The first day of a month of UTC.
pub type Month = NaiveDate;

fn month_of(at: DateTime<Utc>) -> Month {
    let date = at.date_naive();
    date.with_day(1).unwrap_or(date)
}

pub(super) fn name_of(month: Month) -> String {
    format!("y{:04}m{:02}", month.year(), month.month())
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// The partitions there are, by name: oldest first.
pub(super) fn names(tx: &mut Tx<'_>) -> Result<BTreeSet<String>, StorageError> {
    let rows: Vec<Name> = diesel::sql_query(
        "SELECT c.relname::text AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
         WHERE i.inhparent = 'usage_events'::regclass",
    )
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Makes sure that events of these instants have a partition.
pub fn make_for(tx: &mut Tx<'_>, instants: impl Iterator<Item = DateTime<Utc>>) -> Result<(), StorageError> {
    let months: BTreeSet<Month> = instants.map(month_of).collect();
    let existing = names(tx)?;
    if months.iter().all(|month| existing.contains(&name_of(*month))) {
        return Ok(());
    }
    // One at a time: what another has made meanwhile is then seen.
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended('usage months', 0))")
        .execute(tx.conn)?;
    let existing = names(tx)?;
    for month in months.into_iter().filter(|month| !existing.contains(&name_of(*month))) {
        make(tx, month)?;
    }
    Ok(())
}

fn make(tx: &mut Tx<'_>, month: Month) -> Result<(), StorageError> {
    let next = month
        .checked_add_months(Months::new(1))
        .ok_or_else(|| StorageError::unreadable("month of events", month))?;
    let name = name_of(month);
    tx.conn.batch_execute(&format!(
        "CREATE TABLE usage_months.{name} (LIKE usage_events INCLUDING ALL); \
         ALTER TABLE usage_events ATTACH PARTITION usage_months.{name} FOR VALUES FROM ('{month} 00:00:00Z') TO ('{next} 00:00:00Z')"
    ))?;
    Ok(())
}

/// Makes the partitions of this month and the next two.
pub fn make_ahead(tx: &mut Tx<'_>, now: DateTime<Utc>) -> Result<(), StorageError> {
    make_for(tx, (0..3).filter_map(|ahead| now.checked_add_months(Months::new(ahead))))
}

/// The months that have a partition, oldest first.
pub fn months(tx: &mut Tx<'_>) -> Result<Vec<Month>, StorageError> {
    let read = |name: &String| {
        let (year, month) = name.strip_prefix('y')?.split_once('m')?;
        NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1)
    };
    Ok(names(tx)?.iter().filter_map(read).collect())
}

/// A tenant with events in a month.
#[derive(QueryableByName)]
struct TenantRow {
    #[diesel(sql_type = SqlUuid)]
    id: TenantId,
    #[diesel(sql_type = Bool)]
    unbilled: bool,
}

/// The tenants with events in a month, and whether any of their customers may still be billed for them. Nothing is ingested from here
/// to the end of the transaction.
pub fn tenants_of(tx: &mut Tx<'_>, month: Month) -> Result<Vec<(TenantId, bool)>, StorageError> {
    tx.conn
        .batch_execute("SET LOCAL lock_timeout = '5s'; LOCK TABLE usage_events IN ACCESS EXCLUSIVE MODE")?;
    let name = name_of(month);
    let rows: Vec<TenantRow> = diesel::sql_query(format!(
        "SELECT t.id, EXISTS (SELECT 1 FROM billing_cursors b WHERE b.tenant_id = t.id AND b.next_bill_at IS NOT NULL AND b.settled_to < $1 \
             AND EXISTS (SELECT 1 FROM usage_months.{name} e WHERE e.tenant_id = b.tenant_id AND e.customer_id = b.customer_id)) AS unbilled \
         FROM tenants t WHERE EXISTS (SELECT 1 FROM usage_months.{name} e WHERE e.tenant_id = t.id)"
    ))
    .bind::<Timestamptz, _>(end_of(month))
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row.unbilled)).collect())
}

/// The first instant after a month.
pub fn end_of(month: Month) -> DateTime<Utc> {
    let next = month.checked_add_months(Months::new(1)).unwrap_or(month);
    next.and_time(chrono::NaiveTime::MIN).and_utc()
}

/// Drops a month's events. What they add up to is kept.
pub fn drop_month(tx: &mut Tx<'_>, month: Month) -> Result<(), StorageError> {
    tx.conn.batch_execute(&format!("DROP TABLE usage_months.{}", name_of(month)))?;
    Ok(())
}
