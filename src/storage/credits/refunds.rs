//! How are refunds kept? Rows that are only ever added, and of which only the outcome changes.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::domain::credits::notes::{Refund, RefundOrigin, RefundState, RefundStatus};
use crate::domain::ids::{CreditNoteId, CustomerId, PayOutId, PaymentId, RefundId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::storage::customers::Held;
use crate::storage::payments::claims::Claim;
use crate::storage::schema::refunds;
use crate::storage::{Found, StorageError, Thing, Tx};

/// A refund as its row holds it; views read it too.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = refunds, treat_none_as_default_value = false)]
pub(in crate::storage) struct RefundRow {
    tenant_id: TenantId,
    id: RefundId,
    customer_id: CustomerId,
    credit_note_id: Option<CreditNoteId>,
    payment_id: PaymentId,
    gateway: String,
    amount: i64,
    currency: Currency,
    status: RefundStatus,
    reference: Option<String>,
    failure_code: Option<String>,
    created_at: DateTime<Utc>,
    resolved_at: Option<DateTime<Utc>>,
    next_attempt_at: Option<DateTime<Utc>>,
    pay_out_id: Option<PayOutId>,
    elsewhere: bool,
}

impl RefundRow {
    fn of(tenant_id: TenantId, refund: &Refund) -> RefundRow {
        let (reference, failure_code, resolved_at, next_attempt_at) = match &refund.state {
            RefundState::Pending { next_attempt_at } => (None, None, None, Some(*next_attempt_at)),
            RefundState::Succeeded { reference, at } => (reference.clone(), None, Some(*at), None),
            RefundState::Failed { code, at } => (None, Some(code.clone()), Some(*at), None),
        };
        RefundRow {
            tenant_id,
            id: refund.id,
            customer_id: refund.customer_id,
            credit_note_id: refund.origin.credit_note_id(),
            payment_id: refund.payment_id,
            gateway: refund.gateway.clone(),
            amount: refund.amount.minor(),
            currency: refund.amount.currency(),
            status: RefundStatus::from(&refund.state),
            reference,
            failure_code,
            created_at: refund.created_at,
            resolved_at,
            next_attempt_at,
            pay_out_id: refund.origin.pay_out_id(),
            elsewhere: refund.origin == RefundOrigin::Elsewhere,
        }
    }
}

impl TryFrom<RefundRow> for Refund {
    type Error = StorageError;

    fn try_from(row: RefundRow) -> Result<Refund, StorageError> {
        let state = match (row.status, row.resolved_at, row.next_attempt_at) {
            (RefundStatus::Pending, _, Some(next_attempt_at)) => RefundState::Pending { next_attempt_at },
            (RefundStatus::Succeeded, Some(at), _) => RefundState::Succeeded { reference: row.reference, at },
            (RefundStatus::Failed, Some(at), _) => {
                RefundState::Failed { code: row.failure_code.unwrap_or_default(), at }
            }
            (status, ..) => {
                let detail = format!("one that is {} has no date of that", status.into_str());
                return Err(StorageError::unreadable("refund", detail));
            }
        };
        let origin = match (row.credit_note_id, row.pay_out_id) {
            (Some(note), _) => RefundOrigin::CreditNote(note),
            (None, Some(pay_out)) => RefundOrigin::PayOut(pay_out),
            (None, None) if row.elsewhere => RefundOrigin::Elsewhere,
            (None, None) => RefundOrigin::Surplus,
        };
        Ok(Refund {
            id: row.id,
            customer_id: row.customer_id,
            origin,
            payment_id: row.payment_id,
            gateway: row.gateway,
            amount: Money::from_minor(row.amount, row.currency),
            state,
            created_at: row.created_at,
        })
    }
}

/// Adds refunds.
pub fn insert_refunds(tx: &mut Tx<'_>, held: &Held, added: &[Refund]) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    if added.is_empty() {
        return Ok(());
    }
    let rows: Vec<RefundRow> = added.iter().map(|refund| RefundRow::of(tenant_id, refund)).collect();
    diesel::copy_from(refunds::table).from_insertable(&rows).execute(tx.conn)?;
    Ok(())
}

