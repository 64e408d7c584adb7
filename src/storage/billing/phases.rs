//! Which cycle cuts a version into periods? The subscription's own, or that of a later phase: yearly from 1 July on.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

use super::Billable;
use crate::domain::calendar::{Cycle, Interval, Unit, Zone};
use crate::storage::StorageError;
use crate::storage::schema::subscription_phases;

/// The part of a phase's row that billing needs.
#[derive(Queryable, Selectable)]
#[diesel(table_name = subscription_phases)]
pub(in crate::storage) struct CycleRow {
    subscription_id: Uuid,
    phase_no: i16,
    cycle_base: NaiveDate,
    cycle_anchor_day: i16,
    interval_unit: String,
    interval_count: i32,
}

impl CycleRow {
    /// Whose it is.
    pub(in crate::storage) fn subscription_id(&self) -> Uuid {
        self.subscription_id
    }

    /// Which phase it is.
    pub(in crate::storage) fn phase_no(&self) -> i16 {
        self.phase_no
    }

    /// The cycle in a zone.
    pub(in crate::storage) fn cycle(&self, zone: Zone) -> Result<Cycle, StorageError> {
        let unreadable = |e: &dyn std::fmt::Display| StorageError::unreadable("subscription phase", e);
        let unit = Unit::parse(&self.interval_unit).map_err(|e| unreadable(&e))?;
        let count = u16::try_from(self.interval_count).map_err(|e| unreadable(&e))?;
        let interval = Interval::new(unit, count).map_err(|e| unreadable(&e))?;
        let anchor_day = u32::try_from(self.cycle_anchor_day).map_err(|e| unreadable(&e))?;
        Cycle::from_parts(self.cycle_base, anchor_day, interval, zone).map_err(|e| unreadable(&e))
    }
}

/// Gives each subscription the cycles of its later phases. They keep the zone it was started in.
pub(super) fn attach_cycles(billables: &mut [Billable], rows: Vec<CycleRow>) -> Result<(), StorageError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut places: HashMap<Uuid, usize> = HashMap::with_capacity(billables.len());
    places.extend(billables.iter().enumerate().map(|(i, b)| (b.timeline.subscription_id.uuid(), i)));
    for row in rows {
        let Some(&place) = places.get(&row.subscription_id) else { continue };
        let timeline = &mut billables[place].timeline;
        timeline.later_cycles.push((row.phase_no, row.cycle(timeline.cycle.zone())?));
    }
    Ok(())
}
