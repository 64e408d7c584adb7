//! Which charges were taxed that may be taken back, and what of their tax is gone already? The lines under their keys on invoices that are not
//! void, less earlier lines below zero and credit notes.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use rust_decimal::Decimal;

use crate::domain::billing::piece::Key;
use crate::domain::ids::{InvoiceId, ItemVersionId, TenantId};
use crate::domain::money::{Currency, Money, MoneyError};
use crate::domain::tax::category::{Category, Reason};
use crate::domain::tax::on_lines::{TaxedCharge, TaxedCharges, TaxedLevy};
use crate::domain::tax::treatment::Levy;
use crate::storage::{StorageError, Tx};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    item_version_id: ItemVersionId,
    #[diesel(sql_type = Timestamptz)]
    period_start: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    invoice_id: InvoiceId,
    #[diesel(sql_type = Integer)]
    line_no: i32,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Text)]
    jurisdiction: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    category: Category,
    #[diesel(sql_type = Numeric)]
    rate: Decimal,
    #[diesel(sql_type = Numeric)]
    portion: Decimal,
    #[diesel(sql_type = Text)]
    reason: Reason,
    #[diesel(sql_type = Nullable<Text>)]
    exemption_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    mention: Option<String>,
    #[diesel(sql_type = BigInt)]
    taxable: i64,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = BigInt)]
    taxable_back: i64,
    #[diesel(sql_type = BigInt)]
    amount_back: i64,
}

impl Row {
    fn levy(&self) -> Levy {
        Levy {
            jurisdiction: self.jurisdiction.clone(),
            name: self.name.clone().into(),
            category: self.category,
            rate: self.rate.normalize(),
            portion: self.portion.normalize(),
            reason: self.reason,
            exemption_code: self.exemption_code.clone().map(Into::into),
            mention: self.mention.clone().map(Into::into),
        }
    }

    fn money(&self, minor: i64) -> Money {
        Money::from_minor(minor, self.currency)
    }
}

/// The taxed charges under these keys.
pub fn charged(tx: &mut Tx<'_>, tenant_id: TenantId, keys: &[Key]) -> Result<TaxedCharges, StorageError> {
    if keys.is_empty() {
        return Ok(TaxedCharges::new());
    }
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT l.item_version_id, l.period_start, l.invoice_id, l.line_no, i.currency, t.jurisdiction, t.name, t.category, \
                t.rate, t.portion, t.reason, t.exemption_code, t.mention, t.taxable, t.amount, \
                coalesce(n.taxable, 0)::bigint AS taxable_back, coalesce(n.amount, 0)::bigint AS amount_back \
         FROM unnest($2::uuid[], $3::timestamptz[]) AS k (version, start) \
         JOIN invoice_lines l ON l.tenant_id = $1 AND l.item_version_id = k.version AND l.period_start = k.start \
         JOIN invoices i ON i.tenant_id = $1 AND i.id = l.invoice_id AND i.status <> 'void' \
         JOIN invoice_line_taxes t ON t.tenant_id = $1 AND t.invoice_id = l.invoice_id AND t.line_no = l.line_no \
         LEFT JOIN LATERAL (SELECT sum(c.taxable) AS taxable, sum(c.amount) AS amount FROM credit_note_line_taxes c \
             WHERE c.tenant_id = $1 AND c.invoice_id = t.invoice_id AND c.line_no = t.line_no AND c.tax_no = t.tax_no) n ON true \
         ORDER BY l.item_version_id, l.period_start, l.revision, l.invoice_id, l.line_no, t.tax_no",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(keys.iter().map(|key| key.version).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(keys.iter().map(|key| key.start).collect::<Vec<_>>())
    .load(tx.conn)?;
    let mut charged = TaxedCharges::new();
    for line in rows.chunk_by(|a, b| (a.invoice_id, a.line_no) == (b.invoice_id, b.line_no)) {
        let Some(first) = line.first() else { continue };
        let key = Key { version: first.item_version_id, start: first.period_start };
        let of_key = charged.entry(key).or_default();
        let added = match first.taxable < 0 {
            true => line.iter().try_for_each(|row| take(of_key, row)),
            false => add(of_key, line),
        };
        added.map_err(|error| StorageError::unreadable("tax of a line", error))?;
    }
    Ok(charged)
}

fn add(charges: &mut Vec<TaxedCharge>, line: &[Row]) -> Result<(), MoneyError> {
    let Some(first) = line.first() else { return Ok(()) };
    let levy = |row: &Row| TaxedLevy {
        levy: row.levy(),
        amount: row.money(row.amount),
        taken_back: row.money(row.amount_back),
    };
    charges.push(TaxedCharge {
        taxable: first.money(first.taxable),
        taken_back: first.money(first.taxable_back),
        levies: line.iter().map(levy).collect(),
    });
    Ok(())
}

/// Notes what a line below zero took of a charge: the last with its tax of which so much was left.
fn take(charges: &mut [TaxedCharge], row: &Row) -> Result<(), MoneyError> {
    let (levy, taxable, amount) = (row.levy(), row.money(row.taxable), row.money(row.amount));
    for charge in charges.iter_mut().rev() {
        let Some(place) = charge.levies.iter().position(|known| known.levy == levy) else { continue };
        let after = charge.taken_back.checked_sub(taxable)?;
        if place == 0 {
            if charge.taxable.checked_sub(after)?.is_negative() {
                continue;
            }
            charge.taken_back = after;
        }
        let known = charge.levies.get_mut(place);
        if let Some(known) = known {
            known.taken_back = known.taken_back.checked_sub(amount)?;
        }
        return Ok(());
    }
    Ok(())
}
