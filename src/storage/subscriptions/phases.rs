//! Which later plans and cycles does a subscription have? Its phases from 1 on; phase 0 is in the subscription's own row.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::change::Change;
use crate::domain::calendar::{Cycle, Unit, Zone};
use crate::domain::ids::{ChangeId, PlanId, SubscriptionId, TenantId};
use crate::domain::subscriptions::Subscription;
use crate::domain::subscriptions::phase::Phase;
use crate::storage::billing::CycleRow;
use crate::storage::columns::anchor_day;
use crate::storage::customers::Held;
use crate::storage::schema::subscription_phases as phases;
use crate::storage::{StorageError, Tx};

#[derive(Queryable, Selectable)]
#[diesel(table_name = phases)]
struct PhaseRow {
    valid_from: DateTime<Utc>,
    replaced: bool,
    plan_id: PlanId,
    plan_version: i32,
    #[diesel(embed)]
    cycle: CycleRow,
}

#[derive(Insertable)]
#[diesel(table_name = phases)]
struct NewPhase {
    tenant_id: TenantId,
    subscription_id: SubscriptionId,
    phase_no: i16,
    valid_from: DateTime<Utc>,
    plan_id: PlanId,
    plan_version: i32,
    cycle_base: NaiveDate,
    cycle_anchor_day: i16,
    interval_unit: Unit,
    interval_count: i32,
    change_id: ChangeId,
}

impl PhaseRow {
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
    let tenant_id = held.tenant_id();
    let cycle: Cycle = phase.cycle;
    let row = NewPhase {
        tenant_id,
        subscription_id: change.subscription_id,
        phase_no: phase.no,
        valid_from: phase.valid_from,
        plan_id: phase.plan_id,
        plan_version: phase.plan_version,
        cycle_base: cycle.base(),
        cycle_anchor_day: anchor_day(cycle)?,
        interval_unit: cycle.interval().unit,
        interval_count: i32::from(cycle.interval().count),
        change_id: change.id,
    };
    diesel::insert_into(phases::table).values(row).execute(tx.conn)?;
    Ok(())
}
