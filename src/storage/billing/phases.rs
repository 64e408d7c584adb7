//! Which cycle cuts a version into periods? The subscription's own, or that of a later phase: yearly from 1 July on.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::Billable;
use crate::domain::calendar::{Cycle, Unit, Zone};
use crate::domain::ids::SubscriptionId;
use crate::storage::schema::subscription_phases;
use crate::storage::{StorageError, columns};

/// The part of a phase's row that billing needs.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = subscription_phases, treat_none_as_default_value = false)]
pub(in crate::storage) struct CycleRow {
    subscription_id: SubscriptionId,
    phase_no: i16,
    cycle_base: NaiveDate,
    cycle_anchor_day: i16,
    interval_unit: Unit,
    interval_count: i32,
}

impl CycleRow {
    /// Of a phase of a subscription.
    pub(in crate::storage) fn of(
        subscription_id: SubscriptionId,
        (phase_no, cycle): (i16, Cycle),
    ) -> Result<CycleRow, StorageError> {
        Ok(CycleRow {
            subscription_id,
            phase_no,
            cycle_base: cycle.base(),
            cycle_anchor_day: columns::anchor_day(cycle)?,
            interval_unit: cycle.interval().unit,
            interval_count: i32::from(cycle.interval().count),
        })
    }

    /// Whose it is.
    pub(in crate::storage) fn subscription_id(&self) -> SubscriptionId {
        self.subscription_id
    }

    /// Which phase it is.
    pub(in crate::storage) fn phase_no(&self) -> i16 {
        self.phase_no
    }

    /// The cycle in a zone.
    pub(in crate::storage) fn cycle(&self, zone: Zone) -> Result<Cycle, StorageError> {
        let unit = (self.interval_unit, self.interval_count);
        columns::cycle((self.cycle_base, self.cycle_anchor_day), unit, zone)
    }
}

/// Gives each subscription the cycles of its later phases. They keep the zone it was started in.
pub(super) fn attach_cycles(billables: &mut [Billable], rows: Vec<CycleRow>) -> Result<(), StorageError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut places: HashMap<SubscriptionId, usize> = HashMap::with_capacity(billables.len());
    places.extend(billables.iter().enumerate().map(|(i, b)| (b.timeline.subscription_id, i)));
    for row in rows {
        let Some(&place) = places.get(&row.subscription_id) else { continue };
        let timeline = &mut billables[place].timeline;
        timeline.later_cycles.push((row.phase_no, row.cycle(timeline.cycle.zone())?));
    }
    Ok(())
}
