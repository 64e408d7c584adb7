//! Which number has what is given up or fulfilled of a line next? −2, then −3: below those of its notes and its void.

use std::collections::BTreeMap;

use super::schedule::Schedule;
use crate::domain::money::MoneyError;

/// Below those of the line, its notes and its void.
pub(super) struct Numbers(BTreeMap<i32, i16>);

impl Numbers {
    pub(super) fn after(known: &[Schedule]) -> Numbers {
        let mut lowest = BTreeMap::new();
        for schedule in known {
            let number = lowest.entry(schedule.line.line_no).or_insert(-1);
            *number = schedule.entry.number().min(*number);
        }
        Numbers(lowest)
    }

    /// The next of a line.
    pub(super) fn take(&mut self, line_no: i32) -> Result<i16, MoneyError> {
        let lowest = self.0.entry(line_no).or_insert(-1);
        *lowest = lowest.checked_sub(1).ok_or(MoneyError::Overflow)?;
        Ok(*lowest)
    }
}
