//! What is known of the subscriptions on drafts? Their timelines and what was billed of them from an instant on, due or not:
//! late usage of January changes January's draft, wherever billing stands by then.

use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};

use super::billable::Billable;
use super::facts::{RecordedRow, attach_recorded, look_at_whole_periods};
use super::since::Since;
use super::timelines::of_subscriptions;
use super::{PriceBook, taken_back};
use crate::domain::ids::{SubscriptionId, TenantId};
use crate::storage::{StorageError, Tx};

/// The subscriptions as billing would see them, had it settled nothing from each instant on.
pub fn load(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    wanted: &[Since],
    book: &mut PriceBook,
) -> Result<Vec<Billable>, StorageError> {
    let ids: Vec<SubscriptionId> = wanted.iter().map(|(id, _)| *id).collect();
    let mut billables = of_subscriptions(tx, tenant_id, &ids, book)?;
    for billable in &mut billables {
        let since = wanted.iter().find(|(id, _)| *id == billable.timeline.subscription_id);
        billable.settled_to = since.map_or(billable.settled_to, |(_, since)| *since);
    }
    look_at_whole_periods(&mut billables);
    let since: Vec<Since> = billables.iter().map(|b| (b.timeline.subscription_id, b.settled_to)).collect();
    attach_recorded(&mut billables, load_recorded(tx, tenant_id, &since)?)?;
    taken_back::load_since(tx, tenant_id, (wanted, &mut billables))?;
    Ok(billables)
}

fn load_recorded(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    wanted: &[Since],
) -> Result<Vec<RecordedRow>, StorageError> {
    let rows = diesel::sql_query(
        "SELECT v.subscription_id, l.item_version_id, l.period_start, l.period_end, l.amount, l.revision, l.deferred, l.description, \
         l.concerns_from, l.concerns_to, l.measured_quantity, true AS drafted \
         FROM unnest($2::uuid[], $3::timestamptz[]) AS d (subscription_id, since) \
         JOIN item_versions v ON v.tenant_id = $1 AND v.subscription_id = d.subscription_id \
         CROSS JOIN LATERAL (SELECT * FROM invoice_lines l WHERE l.tenant_id = v.tenant_id AND l.item_version_id = v.id \
                             AND l.period_start >= d.since OFFSET 0) l",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(wanted.iter().map(|(id, _)| id).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(wanted.iter().map(|(_, since)| *since).collect::<Vec<_>>())
    .load(tx.conn)?;
    Ok(rows)
}
