//! How are payments kept? One row an attempt, in bulk by `COPY`; an outcome is written once. Only over "failed" a late one may come: money
//! for an attempt that was given up.
//!
//! What is on this shelf, what is not, and its laws: [`domain::payments`](crate::domain::payments).

pub mod accounts;
pub mod cards;
pub mod claims;
pub mod collection;
pub mod disputes;
pub mod inbound;
pub mod payment_methods;
pub mod payouts;
pub mod preferences;
pub mod retries;
pub mod simulator;
pub mod views;

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::schema::payments;
use super::sql_types::Json;
use super::{StorageError, Tx};
use crate::domain::customers::Metadata;
use crate::domain::ids::{CustomerId, GatewayAccountId, InvoiceId, PaymentId, PaymentMethodId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::domain::payments::declines::Class;
use crate::domain::payments::{Declined, Payment, State, Status};
use crate::storage::customers::Held;
use crate::storage::{Found, Thing};
use claims::Claim;

/// A payment as its row holds it; views read it too.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = payments, treat_none_as_default_value = false)]
pub(in crate::storage) struct PaymentRow<'a> {
    tenant_id: TenantId,
    id: PaymentId,
    external_id: Option<Cow<'a, str>>,
    customer_id: CustomerId,
    invoice_id: Option<InvoiceId>,
    payment_method_id: Option<PaymentMethodId>,
    gateway: Cow<'a, str>,
    gateway_account_id: Option<GatewayAccountId>,
    amount: i64,
    amount_applied: i64,
    currency: Currency,
    status: Status,
    decline_code: Option<Cow<'a, str>>,
    reference: Option<Cow<'a, str>>,
    metadata: Json<Cow<'a, Metadata>>,
    created_at: DateTime<Utc>,
    resolved_at: Option<DateTime<Utc>>,
    next_check_at: Option<DateTime<Utc>>,
    checks: i16,
    claim_id: Option<Uuid>,
    amount_surplus: i64,
    action_url: Option<Cow<'a, str>>,
    decline_class: Option<Class>,
    network_code: Option<Cow<'a, str>>,
    advice_code: Option<Cow<'a, str>>,
    reason: Option<Cow<'a, str>>,
    cash_rounding: i64,
}

impl TryFrom<PaymentRow<'_>> for Payment {
    type Error = StorageError;

    fn try_from(row: PaymentRow<'_>) -> Result<Payment, StorageError> {
        let currency = row.currency;
        let state = match (row.status, row.next_check_at, row.resolved_at) {
            (Status::Processing, Some(next_check_at), _) => State::Processing { next_check_at },
            (Status::Succeeded, _, Some(at)) => State::Succeeded { at },
            (Status::Failed, ask_again_at, Some(at)) => {
                State::Failed { code: row.decline_code.unwrap_or_default().into_owned(), at, ask_again_at }
            }
            (status, ..) => {
                let detail = format!("one that is {} has no date of that", status.into_str());
                return Err(StorageError::unreadable("payment", detail));
            }
        };
        let reason = row.reason.map(|text| {
            text.parse().map_err(|_| StorageError::unreadable("reason of an attempt", text.into_owned()))
        });
        Ok(Payment {
            id: row.id,
            external_id: row.external_id.map(Cow::into_owned),
            customer_id: row.customer_id,
            invoice_id: row.invoice_id,
            payment_method_id: row.payment_method_id,
            gateway: Arc::from(row.gateway),
            gateway_account_id: row.gateway_account_id,
            amount: Money::from_minor(row.amount, currency),
            amount_applied: Money::from_minor(row.amount_applied, currency),
            amount_surplus: Money::from_minor(row.amount_surplus, currency),
            cash_rounding: Money::from_minor(row.cash_rounding, currency),
            state,
            reference: row.reference.map(Cow::into_owned),
            action_url: row.action_url.map(Cow::into_owned),
            metadata: row.metadata.0.into_owned(),
            created_at: row.created_at,
            checks: row.checks,
            reason: reason.transpose()?,
            declined: Declined {
                class: row.decline_class,
                network_code: row.network_code.map(Cow::into_owned),
                advice_code: row.advice_code.map(Cow::into_owned),
            },
        })
    }
}

