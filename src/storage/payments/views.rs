//! Which payments and payment methods are there? Pages of them, newest first.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::super::keyset::{Keyset, Slice as Page, keyset_query};
use crate::domain::ids::{CustomerId, InvoiceId, PaymentMethodId, TenantId};
use crate::domain::invoicing::Status as InvoiceStatus;
use crate::domain::listing::{Part, Wanted};
use crate::domain::payments::{Payment, PaymentMethod, Status};
use crate::domain::subscriptions::Collection;
use crate::storage::listing::{self, List, Reader, Slice, Totals};
use crate::storage::payments::PaymentRow;
use crate::storage::payments::payment_methods::MethodRow;
use crate::storage::payments::retries::{self, Planned};
use crate::storage::schema::{customers, invoices, payment_methods, payments};
use crate::storage::{Found, StorageError, Thing, Tx};

pub use crate::storage::credits::refunds::of_payment as refunds_of;
pub use crate::storage::payments::accounts::{
    find as find_account, list as list_accounts, named as account_named,
};
pub use crate::storage::payments::disputes::views as disputes;
pub use crate::storage::payments::find;
pub use crate::storage::payments::inbound::list as list_events;
pub use crate::storage::payments::payouts::views as payouts;
pub use crate::storage::payments::preferences::{find as find_preferences, rulebook};
pub use crate::storage::payments::retries::policies::{
    find as find_retry_policy, list as list_retry_policies,
};

/// Payments before a disputed one that are shown.
const BEFORE: i64 = 20;

/// How the list of payments is read.
const LIST: List = List {
    table: "payments",
    fields: &[
        ("customer_id", "payments.customer_id"),
        ("invoice_id", "payments.invoice_id"),
        ("payment_method_id", "payments.payment_method_id"),
        ("gateway_account_id", "payments.gateway_account_id"),
        ("gateway", "payments.gateway"),
        ("status", "payments.status"),
        ("currency", "payments.currency"),
        ("external_id", "payments.external_id"),
        ("reference", "payments.reference"),
        ("decline_code", "payments.decline_code"),
        ("created_at", "payments.created_at"),
        ("resolved_at", "payments.resolved_at"),
        ("next_check_at", "payments.next_check_at"),
        ("amount", "payments.amount"),
        ("amount_applied", "payments.amount_applied"),
        ("amount_credited", AMOUNT_CREDITED),
        ("amount_surplus", "payments.amount_surplus"),
        ("cash_rounding", "payments.cash_rounding"),
        ("metadata", "payments.metadata"),
    ],
    orders: &[],
    sums: &[
        ("amount", "payments.amount"),
        ("amount_applied", "payments.amount_applied"),
        ("amount_credited", AMOUNT_CREDITED),
        ("amount_surplus", "payments.amount_surplus"),
    ],
};

/// What became credit of a payment, as [`Payment::amount_credited`] has it.
const AMOUNT_CREDITED: &str = "CASE WHEN payments.status = 'succeeded' \
     THEN payments.amount - payments.amount_applied - payments.amount_surplus ELSE 0 END";

