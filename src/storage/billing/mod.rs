//! What does the billing engine read and write in bulk? Customers with due subscriptions in, cursors out: 2,000 a statement.
//!
//! What is on this shelf, what is not, and its laws: [`domain::billing`](crate::domain::billing).

pub mod bill_runs;
pub mod billable;
mod drafted;
mod facts;
pub mod grounds;
mod phases;
pub mod pooled;
mod price_terms;
pub mod readings;
pub mod since;
pub mod taken_back;
mod timelines;
pub mod views;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel::sql_types::{Array, BigInt, Nullable, Timestamptz};

pub use billable::Billable;
pub use drafted::load as load_drafted;
pub use facts::load;
pub(in crate::storage) use phases::CycleRow;
pub use price_terms::PriceBook;
pub use since::Since;
pub use timelines::{Standing, reopen, standing, standing_of_customers, timeline};

use super::{StorageError, Tx, due};
use crate::domain::billing::expected::Cursor;
use crate::domain::ids::{CustomerId, SubscriptionId, TenantId};
use crate::storage::customers::locks::{self, Held, Locked, LockedCustomer};

/// Customers from the first to the last, both included, in id order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub first: CustomerId,
    pub last: CustomerId,
}

impl Range {
    /// One customer.
    pub fn only(customer: CustomerId) -> Range {
        Range { first: customer, last: customer }
    }
}

/// Whose due subscriptions are meant.
#[derive(Debug, Clone, Copy)]
pub struct Due {
    pub tenant_id: TenantId,
    pub range: Range,
    pub as_of: DateTime<Utc>,
    /// Trials that end by then wait for what their ends decide.
    pub trials_to: DateTime<Utc>,
}

diesel::define_sql_function! {
    /// Who pays: another, or the customer itself.
    fn coalesce(payer: Nullable<SqlUuid>, itself: SqlUuid) -> SqlUuid;
}

/// Locks the customers of a range that have something due and are not parked.
pub fn lock_customers(
    tx: &mut Tx<'_>,
    wanted: Due,
    locked: Locked,
    parked_too: bool,
) -> Result<Held, StorageError> {
    locks::due(tx, wanted.tenant_id, due_customers_of(wanted, parked_too), locked)
}

/// The same customers for who only looks at what they would be billed: nothing is locked, and parked ones are left out.
pub fn seen_customers(tx: &mut Tx<'_>, wanted: Due) -> Result<Vec<LockedCustomer>, StorageError> {
    locks::seen_due(tx, wanted.tenant_id, due_customers_of(wanted, false))
}

fn due_customers_of(wanted: Due, parked_too: bool) -> locks::DueCustomers {
    let Due { range: Range { first, last }, as_of, trials_to, .. } = wanted;
    locks::DueCustomers { first, last, as_of, trials_to, parked_too }
}

/// Cuts the customers with something due by `as_of` into ranges of at most `size`: the plan of a run, made once.
pub fn plan(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    as_of: DateTime<Utc>,
    size: i64,
) -> Result<Vec<Range>, StorageError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        first: CustomerId,
        #[diesel(sql_type = SqlUuid)]
        last: CustomerId,
    }
    let sql = format!(
        "SELECT (array_agg(customer_id ORDER BY customer_id))[1] AS first, \
                (array_agg(customer_id ORDER BY customer_id DESC))[1] AS last \
         FROM (SELECT customer_id, (row_number() OVER (ORDER BY customer_id) - 1) / $3 AS chunk \
               FROM (SELECT DISTINCT d.customer_id {} AND d.next_bill_at <= $2) due) numbered \
         GROUP BY chunk ORDER BY chunk",
        due::BILLING.rows("$1", "$2")
    );
    let rows: Vec<Row> = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<Timestamptz, _>(as_of)
        .bind::<BigInt, _>(size)
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| Range { first: row.first, last: row.last }).collect())
}

