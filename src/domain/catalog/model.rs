//! How does a quantity become an amount? `{"type":"per_unit","unit_amount":"0.0025"}` makes 1,000 cost 2.50.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A price model, as published with a plan or given to one subscription as its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum PriceModel {
    /// The same amount whatever the quantity.
    Flat {
        /// Major units for a whole period.
        amount: Decimal,
    },
    /// An amount for each unit.
    PerUnit {
        /// Major units for one unit and a whole period; may be finer than the currency.
        unit_amount: Decimal,
    },
}
