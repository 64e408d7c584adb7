//! What was taken back of charges after they were billed? Rows that are added when an invoice is voided, credited, corrected, edited as
//! a draft or given up; few charges have any. A January of 31.00 of which a note took 20.00: one row, of 20.00, worth 31.00 then.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::billable::Billable;
use super::{Due, Since};
use crate::domain::billing::grounds::About;
use crate::domain::billing::piece::Key;
use crate::domain::billing::taken_back::{Act, How, TakenBack};
use crate::domain::billing::topped_up::Side;
use crate::domain::billing::{ByHand, Line};
use crate::domain::ids::{InvoiceId, ItemVersionId, SubscriptionId, TenantId};
use crate::domain::money::{Currency, Money, MoneyError};
use crate::storage::customers::Held;
use crate::storage::schema::charges_taken_back as taken;
use crate::storage::{StorageError, Tx};

#[derive(QueryableByName)]
struct ActRow {
    #[diesel(sql_type = SqlUuid)]
    subscription_id: SubscriptionId,
    #[diesel(sql_type = SqlUuid)]
    item_version_id: ItemVersionId,
    #[diesel(sql_type = Timestamptz)]
    period_start: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    act_no: i32,
    #[diesel(sql_type = Text)]
    kind: How,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = BigInt)]
    discount: i64,
    #[diesel(sql_type = BigInt)]
    worth: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    kept: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    counted: Option<i64>,
}

/// Of a commitment with the least that counted, up to its end, when it was billed.
const COLUMNS: &str = "t.subscription_id, t.item_version_id, t.period_start, t.act_no, t.kind, t.amount, t.discount, t.worth, t.kept, \
     (SELECT min((g.grounds->>'counted')::bigint + coalesce((g.grounds->'counted_before'->>'counted')::bigint, 0)) \
      FROM invoice_lines l JOIN invoice_line_grounds g \
          ON g.tenant_id = $1 AND g.invoice_id = l.invoice_id AND g.line_no = l.line_no \
      WHERE l.tenant_id = $1 AND l.item_version_id = t.item_version_id AND l.period_start = t.period_start) AS counted";

impl ActRow {
    fn key(&self) -> Key {
        Key { version: self.item_version_id, start: self.period_start }
    }

    fn act(&self, currency: Currency) -> Act {
        let [amount, discount, worth] =
            [self.amount, self.discount, self.worth].map(|minor| Money::from_minor(minor, currency));
        let kept = self.kept.map(|minor| Money::from_minor(minor, currency));
        Act { how: self.kind, amount, discount, worth, kept }
    }
}

/// What was taken back of the charges of due subscriptions, among what was read of them.
pub(super) fn load_due(tx: &mut Tx<'_>, due: Due, billables: &mut [Billable]) -> Result<(), StorageError> {
    let rows = diesel::sql_query(format!(
        "SELECT {COLUMNS} FROM charges_taken_back t \
         JOIN billing_cursors b ON b.tenant_id = $1 AND b.subscription_id = t.subscription_id \
         WHERE t.tenant_id = $1 AND b.customer_id BETWEEN $2 AND $3 AND b.next_bill_at <= $4"
    ))
    .bind::<SqlUuid, _>(due.tenant_id)
    .bind::<SqlUuid, _>(due.range.first)
    .bind::<SqlUuid, _>(due.range.last)
    .bind::<Timestamptz, _>(due.as_of)
    .load(tx.conn)?;
    attach(billables, rows)
}

/// What was taken back of the charges of these subscriptions, among what was read of them.
pub(super) fn load_since(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (wanted, billables): (&[Since], &mut [Billable]),
) -> Result<(), StorageError> {
    let rows = diesel::sql_query(format!(
        "SELECT {COLUMNS} FROM charges_taken_back t \
         WHERE t.tenant_id = $1 AND t.subscription_id = ANY($2)"
    ))
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(wanted.iter().map(|(id, _)| id).collect::<Vec<_>>())
    .load(tx.conn)?;
    attach(billables, rows)
}

fn attach(billables: &mut [Billable], mut rows: Vec<ActRow>) -> Result<(), StorageError> {
    if rows.is_empty() {
        return Ok(());
    }
    rows.sort_by_key(|row| row.act_no);
    let mut by_subscription: HashMap<SubscriptionId, Vec<ActRow>> = HashMap::new();
    for row in rows {
        by_subscription.entry(row.subscription_id).or_default().push(row);
    }
    for billable in billables {
        let currency = billable.timeline.currency;
        let rows = by_subscription.remove(&billable.timeline.subscription_id).unwrap_or_default();
        for row in rows {
            let act = row.act(currency);
            let Some(billed) = billable.recorded.iter_mut().find(|r| r.key == row.key()) else { continue };
            billed.amount = billed.amount.checked_sub(act.amount).map_err(unreadable)?;
            billed.taken_back.add(act);
            billed.taken_back.counted_least = row.counted.map(|minor| Money::from_minor(minor, currency));
        }
    }
    Ok(())
}

