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
pub mod views;

use diesel::prelude::*;

pub(in crate::storage) use rows::ScheduleRow;

use super::schema::{invoices, revenue_schedules as table};
use super::{StorageError, Tx};
use crate::domain::ids::{InvoiceId, TenantId};
use crate::domain::money::Currency;
use crate::domain::revenue::Schedule;
use crate::storage::customers::Held;

/// Adds schedules, by `COPY`.
pub fn insert(tx: &mut Tx<'_>, held: &Held, schedules: &[Schedule]) -> Result<(), StorageError> {
    if schedules.is_empty() {
        return Ok(());
    }
    let rows: Vec<ScheduleRow> =
        schedules.iter().map(|schedule| ScheduleRow::of(held.tenant_id(), schedule)).collect();
    diesel::copy_from(table::table).from_insertable(&rows).execute(tx.conn)?;
    Ok(())
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
