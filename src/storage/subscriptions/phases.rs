//! Which later plans and cycles does a subscription have? Its phases from 1 on; phase 0 is in the subscription's own row.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::change::Change;
use crate::domain::calendar::Zone;
use crate::domain::ids::{ChangeId, PlanId, SubscriptionId, TenantId};
use crate::domain::subscriptions::Subscription;
use crate::domain::subscriptions::phase::Phase;
use crate::storage::billing::CycleRow;
use crate::storage::customers::Held;
use crate::storage::schema::subscription_phases as phases;
use crate::storage::{StorageError, Tx};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = phases, treat_none_as_default_value = false)]
struct PhaseRow {
    tenant_id: TenantId,
    #[diesel(embed)]
    cycle: CycleRow,
    valid_from: DateTime<Utc>,
    replaced: bool,
    plan_id: PlanId,
    plan_version: i32,
    change_id: ChangeId,
}

impl PhaseRow {
    /// Of the phase a change begins.
    fn of(tenant_id: TenantId, change: &Change, phase: &Phase) -> Result<PhaseRow, StorageError> {
        Ok(PhaseRow {
            tenant_id,
            cycle: CycleRow::of(change.subscription_id, (phase.no, phase.cycle))?,
            valid_from: phase.valid_from,
            replaced: phase.replaced,
            plan_id: phase.plan_id,
            plan_version: phase.plan_version,
            change_id: change.id,
        })
    }

    fn phase(self, zone: Zone) -> Result<Phase, StorageError> {
        Ok(Phase {
            no: self.cycle.phase_no(),
            valid_from: self.valid_from,
            replaced: self.replaced,
            plan_id: self.plan_id,
            plan_version: self.plan_version,
            cycle: self.cycle.cycle(zone)?,
        })
    }
}

/// The later phases of a subscription, in order.
pub fn later(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    subscription: &Subscription,
) -> Result<Vec<Phase>, StorageError> {
    Ok(of_all(tx, tenant_id, &[subscription])?.remove(&subscription.id).unwrap_or_default())
}

/// The later phases of several, in order; most have none.
pub fn of_all(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    subscriptions: &[&Subscription],
) -> Result<HashMap<SubscriptionId, Vec<Phase>>, StorageError> {
    let zones: HashMap<SubscriptionId, Zone> = subscriptions.iter().map(|s| (s.id, s.cycle.zone())).collect();
    let rows: Vec<PhaseRow> = phases::table
        .filter(phases::tenant_id.eq(tenant_id))
        .filter(phases::subscription_id.eq_any(zones.keys()))
        .order((phases::subscription_id, phases::phase_no))
        .select(PhaseRow::as_select())
        .load(tx.conn)?;
    let mut found: HashMap<SubscriptionId, Vec<Phase>> = HashMap::new();
    for row in rows {
        let id = row.cycle.subscription_id();
        let Some(zone) = zones.get(&id) else { continue };
        found.entry(id).or_default().push(row.phase(*zone)?);
    }
    Ok(found)
}

/// Takes back the phases that would have begun after a change.
pub(super) fn replace_after(
    tx: &mut Tx<'_>,
    held: &Held,
    (subscription, after): (SubscriptionId, DateTime<Utc>),
) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    diesel::update(phases::table)
        .filter(phases::tenant_id.eq(tenant_id))
        .filter(phases::subscription_id.eq(subscription))
        .filter(phases::valid_from.gt(after))
        .set(phases::replaced.eq(true))
        .execute(tx.conn)?;
    Ok(())
}

/// Lets phases be in force again that had been taken back.
pub(super) fn restore(
    tx: &mut Tx<'_>,
    held: &Held,
    (subscription, numbers): (SubscriptionId, &[i16]),
) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    if numbers.is_empty() {
        return Ok(());
    }
    diesel::update(phases::table)
        .filter(phases::tenant_id.eq(tenant_id))
        .filter(phases::subscription_id.eq(subscription))
        .filter(phases::phase_no.eq_any(numbers))
        .set(phases::replaced.eq(false))
        .execute(tx.conn)?;
    Ok(())
}

/// Adds the phase a change begins.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    held: &Held,
    (change, phase): (&Change, Phase),
) -> Result<(), StorageError> {
    let row = PhaseRow::of(held.tenant_id(), change, &phase)?;
    diesel::insert_into(phases::table).values(row).execute(tx.conn)?;
    Ok(())
}
