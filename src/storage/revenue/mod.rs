//! When is which line earned? A row a schedule, only ever added, by `COPY` beside its document.
//!
//! What is on this shelf, what is not, and its laws: [`domain::revenue`](crate::domain::revenue).

pub mod charges;
pub mod contracts;
pub mod earnings;
pub mod fulfilments;
pub mod journals;
pub mod periods;
mod rows;
pub mod rules;
pub mod sign_offs;
pub mod sums;
pub mod views;

use std::collections::HashMap;

use diesel::prelude::*;

pub(in crate::storage) use rows::ScheduleRow;

use super::schema::{invoices, revenue_schedules as table};
use super::{StorageError, Tx};
use crate::domain::ids::{EntityId, InvoiceId, TenantId};
use crate::domain::money::Currency;
use crate::domain::revenue::Schedule;
use crate::storage::columns::entity_or_first;
use crate::storage::customers::Held;

/// Adds schedules of invoices that are written.
pub fn insert(tx: &mut Tx<'_>, held: &Held, schedules: &[Schedule]) -> Result<(), StorageError> {
    if schedules.is_empty() {
        return Ok(());
    }
    let ids: Vec<InvoiceId> = schedules.iter().map(|schedule| schedule.line.invoice_id).collect();
    let entity = entity_or_first(invoices::entity_id, invoices::tenant_id);
    let entities: Vec<(InvoiceId, EntityId)> = invoices::table
        .filter(invoices::tenant_id.eq(held.tenant_id()).and(invoices::id.eq_any(ids)))
        .select((invoices::id, entity))
        .load(tx.conn)?;
    insert_issued(tx, held, (schedules, &entities.into_iter().collect()))
}

/// Adds schedules, by `COPY`, and what they come to; each invoice is in the books of an entity.
pub fn insert_issued(
    tx: &mut Tx<'_>,
    held: &Held,
    (schedules, entities): (&[Schedule], &HashMap<InvoiceId, EntityId>),
) -> Result<(), StorageError> {
    if schedules.is_empty() {
        return Ok(());
    }
    let tenant_id = held.tenant_id();
    let rows: Vec<ScheduleRow> =
        schedules.iter().map(|schedule| ScheduleRow::of(tenant_id, schedule)).collect();
    diesel::copy_from(table::table).from_insertable(&rows).execute(tx.conn)?;
    let first = EntityId::first_of(tenant_id);
    let entity_of = |schedule: &Schedule| entities.get(&schedule.line.invoice_id).copied().unwrap_or(first);
    sums::add(tx, tenant_id, schedules.iter().map(|schedule| (entity_of(schedule), schedule)))
}

/// All that is scheduled of an invoice: its lines, their notes, its void.
pub fn of_invoice(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: InvoiceId,
) -> Result<Vec<Schedule>, StorageError> {
    let rows: Vec<(ScheduleRow, Currency)> = table::table
        .inner_join(
            invoices::table
                .on(invoices::tenant_id.eq(table::tenant_id).and(invoices::id.eq(table::invoice_id))),
        )
        .filter(table::tenant_id.eq(tenant_id).and(table::invoice_id.eq(id)))
        .order((table::line_no, table::entry))
        .select((ScheduleRow::as_select(), invoices::currency))
        .load(tx.conn)?;
    rows.into_iter().map(|(row, currency)| row.into_schedule(currency)).collect()
}
