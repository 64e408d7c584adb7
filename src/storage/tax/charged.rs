//! Which charges were taxed that may be taken back, and what of their tax is gone already? The lines under their keys on invoices that are not
//! void, or were voided when what takes back was drafted already, less earlier lines below zero and credit notes.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use super::line_taxes::LevyColumns;
use crate::domain::billing::grounds::About;
use crate::domain::billing::piece::Key;
use crate::domain::ids::{InvoiceId, ItemVersionId, TenantId};
use crate::domain::money::{Currency, Money, MoneyError};
use crate::domain::tax::on_lines::history::{self, Taxed};
use crate::domain::tax::on_lines::{LineTax, TaxedCharges};
use crate::storage::sql_types::Json;
use crate::storage::{StorageError, Tx};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    version: Option<ItemVersionId>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    start: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    about: Option<Json<About>>,
    #[diesel(sql_type = SqlUuid)]
    invoice_id: InvoiceId,
    #[diesel(sql_type = Integer)]
    line_no: i32,
    /// It may take back, or charge again, what was billed before.
    #[diesel(sql_type = Bool)]
    changes: bool,
    #[diesel(sql_type = Bool)]
    is_void: bool,
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
    /// What its line bills, or stands for.
    fn key(&self) -> Option<Key> {
        let own = self.version.zip(self.start).map(|(version, start)| Key { version, start });
        own.or_else(|| self.about.as_ref().map(|Json(about)| about.key()))
    }
}

/// The taxed charges under these keys, and under those that may stand in for them; with those that were voided since what takes them back was
/// drafted, where that was.
pub fn charged(
    tx: &mut Tx<'_>,
    (tenant_id, drafted): (TenantId, Option<DateTime<Utc>>),
    keys: &[Key],
) -> Result<TaxedCharges, StorageError> {
    if keys.is_empty() {
        return Ok(TaxedCharges::default());
    }
    let mut charged = TaxedCharges { stand_in: stand_in(tx, tenant_id, keys)?, ..TaxedCharges::default() };
    let mut all: BTreeSet<Key> = keys.iter().copied().collect();
    for (key, others) in &charged.stand_in {
        all.insert(*key);
        all.extend(others);
    }
    charged.pledged = pledged(tx, tenant_id, &charged.stand_in)?;
    let rows = rows(tx, (tenant_id, drafted), &all.iter().copied().collect::<Vec<_>>())?.into_iter();
    let mut rows = rows.filter_map(|row| Some((row.key().filter(|key| all.contains(key))?, row))).peekable();
    while let Some((key, first)) = rows.next() {
        let line = (first.invoice_id, first.line_no);
        let mut of_line = vec![first];
        while let Some((_, row)) = rows.next_if(|(_, row)| (row.invoice_id, row.line_no) == line) {
            of_line.push(row);
        }
        add(&mut charged, key, of_line).map_err(|error| StorageError::unreadable("tax of a line", error))?;
    }
    Ok(charged)
}

