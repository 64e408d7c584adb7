//! What is the tax of an invoice's lines? Charges by the law of the day; what takes a charge back, by the tax that charge had.
//!
//! A month of 31.00 at 20 %, 6.20; 15.00 of it given back after the rate rose to 22 %: −3.00, not −3.30. Given back whole, exactly −6.20.

use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::assess::{self, Item, Rounding};
use super::calculate::Refused;
use super::codes::TaxCode;
use super::parties::{Buyer, Seller};
use super::rates::Rates;
use super::treatment::{Levy, Sale, Supply, Treatment};
use crate::domain::billing::Line;
use crate::domain::billing::piece::Key;
use crate::domain::ids::ItemVersionId;
use crate::domain::money::{Currency, Money, MoneyError};

/// One tax of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineTax {
    pub line_no: i32,
    pub levy: Levy,
    /// What it is computed of.
    pub taxable: Money,
    pub amount: Money,
}

/// A charge that was taxed, with what was taken back of it so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxedCharge {
    pub taxable: Money,
    /// Above zero: what later lines and credit notes took back of it.
    pub taken_back: Money,
    pub levies: Vec<TaxedLevy>,
}

/// One tax of such a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxedLevy {
    pub levy: Levy,
    pub amount: Money,
    pub taken_back: Money,
}

/// The taxed charges by the key of what was billed, each in the order of billing.
pub type TaxedCharges = HashMap<Key, Vec<TaxedCharge>>;

/// What the tax of one buyer's invoices is decided by.
#[derive(Debug, Clone, Copy)]
pub struct Taxing<'a> {
    pub seller: &'a Seller,
    pub buyer: &'a Buyer,
    pub rates: &'a Rates,
    pub rounding: Rounding,
    pub date: NaiveDate,
    /// What is sold, where it is not software as a service.
    pub codes: &'a HashMap<ItemVersionId, TaxCode>,
    pub charged: &'a TaxedCharges,
}

impl Taxing<'_> {
    /// Taxes the lines of one invoice, and gives their taxes. `known` are the charges of invoices taxed before it, which it may take back, and
    /// takes up its own.
    ///
    /// # Errors
    /// No rate is known; sums that do not fit.
    pub fn tax(
        &self,
        currency: Currency,
        lines: &mut [Line],
        known: &mut TaxedCharges,
    ) -> Result<Vec<LineTax>, Refused> {
        let mut taking_back: Vec<(Key, &mut Line)> = Vec::new();
        let mut fresh: Vec<&mut Line> = Vec::with_capacity(lines.len());
        for line in lines {
            match key_of_taken_back(line) {
                Some(key) => taking_back.push((key, line)),
                None => fresh.push(line),
            }
        }
        let mut taxes = Vec::with_capacity(fresh.len() + taking_back.len());
        for (key, charge) in self.charge(currency, fresh, &mut taxes)? {
            self.known(known, key).push(charge);
        }
        for (key, line) in taking_back {
            taxes.extend(take_back(line, self.known(known, key))?);
        }
        taxes.sort_by_key(|tax| tax.line_no); // stable: a line's taxes keep their order
        Ok(taxes)
    }

    /// The charges under a key, with those of this transaction.
    fn known<'k>(&self, known: &'k mut TaxedCharges, key: Key) -> &'k mut Vec<TaxedCharge> {
        known.entry(key).or_insert_with(|| self.charged.get(&key).cloned().unwrap_or_default())
    }

    /// Taxes new charges by the law of the day; gives those that may be taken back later, by what they are of.
    fn charge(
        &self,
        currency: Currency,
        lines: Vec<&mut Line>,
        taxes: &mut Vec<LineTax>,
    ) -> Result<Vec<(Key, TaxedCharge)>, Refused> {
        let sale = Sale { seller: self.seller, buyer: self.buyer, rates: self.rates };
        let mut known: HashMap<TaxCode, Treatment> = HashMap::new();
        let mut items = Vec::with_capacity(lines.len());
        for line in &lines {
            let code = line.item_version_id.and_then(|version| self.codes.get(&version)).copied();
            let code = code.unwrap_or_default();
            let treatment = match known.get(&code) {
                Some(treatment) => treatment.clone(),
                None => {
                    let treatment = sale.treatment(Supply { code, date: self.date })?;
                    known.entry(code).or_insert(treatment).clone()
                }
            };
            items.push(Item { amount: taxable(line)?, inclusive: false, treatment });
        }
        let assessed = assess::assess(currency, &items, self.rounding)?;
        let mut charges = Vec::new();
        for ((line, item), assessed) in lines.into_iter().zip(items).zip(assessed) {
            line.tax = assessed.tax;
            let levies = item.treatment.levies.into_iter().zip(assessed.amounts);
            let first = taxes.len();
            taxes.extend(levies.map(|(levy, amount)| LineTax {
                line_no: line.line_no,
                levy,
                taxable: assessed.net,
                amount,
            }));
            if let Some(version) = line.item_version_id {
                let of_line = taxes.get(first..).unwrap_or_default();
                charges.push((
                    Key { version, start: line.period.start },
                    TaxedCharge::new(assessed.net, of_line),
                ));
            }
        }
        Ok(charges)
    }
}

