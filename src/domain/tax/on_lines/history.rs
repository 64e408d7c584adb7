//! Which tax goes when a charge is taken back, and which comes again when that is undone? The tax that each had, cent by cent.
//!
//! | January | taxable | tax | by |
//! |---|---|---|---|
//! | charged | 31.00 | 5.89 | the law of the day |
//! | taken back | −15.00 | −2.85 | the charge |
//! | charged again, its buyer having moved | 15.00 | 2.85 | what was taken back |
//! | 4.00 more | 4.00 | 1.08 | the law of the day |
//!
//! What contains its tax is taken back with it: of 119.00 with 19.00 in it go 59.50 with 9.50.

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::domain::billing::Line;
use crate::domain::billing::piece::Key;
use crate::domain::ids::InvoiceId;
use crate::domain::money::{Money, MoneyError};
use crate::domain::tax::treatment::Levy;

/// One tax of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineTax {
    pub line_no: i32,
    pub levy: Levy,
    /// What it is computed of, without any tax.
    pub taxable: Money,
    pub amount: Money,
}

/// What was taxed together: a charge, or what was taken back of one; and how much of it was undone since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taxed {
    /// The line all of whose taxes these are; `None`: several parts of a line, or one of this transaction.
    pub line: Option<(InvoiceId, i32)>,
    /// What the line says of it, with the tax that is within: above zero, of what was taken back, too.
    pub charged: Money,
    pub undone: Money,
    pub levies: Vec<TaxedLevy>,
    /// Of what was taken back: whether it was of a charge, which may be taken back again when it comes again; else it was less than nothing.
    pub is_of_charge: bool,
}

/// One tax of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxedLevy {
    pub levy: Levy,
    pub amount: Money,
    pub undone: Money,
}

/// Tax that is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxLeft {
    pub on_top: Money,
    /// The charge contains it.
    pub within: Money,
}

/// All that was taxed under one key, in the order of billing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    pub charges: Vec<Taxed>,
    /// What lines below zero took back of them, or gave for less than nothing.
    pub returns: Vec<Taxed>,
}

