//! How does a quantity become an amount? `{"type":"per_unit","unit_amount":"0.0025"}` makes 1,000 cost 2.50.
//!
//! What each model charges is computed in [`rating`](crate::domain::rating); here is what may be published.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

use super::amounts::check_amount;
use super::matrix::{self, Cell};
use super::tiers::{self, Tier};
use crate::domain::fields::{Faults, below};
use crate::domain::money::Currency;

/// A price model, as published with a plan or given to one subscription as its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case", const_into_str)]
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
    /// A share of what was used, such as money moved, and a fixed amount for each event. Of usage prices only.
    Percentage {
        /// 2.9 is 2.9 of a hundred.
        percent: Decimal,
        /// Major units for each event.
        #[serde(default)]
        fixed_amount: Decimal,
        /// An event costs at least this, in major units.
        #[serde(default)]
        per_event_minimum: Option<Decimal>,
        /// An event costs at most this, in major units.
        #[serde(default)]
        per_event_maximum: Option<Decimal>,
    },
    /// The unit price chosen by the dimensions of what was used. Of usage prices only.
    Matrix {
        /// Of the meter, 1 to 3 of them.
        dimensions: Vec<String>,
        /// Each combination once.
        cells: Vec<Cell>,
        /// Of combinations without a cell; `None`: they cost nothing.
        default_unit_amount: Option<Decimal>,
    },
    /// What the events cost by their own word, and a mark-up. Of usage prices only.
    Dynamic {
        /// 20 adds a fifth.
        #[serde(default)]
        markup_percent: Decimal,
    },
    /// What other prices of the subscription must come to in a period: what they fall short of it is charged at its end.
    Commitment {
        /// Major units for a whole period.
        amount: Decimal,
        /// Codes of the prices that count; empty: all usage prices.
        #[serde(default)]
        prices: Vec<String>,
        /// Whether the prices of all subscriptions count that the same account pays for.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pooled: bool,
    },
}

impl PriceModel {
    /// Whether it is a commitment to which all subscriptions count that one account pays for.
    #[must_use]
    pub fn is_pooled(&self) -> bool {
        matches!(self, PriceModel::Commitment { pooled: true, .. })
    }

    /// The types there are, as written on the wire.
    pub const TYPES: &'static [&'static str] = <PriceModel as VariantNames>::VARIANTS;

    /// The type's name on the wire.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.into_str()
    }

    /// Whether the quantity matters.
    #[must_use]
    pub fn counts_units(&self) -> bool {
        !matches!(self, PriceModel::Flat { .. } | PriceModel::Commitment { .. })
    }

    /// Whether only what a meter measured can be priced so.
    #[must_use]
    pub fn needs_a_meter(&self) -> bool {
        matches!(self, PriceModel::Percentage { .. } | PriceModel::Matrix { .. } | PriceModel::Dynamic { .. })
    }

    /// Whether a period can include units that cost nothing: where all units of a quantity are alike.
    #[must_use]
    pub fn has_included_units(&self) -> bool {
        match self {
            PriceModel::Percentage { per_event_minimum, per_event_maximum, .. } => {
                per_event_minimum.is_none() && per_event_maximum.is_none()
            }
            PriceModel::Matrix { .. } | PriceModel::Dynamic { .. } => false,
            other => other.counts_units(),
        }
    }

    /// Whether its units are priced by their dimensions.
    #[must_use]
    pub fn has_cells(&self) -> bool {
        matches!(self, PriceModel::Matrix { .. })
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
            PriceModel::Percentage { percent, fixed_amount, per_event_minimum, per_event_maximum } => {
                check_percent(*percent, &below(at, "percent"), faults);
                check_amount(*fixed_amount, &below(at, "fixed_amount"), currency, faults);
                check_bounds((*per_event_minimum, *per_event_maximum), at, currency, faults);
            }
            PriceModel::Matrix { dimensions, cells, default_unit_amount } => {
                matrix::check((dimensions, cells), *default_unit_amount, (at, currency), faults);
            }
            PriceModel::Dynamic { markup_percent } => {
                check_percent(*markup_percent, &below(at, "markup_percent"), faults);
            }
            PriceModel::Commitment { amount, .. } => {
                check_amount(*amount, &below(at, "amount"), currency, faults);
            }
        }
    }
}

/// Notes a percentage that no one can mean.
fn check_percent(percent: Decimal, at: &str, faults: &mut Faults) {
    if percent < Decimal::ZERO || percent > Decimal::ONE_THOUSAND {
        faults.add(
            at,
            "percent_out_of_range",
            format_args!("a percentage lies between 0 and 1000, and this one is {percent}"),
        );
    }
}

fn check_bounds(
    (least, most): (Option<Decimal>, Option<Decimal>),
    at: &str,
    currency: Currency,
    faults: &mut Faults,
) {
    for (bound, field) in [(least, "per_event_minimum"), (most, "per_event_maximum")] {
        if let Some(bound) = bound {
            check_amount(bound, &below(at, field), currency, faults);
        }
    }
    if least.zip(most).is_some_and(|(least, most)| least > most) {
        let detail = "an event would have to cost more than it may: the minimum is above the maximum";
        faults.add(below(at, "per_event_minimum"), "minimum_above_maximum", detail);
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
