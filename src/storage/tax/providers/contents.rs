//! What was issued, for a provider to hear? The buyer as it was printed, and what a credit note took back of each tax.

use diesel::prelude::*;

use crate::domain::customers::Buyer;
use crate::domain::ids::{CreditNoteId, CustomerId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::storage::schema::{buyer_versions, credit_note_line_taxes as note_taxes};
use crate::storage::sql_types::Json;
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
