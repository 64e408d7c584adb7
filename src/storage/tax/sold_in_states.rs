//! How much did an entity sell into each state of the United States, day by day? What was voided was never sold; what notes took back counts on their day.
//!
//! 100.00 USD to Ohio on 1 March and 40.00 of it credited in April: 100.00 by one invoice, and −40.00 by none.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Numeric, Text, Uuid as SqlUuid};
use rust_decimal::Decimal;

use super::figures::total;
use crate::domain::calendar::Zone;
use crate::domain::ids::{EntityId, TenantId};
use crate::domain::money::Currency;
use crate::domain::tax::nexus::Sale;
use crate::storage::{StorageError, Tx};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = Date)]
    rate_day: NaiveDate,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Numeric)]
    net: Decimal,
    #[diesel(sql_type = BigInt)]
    transactions: i64,
}

/// Net sales from a day to another, by days of the tenant's zone. The first tax of a line stands for the line.
pub fn sold_in_states(
    tx: &mut Tx<'_>,
    (tenant_id, zone): (TenantId, Zone),
    entity_id: EntityId,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<Vec<Sale>, StorageError> {
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT left(s.jurisdiction, 5) AS state, (s.at AT TIME ZONE $2)::date AS day, (s.sold_at AT TIME ZONE $2)::date AS rate_day, \
             s.currency, sum(s.net) AS net, count(DISTINCT s.sale) AS transactions FROM ( \
             SELECT t.jurisdiction, i.issued_at AS at, i.issued_at AS sold_at, i.currency, t.taxable AS net, \
                 CASE WHEN i.total > 0 THEN i.id END AS sale \
             FROM invoices i JOIN invoice_line_taxes t ON t.tenant_id = $1 AND t.invoice_id = i.id \
             WHERE i.tenant_id = $1 AND i.issued_at >= $3::timestamp AT TIME ZONE $2 \
                 AND i.issued_at < ($4 + 1)::timestamp AT TIME ZONE $2 AND i.status NOT IN ('draft', 'void') \
                 AND t.tax_no = 1 AND t.jurisdiction LIKE 'US-%' AND coalesce(i.entity_id, $1) = $5 \
             UNION ALL \
             SELECT t.jurisdiction, n.issued_at, i.issued_at, n.currency, -b.taxable, NULL \
             FROM credit_notes n \
             JOIN credit_note_line_taxes b ON b.tenant_id = $1 AND b.credit_note_id = n.id AND b.tax_no = 1 \
             JOIN invoice_line_taxes t ON t.tenant_id = $1 AND t.invoice_id = b.invoice_id AND t.line_no = b.line_no AND t.tax_no = 1 \
             JOIN invoices i ON i.tenant_id = $1 AND i.id = t.invoice_id \
             WHERE n.tenant_id = $1 AND n.issued_at >= $3::timestamp AT TIME ZONE $2 \
                 AND n.issued_at < ($4 + 1)::timestamp AT TIME ZONE $2 AND t.jurisdiction LIKE 'US-%' AND coalesce(i.entity_id, $1) = $5) s \
         GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Text, _>(zone)
    .bind::<Date, _>(first)
    .bind::<Date, _>(last)
    .bind::<SqlUuid, _>(entity_id)
    .load(tx.conn)?;
    let sale = |row: Row| Sale {
        state: row.state,
        day: row.day,
        rate_day: row.rate_day,
        net: total(row.net, row.currency),
        transactions: row.transactions,
    };
    Ok(rows.into_iter().map(sale).collect())
}
