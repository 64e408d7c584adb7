//! What do all schedules come to? Sums of those that differ in their amounts alone, written with them, so that no report reads them one by one. A
//! sum is only ever added to: two who issue at the same time write two rows, which are put together later.
//!
//! 5,000 invoices of a run, of three lines each: 15,000 schedules, and some hundred sums.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Uuid as SqlUuid};

use super::rows::SumRow;
use crate::domain::ids::{EntityId, TenantId};
use crate::domain::revenue::{Alike, Schedule};
use crate::storage::schema::revenue_sums as table;
use crate::storage::{StorageError, Tx};

/// By what schedules are told apart.
const KEY: &str = "entity_id, currency, entry, deferred, starts_on, ends_on, booked_on, rule, amount, whole, since, fulfilled, is_allocated, is_moved";

/// Adds what schedules come to, each of an entity.
pub(super) fn add<'a>(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    schedules: impl Iterator<Item = (EntityId, &'a Schedule)>,
) -> Result<(), StorageError> {
    let mut sums: HashMap<(EntityId, Schedule), (i64, i128)> = HashMap::new();
    for (entity_id, schedule) in schedules {
        let alike = Alike::of(schedule);
        let (times, evenly) = sums.entry((entity_id, alike.one)).or_default();
        *times = times.saturating_add(1);
        *evenly = evenly.saturating_add(alike.evenly);
    }
    let row = |((entity_id, one), (times, evenly))| {
        SumRow::of((tenant_id, entity_id), &Alike { one, times, evenly })
    };
    let rows: Vec<SumRow> = sums.into_iter().map(row).collect::<Result<_, _>>()?;
    diesel::copy_from(table::table).from_insertable(&rows).execute(tx.conn)?;
    Ok(())
}

/// Hands over every sum with its entity, of all entities or of one.
///
/// # Errors
/// Storage; what the taker says.
pub fn each<E: From<StorageError>>(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, Option<EntityId>),
    mut take: impl FnMut(&Alike, EntityId) -> Result<(), E>,
) -> Result<(), E> {
    let sql = format!(
        "SELECT $1 AS tenant_id, {KEY}, sum(times)::bigint AS times, sum(evenly) AS evenly FROM revenue_sums \
         WHERE tenant_id = $1 AND ($2 IS NULL OR entity_id = $2) GROUP BY {KEY}"
    );
    let rows: Vec<SumRow> = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<Nullable<SqlUuid>, _>(entity_id)
        .load(tx.conn)
        .map_err(StorageError::from)?;
    for row in rows {
        let of_entity = row.entity_id;
        take(&row.into_alike()?, of_entity)?;
    }
    Ok(())
}

/// Puts together what was added one by one, once that is much beside what is together already. Who does so at the same time as another, or as
/// somebody adds, loses nothing: a row is taken by one of them.
pub fn merge(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<(), StorageError> {
    let sql = format!(
        "WITH known AS (SELECT count(*) FILTER (WHERE merged) AS together, count(*) FILTER (WHERE NOT merged) AS apart FROM revenue_sums WHERE tenant_id = $1), \
         gone AS (DELETE FROM revenue_sums WHERE tenant_id = $1 AND (SELECT apart > 1000 AND apart * 4 > together FROM known) RETURNING *) \
         INSERT INTO revenue_sums (tenant_id, {KEY}, times, evenly, merged) \
         SELECT $1, {KEY}, sum(times), sum(evenly), true FROM gone GROUP BY {KEY} HAVING sum(times) <> 0"
    );
    diesel::sql_query(sql).bind::<SqlUuid, _>(tenant_id).execute(tx.conn)?;
    Ok(())
}
