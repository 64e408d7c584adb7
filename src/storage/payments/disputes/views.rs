//! Which disputes and fraud warnings are there, and how many were there in a month? Pages of them, newest first.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{DisputeRow, WarningRow};
use crate::domain::ids::{CustomerId, DisputeId, GatewayAccountId, PaymentId, SubscriptionId, TenantId};
use crate::domain::payments::disputes::ratio::Counted;
use crate::domain::payments::disputes::{Dispute, FraudWarning, Kind, Status};
use crate::domain::payments::{Payment, Status as PaymentStatus};
use crate::storage::keyset::{From as Start, Keyset, Slice, keyset_query};
use crate::storage::payments::retries;
use crate::storage::schema::{disputes, fraud_warnings, payments};
use crate::storage::subscriptions::views::changes::{self, Change as RecordedChange};
use crate::storage::{Found, StorageError, Thing, Tx};

pub use super::policy;

/// Changes of a subscription that are shown.
const CHANGES: u16 = 100;

/// Which disputes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub status: Option<Status>,
    pub customer_id: Option<CustomerId>,
    pub payment_id: Option<PaymentId>,
    pub gateway_account_id: Option<GatewayAccountId>,
    /// Opened then or later.
    pub opened_from: Option<DateTime<Utc>>,
    /// Opened before.
    pub opened_to: Option<DateTime<Utc>>,
}

/// One page of the tenant's disputes.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    filter: &Filter,
    keyset: &Keyset,
) -> Result<Slice<Dispute>, StorageError> {
    let mut query = disputes::table
        .filter(disputes::tenant_id.eq(tenant_id))
        .select(DisputeRow::as_select())
        .into_boxed();
    if let Some(status) = filter.status {
        query = query.filter(disputes::status.eq(status));
    }
    if let Some(customer_id) = filter.customer_id {
        query = query.filter(disputes::customer_id.eq(customer_id));
    }
    if let Some(payment_id) = filter.payment_id {
        query = query.filter(disputes::payment_id.eq(payment_id));
    }
    if let Some(account_id) = filter.gateway_account_id {
        query = query.filter(disputes::gateway_account_id.eq(account_id));
    }
    if let Some(from) = filter.opened_from {
        query = query.filter(disputes::opened_at.ge(from));
    }
    if let Some(to) = filter.opened_to {
        query = query.filter(disputes::opened_at.lt(to));
    }
    let rows: Vec<DisputeRow> = keyset_query!(query, disputes::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(Dispute::from))
}

/// The dispute with this id.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: DisputeId) -> Result<Dispute, StorageError> {
    let row: DisputeRow = disputes::table
        .find((tenant_id, id))
        .select(DisputeRow::as_select())
        .first(tx.conn)
        .found(Thing::Dispute, id)?;
    Ok(row.into())
}

/// One page of the tenant's fraud warnings.
pub fn list_warnings(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    payment_id: Option<PaymentId>,
    keyset: &Keyset,
) -> Result<Slice<FraudWarning>, StorageError> {
    let mut query = fraud_warnings::table
        .filter(fraud_warnings::tenant_id.eq(tenant_id))
        .select(WarningRow::as_select())
        .into_boxed();
    if let Some(payment_id) = payment_id {
        query = query.filter(fraud_warnings::payment_id.eq(payment_id));
    }
    let rows: Vec<WarningRow> = keyset_query!(query, fraud_warnings::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(FraudWarning::from))
}

/// What was counted at an account from one instant to another. Inquiries are no disputes, nor are debits that came back.
pub fn counted(
    tx: &mut Tx<'_>,
    (tenant_id, account_id): (TenantId, GatewayAccountId),
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Counted, StorageError> {
    use {disputes as d, fraud_warnings as f, payments as p};
    let payments: i64 = p::table
        .filter(p::tenant_id.eq(tenant_id).and(p::gateway_account_id.eq(account_id)))
        .filter(p::status.eq(PaymentStatus::Succeeded))
        .filter(p::resolved_at.ge(from).and(p::resolved_at.lt(to)))
        .count()
        .get_result(tx.conn)?;
    let disputes: i64 = d::table
        .filter(d::tenant_id.eq(tenant_id).and(d::gateway_account_id.eq(account_id)))
        .filter(d::opened_at.ge(from).and(d::opened_at.lt(to)))
        .filter(d::status.ne_all([Status::Inquiry, Status::InquiryClosed]).and(d::kind.eq(Kind::Dispute)))
        .count()
        .get_result(tx.conn)?;
    let warnings: i64 = f::table
        .filter(f::tenant_id.eq(tenant_id).and(f::gateway_account_id.eq(account_id)))
        .filter(f::warned_at.ge(from).and(f::warned_at.lt(to)))
        .count()
        .get_result(tx.conn)?;
    let number = |count: i64| u64::try_from(count).unwrap_or_default();
    Ok(Counted { payments: number(payments), disputes: number(disputes), fraud_warnings: number(warnings) })
}

/// The subscriptions that what it paid bills.
pub fn subscriptions_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    payment: &Payment,
) -> Result<Vec<SubscriptionId>, StorageError> {
    payment.invoice_id.map_or(Ok(Vec::new()), |id| retries::subscriptions_of(tx, tenant_id, id))
}

/// What was done to a subscription, the newest first.
pub fn changes_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: SubscriptionId,
) -> Result<Vec<RecordedChange>, StorageError> {
    let newest = Keyset { limit: CHANGES, from: Start::Newest };
    Ok(changes::list(tx, tenant_id, id, &newest)?.rows)
}
