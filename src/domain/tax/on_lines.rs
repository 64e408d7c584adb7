//! What is the tax of an invoice's lines? Charges by the law of the day; what takes a charge back, by the tax that charge had.
//!
//! A month of 31.00 at 20 %, 6.20; 15.00 of it given back after the rate rose to 22 %: −3.00, not −3.30. Given back whole, exactly −6.20.

mod anew;
mod by_law;
mod by_provider;
pub mod history;
mod supplied;
mod taxed;

use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::assess::{self, Item, Rounding};
use super::calculate::Refused;
use super::parties::{Buyer, SalesAcrossBorders, Seller};
use super::provided::Asking;
use super::rates::Rates;
use super::threshold::Counting;
use crate::domain::billing::piece::Key;
use crate::domain::billing::{ByHand, Line};
use crate::domain::calendar::Zone;
use crate::domain::catalog::TaxTerms;
use crate::domain::ids::ItemVersionId;
use crate::domain::money::{Currency, Money, MoneyError};
pub use anew::tax_anew;
pub use by_provider::tax_as_answered;
pub use history::{LineTax, TaxLeft, TaxedCharges};
use taxed::charged;
pub use taxed::split;

/// What the tax of one buyer's invoices is decided by.
#[derive(Debug, Clone, Copy)]
pub struct Taxing<'a> {
    /// `None`: nothing new is taxed, for the tenant says no longer from where it sells.
    pub parties: Option<Parties<'a>>,
    pub rates: &'a Rates,
    pub rounding: Rounding,
    /// The day of the invoice.
    pub date: NaiveDate,
    /// Whose days they are.
    pub zone: Zone,
    /// How items are taxed, where not as software as a service on top of its price.
    pub terms: &'a HashMap<ItemVersionId, TaxTerms>,
    pub charged: &'a TaxedCharges,
    /// Before this transaction.
    pub across_borders: SalesAcrossBorders,
    pub counting: &'a Counting,
    /// Who says elsewhere what is new is taxed with; `None`: these rules do.
    pub asking: Option<Asking<'a>>,
}

/// Who sells to whom.
#[derive(Debug, Clone, Copy)]
pub struct Parties<'a> {
    pub seller: &'a Seller,
    pub buyer: &'a Buyer,
}

/// What a line is to tax: new, or something about what was billed before.
enum Role {
    New,
    /// It takes back what is charged under a key.
    TakesBack(Key),
    /// It charges again what was taken back under a key, and perhaps more.
    Again(Key),
    /// It is the first of its key and gives back of these, the last first; and perhaps more.
    GivesBack(Vec<Key>),
    /// It takes a line of the same invoice off.
    Counters(i32),
}

impl Role {
    fn of(line: &Line) -> Role {
        if let Some(ByHand::Counters(line_no)) = line.by_hand {
            return Role::Counters(line_no);
        }
        match line.changed_key() {
            Some(key) if line.amount.is_negative() => Role::TakesBack(key),
            Some(key) => Role::Again(key),
            None if line.amount.is_negative() => Role::GivesBack(line.earlier_pieces()),
            None => Role::New,
        }
    }
}

/// How much of the line at a place is new.
struct New {
    place: usize,
    amount: Money,
}

