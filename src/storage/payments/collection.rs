//! Which invoices are due for an attempt, and how is a batch of them claimed? Customers first, skipping those that another
//! transaction holds, then their invoices: 500 in four statements.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};

use super::{payment_methods, retries};
use crate::domain::ids::{CustomerId, InvoiceId, PaymentMethodId};
use crate::domain::invoicing::{Invoice, Status};
use crate::domain::payments::retries::reason::{Cause, Reason};
use crate::domain::payments::{PaymentMethod, Status as PaymentStatus};
use crate::domain::subscriptions::Collection;
use crate::storage::customers::Held;
use crate::storage::invoicing::InvoiceRow;
use crate::storage::schema::{invoices, payments};
use crate::storage::{StorageError, Tx};

/// An invoice due for an attempt, as it is claimed.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub invoice: Invoice,
    /// What is charged for it.
    pub method: Option<PaymentMethod>,
    /// Whether that was decided when an attempt failed; else it is its customer's default.
    pub is_planned: bool,
    /// Why it is charged now.
    pub reason: Reason,
    /// Whether an attempt is under way already.
    pub under_way: bool,
    /// Whether an attempt has failed before.
    pub has_failed: bool,
}

/// Of these invoices, those that are still due and whose customer is locked by us, locked too. A statement of its own
/// after the customers' locks: it sees what their last holders committed.
pub fn claim(
    tx: &mut Tx<'_>,
    held: &Held,
    ids: &[InvoiceId],
    now: DateTime<Utc>,
) -> Result<Vec<Claimed>, StorageError> {
    let tenant_id = held.tenant_id();
    let customers = held.customers().iter().map(|customer| customer.id);
    let rows: Vec<InvoiceRow<'_>> = invoices::table
        .filter(invoices::tenant_id.eq(tenant_id).and(invoices::id.eq_any(ids)))
        .filter(invoices::customer_id.eq_any(customers))
        .filter(invoices::next_attempt_at.le(now))
        .order(invoices::id)
        .for_no_key_update()
        .select(InvoiceRow::as_select())
        .load(tx.conn)?;
    let planned = retries::planned(tx, tenant_id, ids)?;
    let methods = methods(tx, held, planned.values().filter_map(|planned| planned.method))?;
    let under_way: Vec<Option<InvoiceId>> = payments::table
        .filter(payments::tenant_id.eq(tenant_id).and(payments::invoice_id.eq_any(ids)))
        .filter(payments::status.eq(PaymentStatus::Processing))
        .select(payments::invoice_id)
        .load(tx.conn)?;
    let under_way: std::collections::HashSet<InvoiceId> = under_way.into_iter().flatten().collect();
    let claimed = |invoice: Invoice| {
        let planned = planned.get(&invoice.id);
        let attached = |id| methods.get(&id).filter(|method| method.detached_at.is_none()).cloned();
        let default = || held.default_method(invoice.customer_id).and_then(attached);
        let decided = planned.and_then(|planned| planned.method).and_then(attached);
        let is_planned = decided.is_some();
        let method = decided.or_else(default);
        let reason = planned.and_then(|planned| planned.reason).unwrap_or(Reason::of(Cause::Due));
        // Also one whose policy is written and that was never tried: then nothing is found.
        let has_failed = planned.is_some();
        Claimed {
            method,
            is_planned,
            reason,
            under_way: under_way.contains(&invoice.id),
            has_failed,
            invoice,
        }
    };
    Ok(rows.into_iter().map(Invoice::from).map(claimed).collect())
}

/// Those that customers are charged by, and others.
fn methods(
    tx: &mut Tx<'_>,
    held: &Held,
    others: impl Iterator<Item = PaymentMethodId>,
) -> Result<HashMap<PaymentMethodId, PaymentMethod>, StorageError> {
    let defaults = held.customers().iter().filter_map(|customer| customer.default_payment_method_id);
    let ids: Vec<PaymentMethodId> = defaults.chain(others).collect();
    let found = payment_methods::find_all(tx, held.tenant_id(), &ids)?;
    Ok(found.into_iter().map(|method| (method.id, method)).collect())
}

