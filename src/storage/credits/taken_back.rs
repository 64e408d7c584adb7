//! Which invoices drew on grants for usage that may be taken back now, and what was taken back of them?
//!
//! January's usage of 100.00 was drawn from a grant and its event is voided: the key of January's line finds the invoice, what it drew
//! of which grant, and what is still due of it. One cheap question when nothing was ever drawn.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use super::{FundsBook, GrantRow};
use crate::domain::billing::grounds::About;
use crate::domain::billing::piece::Key;
use crate::domain::credits::Grant;
use crate::domain::credits::drawn::UsageLine;
use crate::domain::credits::drew::Drew;
use crate::domain::credits::take_back::TakenBack;
use crate::domain::ids::{
    CreditGrantId, InvoiceId, ItemVersionId, MeterId, PriceId, SubscriptionId, TenantId,
};
use crate::domain::invoicing::Invoice;
use crate::domain::money::{Currency, Money};
use crate::domain::payments::Status as PaymentStatus;
use crate::storage::customers::Held;
use crate::storage::schema::{credit_drawdowns, credit_grants, payments, usage_taken_back};
use crate::storage::sql_types::Json;
use crate::storage::{StorageError, Tx, invoicing};

#[derive(QueryableByName)]
struct LineRow {
    #[diesel(sql_type = SqlUuid)]
    invoice_id: InvoiceId,
    #[diesel(sql_type = Integer)]
    line_no: i32,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    subscription_id: Option<SubscriptionId>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    version: Option<ItemVersionId>,
    #[diesel(sql_type = Timestamptz)]
    start: DateTime<Utc>,
    /// The charge that a line by hand stands for.
    #[diesel(sql_type = Nullable<Jsonb>)]
    about: Option<Json<About>>,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = BigInt)]
    discount: i64,
    #[diesel(sql_type = BigInt)]
    tax: i64,
    #[diesel(sql_type = BigInt)]
    taken_back: i64,
    #[diesel(sql_type = BigInt)]
    noted: i64,
}

impl LineRow {
    fn usage_line(&self, key: Key, (price_id, meter_id): (PriceId, Option<MeterId>)) -> UsageLine {
        let money = |minor| Money::from_minor(minor, self.currency);
        UsageLine {
            line_no: self.line_no,
            key,
            price_id,
            meter_id,
            amount: money(self.amount),
            discount: money(self.discount),
            tax: money(self.tax),
            taken_back: money(self.taken_back),
            noted: money(self.noted),
        }
    }
}

#[derive(QueryableByName)]
struct Any {
    #[diesel(sql_type = Bool)]
    any: bool,
}

/// Adds to the funds what earlier invoices drew for usage billed under these keys. The customers are locked.
pub fn attach(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    book: &mut FundsBook,
    keys: &[Key],
) -> Result<(), StorageError> {
    if keys.is_empty() || !any(tx, tenant_id)? {
        return Ok(());
    }
    let lines = usage_lines(tx, tenant_id, keys)?;
    let ids: BTreeSet<InvoiceId> = lines.iter().map(|(invoice, _)| *invoice).collect();
    let ids: Vec<InvoiceId> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(());
    }
    let invoices = invoicing::find_all_locked(tx, tenant_id, &ids)?;
    let busy = under_way(tx, tenant_id, &ids)?;
    let mut grants = drawn(tx, tenant_id, &ids)?;
    let mut found: Vec<&Invoice> = invoices.iter().filter(|invoice| Drew::may_be(invoice)).collect();
    found.sort_by_key(|invoice| std::cmp::Reverse((invoice.issued_at, invoice.id)));
    for invoice in found {
        let theirs = grants.remove(&invoice.id).unwrap_or_default();
        let its_lines = lines.iter().filter(|(id, _)| *id == invoice.id).map(|(_, line)| *line);
        let drew = Drew::of((invoice, busy.contains(&invoice.id)), &theirs, its_lines)
            .map_err(|e| StorageError::unreadable("invoice amount", e))?;
        let funds = book.by_customer.entry(invoice.customer_id).or_default();
        for (grant, _) in theirs {
            if !funds.grants.iter().any(|known| known.id == grant.id) {
                funds.grants.push(grant);
            }
        }
        funds.drew.push(drew);
    }
    Ok(())
}

fn any(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<bool, StorageError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM credit_drawdowns WHERE tenant_id = $1) AS any";
    let found: Any = diesel::sql_query(sql).bind::<SqlUuid, _>(tenant_id).get_result(tx.conn)?;
    Ok(found.any)
}