/// Lines, each with the taxes that are levied on it.
type Levied<'l> = Vec<(&'l Line, Vec<LineTax>)>;

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
        let (mut taxes, mut new) = (Vec::new(), Vec::with_capacity(lines.len()));
        for (place, line) in lines.iter().enumerate() {
            match Role::of(line) {
                Role::New => new.push(New { place, amount: charged(line)? }),
                Role::Again(key) => {
                    let (again, amount) = self.reading(known, key).charge_again(key, line)?;
                    taxes.extend(again);
                    if !amount.is_zero() {
                        new.push(New { place, amount });
                    }
                }
                Role::GivesBack(keys) => {
                    let mut left = history::size(charged(line)?)?;
                    for key in keys {
                        taxes.extend(self.reading(known, key).give_back(key, (line.line_no, &mut left))?);
                    }
                    if !left.is_zero() {
                        new.push(New { place, amount: left.negated()? });
                    }
                }
                Role::Counters(line_no) => {
                    let more = more_than_countered(line, line_no, lines)?;
                    if !more.is_zero() {
                        new.push(New { place, amount: more });
                    }
                }
                Role::TakesBack(_) => {}
            }
        }
        self.charge(currency, (lines, &new), known, &mut taxes)?;
        self.take_back(currency, lines, known, &mut taxes)?;
        for line in lines.iter() {
            if let Role::Counters(line_no) = Role::of(line) {
                self.counter((line, line_no), lines, known, &mut taxes)?;
            }
        }
        taxes.sort_by_key(|tax| tax.line_no); // stable: a line's taxes keep their order
        add_up(currency, lines, &taxes)?;
        known.across_borders = known.across_borders.saturating_add(across_borders(&taxes, self.counting)?);
        Ok(taxes)
    }

    /// The taxes of lines that take back what was charged, each what that had. What usage gives back beyond that has the taxes that it had.
    fn take_back(
        &self,
        currency: Currency,
        lines: &[Line],
        known: &mut TaxedCharges,
        taxes: &mut Vec<LineTax>,
    ) -> Result<(), MoneyError> {
        let (mut keys, mut items) = (Vec::new(), Vec::new());
        for line in lines {
            let Role::TakesBack(key) = Role::of(line) else { continue };
            let (taken, mut left) = self.reading(known, key).take_back(key, line)?;
            taxes.extend(taken);
            if line.measured.is_none() {
                continue;
            }
            for earlier in line.earlier_pieces() {
                let given = self.reading(known, earlier).give_back(earlier, (line.line_no, &mut left))?;
                taxes.extend(given);
            }
            let levies = self.reading(known, key).last_levies(key);
            if left.is_positive() && !levies.is_empty() {
                keys.push(key);
                items.push((line, Item { amount: left.negated()?, levies }));
            }
        }
        for (key, (_, below)) in keys.into_iter().zip(levy_on((currency, self.rounding), items)?) {
            known.add(key, &below)?;
            taxes.extend(below);
        }
        Ok(())
    }

    /// The charges, with those under a key and what stands in for them.
    fn reading<'k>(&self, known: &'k mut TaxedCharges, key: Key) -> &'k mut TaxedCharges {
        for source in self.charged.sources(key) {
            if let Some(others) = self.charged.stand_in.get(&source) {
                known.stand_in.entry(source).or_insert_with(|| others.clone());
            }
            if let (Some(pledged), false) =
                (self.charged.pledged.get(&source), known.by_key.contains_key(&source))
            {
                known.pledged.insert(source, *pledged);
            }
            let history = || self.charged.by_key.get(&source).cloned().unwrap_or_default();
            known.by_key.entry(source).or_insert_with(history);
        }
        known
    }

    /// Taxes what is new: as a provider answered; without an answer, or a provider, by the law of the day.
    fn charge(
        &self,
        currency: Currency,
        (lines, new): (&[Line], &[New]),
        known: &mut TaxedCharges,
        taxes: &mut Vec<LineTax>,
    ) -> Result<(), Refused> {
        let levied = match self.by_provider(currency, (lines, new), known)? {
            Some(levied) => levied,
            None => self.by_law(currency, (lines, new), known)?,
        };
        for (line, charged) in levied {
            if let Some(key) = key_of(line, lines) {
                self.reading(known, key).add(key, &charged)?;
            }
            taxes.extend(charged);
        }
        Ok(())
    }

    /// The taxes of a line that takes another of its invoice off, in whole or in part: those of that line.
    fn counter(
        &self,
        (line, line_no): (&Line, i32),
        lines: &[Line],
        known: &mut TaxedCharges,
        taxes: &mut Vec<LineTax>,
    ) -> Result<(), MoneyError> {
        let taxes_of =
            |no: i32| taxes.iter().filter(move |tax| tax.line_no == no).cloned().collect::<Vec<_>>();
        let Some(countered) = lines.iter().find(|other| other.line_no == line_no) else { return Ok(()) };
        let takes_back = !countered.amount.is_negative();
        if line.amount.is_negative() != takes_back {
            return Ok(()); // more of the same
        }
        let mut parts = history::parts(&taxes_of(line_no))?;
        // What other lines took of it before.
        let counters = |other: &&Line| other.by_hand == line.by_hand && other.line_no < line.line_no;
        for before in lines.iter().filter(counters) {
            let mut gone = history::size(charged(before)?)?;
            for part in parts.iter_mut().rev() {
                part.undo(&mut gone)?;
            }
        }
        let mut left = history::size(charged(line)?)?;
        for part in parts.iter_mut().rev() {
            let Some(taken) = part.undo(&mut left)? else { continue };
            taxes.extend(taken.taxes(line.line_no, takes_back)?);
            if let Some(version) = countered.item_version_id {
                let key = Key { version, start: countered.period.start };
                let known = self.reading(known, key);
                match takes_back {
                    true => known.took_back(key, taken)?,
                    false => drop(known.came_again(key, &taken)?),
                }
            }
        }
        Ok(())
    }

    /// How what a line of these sells is taxed.
    fn terms(&self, line: &Line, lines: &[Line]) -> TaxTerms {
        let line = countered_by(line, lines).unwrap_or(line);
        match line.item_version_id {
            Some(version) => self.terms.get(&version).copied().unwrap_or_default(),
            None => line.tax_terms,
        }
    }
}

