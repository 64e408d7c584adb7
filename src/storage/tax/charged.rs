//! Which charges were taxed that may be taken back, and what of their tax is gone already? The lines under their keys on invoices that are not
//! void, less earlier lines below zero and credit notes.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Text, Timestamptz, Uuid as SqlUuid};

use super::line_taxes::LevyColumns;
use crate::domain::billing::piece::Key;
use crate::domain::ids::{InvoiceId, ItemVersionId, TenantId};
use crate::domain::money::{Currency, Money, MoneyError};
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
    #[diesel(embed)]
    levy: LevyColumns,
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
    fn key(&self) -> Key {
        Key { version: self.item_version_id, start: self.period_start }
    }

    fn money(&self, minor: i64) -> Money {
        Money::from_minor(minor, self.currency)
    }
}

/// The taxed charges under these keys, and under those that may stand in for them.
pub fn charged(tx: &mut Tx<'_>, tenant_id: TenantId, keys: &[Key]) -> Result<TaxedCharges, StorageError> {
    if keys.is_empty() {
        return Ok(TaxedCharges::default());
    }
    let mut charged = TaxedCharges { stand_in: stand_in(tx, tenant_id, keys)?, ..TaxedCharges::default() };
    let mut all: BTreeSet<Key> = keys.iter().copied().collect();
    for (key, others) in &charged.stand_in {
        all.insert(*key);
        all.extend(others);
    }
    let all: Vec<Key> = all.into_iter().collect();
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT l.item_version_id, l.period_start, l.invoice_id, l.line_no, i.currency, t.jurisdiction, t.name, t.category, \
                t.rate, t.portion, t.reason, t.exemption_code, t.mention, t.one_stop_shop, t.across_borders, t.buyer_number, t.taxable, t.amount, \
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
    .bind::<Array<SqlUuid>, _>(all.iter().map(|key| key.version).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(all.iter().map(|key| key.start).collect::<Vec<_>>())
    .load(tx.conn)?;
    let (mut rows, mut taken) = (rows.into_iter().peekable(), Vec::new());
    while let Some(first) = rows.next() {
        let line = (first.invoice_id, first.line_no);
        let mut of_line = vec![first];
        while let Some(row) = rows.next_if(|row| (row.invoice_id, row.line_no) == line) {
            of_line.push(row);
        }
        match of_line.first().is_some_and(|tax| tax.taxable < 0) {
            true => taken.extend(of_line),
            false => add(&mut charged, line, of_line),
        }
    }
    for tax in taken {
        take(&mut charged, tax).map_err(|error| StorageError::unreadable("tax of a line", error))?;
    }
    Ok(charged)
}

#[derive(QueryableByName)]
struct StandIn {
    #[diesel(sql_type = SqlUuid)]
    version: ItemVersionId,
    #[diesel(sql_type = Timestamptz)]
    start: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    other_version: ItemVersionId,
    #[diesel(sql_type = Timestamptz)]
    other_start: DateTime<Utc>,
}

/// What was charged on an invoice that was voided or credited, and what gave back on it, which counts against those charges: of these keys, and
/// of all that are joined to them in this way.
fn stand_in(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    keys: &[Key],
) -> Result<HashMap<Key, Vec<Key>>, StorageError> {
    let rows: Vec<StandIn> = diesel::sql_query(
        "WITH RECURSIVE found AS ( \
             SELECT k.version, k.start FROM unnest($2::uuid[], $3::timestamptz[]) AS k (version, start) \
             UNION SELECT o.item_version_id, o.period_start FROM found f \
             JOIN invoice_lines l ON l.tenant_id = $1 AND l.item_version_id = f.version AND l.period_start = f.start \
             JOIN invoices i ON i.tenant_id = $1 AND i.id = l.invoice_id AND (i.status = 'void' \
                 OR EXISTS (SELECT FROM credit_notes n WHERE n.tenant_id = $1 AND n.invoice_id = i.id)) \
             JOIN invoice_lines o ON o.tenant_id = $1 AND o.invoice_id = l.invoice_id AND o.item_version_id IS NOT NULL \
                 AND (o.amount < 0 AND o.revision > 0) <> (l.amount < 0 AND l.revision > 0)) \
         SELECT DISTINCT p.item_version_id AS version, p.period_start AS start, l.item_version_id AS other_version, \
             l.period_start AS other_start \
         FROM found f \
         JOIN invoice_lines l ON l.tenant_id = $1 AND l.item_version_id = f.version AND l.period_start = f.start \
             AND l.amount < 0 AND l.revision > 0 \
         JOIN invoices i ON i.tenant_id = $1 AND i.id = l.invoice_id AND (i.status = 'void' \
             OR EXISTS (SELECT FROM credit_notes n WHERE n.tenant_id = $1 AND n.invoice_id = i.id)) \
         JOIN invoice_lines p ON p.tenant_id = $1 AND p.invoice_id = l.invoice_id AND p.item_version_id IS NOT NULL AND p.amount > 0 \
         ORDER BY 1, 2, 3, 4",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(keys.iter().map(|key| key.version).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(keys.iter().map(|key| key.start).collect::<Vec<_>>())
    .load(tx.conn)?;
    let mut stand_in: HashMap<Key, Vec<Key>> = HashMap::new();
    for row in rows {
        let other = Key { version: row.other_version, start: row.other_start };
        stand_in.entry(Key { version: row.version, start: row.start }).or_default().push(other);
    }
    Ok(stand_in)
}

/// Adds a taxed line.
fn add(charged: &mut TaxedCharges, line: (InvoiceId, i32), taxes: Vec<Row>) {
    let Some(first) = taxes.first() else { return };
    let (taxable, taken_back) = (first.money(first.taxable), first.money(first.taxable_back));
    let key = first.key();
    let levy = |tax: Row| {
        let (amount, taken_back) = (tax.money(tax.amount), tax.money(tax.amount_back));
        TaxedLevy { levy: tax.levy.into(), amount, taken_back }
    };
    let levies = taxes.into_iter().map(levy).collect();
    let charge = TaxedCharge { line: Some(line), taxable, taken_back, levies };
    charged.charges.entry(key).or_default().push(charge);
}

/// Notes what one tax of a line below zero took of a charge, less what notes on that line gave again: of the last charge with that tax of which
/// so much was left.
fn take(charged: &mut TaxedCharges, tax: Row) -> Result<(), MoneyError> {
    let key = tax.key();
    let taxable = tax.money(tax.taxable_back).checked_sub(tax.money(tax.taxable))?;
    let amount = tax.money(tax.amount_back).checked_sub(tax.money(tax.amount))?;
    let levy = Levy::from(tax.levy);
    for key in charged.sources(key) {
        for charge in charged.charges.entry(key).or_default().iter_mut().rev() {
            let Some(place) = charge.levies.iter().position(|known| known.levy == levy) else { continue };
            let after = charge.taken_back.checked_add(taxable)?;
            if place == 0 {
                if charge.taxable.checked_sub(after)?.is_negative() {
                    continue;
                }
                charge.taken_back = after;
            }
            if let Some(known) = charge.levies.get_mut(place) {
                known.taken_back = known.taken_back.checked_add(amount)?;
            }
            return Ok(());
        }
    }
    Ok(())
}
