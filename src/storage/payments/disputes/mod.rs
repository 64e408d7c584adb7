//! Which payments are disputed? A row a dispute, as its gateway showed it last; beside it what an issuer takes for fraud, which payments are asked
//! about again, and what a tenant has said.

pub mod views;
pub mod watches;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::domain::ids::{
    CustomerId, DisputeId, FraudWarningId, GatewayAccountId, InvoiceId, PaymentId, PaymentMethodId, TenantId,
};
use crate::domain::money::{Currency, Money};
use crate::domain::payments::disputes::policy::{Invoice, OnWarning, Policy, Subscription};
use crate::domain::payments::disputes::{Action, Dispute, FraudWarning, Kind, Place, Status};
use crate::storage::customers::Held;
use crate::storage::schema::{dispute_settings, disputes as table, fraud_warnings};
use crate::storage::{StorageError, Tx};

/// A dispute as its row holds it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true)]
struct DisputeRow {
    tenant_id: TenantId,
    id: DisputeId,
    customer_id: CustomerId,
    payment_id: PaymentId,
    gateway: String,
    gateway_account_id: Option<GatewayAccountId>,
    reference: String,
    reason: String,
    amount: i64,
    fee: i64,
    reopened: i64,
    currency: Currency,
    status: Status,
    place: Place,
    evidence_due_by: Option<DateTime<Utc>>,
    opened_at: DateTime<Utc>,
    closed_at: Option<DateTime<Utc>>,
    kind: Kind,
    from_balance: i64,
}

impl From<DisputeRow> for Dispute {
    fn from(row: DisputeRow) -> Dispute {
        let money = |minor| Money::from_minor(minor, row.currency);
        Dispute {
            kind: row.kind,
            id: row.id,
            customer_id: row.customer_id,
            payment_id: row.payment_id,
            gateway: row.gateway,
            gateway_account_id: row.gateway_account_id,
            reference: row.reference,
            reason: row.reason,
            amount: money(row.amount),
            fee: money(row.fee),
            reopened: money(row.reopened),
            from_balance: money(row.from_balance),
            status: row.status,
            place: row.place,
            evidence_due_by: row.evidence_due_by,
            opened_at: row.opened_at,
            closed_at: row.closed_at,
        }
    }
}

fn row(tenant_id: TenantId, dispute: &Dispute) -> DisputeRow {
    DisputeRow {
        kind: dispute.kind,
        tenant_id,
        id: dispute.id,
        customer_id: dispute.customer_id,
        payment_id: dispute.payment_id,
        gateway: dispute.gateway.clone(),
        gateway_account_id: dispute.gateway_account_id,
        reference: dispute.reference.clone(),
        reason: dispute.reason.clone(),
        amount: dispute.amount.minor(),
        fee: dispute.fee.minor(),
        reopened: dispute.reopened.minor(),
        from_balance: dispute.from_balance.minor(),
        currency: dispute.amount.currency(),
        status: dispute.status,
        place: dispute.place,
        evidence_due_by: dispute.evidence_due_by,
        opened_at: dispute.opened_at,
        closed_at: dispute.closed_at,
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = fraud_warnings)]
struct WarningRow {
    tenant_id: TenantId,
    id: FraudWarningId,
    customer_id: CustomerId,
    payment_id: PaymentId,
    gateway_account_id: Option<GatewayAccountId>,
    reference: String,
    kind: String,
    action: Action,
    warned_at: DateTime<Utc>,
}

impl From<WarningRow> for FraudWarning {
    fn from(row: WarningRow) -> FraudWarning {
        FraudWarning {
            id: row.id,
            customer_id: row.customer_id,
            payment_id: row.payment_id,
            gateway_account_id: row.gateway_account_id,
            reference: row.reference,
            kind: row.kind,
            action: row.action,
            warned_at: row.warned_at,
        }
    }
}

/// The disputes of a payment. Its customer is locked.
pub fn of_payment(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    payment_id: PaymentId,
) -> Result<Vec<Dispute>, StorageError> {
    let rows: Vec<DisputeRow> = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::payment_id.eq(payment_id)))
        .order(table::id)
        .select(DisputeRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(Dispute::from).collect())
}

/// A debit that had come, and that the bank was late to refuse.
#[derive(Debug, Clone, QueryableByName)]
pub struct LateFailure {
    #[diesel(sql_type = SqlUuid)]
    pub invoice_id: InvoiceId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub method_id: Option<PaymentMethodId>,
    #[diesel(sql_type = Text)]
    pub gateway: String,
    #[diesel(sql_type = Text)]
    pub reason: String,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
}

