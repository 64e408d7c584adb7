//! What do reports add up? The sums of all schedules of a tenant, by which day they are posted, and what the ledger moved of deferred revenue, month
//! by month.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable, Numeric, Text, Uuid as SqlUuid};
use rust_decimal::Decimal;

pub use super::super::sums::each;

use crate::domain::ids::{EntityId, TenantId};
use crate::domain::money::{Currency, Total};
use crate::storage::ledger::total;
use crate::storage::schema::entities;
use crate::storage::{StorageError, Tx};

/// The last day by which the revenue of each of these entities is recognised, where it ever was.
///
/// # Errors
/// Storage.
pub fn posted_by(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, Option<EntityId>),
) -> Result<HashMap<EntityId, NaiveDate>, StorageError> {
    let mut query = entities::table
        .filter(entities::tenant_id.eq(tenant_id).and(entities::recognized_to.is_not_null()))
        .select((entities::id, entities::recognized_to.assume_not_null()))
        .into_boxed();
    if let Some(entity_id) = entity_id {
        query = query.filter(entities::id.eq(entity_id));
    }
    let days: Vec<(EntityId, NaiveDate)> = query.load(tx.conn)?;
    Ok(days.into_iter().map(|(id, to)| (id, to.pred_opt().unwrap_or(to))).collect())
}

/// What the ledger moved of deferred revenue in a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moved {
    pub currency: Currency,
    /// Its first day.
    pub month: NaiveDate,
    /// By invoices.
    pub billings: Total,
    /// By credit notes and voids; taken back, below zero.
    pub credits: Total,
    /// By write-offs, below zero; above, by what came of them again.
    pub given_up: Total,
    /// By contracts.
    pub allocated: Total,
    /// By recognition.
    pub recognized: Total,
}

#[derive(QueryableByName)]
struct MovedRow {
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Date)]
    month: NaiveDate,
    #[diesel(sql_type = Nullable<Numeric>)]
    billings: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    credits: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    given_up: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    allocated: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    recognized: Option<Decimal>,
}

/// All that it moved, by currency and month, in order.
///
/// # Errors
/// Storage.
pub fn moved(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, Option<EntityId>),
) -> Result<Vec<Moved>, StorageError> {
    let rows: Vec<MovedRow> = diesel::sql_query(
        "SELECT currency, date_trunc('month', effective_on)::date AS month, \
             sum(amount) FILTER (WHERE source_kind = 'invoice_finalized') AS billings, \
             sum(amount) FILTER (WHERE source_kind NOT IN \
                 ('invoice_finalized', 'revenue_recognized', 'revenue_allocated', 'invoice_written_off', 'write_off_recovered')) AS credits, \
             sum(amount) FILTER (WHERE source_kind IN ('invoice_written_off', 'write_off_recovered')) AS given_up, \
             sum(amount) FILTER (WHERE source_kind = 'revenue_allocated') AS allocated, \
             -sum(amount) FILTER (WHERE source_kind = 'revenue_recognized') AS recognized \
         FROM ledger_sums WHERE tenant_id = $1 AND account = 'deferred_revenue' AND ($2 IS NULL OR entity_id = $2) GROUP BY 1, 2 ORDER BY 1, 2",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Nullable<SqlUuid>, _>(entity_id)
    .load(tx.conn)?;
    let sum = |sum: Option<Decimal>, currency| total(sum.unwrap_or_default(), currency);
    let moved = |row: MovedRow| Moved {
        currency: row.currency,
        month: row.month,
        billings: sum(row.billings, row.currency),
        credits: sum(row.credits, row.currency),
        given_up: sum(row.given_up, row.currency),
        allocated: sum(row.allocated, row.currency),
        recognized: sum(row.recognized, row.currency),
    };
    Ok(rows.into_iter().map(moved).collect())
}
