//! What does usage cost whose unit price depends on its dimensions? Each group at the price of its cell: 7,000 of `large` at
//! 0.002 and 988 of anything else at 0.001 → 14.00 + 0.988.

use rust_decimal::Decimal;

use super::{Rated, plus, times};
use crate::domain::catalog::Cell;
use crate::domain::money::MoneyError;
use crate::domain::usage::Meter;

/// A matrix price, with the place of each of its dimensions among those of its meter.
pub(super) struct Matrix<'a> {
    pub(super) cells: &'a [Cell],
    pub(super) default: Decimal,
    pub(super) places: Vec<Option<usize>>,
}

impl<'a> Matrix<'a> {
    pub(super) fn of(
        (dimensions, cells): (&[String], &'a [Cell]),
        default: Option<Decimal>,
        meter: &Meter,
    ) -> Matrix<'a> {
        let places =
            dimensions.iter().map(|name| meter.dimensions.iter().position(|known| known == name)).collect();
        Matrix { cells, default: default.unwrap_or(Decimal::ZERO), places }
    }

    /// The unit price of a combination of the meter's dimension values.
    pub(super) fn unit_amount(&self, values: &[String]) -> Decimal {
        let value = |place: &Option<usize>| place.and_then(|n| values.get(n)).map_or("", String::as_str);
        let fits = |cell: &&Cell| cell.values.iter().map(String::as_str).eq(self.places.iter().map(value));
        self.cells.iter().find(fits).map_or(self.default, |cell| cell.unit_amount)
    }

    /// Of groups: dimension values and quantity. One unit price for all makes a line of that many units.
    pub(super) fn rate(&self, groups: &[(&[String], Decimal)]) -> Result<Rated, MoneyError> {
        let mut amount = Decimal::ZERO;
        let mut quantity = Decimal::ZERO;
        let mut prices = Vec::with_capacity(groups.len());
        for (values, units) in groups {
            let price = self.unit_amount(values);
            amount = plus(amount, times(price, *units)?)?;
            quantity = plus(quantity, *units)?;
            prices.push(price);
        }
        match prices.first() {
            Some(&one) if prices.iter().all(|price| *price == one) => Rated::each(one, quantity),
            _ => Ok(Rated::whole(amount)),
        }
    }
}
