//! How is a close measured? Against one statement that reckons what the schedules earn by a day and writes the very rows the close wrote, into an
//! identical empty table.

use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::domain::ids::TenantId;
use crate::storage::{Session, StorageError};

/// Makes the empty table, with the keys and indexes of the other.
pub fn prepare(session: &mut Session) -> Result<(), StorageError> {
    session.connection()?.batch_execute(
        "DROP SCHEMA IF EXISTS plain CASCADE; CREATE SCHEMA plain; \
         CREATE TABLE plain.ledger_transfers (LIKE public.ledger_transfers INCLUDING ALL)",
    )?;
    super::settle(session)
}

/// Writes what is earned day by day by a day, in one statement: the thing to time.
pub fn write(session: &mut Session, tenant_id: TenantId, day: NaiveDate) -> Result<(), StorageError> {
    let script = "
        INSERT INTO plain.ledger_transfers (tenant_id, source_id, source_kind, leg, debit, credit, amount, currency, customer_id, effective_on, recorded_at,
            entity_id, functional_currency)
          SELECT s.tenant_id, s.invoice_id, 'revenue_recognized', 0, 'deferred_revenue', 'revenue',
                 sum(round(s.amount::numeric * greatest(least('{day}'::date + 1 - s.starts_on, s.ends_on - s.starts_on), 0) / (s.ends_on - s.starts_on)))::bigint,
                 i.currency, i.customer_id, '{day}', '{day}'::date + 1, i.entity_id, i.currency
          FROM revenue_schedules s JOIN invoices i ON i.tenant_id = s.tenant_id AND i.id = s.invoice_id
          WHERE s.tenant_id = '{t}' AND s.deferred AND s.ends_on > date_trunc('month', '{day}'::date) AND s.booked_on <= '{day}'
          GROUP BY s.tenant_id, s.invoice_id, i.currency, i.customer_id, i.entity_id"
        .replace("{t}", &tenant_id.uuid().to_string())
        .replace("{day}", &day.to_string());
    Ok(session.connection()?.batch_execute(&script)?)
}

#[derive(QueryableByName)]
struct Compared {
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = BigInt)]
    others: i64,
}

/// How many rows the close wrote, and how many of both do not agree.
pub fn compare(session: &mut Session) -> Result<(i64, i64), StorageError> {
    let columns = "source_id, leg, debit, credit, amount, currency, customer_id, effective_on";
    let compared: Compared = diesel::sql_query(format!(
        "WITH closed AS (SELECT {columns} FROM ledger_transfers WHERE source_kind = 'revenue_recognized') \
         SELECT (SELECT count(*) FROM closed) AS rows, \
             (SELECT count(*) FROM (TABLE closed EXCEPT SELECT {columns} FROM plain.ledger_transfers) a) \
             + (SELECT count(*) FROM (SELECT {columns} FROM plain.ledger_transfers EXCEPT TABLE closed) b) AS others"
    ))
    .get_result(session.connection()?)?;
    Ok((compared.rows, compared.others))
}

/// Makes contracts of the first invoices of so many customers, each of its lines worth alone what it was sold at.
pub fn make_contracts(
    session: &mut Session,
    tenant_id: TenantId,
    contracts: u32,
) -> Result<(), StorageError> {
    let script = "
        INSERT INTO revenue_contracts (tenant_id, id, customer_id, entity_id, currency, created_at)
          SELECT DISTINCT ON (customer_id) tenant_id, id, customer_id, tenant_id, currency, created_at FROM invoices
          WHERE tenant_id = '{t}' ORDER BY customer_id, id LIMIT {n};
        INSERT INTO revenue_contract_lines (tenant_id, invoice_id, line_no, contract_id, standalone)
          SELECT l.tenant_id, l.invoice_id, l.line_no, c.id, l.amount FROM revenue_contracts c
          JOIN invoice_lines l ON l.tenant_id = c.tenant_id AND l.invoice_id = c.id WHERE c.tenant_id = '{t}'"
        .replace("{t}", &tenant_id.uuid().to_string())
        .replace("{n}", &contracts.to_string());
    session.connection()?.batch_execute(&script)?;
    super::settle(session)
}