/// Writes the outcome of a refund.
pub fn save_refund(tx: &mut Tx<'_>, tenant_id: TenantId, refund: &Refund) -> Result<(), StorageError> {
    let row = RefundRow::of(tenant_id, refund);
    diesel::update(refunds::table.find((row.tenant_id, row.id)))
        .set((
            refunds::status.eq(row.status),
            // What has a name keeps it.
            row.reference.map(|reference| refunds::reference.eq(reference)),
            refunds::failure_code.eq(row.failure_code),
            refunds::resolved_at.eq(row.resolved_at),
            refunds::next_attempt_at.eq(row.next_attempt_at),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The refund with this id.
pub fn find_refund(tx: &mut Tx<'_>, tenant_id: TenantId, id: RefundId) -> Result<Refund, StorageError> {
    let row: RefundRow = refunds::table
        .find((tenant_id, id))
        .select(RefundRow::as_select())
        .first(tx.conn)
        .found(Thing::Refund, id)?;
    row.try_into()
}

/// The refunds of a note.
pub fn refunds_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    note: CreditNoteId,
) -> Result<Vec<Refund>, StorageError> {
    let rows: Vec<RefundRow> = refunds::table
        .filter(refunds::tenant_id.eq(tenant_id).and(refunds::credit_note_id.eq(note)))
        .order(refunds::id)
        .select(RefundRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Refund::try_from).collect()
}

/// The refunds of a payment with the names that its gateway gave them, the oldest first.
pub fn of_payment(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    payment_id: PaymentId,
) -> Result<Vec<(Refund, Option<String>)>, StorageError> {
    let rows: Vec<RefundRow> = refunds::table
        .filter(refunds::tenant_id.eq(tenant_id).and(refunds::payment_id.eq(payment_id)))
        .order(refunds::id)
        .select(RefundRow::as_select())
        .load(tx.conn)?;
    let named = |row: RefundRow| {
        let reference = row.reference.clone();
        Ok((row.try_into()?, reference))
    };
    rows.into_iter().map(named).collect()
}

/// The payment of the refund that a gateway calls so.
pub fn payment_of_reference(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    reference: &str,
) -> Result<Option<PaymentId>, StorageError> {
    let named = refunds::table.filter(refunds::tenant_id.eq(tenant_id).and(refunds::reference.eq(reference)));
    Ok(named.select(refunds::payment_id).first(tx.conn).optional()?)
}

/// At most `limit` refunds to be made by `now`, locked, without those that another transaction holds.
pub fn refunds_due(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (now, items): (DateTime<Utc>, &[Uuid]),
) -> Result<Vec<Refund>, StorageError> {
    let rows: Vec<RefundRow> = refunds::table
        .filter(refunds::tenant_id.eq(tenant_id).and(refunds::next_attempt_at.le(now)))
        .filter(refunds::id.eq_any(items))
        .order(refunds::next_attempt_at)
        .for_no_key_update()
        .skip_locked()
        .select(RefundRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Refund::try_from).collect()
}

/// Makes one that is on its way due now.
pub fn refund_due(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, RefundId),
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let waiting = refunds::table.find((tenant_id, id)).filter(refunds::next_attempt_at.gt(now));
    diesel::update(waiting).set(refunds::next_attempt_at.eq(now)).execute(tx.conn)?;
    Ok(())
}

/// Notes that refunds are called for under this claim until then, when another process takes them over.
pub fn hold_refunds(
    tx: &mut Tx<'_>,
    claim: Claim,
    ids: &[RefundId],
    until: DateTime<Utc>,
) -> Result<(), StorageError> {
    let these = refunds::tenant_id.eq(claim.tenant_id).and(refunds::id.eq_any(ids));
    diesel::update(refunds::table.filter(these))
        .set((refunds::next_attempt_at.eq(until), refunds::claim_id.eq(claim.id)))
        .execute(tx.conn)?;
    Ok(())
}
