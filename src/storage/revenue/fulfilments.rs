//! What of which line is fulfilled? A row each, reversed in place; and which lines give back of what is.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::domain::ids::{FulfilmentId, InvoiceId, LineId, TenantId};
use crate::domain::revenue::fulfilment::{AsCharged, Fulfilment, Part, Reversed};
use crate::storage::customers::Held;
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::{fulfilled_as_charged as back, fulfilments as table};
use crate::storage::{Found, StorageError, Thing, Tx};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, primary_key(tenant_id, id))]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    tenant_id: TenantId,
    id: FulfilmentId,
    invoice_id: InvoiceId,
    line_no: i32,
    unit: String,
    amount: Decimal,
    milestone: Option<String>,
    at: DateTime<Utc>,
    fulfilled_on: NaiveDate,
    evidence: Option<String>,
    created_at: DateTime<Utc>,
    reversed_at: Option<DateTime<Utc>>,
    reversed_on: Option<NaiveDate>,
    reversed_because: Option<String>,
}

impl From<Row> for Fulfilment {
    fn from(row: Row) -> Fulfilment {
        let reversed = row.reversed_at.zip(row.reversed_on).zip(row.reversed_because);
        Fulfilment {
            id: row.id,
            line: LineId { invoice_id: row.invoice_id, line_no: row.line_no },
            part: if row.unit == "percent" { Part::Percent(row.amount) } else { Part::Quantity(row.amount) },
            milestone: row.milestone,
            at: row.at,
            fulfilled_on: row.fulfilled_on,
            evidence: row.evidence,
            created_at: row.created_at,
            reversed: reversed.map(|((at, on), because)| Reversed { at, on, because }),
        }
    }
}

impl Row {
    fn of(tenant_id: TenantId, one: &Fulfilment) -> Row {
        let (Part::Percent(amount) | Part::Quantity(amount)) = one.part;
        let reversed = one.reversed.as_ref();
        Row {
            tenant_id,
            id: one.id,
            invoice_id: one.line.invoice_id,
            line_no: one.line.line_no,
            unit: one.part.unit().to_owned(),
            amount,
            milestone: one.milestone.clone(),
            at: one.at,
            fulfilled_on: one.fulfilled_on,
            evidence: one.evidence.clone(),
            created_at: one.created_at,
            reversed_at: reversed.map(|reversed| reversed.at),
            reversed_on: reversed.map(|reversed| reversed.on),
            reversed_because: reversed.map(|reversed| reversed.because.clone()),
        }
    }
}

/// Adds one; the customer of its invoice is locked.
pub fn insert(tx: &mut Tx<'_>, held: &Held, one: &Fulfilment) -> Result<(), StorageError> {
    diesel::insert_into(table::table).values(Row::of(held.tenant_id(), one)).execute(tx.conn)?;
    Ok(())
}

/// Writes what changed of one.
pub fn update(tx: &mut Tx<'_>, held: &Held, one: &Fulfilment) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    diesel::update(table::table.find((tenant_id, one.id))).set(Row::of(tenant_id, one)).execute(tx.conn)?;
    Ok(())
}

/// One.
///
/// # Errors
/// Not found.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: FulfilmentId) -> Result<Fulfilment, StorageError> {
    let row: Row = table::table
        .find((tenant_id, id))
        .select(Row::as_select())
        .first(tx.conn)
        .found(Thing::Fulfilment, id)?;
    Ok(row.into())
}

/// Those of the lines of an invoice.
pub fn of_invoice(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: InvoiceId,
) -> Result<Vec<Fulfilment>, StorageError> {
    let rows: Vec<Row> = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::invoice_id.eq(id)))
        .order(table::id)
        .select(Row::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(Fulfilment::from).collect())
}

/// One page of them, of an invoice where one is named.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (invoice_id, keyset): (Option<InvoiceId>, &Keyset),
) -> Result<Slice<Fulfilment>, StorageError> {
    let mut query = table::table.filter(table::tenant_id.eq(tenant_id)).select(Row::as_select()).into_boxed();
    if let Some(invoice_id) = invoice_id {
        query = query.filter(table::invoice_id.eq(invoice_id));
    }
    let rows: Vec<Row> = keyset_query!(query, table::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(Fulfilment::from))
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = back)]
struct BackRow {
    tenant_id: TenantId,
    invoice_id: InvoiceId,
    line_no: i32,
    charge_invoice_id: InvoiceId,
    charge_line_no: i32,
}

/// Adds which lines give back of what is fulfilled.
pub fn insert_given_back(tx: &mut Tx<'_>, held: &Held, given: &[AsCharged]) -> Result<(), StorageError> {
    let row = |one: &AsCharged| BackRow {
        tenant_id: held.tenant_id(),
        invoice_id: one.line.invoice_id,
        line_no: one.line.line_no,
        charge_invoice_id: one.charge.invoice_id,
        charge_line_no: one.charge.line_no,
    };
    let rows: Vec<BackRow> = given.iter().map(row).collect();
    if !rows.is_empty() {
        diesel::insert_into(back::table).values(&rows).execute(tx.conn)?;
    }
    Ok(())
}

/// Which lines of these invoices, or of lines of which of them, give back of what is fulfilled.
pub fn given_back(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[InvoiceId],
) -> Result<Vec<AsCharged>, StorageError> {
    let rows: Vec<BackRow> = back::table
        .filter(back::tenant_id.eq(tenant_id))
        .filter(back::invoice_id.eq_any(ids).or(back::charge_invoice_id.eq_any(ids)))
        .order((back::invoice_id, back::line_no))
        .select(BackRow::as_select())
        .load(tx.conn)?;
    let given = |row: BackRow| AsCharged {
        line: LineId { invoice_id: row.invoice_id, line_no: row.line_no },
        charge: LineId { invoice_id: row.charge_invoice_id, line_no: row.charge_line_no },
    };
    Ok(rows.into_iter().map(given).collect())
}
