//! What does not come to its end? Of a tenant, for its people; of all tenants, for those who look after the server. Every statement is a walk over
//! an index of what is unfinished, which is small where all is well, or one look a tenant.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::domain::ids::TenantId;
use crate::domain::work::Work;
use crate::storage::schema::{outbox, parked_work as parked};
use crate::storage::{StorageError, Tx};

/// Kinds of long work: the table, what is unfinished in it, and since when.
const LONG_WORK: [(&str, &str, &str); 5] = [
    ("bill_runs", "finished_at IS NULL", "min(created_at)"),
    ("plan_migrations", "completed_at IS NULL", "min(created_at)"),
    ("usage_backfills", "status = 'open'", "min(created_at)"),
    ("functional_waits", "true", "min(since)"),
    ("clock_advances", "report IS NULL AND trouble IS NULL", "min(from_at)"),
];

/// Long work of a kind that is not through.
#[derive(Debug, Clone, QueryableByName)]
pub struct Unfinished {
    /// Such as `plan_migrations`.
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    /// When the first of it was begun, where that is known.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub oldest_at: Option<DateTime<Utc>>,
}

/// Work of a kind that is parked.
#[derive(Debug, Clone)]
pub struct Parked {
    pub work: Work,
    pub count: i64,
    /// When the one that waits longest was tried last.
    pub oldest_at: Option<DateTime<Utc>>,
}

/// What of a tenant is stuck.
#[derive(Debug, Clone)]
pub struct OfTenant {
    pub unfinished: Vec<Unfinished>,
    pub parked: Vec<Parked>,
    /// When the oldest event came up that has no place in the feed.
    pub oldest_event_at: Option<DateTime<Utc>>,
}

/// What of all tenants is stuck.
#[derive(Debug, Clone, Default)]
pub struct OfAll {
    pub unfinished: Vec<Unfinished>,
    /// By kind.
    pub parked: Vec<(String, i64)>,
    /// When the oldest event of a live tenant came up that has no place in its feed. Test tenants live in times of their own.
    pub oldest_event_at: Option<DateTime<Utc>>,
}

/// What of a tenant is stuck.
///
/// # Errors
/// Storage.
pub fn of_tenant(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<OfTenant, StorageError> {
    let unfinished =
        diesel::sql_query(unfinished("tenant_id = $1 AND")).bind::<SqlUuid, _>(tenant_id).load(tx.conn)?;
    let of_kinds: Vec<(Work, i64, Option<DateTime<Utc>>)> = parked::table
        .filter(parked::tenant_id.eq(tenant_id))
        .group_by(parked::work)
        .order(parked::work)
        .select((parked::work, diesel::dsl::count_star(), diesel::dsl::min(parked::parked_at)))
        .load(tx.conn)?;
    let oldest_event_at = outbox::table
        .filter(outbox::tenant_id.eq(tenant_id))
        .order(outbox::written)
        .select(outbox::occurred_at)
        .first(tx.conn)
        .optional()?;
    let parked =
        of_kinds.into_iter().map(|(work, count, oldest_at)| Parked { work, count, oldest_at }).collect();
    Ok(OfTenant { unfinished, parked, oldest_event_at })
}

/// What of all tenants is stuck.
///
/// # Errors
/// Storage.
pub fn of_all(tx: &mut Tx<'_>) -> Result<OfAll, StorageError> {
    #[derive(QueryableByName)]
    struct Oldest {
        #[diesel(sql_type = Nullable<Timestamptz>)]
        at: Option<DateTime<Utc>>,
    }
    let oldest = "SELECT min(o.at) AS at FROM tenants t CROSS JOIN LATERAL \
        (SELECT occurred_at AS at FROM outbox WHERE tenant_id = t.id ORDER BY written LIMIT 1) o WHERE t.test_clock IS NULL";
    let oldest: Oldest = diesel::sql_query(oldest).get_result(tx.conn)?;
    Ok(OfAll {
        unfinished: diesel::sql_query(unfinished("")).load(tx.conn)?,
        parked: super::views::counts(tx)?,
        oldest_event_at: oldest.at,
    })
}

fn unfinished(of_whom: &str) -> String {
    let kinds = LONG_WORK.map(|(table, unfinished, oldest)| {
        format!("SELECT '{table}' AS kind, count(*) AS count, {oldest} AS oldest_at FROM {table} WHERE {of_whom} {unfinished}")
    });
    kinds.join(" UNION ALL ")
}
