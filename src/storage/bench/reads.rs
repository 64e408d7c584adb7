//! How is a read of an invoice measured beside pgbench? With the very statement the server sends, on ids that pgbench can count.
//!
//! pgbench's variables are integers: invoice 258 gets the id `01900000-0008-7000-8000-000000000102`, which both sides
//! compute from a random 258.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use uuid::Uuid;

use super::settle;
use crate::domain::ids::{InvoiceId, TenantId};
use crate::storage::invoicing::views;
use crate::storage::schema::invoices;
use crate::storage::{Session, StorageError, Tx};

/// Invoice 0; invoice n is n more.
const FIRST: Uuid = Uuid::from_u128(0x0190_0000_0008_7000_8000_0000_0000_0000);

/// The id of invoice `n`, counted from 1.
pub fn numbered(n: u32) -> InvoiceId {
    InvoiceId::from_uuid(Uuid::from_u128(FIRST.as_u128() + u128::from(n)))
}

/// The same in SQL, of the integer expression `n`.
pub fn numbered_sql(n: &str) -> String {
    let all = FIRST.to_string();
    let start = all.get(..24).unwrap_or_default();
    format!("('{start}' || lpad(to_hex({n}), 12, '0'))::uuid")
}

/// Gives the tenant's invoices, and their lines, the ids of [`numbered`] in the order they have; gives how many there are.
pub fn number_invoices(session: &mut Session, tenant_id: TenantId) -> Result<u32, StorageError> {
    let (id, tenant) = (numbered_sql("n"), tenant_id.uuid());
    let conn = session.connection()?;
    conn.batch_execute(&format!(
        "CREATE TEMP TABLE numbered AS SELECT id AS old, {id} AS new
           FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM invoices WHERE tenant_id = '{tenant}') AS counted;
         UPDATE invoice_lines SET invoice_id = new FROM numbered WHERE tenant_id = '{tenant}' AND invoice_id = old;
         UPDATE invoices SET id = new FROM numbered WHERE tenant_id = '{tenant}' AND id = old;
         DROP TABLE numbered"
    ))?;
    // As compact as the billing run left them.
    conn.batch_execute("VACUUM FULL invoices")?;
    conn.batch_execute("VACUUM FULL invoice_lines")?;
    let count: i64 = invoices::table.filter(invoices::tenant_id.eq(tenant)).count().get_result(conn)?;
    settle(session)?;
    u32::try_from(count).map_err(|e| StorageError::unreadable("count of invoices", e))
}

/// The statements that a read of one whole invoice sends, with `:tenant` for the tenant's id and `:invoice` for the invoice's.
pub fn statements_of_a_read(session: &mut Session, tenant_id: TenantId) -> Result<Vec<String>, StorageError> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    session.connection()?.set_instrumentation(Seen(seen.clone()));
    let read = session.read(|tx: &mut Tx<'_>| views::find(tx, tenant_id, numbered(1)));
    session.connection()?.set_instrumentation(None::<Box<dyn Instrumentation>>);
    read?;
    let statements = seen.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(statements.iter().map(|text| named(text, (tenant_id, numbered(1)))).collect())
}

/// A statement with names in place of the parameters that are one of these ids.
fn named(text: &str, (tenant_id, invoice_id): (TenantId, InvoiceId)) -> String {
    let (statement, binds) = text.split_once(BINDS).unwrap_or((text, ""));
    let mut statement = statement.to_owned();
    // The last first: `$1` is the beginning of `$12`.
    for (n, bind) in binds.split(", ").enumerate().collect::<Vec<_>>().into_iter().rev() {
        let stands_for = |id: &dyn fmt::Display| bind.contains(&id.to_string());
        let name = match (stands_for(&tenant_id), stands_for(&invoice_id)) {
            (true, _) => ":tenant",
            (_, true) => ":invoice",
            _ => continue,
        };
        statement = statement.replace(&format!("${}", n + 1), name);
    }
    statement
}

/// What stands between a statement and its parameters.
const BINDS: &str = " -- binds: ";

/// Notes the text of every statement sent.
struct Seen(Arc<Mutex<Vec<String>>>);

impl Instrumentation for Seen {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(query.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_names_wherever_they_stand() {
        let (tenant, invoice) = (TenantId::from_uuid(Uuid::from_u128(1)), numbered(2));
        let text = format!(
            "SELECT $1, $2, $3, $10{BINDS}[{tenant}, {invoice}, {tenant}, 4, 5, 6, 7, 8, 9, {invoice}]"
        );
        assert_eq!(named(&text, (tenant, invoice)), "SELECT :tenant, :invoice, :tenant, :invoice");
        assert_eq!(named("SELECT $1 -- binds: [7]", (tenant, invoice)), "SELECT $1");
    }

    #[test]
    fn an_invoice_has_the_same_id_in_rust_and_in_sql() {
        assert_eq!(numbered(258).uuid().to_string(), "01900000-0008-7000-8000-000000000102");
        assert_eq!(numbered_sql(":n"), "('01900000-0008-7000-8000-' || lpad(to_hex(:n), 12, '0'))::uuid");
    }
}
