//! What do transfers move of deferred revenue, day by day? Sums by what they are of, written with them, so that no report reads them one by one. A
//! sum is only ever added to, and rows are put together later.
//!
//! A run that issues 5,000 invoices on the 1st adds one row: as much more is deferred.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use rust_decimal::Decimal;

use super::rows::TransferRow;
use crate::domain::ids::{EntityId, TenantId};
use crate::domain::ledger::{Account, SourceKind};
use crate::domain::money::Currency;
use crate::storage::schema::ledger_sums as table;
use crate::storage::{StorageError, Tx};

/// The accounts that reports add up from their beginning.
const SUMMED: [Account; 1] = [Account::DeferredRevenue];

#[derive(Insertable)]
#[diesel(table_name = table)]
struct SumRow {
    tenant_id: TenantId,
    entity_id: EntityId,
    currency: Currency,
    account: Account,
    source_kind: SourceKind,
    effective_on: NaiveDate,
    amount: Decimal,
}

/// Adds what transfers move, as they are about to be kept.
pub(super) fn add(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    transfers: &[TransferRow],
) -> Result<(), StorageError> {
    type Key = (EntityId, &'static str, &'static str, (&'static str, NaiveDate));
    let mut sums: BTreeMap<Key, (SumRow, i128)> = BTreeMap::new();
    for transfer in transfers {
        for account in SUMMED {
            let minor = i128::from(transfer.amount);
            let moved = match (transfer.debit == account, transfer.credit == account) {
                (false, true) => minor,
                (true, false) => -minor,
                _ => continue,
            };
            let entity_id = transfer.entity_id.unwrap_or(EntityId::first_of(tenant_id));
            let (currency, source_kind) = (transfer.currency, transfer.source_kind);
            let day = (source_kind.into_str(), transfer.effective_on);
            let (_, sum) =
                sums.entry((entity_id, account.into_str(), currency.code(), day)).or_insert_with(|| {
                    let (effective_on, amount) = (transfer.effective_on, Decimal::ZERO);
                    (SumRow { tenant_id, entity_id, currency, account, source_kind, effective_on, amount }, 0)
                });
            *sum = sum.saturating_add(moved);
        }
    }
    let mut rows = Vec::with_capacity(sums.len());
    for (row, sum) in sums.into_values() {
        let amount = Decimal::try_from_i128_with_scale(sum, 0).map_err(|_| StorageError::too_large())?;
        rows.push(SumRow { amount, ..row });
    }
    if !rows.is_empty() {
        diesel::insert_into(table::table).values(&rows).execute(tx.conn)?;
    }
    Ok(())
}

/// Puts together what was added one by one, once that is much beside what is together already.
pub fn merge(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<(), StorageError> {
    diesel::sql_query(
        "WITH known AS (SELECT count(*) FILTER (WHERE merged) AS together, count(*) FILTER (WHERE NOT merged) AS apart FROM ledger_sums WHERE tenant_id = $1), \
         gone AS (DELETE FROM ledger_sums WHERE tenant_id = $1 AND (SELECT apart > 1000 AND apart * 4 > together FROM known) RETURNING *) \
         INSERT INTO ledger_sums (tenant_id, entity_id, currency, account, source_kind, effective_on, amount, merged) \
         SELECT $1, entity_id, currency, account, source_kind, effective_on, sum(amount), true FROM gone GROUP BY 2, 3, 4, 5, 6",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .execute(tx.conn)?;
    Ok(())
}