impl<'a> PaymentRow<'a> {
    fn of(tenant_id: TenantId, payment: &'a Payment) -> PaymentRow<'a> {
        let (decline_code, resolved_at, next_check_at) = match &payment.state {
            State::Processing { next_check_at } => (None, None, Some(*next_check_at)),
            State::Succeeded { at } => (None, Some(*at), None),
            State::Failed { code, at, ask_again_at } => (Some(code.into()), Some(*at), *ask_again_at),
        };
        PaymentRow {
            tenant_id,
            id: payment.id,
            external_id: payment.external_id.as_deref().map(Cow::Borrowed),
            customer_id: payment.customer_id,
            invoice_id: payment.invoice_id,
            payment_method_id: payment.payment_method_id,
            gateway: Cow::Borrowed(&payment.gateway),
            gateway_account_id: payment.gateway_account_id,
            amount: payment.amount.minor(),
            amount_applied: payment.amount_applied.minor(),
            currency: payment.amount.currency(),
            status: Status::from(&payment.state),
            decline_code,
            reference: payment.reference.as_deref().map(Cow::Borrowed),
            metadata: Json(Cow::Borrowed(&payment.metadata)),
            created_at: payment.created_at,
            resolved_at,
            next_check_at,
            checks: payment.checks,
            claim_id: None,
            amount_surplus: payment.amount_surplus.minor(),
            action_url: payment.action_url.as_deref().map(Cow::Borrowed),
            decline_class: payment.declined.class,
            network_code: payment.declined.network_code.as_deref().map(Cow::Borrowed),
            advice_code: payment.declined.advice_code.as_deref().map(Cow::Borrowed),
            reason: payment.reason.map(|reason| Cow::Owned(reason.to_string())),
            cash_rounding: payment.cash_rounding.minor(),
        }
    }
}

/// The payment with this id.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: PaymentId) -> Result<Payment, StorageError> {
    let row: PaymentRow<'_> = payments::table
        .find((tenant_id, id))
        .select(PaymentRow::as_select())
        .first(tx.conn)
        .found(Thing::Payment, id)?;
    row.try_into()
}

/// The payment that an account of a gateway calls so.
pub fn find_by_reference(
    tx: &mut Tx<'_>,
    (tenant_id, account_id): (TenantId, GatewayAccountId),
    reference: &str,
) -> Result<Option<Payment>, StorageError> {
    let row: Option<PaymentRow<'_>> = payments::table
        .filter(payments::tenant_id.eq(tenant_id).and(payments::gateway_account_id.eq(account_id)))
        .filter(payments::reference.eq(reference))
        .select(PaymentRow::as_select())
        .first(tx.conn)
        .optional()?;
    row.map(Payment::try_from).transpose()
}

/// Adds a payment that came by itself.
pub fn insert(tx: &mut Tx<'_>, held: &Held, added: &Payment) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    add(tx, &[PaymentRow::of(tenant_id, added)])
}

/// Adds attempts, called for under this claim. A second one at an invoice that has one under way is refused by
/// `one_attempt_at_a_time`.
pub fn insert_attempts<'a>(
    tx: &mut Tx<'_>,
    claim: Claim,
    added: impl Iterator<Item = &'a Payment>,
) -> Result<(), StorageError> {
    let row = |payment| PaymentRow { claim_id: Some(claim.id), ..PaymentRow::of(claim.tenant_id, payment) };
    add(tx, &added.map(row).collect::<Vec<_>>())
}

fn add(tx: &mut Tx<'_>, rows: &[PaymentRow<'_>]) -> Result<(), StorageError> {
    match rows {
        [] => 0,
        [one] => diesel::insert_into(payments::table).values(one).execute(tx.conn)?,
        _ => diesel::copy_from(payments::table).from_insertable(rows).execute(tx.conn)?,
    };
    Ok(())
}

/// Of these, the payments whose money has not come, locked, in the order of their ids: processing, or failed. Customers are locked
/// before.
pub fn without_money_locked(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[PaymentId],
) -> Result<Vec<Payment>, StorageError> {
    let rows: Vec<PaymentRow<'_>> = payments::table
        .filter(payments::tenant_id.eq(tenant_id).and(payments::id.eq_any(ids)))
        .filter(payments::status.ne(Status::Succeeded))
        .order(payments::id)
        .for_no_key_update()
        .select(PaymentRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Payment::try_from).collect()
}