/// What a line is taxed on.
fn taxable(line: &Line) -> Result<Money, MoneyError> {
    line.amount.checked_sub(line.discount)
}

/// What a line takes back of: below zero, of something billed before.
#[must_use]
pub fn key_of_taken_back(line: &Line) -> Option<Key> {
    let takes_back = line.revision > 0 && line.amount.is_negative();
    line.item_version_id.filter(|_| takes_back).map(|version| Key { version, start: line.period.start })
}

/// The taxes of a line that takes charges back: of the last first, and of each the tax it had.
fn take_back(line: &mut Line, charged: &mut [TaxedCharge]) -> Result<Vec<LineTax>, MoneyError> {
    let mut left = taxable(line)?.negated()?;
    let mut taxes: Vec<LineTax> = Vec::new();
    line.tax = Money::zero(left.currency());
    for charge in charged.iter_mut().rev() {
        let part = smaller(left, charge.taxable.checked_sub(charge.taken_back)?)?;
        if !part.is_positive() {
            continue;
        }
        left = left.checked_sub(part)?;
        for (levy, amount) in charge.take(part)? {
            line.tax = line.tax.checked_sub(amount)?;
            let (taxable, amount) = (part.negated()?, amount.negated()?);
            taxes.push(LineTax { line_no: line.line_no, levy, taxable, amount });
        }
    }
    Ok(taxes)
}

impl TaxedCharge {
    /// A charge of which nothing was taken back.
    fn new(taxable: Money, taxes: &[LineTax]) -> TaxedCharge {
        let nothing = Money::zero(taxable.currency());
        let levy =
            |tax: &LineTax| TaxedLevy { levy: tax.levy.clone(), amount: tax.amount, taken_back: nothing };
        TaxedCharge { taxable, taken_back: nothing, levies: taxes.iter().map(levy).collect() }
    }

    /// Takes a part of it back; gives each tax with what goes of it. The parts of a tax add up to it, wherever they are cut.
    fn take(&mut self, part: Money) -> Result<Vec<(Levy, Money)>, MoneyError> {
        let after = self.taken_back.checked_add(part)?;
        let mut taken = Vec::with_capacity(self.levies.len());
        for levy in &mut self.levies {
            let gone = match after == self.taxable {
                true => levy.amount,
                false => levy.amount.share((after, self.taxable))?,
            };
            taken.push((levy.levy.clone(), gone.checked_sub(levy.taken_back)?));
            levy.taken_back = gone;
        }
        self.taken_back = after;
        Ok(taken)
    }
}

fn smaller(a: Money, b: Money) -> Result<Money, MoneyError> {
    Ok(if a.checked_sub(b)?.is_positive() { b } else { a })
}

/// How much of each tax of a line goes with a part of its tax: by largest remainder, of what is left of each.
///
/// # Errors
/// Sums that do not fit.
pub fn split(part: Money, left: &[Money]) -> Result<Vec<Money>, MoneyError> {
    let weights: Vec<Decimal> = left.iter().map(|amount| amount.to_decimal().abs()).collect();
    if part.is_zero() || weights.iter().all(Decimal::is_zero) {
        return Ok(vec![Money::zero(part.currency()); left.len()]);
    }
    crate::domain::money::allocate(part, &weights)
}

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
    let mut items = Vec::with_capacity(lines.len());
    for (line, origin) in lines.iter().zip(origins) {
        let origin = if *origin == 0 { first.line_no } else { *origin };
        let treatment = Treatment { levies: levies(origin), why: String::new() };
        items.push(Item { amount: taxable(line)?, inclusive: false, treatment });
    }
    let assessed = assess::assess(currency, &items, rounding)?;
    let mut taxes = Vec::new();
    for ((line, item), assessed) in lines.iter_mut().zip(items).zip(assessed) {
        line.tax = assessed.tax;
        let levies = item.treatment.levies.into_iter().zip(assessed.amounts);
        let tax = |(levy, amount)| LineTax { line_no: line.line_no, levy, taxable: assessed.net, amount };
        taxes.extend(levies.map(tax));
    }
    Ok(Some(taxes))
}