/// A part of the tenant's payments.
pub fn list(
    tx: &mut Tx<'_>,
    reader: Reader,
    (wanted, part): (&Wanted, &Part),
) -> Result<Slice<Payment>, StorageError> {
    let query = payments::table
        .filter(payments::tenant_id.eq(reader.tenant_id))
        .select((PaymentRow::as_select(), LIST.mark(wanted.order)?))
        .into_boxed();
    let rows: Vec<(PaymentRow<'_>, Vec<String>)> = LIST.cut(query, reader, (wanted, part))?.load(tx.conn)?;
    LIST.slice((wanted.order, part), rows)?.try_map(Payment::try_from)
}

/// What payments come to.
pub fn totals(tx: &mut Tx<'_>, reader: Reader, wanted: &Wanted) -> Result<Vec<Totals>, StorageError> {
    listing::totals(tx, (&LIST, reader), wanted)
}

/// What its customer paid before a payment, the newest first.
pub fn payments_before(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    payment: &Payment,
) -> Result<Vec<Payment>, StorageError> {
    let rows: Vec<PaymentRow<'_>> = payments::table
        .filter(payments::tenant_id.eq(tenant_id).and(payments::customer_id.eq(payment.customer_id)))
        .filter(payments::status.eq(Status::Succeeded).and(payments::id.lt(payment.id)))
        .order(payments::id.desc())
        .limit(BEFORE)
        .select(PaymentRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Payment::try_from).collect()
}

/// A payment method, and whether its customer is charged by it.
pub type Known = (PaymentMethod, bool);

fn known((row, default): (MethodRow, Option<PaymentMethodId>)) -> Known {
    let method = PaymentMethod::from(row);
    let is_default = default == Some(method.id);
    (method, is_default)
}

/// The payment method with this id, detached or not.
pub fn find_method(tx: &mut Tx<'_>, tenant_id: TenantId, id: PaymentMethodId) -> Result<Known, StorageError> {
    let owner = customers::tenant_id
        .eq(payment_methods::tenant_id)
        .and(customers::id.eq(payment_methods::customer_id));
    let row: (MethodRow, Option<PaymentMethodId>) = payment_methods::table
        .inner_join(customers::table.on(owner))
        .filter(payment_methods::tenant_id.eq(tenant_id).and(payment_methods::id.eq(id)))
        .select((MethodRow::as_select(), customers::default_payment_method_id))
        .first(tx.conn)
        .found(Thing::PaymentMethod, id)?;
    Ok(known(row))
}

/// One page of the tenant's payment methods, detached ones included.
pub fn list_methods(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    customer_id: Option<CustomerId>,
    keyset: &Keyset,
) -> Result<Page<Known>, StorageError> {
    let owner = customers::tenant_id
        .eq(payment_methods::tenant_id)
        .and(customers::id.eq(payment_methods::customer_id));
    let mut query = payment_methods::table
        .inner_join(customers::table.on(owner))
        .filter(payment_methods::tenant_id.eq(tenant_id))
        .select((MethodRow::as_select(), customers::default_payment_method_id))
        .into_boxed();
    if let Some(customer_id) = customer_id {
        query = query.filter(payment_methods::customer_id.eq(customer_id));
    }
    let rows = keyset_query!(query, payment_methods::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(known))
}

/// The attempts at an invoice, and what follows.
#[derive(Debug, Clone)]
pub struct Attempted {
    /// The oldest first.
    pub payments: Vec<Payment>,
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub planned: Option<Planned>,
    /// Whether it is owed, and collected by itself.
    pub is_collected: bool,
}

/// The attempts at this invoice, without what was received elsewhere.
pub fn attempts(tx: &mut Tx<'_>, tenant_id: TenantId, id: InvoiceId) -> Result<Attempted, StorageError> {
    let (next_attempt_at, status, collection): (Option<DateTime<Utc>>, InvoiceStatus, Collection) =
        invoices::table
            .find((tenant_id, id))
            .select((invoices::next_attempt_at, invoices::status, invoices::collection))
            .first(tx.conn)
            .found(Thing::Invoice, id)?;
    let is_collected = status == InvoiceStatus::Open && collection == Collection::Automatic;
    let rows: Vec<PaymentRow<'_>> = payments::table
        .filter(payments::tenant_id.eq(tenant_id).and(payments::invoice_id.eq(id)))
        .filter(payments::payment_method_id.is_not_null())
        .order((payments::created_at, payments::id))
        .select(PaymentRow::as_select())
        .load(tx.conn)?;
    let payments = rows.into_iter().map(Payment::try_from).collect::<Result<_, _>>()?;
    let planned = retries::planned(tx, tenant_id, &[id])?.remove(&id);
    Ok(Attempted { payments, next_attempt_at, planned, is_collected })
}
