//! What do lines rest on that nothing else remembers? A row beside each line that has such grounds, written with it and never changed.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::domain::billing::{Grounds, Line};
use crate::domain::ids::{InvoiceId, LineId, TenantId};
use crate::storage::customers::Held;
use crate::storage::schema::invoice_line_grounds as grounds;
use crate::storage::sql_types::Json;
use crate::storage::{StorageError, Tx};

#[derive(Insertable)]
#[diesel(table_name = grounds, treat_none_as_default_value = false)]
struct Row<'a> {
    tenant_id: TenantId,
    invoice_id: InvoiceId,
    line_no: i32,
    grounds: Json<&'a Grounds>,
}

/// Writes the grounds of new lines, of those that have some.
pub(in crate::storage) fn insert<'a>(
    tx: &mut Tx<'_>,
    held: &Held,
    added: &[(InvoiceId, &'a Line)],
) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let row = |(invoice_id, line): &(InvoiceId, &'a Line)| {
        let grounds = Json(line.grounds.as_deref()?);
        Some(Row { tenant_id, invoice_id: *invoice_id, line_no: line.line_no, grounds })
    };
    let rows: Vec<Row<'a>> = added.iter().filter_map(row).collect();
    if !rows.is_empty() {
        diesel::copy_from(grounds::table).from_insertable(&rows).execute(tx.conn)?;
    }
    Ok(())
}

/// The grounds of a line; most have none.
pub(in crate::storage) fn find(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    line: LineId,
) -> Result<Grounds, StorageError> {
    let found: Option<Json<Grounds>> = grounds::table
        .find((tenant_id, line.invoice_id, line.line_no))
        .select(grounds::grounds)
        .first(tx.conn)
        .optional()?;
    Ok(found.map(|found| found.0).unwrap_or_default())
}

/// Puts to the lines of an invoice, as they were read, what they rest on.
pub fn attach(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (id, lines): (InvoiceId, &mut [Line]),
) -> Result<(), StorageError> {
    for (line_no, grounds) in of_invoice(tx, tenant_id, id)? {
        if let Some(line) = lines.iter_mut().find(|line| line.line_no == line_no) {
            line.grounds.get_or_insert(Box::new(grounds));
        }
    }
    Ok(())
}

/// The grounds of the lines of invoices that have some.
pub fn of_invoices(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[InvoiceId],
) -> Result<HashMap<(InvoiceId, i32), Grounds>, StorageError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(InvoiceId, i32, Json<Grounds>)> = grounds::table
        .filter(grounds::tenant_id.eq(tenant_id).and(grounds::invoice_id.eq_any(ids)))
        .select((grounds::invoice_id, grounds::line_no, grounds::grounds))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(id, no, Json(grounds))| ((id, no), grounds)).collect())
}

/// The grounds of an invoice's lines that have some.
pub(in crate::storage) fn of_invoice(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: InvoiceId,
) -> Result<Vec<(i32, Grounds)>, StorageError> {
    let rows: Vec<(i32, Json<Grounds>)> = grounds::table
        .filter(grounds::tenant_id.eq(tenant_id).and(grounds::invoice_id.eq(id)))
        .select((grounds::line_no, grounds::grounds))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(no, Json(grounds))| (no, grounds)).collect())
}
