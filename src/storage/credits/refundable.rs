//! What can still go back of payments, and by which gateway? What they brought, and every refund there has been of it: one that failed
//! too, because a late yes may still follow it.
//!
//! 100.00 by card, 40.00 of them refunded by a credit note and 25.00 by a pay-out of the balance: 35.00.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};

use crate::domain::credits::notes::{Brought, Refundable};
use crate::domain::ids::{CustomerId, InvoiceId, PaymentId, TenantId};
use crate::domain::money::{Currency, Money, MoneyError};
use crate::domain::payments::OFFLINE;
use crate::storage::{StorageError, Tx};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: PaymentId,
    #[diesel(sql_type = Text)]
    gateway: String,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = BigInt)]
    amount_applied: i64,
    #[diesel(sql_type = BigInt)]
    amount_surplus: i64,
    #[diesel(sql_type = BigInt)]
    noted: i64,
    #[diesel(sql_type = BigInt)]
    paid_out: i64,
    #[diesel(sql_type = BigInt)]
    elsewhere: i64,
    #[diesel(sql_type = BigInt)]
    disputed: i64,
}

impl Row {
    fn brought(&self, currency: Currency) -> Brought {
        let money = |minor| Money::from_minor(minor, currency);
        Brought {
            amount: money(self.amount),
            applied: money(self.amount_applied),
            surplus: money(self.amount_surplus),
            noted: money(self.noted),
            paid_out: money(self.paid_out),
            elsewhere: money(self.elsewhere),
            disputed: money(self.disputed),
        }
    }
}

/// Payments that succeeded, the newest first, with what notes and pay-outs gave back of them.
macro_rules! payments_where {
    ($which:literal) => {
        concat!(
            "SELECT p.id, p.gateway, p.amount, p.amount_applied, p.amount_surplus, noted, paid_out, elsewhere, disputed \
             FROM payments p CROSS JOIN LATERAL (SELECT coalesce(sum(r.amount) FILTER (WHERE r.credit_note_id IS NOT NULL), 0)::bigint AS noted, \
                 coalesce(sum(r.amount) FILTER (WHERE r.pay_out_id IS NOT NULL), 0)::bigint AS paid_out, \
                 coalesce(sum(r.amount) FILTER (WHERE r.elsewhere AND r.status <> 'failed'), 0)::bigint AS elsewhere \
                 FROM refunds r WHERE r.tenant_id = p.tenant_id AND r.payment_id = p.id) back \
             CROSS JOIN LATERAL (SELECT coalesce(sum(d.amount), 0)::bigint AS disputed FROM disputes d \
                 WHERE d.tenant_id = p.tenant_id AND d.payment_id = p.id AND (d.place <> 'ours' OR d.status IN ('needs_response', 'under_review'))) taken \
             WHERE p.tenant_id = $1 AND p.status = 'succeeded' AND ",
            $which,
            " ORDER BY p.id DESC"
        )
    };
}

/// Of what an invoice was paid with, the newest first.
pub fn of_invoice(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (invoice, currency): (InvoiceId, Currency),
) -> Result<Vec<Refundable>, StorageError> {
    let rows: Vec<Row> = diesel::sql_query(payments_where!("p.invoice_id = $2"))
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<SqlUuid, _>(invoice)
        .load(tx.conn)?;
    refundable(rows, currency, Brought::left_for_its_invoice)
}

/// Of all that a customer paid through gateways, the newest first.
pub fn of_customer(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (customer, currency): (CustomerId, Currency),
) -> Result<Vec<Refundable>, StorageError> {
    let rows: Vec<Row> =
        diesel::sql_query(payments_where!("p.customer_id = $2 AND p.currency = $3 AND p.gateway <> $4"))
            .bind::<SqlUuid, _>(tenant_id)
            .bind::<SqlUuid, _>(customer)
            .bind::<Text, _>(currency)
            .bind::<Text, _>(OFFLINE)
            .load(tx.conn)?;
    refundable(rows, currency, Brought::left)
}

/// Those of which something is left.
fn refundable(
    rows: Vec<Row>,
    currency: Currency,
    left: impl Fn(&Brought) -> Result<Money, MoneyError>,
) -> Result<Vec<Refundable>, StorageError> {
    let one = |row: Row| match left(&row.brought(currency)) {
        Ok(most) if !most.is_positive() => None,
        Ok(most) => Some(Ok(Refundable { payment_id: row.id, gateway: row.gateway, most })),
        Err(error) => Some(Err(StorageError::unreadable("payment", error))),
    };
    rows.into_iter().filter_map(one).collect()
}
