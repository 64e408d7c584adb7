//! Which unit price has a combination of dimension values? That of its cell, else the default: `large` in `eu` at 0.002, all else at 0.001.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::amounts::check_amount;
use crate::domain::fields::{Faults, below};
use crate::domain::money::Currency;

/// Most dimensions of a matrix, as of a meter.
pub const DIMENSIONS: usize = 3;
/// Most cells of a matrix.
const CELLS: usize = 1_000;

/// The unit price of one combination of values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// One for each dimension of the matrix, in its order.
    pub values: Vec<String>,
    /// Major units for one unit.
    pub unit_amount: Decimal,
}

/// Notes everything that is wrong with a matrix at the pointer `at`.
pub(super) fn check(
    (dimensions, cells): (&[String], &[Cell]),
    default: Option<Decimal>,
    (at, currency): (&str, Currency),
    faults: &mut Faults,
) {
    let named = below(at, "dimensions");
    if dimensions.is_empty() || dimensions.len() > DIMENSIONS {
        let detail =
            format_args!("a matrix has 1 to {DIMENSIONS} dimensions, and this one {}", dimensions.len());
        faults.add(&named, "bad_dimensions", detail);
    }
    if (1..dimensions.len()).any(|n| dimensions[..n].contains(&dimensions[n])) {
        faults.add(&named, "dimension_repeated", "a dimension is named twice: name each once");
    }
    if cells.len() > CELLS {
        faults.add(below(at, "cells"), "too_many", format_args!("a matrix has at most {CELLS} cells"));
    }
    if cells.is_empty() && default.is_none() {
        let detail = "this matrix prices nothing: give cells, a default_unit_amount or both";
        faults.add(below(at, "cells"), "no_cells", detail);
    }
    for (n, cell) in cells.iter().enumerate() {
        let at = below(&below(at, "cells"), &n.to_string());
        check_amount(cell.unit_amount, &below(&at, "unit_amount"), currency, faults);
        if cells[..n].iter().any(|before| before.values == cell.values) {
            let detail = "an earlier cell has the same values: give each combination one price";
            faults.add(below(&at, "values"), "cell_repeated", detail);
        }
    }
    if let Some(default) = default {
        check_amount(default, &below(at, "default_unit_amount"), currency, faults);
    }
}
