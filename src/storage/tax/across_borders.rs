//! How much did an entity sell to consumers in other member states? By the year of the invoice, less what notes took back, by theirs; what was voided was
//! never sold. By currency, and in other currencies than the euro by the day of the invoice, whose rate counts.
//!
//! 6,000.00 in December 2026 and 500.00 of it credited in January 2027: 6,000.00 and −500.00.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Date, Integer, Numeric, Text, Uuid as SqlUuid};
use rust_decimal::Decimal;

use super::figures::total;
use crate::domain::calendar::Zone;
use crate::domain::fx::EURO;
use crate::domain::ids::{EntityId, TenantId};
use crate::domain::money::Currency;
use crate::domain::tax::threshold::Sold;
use crate::storage::{StorageError, Tx};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Integer)]
    year: i32,
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Numeric)]
    net: Decimal,
}

/// Net sales of an entity since the beginning of a year in the tenant's zone. Only lines that count are looked at: they have an index of their own.
pub fn sold_across_borders(
    tx: &mut Tx<'_>,
    (tenant_id, zone): (TenantId, Zone),
    (entity_id, since): (EntityId, i32),
) -> Result<Vec<Sold>, StorageError> {
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT extract(year FROM s.at AT TIME ZONE $2)::integer AS year, s.currency, sum(s.net) AS net, \
             CASE WHEN s.currency = $4 THEN make_date($3, 1, 1) ELSE (s.sold_at AT TIME ZONE $2)::date END AS day FROM ( \
             SELECT i.issued_at AS at, i.issued_at AS sold_at, i.currency, t.taxable AS net \
             FROM invoice_line_taxes t JOIN invoices i ON i.tenant_id = $1 AND i.id = t.invoice_id \
             WHERE t.tenant_id = $1 AND t.across_borders AND i.status NOT IN ('draft', 'void') AND coalesce(i.entity_id, $1) = $5 \
             UNION ALL \
             SELECT n.issued_at, i.issued_at, n.currency, -b.taxable \
             FROM invoice_line_taxes t \
             JOIN invoices i ON i.tenant_id = $1 AND i.id = t.invoice_id \
             JOIN credit_note_line_taxes b ON b.tenant_id = $1 AND b.invoice_id = t.invoice_id AND b.line_no = t.line_no AND b.tax_no = t.tax_no \
             JOIN credit_notes n ON n.tenant_id = $1 AND n.id = b.credit_note_id \
             WHERE t.tenant_id = $1 AND t.across_borders AND coalesce(i.entity_id, $1) = $5) s \
         WHERE s.at >= make_timestamptz($3, 1, 1, 0, 0, 0, $2) GROUP BY year, s.currency, day ORDER BY year, s.currency, day",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Text, _>(zone)
    .bind::<Integer, _>(since)
    .bind::<Text, _>(EURO)
    .bind::<SqlUuid, _>(entity_id)
    .load(tx.conn)?;
    Ok(rows
        .into_iter()
        .map(|row| Sold { year: row.year, day: row.day, net: total(row.net, row.currency) })
        .collect())
}