/// Those of these invoices.
pub fn late_failures(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[InvoiceId],
) -> Result<Vec<LateFailure>, StorageError> {
    let any = table::table.filter(table::tenant_id.eq(tenant_id).and(table::kind.eq(Kind::Failure)));
    if ids.is_empty() || !diesel::select(diesel::dsl::exists(any)).get_result::<bool>(tx.conn)? {
        return Ok(Vec::new());
    }
    Ok(diesel::sql_query(
        "SELECT p.invoice_id, p.payment_method_id AS method_id, d.gateway, d.reason, d.closed_at AS at \
         FROM payments p JOIN disputes d ON d.tenant_id = $1 AND d.payment_id = p.id \
         WHERE p.tenant_id = $1 AND p.invoice_id = ANY($2) AND d.kind = 'failure' AND d.status = 'lost' ORDER BY d.closed_at, d.id",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(ids)
    .load(tx.conn)?)
}

/// Writes one, new or as it stands now.
pub fn save(tx: &mut Tx<'_>, held: &Held, dispute: &Dispute) -> Result<(), StorageError> {
    let row = row(held.tenant_id(), dispute);
    diesel::insert_into(table::table)
        .values(&row)
        .on_conflict((table::tenant_id, table::id))
        .do_update()
        .set(&row)
        .execute(tx.conn)?;
    Ok(())
}

/// Stores a warning; `false`: it is there already.
pub fn insert_warning(tx: &mut Tx<'_>, held: &Held, warning: &FraudWarning) -> Result<bool, StorageError> {
    let row = WarningRow {
        tenant_id: held.tenant_id(),
        id: warning.id,
        customer_id: warning.customer_id,
        payment_id: warning.payment_id,
        gateway_account_id: warning.gateway_account_id,
        reference: warning.reference.clone(),
        kind: warning.kind.clone(),
        action: warning.action,
        warned_at: warning.warned_at,
    };
    let stored = diesel::insert_into(fraud_warnings::table)
        .values(row)
        .on_conflict((fraud_warnings::tenant_id, fraud_warnings::payment_id, fraud_warnings::reference))
        .do_nothing()
        .execute(tx.conn)?;
    Ok(stored == 1)
}

/// Notes of a payment method whether a payment by it is disputed now.
pub fn mark_method(tx: &mut Tx<'_>, held: &Held, id: PaymentMethodId) -> Result<(), StorageError> {
    diesel::sql_query(
        "UPDATE payment_methods m SET disputed = EXISTS (SELECT 1 FROM disputes d JOIN payments p ON p.tenant_id = d.tenant_id AND p.id = d.payment_id \
             WHERE d.tenant_id = $1 AND p.payment_method_id = m.id AND d.status IN ('needs_response', 'under_review')) \
         WHERE m.tenant_id = $1 AND m.id = $2",
    )
    .bind::<SqlUuid, _>(held.tenant_id())
    .bind::<SqlUuid, _>(id)
    .execute(tx.conn)?;
    Ok(())
}

/// Makes due now what waited for a payment method of a customer that is disputed no more, however that ended. What is owed again after a dispute was lost waits on.
pub fn go_on(
    tx: &mut Tx<'_>,
    held: &Held,
    (customer_id, now): (CustomerId, DateTime<Utc>),
) -> Result<(), StorageError> {
    diesel::sql_query(
        "UPDATE invoices i SET next_attempt_at = $3 WHERE i.tenant_id = $1 AND i.customer_id = $2 AND i.status = 'open' \
         AND i.collection = 'automatic' AND i.next_attempt_at IS NULL AND NOT EXISTS (SELECT 1 FROM payments p LEFT JOIN disputes d \
             ON d.tenant_id = p.tenant_id AND d.payment_id = p.id WHERE p.tenant_id = $1 AND p.invoice_id = i.id \
             AND (p.status = 'processing' OR d.reopened > 0)) \
         AND NOT EXISTS (SELECT 1 FROM invoice_retries r WHERE r.tenant_id = $1 AND r.invoice_id = i.id \
             AND r.stopped IN ('exhausted', 'not_asked', 'not_reached'))",
    )
    .bind::<SqlUuid, _>(held.tenant_id())
    .bind::<SqlUuid, _>(customer_id)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn)?;
    Ok(())
}

/// What a tenant has said of disputes.
pub fn policy(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Policy, StorageError> {
    use dispute_settings as s;
    let row: Option<(Invoice, Subscription, OnWarning)> = s::table
        .find(tenant_id)
        .select((s::invoice, s::subscription, s::fraud_warning))
        .first(tx.conn)
        .optional()?;
    Ok(row.map_or_else(Policy::default, |(invoice, subscription, fraud_warning)| Policy {
        invoice,
        subscription,
        fraud_warning,
    }))
}

/// Writes it.
pub fn set_policy(tx: &mut Tx<'_>, tenant_id: TenantId, policy: Policy) -> Result<(), StorageError> {
    use dispute_settings as s;
    let said = (
        s::invoice.eq(policy.invoice),
        s::subscription.eq(policy.subscription),
        s::fraud_warning.eq(policy.fraud_warning),
    );
    diesel::insert_into(s::table)
        .values((s::tenant_id.eq(tenant_id), said))
        .on_conflict(s::tenant_id)
        .do_update()
        .set(said)
        .execute(tx.conn)?;
    Ok(())
}
