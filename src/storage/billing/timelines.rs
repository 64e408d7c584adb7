//! What does a whole timeline look like, due or not? For a change of it, and for billing again what was settled:
//! late usage of 20 January, reported on 3 February, opens January again.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};

use super::billable::Billable;
use super::facts::{SubscriptionRow, attach_versions};
use super::phases::{CycleRow, attach_cycles};
use super::{PriceBook, pooled, write_cursors};
use crate::domain::billing::expected::Cursor;
use crate::domain::billing::segments;
use crate::domain::ids::{CustomerId, SubscriptionId, TenantId};
use crate::storage::schema::{
    billing_cursors as cursors, customers as consumers, item_versions as versions,
    subscription_phases as phases, subscriptions as subs, tenants,
};
use crate::storage::sql_types::IdRow;
use crate::storage::subscriptions::item_versions::VersionRow;
use crate::storage::{StorageError, Thing, Tx};

/// A timeline and where billing stands in it. What was billed is not among it.
#[derive(Debug)]
pub struct Standing {
    pub billable: Billable,
    pub next_bill_at: Option<DateTime<Utc>>,
}

/// The timeline of one subscription: of 5,000 that its customer has, no other is read.
pub fn timeline(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    subscription: SubscriptionId,
) -> Result<Standing, StorageError> {
    let mut found = standing(tx, tenant_id, &[subscription])?;
    found.pop().ok_or_else(|| StorageError::not_found(Thing::Subscription, subscription))
}

/// The timelines of these subscriptions.
pub fn standing(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    subscriptions: &[SubscriptionId],
) -> Result<Vec<Standing>, StorageError> {
    standing_of(tx, tenant_id, Wanted::Subscriptions(subscriptions))
}

/// The timelines of all subscriptions that these customers have.
pub fn standing_of_customers(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    customers: &[CustomerId],
) -> Result<Vec<Standing>, StorageError> {
    standing_of(tx, tenant_id, Wanted::AllOf(customers))
}

fn standing_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    wanted: Wanted<'_>,
) -> Result<Vec<Standing>, StorageError> {
    let rows = load_subscriptions(tx, tenant_id, wanted)?;
    let next: Vec<Option<DateTime<Utc>>> = rows.iter().map(|row| row.1).collect();
    let billables = whole(tx, tenant_id, rows, &mut PriceBook::default())?;
    Ok(billables
        .into_iter()
        .zip(next)
        .map(|(billable, next_bill_at)| Standing { billable, next_bill_at })
        .collect())
}

/// The timelines of these subscriptions.
pub(super) fn of_subscriptions(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[SubscriptionId],
    book: &mut PriceBook,
) -> Result<Vec<Billable>, StorageError> {
    let rows = load_subscriptions(tx, tenant_id, Wanted::Subscriptions(ids))?;
    whole(tx, tenant_id, rows, book)
}

/// Gives subscriptions their cycles and versions.
fn whole(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    rows: Vec<StandingRow>,
    book: &mut PriceBook,
) -> Result<Vec<Billable>, StorageError> {
    let mut billables = rows.into_iter().map(|row| row.0.billable()).collect::<Result<Vec<_>, _>>()?;
    let ids: Vec<SubscriptionId> = billables.iter().map(|b| b.timeline.subscription_id).collect();
    let cycles: Vec<CycleRow> = phases::table
        .filter(phases::tenant_id.eq(tenant_id).and(phases::subscription_id.eq_any(&ids)))
        .select(CycleRow::as_select())
        .load(tx.conn)?;
    attach_cycles(&mut billables, cycles)?;
    let rows = load_versions(tx, tenant_id, &ids)?;
    book.fill(tx, tenant_id, &rows.iter().filter_map(|v| v.price_id).collect::<Vec<_>>())?;
    attach_versions(&mut billables, rows, book)?;
    Ok(billables)
}

