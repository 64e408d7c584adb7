//! What does a price need to know of what was measured? So little that it is kept with the line it made: of 40,000 payments of which
//! 12,000 cost the least a payment costs, those two numbers and what the others moved.
//!
//! Every usage price is rated from its summary, and by no other way: so a line can be rated again from what was kept.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::money::MoneyError;

/// What was measured, as far as a price uses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub quantity: Decimal,
    pub events: i64,
    /// Of prices for which quantity and number of events are not enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Detail>,
}

impl Summary {
    /// What it has beyond what was measured before: quantity and events.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when the numbers are too large.
    pub fn beyond(&self, before: Option<&Summary>) -> Result<(Decimal, i64), MoneyError> {
        let Some(before) = before else { return Ok((self.quantity, self.events)) };
        let quantity = self.quantity.checked_sub(before.quantity).ok_or(MoneyError::Overflow)?;
        Ok((quantity, self.events - before.events))
    }
}

/// What some price models need besides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Of a matrix: each cell that was used.
    Cells(Vec<CellUnits>),
    /// Of a percentage with bounds for each event.
    Bounded(Bounded),
    /// Of events that say themselves what they cost: the sum.
    Priced(Decimal),
}

/// What was used of a cell of a matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellUnits {
    /// Of the matrix's dimensions; `None`: of combinations without a cell.
    pub values: Option<Vec<String>>,
    pub measured: Decimal,
    /// Converted: what is paid for.
    pub units: Decimal,
}

/// Events, put apart by whether a bound decides what each costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounded {
    pub at_minimum: Events,
    pub between: Events,
    pub at_maximum: Events,
}

/// Events together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events {
    pub events: i64,
    /// The sum of their values.
    pub quantity: Decimal,
}
