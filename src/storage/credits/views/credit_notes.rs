//! Which credit notes are there? Parts of all, filtered and sorted, and one whole.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::domain::credits::note::NoteLine;
use crate::domain::credits::notes::{CreditNote, Refund};
use crate::domain::ids::{CreditNoteId, CustomerId, TenantId};
use crate::domain::listing::{Part, Wanted};
use crate::domain::money::{Currency, Money};
use crate::storage::credits::credit_notes::{self as rows, NoteRow};
use crate::storage::credits::refunds::refunds_of;
use crate::storage::listing::{self, List, Reader, Slice, Totals};
use crate::storage::schema::{credit_notes as notes, customers};
use crate::storage::{StorageError, Thing, Tx, credits};

/// The note with this id, its lines and refunds.
pub fn find(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: CreditNoteId,
) -> Result<(CreditNote, Vec<NoteLine>, Vec<Refund>), StorageError> {
    let note = rows::find(tx, tenant_id, id)?;
    let lines = rows::lines_of(tx, tenant_id, (id, note.totals.total.currency()))?;
    let refunds = refunds_of(tx, tenant_id, id)?;
    Ok((note, lines, refunds))
}

/// How the list of credit notes is read.
const LIST: List = List {
    table: "credit_notes",
    fields: &[
        ("customer_id", "credit_notes.customer_id"),
        ("invoice_id", "credit_notes.invoice_id"),
        ("replacement_invoice_id", "credit_notes.replacement_invoice_id"),
        ("entity_id", "coalesce(credit_notes.entity_id, credit_notes.tenant_id)"),
        ("currency", "credit_notes.currency"),
        (
            "number",
            "(credit_notes.series, credit_notes.number) IN (SELECT s, n FROM unnest({series}, {numbers}) AS given (s, n))",
        ),
        ("issued_at", "credit_notes.issued_at"),
        ("subtotal", "credit_notes.subtotal"),
        ("discount_total", "credit_notes.discount_total"),
        ("tax_total", "credit_notes.tax_total"),
        ("tax_included_total", "credit_notes.tax_included_total"),
        ("total", "credit_notes.total"),
        ("to_invoice", "credit_notes.to_invoice"),
        ("to_credits", "credit_notes.to_credits"),
        ("to_balance", "credit_notes.to_balance"),
        ("to_refund", "credit_notes.to_refund"),
    ],
    orders: &[
        ("issued_at", &["credit_notes.issued_at"]),
        ("number", &["credit_notes.series", "credit_notes.number"]),
    ],
    sums: &[
        ("subtotal", "credit_notes.subtotal"),
        ("tax_total", "credit_notes.tax_total"),
        ("total", "credit_notes.total"),
        ("to_invoice", "credit_notes.to_invoice"),
        ("to_credits", "credit_notes.to_credits"),
        ("to_balance", "credit_notes.to_balance"),
        ("to_refund", "credit_notes.to_refund"),
    ],
};

/// A part of the notes.
pub fn list(
    tx: &mut Tx<'_>,
    reader: Reader,
    (wanted, part): (&Wanted, &Part),
) -> Result<Slice<CreditNote>, StorageError> {
    let query = notes::table
        .filter(notes::tenant_id.eq(reader.tenant_id))
        .select((NoteRow::as_select(), LIST.mark(wanted.order)?))
        .into_boxed();
    let rows: Vec<(NoteRow, Vec<String>)> = LIST.cut(query, reader, (wanted, part))?.load(tx.conn)?;
    LIST.slice((wanted.order, part), rows)?.try_map(|row| Ok(CreditNote::from(row)))
}

/// What notes come to.
pub fn totals(tx: &mut Tx<'_>, reader: Reader, wanted: &Wanted) -> Result<Vec<Totals>, StorageError> {
    listing::totals(tx, (&LIST, reader), wanted)
}

/// A customer's credit balance by currency.
pub fn balance(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    customer: CustomerId,
) -> Result<BTreeMap<Currency, Money>, StorageError> {
    let known = customers::table.find((tenant_id, customer));
    if !diesel::select(diesel::dsl::exists(known)).get_result(tx.conn)? {
        return Err(StorageError::not_found(Thing::Customer, customer));
    }
    credits::balances::of_customer(tx, tenant_id, customer)
}
