//! What is known of each due subscription? Its timeline, its cursor, and what was billed after it: four statements a range.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Bool, Nullable, Numeric, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use rust_decimal::Decimal;

use super::billable::Billable;
use super::phases::{CycleRow, attach_cycles};
use super::{Due, PriceBook, Since, taken_back};
use crate::domain::billing::chains;
use crate::domain::billing::piece::Key;
use crate::domain::billing::recorded::Recorded;
use crate::domain::billing::taken_back::TakenBack;
use crate::domain::calendar::{Unit, Zone};
use crate::domain::customers::Grouping;
use crate::domain::ids::{CustomerId, ItemVersionId, SubscriptionId};
use crate::domain::money::{Currency, Money};
use crate::domain::subscriptions::trial::WithoutMethod;
use crate::domain::subscriptions::{Collection, Timeline};
use crate::storage::columns::cycle;
use crate::storage::customers::LockedCustomer;
use crate::storage::schema::{
    billing_cursors as cursors, customers as consumers, item_versions as versions,
    subscription_phases as phases, subscriptions as subs,
};
use crate::storage::subscriptions::item_versions::VersionRow;
use crate::storage::{StorageError, Tx};

/// The due subscriptions of locked customers, in order of customer, then subscription.
pub fn load(
    tx: &mut Tx<'_>,
    due: Due,
    locked: &[LockedCustomer],
    book: &mut PriceBook,
) -> Result<Vec<Billable>, StorageError> {
    let wanted: HashSet<CustomerId> = locked.iter().map(|c| c.id).collect();
    let mut billables = Vec::with_capacity(locked.len());
    for row in load_subscriptions(tx, due)?.into_iter().filter(|r| wanted.contains(&r.customer_id)) {
        billables.push(row.billable()?);
    }
    attach_cycles(&mut billables, load_cycles(tx, due)?)?;
    let versions = load_versions(tx, due)?;
    book.fill(tx, due.tenant_id, &versions.iter().filter_map(|v| v.price_id).collect::<Vec<_>>())?;
    attach_versions(&mut billables, versions, book)?;
    let earlier = look_at_whole_periods(&mut billables);
    attach_recorded(&mut billables, load_recorded(tx, due, &earlier)?)?;
    taken_back::load_due(tx, due, &mut billables)?;
    Ok(billables)
}

/// A subscription with its place in billing, and whose it is.
#[derive(Queryable, Selectable)]
#[diesel(table_name = cursors)]
pub(super) struct SubscriptionRow {
    customer_id: CustomerId,
    subscription_id: SubscriptionId,
    settled_to: DateTime<Utc>,
    #[diesel(embed)]
    terms: TermsRow,
    #[diesel(embed)]
    consumer: ConsumerRow,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = subs)]
pub(super) struct TermsRow {
    currency: Currency,
    collection: Collection,
    invoice_separately: bool,
    time_zone: Zone,
    cycle_base: NaiveDate,
    cycle_anchor_day: i16,
    interval_unit: Unit,
    interval_count: i32,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = consumers)]
pub(super) struct ConsumerRow {
    id: CustomerId,
    invoice_grouping: Grouping,
}

fn load_subscriptions(tx: &mut Tx<'_>, due: Due) -> Result<Vec<SubscriptionRow>, StorageError> {
    // What a trial's end decides waits for that step: it may be that nothing is to be billed. One of these is true when nothing waits.
    let is_decided = subs::step_at
        .is_null()
        .or(subs::trial_end.is_null())
        .or(subs::trial_without_method.is_null())
        .or(subs::step_at.gt(subs::trial_end))
        .or(subs::trial_end.gt(due.trials_to))
        .or(subs::trial_without_method.eq(WithoutMethod::Bill));
    let rows = cursors::table
        .inner_join(
            subs::table.on(subs::tenant_id.eq(cursors::tenant_id).and(subs::id.eq(cursors::subscription_id))),
        )
        .inner_join(
            consumers::table
                .on(consumers::tenant_id.eq(cursors::tenant_id).and(consumers::id.eq(subs::customer_id))),
        )
        .filter(cursors::tenant_id.eq(due.tenant_id))
        .filter(cursors::customer_id.between(due.range.first, due.range.last))
        .filter(cursors::next_bill_at.le(due.as_of))
        .filter(is_decided)
        .order((cursors::customer_id, cursors::subscription_id))
        .select(SubscriptionRow::as_select())
        .load(tx.conn)?;
    Ok(rows)
}