/// The usage lines of invoices that drew for these keys, and of those that replaced such an invoice. What counters a line stands under
/// its number.
fn usage_lines(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    keys: &[Key],
) -> Result<Vec<(InvoiceId, UsageLine)>, StorageError> {
    let mut found = Vec::new();
    for row in lines(tx, tenant_id, keys)? {
        let own = row.version.map(|version| Key { version, start: row.start });
        let about =
            row.about.as_ref().map(|Json(About { version, start })| Key { version: *version, start: *start });
        if let (Some(key), Some(subscription)) = (own.or(about), row.subscription_id) {
            found.push((key, subscription, row));
        }
    }
    let subscriptions = found.iter().map(|(_, subscription, _)| *subscription).collect();
    let versions = found.iter().map(|(key, ..)| key.version).collect();
    let prices = super::usage_prices(tx, tenant_id, (&subscriptions, &versions))?;
    let line = |(key, _, row): (Key, SubscriptionId, LineRow)| {
        Some((row.invoice_id, row.usage_line(key, *prices.get(&key.version)?)))
    };
    Ok(found.into_iter().filter_map(line).collect())
}

/// The lines of invoices that drew and bill these keys, or replaced one that did.
fn lines(tx: &mut Tx<'_>, tenant_id: TenantId, keys: &[Key]) -> Result<Vec<LineRow>, StorageError> {
    Ok(diesel::sql_query(
        "WITH RECURSIVE billed AS ( \
             SELECT l.invoice_id FROM unnest($2::uuid[], $3::timestamptz[]) AS k (version, start) \
             CROSS JOIN LATERAL (SELECT * FROM invoice_lines l WHERE l.tenant_id = $1 AND l.item_version_id = k.version \
                                 AND l.period_start = k.start OFFSET 0) l \
             UNION SELECT n.replacement_invoice_id FROM billed b JOIN credit_notes n \
                 ON n.tenant_id = $1 AND n.invoice_id = b.invoice_id AND n.replacement_invoice_id IS NOT NULL), \
         found AS (SELECT b.invoice_id FROM billed b \
             WHERE EXISTS (SELECT 1 FROM credit_drawdowns d WHERE d.tenant_id = $1 AND d.invoice_id = b.invoice_id \
                           AND d.amount > d.returned)) \
         SELECT l.invoice_id, coalesce(l.counters_line, l.line_no) AS line_no, l.subscription_id, \
             coalesce(l.item_version_id, o.item_version_id) AS version, l.period_start AS start, g.grounds->'about' AS about, \
             i.currency, l.amount, l.discount, l.tax, coalesce(t.amount, 0)::bigint AS taken_back, coalesce(n.amount, 0)::bigint AS noted \
         FROM found f JOIN invoice_lines l ON l.tenant_id = $1 AND l.invoice_id = f.invoice_id \
         JOIN invoices i ON i.tenant_id = $1 AND i.id = f.invoice_id \
         LEFT JOIN invoice_lines o ON o.tenant_id = $1 AND o.invoice_id = l.invoice_id AND o.line_no = l.counters_line \
         LEFT JOIN invoice_line_grounds g ON g.tenant_id = $1 AND g.invoice_id = l.invoice_id AND g.line_no = l.line_no AND l.by_hand \
         LEFT JOIN (SELECT of_invoice_id, of_line_no, sum(amount) AS amount FROM usage_taken_back \
                    WHERE tenant_id = $1 AND of_invoice_id IN (SELECT invoice_id FROM found) GROUP BY 1, 2) t \
             ON t.of_invoice_id = l.invoice_id AND t.of_line_no = l.line_no \
         LEFT JOIN (SELECT n.invoice_id, c.invoice_line_no, sum(c.amount - c.discount + c.tax) AS amount \
                    FROM credit_notes n JOIN credit_note_lines c ON c.tenant_id = $1 AND c.credit_note_id = n.id \
                    WHERE n.tenant_id = $1 AND n.invoice_id IN (SELECT invoice_id FROM found) GROUP BY 1, 2) n \
             ON n.invoice_id = l.invoice_id AND n.invoice_line_no = l.line_no \
         ORDER BY l.invoice_id, l.line_no",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(keys.iter().map(|key| key.version).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(keys.iter().map(|key| key.start).collect::<Vec<_>>())
    .load(tx.conn)?)
}

/// Of these invoices, those with an attempt under way: they are left alone.
pub fn under_way(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[InvoiceId],
) -> Result<BTreeSet<InvoiceId>, StorageError> {
    let rows: Vec<Option<InvoiceId>> = payments::table
        .filter(payments::tenant_id.eq(tenant_id).and(payments::invoice_id.eq_any(ids)))
        .filter(payments::status.eq(PaymentStatus::Processing))
        .select(payments::invoice_id)
        .load(tx.conn)?;
    Ok(rows.into_iter().flatten().collect())
}

type Drawn = Vec<(Grant, Money)>;

/// The grants that each of these invoices drew on, with what it has not given back.
fn drawn(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[InvoiceId],
) -> Result<HashMap<InvoiceId, Drawn>, StorageError> {
    use credit_drawdowns as d;
    let rows: Vec<(InvoiceId, CreditGrantId, i64, i64)> = d::table
        .filter(d::tenant_id.eq(tenant_id).and(d::invoice_id.eq_any(ids)))
        .filter(d::amount.gt(d::returned))
        .select((d::invoice_id, d::grant_id, d::amount, d::returned))
        .load(tx.conn)?;
    let grant_ids: BTreeSet<CreditGrantId> = rows.iter().map(|row| row.1).collect();
    let grants: Vec<GrantRow> = credit_grants::table
        .filter(credit_grants::tenant_id.eq(tenant_id))
        .filter(credit_grants::id.eq_any(grant_ids))
        .select(GrantRow::as_select())
        .load(tx.conn)?;
    let grants: HashMap<CreditGrantId, Grant> =
        grants.into_iter().map(Grant::from).map(|grant| (grant.id, grant)).collect();
    let mut drawn: HashMap<InvoiceId, Drawn> = HashMap::new();
    for (invoice, grant, amount, returned) in rows {
        let Some(grant) = grants.get(&grant) else { continue };
        let left = Money::from_minor(amount - returned, grant.amount.currency());
        drawn.entry(invoice).or_default().push((grant.clone(), left));
    }
    Ok(drawn)
}

#[derive(Insertable)]
#[diesel(table_name = usage_taken_back, treat_none_as_default_value = false)]
struct Row {
    tenant_id: TenantId,
    invoice_id: InvoiceId,
    line_no: i32,
    of_invoice_id: InvoiceId,
    of_line_no: i32,
    amount: i64,
    to_credits: i64,
    to_due: i64,
}

/// Writes what invoices took back, and gives it back to the grants.
pub fn save(tx: &mut Tx<'_>, held: &Held, taken: &[(InvoiceId, TakenBack)]) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let row = |(invoice_id, one): &(InvoiceId, TakenBack)| {
        let to_credits = one.to_credits().map_err(|e| StorageError::unreadable("returned credits", e))?;
        Ok(Row {
            tenant_id,
            invoice_id: *invoice_id,
            line_no: one.line_no,
            of_invoice_id: one.of_invoice_id,
            of_line_no: one.of_line_no,
            amount: one.amount.minor(),
            to_credits: to_credits.minor(),
            to_due: one.to_due.minor(),
        })
    };
    let rows: Vec<Row> = taken.iter().map(row).collect::<Result<_, StorageError>>()?;
    diesel::insert_into(usage_taken_back::table).values(&rows).execute(tx.conn)?;
    for (_, one) in taken {
        for back in &one.returned {
            super::give_back(tx, held, (one.of_invoice_id, back.grant_id), back.amount)?;
            let grant = credit_grants::table.find((tenant_id, back.grant_id));
            match back.ended {
                None => diesel::update(grant)
                    .set(credit_grants::remaining.eq(credit_grants::remaining + back.amount.minor()))
                    .execute(tx.conn)?,
                Some(_) => diesel::update(grant)
                    .set((
                        credit_grants::closed_amount.eq(credit_grants::closed_amount + back.amount.minor()),
                        credit_grants::closed_price.eq(credit_grants::closed_price + back.owed.minor()),
                    ))
                    .execute(tx.conn)?,
            };
        }
    }
    Ok(())
}

/// Whether a later invoice gave something back of what this one drew, or this one of an earlier one.
pub fn touches(tx: &mut Tx<'_>, tenant_id: TenantId, invoice: InvoiceId) -> Result<bool, StorageError> {
    use usage_taken_back as t;
    let either = t::invoice_id.eq(invoice).or(t::of_invoice_id.eq(invoice));
    let found = t::table.filter(t::tenant_id.eq(tenant_id).and(either));
    Ok(diesel::select(diesel::dsl::exists(found)).get_result(tx.conn)?)
}
