//! Which taxes do lines have, and what was taken back of them? A row a tax of a line, written with the line and, when issued, never changed.

use std::collections::HashMap;

use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::domain::billing::Line;
use crate::domain::ids::{CreditNoteId, InvoiceId, TaxProviderId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::domain::tax::category::{Category, Reason};
use crate::domain::tax::on_lines::LineTax;
use crate::domain::tax::treatment::Levy;
use crate::storage::customers::Held;
use crate::storage::schema::{
    credit_note_line_taxes as note_taxes, invoice_line_taxes as table, invoice_lines,
};
use crate::storage::{StorageError, Tx};

/// The columns that make a levy, as they are read.
#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = table)]
pub(super) struct LevyColumns {
    jurisdiction: String,
    name: String,
    category: Category,
    rate: Decimal,
    portion: Decimal,
    reason: Reason,
    exemption_code: Option<String>,
    mention: Option<String>,
    one_stop_shop: bool,
    across_borders: bool,
    buyer_number: Option<String>,
    unverified: bool,
    inclusive: bool,
    provider_id: Option<TaxProviderId>,
}

impl From<LevyColumns> for Levy {
    fn from(row: LevyColumns) -> Levy {
        Levy {
            jurisdiction: row.jurisdiction,
            name: row.name.into(),
            category: row.category,
            rate: row.rate.normalize(),
            portion: row.portion.normalize(),
            reason: row.reason,
            exemption_code: row.exemption_code.map(Into::into),
            mention: row.mention.map(Into::into),
            one_stop_shop: row.one_stop_shop,
            across_borders: row.across_borders,
            buyer_number: row.buyer_number,
            unverified: row.unverified,
            inclusive: row.inclusive,
            provider_id: row.provider_id,
        }
    }
}

/// A row as it is written: `COPY` takes no columns in parts.
#[derive(Insertable)]
#[diesel(table_name = table, treat_none_as_default_value = false)]
struct NewTax<'a> {
    tenant_id: TenantId,
    invoice_id: InvoiceId,
    line_no: i32,
    tax_no: i16,
    jurisdiction: &'a str,
    name: &'a str,
    category: Category,
    rate: Decimal,
    portion: Decimal,
    reason: Reason,
    exemption_code: Option<&'a str>,
    mention: Option<&'a str>,
    taxable: i64,
    amount: i64,
    one_stop_shop: bool,
    across_borders: bool,
    buyer_number: Option<&'a str>,
    inclusive: bool,
    unverified: bool,
    provider_id: Option<TaxProviderId>,
}

/// Adds the taxes of new lines, by `COPY`.
pub fn insert_line_taxes(
    tx: &mut Tx<'_>,
    held: &Held,
    taxes: &[(InvoiceId, LineTax)],
) -> Result<(), StorageError> {
    if taxes.is_empty() {
        return Ok(());
    }
    let mut rows: Vec<NewTax<'_>> = Vec::with_capacity(taxes.len());
    for (invoice_id, tax) in taxes {
        let before = rows.last().filter(|row| row.invoice_id == *invoice_id && row.line_no == tax.line_no);
        let tax_no = before.map_or(1, |row| row.tax_no.saturating_add(1));
        let levy = &tax.levy;
        rows.push(NewTax {
            tenant_id: held.tenant_id(),
            invoice_id: *invoice_id,
            line_no: tax.line_no,
            tax_no,
            jurisdiction: &levy.jurisdiction,
            name: &levy.name,
            category: levy.category,
            rate: levy.rate,
            portion: levy.portion,
            reason: levy.reason,
            exemption_code: levy.exemption_code.as_deref(),
            mention: levy.mention.as_deref(),
            taxable: tax.taxable.minor(),
            amount: tax.amount.minor(),
            one_stop_shop: levy.one_stop_shop,
            across_borders: levy.across_borders,
            buyer_number: levy.buyer_number.as_deref(),
            inclusive: levy.inclusive,
            unverified: levy.unverified,
            provider_id: levy.provider_id,
        });
    }
    diesel::copy_from(table::table).from_insertable(&rows).execute(tx.conn)?;
    Ok(())
}

