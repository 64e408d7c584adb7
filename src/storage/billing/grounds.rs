//! What do lines rest on that nothing else remembers? A row beside each line that has such grounds, written with it and never changed.

use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use crate::domain::billing::{Grounds, Line};
use crate::domain::ids::{InvoiceId, LineId, TenantId};
use crate::storage::customers::Held;
use crate::storage::schema::invoice_line_grounds as grounds;
use crate::storage::{StorageError, Tx};

#[derive(Insertable)]
#[diesel(table_name = grounds, treat_none_as_default_value = false)]
struct Row {
    tenant_id: Uuid,
    invoice_id: Uuid,
    line_no: i32,
    grounds: Value,
}

/// Writes the grounds of new lines, of those that have some.
pub(in crate::storage) fn insert(
    tx: &mut Tx<'_>,
    held: &Held,
    added: &[(InvoiceId, &Line)],
) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let mut rows = Vec::new();
    for (invoice_id, line) in added {
        if let Some(grounds) = &line.grounds {
            rows.push(Row {
                tenant_id: tenant_id.uuid(),
                invoice_id: invoice_id.uuid(),
                line_no: line.line_no,
                grounds: serde_json::to_value(grounds).map_err(|e| unreadable(&e))?,
            });
        }
    }
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
    let found: Option<Value> = grounds::table
        .find((tenant_id.uuid(), line.invoice_id.uuid(), line.line_no))
        .select(grounds::grounds)
        .first(tx.conn)
        .optional()?;
    found.map_or(Ok(Grounds::default()), |value| serde_json::from_value(value).map_err(|e| unreadable(&e)))
}

/// The grounds of an invoice's lines that have some.
pub(in crate::storage) fn of_invoice(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: InvoiceId,
) -> Result<Vec<(i32, Grounds)>, StorageError> {
    let rows: Vec<(i32, Value)> = grounds::table
        .filter(grounds::tenant_id.eq(tenant_id.uuid()).and(grounds::invoice_id.eq(id.uuid())))
        .select((grounds::line_no, grounds::grounds))
        .load(tx.conn)?;
    let read = |(no, value)| serde_json::from_value(value).map(|read| (no, read)).map_err(|e| unreadable(&e));
    rows.into_iter().map(read).collect()
}

fn unreadable(error: &serde_json::Error) -> StorageError {
    StorageError::unreadable("grounds of a line", error)
}