impl SubscriptionRow {
    pub(super) fn billable(self) -> Result<Billable, StorageError> {
        let SubscriptionRow { customer_id, subscription_id, settled_to, terms, consumer } = self;
        let unit = (terms.interval_unit, terms.interval_count);
        let cycle = cycle((terms.cycle_base, terms.cycle_anchor_day), unit, terms.time_zone)?;
        Ok(Billable {
            customer_id,
            consumer: consumer.id,
            separate: consumer.invoice_grouping == Grouping::Separate,
            collection: terms.collection,
            invoice_separately: terms.invoice_separately,
            settled_to,
            timeline: Timeline {
                subscription_id,
                currency: terms.currency,
                cycle,
                later_cycles: Vec::new(),
                versions: Vec::with_capacity(4),
            },
            recorded: Vec::new(),
            at_most_to: None,
        })
    }
}

/// The cycles of later phases of due subscriptions: few have any.
fn load_cycles(tx: &mut Tx<'_>, due: Due) -> Result<Vec<CycleRow>, StorageError> {
    let rows = cursors::table
        .inner_join(
            phases::table.on(phases::tenant_id
                .eq(cursors::tenant_id)
                .and(phases::subscription_id.eq(cursors::subscription_id))),
        )
        .filter(cursors::tenant_id.eq(due.tenant_id))
        .filter(cursors::customer_id.between(due.range.first, due.range.last))
        .filter(cursors::next_bill_at.le(due.as_of))
        .select(CycleRow::as_select())
        .load(tx.conn)?;
    Ok(rows)
}

/// The versions of due subscriptions that have not ended before what is settled.
fn load_versions(tx: &mut Tx<'_>, due: Due) -> Result<Vec<VersionRow>, StorageError> {
    let rows = cursors::table
        .inner_join(
            versions::table.on(versions::tenant_id
                .eq(cursors::tenant_id)
                .and(versions::subscription_id.eq(cursors::subscription_id))),
        )
        .filter(cursors::tenant_id.eq(due.tenant_id))
        .filter(cursors::customer_id.between(due.range.first, due.range.last))
        .filter(cursors::next_bill_at.le(due.as_of))
        .order((cursors::customer_id, cursors::subscription_id, versions::id))
        .select(VersionRow::as_select())
        .load(tx.conn)?;
    Ok(rows)
}

/// Both lists are in order of customer, then subscription, so one walk matches them.
pub(super) fn attach_versions(
    billables: &mut [Billable],
    rows: Vec<VersionRow>,
    book: &PriceBook,
) -> Result<(), StorageError> {
    let mut places: HashMap<SubscriptionId, usize> = HashMap::with_capacity(billables.len());
    places.extend(billables.iter().enumerate().map(|(i, b)| (b.timeline.subscription_id, i)));
    for row in rows {
        let Some(&place) = places.get(&row.subscription_id) else { continue };
        let timeline = &mut billables[place].timeline;
        let currency = timeline.currency;
        timeline.versions.push(row.into_version(|price| book.find(price, currency))?);
    }
    for billable in billables {
        billable.timeline.versions.sort_by_key(|v| (v.terms.position, v.valid_from, v.id));
    }
    Ok(())
}

#[derive(QueryableByName)]
pub(super) struct RecordedRow {
    #[diesel(sql_type = SqlUuid)]
    subscription_id: SubscriptionId,
    #[diesel(sql_type = SqlUuid)]
    item_version_id: ItemVersionId,
    #[diesel(sql_type = Timestamptz)]
    period_start: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    period_end: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = SmallInt)]
    revision: i16,
    #[diesel(sql_type = Bool)]
    deferred: bool,
    #[diesel(sql_type = Text)]
    description: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    concerns_from: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    concerns_to: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Numeric>)]
    measured_quantity: Option<Decimal>,
    #[diesel(sql_type = Bool)]
    drafted: bool,
}

/// Lets billing look at periods that were cut from their first piece on, and gives where: what is one price is rated as one.
pub(super) fn look_at_whole_periods(billables: &mut [Billable]) -> Vec<Since> {
    let mut earlier = Vec::new();
    for billable in billables {
        // What cannot be cut into periods is found again, and reported, when the customer is billed.
        let first = chains::looks_from(&billable.timeline, billable.settled_to).unwrap_or_default();
        if let Some(first) = first {
            billable.settled_to = first;
            earlier.push((billable.timeline.subscription_id, first));
        }
    }
    earlier
}

