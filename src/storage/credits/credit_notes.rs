//! How are credit notes kept? Rows that are only ever added.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Uuid as SqlUuid};

use crate::domain::credits::note::{Destination, NoteLine, Taken};
use crate::domain::credits::notes::CreditNote;
use crate::domain::ids::{CreditNoteId, CustomerId, EntityId, InvoiceId, TenantId};
use crate::domain::invoicing::{Number, Totals};
use crate::domain::money::{Currency, Money};
use crate::storage::customers::Held;
use crate::storage::schema::{credit_note_lines as lines, credit_notes as notes};
use crate::storage::{Found, StorageError, Thing, Tx};

/// A note as its row holds it; views read it too.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = notes, treat_none_as_default_value = false)]
pub(in crate::storage) struct NoteRow {
    tenant_id: TenantId,
    id: CreditNoteId,
    customer_id: CustomerId,
    invoice_id: InvoiceId,
    series: String,
    number: i64,
    currency: Currency,
    reason: String,
    subtotal: i64,
    discount_total: i64,
    tax_total: i64,
    total: i64,
    to_invoice: i64,
    to_credits: i64,
    to_balance: i64,
    to_refund: i64,
    replacement_invoice_id: Option<InvoiceId>,
    issued_at: DateTime<Utc>,
    tax_included_total: i64,
    entity_id: Option<EntityId>,
}

impl From<NoteRow> for CreditNote {
    fn from(row: NoteRow) -> CreditNote {
        let money = |minor| Money::from_minor(minor, row.currency);
        CreditNote {
            id: row.id,
            customer_id: row.customer_id,
            entity_id: row.entity_id.unwrap_or(EntityId::first_of(row.tenant_id)),
            invoice_id: row.invoice_id,
            number: Number { series: row.series.into(), number: row.number },
            reason: row.reason,
            totals: Totals {
                subtotal: money(row.subtotal),
                discount_total: money(row.discount_total),
                tax_total: money(row.tax_total),
                tax_included_total: money(row.tax_included_total),
                total: money(row.total),
            },
            to: Destination {
                invoice: money(row.to_invoice),
                credits: money(row.to_credits),
                balance: money(row.to_balance),
                refund: money(row.to_refund),
            },
            replacement_invoice_id: row.replacement_invoice_id,
            issued_at: row.issued_at,
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = lines, treat_none_as_default_value = false)]
struct LineRow {
    tenant_id: TenantId,
    credit_note_id: CreditNoteId,
    line_no: i32,
    invoice_line_no: i32,
    amount: i64,
    discount: i64,
    tax: i64,
    deferred: bool,
    description: String,
    tax_included: i64,
}

/// Adds a note with its lines.
pub fn insert(
    tx: &mut Tx<'_>,
    held: &Held,
    note: &CreditNote,
    taken: &[NoteLine],
) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let row = NoteRow {
        tenant_id,
        id: note.id,
        customer_id: note.customer_id,
        invoice_id: note.invoice_id,
        series: note.number.series.to_string(),
        number: note.number.number,
        currency: note.totals.total.currency(),
        reason: note.reason.clone(),
        subtotal: note.totals.subtotal.minor(),
        discount_total: note.totals.discount_total.minor(),
        tax_total: note.totals.tax_total.minor(),
        total: note.totals.total.minor(),
        to_invoice: note.to.invoice.minor(),
        to_credits: note.to.credits.minor(),
        to_balance: note.to.balance.minor(),
        to_refund: note.to.refund.minor(),
        replacement_invoice_id: note.replacement_invoice_id,
        issued_at: note.issued_at,
        tax_included_total: note.totals.tax_included_total.minor(),
        entity_id: Some(note.entity_id),
    };
    diesel::insert_into(notes::table).values(row).execute(tx.conn)?;
    let rows: Vec<LineRow> = taken
        .iter()
        .zip(1_i32..)
        .map(|(line, line_no)| LineRow {
            tenant_id,
            credit_note_id: note.id,
            line_no,
            invoice_line_no: line.invoice_line_no,
            amount: line.taken.amount.minor(),
            discount: line.taken.discount.minor(),
            tax: line.taken.tax.minor(),
            deferred: line.deferred,
            description: line.description.to_string(),
            tax_included: line.taken.tax_included.minor(),
        })
        .collect();
    diesel::copy_from(lines::table).from_insertable(&rows).execute(tx.conn)?;
    Ok(())
}

