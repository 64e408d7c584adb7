//! What became of a tenant's retries? The newest 5,000 that policies had made, each with the decline before it; and the attempts at invoices whose
//! first one failed.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::domain::ids::{CustomerId, InvoiceId, PaymentMethodId, TenantId};
use crate::domain::money::Currency;
use crate::domain::payments::declines::Class;
use crate::domain::payments::retries::forecast::Retry;
use crate::storage::{StorageError, Tx};

#[derive(QueryableByName)]
struct RetryRow {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Nullable<Text>)]
    brand: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    country: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    paid: bool,
}

/// The newest retries of which it is known what became of them.
pub fn retries_made(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Vec<Retry>, StorageError> {
    let rows: Vec<RetryRow> = diesel::sql_query(
        "SELECT b.decline_code AS code, lower(m.brand) AS brand, v.details->'address'->>'country' AS country, p.created_at AS at,
             p.status = 'succeeded' AS paid
         FROM (SELECT * FROM payments WHERE tenant_id = $1 AND reason LIKE 'retry_step%' AND status IN ('succeeded', 'failed')
             ORDER BY created_at DESC LIMIT 5000) p
         CROSS JOIN LATERAL (SELECT f.decline_code FROM payments f WHERE f.tenant_id = $1 AND f.invoice_id = p.invoice_id
             AND f.status = 'failed' AND f.created_at < p.created_at ORDER BY f.created_at DESC LIMIT 1) b
         LEFT JOIN payment_methods m ON m.tenant_id = $1 AND m.id = p.payment_method_id
         LEFT JOIN customers c ON c.tenant_id = $1 AND c.id = p.customer_id
         LEFT JOIN buyer_versions v ON v.tenant_id = $1 AND v.customer_id = c.id AND v.version = c.version
         WHERE b.decline_code IS NOT NULL",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .load(tx.conn)?;
    let retry = |row: RetryRow| Retry {
        code: row.code,
        brand: row.brand,
        country: row.country,
        at: row.at,
        paid: row.paid,
    };
    Ok(rows.into_iter().map(retry).collect())
}

/// Where these customers are, as far as that is known.
pub fn countries_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[CustomerId],
) -> Result<HashMap<CustomerId, String>, StorageError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: CustomerId,
        #[diesel(sql_type = Text)]
        country: String,
    }
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT c.id, v.details->'address'->>'country' AS country FROM customers c
         JOIN buyer_versions v ON v.tenant_id = $1 AND v.customer_id = c.id AND v.version = c.version
         WHERE c.tenant_id = $1 AND c.id = ANY ($2) AND v.details->'address'->>'country' IS NOT NULL",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(ids)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row.country)).collect())
}

/// An attempt at an invoice as it was made.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Made {
    #[diesel(sql_type = SqlUuid)]
    pub invoice_id: InvoiceId,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    pub paid: bool,
    #[diesel(sql_type = Nullable<Text>)]
    pub decline_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub decline_class: Option<Class>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub method_id: Option<PaymentMethodId>,
    #[diesel(sql_type = Text)]
    pub gateway: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub brand: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub country: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub amount: i64,
    #[diesel(sql_type = Text)]
    pub currency: Currency,
}

/// Attempts at the newest invoices, so many at most, of which one failed in a range; by invoice, the oldest first.
pub fn attempts_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    limit: i64,
) -> Result<Vec<Made>, StorageError> {
    Ok(diesel::sql_query(
        "SELECT p.invoice_id, p.created_at AS at, p.status = 'succeeded' AS paid, p.decline_code, p.decline_class, p.payment_method_id AS method_id,
             p.gateway, lower(m.brand) AS brand, v.details->'address'->>'country' AS country, p.amount, p.currency
         FROM (SELECT DISTINCT invoice_id FROM payments WHERE tenant_id = $1 AND status = 'failed' AND invoice_id IS NOT NULL
             AND created_at >= $2 AND created_at < $3 ORDER BY invoice_id DESC LIMIT $4) i
         JOIN payments p ON p.tenant_id = $1 AND p.invoice_id = i.invoice_id
         LEFT JOIN payment_methods m ON m.tenant_id = $1 AND m.id = p.payment_method_id
         LEFT JOIN customers c ON c.tenant_id = $1 AND c.id = p.customer_id
         LEFT JOIN buyer_versions v ON v.tenant_id = $1 AND v.customer_id = c.id AND v.version = c.version
         WHERE p.status IN ('succeeded', 'failed') AND p.payment_method_id IS NOT NULL
             AND p.decline_code IS DISTINCT FROM 'never_reached_gateway' AND p.decline_code IS DISTINCT FROM 'gateway_not_configured'
         ORDER BY p.invoice_id, p.created_at, p.id",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(to)
    .bind::<BigInt, _>(limit)
    .load(tx.conn)?)
}