/// The customers of a range that have something due and are not parked, unlocked: for billing them one by one.
pub fn due_customers(tx: &mut Tx<'_>, wanted: Due) -> Result<Vec<CustomerId>, StorageError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        customer_id: CustomerId,
    }
    let sql = format!(
        "SELECT DISTINCT d.customer_id {} AND d.customer_id BETWEEN $2 AND $3 AND d.next_bill_at <= $4 ORDER BY 1",
        due::BILLING.rows("$1", "$4")
    );
    let rows: Vec<Row> = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(wanted.tenant_id)
        .bind::<SqlUuid, _>(wanted.range.first)
        .bind::<SqlUuid, _>(wanted.range.last)
        .bind::<Timestamptz, _>(wanted.as_of)
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.customer_id).collect())
}

/// The start of the last line of a subscription that is invoiced before its latest `most`, from an instant on; `None`: there are no more.
pub fn invoiced_before(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (subscription, since): Since,
    most: i64,
) -> Result<Option<DateTime<Utc>>, StorageError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Timestamptz)]
        at: DateTime<Utc>,
    }
    let row: Option<Row> = diesel::sql_query(
        "SELECT l.period_start AS at FROM item_versions v CROSS JOIN LATERAL (SELECT period_start FROM invoice_lines l \
             WHERE l.tenant_id = v.tenant_id AND l.item_version_id = v.id AND l.period_start >= $3 \
             ORDER BY period_start DESC LIMIT $4 + 1) l \
         WHERE v.tenant_id = $1 AND v.subscription_id = $2 ORDER BY 1 DESC OFFSET $4 LIMIT 1",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(subscription)
    .bind::<Timestamptz, _>(since)
    .bind::<BigInt, _>(most)
    .get_result(tx.conn)
    .optional()?;
    Ok(row.map(|row| row.at))
}

/// Writes where billing stands in each subscription.
pub fn save_cursors(
    tx: &mut Tx<'_>,
    held: &Held,
    cursors: &[(CustomerId, SubscriptionId, Cursor)],
) -> Result<(), StorageError> {
    write_cursors(tx, held.tenant_id(), cursors)
}

/// The same for whoever shares the customers: what comes in late opens again what was billed.
fn write_cursors(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    cursors: &[(CustomerId, SubscriptionId, Cursor)],
) -> Result<(), StorageError> {
    let customers: Vec<CustomerId> = cursors.iter().map(|c| c.0).collect();
    let subscriptions: Vec<SubscriptionId> = cursors.iter().map(|c| c.1).collect();
    let settled: Vec<DateTime<Utc>> = cursors.iter().map(|c| c.2.settled_to).collect();
    let next: Vec<Option<DateTime<Utc>>> = cursors.iter().map(|c| c.2.next_bill_at).collect();
    let saved = diesel::sql_query(
        "UPDATE billing_cursors b SET settled_to = v.settled_to, next_bill_at = v.next_bill_at \
         FROM UNNEST($2, $3, $4, $5) AS v (customer_id, subscription_id, settled_to, next_bill_at) \
         WHERE b.tenant_id = $1 AND b.customer_id = v.customer_id AND b.subscription_id = v.subscription_id",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(customers)
    .bind::<Array<SqlUuid>, _>(subscriptions)
    .bind::<Array<Timestamptz>, _>(settled)
    .bind::<Array<Nullable<Timestamptz>>, _>(next)
    .execute(tx.conn)?;
    // A place that is not found is one of another payer: nothing may be billed without it.
    if saved != cursors.len() {
        return Err(StorageError::Retry("the payer of a subscription has changed".to_owned()));
    }
    Ok(())
}

/// When a subscription falls due next; `None` when there is nothing to come.
pub fn next_bill_at(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (customer, subscription): (CustomerId, SubscriptionId),
) -> Result<Option<DateTime<Utc>>, StorageError> {
    use super::schema::billing_cursors as b;
    let payer = super::customers::accounts::payer_of(tx, tenant_id, customer)?;
    let found: Option<Option<DateTime<Utc>>> =
        b::table.find((tenant_id, payer, subscription)).select(b::next_bill_at).first(tx.conn).optional()?;
    Ok(found.flatten())
}
