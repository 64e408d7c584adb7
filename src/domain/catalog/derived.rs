//! What does a plan cost in a currency of which no price is given? What it costs in its own, at a rate, made neat.
//!
//! 31.00 USD at 0.92 are 28.52 EUR: 29.00 by the next unit, 28.99 where prices end in 99. 0.0025 a call are 0.0023, as fine as it was.
//!
//! It is done once, when the version is published: from then on these prices are prices like all others, and never move with the rate.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Cell, PriceDraft, PriceModel, Tier};
use crate::domain::fields::{Faults, below};
use crate::domain::money::{Currency, MoneyError, round_to_digits, round_to_significant};

/// An amount for a whole period never becomes nothing.
const DIGITS: u32 = 1;
/// What is multiplied by a quantity is off by less than half a percent.
const DIGITS_OF_UNITS: u32 = 3;

/// Decimals of a price, as those that are given may have.
const MOST_DECIMALS: u32 = 12;

/// Rates are below this: a billion of one for one of another is a slip of the pen.
const LIMIT: i64 = 1_000_000_000;

/// How an amount is made neat, once it is in its new currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Neatness {
    /// As fine as the price it is made of: to the minor unit, and by as many decimals finer as that is; prices of a unit have at least three
    /// significant digits.
    MinorUnit,
    /// Amounts of a unit and more: up to the next whole one.
    NextUnit,
    /// Amounts of a unit and more: up to the next that ends in nines (0.99, 0.999 of a currency of three decimals); without decimals, of a hundred and more.
    EndsInNines,
}

/// Which further currency is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Derivation {
    pub currency: Currency,
    /// How much of it one unit of the plan's own currency is; `None`: as the exchange rates say.
    pub rate: Option<Decimal>,
    pub neatness: Neatness,
}

/// How the prices of a further currency came about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Derived {
    pub currency: Currency,
    /// What was computed with: how much of it one unit of the plan's own currency was.
    pub rate: Decimal,
    pub neatness: Neatness,
    /// The day of an exchange rate; `None`: the rate was given with the plan.
    pub rate_date: Option<NaiveDate>,
}

/// Notes currencies that cannot be derived, and rates that are none.
pub(super) fn check(wanted: &[Derivation], own: Currency, faults: &mut Faults) {
    for (n, one) in wanted.iter().enumerate() {
        let at = below("/derive", &n.to_string());
        let is_repeated = wanted.iter().take(n).any(|other| other.currency == one.currency);
        if one.currency == own || is_repeated {
            let detail =
                format_args!("{} has its prices already: name each further currency once", one.currency);
            faults.add(below(&at, "currency"), "currency_repeated", detail);
        }
        let Some(rate) = one.rate else { continue };
        if rate <= Decimal::ZERO || rate >= Decimal::from(LIMIT) {
            let detail = format_args!(
                "a rate lies between 0 and {LIMIT}, and this one is {rate}: say how much of {} one {own} is",
                one.currency
            );
            faults.add(below(&at, "rate"), "out_of_range", detail);
        }
    }
}

impl Derived {
    /// Gives a price that has none in this currency one. A price that has one keeps it.
    ///
    /// # Errors
    /// [`MoneyError`]: an amount has more digits than can be computed with.
    pub(super) fn complete(&self, price: &mut PriceDraft, own: Currency) -> Result<(), MoneyError> {
        if price.currencies.contains_key(&self.currency) {
            return Ok(());
        }
        let model = self.model(&price.model, own)?;
        price.currencies.insert(self.currency, model);
        self.bound(&mut price.minimum, own)?;
        if let Some(metering) = &mut price.metering {
            self.bound(&mut metering.maximum, own)?;
        }
        Ok(())
    }

    fn bound(&self, bounds: &mut BTreeMap<Currency, Decimal>, own: Currency) -> Result<(), MoneyError> {
        if let Some(amount) = bounds.get(&own).copied() {
            bounds.entry(self.currency).or_insert(self.amount(amount, own, DIGITS)?);
        }
        Ok(())
    }

