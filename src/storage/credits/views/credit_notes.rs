//! Which credit notes are there? Pages of them, and one whole.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::domain::credits::note::NoteLine;
use crate::domain::credits::notes::{CreditNote, Refund};
use crate::domain::ids::{CreditNoteId, CustomerId, InvoiceId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::storage::credits::credit_notes::{self as rows, NoteRow};
use crate::storage::credits::refunds::refunds_of;
use crate::storage::keyset::{Keyset, Slice, keyset_query};
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

/// A page of notes.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (customer, invoice): (Option<CustomerId>, Option<InvoiceId>),
    keyset: &Keyset,
) -> Result<Slice<CreditNote>, StorageError> {
    let mut query =
        notes::table.filter(notes::tenant_id.eq(tenant_id)).select(NoteRow::as_select()).into_boxed();
    if let Some(customer) = customer {
        query = query.filter(notes::customer_id.eq(customer));
    }
    if let Some(invoice) = invoice {
        query = query.filter(notes::invoice_id.eq(invoice));
    }
    let found: Vec<NoteRow> = keyset_query!(query, notes::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(found).map(CreditNote::from))
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