/// Writes how the lines of a locked draft are taxed, which have no taxes yet.
pub fn tax_draft(
    tx: &mut Tx<'_>,
    held: &Held,
    (id, lines): (InvoiceId, &[Line]),
    taxes: &[LineTax],
) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let taxes: Vec<(InvoiceId, LineTax)> = taxes.iter().map(|tax| (id, tax.clone())).collect();
    insert_line_taxes(tx, held, &taxes)?;
    let of_invoice = invoice_lines::tenant_id.eq(tenant_id).and(invoice_lines::invoice_id.eq(id));
    let known: HashMap<i32, (i64, i64)> = invoice_lines::table
        .filter(of_invoice)
        .select((invoice_lines::line_no, (invoice_lines::tax, invoice_lines::tax_included)))
        .load::<(i32, (i64, i64))>(tx.conn)?
        .into_iter()
        .collect();
    let taxes_of = |line: &Line| (line.tax.minor(), line.tax_included.minor());
    for line in lines.iter().filter(|line| known.get(&line.line_no) != Some(&taxes_of(line))) {
        diesel::update(
            invoice_lines::table.filter(of_invoice).filter(invoice_lines::line_no.eq(line.line_no)),
        )
        .set((
            invoice_lines::tax.eq(line.tax.minor()),
            invoice_lines::tax_included.eq(line.tax_included.minor()),
        ))
        .execute(tx.conn)?;
    }
    Ok(())
}

/// Removes the taxes of locked drafts.
pub fn delete_line_taxes(tx: &mut Tx<'_>, held: &Held, ids: &[InvoiceId]) -> Result<(), StorageError> {
    let theirs =
        table::table.filter(table::tenant_id.eq(held.tenant_id()).and(table::invoice_id.eq_any(ids)));
    diesel::delete(theirs).execute(tx.conn)?;
    Ok(())
}

/// The taxes of an invoice's lines, in order.
pub fn line_taxes(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (id, currency): (InvoiceId, Currency),
) -> Result<Vec<LineTax>, StorageError> {
    let rows: Vec<(i32, LevyColumns, i64, i64)> = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::invoice_id.eq(id)))
        .order((table::line_no, table::tax_no))
        .select((table::line_no, LevyColumns::as_select(), table::taxable, table::amount))
        .load(tx.conn)?;
    let money = |minor| Money::from_minor(minor, currency);
    let tax = |(line_no, levy, taxable, amount): (i32, LevyColumns, i64, i64)| LineTax {
        line_no,
        levy: levy.into(),
        taxable: money(taxable),
        amount: money(amount),
    };
    Ok(rows.into_iter().map(tax).collect())
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = note_taxes)]
struct NoteTaxRow {
    tenant_id: TenantId,
    credit_note_id: CreditNoteId,
    invoice_id: InvoiceId,
    line_no: i32,
    tax_no: i16,
    taxable: i64,
    amount: i64,
}

/// What a credit note takes back of one tax of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoteTax {
    pub line_no: i32,
    /// From 1: the place of the tax among those of its line.
    pub tax_no: i16,
    pub taxable: Money,
    pub amount: Money,
}

/// Adds what a note takes back of the taxes of an invoice's lines.
pub fn insert_note_taxes(
    tx: &mut Tx<'_>,
    held: &Held,
    (note, invoice): (CreditNoteId, InvoiceId),
    taxes: &[NoteTax],
) -> Result<(), StorageError> {
    let row = |tax: &NoteTax| NoteTaxRow {
        tenant_id: held.tenant_id(),
        credit_note_id: note,
        invoice_id: invoice,
        line_no: tax.line_no,
        tax_no: tax.tax_no,
        taxable: tax.taxable.minor(),
        amount: tax.amount.minor(),
    };
    let rows: Vec<NoteTaxRow> = taxes.iter().map(row).collect();
    diesel::insert_into(note_taxes::table).values(rows).execute(tx.conn)?;
    Ok(())
}

/// What notes took back of the taxes of an invoice's lines, by line and place.
pub fn taken_by_notes(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (id, currency): (InvoiceId, Currency),
) -> Result<HashMap<(i32, i16), Money>, StorageError> {
    let rows: Vec<NoteTaxRow> = note_taxes::table
        .filter(note_taxes::tenant_id.eq(tenant_id).and(note_taxes::invoice_id.eq(id)))
        .select(NoteTaxRow::as_select())
        .load(tx.conn)?;
    let mut taken: HashMap<(i32, i16), i64> = HashMap::new();
    for row in rows {
        *taken.entry((row.line_no, row.tax_no)).or_default() += row.amount;
    }
    Ok(taken.into_iter().map(|(tax, minor)| (tax, Money::from_minor(minor, currency))).collect())
}