/// Which subscriptions.
#[derive(Clone, Copy)]
enum Wanted<'a> {
    AllOf(&'a [CustomerId]),
    Subscriptions(&'a [SubscriptionId]),
}

/// A subscription, and when it falls due next.
type StandingRow = (SubscriptionRow, Option<DateTime<Utc>>);

fn load_subscriptions(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    wanted: Wanted<'_>,
) -> Result<Vec<StandingRow>, StorageError> {
    let same = subs::tenant_id.eq(cursors::tenant_id).and(subs::id.eq(cursors::subscription_id));
    let consumer = consumers::tenant_id.eq(subs::tenant_id).and(consumers::id.eq(subs::customer_id));
    // By way of the customer's payer, for the cursor's key begins with it.
    let payer = super::coalesce(consumers::payer_id, consumers::id);
    let mut query = cursors::table
        .inner_join(subs::table.on(same))
        .inner_join(consumers::table.on(consumer.and(cursors::customer_id.eq(payer))))
        .filter(cursors::tenant_id.eq(tenant_id))
        .into_boxed();
    query = match wanted {
        Wanted::AllOf(customers) => {
            query.filter(subs::tenant_id.eq(tenant_id).and(subs::customer_id.eq_any(customers)))
        }
        Wanted::Subscriptions(ids) => query.filter(subs::tenant_id.eq(tenant_id).and(subs::id.eq_any(ids))),
    };
    let rows = query
        .order(cursors::subscription_id)
        .select((SubscriptionRow::as_select(), cursors::next_bill_at))
        .load(tx.conn)?;
    Ok(rows)
}

fn load_versions(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    subscriptions: &[SubscriptionId],
) -> Result<Vec<VersionRow>, StorageError> {
    let rows = versions::table
        .filter(versions::tenant_id.eq(tenant_id).and(versions::subscription_id.eq_any(subscriptions)))
        .order((versions::subscription_id, versions::id))
        .select(VersionRow::as_select())
        .load(tx.conn)?;
    Ok(rows)
}

/// Lets billing look again at what was settled, from the segment on that contains or follows each customer's instant:
/// the next bill charges the difference. A subscription with nothing more to come is billed again now. The customers are
/// locked by the caller.
pub fn reopen(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    changed: &[(CustomerId, DateTime<Utc>)],
) -> Result<(), StorageError> {
    let clock: Option<DateTime<Utc>> =
        tenants::table.find(tenant_id).select(tenants::test_clock).first(tx.conn)?;
    let now = clock.unwrap_or_else(crate::platform::clock::now);
    let mut opened = Vec::new();
    let mut earliest: BTreeMap<CustomerId, DateTime<Utc>> = BTreeMap::new();
    for &(customer, instant) in changed {
        earliest.entry(customer).and_modify(|first| *first = instant.min(*first)).or_insert(instant);
    }
    let settled = settled_after(tx, tenant_id, &earliest)?;
    let mut standing: HashMap<CustomerId, Vec<Standing>> = HashMap::with_capacity(settled.len());
    for one in standing_of(tx, tenant_id, Wanted::AllOf(&settled))? {
        standing.entry(one.billable.consumer).or_default().push(one);
    }
    for customer in settled {
        let (Some(&instant), Some(mut found)) = (earliest.get(&customer), standing.remove(&customer)) else {
            continue;
        };
        // What a customer uses may count towards a commitment of whoever pays.
        if let Some(payer) = found.first().map(|standing| standing.billable.customer_id) {
            let mut ids = pooled::committed(tx, tenant_id, (payer, instant))?;
            ids.retain(|id| !found.iter().any(|s| s.billable.timeline.subscription_id == *id));
            found.extend(standing_of(tx, tenant_id, Wanted::Subscriptions(&ids))?);
        }
        for Standing { billable, next_bill_at } in found {
            if billable.settled_to <= instant {
                continue;
            }
            let first = segments::first_ending_after(&billable.timeline, instant)
                .map_err(|e| StorageError::unreadable("timeline", e))?;
            let Some(from) = first.filter(|from| *from < billable.settled_to) else { continue };
            let cursor = Cursor { settled_to: from, next_bill_at: next_bill_at.or(Some(now)) };
            opened.push((billable.customer_id, billable.timeline.subscription_id, cursor));
        }
    }
    // Of several customers paid for by one account, each opens its commitments: the earliest counts.
    opened.sort_by_key(|(_, subscription, cursor)| (*subscription, cursor.settled_to));
    opened.dedup_by_key(|(_, subscription, _)| *subscription);
    write_cursors(tx, tenant_id, &opened)
}

/// Those of these customers of whom anything is settled after their instant: of most late events, nothing is. One statement for all.
fn settled_after(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    earliest: &BTreeMap<CustomerId, DateTime<Utc>>,
) -> Result<Vec<CustomerId>, StorageError> {
    let rows: Vec<IdRow<CustomerId>> = diesel::sql_query(
        "SELECT w.customer_id AS id FROM unnest($2::uuid[], $3::timestamptz[]) AS w (customer_id, instant) \
         JOIN customers c ON c.tenant_id = $1 AND c.id = w.customer_id \
         WHERE EXISTS (SELECT 1 FROM billing_cursors b JOIN subscriptions s ON s.tenant_id = $1 AND s.id = b.subscription_id \
             WHERE b.tenant_id = $1 AND b.customer_id = coalesce(c.payer_id, c.id) AND b.settled_to > w.instant \
             AND s.customer_id = w.customer_id) \
         ORDER BY w.customer_id",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(earliest.keys().copied().collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(earliest.values().copied().collect::<Vec<_>>())
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