/// At most `limit` payments whose gateway is to be queried by now, with ids above `after`, in the order of their ids.
pub fn to_resolve(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (now, items): (DateTime<Utc>, &[Uuid]),
) -> Result<Vec<Payment>, StorageError> {
    let rows: Vec<PaymentRow<'_>> = payments::table
        .filter(payments::tenant_id.eq(tenant_id).and(payments::next_check_at.le(now)))
        .filter(payments::id.eq_any(items))
        .order(payments::id)
        .select(PaymentRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Payment::try_from).collect()
}

/// The attempts at these invoices that have failed, the oldest first.
pub fn failed(tx: &mut Tx<'_>, tenant_id: TenantId, ids: &[InvoiceId]) -> Result<Vec<Payment>, StorageError> {
    let rows: Vec<PaymentRow<'_>> = payments::table
        .filter(payments::tenant_id.eq(tenant_id).and(payments::invoice_id.eq_any(ids)))
        .filter(payments::status.eq(Status::Failed))
        .order((payments::created_at, payments::id))
        .select(PaymentRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Payment::try_from).collect()
}

/// The attempts at this invoice that are under way.
pub fn under_way(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    invoice_id: InvoiceId,
) -> Result<Vec<PaymentId>, StorageError> {
    let of_invoice = payments::table
        .filter(payments::tenant_id.eq(tenant_id).and(payments::invoice_id.eq(invoice_id)))
        .filter(payments::status.eq(Status::Processing));
    Ok(of_invoice.order(payments::id).select(payments::id).load(tx.conn)?)
}

/// Whether an attempt at this invoice is under way.
pub fn is_under_way(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    invoice_id: InvoiceId,
) -> Result<bool, StorageError> {
    let under_way = payments::table
        .filter(payments::tenant_id.eq(tenant_id).and(payments::invoice_id.eq(invoice_id)))
        .filter(payments::status.eq(Status::Processing));
    Ok(diesel::select(diesel::dsl::exists(under_way)).get_result(tx.conn)?)
}

/// Has the gateway asked at once about an attempt at this invoice that waits for its payer: the invoice is not owed any more, so it is ended.
pub fn end_waiting(
    tx: &mut Tx<'_>,
    held: &Held,
    (invoice_id, now): (InvoiceId, DateTime<Utc>),
) -> Result<(), StorageError> {
    let waiting = payments::table
        .filter(payments::tenant_id.eq(held.tenant_id()).and(payments::invoice_id.eq(invoice_id)))
        .filter(payments::status.eq(Status::Processing).and(payments::action_url.is_not_null()));
    diesel::update(waiting).set(payments::next_check_at.eq(now)).execute(tx.conn)?;
    Ok(())
}

/// Writes what answers changed, in one statement. Their rows are locked, and have not succeeded.
pub fn save_outcomes(tx: &mut Tx<'_>, held: &Held, settled: &[Payment]) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    if settled.is_empty() {
        return Ok(());
    }
    let rows: Vec<PaymentRow<'_>> =
        settled.iter().map(|payment| PaymentRow::of(tenant_id, payment)).collect();
    diesel::sql_query(
        "UPDATE payments p SET status = s.status, decline_code = s.decline_code, reference = s.reference,
             amount_applied = s.amount_applied, resolved_at = s.resolved_at, next_check_at = s.next_check_at, checks = s.checks,
             amount_surplus = s.amount_surplus, action_url = s.action_url, decline_class = s.decline_class,
             network_code = s.network_code, advice_code = s.advice_code
         FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::timestamptz[], $8::timestamptz[], $9::smallint[],
                 $10::bigint[], $11::text[], $12::text[], $13::text[], $14::text[])
             AS s (id, status, decline_code, reference, amount_applied, resolved_at, next_check_at, checks, amount_surplus, action_url,
                 decline_class, network_code, advice_code)
         WHERE p.tenant_id = $1 AND p.id = s.id AND p.status <> 'succeeded'",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(rows.iter().map(|r| r.id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(rows.iter().map(|r| r.status).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|r| r.decline_code.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|r| r.reference.as_deref()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(rows.iter().map(|r| r.amount_applied).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(rows.iter().map(|r| r.resolved_at).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(rows.iter().map(|r| r.next_check_at).collect::<Vec<_>>())
    .bind::<Array<SmallInt>, _>(rows.iter().map(|r| r.checks).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(rows.iter().map(|r| r.amount_surplus).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|r| r.action_url.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|r| r.decline_class).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|r| r.network_code.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|r| r.advice_code.as_deref()).collect::<Vec<_>>())
    .execute(tx.conn)?;
    Ok(())
}
