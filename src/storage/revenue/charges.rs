//! What was charged for a period of an item, and given back of it? Its lines, those of later differences with them, whatever invoices they are of.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};

use super::rows::ScheduleRow;
use crate::domain::billing::Line;
use crate::domain::billing::piece::Key;
use crate::domain::ids::{CustomerId, EntityId, InvoiceId, ItemVersionId, LineId, SubscriptionId, TenantId};
use crate::domain::invoicing::Status;
use crate::domain::money::Currency;
use crate::domain::revenue::Schedule;
use crate::storage::columns::entity_or_first;
use crate::storage::invoicing::LineRow;
use crate::storage::schema::{invoice_lines, invoices, revenue_schedules};
use crate::storage::sql_types::IdRow;
use crate::storage::{StorageError, Tx};

/// A line of an issued invoice that is earned over time.
#[derive(Debug)]
pub struct Charged {
    pub id: LineId,
    pub line: Line,
    pub customer_id: CustomerId,
    pub entity_id: EntityId,
    pub is_void: bool,
    /// All of it, in no order.
    pub schedules: Vec<Schedule>,
}

#[derive(QueryableByName)]
struct KeyRow {
    #[diesel(sql_type = SqlUuid)]
    version: ItemVersionId,
    #[diesel(sql_type = Timestamptz)]
    start: DateTime<Utc>,
}

/// Under which keys something was charged for a subscription's versions of items that is earned over time.
///
/// # Errors
/// Storage.
pub fn keys(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    versions: &[ItemVersionId],
) -> Result<Vec<Key>, StorageError> {
    let rows: Vec<KeyRow> = diesel::sql_query(
        "SELECT DISTINCT item_version_id AS version, period_start AS start FROM invoice_lines \
         WHERE tenant_id = $1 AND item_version_id = ANY ($2) AND deferred ORDER BY 1, 2",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(versions)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| Key { version: row.version, start: row.start }).collect())
}

/// Under which of these keys something was taken back beside later lines, by a note or as uncollectible, or moved.
///
/// # Errors
/// Storage.
pub fn changed(tx: &mut Tx<'_>, tenant_id: TenantId, keys: &[Key]) -> Result<Vec<Key>, StorageError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<KeyRow> = diesel::sql_query(
        "SELECT k.version, k.start FROM unnest($2::uuid[], $3::timestamptz[]) AS k (version, start) \
         WHERE EXISTS (SELECT 1 FROM invoice_lines l \
             JOIN revenue_schedules s ON s.tenant_id = $1 AND s.invoice_id = l.invoice_id AND s.line_no = l.line_no AND s.entry <> 0 AND s.deferred \
             WHERE l.tenant_id = $1 AND l.item_version_id = k.version AND l.period_start = k.start)",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(keys.iter().map(|key| key.version).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(keys.iter().map(|key| key.start).collect::<Vec<_>>())
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| Key { version: row.version, start: row.start }).collect())
}

/// Which of these subscriptions have, or had, a break that extends.
///
/// # Errors
/// Storage.
pub fn interrupted(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    subscriptions: &[SubscriptionId],
) -> Result<Vec<SubscriptionId>, StorageError> {
    if subscriptions.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<IdRow<SubscriptionId>> = diesel::sql_query(
        "SELECT id FROM subscriptions WHERE tenant_id = $1 AND pause_mode = 'extend' AND id = ANY ($2)",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(subscriptions)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// What was charged under these keys, and given back of it, that is earned over time: by key, in the order of the differences.
///
/// # Errors
/// Storage.
pub fn of_keys(tx: &mut Tx<'_>, tenant_id: TenantId, keys: &[Key]) -> Result<Vec<Charged>, StorageError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let versions: Vec<ItemVersionId> = keys.iter().map(|key| key.version).collect();
    let starts: Vec<DateTime<Utc>> = keys.iter().map(|key| key.start).collect();
    let entity = entity_or_first(invoices::entity_id, invoices::tenant_id);
    type Row = (LineRow<'static>, Currency, Status, CustomerId, EntityId);
    let rows: Vec<Row> = invoice_lines::table
        .inner_join(invoices::table.on(
            invoices::tenant_id.eq(invoice_lines::tenant_id).and(invoices::id.eq(invoice_lines::invoice_id)),
        ))
        .filter(invoice_lines::tenant_id.eq(tenant_id).and(invoice_lines::deferred))
        .filter(invoice_lines::item_version_id.eq_any(&versions))
        .filter(invoice_lines::period_start.eq_any(&starts))
        .filter(invoices::status.ne(Status::Draft))
        .order((invoice_lines::item_version_id, invoice_lines::period_start, invoice_lines::revision))
        .select((LineRow::as_select(), invoices::currency, invoices::status, invoices::customer_id, entity))
        .load(tx.conn)?;
    let mut charged = Vec::with_capacity(rows.len());
    for (row, currency, status, customer_id, entity_id) in rows {
        let invoice_id = row.invoice_id;
        let line = row.into_line(currency)?;
        let is_wanted = line.item_version_id.is_some_and(|version| {
            keys.iter().any(|key| key.version == version && key.start == line.period.start)
        });
        if is_wanted {
            let id = LineId { invoice_id, line_no: line.line_no };
            let is_void = status == Status::Void;
            charged.push(Charged { id, line, customer_id, entity_id, is_void, schedules: Vec::new() });
        }
    }
    let invoices: Vec<InvoiceId> = charged.iter().map(|one| one.id.invoice_id).collect();
    let rows: Vec<ScheduleRow> = revenue_schedules::table
        .filter(revenue_schedules::tenant_id.eq(tenant_id))
        .filter(revenue_schedules::invoice_id.eq_any(&invoices))
        .select(ScheduleRow::as_select())
        .load(tx.conn)?;
    let schedules = rows.into_iter();
    for row in schedules {
        let of_it = |one: &&mut Charged| row.is_of(one.id);
        if let Some(one) = charged.iter_mut().find(of_it) {
            one.schedules.push(row.into_schedule(one.line.amount.currency())?);
        }
    }
    Ok(charged)
}
