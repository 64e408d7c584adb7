//! What follows for invoices of which an attempt has failed? A row an invoice: the version of the policy it began with, why and with what it
//! is tried next, or why it is not.

pub mod outcomes;
pub mod policies;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::domain::ids::{CustomerId, InvoiceId, PaymentMethodId, RetryPolicyId, SubscriptionId, TenantId};
use crate::domain::payments::retries::Stopped;
use crate::domain::payments::retries::policy::Version;
use crate::domain::payments::retries::reason::Reason;
use crate::storage::customers::Held;
use crate::storage::schema::{invoice_lines, invoice_retries as table, invoices};
use crate::storage::{StorageError, Tx};

/// What follows for an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    pub invoice_id: InvoiceId,
    /// `None`: what holds where a tenant has said nothing.
    pub version: Option<Version>,
    /// Why the next attempt is made when it is; `None`: none is.
    pub reason: Option<Reason>,
    /// What it charges; `None`: what its customer is charged by then.
    pub method: Option<PaymentMethodId>,
    pub stopped: Option<Stopped>,
    pub final_action_at: Option<DateTime<Utc>>,
    pub final_action_taken_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = table)]
struct PlannedRow {
    invoice_id: InvoiceId,
    policy_id: Option<RetryPolicyId>,
    policy_version: Option<i32>,
    reason: Option<String>,
    payment_method_id: Option<PaymentMethodId>,
    stopped: Option<String>,
    final_action_at: Option<DateTime<Utc>>,
    final_action_taken_at: Option<DateTime<Utc>>,
}

impl TryFrom<PlannedRow> for Planned {
    type Error = StorageError;

    fn try_from(row: PlannedRow) -> Result<Planned, StorageError> {
        let unreadable = |detail: &str| StorageError::unreadable("plan of retries", detail);
        let reason = row.reason.map(|text| text.parse().map_err(|_| unreadable(&text))).transpose()?;
        let stopped = row.stopped.map(|text| text.parse().map_err(|_| unreadable(&text))).transpose()?;
        let version = row.policy_id.zip(row.policy_version);
        Ok(Planned {
            invoice_id: row.invoice_id,
            version: version.map(|(policy_id, version)| Version { policy_id, version }),
            reason,
            method: row.payment_method_id,
            stopped,
            final_action_at: row.final_action_at,
            final_action_taken_at: row.final_action_taken_at,
        })
    }
}

/// What follows for these, as far as an attempt has failed.
pub fn planned(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[InvoiceId],
) -> Result<HashMap<InvoiceId, Planned>, StorageError> {
    let rows: Vec<PlannedRow> = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::invoice_id.eq_any(ids)))
        .select(PlannedRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(|row| Planned::try_from(row).map(|planned| (planned.invoice_id, planned))).collect()
}

/// Writes what follows, in one statement; the version of an invoice stays the one it began with.
pub fn save(tx: &mut Tx<'_>, held: &Held, planned: &[Planned]) -> Result<(), StorageError> {
    if planned.is_empty() {
        return Ok(());
    }
    diesel::sql_query(
        "INSERT INTO invoice_retries (tenant_id, invoice_id, policy_id, policy_version, reason, payment_method_id, stopped, final_action_at)
         SELECT $1, s.* FROM unnest($2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::uuid[], $7::text[], $8::timestamptz[]) AS s
         ON CONFLICT (tenant_id, invoice_id) DO UPDATE SET reason = excluded.reason, payment_method_id = excluded.payment_method_id,
             stopped = excluded.stopped, final_action_at = excluded.final_action_at",
    )
    .bind::<SqlUuid, _>(held.tenant_id())
    .bind::<Array<SqlUuid>, _>(planned.iter().map(|p| p.invoice_id).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(planned.iter().map(|p| p.version.map(|v| v.policy_id)).collect::<Vec<_>>())
    .bind::<Array<Nullable<Integer>>, _>(planned.iter().map(|p| p.version.map(|v| v.version)).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(planned.iter().map(|p| p.reason.map(|r| r.to_string())).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(planned.iter().map(|p| p.method).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(planned.iter().map(|p| p.stopped.map(|why| why.into_str())).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(planned.iter().map(|p| p.final_action_at).collect::<Vec<_>>())
    .execute(tx.conn)?;
    Ok(())
}

/// Writes why invoices are tried later than they would have been. One that was never tried follows the policy of now.
pub fn put_off(
    tx: &mut Tx<'_>,
    held: &Held,
    (later, version): (&[(InvoiceId, Reason)], Option<Version>),
) -> Result<(), StorageError> {
    for (invoice_id, reason) in later {
        diesel::insert_into(table::table)
            .values((
                table::tenant_id.eq(held.tenant_id()),
                table::invoice_id.eq(*invoice_id),
                table::policy_id.eq(version.map(|version| version.policy_id)),
                table::policy_version.eq(version.map(|version| version.version)),
                table::reason.eq(reason.to_string()),
            ))
            .on_conflict((table::tenant_id, table::invoice_id))
            .do_update()
            .set(table::reason.eq(reason.to_string()))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Notes that what a customer owes is tried with what it is charged by now.
pub(super) fn begin_anew(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (customer_id, reason): (CustomerId, Reason),
) -> Result<(), StorageError> {
    let due = invoices::table
        .filter(invoices::tenant_id.eq(tenant_id).and(invoices::customer_id.eq(customer_id)))
        .filter(invoices::next_attempt_at.is_not_null())
        .select(invoices::id);
    diesel::update(table::table.filter(table::tenant_id.eq(tenant_id)).filter(table::invoice_id.eq_any(due)))
        .set((
            table::reason.eq(reason.to_string()),
            table::payment_method_id.eq(None::<PaymentMethodId>),
            table::stopped.eq(None::<String>),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Notes that the last action is not due any more: it was taken, or something else came.
pub fn end(
    tx: &mut Tx<'_>,
    held: &Held,
    (invoice_id, taken_at): (InvoiceId, Option<DateTime<Utc>>),
) -> Result<(), StorageError> {
    diesel::update(table::table.find((held.tenant_id(), invoice_id)))
        .set((table::final_action_at.eq(None::<DateTime<Utc>>), table::final_action_taken_at.eq(taken_at)))
        .execute(tx.conn)?;
    Ok(())
}

/// The subscriptions that an invoice bills, in the order of their ids.
pub fn subscriptions_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    invoice_id: InvoiceId,
) -> Result<Vec<SubscriptionId>, StorageError> {
    let ids: Vec<Option<SubscriptionId>> = invoice_lines::table
        .filter(invoice_lines::tenant_id.eq(tenant_id).and(invoice_lines::invoice_id.eq(invoice_id)))
        .filter(invoice_lines::subscription_id.is_not_null())
        .select(invoice_lines::subscription_id)
        .distinct()
        .order(invoice_lines::subscription_id)
        .load(tx.conn)?;
    Ok(ids.into_iter().flatten().collect())
}
