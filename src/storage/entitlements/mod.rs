//! Has anything changed of what a customer may use? One statement says so, at every request of somebody's product: a stamp of all rows that
//! the answer is made of.
//!
//! A row that was written since, by whatever process, has the number of another transaction than all rows that were there before; a row
//! that is gone is missing in the count. So as long as the stamp is the same, what was computed from those rows is the same. Numbers of
//! transactions are those of one server: after a failover, or a start, that server is another.
//!
//! What is on this shelf, what is not, and its laws: [`domain::entitlements`](crate::domain::entitlements).

use chrono::{DateTime, Utc};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Nullable, Numeric, Timestamptz, Uuid as SqlUuid};
use rust_decimal::Decimal;

use super::{Found, StorageError, Thing, Tx};
use crate::domain::calendar::Period;
use crate::domain::ids::{CustomerId, MeterId, TenantId};
use crate::domain::usage::slices::Grain;

/// Which rows were there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    rows: i64,
    /// The hashes of the numbers of the transactions that wrote them, added up.
    written_by: Decimal,
    /// The server whose transactions these are: when it was started.
    server: DateTime<Utc>,
}

/// A stamp, and what the tenant's clock said.
#[derive(Debug, Clone, Copy)]
pub struct Stamped {
    pub stamp: Stamp,
    /// Of a test tenant.
    pub test_clock: Option<DateTime<Utc>>,
}

/// Which days of a meter count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    meter_id: MeterId,
    days: Period,
}

impl Days {
    /// All days that a period touches, and for a meter that weighs what is held all days before them, too.
    #[must_use]
    pub fn of(meter_id: MeterId, period: Period, from_the_beginning: bool) -> Days {
        let first = if from_the_beginning { DateTime::UNIX_EPOCH } else { Grain::Day.bucket(period.start) };
        Days { meter_id, days: Period { start: first, end: period.end } }
    }
}

/// The statement of a stamp. Written out as a query of its own, because text given to `sql_query` is planned anew at every call, which takes
/// longer than the answer.
#[derive(Debug, QueryId)]
struct StampQuery {
    tenant_id: TenantId,
    customer_id: CustomerId,
    meters: Vec<MeterId>,
    starts: Vec<DateTime<Utc>>,
    stops: Vec<DateTime<Utc>>,
}

impl Query for StampQuery {
    type SqlType = (Nullable<Timestamptz>, BigInt, Numeric, Timestamptz);
}

impl RunQueryDsl<PgConnection> for StampQuery {}

impl QueryFragment<Pg> for StampQuery {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // Each parameter is numbered where it is first pushed, and named by its number from there on.
        out.push_sql(
            "SELECT t.test_clock, count(r.xid), coalesce(sum(hashint8extended(r.xid::text::bigint, 0)), 0), \
                pg_postmaster_start_time() \
             FROM tenants t LEFT JOIN LATERAL ( \
                SELECT s.xmin AS xid FROM subscriptions s WHERE s.tenant_id = ",
        );
        out.push_bind_param::<SqlUuid, _>(&self.tenant_id)?;
        out.push_sql(" AND s.customer_id = ");
        out.push_bind_param::<SqlUuid, _>(&self.customer_id)?;
        out.push_sql(
            " UNION ALL SELECT v.xmin FROM subscriptions s \
                    JOIN item_versions v ON v.tenant_id = $1 AND v.subscription_id = s.id \
                    WHERE s.tenant_id = $1 AND s.customer_id = $2 \
                UNION ALL SELECT p.xmin FROM subscriptions s \
                    JOIN subscription_phases p ON p.tenant_id = $1 AND p.subscription_id = s.id \
                    WHERE s.tenant_id = $1 AND s.customer_id = $2 \
                UNION ALL SELECT b.xmin FROM budgets b \
                    WHERE b.tenant_id = $1 AND b.customer_id = $2 AND b.ended_at IS NULL \
                UNION ALL SELECT u.xmin FROM unnest(",
        );
        out.push_bind_param::<Array<SqlUuid>, _>(&self.meters)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.starts)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.stops)?;
        out.push_sql(
            ") AS d (meter_id, start, stop) \
                    JOIN usage_rollups u ON u.tenant_id = $1 AND u.customer_id = $2 AND u.meter_id = d.meter_id AND u.grain = 24 \
                        AND u.bucket >= d.start AND u.bucket < d.stop) r ON true \
             WHERE t.id = $1 GROUP BY t.id, t.test_clock",
        );
        Ok(())
    }
}

/// The stamp of what a customer has now: its subscriptions with their phases and item versions, its budgets, and what was measured on these
/// days. Plan versions, prices and meters never change.
///
/// # Errors
/// Not found: the tenant.
pub fn stamp(
    tx: &mut Tx<'_>,
    (tenant_id, customer_id): (TenantId, CustomerId),
    days: &[Days],
) -> Result<Stamped, StorageError> {
    let query = StampQuery {
        tenant_id,
        customer_id,
        meters: days.iter().map(|d| d.meter_id).collect(),
        starts: days.iter().map(|d| d.days.start).collect(),
        stops: days.iter().map(|d| d.days.end).collect(),
    };
    let (test_clock, rows, written_by, server): (Option<DateTime<Utc>>, i64, Decimal, DateTime<Utc>) =
        query.get_result(tx.conn).found(Thing::Tenant, tenant_id)?;
    Ok(Stamped { stamp: Stamp { rows, written_by, server }, test_clock })
}

#[derive(QueryableByName)]
struct NextRow {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    next: Option<DateTime<Utc>>,
}

/// The first instant after `now` at which something of the customer's subscriptions begins or ends by itself; ends of periods are not among
/// them.
pub fn next_turn(
    tx: &mut Tx<'_>,
    (tenant_id, customer_id): (TenantId, CustomerId),
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StorageError> {
    let row: NextRow = diesel::sql_query(
        "SELECT min(turn.at) AS next FROM ( \
            SELECT unnest(ARRAY[s.start_at, s.end_at, s.trial_end, s.pause_from, s.pause_until]) AS at FROM subscriptions s \
                WHERE s.tenant_id = $1 AND s.customer_id = $2 \
            UNION ALL SELECT unnest(ARRAY[v.valid_from, v.valid_to]) FROM subscriptions s \
                JOIN item_versions v ON v.tenant_id = $1 AND v.subscription_id = s.id WHERE s.tenant_id = $1 AND s.customer_id = $2 \
            UNION ALL SELECT p.valid_from FROM subscriptions s \
                JOIN subscription_phases p ON p.tenant_id = $1 AND p.subscription_id = s.id WHERE s.tenant_id = $1 AND s.customer_id = $2 \
            ) turn WHERE turn.at > $3",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(customer_id)
    .bind::<Timestamptz, _>(now)
    .get_result(tx.conn)?;
    Ok(row.next)
}
