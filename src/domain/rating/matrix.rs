//! What does usage cost whose unit price depends on its dimensions? Each group at the price of its cell: 7,000 of `large` at
//! 0.002 and 988 of anything else at 0.001 → 14.00 + 0.988.

use rust_decimal::Decimal;

use super::summary::CellUnits;
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

    /// The cell that a combination of the meter's dimension values falls into; `None`: it has the default price.
    fn cell(&self, values: &[String]) -> Option<&'a Cell> {
        let value = |place: &Option<usize>| place.and_then(|n| values.get(n)).map_or("", String::as_str);
        let fits = |cell: &&Cell| cell.values.iter().map(String::as_str).eq(self.places.iter().map(value));
        self.cells.iter().find(fits)
    }

    /// The unit price of a cell, by its values.
    pub(super) fn unit_amount(&self, values: Option<&[String]>) -> Decimal {
        let cell = values.and_then(|values| self.cells.iter().find(|cell| cell.values == values));
        cell.map_or(self.default, |cell| cell.unit_amount)
    }

    /// Adds a group, what was measured of it and the units to pay, to the units of its cell.
    pub(super) fn add(
        &self,
        cells: &mut Vec<CellUnits>,
        values: &[String],
        (measured, units): (Decimal, Decimal),
    ) -> Result<(), MoneyError> {
        let values = self.cell(values).map(|cell| cell.values.as_slice());
        match cells.iter_mut().find(|known| known.values.as_deref() == values) {
            Some(known) => {
                known.measured = plus(known.measured, measured)?;
                known.units = plus(known.units, units)?;
            }
            None => cells.push(CellUnits { values: values.map(<[_]>::to_vec), measured, units }),
        }
        Ok(())
    }

    /// Of the units of cells. One unit price for all makes a line of that many units.
    pub(super) fn rate(&self, cells: &[CellUnits]) -> Result<Rated, MoneyError> {
        let mut amount = Decimal::ZERO;
        let mut quantity = Decimal::ZERO;
        let mut prices = Vec::with_capacity(cells.len());
        for cell in cells {
            let price = self.unit_amount(cell.values.as_deref());
            amount = plus(amount, times(price, cell.units)?)?;
            quantity = plus(quantity, cell.units)?;
            prices.push(price);
        }
        match prices.first() {
            Some(&one) if prices.iter().all(|price| *price == one) => Rated::each(one, quantity),
            _ => Ok(Rated::whole(amount)),
        }
    }
}
