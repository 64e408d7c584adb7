//! What can still go back of payments, and by which gateway? What they brought, less every refund there has been of it: one that failed
//! too, because a late yes may still follow it.
//!
//! 100.00 by card, 40.00 of them refunded by a credit note and 25.00 by a pay-out of the balance: 35.00.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};

use crate::domain::credits::notes::Refundable;
use crate::domain::ids::{CustomerId, InvoiceId, PaymentId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::domain::payments::OFFLINE;
use crate::storage::{StorageError, Tx};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: PaymentId,
    #[diesel(sql_type = Text)]
    gateway: String,
    #[diesel(sql_type = BigInt)]
    most: i64,
}

impl Row {
    fn in_currency(self, currency: Currency) -> Refundable {
        Refundable {
            payment_id: self.id,
            gateway: self.gateway,
            most: Money::from_minor(self.most, currency),
        }
    }
}

/// Payments that succeeded, with what notes and pay-outs gave back of them. A surplus was never anybody's to give back but by itself.
macro_rules! payments_where {
    ($most:literal, $which:literal) => {
        concat!(
            "SELECT id, gateway, most FROM (SELECT p.id, p.gateway, ",
            $most,
            " AS most FROM payments p CROSS JOIN LATERAL (SELECT coalesce(sum(r.amount) FILTER (WHERE r.credit_note_id IS NOT NULL), 0)::bigint AS noted, \
                 coalesce(sum(r.amount) FILTER (WHERE r.pay_out_id IS NOT NULL), 0)::bigint AS paid_out \
                 FROM refunds r WHERE r.tenant_id = p.tenant_id AND r.payment_id = p.id) back \
             WHERE p.tenant_id = $1 AND p.status = 'succeeded' AND ",
            $which,
            ") found WHERE most > 0 ORDER BY id DESC"
        )
    };
}

/// Of what an invoice was paid with, the newest first.
pub fn of_invoice(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (invoice, currency): (InvoiceId, Currency),
) -> Result<Vec<Refundable>, StorageError> {
    let rows: Vec<Row> = diesel::sql_query(payments_where!(
        "least(p.amount_applied - noted, p.amount - p.amount_surplus - noted - paid_out)",
        "p.invoice_id = $2"
    ))
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(invoice)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.in_currency(currency)).collect())
}

/// Of all that a customer paid through gateways, the newest first.
pub fn of_customer(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (customer, currency): (CustomerId, Currency),
) -> Result<Vec<Refundable>, StorageError> {
    let rows: Vec<Row> = diesel::sql_query(payments_where!(
        "p.amount - p.amount_surplus - noted - paid_out",
        "p.customer_id = $2 AND p.currency = $3 AND p.gateway <> $4"
    ))
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(customer)
    .bind::<Text, _>(currency)
    .bind::<Text, _>(OFFLINE)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.in_currency(currency)).collect())
}
