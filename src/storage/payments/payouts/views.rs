//! Which payouts are there, of what is each made, and what do its parts add up to?

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Numeric, Uuid as SqlUuid};
use rust_decimal::Decimal;

use super::{ItemRow, PayoutRow};
use crate::domain::ids::{GatewayAccountId, PayoutId, TenantId};
use crate::domain::money::Total;
use crate::domain::payments::payouts::{Item, Payout, Totals};
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::{payout_items, payouts};
use crate::storage::{Found, StorageError, Thing, Tx};

/// A payout, and what its items add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summed {
    pub payout: Payout,
    pub totals: Totals,
}

/// One page of the tenant's payouts, perhaps of one account.
pub fn list(
    tx: &mut Tx<'_>,
    (tenant_id, account_id): (TenantId, Option<GatewayAccountId>),
    keyset: &Keyset,
) -> Result<Slice<Summed>, StorageError> {
    let mut query =
        payouts::table.filter(payouts::tenant_id.eq(tenant_id)).select(PayoutRow::as_select()).into_boxed();
    if let Some(account_id) = account_id {
        query = query.filter(payouts::gateway_account_id.eq(account_id));
    }
    let rows: Vec<PayoutRow> = keyset_query!(query, payouts::id, keyset).load(tx.conn)?;
    keyset.slice(rows).try_map(|row| summed(tx, tenant_id, row.into()))
}

/// The payout with this id.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: PayoutId) -> Result<Summed, StorageError> {
    let row: PayoutRow = payouts::table
        .find((tenant_id, id))
        .select(PayoutRow::as_select())
        .first(tx.conn)
        .found(Thing::Payout, id)?;
    summed(tx, tenant_id, row.into())
}

#[derive(QueryableByName)]
struct TotalsRow {
    #[diesel(sql_type = BigInt)]
    items: i64,
    #[diesel(sql_type = Numeric)]
    gross: Decimal,
    #[diesel(sql_type = Numeric)]
    fees: Decimal,
    #[diesel(sql_type = BigInt)]
    unmatched: i64,
    #[diesel(sql_type = Numeric)]
    difference: Decimal,
}

fn summed(tx: &mut Tx<'_>, tenant_id: TenantId, payout: Payout) -> Result<Summed, StorageError> {
    let row: TotalsRow = diesel::sql_query(
        "SELECT count(*) AS items, coalesce(sum(amount), 0) AS gross, coalesce(sum(fee), 0) AS fees, \
             count(*) FILTER (WHERE reason IS NOT NULL) AS unmatched, coalesce(sum(difference), 0) AS difference \
         FROM payout_items WHERE tenant_id = $1 AND payout_id = $2",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(payout.id)
    .get_result(tx.conn)?;
    let currency = payout.amount.currency();
    let total = |sum: Decimal| Total::from_minor(sum.trunc_with_scale(0).mantissa(), currency);
    let totals = Totals {
        items: row.items,
        gross: total(row.gross),
        fees: total(row.fees),
        unmatched: row.unmatched,
        difference: total(row.difference),
    };
    Ok(Summed { payout, totals })
}

/// One page of the parts of a payout, perhaps of those alone that are not matched, or differ.
pub fn items(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, PayoutId),
    only_unmatched: bool,
    keyset: &Keyset,
) -> Result<Slice<Item>, StorageError> {
    let mut query = payout_items::table
        .filter(payout_items::tenant_id.eq(tenant_id).and(payout_items::payout_id.eq(id)))
        .select(ItemRow::as_select())
        .into_boxed();
    if only_unmatched {
        query = query.filter(payout_items::reason.is_not_null());
    }
    let rows: Vec<ItemRow> = keyset_query!(query, payout_items::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(Item::from))
}
