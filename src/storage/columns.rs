//! How is what lies in several columns read? A cycle by its base, its anchor day, and an interval of so many units, in a zone; the entity of a row
//! that may name none by its tenant.

use chrono::NaiveDate;
use diesel::sql_types::{Nullable, Uuid as SqlUuid};

use crate::domain::calendar::{CalendarError, Cycle, Interval, Unit, Zone};
use crate::storage::StorageError;

diesel::define_sql_function! {
    /// The entity of a row that may name none, by its tenant.
    #[sql_name = "coalesce"]
    fn entity_or_first(entity_id: Nullable<SqlUuid>, tenant_id: SqlUuid) -> SqlUuid;
}

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
