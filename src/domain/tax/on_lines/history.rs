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

use super::taxed::charged;
pub use super::taxed::{LineTax, TaxLeft, Taxed, TaxedLevy, parts, size};
use crate::domain::billing::Line;
use crate::domain::billing::piece::Key;
use crate::domain::money::{Money, MoneyError};
use crate::domain::tax::provided::Question;
use crate::domain::tax::treatment::Levy;

/// All that was taxed under one key, in the order of billing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    pub charges: Vec<Taxed>,
    /// What lines below zero took back of them, or gave for less than nothing.
    pub returns: Vec<Taxed>,
    /// Charges that were voided after a draft took them back: what it takes goes with the tax they had, and comes again with it.
    pub voided: Vec<Taxed>,
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
    /// What a provider is to be asked about the invoice that was taxed last, before its tax is known.
    pub question: Option<Question>,
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
        if !taken.is_of_charge {
            self.undo_voided(key, &mut taken.left()?)?;
        }
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
        taken.extend(self.undo_voided(key, wanted)?);
        Ok(taken)
    }

    /// Undoes what is still wanted of the charges under a key that were voided.
    fn undo_voided(&mut self, key: Key, wanted: &mut Money) -> Result<Vec<Taxed>, MoneyError> {
        let mut taken = Vec::new();
        for charge in self.by_key.entry(key).or_default().voided.iter_mut().rev() {
            taken.extend(charge.undo(wanted)?);
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
