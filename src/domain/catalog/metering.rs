//! How does what a meter measured become the quantity of a price? Divided, rounded to whole units, and less what is included.
//!
//! 7,988 seconds at `divide_by` 60, rounded up, with 100 included: 134 minutes begun, 34 of them to pay.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use super::PriceModel;
use super::amounts::check_amount;
use crate::domain::fields::{Faults, below};
use crate::domain::ids::MeterId;
use crate::domain::money::Currency;

/// Largest number of included units and largest divisor: 10^12.
const LARGEST: Decimal = Decimal::from_parts(0xd4a5_1000, 0xe8, 0, false, 0);

/// What a usage price has beside its model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metering {
    pub meter_id: MeterId,
    /// The quantity of the price: the measured one divided by this.
    pub divide_by: Option<Decimal>,
    /// How the quotient becomes whole units; `None`: it stays as it is.
    pub round: Option<Rounding>,
    /// Units of each period that cost nothing, after dividing and rounding.
    pub included: Decimal,
    /// What a period costs at most, by currency.
    pub maximum: BTreeMap<Currency, Decimal>,
    /// Whether a period in which more flowed back than was used gives back; else it is worth nothing.
    pub allow_negative: bool,
}

/// How a fractional quantity becomes whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Rounding {
    /// A unit begun counts whole.
    Up,
    /// A unit begun does not count.
    Down,
    /// Half a unit and more counts whole.
    Nearest,
}

impl Metering {
    /// Nothing but a meter.
    #[must_use]
    pub fn by(meter_id: MeterId) -> Metering {
        let (included, maximum) = (Decimal::ZERO, BTreeMap::new());
        Metering { meter_id, divide_by: None, round: None, included, maximum, allow_negative: false }
    }

    /// Notes everything that is wrong at the pointer `at`, which is that of the price.
    pub(super) fn check(&self, model: &PriceModel, at: &str, faults: &mut Faults) {
        self.check_quantity(at, faults);
        if !self.included.is_zero() && !model.has_included_units() {
            let detail =
                format_args!("a {} price has no units to include: leave this out", model.type_name());
            faults.add(below(at, "included_units"), "included_not_supported", detail);
        }
        if (self.divide_by.is_some() || self.round.is_some())
            && !model.has_included_units()
            && !model.has_cells()
        {
            let detail = format_args!("a {} price counts no units: leave this out", model.type_name());
            let field = if self.divide_by.is_some() { "divide_by" } else { "round" };
            faults.add(below(at, field), "conversion_not_supported", detail);
        }
        for (currency, maximum) in &self.maximum {
            check_amount(*maximum, &below(at, "maximum_amount"), *currency, faults);
        }
    }

    fn check_quantity(&self, at: &str, faults: &mut Faults) {
        if self.included < Decimal::ZERO || self.included > LARGEST {
            let detail = format_args!("included units lie between 0 and {LARGEST}");
            faults.add(below(at, "included_units"), "out_of_range", detail);
        }
        let Some(by) = self.divide_by else { return };
        if by <= Decimal::ZERO || by > LARGEST {
            let detail = format_args!("a quantity is divided by a number above 0, at most {LARGEST}");
            faults.add(below(at, "divide_by"), "out_of_range", detail);
        } else if self.round.is_none() && !divides_exactly(by) {
            let detail = format_args!(
                "a quantity divided by {by} may have no last digit: say how it is rounded to whole units, with round, \
                 or price the undivided unit"
            );
            faults.add(below(at, "divide_by"), "inexact_division", detail);
        }
    }
}

/// Whether every quotient ends: the divisor's digits have no other prime factors than 2 and 5.
fn divides_exactly(by: Decimal) -> bool {
    let mut digits = by.normalize().mantissa();
    for factor in [2, 5] {
        while digits != 0 && digits % factor == 0 {
            digits /= factor;
        }
    }
    digits == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_divisor_of_twos_and_fives_divides_every_quantity_to_its_last_digit() {
        let exact = |text: &str| divides_exactly(text.parse().unwrap());
        assert_eq!(
            ["1", "1000000", "1024", "0.25", "60", "3", "7"].map(exact),
            [true, true, true, true, false, false, false]
        );
    }
}