/// The line of the same invoice that a line takes off or adds to.
fn countered_by<'l>(line: &Line, lines: &'l [Line]) -> Option<&'l Line> {
    let Some(ByHand::Counters(line_no)) = line.by_hand else { return None };
    lines.iter().find(|other| other.line_no == line_no)
}

/// What a line is billed under: one that changes another of its invoice, as that one.
fn key_of(line: &Line, lines: &[Line]) -> Option<Key> {
    let line = countered_by(line, lines).unwrap_or(line);
    line.item_version_id.map(|version| Key { version, start: line.period.start })
}

/// How much of a line that changes another of its invoice is more than that one comes to: of 119.00 changed to 200.00, 81.00; of −57.58 changed
/// to 5.00, 5.00; of 119.00 changed to 19.00, nothing.
fn more_than_countered(line: &Line, line_no: i32, lines: &[Line]) -> Result<Money, MoneyError> {
    let amount = charged(line)?;
    let Some(countered) = lines.iter().find(|other| other.line_no == line_no) else { return Ok(amount) };
    let whole = charged(countered)?;
    let together = amount.checked_add(whole)?;
    let nothing = Money::zero(amount.currency());
    Ok(match () {
        () if amount.is_negative() == whole.is_negative() => amount,
        () if together.is_zero() || together.is_negative() == whole.is_negative() => nothing,
        () => together,
    })
}

/// What these taxes add to the sales across borders, net, in euros.
///
/// # Errors
/// Sums that do not fit.
pub fn across_borders(taxes: &[LineTax], counting: &Counting) -> Result<Decimal, MoneyError> {
    let mut counted = taxes.iter().filter(|tax| tax.levy.across_borders);
    let Some(first) = counted.next() else { return Ok(Decimal::ZERO) };
    let net = counted.try_fold(first.taxable, |sum, tax| sum.checked_add(tax.taxable))?;
    Ok(counting.in_euros(net).unwrap_or_default())
}

/// Levies taxes on the lines of one document, each with its own; gives the taxes of each.
fn levy_on(
    (currency, rounding): (Currency, Rounding),
    items: Vec<(&Line, Item)>,
) -> Result<Vec<(&Line, Vec<LineTax>)>, MoneyError> {
    let (lines, items): (Vec<&Line>, Vec<Item>) = items.into_iter().unzip();
    let assessed = assess::assess(currency, &items, rounding)?;
    let mut taxed = Vec::with_capacity(lines.len());
    for ((line, item), assessed) in lines.into_iter().zip(items).zip(assessed) {
        let (line_no, taxable) = (line.line_no, assessed.net);
        let levies = item.levies.into_iter().zip(assessed.amounts);
        let taxes = levies.map(|(levy, amount)| LineTax { line_no, levy, taxable, amount }).collect();
        taxed.push((line, taxes));
    }
    Ok(taxed)
}

/// Writes on each line what its taxes come to, on top and within.
fn add_up(currency: Currency, lines: &mut [Line], taxes: &[LineTax]) -> Result<(), MoneyError> {
    let zero = Money::zero(currency);
    let mut sums: HashMap<i32, TaxLeft> = HashMap::with_capacity(lines.len());
    for tax in taxes {
        let sum = sums.entry(tax.line_no).or_insert(TaxLeft { on_top: zero, within: zero });
        let place = if tax.levy.inclusive { &mut sum.within } else { &mut sum.on_top };
        *place = place.checked_add(tax.amount)?;
    }
    for line in lines {
        let sum = sums.get(&line.line_no);
        (line.tax, line.tax_included) = sum.map_or((zero, zero), |sum| (sum.on_top, sum.within));
    }
    Ok(())
}

/// Takes the tax off lines that are taxed no longer.
#[must_use]
pub fn untaxed(lines: &mut [Line]) -> Vec<LineTax> {
    for line in lines {
        let zero = Money::zero(line.amount.currency());
        (line.tax, line.tax_included) = (zero, zero);
    }
    Vec::new()
}
