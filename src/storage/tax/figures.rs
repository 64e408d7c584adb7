//! What do the taxes of a period come to, heading by heading, and what did the ledger say beside it?
//!
//! Two lines of 31.00 at 20 % in France: one figure of taxable 62.00, tax 12.40; tax payable rose by 12.40.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use rust_decimal::Decimal;

use super::entries::{CAUSES, CORRECTS, HeadingColumns};
use crate::domain::calendar::{Period, Zone};
use crate::domain::ids::{EntityId, TenantId};
use crate::domain::money::{Currency, Total};
use crate::domain::tax::returns::{Figure, Heading};
use crate::storage::{StorageError, Tx};

/// What is declared, and to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// All of it.
    Everything,
    /// What the one-stop shop declares, with what it takes back of earlier quarters apart.
    OneStopShop,
    /// What buyers account for, by their numbers.
    Recapitulative,
    UnitedStates,
}

impl Return {
    /// Which taxes, what they are counted by beside their heading, the buyer's number, the quarter that is corrected; and which of them stand
    /// beside another of the same sale, and add tax to it but no sale.
    fn columns(self) -> [&'static str; 4] {
        match self {
            Return::Everything => ["true", "NULL::text", "NULL::text", "false"],
            Return::OneStopShop => ["e.one_stop_shop", "NULL::text", CORRECTS, "false"],
            Return::Recapitulative => ["e.category IN ('AE', 'K')", "e.buyer_number", "NULL::text", "false"],
            Return::UnitedStates => {
                ["(e.jurisdiction = 'US' OR e.jurisdiction LIKE 'US-%')", "NULL::text", "NULL::text", BESIDE]
            }
        }
    }
}

/// Whether a provider's tax is that of a city or county, say, beside that of the state: one sale, several taxes.
const BESIDE: &str = "EXISTS (SELECT 1 FROM invoice_line_taxes o JOIN invoice_line_taxes f ON f.tenant_id = $1 \
     AND f.invoice_id = o.invoice_id AND f.line_no = o.line_no AND f.tax_no < o.tax_no AND f.jurisdiction = o.jurisdiction \
     AND f.name <> o.name AND f.taxable = o.taxable \
     WHERE o.tenant_id = $1 AND o.invoice_id = e.invoice_id AND o.line_no = e.line_no AND o.tax_no = e.tax_no \
     AND o.provider_id IS NOT NULL)";

#[derive(QueryableByName)]
struct Row {
    #[diesel(embed)]
    heading: HeadingColumns,
    #[diesel(sql_type = Numeric)]
    taxable: Decimal,
    #[diesel(sql_type = Numeric)]
    tax: Decimal,
    #[diesel(sql_type = BigInt)]
    lines: i64,
    #[diesel(sql_type = Nullable<Numeric>)]
    payable: Option<Decimal>,
}

/// The figures of a return.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// In the order of their headings.
    pub figures: Vec<Figure>,
    /// Of everything: by how much the tax that is owed onward rose, by the ledger.
    pub payable: BTreeMap<Currency, Total>,
}

/// By currency, what moved on the account of the tax that is owed onward.
const PAYABLE: &str = "SELECT l.currency, sum(CASE WHEN l.credit = 'tax_payable' THEN l.amount ELSE -l.amount END) AS amount \
     FROM ledger_transfers l \
     LEFT JOIN invoices i ON i.tenant_id = $1 AND i.id = l.source_id AND $6::uuid IS NOT NULL \
     LEFT JOIN credit_notes n ON n.tenant_id = $1 AND n.id = l.source_id AND $6::uuid IS NOT NULL \
     WHERE l.tenant_id = $1 AND l.recorded_at >= $2 AND l.recorded_at < $3 AND (l.debit = 'tax_payable' OR l.credit = 'tax_payable') \
     AND ($6::uuid IS NULL OR coalesce(i.entity_id, n.entity_id, $1) = $6) GROUP BY l.currency";

/// The same columns, and no row.
const NO_PAYABLE: &str = "SELECT NULL::text AS currency, NULL::numeric AS amount WHERE false";

/// The figures of a return of one entity or of all, and what the ledger says beside them: in one statement, so that both are of one instant.
pub fn declared(
    tx: &mut Tx<'_>,
    (tenant_id, zone): (TenantId, Zone),
    (period, currency): (Period, Option<Currency>),
    (entity_id, wanted): (Option<EntityId>, Return),
) -> Result<Declared, StorageError> {
    let [condition, buyer_number, corrects, beside] = wanted.columns();
    let each = CAUSES.map(|(_, sql)| sql).join(" UNION ALL ");
    let payable = if wanted == Return::Everything { PAYABLE } else { NO_PAYABLE };
    let sql = format!(
        "SELECT f.*, p.amount AS payable \
         FROM (SELECT e.currency, e.jurisdiction, e.name, e.category, e.rate, e.portion, e.reason, {buyer_number} AS buyer_number, \
                      {corrects} AS corrects, coalesce(sum(e.taxable) FILTER (WHERE NOT {beside}), 0) AS taxable, sum(e.amount) AS tax, \
                      count(*) FILTER (WHERE NOT {beside}) AS lines \
               FROM ({each}) e WHERE ($5::text IS NULL OR e.currency = $5) AND ($6::uuid IS NULL OR e.entity_id = $6) AND {condition} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9) f \
         LEFT JOIN ({payable}) p ON p.currency = f.currency \
         ORDER BY f.currency, f.jurisdiction, f.name, f.category, f.rate, f.portion, f.reason, f.buyer_number NULLS FIRST, \
             f.corrects NULLS FIRST"
    );
    let rows: Vec<Row> = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<Timestamptz, _>(period.start)
        .bind::<Timestamptz, _>(period.end)
        .bind::<Text, _>(zone)
        .bind::<Nullable<Text>, _>(currency)
        .bind::<Nullable<SqlUuid>, _>(entity_id)
        .load(tx.conn)?;
    let mut declared = Declared::default();
    for row in rows {
        let heading = Heading::from(row.heading);
        let currency = heading.currency;
        if let Some(payable) = row.payable {
            declared.payable.insert(currency, total(payable, currency));
        }
        let (taxable, tax) = (total(row.taxable, currency), total(row.tax, currency));
        declared.figures.push(Figure { heading, taxable, tax, lines: row.lines });
    }
    Ok(declared)
}

/// A sum of whole minor units, as the database adds them up.
pub(super) fn total(minor: Decimal, currency: Currency) -> Total {
    Total::from_minor(minor.trunc_with_scale(0).mantissa(), currency)
}