/// What was taxed that may be undone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaxedCharges {
    /// By the key of what was billed.
    pub by_key: HashMap<Key, History>,
    /// Of charges on an invoice that was voided or credited: what gave back on it. It stays given back and counts against them, and so
    /// they bear its tax. 21.00 for the new plan less 6.75 for the old one, credited: when the 6.75 of the new one that stay are taken back,
    /// the tax that goes is the old one's.
    pub stand_in: HashMap<Key, Vec<Key>>,
    /// How much of a charge bears the tax of those, net: the rest is its own to give back. 31.00, of which a void bill gave 15.00 back: 15.00.
    pub pledged: HashMap<Key, Money>,
    /// What this transaction sold to consumers in other member states, net, in euros.
    pub across_borders: Decimal,
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

    /// Adds what was taxed for the first time under a key: a charge, or what is given for less than nothing.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn add(&mut self, key: Key, taxes: &[LineTax]) -> Result<(), MoneyError> {
        let history = self.by_key.entry(key).or_default();
        let is_return = taxes.first().is_some_and(|tax| tax.taxable.is_negative());
        let list = if is_return { &mut history.returns } else { &mut history.charges };
        list.extend(parts(taxes)?);
        Ok(())
    }

    /// Notes that so much was taken back under a key, of charges taxed like it; and that it may come again.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn took_back(&mut self, key: Key, mut taken: Taxed) -> Result<(), MoneyError> {
        taken.is_of_charge = self.undo_like(key, &taken, true)? || self.undo_like(key, &taken, false)?;
        self.by_key.entry(key).or_default().returns.push(taken);
        Ok(())
    }

    /// Undoes of a charge what was taken back, where one taxed like it has as much left; in bounds of what is pledged, or not.
    fn undo_like(&mut self, key: Key, taken: &Taxed, in_bounds: bool) -> Result<bool, MoneyError> {
        let still = taken.left()?;
        for (place, source) in self.sources(key).into_iter().enumerate() {
            if in_bounds && self.room(source, place == 0)?.is_some_and(|room| room.minor() < still.minor()) {
                continue;
            }
            let charges = &mut self.by_key.entry(source).or_default().charges;
            let room = |charge: &&mut Taxed| charge.is_taxed_like(taken) && !charge.lacks(still);
            if let Some(charge) = charges.iter_mut().rev().find(room) {
                charge.undo_like(taken)?;
                if place > 0 {
                    self.unpledge(source, still)?;
                }
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// How much of the charges under a key may be taken back: its own, without what is pledged; of what stands in for another, that. `None`: all.
    fn room(&self, key: Key, is_own: bool) -> Result<Option<Money>, MoneyError> {
        let Some(pledged) = self.pledged.get(&key).copied() else { return Ok(None) };
        if !is_own {
            return Ok(Some(pledged));
        }
        let charges = self.by_key.get(&key).map_or(&[][..], |history| history.charges.as_slice());
        let left = charges.iter().map(Taxed::left).collect::<Result<Vec<_>, _>>()?;
        Ok(Some(Money::sum(pledged.currency(), left)?.checked_sub(pledged)?))
    }

    /// So much of what is pledged was taken back.
    fn unpledge(&mut self, key: Key, gone: Money) -> Result<(), MoneyError> {
        if let Some(pledged) = self.pledged.get_mut(&key) {
            let left = pledged.checked_sub(gone)?;
            *pledged = if left.is_negative() { Money::zero(left.currency()) } else { left };
        }
        Ok(())
    }

    /// Notes that so much of what was taken back under a key was charged again, taxed like it; `false`: nothing like it was taken back.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn came_again(&mut self, key: Key, again: &Taxed) -> Result<bool, MoneyError> {
        let still = again.left()?;
        let returns = &mut self.by_key.entry(key).or_default().returns;
        let room = |taken: &&mut Taxed| taken.is_taxed_like(again) && !taken.lacks(still);
        let Some(taken) = returns.iter_mut().rev().find(room) else { return Ok(false) };
        taken.undo_like(again)?;
        if taken.is_of_charge {
            self.redo(key, again)?;
        }
        Ok(true)
    }

    /// What was charged again may be taken back again of the charge it was taken back of.
    fn redo(&mut self, key: Key, again: &Taxed) -> Result<(), MoneyError> {
        let still = again.left()?;
        for (place, source) in self.sources(key).into_iter().enumerate() {
            let charges = &mut self.by_key.entry(source).or_default().charges;
            let had =
                |charge: &&mut Taxed| charge.is_taxed_like(again) && charge.undone.minor() >= still.minor();
            if let Some(charge) = charges.iter_mut().rev().find(had) {
                charge.undone = charge.undone.checked_sub(still)?;
                for (levy, again) in charge.levies.iter_mut().zip(&again.levies) {
                    let amount = again.amount.checked_sub(again.undone)?;
                    levy.undone = levy.undone.checked_sub(amount)?;
                }
                if place > 0 {
                    self.unpledge(source, still.negated()?)?;
                }
                break;
            }
        }
        Ok(())
    }

    /// Takes what a line below zero takes: of the last charge first, and of each the tax it had. Gives how much no charge had.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn take_back(&mut self, key: Key, line: &Line) -> Result<(Vec<LineTax>, Money), MoneyError> {
        let mut left = size(charged(line)?)?;
        let taken = self.undo(key, &mut left)?;
        let taxes = taken.iter().map(|part| part.taxes(line.line_no, true)).collect::<Result<Vec<_>, _>>()?;
        self.by_key.entry(key).or_default().returns.extend(taken);
        Ok((taxes.into_iter().flatten().collect(), left))
    }

    /// Undoes what is wanted of the charges under a key and of what stands in for them, the last first: within what is pledged, then beyond it.
    fn undo(&mut self, key: Key, wanted: &mut Money) -> Result<Vec<Taxed>, MoneyError> {
        let mut taken = Vec::new();
        for in_bounds in [true, false] {
            for (place, source) in self.sources(key).into_iter().enumerate() {
                let room = if in_bounds { self.room(source, place == 0)? } else { None };
                let most = room.map_or(Ok(*wanted), |room| room.smaller(*wanted))?;
                let mut left = most;
                for charge in self.by_key.entry(source).or_default().charges.iter_mut().rev() {
                    taken.extend(charge.undo(&mut left)?);
                }
                let gone = most.checked_sub(left)?;
                *wanted = wanted.checked_sub(gone)?;
                if place > 0 {
                    self.unpledge(source, gone)?;
                }
            }
        }
        Ok(taken)
    }

    /// Takes what a line that is the first of another key takes of the charges under this one; `wanted` is lowered by it.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn give_back(
        &mut self,
        key: Key,
        (line_no, wanted): (i32, &mut Money),
    ) -> Result<Vec<LineTax>, MoneyError> {
        let mut taxes = Vec::new();
        for taken in self.undo(key, wanted)? {
            taxes.extend(taken.taxes(line_no, true)?);
        }
        Ok(taxes)
    }

    /// The taxes that charges under a key had last, or what was given for less than nothing; none: nothing was taxed.
    #[must_use]
    pub fn last_levies(&self, key: Key) -> Vec<Levy> {
        let Some(history) = self.by_key.get(&key) else { return Vec::new() };
        let last = history.charges.last().or(history.returns.last());
        last.map(|taxed| taxed.levies.iter().map(|levy| levy.levy.clone()).collect()).unwrap_or_default()
    }

    /// Charges again what was taken back under a key, of what was taken back last first; gives those taxes, and how much of the line is new.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn charge_again(&mut self, key: Key, line: &Line) -> Result<(Vec<LineTax>, Money), MoneyError> {
        let mut left = charged(line)?;
        let mut again = Vec::new();
        for taken in self.by_key.entry(key).or_default().returns.iter_mut().rev() {
            again.extend(taken.undo(&mut left)?);
        }
        let mut taxes = Vec::new();
        for part in again {
            taxes.extend(part.taxes(line.line_no, false)?);
            if part.is_of_charge {
                self.redo(key, &part)?;
            }
        }
        Ok((taxes, left))
    }
}

