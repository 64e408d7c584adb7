//! What did a meter measure in a period? A quantity for each combination of its dimensions' values, in their order.
//!
//! Dimensions `model`, `region`: (`large`, `eu`) 7,000 and (`small`, `us`) 988 → 7,988 in all.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::domain::money::MoneyError;

/// What a meter measured in one period of one customer. Nothing used: no groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// In the order of their dimension values; one with no values for a meter without dimensions.
    pub groups: Vec<Group>,
}

/// What was measured of one combination of dimension values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// One for each dimension of the meter, in its order; empty where the event has none.
    pub dimensions: Vec<String>,
    /// As the meter aggregates.
    pub quantity: Decimal,
    /// How many events are behind it.
    pub events: i64,
    /// What the events cost by their own word: the sum of the meter's `price_property`.
    pub priced: Decimal,
}

impl Usage {
    /// The quantity over all groups.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] beyond 28 digits.
    pub fn quantity(&self) -> Result<Decimal, MoneyError> {
        sum(self.groups.iter().map(|group| group.quantity))
    }

    /// What the events cost by their own word.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] beyond 28 digits.
    pub fn priced(&self) -> Result<Decimal, MoneyError> {
        sum(self.groups.iter().map(|group| group.priced))
    }

    /// The quantities and events of the groups that are alike in the dimensions at these places.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] beyond 28 digits.
    pub fn alike_in(&self, places: &[usize]) -> Result<BTreeMap<Vec<String>, (Decimal, i64)>, MoneyError> {
        let mut alike: BTreeMap<Vec<String>, (Decimal, i64)> = BTreeMap::new();
        for group in &self.groups {
            let values = places.iter().map(|n| group.dimensions.get(*n).cloned().unwrap_or_default());
            let (quantity, events) = alike.entry(values.collect()).or_default();
            *quantity = quantity.checked_add(group.quantity).ok_or(MoneyError::Overflow)?;
            *events += group.events;
        }
        Ok(alike)
    }

    /// How many events are behind it.
    #[must_use]
    pub fn events(&self) -> i64 {
        self.groups.iter().map(|group| group.events).sum()
    }
}

fn sum(mut numbers: impl Iterator<Item = Decimal>) -> Result<Decimal, MoneyError> {
    numbers.try_fold(Decimal::ZERO, |sum, number| sum.checked_add(number)).ok_or(MoneyError::Overflow)
}
