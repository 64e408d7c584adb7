//! How does a quantity become an amount? `{"type":"per_unit","unit_amount":"0.0025"}` makes 1,000 cost 2.50.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::fields::{Faults, below};
use crate::domain::money::{Currency, round_to_minor};

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

impl PriceModel {
    /// The types there are, as written on the wire.
    pub const TYPES: &'static [&'static str] = &["flat", "per_unit"];

    /// The type's name on the wire.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            PriceModel::Flat { .. } => "flat",
            PriceModel::PerUnit { .. } => "per_unit",
        }
    }

    /// Whether the quantity matters.
    #[must_use]
    pub fn counts_units(&self) -> bool {
        matches!(self, PriceModel::PerUnit { .. })
    }

    /// Notes an amount below zero (a price charges; what is given back is a credit, with its own document), and one
    /// that is more than the currency can count.
    pub fn check(&self, at: &str, currency: Currency, faults: &mut Faults) {
        let (field, amount) = match self {
            PriceModel::Flat { amount } => ("amount", amount),
            PriceModel::PerUnit { unit_amount } => ("unit_amount", unit_amount),
        };
        if amount.is_sign_negative() && !amount.is_zero() {
            let detail =
                format_args!("a price cannot be negative, and this one is {amount}: use 0 for what is free");
            faults.add(below(at, field), "negative_amount", detail);
        } else if let Err(error) = round_to_minor(*amount, currency) {
            faults.add(below(at, field), "amount_out_of_range", error);
        }
    }
}