/// Writes what attempts change of their invoices, in one statement: state, what is paid, and the next attempt.
pub fn save_invoices(tx: &mut Tx<'_>, held: &Held, changed: &[Invoice]) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    if changed.is_empty() {
        return Ok(());
    }
    diesel::sql_query(
        "UPDATE invoices i SET status = s.status, amount_paid = s.amount_paid, closed_at = s.closed_at,
             next_attempt_at = s.next_attempt_at, attempt_count = s.attempt_count
         FROM unnest($2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[], $6::timestamptz[], $7::smallint[])
             AS s (id, status, amount_paid, closed_at, next_attempt_at, attempt_count)
         WHERE i.tenant_id = $1 AND i.id = s.id",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(changed.iter().map(|i| i.id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(changed.iter().map(|i| i.status).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(changed.iter().map(|i| i.amount_paid.minor()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(changed.iter().map(|i| i.closed_at).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(changed.iter().map(|i| i.next_attempt_at).collect::<Vec<_>>())
    .bind::<Array<SmallInt>, _>(changed.iter().map(|i| i.attempt_count).collect::<Vec<_>>())
    .execute(tx.conn)?;
    Ok(())
}

/// Makes what stopped because nothing was left to be charged due now, for a customer that brings something new. The customer's row is locked.
pub fn go_on(
    tx: &mut Tx<'_>,
    held: &Held,
    customer_id: CustomerId,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    diesel::sql_query(
        "WITH stopped AS (UPDATE invoice_retries r SET stopped = NULL, reason = $4, payment_method_id = NULL
             FROM invoices i WHERE r.tenant_id = $1 AND r.stopped = 'no_method' AND i.tenant_id = $1 AND i.id = r.invoice_id
             AND i.customer_id = $2 AND i.status = 'open' RETURNING r.invoice_id)
         UPDATE invoices i SET next_attempt_at = $3 FROM stopped s WHERE i.tenant_id = $1 AND i.id = s.invoice_id",
    )
    .bind::<SqlUuid, _>(held.tenant_id())
    .bind::<SqlUuid, _>(customer_id)
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(Reason::of(Cause::BackupMethod).to_string())
    .execute(tx.conn)?;
    Ok(())
}

/// Makes due now, to be charged by a new payment method, what waits for one though nothing has failed: what fell due while the one that is charged
/// first was disputed, and what is owed again after a dispute. The customer's row is locked.
pub fn charge_by(
    tx: &mut Tx<'_>,
    held: &Held,
    (customer_id, method_id): (CustomerId, PaymentMethodId),
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    diesel::sql_query(
        "WITH waiting AS (UPDATE invoices i SET next_attempt_at = $3 WHERE i.tenant_id = $1 AND i.customer_id = $2 AND i.status = 'open' \
             AND i.collection = 'automatic' AND i.next_attempt_at IS NULL \
             AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.tenant_id = $1 AND p.invoice_id = i.id AND p.status = 'processing') \
             AND NOT EXISTS (SELECT 1 FROM invoice_retries r WHERE r.tenant_id = $1 AND r.invoice_id = i.id AND r.stopped IS NOT NULL) \
             RETURNING i.id) \
         INSERT INTO invoice_retries (tenant_id, invoice_id, policy_id, policy_version, reason, payment_method_id) \
         SELECT $1, w.id, p.id, p.version, $4, $5 FROM waiting w LEFT JOIN retry_policies p ON p.tenant_id = $1 AND p.is_default \
         ON CONFLICT (tenant_id, invoice_id) DO UPDATE SET reason = excluded.reason, payment_method_id = excluded.payment_method_id",
    )
    .bind::<SqlUuid, _>(held.tenant_id())
    .bind::<SqlUuid, _>(customer_id)
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(Reason::of(Cause::NewMethod).to_string())
    .bind::<SqlUuid, _>(method_id)
    .execute(tx.conn)?;
    Ok(())
}

/// Makes a customer's open, automatically collected invoices due for an attempt now, except those with one under way: its
/// outcome will look at what is charged then. The customer's row is locked.
pub fn make_due(
    tx: &mut Tx<'_>,
    held: &Held,
    customer_id: CustomerId,
    now: DateTime<Utc>,
) -> Result<usize, StorageError> {
    let tenant_id = held.tenant_id();
    let under_way = payments::table
        .filter(
            payments::tenant_id.eq(invoices::tenant_id).and(payments::invoice_id.eq(invoices::id.nullable())),
        )
        .filter(payments::status.eq(PaymentStatus::Processing));
    let waiting = invoices::table
        .filter(invoices::tenant_id.eq(tenant_id).and(invoices::customer_id.eq(customer_id)))
        .filter(invoices::status.eq(Status::Open).and(invoices::collection.eq(Collection::Automatic)))
        .filter(diesel::dsl::not(diesel::dsl::exists(under_way)));
    let due = diesel::update(waiting).set(invoices::next_attempt_at.eq(now)).execute(tx.conn)?;
    if due > 0 {
        retries::begin_anew(tx, tenant_id, (customer_id, Reason::of(Cause::NewMethod)))?;
    }
    Ok(due)
}
