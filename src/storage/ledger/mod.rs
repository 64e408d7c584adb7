//! How are transfers kept, and what do they add up to? Rows that are only ever added; a balance is their sum. What a transfer is worth in the
//! currency of the books is written with it, or once, later, when it had to wait for a rate.
//!
//! A key of source and leg makes posting the same source twice impossible.
//!
//! What is on this shelf, what is not, and its laws: [`domain::ledger`](crate::domain::ledger).

mod functional_sums;
pub mod moved;
pub mod origins;
mod rates;
pub mod revaluations;
mod rows;
mod sums;
mod valuing;
pub mod views;
pub mod waiting;

pub use functional_sums::{functional_balances, risen};
pub(in crate::storage) use rows::total;
pub use sums::{AccountSums, Both, balances};

use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

use self::rows::TransferRow;
use super::schema::ledger_transfers;
use super::{StorageError, Tx};
use crate::domain::ids::{EntityId, InvoiceId, TenantId};
use crate::domain::ledger::{SourceKind, Transfer};
use crate::storage::customers::Held;

/// Posts transfers, by `COPY`, each in the currency of its entity's books, too, or waiting for it; the credit balances follow what moves
/// `customer_credit`.
pub fn post(tx: &mut Tx<'_>, held: &Held, transfers: &[Transfer]) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    if transfers.is_empty() {
        return Ok(());
    }
    let valued = valuing::value(tx, held, transfers)?;
    let mut rows: Vec<TransferRow> =
        valued.transfers.iter().map(|one| TransferRow::of(tenant_id, one)).collect();
    waiting::line_up(tx, rows.iter_mut().filter(|row| row.functional_currency.is_none()))?;
    diesel::copy_from(ledger_transfers::table).from_insertable(&rows).execute(tx.conn)?;
    moved::add(tx, tenant_id, &rows)?;
    waiting::put(tx, tenant_id, &valued.waits)?;
    super::credits::balances::follow(tx, tenant_id, transfers)
}

/// In whose books a source was posted; `None` when nothing was.
pub fn entity_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    source_id: Uuid,
) -> Result<Option<EntityId>, StorageError> {
    Ok(of_source(tx, tenant_id, source_id)?.into_iter().find_map(|transfer| transfer.entity_id))
}

/// The day whose rate an invoice was valued at; `None`: it posted nothing.
pub fn rate_day(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: InvoiceId,
) -> Result<Option<NaiveDate>, StorageError> {
    let posted = of_source(tx, tenant_id, id.uuid())?;
    let issued = posted.iter().find(|transfer| transfer.source_kind == SourceKind::InvoiceFinalized);
    Ok(issued.map(Transfer::rate_day))
}

/// The transfers of one source, whatever their kind, in the order they were posted.
pub fn of_source(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    source_id: Uuid,
) -> Result<Vec<Transfer>, StorageError> {
    let rows: Vec<TransferRow> = ledger_transfers::table
        .filter(ledger_transfers::tenant_id.eq(tenant_id).and(ledger_transfers::source_id.eq(source_id)))
        .order((ledger_transfers::recorded_at, ledger_transfers::source_kind, ledger_transfers::leg))
        .select(TransferRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(Transfer::from).collect())
}