impl Taxed {
    /// What is left of its taxes.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn tax_left(&self) -> Result<TaxLeft, MoneyError> {
        let zero = Money::zero(self.charged.currency());
        let mut left = TaxLeft { on_top: zero, within: zero };
        for levy in &self.levies {
            let place = if levy.levy.inclusive { &mut left.within } else { &mut left.on_top };
            *place = place.checked_add(levy.amount)?.checked_sub(levy.undone)?;
        }
        Ok(left)
    }

    /// The tax that goes with so much of what is left of it, net: with all of that, or more, all that is left of its taxes.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn tax_with(&self, net: Money) -> Result<TaxLeft, MoneyError> {
        if self.lacks(net) || net == self.left()? {
            return self.tax_left();
        }
        let nothing = Money::zero(net.currency());
        let mut wanted = net;
        let part = self.clone().undo(&mut wanted)?;
        part.map_or(Ok(TaxLeft { on_top: nothing, within: nothing }), |part| part.tax_left())
    }

    fn left(&self) -> Result<Money, MoneyError> {
        self.charged.checked_sub(self.undone)
    }

    fn lacks(&self, part: Money) -> bool {
        self.left().map_or(true, |left| left.minor() < part.minor())
    }

    fn is_taxed_like(&self, other: &Taxed) -> bool {
        self.levies.iter().map(|levy| &levy.levy).eq(other.levies.iter().map(|levy| &levy.levy))
    }

    /// As much is undone of it as stands of another that is taxed like it.
    fn undo_like(&mut self, other: &Taxed) -> Result<(), MoneyError> {
        self.undone = self.undone.checked_add(other.left()?)?;
        for (levy, other) in self.levies.iter_mut().zip(&other.levies) {
            levy.undone = levy.undone.checked_add(other.amount.checked_sub(other.undone)?)?;
        }
        Ok(())
    }

    /// Undoes as much of it as `wanted` and what is left allow, and lowers `wanted`; `None`: nothing. The parts of a tax add up to it, wherever
    /// they are cut.
    pub(super) fn undo(&mut self, wanted: &mut Money) -> Result<Option<Taxed>, MoneyError> {
        let part = wanted.smaller(self.left()?)?;
        if !part.is_positive() {
            return Ok(None);
        }
        *wanted = wanted.checked_sub(part)?;
        let after = self.undone.checked_add(part)?;
        let nothing = Money::zero(part.currency());
        let mut levies = Vec::with_capacity(self.levies.len());
        for levy in &mut self.levies {
            let gone = match after == self.charged {
                true => levy.amount,
                // A note may have taken the cent that rounds up already.
                false => larger(levy.amount.share((after, self.charged))?, levy.undone)?,
            };
            let amount = gone.checked_sub(levy.undone)?;
            levies.push(TaxedLevy { levy: levy.levy.clone(), amount, undone: nothing });
            levy.undone = gone;
        }
        self.undone = after;
        // What is taken of a charge is of it; of what was less than nothing, none of it is.
        Ok(Some(Taxed {
            line: None,
            charged: part,
            undone: nothing,
            levies,
            is_of_charge: self.is_of_charge,
        }))
    }

    /// As the taxes of a line, below zero where it takes back.
    pub(super) fn taxes(&self, line_no: i32, takes_back: bool) -> Result<Vec<LineTax>, MoneyError> {
        let signed = |amount: Money| if takes_back { amount.negated() } else { Ok(amount) };
        let within = self.levies.iter().filter(|levy| levy.levy.inclusive).map(|levy| levy.amount);
        let taxable = self.charged.checked_sub(Money::sum(self.charged.currency(), within)?)?;
        let tax = |levy: &TaxedLevy| {
            let (taxable, amount) = (signed(taxable)?, signed(levy.amount)?);
            Ok(LineTax { line_no, levy: levy.levy.clone(), taxable, amount })
        };
        self.levies.iter().map(tax).collect()
    }
}

