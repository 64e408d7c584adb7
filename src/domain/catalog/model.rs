//! How does a quantity become an amount? `{"type":"per_unit","unit_amount":"0.0025"}` makes 1,000 cost 2.50.
//!
//! What each model charges is computed in [`rating`](crate::domain::rating); here is what may be published.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::tiers::{self, Tier};
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
    /// An amount for each package of units; a package begun is charged whole.
    Package {
        /// Major units for one package and a whole period.
        amount: Decimal,
        /// Units in a package, above 0; may be fractional.
        size: Decimal,
    },
    /// Each unit at the price of the tier it lies in, and the flat amount of each tier entered.
    Graduated {
        /// Rising, the last one open.
        tiers: Vec<Tier>,
    },
    /// Every unit at the price of the tier the quantity reaches, and the flat amount of that tier.
    Volume {
        /// Rising, the last one open.
        tiers: Vec<Tier>,
    },
    /// The flat amount of the tier the quantity reaches.
    Stairstep {
        /// Rising, the last one open.
        tiers: Vec<Tier>,
    },
}

impl PriceModel {
    /// The types there are, as written on the wire.
    pub const TYPES: &'static [&'static str] =
        &["flat", "per_unit", "package", "graduated", "volume", "stairstep"];

    /// The type's name on the wire.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            PriceModel::Flat { .. } => "flat",
            PriceModel::PerUnit { .. } => "per_unit",
            PriceModel::Package { .. } => "package",
            PriceModel::Graduated { .. } => "graduated",
            PriceModel::Volume { .. } => "volume",
            PriceModel::Stairstep { .. } => "stairstep",
        }
    }

    /// Whether the quantity matters.
    #[must_use]
    pub fn counts_units(&self) -> bool {
        !matches!(self, PriceModel::Flat { .. })
    }

    /// Notes an amount below zero (a price charges; what is given back is a credit, with its own document), one that is
    /// more than the currency can count, a package of no size, and tiers that overlap or leave a quantity unpriced.
    pub fn check(&self, at: &str, currency: Currency, faults: &mut Faults) {
        match self {
            PriceModel::Flat { amount } => check_amount(*amount, &below(at, "amount"), currency, faults),
            PriceModel::PerUnit { unit_amount } => {
                check_amount(*unit_amount, &below(at, "unit_amount"), currency, faults);
            }
            PriceModel::Package { amount, size } => {
                check_amount(*amount, &below(at, "amount"), currency, faults);
                if *size <= Decimal::ZERO {
                    let detail = format_args!("a package holds more than 0 units, and this one holds {size}");
                    faults.add(below(at, "size"), "size_not_positive", detail);
                }
            }
            PriceModel::Graduated { tiers } | PriceModel::Volume { tiers } => {
                tiers::check(tiers, &below(at, "tiers"), currency, faults);
            }
            PriceModel::Stairstep { tiers } => {
                tiers::check(tiers, &below(at, "tiers"), currency, faults);
                tiers::check_steps(tiers, &below(at, "tiers"), faults);
            }
        }
    }
}

/// Notes an amount below zero, or beyond what the currency can count.
pub(super) fn check_amount(amount: Decimal, at: &str, currency: Currency, faults: &mut Faults) {
    if amount.is_sign_negative() && !amount.is_zero() {
        let detail =
            format_args!("a price cannot be negative, and this one is {amount}: use 0 for what is free");
        faults.add(at, "negative_amount", detail);
    } else if let Err(error) = round_to_minor(amount, currency) {
        faults.add(at, "amount_out_of_range", error);
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