fn unreadable(error: MoneyError) -> StorageError {
    StorageError::unreadable("charge taken back", error)
}

/// A charge that was billed: what stays of it, and what it was worth when it was billed last.
#[derive(Debug, Clone, PartialEq)]
pub struct Charge {
    pub subscription_id: SubscriptionId,
    pub stays: Money,
    /// What is still taken off of that by discounts.
    pub stays_off: Money,
    pub worth: Money,
    pub taken_back: TakenBack,
    /// Of usage, and of what a commitment charges.
    pub side: Option<Side>,
    next_no: i32,
}

/// A charge, and what happened to it by its invoice.
pub type Charges = HashMap<Key, Charge>;

/// Which charge each line of an invoice is of, or stands for.
pub fn keys(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (invoice, lines): (InvoiceId, &[Line]),
) -> Result<HashMap<i32, Key>, StorageError> {
    let own = |line: &Line| line.item_version_id.map(|version| Key { version, start: line.period.start });
    let mut keys: HashMap<i32, Key> =
        lines.iter().filter_map(|line| Some((line.line_no, own(line)?))).collect();
    for line in lines {
        if let Some(ByHand::Counters(countered)) = line.by_hand
            && let Some(key) = keys.get(&countered).copied()
        {
            keys.insert(line.line_no, key);
        }
    }
    if lines.iter().any(|line| line.by_hand == Some(ByHand::Added)) {
        for (line_no, grounds) in crate::storage::billing::grounds::of_invoice(tx, tenant_id, invoice)? {
            let Some(About { version, start }) = grounds.about else { continue };
            let key = Key { version, start };
            keys.insert(line_no, key);
        }
    }
    Ok(keys)
}

#[derive(QueryableByName)]
struct LineRow {
    #[diesel(sql_type = SqlUuid)]
    subscription_id: SubscriptionId,
    #[diesel(sql_type = SqlUuid)]
    item_version_id: ItemVersionId,
    #[diesel(sql_type = Timestamptz)]
    period_start: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = BigInt)]
    discount: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    worth: Option<i64>,
    #[diesel(sql_type = Bool)]
    is_usage: bool,
    #[diesel(sql_type = Bool)]
    is_shortfall: bool,
}

impl LineRow {
    fn side(&self) -> Option<Side> {
        let shortfall = self.is_shortfall.then_some(Side::Shortfall);
        shortfall.or(self.is_usage.then_some(Side::Usage))
    }
}

