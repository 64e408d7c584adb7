//! What did invoices charge that later ones give back, and what do they still hold of it? Read for all lines of a transaction at once.
//!
//! 31.00 deferred by an invoice of 1 March, 15.00 of it given back by one of 16 March: the first holds 16.00, and the second has an origin.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use rust_decimal::Decimal;

use crate::domain::billing::piece::Key;
use crate::domain::ids::{EntityId, InvoiceId, ItemVersionId, TenantId};
use crate::domain::ledger::Account;
use crate::domain::ledger::origins::{Charge, GivenBack, OF_INVOICES};
use crate::domain::money::{Currency, Money};
use crate::storage::schema::entities;
use crate::storage::{StorageError, Tx};

/// The currency of each entity's books.
pub fn homes(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<HashMap<EntityId, Currency>, StorageError> {
    let homes: Vec<(EntityId, Currency)> = entities::table
        .filter(entities::tenant_id.eq(tenant_id))
        .select((entities::id, entities::functional_currency))
        .load(tx.conn)?;
    Ok(homes.into_iter().collect())
}

#[derive(QueryableByName)]
struct ChargeRow {
    #[diesel(sql_type = SqlUuid)]
    version: ItemVersionId,
    #[diesel(sql_type = Timestamptz)]
    start: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    invoice_id: InvoiceId,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    earned: i64,
}

/// What was charged under these keys by invoices that are issued, in the order of billing: by lines of their own, and by those of corrections
/// that stand for them.
pub fn charges(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    keys: &[Key],
) -> Result<Vec<(Key, Charge)>, StorageError> {
    let rows: Vec<ChargeRow> = diesel::sql_query(
        "WITH RECURSIVE k AS (SELECT * FROM unnest($2::uuid[], $3::timestamptz[], $4::text[]) AS k (version, start, named)), \
         own AS (SELECT k.version, k.start, l.invoice_id, l.line_no, l.amount - l.discount - l.tax_included AS earned FROM k \
             CROSS JOIN LATERAL (SELECT * FROM invoice_lines l WHERE l.tenant_id = $1 AND l.item_version_id = k.version \
                                 AND l.period_start = k.start OFFSET 0) l), \
         billed AS (SELECT invoice_id FROM own \
             UNION SELECT n.replacement_invoice_id FROM billed b JOIN credit_notes n \
                 ON n.tenant_id = $1 AND n.invoice_id = b.invoice_id AND n.replacement_invoice_id IS NOT NULL), \
         stands AS (SELECT k.version, k.start, l.invoice_id, l.line_no, l.amount - l.discount - l.tax_included \
             FROM billed b JOIN invoice_line_grounds g ON g.tenant_id = $1 AND g.invoice_id = b.invoice_id AND g.grounds ? 'about' \
             JOIN invoice_lines l ON l.tenant_id = $1 AND l.invoice_id = g.invoice_id AND l.line_no = g.line_no AND l.item_version_id IS NULL \
             JOIN k ON k.named = g.grounds->'about'->>'version' AND k.start = (g.grounds->'about'->>'start')::timestamptz) \
         SELECT s.version, s.start, s.invoice_id, i.currency, s.earned \
         FROM (SELECT * FROM own UNION ALL SELECT * FROM stands) s \
         JOIN invoices i ON i.tenant_id = $1 AND i.id = s.invoice_id AND i.issued_at IS NOT NULL \
         WHERE s.earned > 0 ORDER BY i.issued_at, i.id, s.line_no",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(keys.iter().map(|key| key.version).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(keys.iter().map(|key| key.start).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(keys.iter().map(|key| key.version.to_string()).collect::<Vec<_>>())
    .load(tx.conn)?;
    let charge = |row: ChargeRow| {
        let earned = Money::from_minor(row.earned, row.currency);
        (Key { version: row.version, start: row.start }, Charge { invoice_id: row.invoice_id, earned })
    };
    Ok(rows.into_iter().map(charge).collect())
}

#[derive(QueryableByName)]
struct HeldRow {
    #[diesel(sql_type = SqlUuid)]
    invoice_id: InvoiceId,
    #[diesel(sql_type = Text)]
    account: Account,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Numeric)]
    amount: Decimal,
}

impl HeldRow {
    fn amount(&self) -> Result<Money, StorageError> {
        let minor = self.amount.trunc_with_scale(0).mantissa();
        Money::from_wide_minor(minor, self.currency).map_err(|e| StorageError::unreadable("held", e))
    }
}

/// What invoices hold of deferred revenue, revenue and tax, credits above zero. What was recognised moves from one to the other what was charged,
/// and is none of it: it is taken back by recognition. Nor is what was given up: whoever voids the invoice brings it back before.
pub fn held(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    invoices: &[InvoiceId],
) -> Result<HashMap<(InvoiceId, Account), Money>, StorageError> {
    let rows: Vec<HeldRow> = diesel::sql_query(
        "WITH moved AS (SELECT coalesce(origin_id, invoice_id, source_id) AS invoice_id, debit, credit, currency, amount FROM ledger_transfers \
             WHERE tenant_id = $1 AND source_kind NOT IN ('revenue_recognized', 'revenue_allocated', 'invoice_written_off', 'write_off_recovered') \
                 AND (source_id = ANY ($2) OR invoice_id = ANY ($2) OR origin_id = ANY ($2))) \
         SELECT invoice_id, account, currency, sum(amount) AS amount \
         FROM (SELECT invoice_id, credit AS account, currency, amount FROM moved \
               UNION ALL SELECT invoice_id, debit, currency, -amount FROM moved) s \
         WHERE invoice_id = ANY ($2) AND account IN ('deferred_revenue', 'revenue', 'tax_payable') GROUP BY 1, 2, 3",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(invoices)
    .load(tx.conn)?;
    rows.into_iter().map(|row| Ok(((row.invoice_id, row.account), row.amount()?))).collect()
}

/// What an invoice gave back of others, less what came again.
pub fn given_back_by(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    invoice: InvoiceId,
) -> Result<Vec<GivenBack>, StorageError> {
    let rows: Vec<HeldRow> = diesel::sql_query(
        "SELECT origin_id AS invoice_id, CASE WHEN debit = 'accounts_receivable' THEN credit ELSE debit END AS account, currency, \
             sum(CASE WHEN debit = 'accounts_receivable' THEN -amount ELSE amount END) AS amount \
         FROM ledger_transfers WHERE tenant_id = $1 AND source_kind <> 'revenue_recognized' AND (source_id = $2 OR invoice_id = $2) AND origin_id IS NOT NULL \
         GROUP BY 1, 2, 3 ORDER BY 1 DESC",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(invoice)
    .load(tx.conn)?;
    let given = |row: HeldRow| {
        Ok(GivenBack { account: row.account, origin_id: row.invoice_id, amount: row.amount()? })
    };
    let given: Vec<GivenBack> = rows.into_iter().map(given).collect::<Result<_, StorageError>>()?;
    Ok(given
        .into_iter()
        .filter(|one| OF_INVOICES.contains(&one.account) && one.amount.is_positive())
        .collect())
}

#[derive(QueryableByName)]
struct GiverRow {
    #[diesel(sql_type = SqlUuid)]
    invoice_id: InvoiceId,
}

/// Which invoices gave back of what an invoice had charged, the last first.
pub fn givers_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    invoice: InvoiceId,
) -> Result<Vec<InvoiceId>, StorageError> {
    let rows: Vec<GiverRow> = diesel::sql_query(
        "SELECT coalesce(invoice_id, source_id) AS invoice_id FROM ledger_transfers \
         WHERE tenant_id = $1 AND source_kind <> 'revenue_recognized' AND origin_id = $2 AND coalesce(invoice_id, source_id) <> $2 \
         GROUP BY 1 ORDER BY max(recorded_at) DESC, 1",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(invoice)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.invoice_id).collect())
}
