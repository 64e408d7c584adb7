//! Do the books agree with the facts they were made from? Each check is one statement that names every row that does not.
//!
//! No check reads a total where it can add up: 3 lines of 31.00 are 93.00, whatever the invoice says.

mod billing;
pub mod check;
mod credit_notes;
mod credits;
mod discounts;
mod disputes;
mod entities;
mod functional;
mod invoicing;
mod journals;
mod ledger;
mod payments;
mod payouts;
mod revenue;
mod sums;
mod tax;
mod tax_providers;
mod usage;

pub use check::Check;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};

use crate::domain::ids::TenantId;
use crate::storage::{StorageError, Tx};

/// Every check, in the order in which they are made: the facts first, then what is derived from them.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    let documents = entities::CHECKS
        .iter()
        .chain(invoicing::CHECKS)
        .chain(discounts::CHECKS)
        .chain(billing::CHECKS)
        .chain(tax::CHECKS)
        .chain(tax_providers::CHECKS);
    let money = payments::CHECKS
        .iter()
        .chain(disputes::CHECKS)
        .chain(payouts::CHECKS)
        .chain(ledger::CHECKS)
        .chain(functional::CHECKS)
        .chain(credits::CHECKS)
        .chain(credit_notes::CHECKS)
        .chain(revenue::CHECKS)
        .chain(sums::CHECKS)
        .chain(journals::CHECKS);
    documents.chain(money).chain(usage::CHECKS)
}

/// Something that does not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which check found it.
    pub check: &'static str,
    /// The row or rows it is about.
    pub subject: String,
    /// What was expected and what was found; amounts in minor units.
    pub detail: String,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// All of them.
    pub count: i64,
    /// The first of them.
    pub differences: Vec<Difference>,
}

/// Differences a check names; the rest are counted.
const NAMED: i64 = 50;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = Text)]
    detail: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Makes the whole transaction see one instant, so that a server at work beside it cannot look like a difference.
/// To be called before anything is read.
pub fn begin(tx: &mut Tx<'_>) -> Result<(), StorageError> {
    tx.conn.batch_execute(
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL work_mem = '64MB'",
    )?;
    Ok(())
}

/// Makes one check for one tenant.
pub fn check(tx: &mut Tx<'_>, tenant_id: TenantId, check: &Check) -> Result<Findings, StorageError> {
    let sql = format!(
        "SELECT subject::text, detail::text, count(*) OVER () AS count FROM ({}) AS found ORDER BY subject LIMIT {NAMED}",
        check.sql
    );
    let rows: Vec<Row> = diesel::sql_query(sql).bind::<SqlUuid, _>(tenant_id).load(tx.conn)?;
    let count = rows.first().map_or(0, |row| row.count);
    let name = |row: Row| Difference { check: check.name, subject: row.subject, detail: row.detail };
    Ok(Findings { count, differences: rows.into_iter().map(name).collect() })
}
