//! What does a period's usage cost? The one order of steps for every usage price:
//!
//! 1. **Quantity**: what the meter measured in the period, of this customer.
//! 2. **Conversion**: divided by the price's `divide_by` (seconds to minutes), then rounded to whole units when it says how.
//! 3. **Included units**: taken off, never below 0.
//! 4. **Model**: flat, per unit, packages, tiers, matrix, percentage (and what each event pays at least or at most) or the
//!    events' own price, of the quantity that is left.
//! 5. **Maximum** of the period: what is above it is not charged. And the least it is worth: nothing. A sum below zero, where more
//!    flowed back than was used, is paid by nobody, unless the price says `allow_negative`: then it is given back at the price at which
//!    units begin, that of the first tier. Included units never pay out.
//! 6. **Rounding** to the currency, once, for the line.
//! 7. **Minimum**, per price or for several: a commitment, charged on a line of its own, once all its prices are known.
//!
//! Usage is of its period alone, so nothing is prorated: bounds of tiers and included units are those of a whole period even
//! when the period is short, unless a change requested shares of them ([`part`](super::part)). A period that is cut is rated as one: see
//! `billing::chains`. 8,048 s at `divide_by` 60 rounded up → 135 min, 100 included → 35 at 0.02 → 0.70.

use rust_decimal::{Decimal, RoundingStrategy};

use super::matrix::Matrix;
use super::percentage::Percentage;
use super::summary::{Detail, Summary};
use super::{Rated, plus, rate, times};
use crate::domain::catalog::{Metering, PriceModel, Rounding};
use crate::domain::fields::{Faults, below};
use crate::domain::money::{Currency, MoneyError};
use crate::domain::usage::{Aggregation, Group, Meter, Usage};

/// A usage price in one currency.
#[derive(Debug, Clone, Copy)]
pub struct UsagePrice<'a> {
    pub model: &'a PriceModel,
    pub metering: &'a Metering,
    pub meter: &'a Meter,
    pub currency: Currency,
}

/// What was measured in a period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measured {
    pub usage: Usage,
    /// The values of the single events, where [`needs_single_events`] says so.
    pub values: Vec<Decimal>,
}

/// Whether a model prices each event alone.
#[must_use]
pub fn needs_single_events(model: &PriceModel) -> bool {
    percentage(model).is_some_and(|price| price.is_bounded())
}

/// Notes what a meter does not measure that a price model needs, at the pointer `at` of the model.
pub fn check_meter(model: &PriceModel, meter: &Meter, at: &str, faults: &mut Faults) {
    match model {
        PriceModel::Matrix { dimensions, .. } => {
            for (n, name) in
                dimensions.iter().enumerate().filter(|(_, name)| !meter.dimensions.contains(name))
            {
                let detail = format_args!(
                    "the meter \"{}\" does not keep \"{name}\" apart; its dimensions are: {}",
                    meter.code,
                    meter.dimensions.join(", ")
                );
                faults.add(below(&below(at, "dimensions"), &n.to_string()), "unknown_dimension", detail);
            }
        }
        PriceModel::Dynamic { .. } if meter.price_property.is_none() => {
            let detail = format_args!(
                "the events of the meter \"{}\" do not say what they cost: it has no price_property",
                meter.code
            );
            faults.add(below(at, "type"), "meter_without_price", detail);
        }
        model if needs_single_events(model) && meter.aggregation != Aggregation::Sum => {
            let detail = "bounds per event need a meter that adds up values: one with the aggregation sum";
            faults.add(at, "meter_without_values", detail);
        }
        _ => {}
    }
}

