//! Of which parts does a price add up? 2,500 graduated units: 100 × 0.10, 900 × 0.08, 1,500 × 0.05; together 157.00.
//!
//! For explaining a line. The parts come from the same functions as the price, and their sum is what it says, always.

use rust_decimal::Decimal;

use super::summary::{Bounded, CellUnits, Detail, Summary};
use super::usage::{UsagePrice, markup, percentage};
use super::{Rated, graduated, plus, rate, reached, times};
use crate::domain::catalog::{PriceModel, Tier};
use crate::domain::money::MoneyError;

/// What is priced alike: `units × unit_amount + flat_amount` is its amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub kind: PartKind,
    pub units: Decimal,
    pub unit_amount: Decimal,
    pub flat_amount: Decimal,
    pub amount: Decimal,
}

/// What a part is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartKind {
    /// Once, whatever the quantity.
    Flat,
    Units,
    /// Packages of this size, those begun too.
    Packages(Decimal),
    /// Units of a tier: above the first bound, up to and with the second; `None`: it has no end.
    Tier {
        above: Decimal,
        up_to: Option<Decimal>,
    },
    /// A percentage of what was measured.
    Percentage,
    /// A fixed amount for each event.
    Events,
    /// Events that cost the least an event costs.
    EventsAtMinimum,
    /// Events that cost the most an event costs.
    EventsAtMaximum,
    /// Units with these values of the matrix's dimensions (`None`: with none that has a price of its own), and what was measured of them.
    Cell {
        values: Option<Vec<String>>,
        measured: Decimal,
    },
    /// What the events cost by their own word.
    PricedEvents,
    /// What is put on top of that.
    Markup,
    /// What lies above the most that a period costs, and is not charged.
    AboveMaximum,
    /// What flowed back beyond what was used, and is not given back.
    BelowZero,
}

impl Part {
    fn of(kind: PartKind, units: Decimal, unit_amount: Decimal) -> Result<Part, MoneyError> {
        let amount = times(unit_amount, units)?;
        Ok(Part { kind, units, unit_amount, flat_amount: Decimal::ZERO, amount })
    }

    fn tier(tier: &Tier, above: Decimal, units: Decimal) -> Result<Part, MoneyError> {
        let Tier { up_to, unit_amount, flat_amount } = *tier;
        let amount = plus(times(unit_amount, units)?, flat_amount)?;
        Ok(Part { kind: PartKind::Tier { above, up_to }, units, unit_amount, flat_amount, amount })
    }
}

/// The parts of the price of a quantity that is sold.
///
/// # Errors
/// [`MoneyError::Overflow`] when the numbers are too large.
pub fn of_quantity(model: &PriceModel, quantity: Decimal) -> Result<Vec<Part>, MoneyError> {
    match model {
        PriceModel::Graduated { tiers } => {
            let mut parts = Vec::new();
            graduated::entered(tiers, quantity, |tier, above, units| {
                parts.push(Part::tier(tier, above, units)?);
                Ok(())
            })?;
            Ok(parts)
        }
        PriceModel::Volume { tiers } => one_tier(tiers, quantity, false),
        PriceModel::Stairstep { tiers } => one_tier(tiers, quantity, true),
        PriceModel::Package { size, .. } => {
            Ok(vec![as_printed(PartKind::Packages(*size), rate(model, quantity)?)?])
        }
        PriceModel::Flat { .. } | PriceModel::Commitment { .. } => {
            Ok(vec![as_printed(PartKind::Flat, rate(model, quantity)?)?])
        }
        _ => Ok(vec![as_printed(PartKind::Units, rate(model, quantity)?)?]),
    }
}

/// The parts of the price of what was measured.
///
/// # Errors
/// [`MoneyError::Overflow`] when the numbers are too large.
pub fn of_usage(price: &UsagePrice<'_>, summary: &Summary) -> Result<Vec<Part>, MoneyError> {
    let mut parts = match (price.model, &summary.detail) {
        (PriceModel::Matrix { .. }, Some(Detail::Cells(cells))) => {
            cells.iter().map(|cell| matrix(price, cell)).collect::<Result<_, _>>()?
        }
        (PriceModel::Dynamic { markup_percent }, Some(Detail::Priced(priced))) => {
            let on_top = markup(*priced, *markup_percent)?;
            let own = Part::of(PartKind::PricedEvents, Decimal::ONE, *priced)?;
            vec![own, Part::of(PartKind::Markup, Decimal::ONE, on_top)?]
        }
        (PriceModel::Percentage { .. }, detail) => of_percentage(price, summary, detail.as_ref())?,
        (model, _) => of_quantity(model, price.payable(summary.quantity)?)?,
    };
    let sum = parts.iter().try_fold(Decimal::ZERO, |sum, part| plus(sum, part.amount))?;
    if let Some(most) = price.maximum().filter(|most| sum > *most) {
        parts.push(Part::of(PartKind::AboveMaximum, Decimal::ONE, plus(most, -sum)?)?);
    } else if sum < price.least() {
        parts.push(Part::of(PartKind::BelowZero, Decimal::ONE, -sum)?);
    }
    Ok(parts)
}

