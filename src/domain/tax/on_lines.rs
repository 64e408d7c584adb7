//! What is the tax of an invoice's lines? Charges by the law of the day; what takes a charge back, by the tax that charge had.
//!
//! A month of 31.00 at 20 %, 6.20; 15.00 of it given back after the rate rose to 22 %: −3.00, not −3.30. Given back whole, exactly −6.20.

use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::assess::{self, Item, Rounding};
use super::calculate::Refused;
use super::codes::TaxCode;
use super::eu;
use super::parties::{Buyer, SalesAcrossBorders, Seller};
use super::rates::Rates;
use super::treatment::{Decided, Levy, Sale, Supply};
use crate::domain::billing::Line;
use crate::domain::billing::piece::Key;
use crate::domain::ids::{InvoiceId, ItemVersionId};
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
    /// The line that charged it; `None`: one of this transaction.
    pub line: Option<(InvoiceId, i32)>,
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

/// The taxed charges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaxedCharges {
    /// By the key of what was billed, each in the order of billing.
    pub charges: HashMap<Key, Vec<TaxedCharge>>,
    /// Of charges on an invoice that was voided or credited: what gave back on it. It stays given back and counts against them, and so
    /// they bear its tax. 21.00 for the new plan less 6.75 for the old one, credited: when the 6.75 of the new one that stay are taken back,
    /// the tax that goes is the old one's.
    pub stand_in: HashMap<Key, Vec<Key>>,
    /// What this transaction sold to consumers in other member states, net, in euros.
    pub across_borders: Decimal,
}

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
    /// Before this transaction.
    pub across_borders: SalesAcrossBorders,
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
        let mut taxes = self.charge(currency, &mut fresh, known.across_borders)?;
        for (line, taxes) in fresh.iter().zip(taxes.chunk_by(|a, b| a.line_no == b.line_no)) {
            if let Some(version) = line.item_version_id {
                let key = Key { version, start: line.period.start };
                self.known(known, key).push(TaxedCharge::new(line, taxes)?);
            }
        }
        for (key, line) in taking_back {
            let mut left = taxable(line)?.negated()?;
            line.tax = Money::zero(currency);
            for key in self.charged.sources(key) {
                taxes.extend(take_back(line, &mut left, self.known(known, key))?);
            }
        }
        taxes.sort_by_key(|tax| tax.line_no); // stable: a line's taxes keep their order
        known.across_borders = known.across_borders.saturating_add(across_borders(&taxes)?);
        Ok(taxes)
    }

    /// The charges under a key, with those of this transaction.
    fn known<'k>(&self, known: &'k mut TaxedCharges, key: Key) -> &'k mut Vec<TaxedCharge> {
        let charged = &self.charged.charges;
        known.charges.entry(key).or_insert_with(|| charged.get(&key).cloned().unwrap_or_default())
    }

    /// Taxes new charges by the law of the day. `sold` is what this transaction sold across borders before.
    fn charge(
        &self,
        currency: Currency,
        lines: &mut [&mut Line],
        sold: Decimal,
    ) -> Result<Vec<LineTax>, Refused> {
        let counting = match self.seller.depends_on_threshold(self.buyer, self.date) {
            true => Some(self.with_sales(currency, lines, sold)?),
            false => None,
        };
        let seller = counting.as_ref().unwrap_or(self.seller);
        let sale = Sale { seller, buyer: self.buyer, rates: self.rates };
        let mut decided = Decided::new();
        let mut levies = Vec::with_capacity(lines.len());
        for line in lines.iter() {
            let code = line.item_version_id.and_then(|version| self.codes.get(&version)).copied();
            let supply = Supply { code: code.unwrap_or_default(), date: self.date };
            levies.push(sale.decided(supply, &mut decided)?.levies);
        }
        Ok(levy_on((currency, self.rounding), lines, levies)?)
    }

    /// The seller, with its sales across borders up to and with these lines.
    fn with_sales(
        &self,
        currency: Currency,
        lines: &[&mut Line],
        sold: Decimal,
    ) -> Result<Seller, MoneyError> {
        let mut sales = Money::zero(currency);
        for line in lines.iter().filter(|_| currency.code() == eu::COUNTED) {
            sales = sales.checked_add(taxable(line)?)?;
        }
        let sales_across_borders = self.across_borders.with(sold.saturating_add(sales.to_decimal()));
        Ok(Seller { sales_across_borders, ..self.seller.clone() })
    }
}

/// What these taxes add to the sales across borders, net, in euros.
///
/// # Errors
/// Sums that do not fit.
pub fn across_borders(taxes: &[LineTax]) -> Result<Decimal, MoneyError> {
    let counts = |tax: &&LineTax| tax.levy.across_borders && tax.taxable.currency().code() == eu::COUNTED;
    let mut counted = taxes.iter().filter(counts);
    let Some(first) = counted.next() else { return Ok(Decimal::ZERO) };
    Ok(counted.try_fold(first.taxable, |sum, tax| sum.checked_add(tax.taxable))?.to_decimal())
}

