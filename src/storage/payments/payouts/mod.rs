//! What have gateways paid out? A row a payout, a row each part of it; and what is known here by the names that gateways gave it.

pub mod views;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::domain::ids::{
    CustomerId, DisputeId, EntityId, GatewayAccountId, PaymentId, PayoutId, PayoutItemId, RefundId, TenantId,
};
use crate::domain::money::{Currency, Money};
use crate::domain::payments::disputes::Dispute;
use crate::domain::payments::payouts::{Item, Kind, Payout, Reason, Status};
use crate::storage::payments::disputes;
use crate::storage::schema::{disputes as dispute_rows, payout_items, payouts as table};
use crate::storage::{StorageError, Tx};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = table)]
pub(super) struct PayoutRow {
    tenant_id: TenantId,
    id: PayoutId,
    gateway_account_id: GatewayAccountId,
    reference: String,
    status: Status,
    entity_id: EntityId,
    amount: i64,
    currency: Currency,
    paid_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

impl From<PayoutRow> for Payout {
    fn from(row: PayoutRow) -> Payout {
        Payout {
            id: row.id,
            gateway_account_id: row.gateway_account_id,
            reference: row.reference,
            status: row.status,
            entity_id: row.entity_id,
            amount: Money::from_minor(row.amount, row.currency),
            paid_at: row.paid_at,
            created_at: row.created_at,
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = payout_items)]
pub(super) struct ItemRow {
    tenant_id: TenantId,
    id: PayoutItemId,
    payout_id: PayoutId,
    reference: String,
    kind: Kind,
    original_amount: i64,
    original_currency: Currency,
    amount: i64,
    fee: i64,
    currency: Currency,
    customer_id: Option<CustomerId>,
    payment_id: Option<PaymentId>,
    refund_id: Option<RefundId>,
    dispute_id: Option<DisputeId>,
    failed_payout_id: Option<PayoutId>,
    reason: Option<Reason>,
    difference: i64,
}

impl From<ItemRow> for Item {
    fn from(row: ItemRow) -> Item {
        let money = |minor| Money::from_minor(minor, row.currency);
        Item {
            id: row.id,
            payout_id: row.payout_id,
            reference: row.reference,
            kind: row.kind,
            original: Money::from_minor(row.original_amount, row.original_currency),
            amount: money(row.amount),
            fee: money(row.fee),
            customer_id: row.customer_id,
            payment_id: row.payment_id,
            refund_id: row.refund_id,
            dispute_id: row.dispute_id,
            failed_payout_id: row.failed_payout_id,
            reason: row.reason,
            difference: money(row.difference),
        }
    }
}

/// Writes a payout that begins to be recorded, or gives the one that is there already; locked.
pub fn begin(tx: &mut Tx<'_>, tenant_id: TenantId, payout: Payout) -> Result<Payout, StorageError> {
    let (account_id, reference) = (payout.gateway_account_id, payout.reference.clone());
    let row = PayoutRow {
        tenant_id,
        id: payout.id,
        gateway_account_id: payout.gateway_account_id,
        reference: payout.reference,
        status: payout.status,
        entity_id: payout.entity_id,
        amount: payout.amount.minor(),
        currency: payout.amount.currency(),
        paid_at: payout.paid_at,
        created_at: payout.created_at,
    };
    diesel::insert_into(table::table).values(row).on_conflict_do_nothing().execute(tx.conn)?;
    let row: PayoutRow = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::gateway_account_id.eq(account_id)))
        .filter(table::reference.eq(reference))
        .for_no_key_update()
        .select(PayoutRow::as_select())
        .first(tx.conn)?;
    Ok(row.into())
}

/// The payout of an account by the name its gateway gave it.
pub fn find_by_reference(
    tx: &mut Tx<'_>,
    (tenant_id, account_id): (TenantId, GatewayAccountId),
    reference: &str,
) -> Result<Option<Payout>, StorageError> {
    let row: Option<PayoutRow> = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::gateway_account_id.eq(account_id)))
        .filter(table::reference.eq(reference))
        .select(PayoutRow::as_select())
        .first(tx.conn)
        .optional()?;
    Ok(row.map(Payout::from))
}

/// Writes how it stands.
pub fn set_status(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, PayoutId),
    status: Status,
) -> Result<(), StorageError> {
    diesel::update(table::table.find((tenant_id, id))).set(table::status.eq(status)).execute(tx.conn)?;
    Ok(())
}

/// Writes an item; `false`: it is there already.
pub fn insert_item(tx: &mut Tx<'_>, tenant_id: TenantId, item: Item) -> Result<bool, StorageError> {
    let row = ItemRow {
        tenant_id,
        id: item.id,
        payout_id: item.payout_id,
        reference: item.reference,
        kind: item.kind,
        original_amount: item.original.minor(),
        original_currency: item.original.currency(),
        amount: item.amount.minor(),
        fee: item.fee.minor(),
        currency: item.amount.currency(),
        customer_id: item.customer_id,
        payment_id: item.payment_id,
        refund_id: item.refund_id,
        dispute_id: item.dispute_id,
        failed_payout_id: item.failed_payout_id,
        reason: item.reason,
        difference: item.difference.minor(),
    };
    let written = diesel::insert_into(payout_items::table)
        .values(row)
        .on_conflict((payout_items::tenant_id, payout_items::payout_id, payout_items::reference))
        .do_nothing()
        .execute(tx.conn)?;
    Ok(written == 1)
}

/// The dispute of an account by the name its gateway gave it.
pub fn dispute_named(
    tx: &mut Tx<'_>,
    (tenant_id, account_id): (TenantId, GatewayAccountId),
    reference: &str,
) -> Result<Option<Dispute>, StorageError> {
    let payment: Option<PaymentId> = dispute_rows::table
        .filter(dispute_rows::tenant_id.eq(tenant_id).and(dispute_rows::reference.eq(reference)))
        .filter(dispute_rows::gateway_account_id.eq(account_id))
        .select(dispute_rows::payment_id)
        .first(tx.conn)
        .optional()?;
    let Some(payment_id) = payment else { return Ok(None) };
    let all = disputes::of_payment(tx, tenant_id, payment_id)?;
    Ok(all.into_iter().find(|dispute| dispute.reference == reference))
}
