//! Which tax is on lines that take the place of others? That of the lines before, by the law of their day.
//!
//! 155.00 at 20 %, corrected to 93.00 after the rate became 21 %: 18.60.

use super::history::LineTax;
use super::taxed::charged;
use super::{add_up, levy_on};
use crate::domain::billing::Line;
use crate::domain::money::{Currency, MoneyError};
use crate::domain::tax::assess::{Item, Rounding};
use crate::domain::tax::treatment::Levy;

/// Taxes the lines that take the place of others with the taxes those had; lines of no other as the first that was taxed.
/// `origins` are the numbers of the lines before, 0 for a line that is new.
///
/// # Errors
/// Sums that do not fit.
pub fn tax_anew(
    (currency, rounding): (Currency, Rounding),
    (lines, origins): (&mut [Line], &[i32]),
    before: &[LineTax],
) -> Result<Option<Vec<LineTax>>, MoneyError> {
    let Some(first) = before.first() else { return Ok(None) };
    let levies = |line_no: i32| -> Vec<Levy> {
        before.iter().filter(|tax| tax.line_no == line_no).map(|tax| tax.levy.clone()).collect()
    };
    let origins = origins.iter().map(|origin| if *origin == 0 { first.line_no } else { *origin });
    let mut items = Vec::with_capacity(lines.len());
    for (line, levies) in lines.iter().zip(origins.map(levies)) {
        items.push((line, Item { amount: charged(line)?, levies }));
    }
    let taxed = levy_on((currency, rounding), items)?;
    let taxes: Vec<LineTax> = taxed.into_iter().flat_map(|(_, taxes)| taxes).collect();
    add_up(currency, lines, &taxes)?;
    Ok(Some(taxes))
}