/// The note with this id.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: CreditNoteId) -> Result<CreditNote, StorageError> {
    let row: NoteRow = notes::table
        .find((tenant_id, id))
        .select(NoteRow::as_select())
        .first(tx.conn)
        .found(Thing::CreditNote, id)?;
    Ok(row.into())
}

/// Whether anything was credited of an invoice.
pub fn is_credited(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    invoice_id: InvoiceId,
) -> Result<bool, StorageError> {
    let of_invoice =
        notes::table.filter(notes::tenant_id.eq(tenant_id).and(notes::invoice_id.eq(invoice_id)));
    Ok(diesel::select(diesel::dsl::exists(of_invoice)).get_result(tx.conn)?)
}

/// The lines of a note.
pub fn lines_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (id, currency): (CreditNoteId, Currency),
) -> Result<Vec<NoteLine>, StorageError> {
    let rows: Vec<LineRow> = lines::table
        .filter(lines::tenant_id.eq(tenant_id).and(lines::credit_note_id.eq(id)))
        .order(lines::line_no)
        .select(LineRow::as_select())
        .load(tx.conn)?;
    let money = |minor| Money::from_minor(minor, currency);
    Ok(rows
        .into_iter()
        .map(|row| NoteLine {
            invoice_line_no: row.invoice_line_no,
            taken: Taken {
                amount: money(row.amount),
                discount: money(row.discount),
                tax: money(row.tax),
                tax_included: money(row.tax_included),
            },
            deferred: row.deferred,
            description: row.description.into(),
        })
        .collect())
}

/// What the notes of an invoice took back so far: by line, and in money.
#[derive(Debug, Clone)]
pub struct Before {
    pub by_line: HashMap<i32, Taken>,
    /// Whether one of them came with an invoice in its place.
    pub is_replaced: bool,
    pub money_back: Money,
}

/// What the notes of a locked invoice took back so far.
pub fn before(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (invoice, currency): (InvoiceId, Currency),
) -> Result<Before, StorageError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        line_no: i32,
        #[diesel(sql_type = BigInt)]
        amount: i64,
        #[diesel(sql_type = BigInt)]
        discount: i64,
        #[diesel(sql_type = BigInt)]
        tax: i64,
        #[diesel(sql_type = BigInt)]
        tax_included: i64,
    }
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT l.invoice_line_no AS line_no, sum(l.amount)::bigint AS amount, sum(l.discount)::bigint AS discount, sum(l.tax)::bigint AS tax, \
             sum(l.tax_included)::bigint AS tax_included \
         FROM credit_notes n JOIN credit_note_lines l ON l.tenant_id = n.tenant_id AND l.credit_note_id = n.id \
         WHERE n.tenant_id = $1 AND n.invoice_id = $2 GROUP BY 1",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(invoice)
    .load(tx.conn)?;
    let went: Vec<(i64, i64, Option<InvoiceId>)> = notes::table
        .filter(notes::tenant_id.eq(tenant_id).and(notes::invoice_id.eq(invoice)))
        .select((notes::to_balance, notes::to_refund, notes::replacement_invoice_id))
        .load(tx.conn)?;
    let money = |minor| Money::from_minor(minor, currency);
    let by_line = rows.into_iter().map(|row| {
        let taken = Taken {
            amount: money(row.amount),
            discount: money(row.discount),
            tax: money(row.tax),
            tax_included: money(row.tax_included),
        };
        (row.line_no, taken)
    });
    Ok(Before {
        by_line: by_line.collect(),
        is_replaced: went.iter().any(|(.., replacement)| replacement.is_some()),
        money_back: money(went.iter().map(|(balance, refund, _)| balance + refund).sum()),
    })
}