/// Levies taxes on the lines of one document, each with its own.
fn levy_on(
    (currency, rounding): (Currency, Rounding),
    lines: &mut [&mut Line],
    levies: Vec<Vec<Levy>>,
) -> Result<Vec<LineTax>, MoneyError> {
    let mut items = Vec::with_capacity(lines.len());
    for (line, levies) in lines.iter().zip(levies) {
        items.push(Item { amount: taxable(line)?, inclusive: false, levies });
    }
    let assessed = assess::assess(currency, &items, rounding)?;
    let mut taxes = Vec::with_capacity(lines.len());
    for ((line, item), assessed) in lines.iter_mut().zip(items).zip(assessed) {
        line.tax = assessed.tax;
        let (line_no, taxable) = (line.line_no, assessed.net);
        let levies = item.levies.into_iter().zip(assessed.amounts);
        taxes.extend(levies.map(|(levy, amount)| LineTax { line_no, levy, taxable, amount }));
    }
    Ok(taxes)
}

/// Takes the tax off lines that are taxed no longer.
#[must_use]
pub fn untaxed(lines: &mut [Line]) -> Vec<LineTax> {
    lines.iter_mut().for_each(|line| line.tax = Money::zero(line.amount.currency()));
    Vec::new()
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

/// The taxes of a line that takes charges back: of the last first, and of each the tax it had. `left` is what it still takes.
fn take_back(
    line: &mut Line,
    left: &mut Money,
    charged: &mut [TaxedCharge],
) -> Result<Vec<LineTax>, MoneyError> {
    let mut taxes: Vec<LineTax> = Vec::new();
    for charge in charged.iter_mut().rev() {
        let part = left.smaller(charge.taxable.checked_sub(charge.taken_back)?)?;
        if !part.is_positive() {
            continue;
        }
        *left = left.checked_sub(part)?;
        for (levy, amount) in charge.take(part)? {
            line.tax = line.tax.checked_sub(amount)?;
            let (taxable, amount) = (part.negated()?, amount.negated()?);
            taxes.push(LineTax { line_no: line.line_no, levy, taxable, amount });
        }
    }
    Ok(taxes)
}

impl TaxedCharges {
    /// Where the tax is that goes when a charge is taken back: with it, then with what stands in for it.
    #[must_use]
    pub fn sources(&self, key: Key) -> Vec<Key> {
        let (mut sources, mut next) = (vec![key], 0);
        while let Some(key) = sources.get(next) {
            let others = self.stand_in.get(key).map_or(&[][..], Vec::as_slice);
            let others: Vec<Key> = others.iter().filter(|other| !sources.contains(other)).copied().collect();
            sources.extend(others);
            next += 1;
        }
        sources
    }
}

impl TaxedCharge {
    /// A charge of which nothing was taken back: a line, and its taxes.
    fn new(line: &Line, taxes: &[LineTax]) -> Result<TaxedCharge, MoneyError> {
        let taxable = taxable(line)?;
        let nothing = Money::zero(taxable.currency());
        let levy =
            |tax: &LineTax| TaxedLevy { levy: tax.levy.clone(), amount: tax.amount, taken_back: nothing };
        Ok(TaxedCharge { line: None, taxable, taken_back: nothing, levies: taxes.iter().map(levy).collect() })
    }

    /// What is left of its taxes.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn left(&self) -> Result<Money, MoneyError> {
        let zero = Money::zero(self.taxable.currency());
        self.levies
            .iter()
            .try_fold(zero, |sum, levy| sum.checked_add(levy.amount)?.checked_sub(levy.taken_back))
    }

    /// Takes a part of it back; gives each tax with what goes of it. The parts of a tax add up to it, wherever they are cut.
    fn take(&mut self, part: Money) -> Result<Vec<(Levy, Money)>, MoneyError> {
        let after = self.taken_back.checked_add(part)?;
        let mut taken = Vec::with_capacity(self.levies.len());
        for levy in &mut self.levies {
            let gone = match after == self.taxable {
                true => levy.amount,
                // A note may have taken the cent that rounds up already.
                false => larger(levy.amount.share((after, self.taxable))?, levy.taken_back)?,
            };
            taken.push((levy.levy.clone(), gone.checked_sub(levy.taken_back)?));
            levy.taken_back = gone;
        }
        self.taken_back = after;
        Ok(taken)
    }
}

fn larger(a: Money, b: Money) -> Result<Money, MoneyError> {
    Ok(if a.smaller(b)? == a { b } else { a })
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
    let origins = origins.iter().map(|origin| if *origin == 0 { first.line_no } else { *origin });
    let levies = origins.map(levies).collect();
    let mut lines: Vec<&mut Line> = lines.iter_mut().collect();
    levy_on((currency, rounding), &mut lines, levies).map(Some)
}