    fn model(&self, model: &PriceModel, own: Currency) -> Result<PriceModel, MoneyError> {
        let whole = |amount: &Decimal| self.amount(*amount, own, DIGITS);
        let each = |amount: &Decimal| self.amount(*amount, own, DIGITS_OF_UNITS);
        let tiers = |tiers: &[Tier]| {
            let tier = |tier: &Tier| {
                let (unit_amount, flat_amount) = (each(&tier.unit_amount)?, whole(&tier.flat_amount)?);
                Ok(Tier { up_to: tier.up_to, unit_amount, flat_amount })
            };
            tiers.iter().map(tier).collect::<Result<Vec<Tier>, MoneyError>>()
        };
        Ok(match model {
            PriceModel::Flat { amount } => PriceModel::Flat { amount: whole(amount)? },
            PriceModel::PerUnit { unit_amount } => PriceModel::PerUnit { unit_amount: each(unit_amount)? },
            PriceModel::Package { amount, size } => {
                PriceModel::Package { amount: each(amount)?, size: *size }
            }
            PriceModel::Graduated { tiers: all } => PriceModel::Graduated { tiers: tiers(all)? },
            PriceModel::Volume { tiers: all } => PriceModel::Volume { tiers: tiers(all)? },
            PriceModel::Stairstep { tiers: all } => PriceModel::Stairstep { tiers: tiers(all)? },
            PriceModel::Percentage { percent, fixed_amount, per_event_minimum, per_event_maximum } => {
                PriceModel::Percentage {
                    percent: *percent,
                    fixed_amount: each(fixed_amount)?,
                    per_event_minimum: per_event_minimum.as_ref().map(each).transpose()?,
                    per_event_maximum: per_event_maximum.as_ref().map(each).transpose()?,
                }
            }
            PriceModel::Matrix { dimensions, cells, default_unit_amount } => PriceModel::Matrix {
                dimensions: dimensions.clone(),
                cells: self.cells(cells, own)?,
                default_unit_amount: default_unit_amount.as_ref().map(each).transpose()?,
            },
            PriceModel::Dynamic { markup_percent } => PriceModel::Dynamic { markup_percent: *markup_percent },
            PriceModel::Commitment { amount, prices, pooled } => {
                PriceModel::Commitment { amount: whole(amount)?, prices: prices.clone(), pooled: *pooled }
            }
        })
    }

    fn cells(&self, cells: &[Cell], own: Currency) -> Result<Vec<Cell>, MoneyError> {
        let cell = |cell: &Cell| {
            Ok(Cell {
                values: cell.values.clone(),
                unit_amount: self.amount(cell.unit_amount, own, DIGITS_OF_UNITS)?,
            })
        };
        cells.iter().map(cell).collect()
    }

