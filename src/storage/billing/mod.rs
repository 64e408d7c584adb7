//! What does the billing engine read and write in bulk? Customers with due subscriptions in, cursors out: 2,000 a statement.
//!
//! What is on this shelf, what is not, and its laws: [`domain::billing`](crate::domain::billing).

pub mod bill_runs;
pub mod billable;
mod drafted;
mod facts;
pub(in crate::storage) mod grounds;
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
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Timestamptz};

pub use billable::Billable;
pub use drafted::load as load_drafted;
pub use facts::load;
pub(in crate::storage) use phases::CycleRow;
pub use price_terms::PriceBook;
pub use since::Since;
pub use timelines::{Standing, reopen, standing, timeline};

use super::{StorageError, Tx, due};
use crate::domain::billing::expected::Cursor;
use crate::domain::customers::{Customer, Grouping};
use crate::domain::ids::{CustomerId, SubscriptionId, TenantId};

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

/// What to do about a customer that another transaction has locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locked {
    /// Leave it out: the run comes back for it.
    Skip,
    /// Wait for it.
    Wait,
}

/// A locked customer, with what invoicing needs to know of it.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct LockedCustomer {
    #[diesel(sql_type = SqlUuid)]
    pub id: CustomerId,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pub version: i32,
    #[diesel(sql_type = Nullable<diesel::sql_types::Integer>)]
    pub payment_terms_days: Option<i32>,
    /// Whether each customer it pays for is invoiced apart.
    #[diesel(sql_type = Bool)]
    pub separate: bool,
}

impl LockedCustomer {
    /// What billing needs of a customer that is locked, or only looked at.
    #[must_use]
    pub fn of(customer: &Customer) -> LockedCustomer {
        LockedCustomer {
            id: customer.id,
            version: customer.version,
            payment_terms_days: customer.payment_terms_days,
            separate: customer.invoice_grouping == Grouping::Separate,
        }
    }
}

diesel::define_sql_function! {
    /// Who pays: another, or the customer itself.
    fn coalesce(payer: Nullable<SqlUuid>, itself: SqlUuid) -> SqlUuid;
}

/// Locks the customers of a range that have something due and are not parked, in id order.
///
/// The facts are read by later statements, whose snapshot then sees all that the previous holder of the lock committed.
pub fn lock_customers(
    tx: &mut Tx<'_>,
    of: Due,
    locked: Locked,
    parked_too: bool,
) -> Result<Vec<LockedCustomer>, StorageError> {
    let skip = if locked == Locked::Skip { " SKIP LOCKED" } else { "" };
    let what = if parked_too { due::BILLING_PARKED_TOO } else { due::BILLING };
    let rows = what.rows("c.tenant_id", "$5");
    let sql = format!(
        "SELECT c.id, c.version, c.payment_terms_days, c.invoice_grouping = 'separate' AS separate FROM customers c \
         WHERE c.tenant_id = $1 AND c.id BETWEEN $2 AND $3 \
         AND EXISTS (SELECT 1 {rows} AND d.customer_id = c.id AND d.next_bill_at <= $4) \
         ORDER BY c.id FOR NO KEY UPDATE OF c{skip}"
    );
    let rows = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(of.tenant_id)
        .bind::<SqlUuid, _>(of.range.first)
        .bind::<SqlUuid, _>(of.range.last)
        .bind::<Timestamptz, _>(of.as_of)
        .bind::<Timestamptz, _>(of.trials_to)
        .load(tx.conn)?;
    Ok(rows)
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
pub fn due_customers(tx: &mut Tx<'_>, of: Due) -> Result<Vec<CustomerId>, StorageError> {
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
        .bind::<SqlUuid, _>(of.tenant_id)
        .bind::<SqlUuid, _>(of.range.first)
        .bind::<SqlUuid, _>(of.range.last)
        .bind::<Timestamptz, _>(of.as_of)
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.customer_id).collect())
}

/// Writes where billing stands in each subscription.
pub fn save_cursors(
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