impl UsagePrice<'_> {
    /// The exact price of what was measured, and the quantity to print.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when numbers are too large.
    pub fn rate(&self, measured: &Measured) -> Result<Rated, MoneyError> {
        self.rate_summary(&self.summary(measured)?)
    }

    /// What the price needs to know of what was measured.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when numbers are too large.
    pub fn summary(&self, measured: &Measured) -> Result<Summary, MoneyError> {
        let usage = &measured.usage;
        let detail = match (self.model, percentage(self.model)) {
            (_, Some(price)) if price.is_bounded() => {
                Some(Detail::Bounded(price.put_apart(&measured.values)?))
            }
            (PriceModel::Matrix { .. }, _) => {
                let matrix = self.matrix();
                let mut cells = Vec::new();
                for Group { dimensions, quantity, .. } in &usage.groups {
                    matrix.add(&mut cells, dimensions, (*quantity, self.convert(*quantity)?))?;
                }
                Some(Detail::Cells(cells))
            }
            (PriceModel::Dynamic { .. }, _) => Some(Detail::Priced(usage.priced()?)),
            _ => None,
        };
        Ok(Summary { quantity: usage.quantity()?, events: usage.events(), detail })
    }

    /// The same from its summary.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when numbers are too large.
    pub fn rate_summary(&self, summary: &Summary) -> Result<Rated, MoneyError> {
        let rated = self.rate_model(summary)?;
        match self.maximum() {
            Some(most) if rated.amount > most => Ok(Rated::whole(most)),
            _ if rated.amount < self.least() => Ok(Rated::whole(self.least())),
            _ => Ok(rated),
        }
    }

    /// What a period is worth at least: nothing, unless what flowed back is given back.
    pub(super) fn least(&self) -> Decimal {
        if self.metering.allow_negative { Decimal::MIN } else { Decimal::ZERO }
    }

    /// What a period costs at most.
    #[must_use]
    pub fn maximum(&self) -> Option<Decimal> {
        self.metering.maximum.get(&self.currency).copied()
    }

    fn rate_model(&self, summary: &Summary) -> Result<Rated, MoneyError> {
        match (self.model, &summary.detail) {
            (PriceModel::Matrix { .. }, Some(Detail::Cells(cells))) => self.matrix().rate(cells),
            (PriceModel::Dynamic { markup_percent }, Some(Detail::Priced(priced))) => {
                Ok(Rated::whole(plus(*priced, markup(*priced, *markup_percent)?)?))
            }
            (model, detail) => match (percentage(model), detail) {
                (Some(price), Some(Detail::Bounded(bounded))) => price.rate_bounded(bounded),
                (Some(price), _) => price.rate(self.payable(summary.quantity)?, summary.events),
                _ => rate(model, self.payable(summary.quantity)?),
            },
        }
    }

    /// The matrix that its model is; of any other model, an empty one.
    pub(super) fn matrix(&self) -> Matrix<'_> {
        let PriceModel::Matrix { dimensions, cells, default_unit_amount } = self.model else {
            return Matrix::of((&[], &[]), None, self.meter);
        };
        Matrix::of((dimensions, cells), *default_unit_amount, self.meter)
    }

    /// The quantity to pay: converted, and less what is included.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when numbers are too large.
    pub fn payable(&self, measured: Decimal) -> Result<Decimal, MoneyError> {
        let units = self.convert(measured)?;
        if units.is_sign_negative() {
            // Included units do not add to what flowed back.
            return Ok(if self.metering.allow_negative { units } else { Decimal::ZERO });
        }
        let paid = units.checked_sub(self.metering.included).ok_or(MoneyError::Overflow)?;
        Ok(paid.max(Decimal::ZERO))
    }

    /// What was measured, divided and rounded to whole units as the price says.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when numbers are too large.
    pub fn convert(&self, measured: Decimal) -> Result<Decimal, MoneyError> {
        let by = self.metering.divide_by.unwrap_or(Decimal::ONE);
        let Some(round) = self.metering.round else {
            return measured.checked_div(by).ok_or(MoneyError::Overflow);
        };
        let strategy = match round {
            Rounding::Up => RoundingStrategy::ToPositiveInfinity,
            Rounding::Down => RoundingStrategy::ToNegativeInfinity,
            Rounding::Nearest => RoundingStrategy::MidpointAwayFromZero,
        };
        whole(measured, by, strategy).ok_or(MoneyError::Overflow)
    }
}

/// The quotient as a whole number. The remainder decides, not the quotient's digits: 28 of them could lose a unit begun.
fn whole(quantity: Decimal, by: Decimal, strategy: RoundingStrategy) -> Option<Decimal> {
    let rest = quantity.checked_rem(by)?;
    let below = quantity.checked_sub(rest)?.checked_div(by)?.round();
    let twice = rest.abs().checked_mul(Decimal::TWO)?;
    let away = match strategy {
        RoundingStrategy::ToPositiveInfinity => rest > Decimal::ZERO,
        RoundingStrategy::ToNegativeInfinity => rest < Decimal::ZERO,
        _ => twice >= by,
    };
    let step = if rest.is_sign_negative() { -Decimal::ONE } else { Decimal::ONE };
    if away { below.checked_add(step) } else { Some(below) }
}

/// What is put on top of what events cost by their own word.
pub(super) fn markup(priced: Decimal, percent: Decimal) -> Result<Decimal, MoneyError> {
    times(priced, percent / Decimal::ONE_HUNDRED)
}

/// The percentage price that a model is, if it is one.
pub(super) fn percentage(model: &PriceModel) -> Option<Percentage> {
    let PriceModel::Percentage { percent, fixed_amount, per_event_minimum, per_event_maximum } = model else {
        return None;
    };
    Some(Percentage {
        percent: *percent,
        fixed_amount: *fixed_amount,
        minimum: *per_event_minimum,
        maximum: *per_event_maximum,
    })
}