fn larger(a: Money, b: Money) -> Result<Money, MoneyError> {
    Ok(if a.smaller(b)? == a { b } else { a })
}

/// What a line charges: with the tax that is within it.
pub(super) fn charged(line: &Line) -> Result<Money, MoneyError> {
    line.amount.checked_sub(line.discount)
}

/// How much it is, above or below zero.
///
/// # Errors
/// It does not fit.
pub fn size(amount: Money) -> Result<Money, MoneyError> {
    if amount.is_negative() { amount.negated() } else { Ok(amount) }
}

/// What the taxes of one line were computed of: a line that takes several charges back has those of each.
///
/// # Errors
/// Sums that do not fit.
pub fn parts(taxes: &[LineTax]) -> Result<Vec<Taxed>, MoneyError> {
    let mut parts = Vec::new();
    for part in taxes.chunk_by(belong_together) {
        let Some(first) = part.first() else { continue };
        let within = part.iter().filter(|tax| tax.levy.inclusive).map(|tax| tax.amount);
        let whole = first.taxable.checked_add(Money::sum(first.taxable.currency(), within)?)?;
        let nothing = Money::zero(whole.currency());
        let mut levies = Vec::with_capacity(part.len());
        for tax in part {
            let amount = if whole.is_negative() { tax.amount.negated()? } else { tax.amount };
            levies.push(TaxedLevy { levy: tax.levy.clone(), amount, undone: nothing });
        }
        let is_of_charge = !whole.is_negative();
        parts.push(Taxed { line: None, charged: size(whole)?, undone: nothing, levies, is_of_charge });
    }
    Ok(parts)
}

/// Whether two taxes of a line that stand side by side are of the same part of it: other taxes of the same country on the same amount.
fn belong_together(one: &LineTax, other: &LineTax) -> bool {
    let country = |tax: &LineTax| tax.levy.jurisdiction.get(..2).map(str::to_owned);
    one.line_no == other.line_no
        && one.taxable == other.taxable
        && one.levy.inclusive == other.levy.inclusive
        && country(one) == country(other)
        && (&one.levy.jurisdiction, &one.levy.name) != (&other.levy.jurisdiction, &other.levy.name)
}
