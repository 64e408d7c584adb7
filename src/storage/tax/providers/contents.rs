//! What was issued, for a provider to hear? The buyer as it was printed, and what a credit note took back of each tax.

use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;

use crate::domain::customers::Buyer;
use crate::domain::ids::{CreditNoteId, CustomerId, InvoiceId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::storage::schema::{buyer_versions, credit_note_line_taxes as note_taxes};
use crate::storage::sql_types::{IdRow, Json};
use crate::storage::tax::NoteTax;
use crate::storage::{StorageError, Tx};

/// The details of a buyer in a version.
pub fn buyer(
    tx: &mut Tx<'_>,
    (tenant_id, customer_id): (TenantId, CustomerId),
    version: i32,
) -> Result<Option<Buyer>, StorageError> {
    let details: Option<Json<Buyer>> = buyer_versions::table
        .filter(buyer_versions::tenant_id.eq(tenant_id).and(buyer_versions::customer_id.eq(customer_id)))
        .filter(buyer_versions::version.eq(version))
        .select(buyer_versions::details)
        .first(tx.conn)
        .optional()?;
    Ok(details.map(|details| details.0))
}

/// The invoice whose day and place an invoice is taxed by: that which it takes the place of, and so on; its own where it takes no other's.
pub fn taxed_as(tx: &mut Tx<'_>, (tenant_id, id): (TenantId, InvoiceId)) -> Result<InvoiceId, StorageError> {
    let first: IdRow<InvoiceId> = diesel::sql_query(
        "WITH RECURSIVE chain AS (SELECT $2 AS id, 0 AS place \
             UNION ALL SELECT n.invoice_id, c.place + 1 FROM chain c JOIN credit_notes n ON n.tenant_id = $1 AND n.replacement_invoice_id = c.id) \
         SELECT id FROM chain ORDER BY place DESC LIMIT 1",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(id)
    .get_result(tx.conn)?;
    Ok(first.id)
}

/// What a credit note took back of taxes, in order.
pub fn note_taxes(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, CreditNoteId),
    currency: Currency,
) -> Result<Vec<NoteTax>, StorageError> {
    let rows: Vec<(i32, i16, i64, i64)> = note_taxes::table
        .filter(note_taxes::tenant_id.eq(tenant_id).and(note_taxes::credit_note_id.eq(id)))
        .order((note_taxes::line_no, note_taxes::tax_no))
        .select((note_taxes::line_no, note_taxes::tax_no, note_taxes::taxable, note_taxes::amount))
        .load(tx.conn)?;
    let money = |minor| Money::from_minor(minor, currency);
    let tax = |(line_no, tax_no, taxable, amount)| NoteTax {
        line_no,
        tax_no,
        taxable: money(taxable),
        amount: money(amount),
    };
    Ok(rows.into_iter().map(tax).collect())
}
