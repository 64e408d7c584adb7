//! What is there to recognise? The invoices that earn something in the time in question; and when their customers are locked, all that is scheduled and
//! deferred of them, and what was recognised.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Numeric, SmallInt, Text, Uuid as SqlUuid};
use rust_decimal::Decimal;

use super::rows::ScheduleRow;
use crate::domain::ids::{CustomerId, EntityId, InvoiceId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::domain::revenue::recognize::{Earning, Recognized};
use crate::storage::schema::revenue_schedules as table;
use crate::storage::sql_types::IdRow;
use crate::storage::{StorageError, Tx};

/// An invoice that earns something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Earner {
    #[diesel(sql_type = SqlUuid)]
    pub customer_id: CustomerId,
    #[diesel(sql_type = SqlUuid)]
    pub id: InvoiceId,
    #[diesel(sql_type = Text)]
    pub currency: Currency,
}

/// The invoices of an entity that earn something from a day on, in the order of their customers.
pub fn earners(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, EntityId),
    from: NaiveDate,
) -> Result<Vec<Earner>, StorageError> {
    Ok(diesel::sql_query(
        "SELECT i.customer_id, i.id, i.currency FROM (SELECT DISTINCT invoice_id FROM revenue_schedules \
             WHERE tenant_id = $1 AND deferred AND (ends_on > $3 OR booked_on >= $3)) s \
         JOIN invoices i ON i.tenant_id = $1 AND i.id = s.invoice_id WHERE coalesce(i.entity_id, i.tenant_id) = $2 ORDER BY 1, 2",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(entity_id)
    .bind::<Date, _>(from)
    .load(tx.conn)?)
}

#[derive(QueryableByName)]
struct RecognizedRow {
    #[diesel(sql_type = SqlUuid)]
    invoice_id: InvoiceId,
    #[diesel(sql_type = Date)]
    on: NaiveDate,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    origin_id: Option<InvoiceId>,
    #[diesel(sql_type = SmallInt)]
    leg: i16,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = Text)]
    currency: Currency,
}

/// All that is known of these invoices, in the order of their ids.
pub fn of_invoices(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, EntityId),
    earners: &[Earner],
) -> Result<Vec<Earning>, StorageError> {
    let by_id: HashMap<InvoiceId, &Earner> = earners.iter().map(|earner| (earner.id, earner)).collect();
    let ids: Vec<InvoiceId> = earners.iter().map(|earner| earner.id).collect();
    let rows: Vec<ScheduleRow> = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::invoice_id.eq_any(&ids)).and(table::deferred))
        .order(table::invoice_id)
        .select(ScheduleRow::as_select())
        .load(tx.conn)?;
    let mut earnings: Vec<Earning> = Vec::with_capacity(ids.len());
    for row in rows {
        let Some(earner) = by_id.get(&row.invoice_id()) else { continue };
        let schedule = row.into_schedule(earner.currency)?;
        match earnings.last_mut().filter(|last| last.invoice_id == earner.id) {
            Some(last) => last.schedules.push(schedule),
            None => earnings.push(Earning {
                invoice_id: earner.id,
                customer_id: earner.customer_id,
                entity_id,
                currency: earner.currency,
                schedules: vec![schedule],
                given_back: Vec::new(),
                recognized: Vec::new(),
            }),
        }
    }
    let mut known = recognized(tx, tenant_id, &ids)?;
    let mut given_back = given_back(tx, tenant_id, &ids)?;
    for earning in &mut earnings {
        earning.given_back = given_back.remove(&earning.invoice_id).unwrap_or_default();
        earning.recognized = known.remove(&earning.invoice_id).unwrap_or_default();
    }
    Ok(earnings)
}

