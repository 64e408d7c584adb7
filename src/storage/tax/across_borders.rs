//! How much was sold to consumers in other member states? By the year of the invoice, less what notes took back, by theirs; what was voided was
//! never sold. In euros only.
//!
//! 6,000.00 in December 2026 and 500.00 of it credited in January 2027: 6,000.00 and −500.00.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{Integer, Numeric, Text, Uuid as SqlUuid};
use rust_decimal::Decimal;

use crate::domain::calendar::Zone;
use crate::domain::ids::TenantId;
use crate::storage::{StorageError, Tx};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Integer)]
    year: i32,
    #[diesel(sql_type = Numeric)]
    sold: Decimal,
}

/// Net sales since the beginning of a year in the tenant's zone. Only lines that count are looked at: they have an index of their own.
pub fn sold_across_borders(
    tx: &mut Tx<'_>,
    (tenant_id, zone): (TenantId, Zone),
    since: i32,
) -> Result<BTreeMap<i32, Decimal>, StorageError> {
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT extract(year FROM s.at AT TIME ZONE $2)::integer AS year, sum(s.cents) / 100 AS sold FROM ( \
             SELECT i.issued_at AS at, t.taxable AS cents \
             FROM invoice_line_taxes t JOIN invoices i ON i.tenant_id = $1 AND i.id = t.invoice_id \
             WHERE t.tenant_id = $1 AND t.across_borders AND i.currency = 'EUR' AND i.status NOT IN ('draft', 'void') \
             UNION ALL \
             SELECT n.issued_at, -b.taxable \
             FROM invoice_line_taxes t \
             JOIN credit_note_line_taxes b ON b.tenant_id = $1 AND b.invoice_id = t.invoice_id AND b.line_no = t.line_no AND b.tax_no = t.tax_no \
             JOIN credit_notes n ON n.tenant_id = $1 AND n.id = b.credit_note_id \
             WHERE t.tenant_id = $1 AND t.across_borders AND n.currency = 'EUR') s \
         WHERE s.at >= make_timestamptz($3, 1, 1, 0, 0, 0, $2) GROUP BY 1",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Text, _>(zone)
    .bind::<Integer, _>(since)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| (row.year, row.sold.normalize())).collect())
}
