//! Which pay-outs of a customer's balance are there, and what became of them? Pages of them, each with its refunds.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::domain::credits::notes::Refund;
use crate::domain::credits::pay_out::PayOut;
use crate::domain::ids::{CustomerId, PayOutId, TenantId};
use crate::storage::credits::pay_outs::PayOutRow;
use crate::storage::credits::refunds::RefundRow;
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::{balance_pay_outs as pay_outs, refunds};
use crate::storage::{StorageError, Tx};

/// A page of a customer's, the newest first.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    customer: CustomerId,
    keyset: &Keyset,
) -> Result<Slice<(PayOut, Vec<Refund>)>, StorageError> {
    let query = pay_outs::table
        .filter(pay_outs::tenant_id.eq(tenant_id).and(pay_outs::customer_id.eq(customer)))
        .select(PayOutRow::as_select())
        .into_boxed();
    let found: Vec<PayOutRow> = keyset_query!(query, pay_outs::id, keyset).load(tx.conn)?;
    let slice = keyset.slice(found).try_map(PayOut::try_from)?;
    let ids: Vec<PayOutId> = slice.rows.iter().map(|pay_out| pay_out.id).collect();
    let rows: Vec<RefundRow> = refunds::table
        .filter(refunds::tenant_id.eq(tenant_id).and(refunds::pay_out_id.eq_any(ids)))
        .order(refunds::id)
        .select(RefundRow::as_select())
        .load(tx.conn)?;
    let mut by_pay_out: HashMap<Option<PayOutId>, Vec<Refund>> = HashMap::new();
    for row in rows {
        let refund = Refund::try_from(row)?;
        by_pay_out.entry(refund.origin.pay_out_id()).or_default().push(refund);
    }
    Ok(slice.map(|pay_out| {
        let refunds = by_pay_out.remove(&Some(pay_out.id)).unwrap_or_default();
        (pay_out, refunds)
    }))
}