/// The taxes of the lines that bill these keys, in the order of billing: their own lines, those that take them off by hand, and those of
/// corrections that stand for them.
fn rows(
    tx: &mut Tx<'_>,
    (tenant_id, drafted): (TenantId, Option<DateTime<Utc>>),
    keys: &[Key],
) -> Result<Vec<Row>, StorageError> {
    Ok(diesel::sql_query(
        "WITH RECURSIVE k AS (SELECT * FROM unnest($2::uuid[], $3::timestamptz[]) AS k (version, start)), \
         own AS (SELECT k.version, k.start, NULL::jsonb AS about, l.invoice_id, l.line_no, l.revision > 0 AS changes FROM k \
             CROSS JOIN LATERAL (SELECT * FROM invoice_lines l WHERE l.tenant_id = $1 AND l.item_version_id = k.version \
                                 AND l.period_start = k.start OFFSET 0) l), \
         billed AS (SELECT invoice_id FROM own \
             UNION SELECT n.replacement_invoice_id FROM billed b JOIN credit_notes n \
                 ON n.tenant_id = $1 AND n.invoice_id = b.invoice_id AND n.replacement_invoice_id IS NOT NULL), \
         by_hand AS (SELECT o.item_version_id, o.period_start, g.grounds->'about', l.invoice_id, l.line_no, \
                 l.counters_line IS NOT NULL OR (l.amount < 0 AND g.grounds->'about' IS NOT NULL) \
             FROM billed b JOIN invoice_lines l ON l.tenant_id = $1 AND l.invoice_id = b.invoice_id AND l.by_hand \
             LEFT JOIN invoice_lines o ON o.tenant_id = $1 AND o.invoice_id = l.invoice_id AND o.line_no = l.counters_line \
             LEFT JOIN invoice_line_grounds g ON g.tenant_id = $1 AND g.invoice_id = l.invoice_id AND g.line_no = l.line_no \
             WHERE l.item_version_id IS NULL), \
         lines AS (SELECT * FROM own UNION ALL SELECT * FROM by_hand) \
         SELECT l.version, l.start, l.about, l.invoice_id, l.line_no, l.changes, i.status = 'void' AS is_void, i.currency, t.jurisdiction, t.name, t.category, \
                t.rate, t.portion, t.reason, t.exemption_code, t.mention, t.one_stop_shop, t.across_borders, t.buyer_number, t.unverified, t.inclusive, t.provider_id, \
                t.taxable, t.amount, \
                coalesce(n.taxable, 0)::bigint AS taxable_back, coalesce(n.amount, 0)::bigint AS amount_back \
         FROM lines l \
         JOIN invoices i ON i.tenant_id = $1 AND i.id = l.invoice_id AND (i.status <> 'void' OR i.closed_at >= $4) \
         JOIN invoice_line_taxes t ON t.tenant_id = $1 AND t.invoice_id = l.invoice_id AND t.line_no = l.line_no \
         LEFT JOIN LATERAL (SELECT sum(c.taxable) AS taxable, sum(c.amount) AS amount FROM credit_note_line_taxes c \
             WHERE c.tenant_id = $1 AND c.invoice_id = t.invoice_id AND c.line_no = t.line_no AND c.tax_no = t.tax_no) n ON true \
         ORDER BY l.invoice_id, l.line_no, t.tax_no",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(keys.iter().map(|key| key.version).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(keys.iter().map(|key| key.start).collect::<Vec<_>>())
    .bind::<Nullable<Timestamptz>, _>(drafted)
    .load(tx.conn)?)
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

#[derive(QueryableByName)]
struct Pledged {
    #[diesel(sql_type = SqlUuid)]
    version: ItemVersionId,
    #[diesel(sql_type = Timestamptz)]
    start: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    net: i64,
}

/// What was charged on an invoice that was voided or credited, and what gave back on it, which counts against those charges: of these keys, and
/// of all that are joined to them in this way; what was for the same time first.
pub fn stand_in(
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
             l.period_start AS other_start, l.period_start >= p.period_end OR p.period_start >= l.period_end AS is_apart \
         FROM found f \
         JOIN invoice_lines l ON l.tenant_id = $1 AND l.item_version_id = f.version AND l.period_start = f.start \
             AND l.amount < 0 AND l.revision > 0 \
         JOIN invoices i ON i.tenant_id = $1 AND i.id = l.invoice_id AND (i.status = 'void' \
             OR EXISTS (SELECT FROM credit_notes n WHERE n.tenant_id = $1 AND n.invoice_id = i.id)) \
         JOIN invoice_lines p ON p.tenant_id = $1 AND p.invoice_id = l.invoice_id AND p.item_version_id IS NOT NULL AND p.amount > 0 \
         ORDER BY 1, 2, 5, 3, 4",
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

/// How much of what stands in for others does so: what gave back on invoices that were voided or credited, as far as it was.
fn pledged(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    stand_in: &HashMap<Key, Vec<Key>>,
) -> Result<HashMap<Key, Money>, StorageError> {
    let keys: BTreeSet<Key> = stand_in.values().flatten().copied().collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Pledged> = diesel::sql_query(
        "SELECT l.item_version_id AS version, l.period_start AS start, i.currency, \
             sum(CASE i.status WHEN 'void' THEN l.discount - l.amount ELSE coalesce(n.net, 0) END)::bigint AS net \
         FROM unnest($2::uuid[], $3::timestamptz[]) AS k (version, start) \
         JOIN invoice_lines l ON l.tenant_id = $1 AND l.item_version_id = k.version AND l.period_start = k.start \
             AND l.amount < 0 AND l.revision > 0 \
         JOIN invoices i ON i.tenant_id = $1 AND i.id = l.invoice_id \
         LEFT JOIN LATERAL (SELECT sum(c.discount - c.amount) AS net FROM credit_notes n \
             JOIN credit_note_lines c ON c.tenant_id = $1 AND c.credit_note_id = n.id AND c.invoice_line_no = l.line_no \
             WHERE n.tenant_id = $1 AND n.invoice_id = l.invoice_id AND n.replacement_invoice_id IS NULL) n ON true \
         GROUP BY 1, 2, 3",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(keys.iter().map(|key| key.version).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(keys.iter().map(|key| key.start).collect::<Vec<_>>())
    .load(tx.conn)?;
    let pledged = |row: Pledged| {
        (Key { version: row.version, start: row.start }, Money::from_minor(row.net, row.currency))
    };
    Ok(rows.into_iter().map(pledged).collect())
}

/// Adds a taxed line, less what notes took back of it.
fn add(charged: &mut TaxedCharges, key: Key, rows: Vec<Row>) -> Result<(), MoneyError> {
    let Some(first) = rows.first() else { return Ok(()) };
    let (line, changes, is_void) = ((first.invoice_id, first.line_no), first.changes, first.is_void);
    let (mut taxes, mut notes) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in rows {
        let money = |minor: i64| Money::from_minor(minor, row.currency);
        notes.push((money(row.taxable_back), money(row.amount_back)));
        let (taxable, amount) = (money(row.taxable), money(row.amount));
        taxes.push(LineTax { line_no: row.line_no, levy: row.levy.into(), taxable, amount });
    }
    let gives_back = taxes.first().is_some_and(|tax| tax.taxable.is_negative());
    let mut parts = history::parts(&taxes)?;
    let is_whole = parts.len() == 1;
    let mut notes = notes.into_iter();
    for part in &mut parts {
        note(part, &mut notes)?;
        part.line = is_whole.then_some(line);
    }
    for part in parts {
        match (gives_back, changes) {
            (true, _) if is_void => {}
            (false, _) if is_void => charged.by_key.entry(key).or_default().voided.push(part),
            (true, true) => charged.took_back(key, part)?,
            (true, false) => charged.by_key.entry(key).or_default().returns.push(part),
            (false, true) if charged.came_again(key, &part)? => {}
            (false, _) => charged.by_key.entry(key).or_default().charges.push(part),
        }
    }
    Ok(())
}

/// What notes took back of a part of a line.
fn note(part: &mut Taxed, notes: &mut impl Iterator<Item = (Money, Money)>) -> Result<(), MoneyError> {
    for (place, levy) in part.levies.iter_mut().enumerate() {
        let Some((taxable, amount)) = notes.next() else { return Ok(()) };
        if place == 0 {
            part.undone = history::size(taxable)?;
        }
        levy.undone = history::size(amount)?;
        if levy.levy.inclusive {
            part.undone = part.undone.checked_add(levy.undone)?;
        }
    }
    Ok(())
}
