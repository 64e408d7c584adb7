//! What was measured of one combination of dimension values, while it is being put together?

use std::collections::BTreeSet;

use crate::domain::calendar::Period;
use crate::domain::money::MoneyError;
use crate::domain::usage::buckets::{Bucket, Holding, weigh};
use crate::domain::usage::reading::dimension_values;
use crate::domain::usage::tallied::Tallied;
use crate::domain::usage::{Aggregation, Exact, Group, Meter};
use crate::storage::StorageError;

/// What was measured of one combination of dimension values, while it is being put together.
#[derive(Default)]
pub(super) struct Tally {
    pub bucket: Option<Bucket>,
    /// In order of time, for what is held.
    pub holdings: Vec<Holding>,
    pub different: BTreeSet<String>,
    /// Different values that were counted by the database.
    pub counted: i64,
    /// Value × microseconds.
    pub held: Exact,
}

impl Tally {
    pub(super) fn merge(&mut self, other: Bucket) -> Result<(), StorageError> {
        match &mut self.bucket {
            Some(bucket) => bucket.merge(&other).map_err(unreadable)?,
            None => self.bucket = Some(other),
        }
        Ok(())
    }

    /// Weighs what was held in a stretch.
    pub(super) fn weigh(&mut self, meter: &Meter, stretches: &[Period]) -> Result<(), MoneyError> {
        if let (Aggregation::WeightedSum, [stretch]) = (meter.aggregation, stretches) {
            // Those before the stretch come first, as they were pushed; the sort keeps the order of equals.
            self.holdings.sort_by_key(|holding| holding.from);
            self.held = weigh(*stretch, self.holdings.drain(..))?;
        }
        Ok(())
    }

    /// Takes in what was measured of another stretch.
    pub(super) fn add(&mut self, other: Tally) -> Result<(), StorageError> {
        if let Some(bucket) = other.bucket {
            self.merge(bucket)?;
        }
        self.different.extend(other.different);
        self.counted += other.counted;
        self.held = self.held.plus(other.held).ok_or(MoneyError::Overflow).map_err(unreadable)?;
        Ok(())
    }

    pub(super) fn group(self, meter: &Meter, dimensions: &str) -> Result<Option<Group>, MoneyError> {
        let events = self.bucket.map_or(0, |bucket| bucket.events);
        let different = i64::try_from(self.different.len()).map_err(|_| MoneyError::Overflow)?;
        let different = self.counted.checked_add(different).ok_or(MoneyError::Overflow)?;
        let tallied = Tallied { bucket: self.bucket, different, held: self.held };
        let quantity = tallied.quantity(meter.aggregation);
        let decimal = |value: Option<Exact>| value.and_then(Exact::to_decimal).ok_or(MoneyError::Overflow);
        let priced = self.bucket.map_or(Exact::ZERO, |bucket| bucket.priced);
        let quantity = decimal(quantity)?;
        if events == 0 && quantity.is_zero() {
            return Ok(None);
        }
        Ok(Some(Group {
            dimensions: dimension_values(dimensions),
            quantity,
            events,
            priced: decimal(Some(priced))?,
        }))
    }
}

pub(super) fn unreadable(error: MoneyError) -> StorageError {
    StorageError::unreadable("usage", error)
}
