//! What is there to recognise? Of customers whose rows are locked: all that is scheduled and deferred of their invoices that earn something in the
//! time in question, and what was recognised of them.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Numeric, SmallInt, Text, Uuid as SqlUuid};
use rust_decimal::Decimal;

use super::rows::ScheduleRow;
use crate::domain::ids::{CustomerId, EntityId, InvoiceId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::domain::revenue::recognize::{Earning, Recognized};
use crate::storage::sql_types::IdRow;
use crate::storage::{StorageError, Tx};

/// Which invoices: `s` is a schedule, `i` its invoice; `$1` the tenant, `$2` the entity, `$3` the first day.
const EARNS: &str = "s.tenant_id = $1 AND s.deferred AND (s.ends_on > $3 OR s.booked_on >= $3) AND coalesce(i.entity_id, i.tenant_id) = $2";

/// Whose revenue is to be looked at that is earned from a day on.
pub fn customers(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, EntityId),
    from: NaiveDate,
) -> Result<Vec<CustomerId>, StorageError> {
    let sql = format!(
        "SELECT DISTINCT i.customer_id AS id FROM revenue_schedules s \
         JOIN invoices i ON i.tenant_id = s.tenant_id AND i.id = s.invoice_id WHERE {EARNS} ORDER BY 1"
    );
    let rows: Vec<IdRow<CustomerId>> = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<SqlUuid, _>(entity_id)
        .bind::<Date, _>(from)
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

#[derive(QueryableByName)]
struct InvoiceOf {
    #[diesel(sql_type = SqlUuid)]
    customer_id: CustomerId,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(embed)]
    schedule: ScheduleRow,
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

/// The invoices of these customers that earn something from a day on, in the order of their ids.
pub fn of_customers(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, EntityId),
    (customers, from): (&[CustomerId], NaiveDate),
) -> Result<Vec<Earning>, StorageError> {
    let sql = format!(
        "WITH earning AS (SELECT DISTINCT i.id, i.customer_id, i.currency FROM invoices i \
             JOIN revenue_schedules s ON s.tenant_id = i.tenant_id AND s.invoice_id = i.id \
             WHERE i.tenant_id = $1 AND i.customer_id = ANY ($4) AND {EARNS}) \
         SELECT e.customer_id, e.currency, a.* FROM earning e \
         JOIN revenue_schedules a ON a.tenant_id = $1 AND a.invoice_id = e.id AND a.deferred ORDER BY a.invoice_id"
    );
    let rows: Vec<InvoiceOf> = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<SqlUuid, _>(entity_id)
        .bind::<Date, _>(from)
        .bind::<Array<SqlUuid>, _>(customers)
        .load(tx.conn)?;
    let mut earnings: Vec<Earning> = Vec::new();
    for row in rows {
        let schedule = row.schedule.into_schedule(row.currency)?;
        let invoice_id = schedule.line.invoice_id;
        match earnings.last_mut().filter(|last| last.invoice_id == invoice_id) {
            Some(last) => last.schedules.push(schedule),
            None => earnings.push(Earning {
                invoice_id,
                customer_id: row.customer_id,
                entity_id,
                currency: row.currency,
                schedules: vec![schedule],
                given_back: Vec::new(),
                recognized: Vec::new(),
            }),
        }
    }
    let ids: Vec<InvoiceId> = earnings.iter().map(|earning| earning.invoice_id).collect();
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
         FROM ledger_transfers WHERE tenant_id = $1 AND source_id = ANY ($2) AND source_kind = 'revenue_recognized' ORDER BY source_id, leg",
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