/// What was recognised of invoices.
pub fn recognized(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[InvoiceId],
) -> Result<HashMap<InvoiceId, Vec<Recognized>>, StorageError> {
    let rows: Vec<RecognizedRow> = diesel::sql_query(
        "SELECT source_id AS invoice_id, effective_on AS \"on\", origin_id, leg, currency, \
             CASE WHEN credit = 'revenue' THEN amount ELSE -amount END AS amount \
         FROM unnest($2) u (id) CROSS JOIN LATERAL (SELECT * FROM ledger_transfers \
             WHERE tenant_id = $1 AND source_id = u.id AND source_kind = 'revenue_recognized' OFFSET 0) t ORDER BY source_id, leg",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(ids)
    .load(tx.conn)?;
    let mut by_invoice: HashMap<InvoiceId, Vec<Recognized>> = HashMap::new();
    for row in rows {
        let amount = Money::from_minor(row.amount, row.currency);
        by_invoice.entry(row.invoice_id).or_default().push(Recognized {
            on: row.on,
            origin_id: row.origin_id,
            amount,
            leg: row.leg,
        });
    }
    Ok(by_invoice)
}

#[derive(QueryableByName)]
struct GivenRow {
    #[diesel(sql_type = SqlUuid)]
    invoice_id: InvoiceId,
    #[diesel(sql_type = SqlUuid)]
    origin_id: InvoiceId,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Numeric)]
    amount: Decimal,
}

/// What these invoices give back of the deferred revenue of others, less what those give back of theirs: documents that cancel each other out are
/// earned each on its own account.
fn given_back(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[InvoiceId],
) -> Result<HashMap<InvoiceId, Vec<(InvoiceId, Money)>>, StorageError> {
    let ids = those_that_give(tx, tenant_id, ids)?;
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<GivenRow> = diesel::sql_query(
        "WITH given AS (SELECT coalesce(invoice_id, source_id) AS invoice_id, origin_id, currency, \
                 CASE WHEN debit = 'deferred_revenue' THEN amount ELSE -amount END AS amount \
             FROM ledger_transfers WHERE tenant_id = $1 AND origin_id IS NOT NULL AND source_kind <> 'revenue_recognized' \
                 AND (source_id = ANY ($2) OR invoice_id = ANY ($2) OR origin_id = ANY ($2)) \
                 AND (debit = 'deferred_revenue') <> (credit = 'deferred_revenue')), \
         both_ways AS (SELECT * FROM given UNION ALL SELECT origin_id, invoice_id, currency, -amount FROM given) \
         SELECT invoice_id, origin_id, currency, sum(amount) AS amount FROM both_ways \
         WHERE invoice_id = ANY ($2) AND invoice_id <> origin_id GROUP BY 1, 2, 3 HAVING sum(amount) > 0 ORDER BY 1, 2",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(ids)
    .load(tx.conn)?;
    let mut by_invoice: HashMap<InvoiceId, Vec<(InvoiceId, Money)>> = HashMap::new();
    for row in rows {
        let minor = row.amount.trunc_with_scale(0).mantissa();
        let amount = Money::from_wide_minor(minor, row.currency)
            .map_err(|e| StorageError::unreadable("what was given back", e))?;
        by_invoice.entry(row.invoice_id).or_default().push((row.origin_id, amount));
    }
    Ok(by_invoice)
}

/// Those of these invoices that give anything back of others, or of which others do: few are.
fn those_that_give(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[InvoiceId],
) -> Result<Vec<InvoiceId>, StorageError> {
    let rows: Vec<IdRow<InvoiceId>> = diesel::sql_query(
        "SELECT source_id AS id FROM ledger_transfers WHERE tenant_id = $1 AND source_id = ANY ($2) AND origin_id IS NOT NULL \
         UNION SELECT invoice_id FROM ledger_transfers WHERE tenant_id = $1 AND invoice_id = ANY ($2) AND origin_id IS NOT NULL \
         UNION SELECT origin_id FROM ledger_transfers WHERE tenant_id = $1 AND origin_id = ANY ($2)",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(ids)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
