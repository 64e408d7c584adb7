//! What is known of each due subscription? Its timeline, its cursor, and what was billed after it: four statements a range.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Bool, Nullable, Numeric, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::billable::Billable;
use super::phases::{CycleRow, attach_cycles};
use super::{Due, PriceBook, Since, taken_back};
use crate::domain::billing::chains;
use crate::domain::billing::piece::Key;
use crate::domain::billing::recorded::Recorded;
use crate::domain::billing::taken_back::TakenBack;
use crate::domain::calendar::{Cycle, Interval, Unit, Zone};
use crate::domain::catalog::PriceModel;
use crate::domain::customers::Grouping;
use crate::domain::ids::{CustomerId, ItemId, ItemVersionId, SubscriptionId};
use crate::domain::money::{Currency, Money};
use crate::domain::proration::Basis;
use crate::domain::subscriptions::trial::WithoutMethod;
use crate::domain::subscriptions::{Bounds, Collection, ItemVersion, PriceTerms, Timeline, charge};
use crate::storage::customers::LockedCustomer;
use crate::storage::schema::{
    billing_cursors as cursors, customers as consumers, item_versions as versions,
    subscription_phases as phases, subscriptions as subs,
};
use crate::storage::{StorageError, Tx};

/// The due subscriptions of locked customers, in order of customer, then subscription.
pub fn load(
    tx: &mut Tx<'_>,
    due: Due,
    locked: &[LockedCustomer],
    book: &mut PriceBook,
) -> Result<Vec<Billable>, StorageError> {
    let wanted: HashSet<Uuid> = locked.iter().map(|c| c.id).collect();
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

#[derive(Queryable)]
pub(super) struct SubscriptionRow {
    pub(super) customer_id: Uuid,
    subscription_id: Uuid,
    settled_to: DateTime<Utc>,
    currency: String,
    collection: String,
    invoice_separately: bool,
    time_zone: String,
    cycle_base: NaiveDate,
    cycle_anchor_day: i16,
    interval_unit: String,
    interval_count: i32,
    consumer: Uuid,
    grouping: String,
}

fn load_subscriptions(tx: &mut Tx<'_>, due: Due) -> Result<Vec<SubscriptionRow>, StorageError> {
    // What a trial's end decides waits for that step: it may be that nothing is to be billed. One of these is true when nothing waits.
    let is_decided = subs::step_at
        .is_null()
        .or(subs::trial_end.is_null())
        .or(subs::trial_without_method.is_null())
        .or(subs::step_at.gt(subs::trial_end))
        .or(subs::trial_end.gt(due.trials_to))
        .or(subs::trial_without_method.eq(WithoutMethod::Bill.as_str()));
    let rows = cursors::table
        .inner_join(
            subs::table.on(subs::tenant_id.eq(cursors::tenant_id).and(subs::id.eq(cursors::subscription_id))),
        )
        .inner_join(
            consumers::table
                .on(consumers::tenant_id.eq(cursors::tenant_id).and(consumers::id.eq(subs::customer_id))),
        )
        .filter(cursors::tenant_id.eq(due.tenant_id.uuid()))
        .filter(cursors::customer_id.between(due.range.first.uuid(), due.range.last.uuid()))
        .filter(cursors::next_bill_at.le(due.as_of))
        .filter(is_decided)
        .order((cursors::customer_id, cursors::subscription_id))
        .select((
            cursors::customer_id,
            cursors::subscription_id,
            cursors::settled_to,
            subs::currency,
            subs::collection,
            subs::invoice_separately,
            subs::time_zone,
            subs::cycle_base,
            subs::cycle_anchor_day,
            subs::interval_unit,
            subs::interval_count,
            consumers::id,
            consumers::invoice_grouping,
        ))
        .load(tx.conn)?;
    Ok(rows)
}

impl SubscriptionRow {
    pub(super) fn billable(self) -> Result<Billable, StorageError> {
        let unreadable = |e: &dyn std::fmt::Display| StorageError::unreadable("subscription", e);
        let zone = Zone::parse(&self.time_zone).map_err(|e| unreadable(&e))?;
        let unit = Unit::parse(&self.interval_unit).map_err(|e| unreadable(&e))?;
        let count = u16::try_from(self.interval_count).map_err(|e| unreadable(&e))?;
        let interval = Interval::new(unit, count).map_err(|e| unreadable(&e))?;
        let anchor_day = u32::try_from(self.cycle_anchor_day).map_err(|e| unreadable(&e))?;
        Ok(Billable {
            customer_id: CustomerId::from_uuid(self.customer_id),
            consumer: CustomerId::from_uuid(self.consumer),
            separate: Grouping::parse(&self.grouping) == Some(Grouping::Separate),
            collection: Collection::parse(&self.collection).ok_or_else(|| unreadable(&self.collection))?,
            invoice_separately: self.invoice_separately,
            settled_to: self.settled_to,
            timeline: Timeline {
                subscription_id: SubscriptionId::from_uuid(self.subscription_id),
                currency: Currency::parse(&self.currency).map_err(|e| unreadable(&e))?,
                cycle: Cycle::from_parts(self.cycle_base, anchor_day, interval, zone)
                    .map_err(|e| unreadable(&e))?,
                later_cycles: Vec::new(),
                versions: Vec::with_capacity(4),
            },
            recorded: Vec::new(),
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
        .filter(cursors::tenant_id.eq(due.tenant_id.uuid()))
        .filter(cursors::customer_id.between(due.range.first.uuid(), due.range.last.uuid()))
        .filter(cursors::next_bill_at.le(due.as_of))
        .select(CycleRow::as_select())
        .load(tx.conn)?;
    Ok(rows)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = versions)]
pub(super) struct VersionRow {
    subscription_id: Uuid,
    id: Uuid,
    item_id: Uuid,
    pub(super) price_id: Option<Uuid>,
    quantity: Decimal,
    price_override: Option<serde_json::Value>,
    valid_from: DateTime<Utc>,
    valid_to: Option<DateTime<Utc>>,
    phase_no: i16,
    starts_by: Option<String>,
    ends_by: Option<String>,
    due_from: Option<DateTime<Utc>>,
    end_due_from: Option<DateTime<Utc>>,
    own_description: Option<String>,
    usage_by_days: bool,
    held: Option<String>,
}

/// The versions of due subscriptions that have not ended before what is settled.
fn load_versions(tx: &mut Tx<'_>, due: Due) -> Result<Vec<VersionRow>, StorageError> {
    let rows = cursors::table
        .inner_join(
            versions::table.on(versions::tenant_id
                .eq(cursors::tenant_id)
                .and(versions::subscription_id.eq(cursors::subscription_id))),
        )
        .filter(cursors::tenant_id.eq(due.tenant_id.uuid()))
        .filter(cursors::customer_id.between(due.range.first.uuid(), due.range.last.uuid()))
        .filter(cursors::next_bill_at.le(due.as_of))
        .order((cursors::customer_id, cursors::subscription_id, versions::id))
        .select(VersionRow::as_select())
        .load(tx.conn)?;
    Ok(rows)
}

fn own_terms(description: Option<&str>, model: Option<PriceModel>) -> Result<PriceTerms, StorageError> {
    match (description, model) {
        (Some(description), Some(PriceModel::Flat { amount })) => Ok(charge::own_terms(description, amount)),
        _ => Err(StorageError::unreadable("charge beside the plan", "it has no description or no amount")),
    }
}

fn basis(stored: Option<&str>) -> Result<Basis, StorageError> {
    stored.map_or(Ok(Basis::ByDay), Basis::parse).map_err(|e| StorageError::unreadable("proration", e))
}

/// Both lists are in order of customer, then subscription, so one walk matches them.
pub(super) fn attach_versions(
    billables: &mut [Billable],
    rows: Vec<VersionRow>,
    book: &PriceBook,
) -> Result<(), StorageError> {
    let mut places: HashMap<Uuid, usize> = HashMap::with_capacity(billables.len());
    places.extend(billables.iter().enumerate().map(|(i, b)| (b.timeline.subscription_id.uuid(), i)));
    for row in rows {
        let Some(&place) = places.get(&row.subscription_id) else { continue };
        let timeline = &mut billables[place].timeline;
        let price_override = row
            .price_override
            .map(serde_json::from_value::<PriceModel>)
            .transpose()
            .map_err(|e| StorageError::unreadable("price override", e))?;
        let (terms, price_override) = match row.price_id {
            Some(price) => (book.find(price, timeline.currency)?, price_override),
            // A charge beside the plan says itself what it is and costs.
            None => (Arc::new(own_terms(row.own_description.as_deref(), price_override)?), None),
        };
        timeline.versions.push(ItemVersion {
            id: ItemVersionId::from_uuid(row.id),
            item_id: ItemId::from_uuid(row.item_id),
            quantity: row.quantity,
            terms,
            price_override,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            bounds: Bounds {
                phase_no: row.phase_no,
                starts_by: basis(row.starts_by.as_deref())?,
                ends_by: basis(row.ends_by.as_deref())?,
                due_from: row.due_from,
                end_due_from: row.end_due_from,
                usage_by_days: row.usage_by_days,
                held: row.held.as_deref().map(|name| basis(Some(name))).transpose()?,
            },
        });
    }
    for billable in billables {
        billable.timeline.versions.sort_by_key(|v| (v.terms.position, v.valid_from, v.id));
    }
    Ok(())
}

#[derive(QueryableByName)]
pub(super) struct RecordedRow {
    #[diesel(sql_type = SqlUuid)]
    subscription_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    item_version_id: Uuid,
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
        // What cannot be cut into periods is found again, and told, when the customer is billed.
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
    .bind::<SqlUuid, _>(due.tenant_id.uuid())
    .bind::<SqlUuid, _>(due.range.first.uuid())
    .bind::<SqlUuid, _>(due.range.last.uuid())
    .bind::<Timestamptz, _>(due.as_of)
    .bind::<Array<SqlUuid>, _>(earlier.iter().map(|(id, _)| id.uuid()).collect::<Vec<_>>())
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
    let mut by_subscription: HashMap<Uuid, Vec<RecordedRow>> = HashMap::new();
    for row in rows {
        by_subscription.entry(row.subscription_id).or_default().push(row);
    }
    for billable in billables {
        let Some(mut rows) = by_subscription.remove(&billable.timeline.subscription_id.uuid()) else {
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
        key: Key { version: ItemVersionId::from_uuid(first.item_version_id), start: first.period_start },
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