/// Lines billed at or after each cursor, or the earlier instant that is given. LATERAL keeps it to index probes, however long the history is.
fn load_recorded(tx: &mut Tx<'_>, due: Due, earlier: &[Since]) -> Result<Vec<RecordedRow>, StorageError> {
    let rows = diesel::sql_query(
        "SELECT b.subscription_id, l.item_version_id, l.period_start, l.period_end, l.amount, l.revision, l.deferred, l.description, \
         l.concerns_from, l.concerns_to, l.measured_quantity, \
         EXISTS (SELECT 1 FROM invoices i WHERE i.tenant_id = $1 AND i.id = l.invoice_id AND i.status = 'draft') AS drafted \
         FROM billing_cursors b \
         JOIN item_versions v ON v.tenant_id = b.tenant_id AND v.subscription_id = b.subscription_id \
         LEFT JOIN unnest($5::uuid[], $6::timestamptz[]) AS e (subscription_id, since) ON e.subscription_id = b.subscription_id \
         CROSS JOIN LATERAL (SELECT * FROM invoice_lines l WHERE l.tenant_id = v.tenant_id AND l.item_version_id = v.id \
                             AND l.period_start >= coalesce(e.since, b.settled_to) OFFSET 0) l \
         WHERE b.tenant_id = $1 AND b.customer_id BETWEEN $2 AND $3 AND b.next_bill_at <= $4",
    )
    .bind::<SqlUuid, _>(due.tenant_id)
    .bind::<SqlUuid, _>(due.range.first)
    .bind::<SqlUuid, _>(due.range.last)
    .bind::<Timestamptz, _>(due.as_of)
    .bind::<Array<SqlUuid>, _>(earlier.iter().map(|(id, _)| id).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(earlier.iter().map(|(_, since)| *since).collect::<Vec<_>>())
    .load(tx.conn)?;
    Ok(rows)
}

pub(super) fn attach_recorded(
    billables: &mut [Billable],
    rows: Vec<RecordedRow>,
) -> Result<(), StorageError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut by_subscription: HashMap<SubscriptionId, Vec<RecordedRow>> = HashMap::new();
    for row in rows {
        by_subscription.entry(row.subscription_id).or_default().push(row);
    }
    for billable in billables {
        let Some(mut rows) = by_subscription.remove(&billable.timeline.subscription_id) else {
            continue;
        };
        rows.sort_by_key(|r| (r.item_version_id, r.period_start, r.revision));
        let currency = billable.timeline.currency;
        billable.recorded = rows
            .chunk_by(|a, b| (a.item_version_id, a.period_start) == (b.item_version_id, b.period_start))
            .map(|revisions| recorded(revisions, currency))
            .collect::<Result<_, _>>()?;
    }
    Ok(())
}

/// Adds up the revisions of one key; the first tells the whole period and the charge's own description.
fn recorded(revisions: &[RecordedRow], currency: Currency) -> Result<Recorded, StorageError> {
    let first = &revisions[0];
    let amount = Money::sum(currency, revisions.iter().map(|r| Money::from_minor(r.amount, currency)));
    Ok(Recorded {
        key: Key { version: first.item_version_id, start: first.period_start },
        period_end: first.period_end,
        covered_to: covered_to(revisions),
        amount: amount.map_err(|e| StorageError::unreadable("line amount", e))?,
        taken_back: TakenBack::default(),
        deferred: first.deferred,
        last_revision: revisions.iter().map(|r| r.revision).max().unwrap_or(0),
        description: first.description.as_str().into(),
        metered: revisions.iter().rev().find_map(|r| r.measured_quantity),
        drafted: revisions.iter().any(|r| r.drafted),
    })
}

/// The end of the first charge's period, or where the last correction that concerned a part of it left it.
fn covered_to(revisions: &[RecordedRow]) -> DateTime<Utc> {
    let last = revisions.iter().rev().find_map(|r| r.concerns_from.zip(r.concerns_to).map(|part| (r, part)));
    match last {
        None => revisions[0].period_end,
        Some((row, (from, _))) if row.amount < 0 => from,
        Some((_, (_, to))) => to,
    }
}
