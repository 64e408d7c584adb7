//! What do reports add up? Every schedule of a tenant, some thousands at a time, so that memory has a bound; and what the ledger moved of deferred
//! revenue, month by month.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable, Numeric, Text, Uuid as SqlUuid};
use rust_decimal::Decimal;

use crate::domain::ids::{EntityId, InvoiceId, TenantId};
use crate::domain::money::{Currency, Total};
use crate::domain::revenue::Schedule;
use crate::storage::columns::entity_or_first;
use crate::storage::ledger::total;
use crate::storage::revenue::rows::ScheduleRow;
use crate::storage::schema::{entities, invoices, revenue_schedules as table};
use crate::storage::{StorageError, Tx};

/// Rows at a time.
const PAGE: i64 = 20_000;

/// Hands over every schedule with its entity, of all entities or of one.
///
/// # Errors
/// Storage; what the taker says.
pub fn each<E: From<StorageError>>(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, Option<EntityId>),
    mut take: impl FnMut(&Schedule, EntityId) -> Result<(), E>,
) -> Result<(), E> {
    let mut after: Option<(InvoiceId, i32, i16)> = None;
    loop {
        let rows = page(tx, (tenant_id, entity_id), after)?;
        let is_last = i64::try_from(rows.len()).is_ok_and(|count| count < PAGE);
        for (row, currency, of_entity) in rows {
            let schedule = row.into_schedule(currency)?;
            after = Some((schedule.line.invoice_id, schedule.line.line_no, schedule.entry.number()));
            take(&schedule, of_entity)?;
        }
        if is_last {
            return Ok(());
        }
    }
}

fn page(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, Option<EntityId>),
    after: Option<(InvoiceId, i32, i16)>,
) -> Result<Vec<(ScheduleRow, Currency, EntityId)>, StorageError> {
    let entity = entity_or_first(invoices::entity_id, invoices::tenant_id);
    let mut query = table::table
        .inner_join(
            invoices::table
                .on(invoices::tenant_id.eq(table::tenant_id).and(invoices::id.eq(table::invoice_id))),
        )
        .filter(table::tenant_id.eq(tenant_id))
        .order((table::invoice_id, table::line_no, table::entry))
        .select((ScheduleRow::as_select(), invoices::currency, entity))
        .into_boxed();
    if let Some(entity_id) = entity_id {
        query = query.filter(entity.eq(entity_id));
    }
    if let Some((invoice_id, line_no, entry)) = after {
        let later = table::line_no.gt(line_no).or(table::line_no.eq(line_no).and(table::entry.gt(entry)));
        query =
            query.filter(table::invoice_id.gt(invoice_id).or(table::invoice_id.eq(invoice_id).and(later)));
    }
    Ok(query.limit(PAGE).load(tx.conn)?)
}

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
         FROM (SELECT currency, effective_on, source_kind, CASE WHEN credit = 'deferred_revenue' THEN amount ELSE -amount END AS amount \
               FROM ledger_transfers WHERE tenant_id = $1 AND (debit = 'deferred_revenue' OR credit = 'deferred_revenue') \
               AND ($2 IS NULL OR coalesce(entity_id, tenant_id) = $2)) t GROUP BY 1, 2 ORDER BY 1, 2",
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