/// How charges stand: all that was billed of them, less all that was taken back. Their customer is locked.
pub fn charges(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (keys, currency): (&[Key], Currency),
) -> Result<Charges, StorageError> {
    let mut found = Charges::new();
    if keys.is_empty() {
        return Ok(found);
    }
    let versions: Vec<ItemVersionId> = keys.iter().map(|key| key.version).collect();
    let starts: Vec<DateTime<Utc>> = keys.iter().map(|key| key.start).collect();
    let rows: Vec<LineRow> = diesel::sql_query(
        "SELECT l.subscription_id, l.item_version_id, l.period_start, l.amount, l.discount, \
             (g.grounds->'taken_back'->>'worth')::bigint AS worth, l.measured_quantity IS NOT NULL AS is_usage, coalesce(g.grounds->>'counted' IS NOT NULL, false) AS is_shortfall \
         FROM unnest($2::uuid[], $3::timestamptz[]) AS k (version, start) \
         JOIN invoice_lines l ON l.tenant_id = $1 AND l.item_version_id = k.version AND l.period_start = k.start \
         LEFT JOIN invoice_line_grounds g ON g.tenant_id = $1 AND g.invoice_id = l.invoice_id AND g.line_no = l.line_no \
         ORDER BY l.item_version_id, l.period_start, l.revision",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(&versions)
    .bind::<Array<Timestamptz>, _>(&starts)
    .load(tx.conn)?;
    let zero = Money::zero(currency);
    for row in rows {
        let key = Key { version: row.item_version_id, start: row.period_start };
        let charge = found.entry(key).or_insert_with(|| Charge {
            subscription_id: row.subscription_id,
            stays: zero,
            stays_off: zero,
            worth: zero,
            taken_back: TakenBack::default(),
            side: None,
            next_no: 0,
        });
        charge.side = charge.side.or(row.side());
        let [amount, discount] = [row.amount, row.discount].map(|minor| Money::from_minor(minor, currency));
        charge.stays = charge.stays.checked_add(amount).map_err(unreadable)?;
        charge.stays_off = charge.stays_off.checked_add(discount).map_err(unreadable)?;
        charge.worth = row.worth.map_or(charge.stays, |worth| Money::from_minor(worth, currency));
    }
    let rows: Vec<ActRow> = diesel::sql_query(format!(
        "SELECT {COLUMNS} FROM unnest($2::uuid[], $3::timestamptz[]) AS k (version, start) \
         JOIN charges_taken_back t ON t.tenant_id = $1 AND t.item_version_id = k.version AND t.period_start = k.start \
         ORDER BY t.act_no"
    ))
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(&versions)
    .bind::<Array<Timestamptz>, _>(&starts)
    .load(tx.conn)?;
    for row in rows {
        let act = row.act(currency);
        let Some(charge) = found.get_mut(&row.key()) else { continue };
        charge.stays = charge.stays.checked_sub(act.amount).map_err(unreadable)?;
        charge.stays_off = charge.stays_off.checked_sub(act.discount).map_err(unreadable)?;
        charge.taken_back.add(act);
        charge.next_no = charge.next_no.max(row.act_no.saturating_add(1));
    }
    Ok(found)
}

/// By which invoice, and by which document or call.
#[derive(Debug, Clone, Copy)]
pub struct Cause {
    pub invoice_id: InvoiceId,
    pub source_id: Uuid,
    pub at: DateTime<Utc>,
}

#[derive(Insertable)]
#[diesel(table_name = taken, treat_none_as_default_value = false)]
struct NewAct {
    tenant_id: TenantId,
    subscription_id: SubscriptionId,
    item_version_id: ItemVersionId,
    period_start: DateTime<Utc>,
    act_no: i32,
    kind: How,
    invoice_id: InvoiceId,
    source_id: Uuid,
    amount: i64,
    discount: i64,
    worth: i64,
    recorded_at: DateTime<Utc>,
    kept: Option<i64>,
}

/// Adds what was taken back of charges that were read while their customer is locked.
pub fn insert(
    tx: &mut Tx<'_>,
    held: &Held,
    (charges, cause): (&Charges, Cause),
    acts: &[(Key, Act)],
) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let mut rows = Vec::with_capacity(acts.len());
    let mut noted: HashMap<Key, i32> = HashMap::new();
    for (key, act) in acts {
        let Some(charge) = charges.get(key) else { continue };
        let more = noted.entry(*key).or_default();
        rows.push(NewAct {
            tenant_id,
            subscription_id: charge.subscription_id,
            item_version_id: key.version,
            period_start: key.start,
            act_no: charge.next_no.saturating_add(*more),
            kind: act.how,
            invoice_id: cause.invoice_id,
            source_id: cause.source_id,
            amount: act.amount.minor(),
            discount: act.discount.minor(),
            worth: act.worth.minor(),
            recorded_at: cause.at,
            kept: act.kept.map(Money::minor),
        });
        *more += 1;
    }
    if !rows.is_empty() {
        diesel::copy_from(taken::table).from_insertable(&rows).execute(tx.conn)?;
    }
    Ok(())
}

/// Forgets what the edits of a draft took back: it is edited anew.
pub fn forget_edits(tx: &mut Tx<'_>, held: &Held, draft: InvoiceId) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let edits = taken::table
        .filter(taken::tenant_id.eq(tenant_id).and(taken::invoice_id.eq(draft)))
        .filter(taken::kind.eq(How::Edited));
    diesel::delete(edits).execute(tx.conn)?;
    Ok(())
}

/// Forgets what was taken back by giving an invoice up, and gives whether it was.
pub fn forget_write_off(tx: &mut Tx<'_>, held: &Held, invoice: InvoiceId) -> Result<bool, StorageError> {
    let tenant_id = held.tenant_id();
    let write_off = taken::table
        .filter(taken::tenant_id.eq(tenant_id).and(taken::invoice_id.eq(invoice)))
        .filter(taken::source_id.eq(invoice).and(taken::kind.ne(How::Edited)));
    Ok(diesel::delete(write_off).execute(tx.conn)? > 0)
}

/// Lets billing look again at all that an invoice charges, now.
pub fn look_again(
    tx: &mut Tx<'_>,
    held: &Held,
    (invoice, now): (InvoiceId, DateTime<Utc>),
) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    diesel::sql_query(
        "UPDATE billing_cursors b SET settled_to = least(b.settled_to, f.start), next_bill_at = least(coalesce(b.next_bill_at, $3), $3) \
         FROM (SELECT subscription_id, min(period_start) AS start FROM invoice_lines \
               WHERE tenant_id = $1 AND invoice_id = $2 AND subscription_id IS NOT NULL GROUP BY 1) f \
         WHERE b.tenant_id = $1 AND b.subscription_id = f.subscription_id",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(invoice)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn)?;
    Ok(())
}