    /// An amount in this currency, neat, of at least so many significant digits.
    fn amount(&self, amount: Decimal, own: Currency, digits: u32) -> Result<Decimal, MoneyError> {
        let exact = amount.checked_mul(self.rate).ok_or(MoneyError::Overflow)?;
        let finer = amount.normalize().scale().saturating_sub(own.exponent());
        let as_fine = round_to_digits(exact, self.currency.exponent() + finer).normalize();
        let telling = round_to_significant(exact, digits).normalize();
        let near = if telling.scale() > as_fine.scale() { telling } else { as_fine };
        let near = round_to_digits(near, MOST_DECIMALS);
        if near.is_zero() && !amount.is_zero() {
            return Err(MoneyError::OutOfRange { currency: self.currency });
        }
        let (unit, less) = match self.neatness {
            Neatness::MinorUnit => return Ok(near),
            Neatness::NextUnit => (Decimal::ONE, Decimal::ZERO),
            Neatness::EndsInNines if self.currency.exponent() == 0 => (Decimal::ONE_HUNDRED, Decimal::ONE),
            Neatness::EndsInNines => (Decimal::ONE, Decimal::new(1, self.currency.exponent())),
        };
        if near < unit {
            return Ok(near);
        }
        let units =
            near.checked_add(less).and_then(|above| above.checked_div(unit)).map(|units| units.ceil());
        units.and_then(|units| units.checked_mul(unit)).map(|top| top - less).ok_or(MoneyError::Overflow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derived(currency: &str, rate: &str, neatness: Neatness) -> Derived {
        let rate = rate.parse().unwrap();
        Derived { currency: Currency::parse(currency).unwrap(), rate, neatness, rate_date: None }
    }

    /// Amounts in dollars, in another currency: of whole periods, or of units.
    fn priced(derived: &Derived, digits: u32, amounts: &[&str]) -> Vec<String> {
        let usd = Currency::parse("USD").unwrap();
        let amount =
            |text: &&str| derived.amount(text.parse().unwrap(), usd, digits).unwrap().normalize().to_string();
        amounts.iter().map(amount).collect()
    }

    const DOLLARS: [&str; 7] = ["31.00", "99", "0.0025", "0.001", "0.5", "0", "10.8695"];

    #[test]
    fn an_amount_is_as_fine_as_what_it_is_made_of() {
        let euros = derived("EUR", "0.92", Neatness::MinorUnit);
        let each = ["28.52", "91.08", "0.0023", "0.00092", "0.46", "0", "9.9999"];
        assert_eq!(priced(&euros, DIGITS_OF_UNITS, &DOLLARS), each);
        assert_eq!(priced(&euros, DIGITS, &["31.00", "0.001", "0.99"]), ["28.52", "0.0009", "0.91"]);
        let yen = derived("JPY", "149.4115", Neatness::MinorUnit);
        let each = ["4632", "14792", "0.374", "0.149", "74.7", "0", "1624.03"];
        assert_eq!(priced(&yen, DIGITS_OF_UNITS, &DOLLARS), each);
        assert_eq!(priced(&yen, DIGITS, &["31.00", "0.5"]), ["4632", "75"]);
        let dinars = derived("KWD", "0.307", Neatness::MinorUnit);
        assert_eq!(priced(&dinars, DIGITS_OF_UNITS, &["31.00", "0.0025"]), ["9.517", "0.000768"]);
    }

    #[test]
    fn nothing_becomes_free() {
        let hardly = derived("JPY", "0.000012345678", Neatness::EndsInNines);
        assert_eq!(priced(&hardly, DIGITS_OF_UNITS, &["31.00", "0"]), ["0.000383", "0"]);
        assert_eq!(priced(&hardly, DIGITS, &["31.00", "0"]), ["0.0004", "0"]);
        let too_small = derived("GBP", "0.000000000001", Neatness::MinorUnit);
        let usd = Currency::parse("USD").unwrap();
        assert!(too_small.amount(Decimal::new(1, 2), usd, DIGITS).is_err());
    }

    #[test]
    fn a_neat_amount_is_never_below_the_converted_one() {
        let whole = derived("EUR", "0.92", Neatness::NextUnit);
        let each = ["29", "92", "0.0023", "0.00092", "0.46", "0", "10"];
        assert_eq!(priced(&whole, DIGITS_OF_UNITS, &DOLLARS), each);
        let nines = derived("EUR", "0.92", Neatness::EndsInNines);
        let each = ["28.99", "91.99", "0.0023", "0.00092", "0.46", "0", "10.99"];
        assert_eq!(priced(&nines, DIGITS_OF_UNITS, &DOLLARS), each);
        let at_par = derived("EUR", "1", Neatness::EndsInNines);
        let amounts = ["13.00", "12.99", "12.991", "1", "0.99"];
        assert_eq!(priced(&at_par, DIGITS, &amounts), ["13.99", "12.99", "13.99", "1.99", "0.99"]);
        let yen = derived("JPY", "149.4115", Neatness::EndsInNines);
        assert_eq!(priced(&yen, DIGITS, &["31.00", "0.5", "99"]), ["4699", "75", "14799"]);
        let dinars = derived("KWD", "0.307", Neatness::EndsInNines);
        assert_eq!(priced(&dinars, DIGITS, &["31.00"]), ["9.999"]);
    }
}
