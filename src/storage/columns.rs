//! How is a cycle read from its columns? Its base, its anchor day, and an interval of so many units, in a zone.

use chrono::NaiveDate;

use crate::domain::calendar::{CalendarError, Cycle, Interval, Unit, Zone};
use crate::storage::StorageError;

fn unreadable(error: &dyn std::fmt::Display) -> StorageError {
    StorageError::unreadable("cycle", error)
}

/// So many units.
pub(in crate::storage) fn interval(unit: Unit, count: i32) -> Result<Interval, StorageError> {
    let count = u16::try_from(count).map_err(|e| unreadable(&e))?;
    Interval::new(unit, count).map_err(|e: CalendarError| unreadable(&e))
}

/// The cycle in a zone.
pub(in crate::storage) fn cycle(
    (base, anchor_day): (NaiveDate, i16),
    (unit, count): (Unit, i32),
    zone: Zone,
) -> Result<Cycle, StorageError> {
    let anchor_day = u32::try_from(anchor_day).map_err(|e| unreadable(&e))?;
    Cycle::from_parts(base, anchor_day, interval(unit, count)?, zone).map_err(|e| unreadable(&e))
}

/// A cycle's anchor day as it is stored.
pub(in crate::storage) fn anchor_day(cycle: Cycle) -> Result<i16, StorageError> {
    i16::try_from(cycle.anchor_day()).map_err(|e| unreadable(&e))
}