fn of_percentage(
    price: &UsagePrice<'_>,
    summary: &Summary,
    detail: Option<&Detail>,
) -> Result<Vec<Part>, MoneyError> {
    let Some(terms) = percentage(price.model) else { return Ok(Vec::new()) };
    let (between, count) = match detail {
        Some(Detail::Bounded(Bounded { between, .. })) => (between.quantity, between.events),
        _ => (price.payable(summary.quantity)?, summary.events),
    };
    let mut parts = vec![Part::of(PartKind::Percentage, between, terms.unit_amount())?];
    if !terms.fixed_amount.is_zero() {
        parts.push(Part::of(PartKind::Events, count.into(), terms.fixed_amount)?);
    }
    if let Some(Detail::Bounded(Bounded { at_minimum, at_maximum, .. })) = detail {
        let bounds = [
            (PartKind::EventsAtMinimum, at_minimum, terms.minimum),
            (PartKind::EventsAtMaximum, at_maximum, terms.maximum),
        ];
        for (kind, events, bound) in bounds {
            if let Some(bound) = bound.filter(|_| events.events > 0) {
                parts.push(Part::of(kind, events.events.into(), bound)?);
            }
        }
    }
    Ok(parts)
}

fn matrix(price: &UsagePrice<'_>, cell: &CellUnits) -> Result<Part, MoneyError> {
    let unit_amount = price.matrix().unit_amount(cell.values.as_deref());
    let kind = PartKind::Cell { values: cell.values.clone(), measured: cell.measured };
    Part::of(kind, cell.units, unit_amount)
}

/// The tier that all of a quantity reaches; a step has no price for its units.
fn one_tier(tiers: &[Tier], quantity: Decimal, is_step: bool) -> Result<Vec<Part>, MoneyError> {
    let Some(tier) = reached(tiers, quantity) else { return Ok(Vec::new()) };
    let place = tiers.iter().position(|one| std::ptr::eq(one, tier)).unwrap_or(0);
    let above = place.checked_sub(1).and_then(|n| tiers.get(n)?.up_to).unwrap_or(Decimal::ZERO);
    let step = Tier { unit_amount: Decimal::ZERO, ..tier.clone() };
    Ok(vec![Part::tier(if is_step { &step } else { tier }, above, quantity)?])
}

fn as_printed(kind: PartKind, rated: Rated) -> Result<Part, MoneyError> {
    Part::of(kind, rated.quantity, rated.unit_amount)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{d, graduated, stairstep, volume};
    use super::*;

    const B: [&str; 3] = ["5: 7.00 + 10", "10: 6.50 + 20", "*: 6.00 + 30"];

    fn shown(model: &PriceModel, quantity: &str) -> Vec<String> {
        let row = |t: Part| {
            format!("{} x {} + {} = {}", t.units, t.unit_amount, t.flat_amount, t.amount.normalize())
        };
        of_quantity(model, d(quantity)).unwrap().into_iter().map(row).collect()
    }

    #[test]
    fn graduated_units_are_shown_tier_by_tier_and_volume_units_in_the_one_they_reach() {
        assert_eq!(shown(&graduated(&B), "6"), ["5 x 7.00 + 10 = 45", "1 x 6.50 + 20 = 26.5"]);
        assert_eq!(shown(&volume(&B), "6"), ["6 x 6.50 + 20 = 59"]);
        assert_eq!(shown(&graduated(&B), "0"), ["0 x 7.00 + 10 = 10"]);
        assert_eq!(shown(&stairstep(&["1000: 0 + 50", "*: 0 + 200"]), "1001"), ["1001 x 0 + 200 = 200"]);
    }

    proptest! {
        #[test]
        fn the_parts_add_up_to_the_price(quantity in 0_i64..5_000, scale in 0_u32..3) {
            let quantity = Decimal::new(quantity, scale);
            let package = PriceModel::Package { amount: d("5.00"), size: d("7") };
            let models = [graduated(&B), volume(&B), stairstep(&["3: 0 + 1", "*: 0 + 2"]), package];
            for model in models {
                let sum: Decimal = of_quantity(&model, quantity).unwrap().iter().map(|t| t.amount).sum();
                prop_assert_eq!(sum, rate(&model, quantity).unwrap().amount);
            }
        }
    }
}
